//! What is known of requests and their replies.

use std::collections::BTreeMap;

use super::entry::Payload;

/// Who has asked what, and what has come back.
#[derive(Debug, Default)]
pub(super) struct Replies {
    askers: BTreeMap<u16, Asker>,
    count: u64,
}

/// One who asks; each request has the number after the one before.
#[derive(Clone, Copy, Debug, Default)]
struct Asker {
    /// The number of the latest request.
    latest: Option<u32>,
    /// The epoch in which a request was sent that was replied to.
    served: Option<u64>,
}

impl Replies {
    pub(super) fn enroll(&mut self, asker: u16) {
        self.askers.entry(asker).or_default();
    }

    pub(super) fn asked(&mut self, request: Payload) {
        self.askers.entry(request.producer).or_default().latest = Some(request.number);
    }

    /// A reply came to `request`, or to an older one, which was sent in this epoch. Gives whether it is to this one.
    pub(super) fn replied(&mut self, reply: Payload, request: Payload, epoch: u64) -> Result<bool, String> {
        if reply.producer != request.producer {
            return Err(format!(
                "the reply to {reply} came to {}, who did not ask that",
                request.producer
            ));
        }
        let asker = self.askers.entry(request.producer).or_default();
        if asker.latest.is_none_or(|latest| reply.number > latest) {
            return Err(format!("a reply to {reply} came, and nobody asked that"));
        }
        self.count += 1;
        if reply == request {
            asker.served = Some(epoch);
        }
        Ok(reply == request)
    }

    /// Whether all who ask have sent a request in this epoch that was replied to.
    pub(super) fn are_served(&self, epoch: u64) -> bool {
        self.askers.values().all(|asker| asker.served == Some(epoch))
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKER: u16 = 4;

    fn request(number: u32) -> Payload {
        Payload {
            producer: ASKER,
            number,
        }
    }

    #[test]
    fn who_asks_is_served_by_the_reply_to_this_request() {
        let mut replies = Replies::default();
        assert!(replies.are_served(1));
        replies.enroll(ASKER);
        assert!(!replies.are_served(1));
        for number in 0..2 {
            replies.asked(request(number));
        }
        assert_eq!(replies.replied(request(0), request(1), 2), Ok(false));
        assert!(!replies.are_served(2));
        assert_eq!(replies.replied(request(1), request(1), 2), Ok(true));
        // A reply from before an outage says nothing of what came after it.
        assert_eq!((replies.are_served(2), replies.are_served(3)), (true, false));
        assert_eq!(replies.count(), 2);
    }

    #[test]
    fn replies_that_nobody_asked_for_are_told() {
        let mut replies = Replies::default();
        replies.asked(request(0));
        let never = replies.replied(request(1), request(0), 1).unwrap_err();
        assert_eq!(never, "a reply to 4/1 came, and nobody asked that");
        let other = Payload { producer: 5, number: 0 };
        let strange = replies.replied(other, request(0), 1).unwrap_err();
        assert_eq!(strange, "the reply to 5/0 came to 4, who did not ask that");
        assert_eq!((replies.are_served(1), replies.count()), (false, 0));
    }
}
