use std::{
    cell::Cell,
    collections::hash_map::RandomState,
    fmt,
    hash::{BuildHasher, Hash, Hasher},
    ops::Deref,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use bytestring::ByteString;

use crate::{Error, ErrorKind, Result, error::excerpt_of};

/// The identifier of a sent message, unique over producers, sessions, connections and processes. JMS: `JMSMessageID`.
///
/// It starts with `ID:`. Ids made by this crate take no memory of their own, and become text only where it is asked for.
///
/// ```
/// use anymq_api::MessageId;
///
/// let id = MessageId::parse("ID:1")?;
/// assert_eq!(&*id.text(), "ID:1");
/// assert_eq!(id.to_string(), "ID:1");
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone)]
pub struct MessageId(Repr);

// In 16 bytes: it stands in every message.
#[derive(Clone)]
enum Repr {
    /// Made by this process.
    Made {
        source: u32,
        number: u64,
    },
    Given(Arc<String>),
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
        Ok(Self(Repr::Given(Arc::new(text.to_owned()))))
    }

    /// The text form.
    pub fn text(&self) -> MessageIdText<'_> {
        MessageIdText(match &self.0 {
            Repr::Made { source, number } => Text::Made(Made::new(*source, *number)),
            Repr::Given(text) => Text::Given(text),
        })
    }
}

/// The text of a [`MessageId`]; reads like a `str`.
pub struct MessageIdText<'a>(Text<'a>);

enum Text<'a> {
    Made(Made),
    Given(&'a str),
}

impl Deref for MessageIdText<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Text::Made(made) => made.as_str(),
            Text::Given(text) => text,
        }
    }
}

impl fmt::Debug for MessageIdText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for MessageIdText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

/// `ID:`, the process in 16 digits, the source in 8, and the number in as many as it needs.
struct Made {
    length: usize,
    text: [u8; LONGEST],
}

const PREFIX: usize = "ID:".len() + 16 + 1 + 8 + 1;
const LONGEST: usize = PREFIX + 16;

impl Made {
    fn new(source: u32, number: u64) -> Self {
        /// A number that no other process is likely to have.
        static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
        let digits = 16 - (number | 1).leading_zeros() as usize / 4;
        let length = PREFIX + digits;
        let mut text = [b'-'; LONGEST];
        text[..3].copy_from_slice(b"ID:");
        write_hex(*PROCESS, &mut text[3..19]);
        write_hex(source.into(), &mut text[20..28]);
        write_hex(number, &mut text[PREFIX..length]);
        Self { length, text }
    }

    fn as_str(&self) -> &str {
        // Hexadecimal digits and the like, so this is always UTF-8.
        std::str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }
}

/// Makes the ids of one source, a producer for example.
#[derive(Debug)]
pub(crate) struct MessageIds {
    source: u32,
}

impl MessageIds {
    /// Numbers are unique in the process, so sources need not be; they tell a reader what belongs together.
    #[allow(clippy::cast_possible_truncation, reason = "a hint to readers only")]
    pub(crate) fn new(source: u64) -> Self {
        Self { source: source as u32 }
    }

    pub(crate) fn make(&self) -> MessageId {
        self.make_from(next_number())
    }

    fn make_from(&self, number: u64) -> MessageId {
        MessageId(Repr::Made {
            source: self.source,
            number,
        })
    }
}

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
        (&*id.text()).into()
    }
}

impl From<MessageId> for ByteString {
    fn from(id: MessageId) -> Self {
        Self::from(&id)
    }
}

impl PartialEq for MessageId {
    fn eq(&self, other: &Self) -> bool {
        *self.text() == *other.text()
    }
}

impl PartialEq<str> for MessageId {
    fn eq(&self, other: &str) -> bool {
        *self.text() == *other
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
        self.text().cmp(&*other.text())
    }
}

impl Hash for MessageId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageId({})", excerpt_of(&self.text(), 255))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_ids_are_unique_and_prefixed() {
        let ids = MessageIds::new(7);
        let mut all: Vec<_> = [0, 1, 15, 16, 255, u64::MAX].map(|n| ids.make_from(n)).into();
        assert!(all.iter().all(|id| id.text().starts_with("ID:")));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        assert!(all[0].text().len() > PREFIX);
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
        for text in ["x", &"y".repeat(1000), "é"] {
            assert_eq!(MessageId::parse(text).unwrap(), *text);
        }
        assert!(MessageId::parse("").is_err());
    }

    #[test]
    fn debug_is_bounded_and_without_control_characters() {
        let shown = format!("{:?}", MessageId::parse(&"\n".repeat(1_000_000)).unwrap());
        assert!(!shown.contains('\n') && shown.len() < 1000, "{shown}");
    }

    #[test]
    fn where_an_id_comes_from_is_no_part_of_it() {
        let made = MessageIds::new(3).make_from(0x1f);
        let given = MessageId::parse(&made.to_string()).unwrap();
        assert_eq!(made, given);
        assert_eq!(size_of::<Option<MessageId>>(), 16);
    }

    #[test]
    fn it_can_be_a_correlation_id() {
        let id = MessageId::parse("ID:1").unwrap();
        let answer = crate::Message::empty().with_correlation_id(&id);
        assert_eq!(answer.correlation_id(), Some("ID:1"));
        assert_eq!(answer, crate::Message::empty().with_correlation_id(id));
    }
}
