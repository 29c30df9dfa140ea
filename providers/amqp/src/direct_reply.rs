//! RabbitMQ's direct replies: a requester of another make consumes `amq.rabbitmq.reply-to`, and the broker puts an address
//! into its requests that leads straight to that channel. There is no queue behind it.

use anymq_api::{Address, DestinationKind, Envelope, Error, ErrorKind, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{error::error, name::invalid};

/// What a requester consumes, and gives as its reply-to.
const PSEUDO_QUEUE: &str = "amq.rabbitmq.reply-to";

/// Before what the broker makes of it.
const PREFIX: &str = "amq.rabbitmq.reply-to.";

/// Whether a send to it is a direct reply. Such a message is delivered when the broker reads it, whether or not a
/// transaction is open, and counts as unroutable nevertheless.
pub(crate) fn is_one(address: &Address) -> bool {
    address.kind() == DestinationKind::TemporaryQueue && address.name().starts_with(PREFIX)
}

/// The broker ends the whole connection over an address that it cannot decode. So one that does not even look like the
/// broker's own is refused here.
pub(crate) fn check(address: &Address) -> Result<()> {
    if is_one(address) && !names_a_channel(address.name()) {
        return Err(invalid(
            address,
            "it is not an address that the broker makes for direct replies",
        ));
    }
    Ok(())
}

/// The broker ends the channel over a request that nobody on it consumes the replies of; here a subscription has a channel
/// of its own.
pub(crate) fn check_request(envelope: &Envelope) -> Result<()> {
    match envelope.message().reply_to() {
        Some(reply_to) if reply_to.kind().is_queue() && reply_to.name() == PSEUDO_QUEUE => Err(not_offered()),
        _ => Ok(()),
    }
}

fn not_offered() -> Error {
    let detail = "the reply-to is RabbitMQ's pseudo-queue for direct replies: use a temporary queue";
    error(ErrorKind::InvalidDestination, detail)
}

/// `BASE64.KEY`, where the first is a process identifier in Erlang's external format.
fn names_a_channel(name: &str) -> bool {
    let parts = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.'));
    let Some((process, key)) = parts else { return false };
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    !key.is_empty() && key.bytes().all(is_base64) && STANDARD.decode(process).is_ok_and(|term| is_process(&term))
}

/// Source: `NEW_PID_EXT` and `PID_EXT` with `ATOM_UTF8_EXT` or `SMALL_ATOM_UTF8_EXT` in Erlang's external term format.
fn is_process(term: &[u8]) -> bool {
    let (rest, numbers) = match term {
        [131, 88, rest @ ..] => (rest, 12),
        [131, 103, rest @ ..] => (rest, 9),
        _ => return false,
    };
    let (length, rest) = match rest {
        [118, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [119, length, rest @ ..] => (usize::from(*length), rest),
        _ => return false,
    };
    rest.len() == length + numbers && std::str::from_utf8(&rest[..length]).is_ok_and(|node| node.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As RabbitMQ 3.10.8 made it.
    const ADDRESS: &str = "amq.rabbitmq.reply-to.g1h2AA5yZXBseUA0OTk4MDgyMAAAAtQAAAAAawl0/A==.X2ZXGpbvGD7hjcMdC7vOQQ==";

    fn temporary(name: &str) -> Address {
        Address::new(DestinationKind::TemporaryQueue, name).unwrap()
    }

    #[test]
    fn what_the_broker_makes_is_accepted() {
        assert!(is_one(&temporary(ADDRESS)));
        check(&temporary(ADDRESS)).unwrap();
        for other in ["amq.gen-1", "amq.rabbitmq.reply-to", "mine"] {
            assert!(!is_one(&temporary(other)));
            check(&temporary(other)).unwrap();
        }
    }

    #[test]
    fn what_the_broker_cannot_decode_is_refused() {
        let rest = &ADDRESS[PREFIX.len()..];
        let (process, key) = rest.split_once('.').unwrap();
        let term = STANDARD.decode(process).unwrap();
        let encoded = |term: &[u8]| format!("{}.{key}", STANDARD.encode(term));
        let all_cut = (0..term.len()).map(|length| encoded(&term[..length]));
        let wrong = [
            "",
            ".",
            "a.b",
            "g2dk.b",
            "!!!!.b",
            "é.b",
            process,
            &format!("{process}."),
            &rest[1..],
        ];
        let made = [
            encoded(b"\x83h\0"),
            encoded(b"\x83a\x05"),
            encoded(&[&term[..], b"x"].concat()),
        ];
        let wrong = wrong.iter().map(|text| (*text).to_owned());
        for rest in wrong.chain(made).chain(all_cut) {
            let refused = check(&temporary(&format!("{PREFIX}{rest}"))).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidDestination, "{rest}");
        }
    }
}
