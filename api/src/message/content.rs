//! What a message is made of, in one allocation.

use std::sync::LazyLock;

use bytestring::ByteString;
use triomphe::Arc;

use super::{Body, Headers, Properties};
use crate::Address;

/// Kept small: every message pays for it, and few have more than a body.
#[derive(Default)]
pub(super) struct Content {
    pub(super) body: Body,
    extras: Option<Arc<Extras>>,
    /// What a send decided. Seen only through the [`Envelope`](super::Envelope) that it made.
    headers: Option<Headers>,
}

/// What an application may set beside the body.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Extras {
    pub(super) correlation_id: Option<ByteString>,
    pub(super) reply_to: Option<Address>,
    pub(super) message_type: Option<ByteString>,
    pub(super) content_type: Option<ByteString>,
    pub(super) properties: Properties,
}

static NO_EXTRAS: Extras = Extras {
    correlation_id: None,
    reply_to: None,
    message_type: None,
    content_type: None,
    properties: Properties::none(),
};

impl Content {
    pub(super) fn new(body: Body) -> Self {
        Self {
            body,
            ..Self::default()
        }
    }

    pub(super) fn extras(&self) -> &Extras {
        self.extras.as_deref().unwrap_or(&NO_EXTRAS)
    }

    pub(super) fn extras_mut(&mut self) -> &mut Extras {
        Arc::make_mut(self.extras.get_or_insert_default())
    }

    /// Those of the envelope around it.
    pub(super) fn headers(&self) -> &Headers {
        match &self.headers {
            Some(headers) => headers,
            None => unsent(),
        }
    }

    /// The same content with the headers of a send: in place where nobody else has it, else beside it. They are made where
    /// they stay: each message would wait for a copy of what was written in pieces.
    #[inline]
    pub(super) fn stamped(mut shared: Arc<Self>, headers: impl FnOnce() -> Headers) -> Arc<Self> {
        match Arc::get_mut(&mut shared) {
            Some(content) => {
                if content.headers.is_some() {
                    content.headers = None;
                }
                content.headers = Some(headers());
            }
            None => shared = shared.copied(headers()),
        }
        shared
    }

    #[inline(never)]
    fn copied(&self, headers: Headers) -> Arc<Self> {
        Arc::new(Self {
            body: self.body.clone(),
            extras: self.extras.clone(),
            headers: Some(headers),
        })
    }
}

/// An envelope always has headers.
#[cold]
fn unsent() -> &'static Headers {
    static UNSENT: LazyLock<Headers> = LazyLock::new(|| Headers::new(Address::nowhere()));
    &UNSENT
}

/// For a message that is changed while others have it: the headers belong to what they have.
impl Clone for Content {
    fn clone(&self) -> Self {
        Self {
            body: self.body.clone(),
            extras: self.extras.clone(),
            headers: None,
        }
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.extras() == other.extras() && self.body == other.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Above 120 bytes, the counter included, common allocators take a slower path when another thread frees it, as is
    /// usual for a message.
    #[test]
    fn it_stays_small() {
        assert!(size_of::<Content>() <= 120 - 8, "{}", size_of::<Content>());
    }
}
