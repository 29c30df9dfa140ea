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
    has_one_separator: bool,
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

impl Topics {
    pub(crate) fn enter(&mut self, plain: &Arc<Plain>) {
        let key = with_one_separator(plain.filter()).into_owned();
        self.all.entry(key).or_default().push(Arc::clone(plain));
    }

    /// Takes one out. Where it was the last of its topic, the broker is to hear of it.
    pub(crate) fn leave(&mut self, plain: &Plain) -> Option<Arc<Leaving>> {
        let key = with_one_separator(plain.filter());
        let members = self.all.get_mut(&*key)?;
        let before = members.len();
        members.retain(|member| !std::ptr::eq(&raw const **member, plain));
        let is_last = members.len() < before && !members.iter().any(|member| member.filter() == plain.filter());
        if members.is_empty() {
            self.all.remove(&*key);
        }
        is_last.then(|| {
            self.leaving.0.lock().push(plain.filter().to_owned());
            Arc::clone(&self.leaving)
        })
    }

    /// Who consumes what came by this topic.
    pub(crate) fn of(&mut self, topic: &str) -> Vec<Arc<Plain>> {
        let Some(members) = self.all.get(&*with_one_separator(topic)) else {
            return Vec::new();
        };
        let own = || members.iter().filter(|member| member.filter() == topic).cloned();
        if !self.has_one_separator {
            let own: Vec<_> = own().collect();
            if !own.is_empty() || self.leaving.has(topic) {
                return own;
            }
            self.has_one_separator = true;
        }
        members.clone()
    }
}
