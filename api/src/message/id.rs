use std::{
    cell::Cell,
    collections::hash_map::RandomState,
    fmt,
    hash::{BuildHasher, Hash, Hasher},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use bytestring::ByteString;

use crate::{Error, ErrorKind, Result, error::excerpt_of};

const INLINE: usize = 46;

/// The identifier of a sent message, unique over producers, sessions, connections and processes. JMS: `JMSMessageID`.
///
/// It starts with `ID:`. Ids made by this crate are held inline, so stamping a message does not allocate for it.
#[derive(Clone)]
pub struct MessageId(Repr);

#[derive(Clone)]
enum Repr {
    Inline { length: u8, text: [u8; INLINE] },
    Shared(Arc<str>),
}

impl MessageId {
    /// Takes an id that came over the wire.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when it is empty.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::new(ErrorKind::InvalidArgument, "a message id is empty"));
        }
        Ok(Self::inline(text.as_bytes()).unwrap_or_else(|| Self(Repr::Shared(text.into()))))
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // Only whole texts are put inline, so this is always UTF-8.
            Repr::Inline { length, text } => std::str::from_utf8(&text[..usize::from(*length)]).unwrap_or_default(),
            Repr::Shared(text) => text,
        }
    }

    fn inline(whole: &[u8]) -> Option<Self> {
        let mut text = [0; INLINE];
        text.get_mut(..whole.len())?.copy_from_slice(whole);
        let length = u8::try_from(whole.len()).ok()?;
        Some(Self(Repr::Inline { length, text }))
    }
}

/// Makes message ids: a prefix drawn at random for the process, a number for the producer, one for the message.
#[derive(Debug)]
pub(crate) struct MessageIds {
    /// The prefix, with room for the message's digits.
    text: [u8; INLINE],
}

const PREFIX: usize = "ID:".len() + 16 + 1 + 8 + 1;
const _: () = assert!(PREFIX + 16 <= INLINE, "every number has room");

impl MessageIds {
    /// `source` must be unique within the process (it is taken modulo 2³²).
    pub(crate) fn new(source: u64) -> Self {
        static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
        let mut text = [b'-'; INLINE];
        text[..3].copy_from_slice(b"ID:");
        write_hex(*PROCESS, &mut text[3..19]);
        write_hex(source, &mut text[20..28]);
        Self { text }
    }

    pub(crate) fn make(&self) -> MessageId {
        self.make_from(next_number())
    }

    fn make_from(&self, number: u64) -> MessageId {
        let mut text = self.text;
        let digits = 16 - (number | 1).leading_zeros() as usize / 4;
        write_hex(number, &mut text[PREFIX..PREFIX + digits]);
        let length = u8::try_from(PREFIX + digits).unwrap_or(0);
        MessageId(Repr::Inline { length, text })
    }
}

/// A number that no other message of this process has. Each thread takes them in blocks, so that senders do not meet at
/// a counter.
fn next_number() -> u64 {
    const BLOCK: u64 = 1 << 16;
    static BLOCKS: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static NEXT: Cell<u64> = const { Cell::new(0) };
    }
    NEXT.with(|next| {
        let number = match next.get() {
            // The end of a block, or no block yet.
            end if end.is_multiple_of(BLOCK) => BLOCKS.fetch_add(BLOCK, Ordering::Relaxed),
            number => number,
        };
        next.set(number + 1);
        number
    })
}

fn write_hex(mut value: u64, digits: &mut [u8]) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(value & 15) as usize];
        value >>= 4;
    }
}

/// For [`Message::with_correlation_id`](crate::Message::with_correlation_id).
impl From<&MessageId> for ByteString {
    fn from(id: &MessageId) -> Self {
        id.as_str().into()
    }
}

impl From<MessageId> for ByteString {
    fn from(id: MessageId) -> Self {
        Self::from(&id)
    }
}

impl AsRef<str> for MessageId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for MessageId {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for MessageId {}

impl PartialOrd for MessageId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for MessageId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for MessageId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageId({})", excerpt_of(self.as_str(), 255))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_ids_are_unique_and_prefixed() {
        let ids = MessageIds::new(7);
        let mut all: Vec<_> = [0, 1, 15, 16, 255, u64::MAX].map(|n| ids.make_from(n)).into();
        assert!(all.iter().all(|id| id.as_str().starts_with("ID:")));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        assert!(all[0].as_str().len() > PREFIX);
    }

    #[test]
    fn threads_never_draw_the_same_number() {
        let draw = || (0..100_000).map(|_| next_number()).collect::<Vec<_>>();
        let threads = [(); 3].map(|()| std::thread::spawn(draw));
        let mut all: Vec<_> = threads.into_iter().flat_map(|it| it.join().unwrap()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 300_000);
    }

    #[test]
    fn long_and_short_texts_round_trip() {
        for text in ["x", &"y".repeat(INLINE), &"z".repeat(1000), "é"] {
            assert_eq!(MessageId::parse(text).unwrap().as_str(), text);
        }
        assert!(MessageId::parse("").is_err());
    }

    #[test]
    fn debug_is_bounded_and_without_control_characters() {
        let shown = format!("{:?}", MessageId::parse(&"\n".repeat(1_000_000)).unwrap());
        assert!(!shown.contains('\n') && shown.len() < 1000, "{shown}");
    }

    #[test]
    fn it_can_be_a_correlation_id() {
        let id = MessageId::parse("ID:1").unwrap();
        let answer = crate::Message::empty().with_correlation_id(&id);
        assert_eq!(answer.correlation_id(), Some("ID:1"));
        assert_eq!(answer, crate::Message::empty().with_correlation_id(id));
    }
}
