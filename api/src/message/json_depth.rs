/// Counts how deep JSON nests, piece by piece and without recursion.
///
/// It knows strings and brackets only: up to its first error, text that is no JSON nests as deep as counted.
#[derive(Debug)]
pub(super) struct JsonDepth {
    max: usize,
    depth: usize,
    text: Text,
}

#[derive(Debug, PartialEq)]
enum Text {
    Outside,
    Inside,
    Escaped,
}

impl JsonDepth {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            depth: 0,
            text: Text::Outside,
        }
    }

    /// Whether the JSON so far, with this piece, nests no deeper than allowed.
    pub(super) fn allows(&mut self, piece: &[u8]) -> bool {
        piece.iter().all(|byte| self.allows_byte(*byte))
    }

    fn allows_byte(&mut self, byte: u8) -> bool {
        match (&self.text, byte) {
            (Text::Outside, b'[' | b'{') => self.depth += 1,
            (Text::Outside, b']' | b'}') => self.depth = self.depth.saturating_sub(1),
            (Text::Inside, b'\\') => self.text = Text::Escaped,
            (Text::Inside, b'"') => self.text = Text::Outside,
            (Text::Outside, b'"') | (Text::Escaped, _) => self.text = Text::Inside,
            _ => {}
        }
        self.depth <= self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(max: usize, json: &str) -> bool {
        let whole = JsonDepth::new(max).allows(json.as_bytes());
        let mut depth = JsonDepth::new(max);
        let pieces = json.as_bytes().chunks(1).all(|piece| depth.allows(piece));
        assert_eq!(whole, pieces, "{json}");
        whole
    }

    #[test]
    fn brackets_nest() {
        for (json, depth) in [
            ("1", 0),
            ("[]", 1),
            ("[[],[],{}]", 2),
            (r#"{"a":{"b":[1]}}"#, 3),
            ("]]][[", 2),
        ] {
            assert!(allows(depth, json), "{json}");
            assert!(depth == 0 || !allows(depth - 1, json), "{json}");
        }
    }

    #[test]
    fn brackets_in_texts_do_not() {
        for json in [r#""[[[""#, r#""\"[[""#, r#""\\\"[[""#, r#""é[{""#] {
            assert!(allows(0, json), "{json}");
        }
        assert!(!allows(0, r#""\\"["#));
    }
}
