use std::collections::HashSet;

use crate::checklist::{self, Area, Check};
use crate::suggest;
use crate::{CaseResult, Outcome};

/// Which ids to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(Option<HashSet<&'static str>>);

/// Why a selection means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// No id and no area has that name.
    #[error("{name} is neither an id nor an area{}", suggest::hint(*.suggestion))]
    Unknown {
        /// What was asked for.
        name: String,
        /// The id or area that was perhaps meant.
        suggestion: Option<&'static str>,
    },
    /// The selection is empty.
    #[error("the selection is empty")]
    Empty,
}

impl Filter {
    /// Every id.
    pub const fn all() -> Self {
        Self(None)
    }

    /// The ids of the names, each an id or an area, in any case. Without a name, every id.
    ///
    /// # Errors
    /// [`FilterError::Unknown`] for a name that is neither; [`FilterError::Empty`] when the names are blank.
    pub fn only<S: AsRef<str>>(names: &[S]) -> Result<Self, FilterError> {
        if names.is_empty() {
            return Ok(Self::all());
        }
        let mut ids = HashSet::new();
        for name in names
            .iter()
            .map(|name| name.as_ref().trim())
            .filter(|name| !name.is_empty())
        {
            ids.extend(named(name)?.iter().map(|check| check.id));
        }
        if ids.is_empty() {
            return Err(FilterError::Empty);
        }
        Ok(Self(Some(ids)))
    }

    /// Whether an id is selected.
    pub fn selects(&self, check: &Check) -> bool {
        self.0.as_ref().is_none_or(|ids| ids.contains(check.id))
    }

    /// The selected ids, in the order of the checklist.
    pub fn selected(&self) -> impl Iterator<Item = &'static Check> {
        checklist::all().filter(|check| self.selects(check))
    }

    /// What a report says of the others, so that they are not taken for ids without a case.
    pub fn left_out(&self) -> impl Iterator<Item = CaseResult> {
        checklist::all()
            .filter(|check| !self.selects(check) && checklist::by_type::reason(check.id).is_none())
            .map(|check| CaseResult::new(check.id, Outcome::NotRun).with_detail("not selected"))
    }
}

fn named(name: &str) -> Result<&'static [Check], FilterError> {
    let upper = name.to_ascii_uppercase();
    if let Some(area) = Area::find(&upper) {
        return Ok(area.checks());
    }
    checklist::find(&upper).map(std::slice::from_ref).ok_or_else(|| {
        let areas = Area::ALL.iter().map(|area| area.name());
        FilterError::Unknown {
            name: name.to_owned(),
            suggestion: suggest::closest(&upper, areas.chain(checklist::all().map(|check| check.id))),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(names: &[&str]) -> usize {
        Filter::only(names).map_or(0, |filter| filter.selected().count())
    }

    #[test]
    fn ids_and_areas_select() {
        assert_eq!(count(&[]), 389);
        assert_eq!(count(&["CONN-01"]), 1);
        assert_eq!(count(&["rec", " conn-01 ", "REC-02"]), 8);
    }

    #[test]
    fn what_is_selected_keeps_the_order() {
        let filter = Filter::only(&["XA-01", "CONN-02"]).unwrap();
        let ids: Vec<_> = filter.selected().map(|check| check.id).collect();
        assert_eq!(ids, ["CONN-02", "XA-01"]);
    }

    #[test]
    fn unknown_names_are_refused_with_a_suggestion() {
        let error = Filter::only(&["CONN-01", "CONM-01"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "CONM-01 is neither an id nor an area (did you mean CONN-01?)"
        );
        let error = Filter::only(&["zzz"]).unwrap_err();
        assert_eq!(error.to_string(), "zzz is neither an id nor an area");
    }

    #[test]
    fn an_empty_selection_is_refused() {
        assert_eq!(Filter::only(&["", " "]), Err(FilterError::Empty));
    }

    #[test]
    fn the_rest_is_reported_as_not_selected() {
        let filter = Filter::only(&["CONN"]).unwrap();
        let rest: Vec<_> = filter.left_out().collect();
        assert_eq!(rest.len(), 389 - 23 - checklist::BY_TYPE.len());
        assert_eq!(rest[0].detail.as_deref(), Some("not selected"));
        assert_eq!(Filter::all().left_out().count(), 0);
    }
}
