//! Messages whose channel ended under them.

use anymq_api::{Error, Retry};
use lapin::ErrorKind as Cause;

use super::oversize;

/// They are judged together: which one the broker refused shows what became of the others, and the client library tells of
/// them in any order.
#[derive(Debug, Default)]
pub(super) struct Lost {
    messages: Vec<Message>,
    cause: Option<lapin::Error>,
}

#[derive(Clone, Copy, Debug)]
struct Message {
    number: u64,
    /// Of the body, in bytes.
    size: usize,
    has_left: bool,
}

impl Lost {
    pub(super) fn add(&mut self, number: u64, size: usize, cause: lapin::Error) {
        let has_left = !never_left(&cause);
        self.messages.push(Message { number, size, has_left });
        // That a channel is closed does not say why.
        if self.cause.as_ref().is_none_or(|known| has_left && never_left(known)) {
            self.cause = Some(cause);
        }
    }

    /// The broker had it, and whether it came back will not be known.
    pub(super) fn add_confirmed(&mut self, number: u64) {
        self.messages.push(Message {
            number,
            size: 0,
            has_left: true,
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Why the channel ended.
    pub(super) fn cause(&self) -> Option<lapin::Error> {
        self.cause.clone()
    }

    /// Whether all others on the channel are lost as well.
    pub(super) fn is_with_the_channel(&self) -> bool {
        let of_channel = |cause: &lapin::Error| matches!(cause.kind(), Cause::ProtocolError(_)) || never_left(cause);
        self.cause.as_ref().is_some_and(of_channel)
    }

    /// What may be done with each of them. `is_refused`: the broker ended the channel because of one of these.
    pub(super) fn verdicts(self, failure: &Error, is_refused: bool) -> impl Iterator<Item = (u64, Retry)> {
        let (retry, refused) = (failure.retry(), self.refused(failure, is_refused));
        self.messages.into_iter().map(move |message| {
            let Message { number, has_left, .. } = message;
            let verdict = match refused.map(|refused| number.cmp(&refused)) {
                _ if !has_left => Retry::Safe,
                Some(std::cmp::Ordering::Equal) => retry,
                // The broker does nothing more on a channel that it has ended.
                Some(std::cmp::Ordering::Greater) => Retry::Safe,
                // Taken, perhaps, and what the broker said of it is lost; or nobody knows which one was refused.
                Some(std::cmp::Ordering::Less) | None => Retry::MayDuplicate,
            };
            (number, verdict)
        })
    }

    /// The only one there is, or the first that is larger than the broker takes, if that is why it ended the channel.
    fn refused(&self, failure: &Error, is_refused: bool) -> Option<u64> {
        let mut left = self.messages.iter().filter(|message| message.has_left);
        if let (true, Some(only), None) = (is_refused, left.next(), left.next()) {
            return Some(only.number);
        }
        let limit = oversize::limit(failure)?;
        let larger = self.messages.iter().filter(|message| message.size > limit);
        larger.map(|message| message.number).min()
    }
}

/// Whether a message is not even queued to be written: the client library says so of a closed channel. Of all else that it
/// says, another thread may have written the message meanwhile.
pub(super) fn never_left(cause: &lapin::Error) -> bool {
    matches!(cause.kind(), Cause::InvalidChannelState(..))
}

#[cfg(test)]
mod tests {
    use lapin::{ChannelState, protocol::AMQPError};

    use super::*;
    use crate::error::classify;

    fn too_large() -> lapin::Error {
        let text = "PRECONDITION_FAILED - message size 9 is larger than configured max size 5";
        Cause::ProtocolError(AMQPError::from_id(406, text.into()).unwrap()).into()
    }

    fn closed() -> lapin::Error {
        Cause::InvalidChannelState(ChannelState::Closed, "publish").into()
    }

    fn verdicts(lost: Lost) -> Vec<(u64, Retry)> {
        let failure = classify(lost.cause().unwrap());
        lost.verdicts(&failure, true).collect()
    }

    #[test]
    fn the_refused_one_parts_those_before_it_from_those_after_it() {
        let mut lost = Lost::default();
        for (number, size) in [(4, 1), (2, 9), (5, 9), (1, 5)] {
            lost.add(number, size, too_large());
        }
        assert!(lost.is_with_the_channel());
        let expected = [
            (4, Retry::Safe),
            (2, Retry::Never),
            (5, Retry::Safe),
            (1, Retry::MayDuplicate),
        ];
        assert_eq!(verdicts(lost), expected);
    }

    #[test]
    fn what_was_not_even_queued_can_be_sent_again() {
        let mut lost = Lost::default();
        lost.add(3, 1, closed());
        assert!(lost.is_with_the_channel());
        lost.add(2, 9, too_large());
        lost.add_confirmed(1);
        let expected = [(3, Retry::Safe), (2, Retry::Never), (1, Retry::MayDuplicate)];
        assert_eq!(verdicts(lost), expected);
    }

    #[test]
    fn the_only_one_is_the_one_that_was_refused() {
        let mut lost = Lost::default();
        let access = AMQPError::from_id(403, "ACCESS_REFUSED".into()).unwrap();
        lost.add(1, 1, Cause::ProtocolError(access.clone()).into());
        lost.add(2, 1, closed());
        assert_eq!(verdicts(lost), [(1, Retry::Never), (2, Retry::Safe)]);
        let mut several = Lost::default();
        for number in [1, 2] {
            several.add(number, 1, Cause::ProtocolError(access.clone()).into());
        }
        assert_eq!(verdicts(several), [1, 2].map(|number| (number, Retry::MayDuplicate)));
    }
}
