//! Lines that are longer than a buffer, made short: an answer is told by a few short members outside of lists.

/// More of a string is not kept: no id, model, path or time is longer.
const MOST_OF_A_STRING: usize = 4096;
/// More of a line is not kept.
const MOST_OF_A_LINE: usize = 1 << 18;

/// A JSON text fed in pieces, without what is in lists and without the ends of long strings.
#[derive(Default)]
pub(super) struct Condensed {
    kept: Vec<u8>,
    lists: usize,
    /// In a string: how much of it was kept.
    string: Option<usize>,
    is_escaped: bool,
    is_too_long: bool,
}

impl Condensed {
    /// Takes the next piece.
    pub fn feed(&mut self, piece: &[u8]) {
        for &byte in piece {
            if self.keeps(byte) {
                self.kept.push(byte);
            }
        }
        if self.kept.len() > MOST_OF_A_LINE {
            self.is_too_long = true;
            self.kept.truncate(MOST_OF_A_LINE);
        }
    }

    /// What was kept; something that is no JSON when that would be too much.
    pub fn line(&self) -> &[u8] {
        if self.is_too_long { b"" } else { &self.kept }
    }

    fn keeps(&mut self, byte: u8) -> bool {
        let is_outside = self.lists == 0;
        if let Some(length) = &mut self.string {
            let ends = byte == b'"' && !self.is_escaped;
            // Not between a backslash and what it escapes.
            let fits = *length < MOST_OF_A_STRING || (self.is_escaped && *length == MOST_OF_A_STRING);
            // Once a byte was left out, none follows.
            *length = if fits { *length + 1 } else { MOST_OF_A_STRING + 1 };
            self.is_escaped = byte == b'\\' && !self.is_escaped;
            if ends {
                self.string = None;
            }
            return is_outside && (fits || ends);
        }
        match byte {
            b'"' => self.string = Some(0),
            b'[' => self.lists += 1,
            b']' => {
                self.lists = self.lists.saturating_sub(1);
                return self.lists == 0;
            }
            _ => {}
        }
        // The bracket that opens the outermost list stays, as the one that closes it.
        is_outside
    }
}

#[cfg(test)]
mod tests {
    use super::{Condensed, MOST_OF_A_LINE, MOST_OF_A_STRING};

    fn condensed(json: &str, piece: usize) -> String {
        let mut condensed = Condensed::default();
        json.as_bytes().chunks(piece).for_each(|piece| condensed.feed(piece));
        String::from_utf8_lossy(condensed.line()).into_owned()
    }

    #[test]
    fn lists_lose_what_is_in_them() {
        let json = r#"{"a":"[x\"[","b":[1,"]\\",[{"c":"["}]],"d":{"e":[],"f":2}}"#;
        for piece in 1..json.len() {
            assert_eq!(condensed(json, piece), r#"{"a":"[x\"[","b":[],"d":{"e":[],"f":2}}"#);
        }
    }

    #[test]
    fn long_strings_end_early_and_never_in_the_middle_of_an_escape() {
        for (start, escapes) in (0..3).flat_map(|start| ["\\\"", "\\\\", "\\n"].map(|escape| (start, escape))) {
            let text = format!("{}{}", "x".repeat(start), escapes.repeat(MOST_OF_A_STRING));
            let short = condensed(&format!(r#"{{"a":"{text}","b":1}}"#), 1000);
            assert!(short.len() < MOST_OF_A_STRING + 20, "{}", short.len());
            let value: serde_json::Value = serde_json::from_str(&short).expect("still JSON");
            assert_eq!(value["b"], 1);
        }
    }

    #[test]
    fn memory_stays_flat_whatever_comes() {
        let mut condensed = Condensed::default();
        for _ in 0..64 {
            condensed.feed("{\"a\":1,".repeat(MOST_OF_A_LINE / 64).as_bytes());
            assert!(condensed.kept.capacity() <= 16 * MOST_OF_A_LINE, "{}", condensed.kept.capacity());
        }
        assert_eq!(condensed.line(), b"");
    }
}
