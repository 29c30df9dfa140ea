//! The checklist: every assertion that providers are held to, as data.
//!
//! One file holds one area. Ids are never renumbered; gaps are ids that were merged with others, and stay retired.

macro_rules! checks {
    ($area:ident; $($id:literal, $level:ident, $domain:ident, [$($need:ident),*], [$($ability:ident),*],
        $section:literal, $assertion:literal $(, $field:ident = $value:expr)*;)*) => {
        #[allow(unused_imports, reason = "not every area uses every type")]
        use anymq_api::Capability;

        #[allow(unused_imports, reason = "not every area uses every type")]
        use super::{Ability, Area, Check, Domain, Level};

        pub(super) const CHECKS: &[Check] = &[$(Check {
            id: $id,
            area: Area::$area,
            assertion: $assertion,
            level: Level::$level,
            needs: &[$(Capability::$need),*],
            abilities: &[$(Ability::$ability),*],
            domain: Domain::$domain,
            section: $section,
            $($field: $value,)*
            ..Check::DEFAULTS
        },)*];
    };
}

mod area;
pub mod by_type;
mod check;
mod domain;

mod ack;
mod async_send;
mod brw;
mod bytes;
mod cid;
mod conn;
mod cons;
mod ctx;
mod dly;
mod dur;
mod err;
mod exl;
mod exp;
mod grp;
mod hdr;
mod map;
mod meta;
mod msg;
mod obj;
mod p2p;
mod pri;
mod prod;
mod prop;
mod rdl;
mod rec;
mod rob;
mod rr;
mod sel;
mod ses;
mod shr;
mod strm;
mod text;
mod thr;
mod tmp;
mod top;
mod tx;
mod xa;

pub use area::Area;
pub use by_type::BY_TYPE;
pub use check::{Ability, Check, Level};
pub use domain::{Domain, Place};

/// Every assertion, in the order of reports.
pub fn all() -> impl Iterator<Item = &'static Check> + Clone {
    Area::ALL.iter().flat_map(|area| area.checks())
}

/// The assertion of that id, spelt exactly.
pub fn find(id: &str) -> Option<&'static Check> {
    let (area, _) = id.split_once('-')?;
    Area::find(area)?.checks().iter().find(|check| check.id == id)
}

#[cfg(test)]
mod tests;
