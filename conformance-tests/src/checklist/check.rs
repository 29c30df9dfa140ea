use anymq_api::Capability;

use super::{Area, Domain, Place};

/// One assertion of the checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// Its name for ever, for example `CONN-01`.
    pub id: &'static str,
    /// The area it belongs to.
    pub area: Area,
    /// What must hold, in one line.
    pub assertion: &'static str,
    /// Who is held to it.
    pub level: Level,
    /// What a provider must declare to be held to it; see [`needs_on`](Self::needs_on).
    pub needs: &'static [Capability],
    /// What the harness, not the provider, must be able to do.
    pub abilities: &'static [Ability],
    /// On which kinds of destination it runs.
    pub domain: Domain,
    /// Where it comes from: sections of Jakarta Messaging 3.1; `api:` its API documentation; `tck` its test kit; `ext`
    /// a decision of this project.
    pub section: &'static str,
    /// Whether the rule leaves a choice, so that [`Outcome::Observed`](crate::Outcome::Observed) is a result.
    pub observable: bool,
    /// A capability in whose absence alone the id runs.
    pub unless: Option<Capability>,
    /// A remark that changes how the assertion is read.
    pub note: Option<&'static str>,
}

impl Check {
    /// What the entries of the data files leave out.
    pub(super) const DEFAULTS: Self = Self {
        id: "",
        area: Area::Conn,
        assertion: "",
        level: Level::Core,
        needs: &[],
        abilities: &[],
        domain: Domain::Once,
        section: "",
        observable: false,
        unless: None,
        note: None,
    };

    /// What a provider must declare for a run on one place: the place itself, and of [`needs`](Self::needs) what has a
    /// meaning there. An id of several places (a selector's, say) can so be held on one and refused on another.
    pub fn needs_on(&self, place: Place) -> Vec<Capability> {
        let own = self.needs.iter().filter(|capability| place.knows(**capability));
        let mut needs = place.needs().to_vec();
        for &capability in own {
            if !needs.contains(&capability) {
                needs.push(capability);
            }
        }
        needs
    }
}

/// Who is held to an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// Every provider that carries what [`Check::needs`] names.
    Core,
    /// Every provider, and message objects suffice: no broker is needed.
    CoreLocal,
    /// Providers that declare [`Check::needs`]; the others must refuse.
    Capability,
}

impl Level {
    /// The name in listings.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Core => "core",
            Level::CoreLocal => "core_local",
            Level::Capability => "capability",
        }
    }
}

/// What a harness can do to a broker or a connection, beyond what a provider can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ability {
    /// Cut the link between client and broker.
    KillLink,
    /// Restart the broker.
    RestartBroker,
    /// Connect with credentials that the broker rejects.
    BadCredentials,
    /// Fix the client id by configuration.
    AdminClientId,
    /// Set the broker's limits.
    Limits,
}

impl Ability {
    /// Every ability.
    pub const ALL: &'static [Ability] = &[
        Ability::KillLink,
        Ability::RestartBroker,
        Ability::BadCredentials,
        Ability::AdminClientId,
        Ability::Limits,
    ];

    /// The name in listings and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Ability::KillLink => "h:kill_link",
            Ability::RestartBroker => "h:restart_broker",
            Ability::BadCredentials => "h:bad_credentials",
            Ability::AdminClientId => "h:admin_client_id",
            Ability::Limits => "h:limits",
        }
    }
}
