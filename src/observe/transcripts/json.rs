//! Reads the few members of a JSON object that are wanted and steps over the rest.
//!
//! `serde_json` with borrowed fields took 1.6 times as long for the answers of everyday work and twice as long for short ones: it checks every
//! byte of what is then thrown away. Here brackets and strings are followed, and what else is in a value that nobody wants is not looked at.

use std::borrow::Cow;
use std::ops::Range;

use bstr::ByteSlice;

/// A place in a text that should be JSON. Every method returns `None` where it is not.
pub(super) struct Json<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A JSON string as it is written, with its quotes; empty for anything else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Text<'a> {
    quoted: &'a [u8],
}

impl<'a> Text<'a> {
    /// The string that a value is.
    pub fn of(value: &'a [u8]) -> Self {
        Self { quoted: if value.first() == Some(&b'"') { value } else { b"" } }
    }

    /// What is between the quotes, not decoded.
    pub fn raw(self) -> &'a [u8] {
        self.quoted.get(1..self.quoted.len().saturating_sub(1)).unwrap_or_default()
    }

    /// Whether nothing is said.
    pub fn is_empty(self) -> bool {
        self.raw().is_empty()
    }

    /// What it says; bytes that are no UTF-8 are replaced.
    pub fn decode(self) -> Cow<'a, str> {
        if self.raw().find_byte(b'\\').is_some()
            && let Ok(text) = serde_json::from_slice(self.quoted)
        {
            return Cow::Owned(text);
        }
        str::from_utf8(self.raw()).map_or_else(|_| String::from_utf8_lossy(self.raw()), Cow::Borrowed)
    }
}

/// The number that a value is, without sign and rounded down; 0 where it is none.
pub(super) fn number(value: &[u8]) -> u64 {
    if value.len() < 19 && value.iter().all(u8::is_ascii_digit) {
        return value.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    }
    // Floats saturate: minus one is 0, and 1e99 the largest number there is. (Rust's floats know `inf`, JSON does not.)
    let text = str::from_utf8(value).ok().filter(|text| text.starts_with(|first: char| first.is_ascii_digit()));
    text.and_then(|text| text.parse::<f64>().ok()).map_or(0, |number| number as u64)
}

impl<'a> Json<'a> {
    /// The start of a text.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// A place in it.
    pub fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The next byte that is no white space.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.bytes.get(self.at)? {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Steps over an object; `member` is called behind the colon of each key and has to step over the value.
    pub fn object(&mut self, mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        if self.peek()? == b'}' {
            return self.take(b'}');
        }
        loop {
            let key = self.string()?;
            self.take(b':')?;
            member(self, key)?;
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => return self.take(b'}'),
                _ => return None,
            }
        }
    }

