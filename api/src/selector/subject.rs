use std::cell::OnceCell;

use crate::{Envelope, Headers, Message, MessageIdText};

/// The message that is judged.
pub(super) struct Subject<'a> {
    envelope: &'a Envelope,
    /// Made when a selector asks for it.
    id: OnceCell<Option<MessageIdText<'a>>>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(envelope: &'a Envelope) -> Self {
        Self {
            envelope,
            id: OnceCell::new(),
        }
    }

    pub(super) fn headers(&self) -> &'a Headers {
        self.envelope.headers()
    }

    pub(super) fn message(&self) -> &'a Message {
        self.envelope.message()
    }

    pub(super) fn message_id(&self) -> Option<&str> {
        let id = || self.headers().message_id.as_ref().map(|id| id.text());
        self.id.get_or_init(id).as_deref()
    }
}
