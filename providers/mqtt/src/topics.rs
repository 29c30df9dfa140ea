//! Who consumes from which topic.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;

use crate::{codec::with_one_separator, table::Plain};

/// The plain subscriptions of a link, by topic.
///
/// RabbitMQ knows one separator of levels, so `a.b` and `a/b` are one topic there, and come back as `a/b`. It does not tell who it is;
/// a message for nobody's topic, which is somebody's with the other separator, does.
#[derive(Default)]
pub(crate) struct Topics {
    /// Those whose topics differ in nothing but separators stand together.
    all: HashMap<String, Vec<Arc<Plain>>>,
    leaving: Arc<Leaving>,
    separators: Separators,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Separators {
    #[default]
    Unknown,
    /// A dot is a letter like others.
    Levels,
    /// A dot is one, and comes back as a slash.
    One,
}

/// What the broker may not have heard yet that nobody wants.
#[derive(Default)]
pub(crate) struct Leaving(Mutex<Vec<String>>);

impl Leaving {
    /// The broker has heard it, or there is none any more.
    pub(crate) fn left(&self, filter: &str) {
        let mut all = self.0.lock();
        if let Some(at) = all.iter().position(|leaving| leaving == filter) {
            all.swap_remove(at);
        }
    }

    fn has(&self, topic: &str) -> bool {
        self.0.lock().iter().any(|leaving| leaving == topic)
    }
}

/// What the broker is to hear when the last one of a topic has gone.
pub(crate) struct Farewell {
    pub(crate) leaving: Arc<Leaving>,
    /// Topics that may be the same to the broker. They are to be subscribed to again.
    pub(crate) alike: Vec<String>,
}

impl Topics {
    pub(crate) fn enter(&mut self, plain: &Arc<Plain>) {
        let key = with_one_separator(plain.filter()).into_owned();
        self.all.entry(key).or_default().push(Arc::clone(plain));
    }

    /// Takes one out. Where it was the last of its topic, the broker is to hear of it.
    pub(crate) fn leave(&mut self, plain: &Plain) -> Option<Farewell> {
        let key = with_one_separator(plain.filter());
        let members = self.all.get_mut(&*key)?;
        let before = members.len();
        members.retain(|member| !std::ptr::eq(&raw const **member, plain));
        let is_last = members.len() < before && !members.iter().any(|member| member.filter() == plain.filter());
        let mut alike: Vec<String> = members.iter().map(|member| member.filter().to_owned()).collect();
        if members.is_empty() {
            self.all.remove(&*key);
        }
        alike.sort_unstable();
        alike.dedup();
        match self.separators {
            // It is still wanted, by another name.
            Separators::One if !alike.is_empty() => return None,
            Separators::Levels => alike.clear(),
            Separators::One | Separators::Unknown => {}
        }
        is_last.then(|| {
            self.leaving.0.lock().push(plain.filter().to_owned());
            let leaving = Arc::clone(&self.leaving);
            Farewell { leaving, alike }
        })
    }

    /// Who consumes what came by this topic.
    pub(crate) fn of(&mut self, topic: &str) -> Vec<Arc<Plain>> {
        if self.separators == Separators::Unknown && topic.contains('.') {
            self.separators = Separators::Levels;
        }
        let Some(members) = self.all.get(&*with_one_separator(topic)) else {
            return Vec::new();
        };
        if self.separators != Separators::One {
            let own = members.iter().filter(|member| member.filter() == topic);
            let own: Vec<_> = own.cloned().collect();
            let is_known = self.separators == Separators::Levels;
            if is_known || !own.is_empty() || self.leaving.has(topic) {
                return own;
            }
            self.separators = Separators::One;
        }
        members.clone()
    }
}