    /// The value behind the colon of a key.
    pub fn member_value(&mut self) -> Option<&'a [u8]> {
        self.take(b':')?;
        self.value()
    }

    /// Any value as it is written.
    pub fn value(&mut self) -> Option<&'a [u8]> {
        let place = self.value_place()?;
        self.bytes.get(place)
    }

    /// Steps over any value; returns where it is.
    pub fn value_place(&mut self) -> Option<Range<usize>> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        Some(start..self.at)
    }

    /// Steps over any value.
    pub fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' | b'[' => self.skip_nested(),
            _ => self.skip_scalar(),
        }
    }

    /// Whether only white space is left.
    pub fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        let found = self.peek()? == wanted;
        self.at += usize::from(found);
        found.then_some(())
    }

    /// A string, without its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            let stop = self.quote_or_escape()?;
            if self.bytes.get(stop) == Some(&b'"') {
                self.at = stop + 1;
                return self.bytes.get(start..stop);
            }
            self.at = stop + 2;
        }
    }

    /// The next `"` or `\`: most strings are short, so eight bytes at a time come before the search that pays off for long ones.
    fn quote_or_escape(&self) -> Option<usize> {
        const ONES: u64 = u64::from_le_bytes([1; 8]);
        const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
        let mut at = self.at;
        for _ in 0..8 {
            let Some(eight) = self.bytes.get(at..).and_then(|rest| rest.first_chunk()) else {
                break;
            };
            let word = u64::from_le_bytes(*eight);
            let (quote, escape) = (word ^ (ONES * u64::from(b'"')), word ^ (ONES * u64::from(b'\\')));
            // The lowest bit of this is set in the first byte that was 0, and only above it can be wrong ones.
            let zeros = ((quote.wrapping_sub(ONES) & !quote) | (escape.wrapping_sub(ONES) & !escape)) & HIGHS;
            if zeros != 0 {
                return Some(at + zeros.trailing_zeros() as usize / 8);
            }
            at += 8;
        }
        self.bytes.get(at..)?.find_byteset(b"\"\\").map(|found| at + found)
    }

    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Steps over a number, `true`, `false` or `null`.
    fn skip_scalar(&mut self) -> Option<()> {
        let start = self.at;
        while !matches!(self.bytes.get(self.at)?, b',' | b'}' | b']' | b' ' | b'\t' | b'\r') {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, Text, number};

    /// The members of an object that `wanted` names, and whether the whole text is one object.
    fn text_of(json: &str, wanted: &str) -> Option<String> {
        let mut reader = Json::new(json.as_bytes());
        let mut found = Text::default();
        reader.object(|reader, key| {
            if key == wanted.as_bytes() {
                found = Text::of(reader.value()?);
                return Some(());
            }
            reader.skip()
        })?;
        reader.is_at_end().then(|| found.decode().into_owned())
    }

    #[test]
    fn a_member_is_found_behind_any_other_value() {
        for before in [
            r#""""#,
            r#""\"""#,
            r#""\\""#,
            r#""a string of more than sixty-four bytes, which is searched in the other way \" and goes on {[""#,
            "1",
            "-1.5e3",
            "null",
            "true",
            "[]",
            "{}",
            r#"[{"a":["}",{"x":"]"}]},{"x":"inner"}]"#,
            r#"{"x":"inner","y":{"x":[1,2,{"x":3}]}}"#,
        ] {
            let json = format!(r#"{{"a":{before},"x":"found","b":{before}}}"#);
            assert_eq!(text_of(&json, "x").as_deref(), Some("found"), "{json}");
            let spaced = format!("  {{ \"a\" : {before} , \"x\" : \"found\" , \"b\" : {before} }} \r");
            assert_eq!(text_of(&spaced, "x").as_deref(), Some("found"), "{spaced}");
        }
    }

    #[test]
    fn every_cut_of_an_object_is_no_object() {
        let json = r#"{"a":[1,{"b":"\"}"}],"x":"found","c":{"d":null},"e":1}"#;
        for end in 0..json.len() {
            assert_eq!(text_of(&json[..end], "x"), None, "{}", &json[..end]);
        }
        for garbage in ["}", "{", " x", "{\"a\":1}"] {
            assert_eq!(text_of(&format!("{json}{garbage}"), "x"), None, "{garbage}");
        }
    }

    #[test]
    fn strings_say_what_serde_json_says() {
        for text in ["", "plain", "a\\b", "say \"hi\"", "tab\tnew\nline", "ünïcode 🦀", "C:\\Users\\alice"] {
            let json = serde_json::json!({ "x": text }).to_string();
            assert_eq!(text_of(&json, "x").as_deref(), Some(text), "{json}");
        }
        assert_eq!(text_of(r#"{"x":"\u00fc\ud83e\udd80"}"#, "x").as_deref(), Some("ü🦀"));
        for (quoted, says) in [(&b"\"a\xff\""[..], "a\u{fffd}"), (br#""half \u12""#, r"half \u12")] {
            assert_eq!(Json::new(quoted).value().map(|value| Text::of(value).decode()).as_deref(), Some(says));
        }
    }

    #[test]
    fn numbers_never_overflow() {
        let number = |json: &str| Json::new(format!("{json},").as_bytes()).value().map(number);
        let cases = [
            ("0", 0),
            ("12", 12),
            ("999999999999999999", 999_999_999_999_999_999),
            ("18446744073709551615", u64::MAX),
            ("99999999999999999999999", u64::MAX),
            ("1e3", 1000),
            ("1e999", u64::MAX),
            ("2.9", 2),
            ("-1", 0),
            ("null", 0),
            ("inf", 0),
            ("\"7\"", 0),
            ("[7]", 0),
        ];
        for (json, expected) in cases {
            assert_eq!(number(json), Some(expected), "{json}");
        }
    }
}
