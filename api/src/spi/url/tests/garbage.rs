use super::*;

const PIECES: [&str; 32] = [
    "amqp",
    "vm",
    "://",
    ":",
    "/",
    "//",
    "?",
    "&",
    "=",
    "@",
    "#",
    "%",
    "%2",
    "%2f",
    "%C3",
    "%zz",
    "[",
    "]",
    "::1",
    ",",
    ";",
    "failover:(",
    ")",
    "é",
    "\u{202e}",
    "€",
    " ",
    "h",
    "5672",
    "99999",
    "password",
    "+",
];

/// Seeded, so that a failure comes again.
struct XorShift(u64);

impl XorShift {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    fn text(&mut self, prefix: &str) -> String {
        let pieces = self.below(12);
        let mut text = prefix.to_owned();
        text.extend((0..pieces).map(|_| PIECES[self.below(PIECES.len())]));
        text
    }
}

#[test]
fn garbage_is_refused_or_round_trips_and_never_panics() {
    let mut random = XorShift(0x9E37_79B9_7F4A_7C15);
    let mut parsed = 0;
    for round in 0..100_000 {
        let text = random.text(["", "vm://", "amqp://h", "amqp://u:hunter2@h"][round % 4]);
        match BrokerUrl::parse(&text) {
            Ok(url) => {
                parsed += 1;
                check_parsed(&text, &url);
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Configuration, "{text}"),
        }
    }
    assert!(parsed > 1_000, "{parsed}");
}

fn check_parsed(text: &str, url: &BrokerUrl) {
    let again = parse(&url.expose());
    assert_eq!(again.expose(), url.expose(), "{text}");
    let password = |url: &BrokerUrl| url.credentials().map(|c| c.expose_password().to_owned());
    assert_eq!(password(&again), password(url), "{text}");
    let shown = format!("{url} {url:?}");
    assert!(!shown.contains("hunter2"), "{text}: {shown}");
    let mut options = url.options();
    let _ = options.take_connect_options();
    let _ = options.finish(&["heartbeat"]);
}
