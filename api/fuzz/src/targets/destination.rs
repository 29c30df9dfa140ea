//! Texts and names of destinations: what is accepted reads back as it is written, with its options.

use anymq_api::{Address, DestinationKind, ErrorKind, Queue, Result, Topic};

use super::{error, percent};

const KINDS: [DestinationKind; 4] = [
    DestinationKind::Queue,
    DestinationKind::Topic,
    DestinationKind::TemporaryQueue,
    DestinationKind::TemporaryTopic,
];

/// The input is a text; then, behind NULs, a name and the key and value of an option.
pub(super) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.split('\0');
    let mut next = || parts.next().unwrap_or_default();
    let (text, name, key, value) = (next(), next(), next(), next());
    parsed(text);
    for kind in KINDS {
        // What is no address may still be a name.
        made(kind, text, key, value);
        made(kind, name, key, value);
    }
}

fn parsed(text: &str) {
    let parsed: Result<Address> = text.parse();
    agree(
        text,
        DestinationKind::Queue,
        &parsed,
        text.parse::<Queue>().map(Into::into),
    );
    agree(
        text,
        DestinationKind::Topic,
        &parsed,
        text.parse::<Topic>().map(Into::into),
    );
    match parsed {
        Ok(address) => {
            assert!(percent::is_well_formed(text), "{text:?}");
            let scheme = text.split_once(':').map(|(scheme, _)| scheme);
            assert_eq!(scheme, Some(address.kind().scheme()));
            assert!(address.options().all(|(key, _)| !key.is_empty()), "{text:?}");
            round_trip(&address);
        }
        Err(refusal) => error::check(&refusal, &[ErrorKind::InvalidDestination]),
    }
}

/// The typed destinations take the addresses of their kind, and no other.
fn agree(text: &str, kind: DestinationKind, parsed: &Result<Address>, typed: Result<Address>) {
    let expected = parsed.as_ref().ok().filter(|address| address.kind() == kind);
    match typed {
        Ok(address) => assert_eq!(Some(&address), expected, "{text:?}"),
        Err(refusal) => {
            assert_eq!(expected, None, "{text:?}");
            error::check(&refusal, &[ErrorKind::InvalidDestination]);
        }
    }
}

fn made(kind: DestinationKind, name: &str, key: &str, value: &str) {
    let valid = !name.is_empty() && name.len() <= 255 && !name.chars().any(char::is_control);
    match Address::new(kind, name) {
        Ok(address) => {
            assert!(valid, "{name:?}");
            assert_eq!((address.kind(), address.name()), (kind, name));
            round_trip(&address);
            if !key.is_empty() {
                let address = address.with_option(key, value);
                assert_eq!(address.option(key), Some(value));
                round_trip(&address.with_option("second", name));
            }
        }
        Err(refusal) => {
            assert!(!valid, "{name:?}");
            error::check(&refusal, &[ErrorKind::InvalidDestination]);
        }
    }
}

fn round_trip(address: &Address) {
    let text = address.to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    let again: Address = text.parse().unwrap_or_else(|refusal| panic!("{text:?}: {refusal}"));
    assert_eq!(&again, address, "{text:?}");
    assert!(again.options().eq(address.options()), "{text:?}");
    assert_eq!(again.to_string(), text);
    let json = serde_json::to_string(address).unwrap();
    let read: Address = serde_json::from_str(&json).unwrap();
    assert_eq!(read.to_string(), text);
}
