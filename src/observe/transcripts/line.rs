//! One line of a transcript: is it an answer, and what does it say?

use jiff::Timestamp;

use super::Usage;
use super::json::{Text, number};
use super::members::{Field, Found, Values};
use super::shape::Shapes;

/// A line is no JSON object.
#[derive(Debug)]
pub(super) struct Broken;

/// What one line says of an answer.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    line: Values<'a>,
    /// A subagent's line inside a `progress` line: then it is the record that counts.
    embedded: Option<Box<Values<'a>>>,
}

/// Reads a line: what it says of an answer, if it is about one. Its first bytes may be those that a crash left (NUL).
pub(super) fn read<'a>(shapes: &mut Shapes, bytes: &'a [u8]) -> Result<Option<Answer<'a>>, Broken> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let Found { own: line, embedded, .. } = shapes.read(&bytes[start..]).ok_or(Broken)?;
    let is_progress = Text::of(line.get(Field::Kind)).raw() == b"progress";
    let answer = Answer { line, embedded: embedded.filter(|_| is_progress) };
    Ok(if answer.is_one() { Some(answer) } else { None })
}

impl<'a> Answer<'a> {
    fn is_one(&self) -> bool {
        self.record().has_usage
            && self.text(Field::Kind).raw() == b"assistant"
            && self.record().get(Field::IsError) != b"true"
            && ![Field::Id, Field::Model, Field::Time].into_iter().any(|field| self.text(field).is_empty())
            && self.text(Field::Model).raw() != b"<synthetic>"
    }

    fn record(&self) -> &Values<'a> {
        self.embedded.as_deref().unwrap_or(&self.line)
    }

    /// A subagent's.
    pub fn is_sidechain(&self) -> bool {
        self.embedded.is_some() || self.line.get(Field::IsSidechain) == b"true"
    }

    /// What makes it one answer: the message's id and the request's, as they are written.
    pub fn key(&self) -> (&'a [u8], &'a [u8]) {
        (self.text(Field::Id).raw(), self.text(Field::RequestId).raw())
    }

    /// Output tokens, as far as this line knows.
    pub fn output(&self) -> u64 {
        self.number(Field::Output)
    }

    /// No other line of this answer knows more output: the client numbered the block, and only those clients do it that wait for the end
    /// of an answer before they write.
    pub fn is_final(&self) -> bool {
        self.is_complete() && !self.record().get(Field::BlockNumber).is_empty()
    }

    /// It was written after the end of the answer.
    pub fn is_complete(&self) -> bool {
        !self.text(Field::StopReason).is_empty()
    }

    /// When the line was written; `None` when the time is none.
    pub fn at(&self) -> Option<Timestamp> {
        time(self.text(Field::Time))
    }

    /// A text, from wherever it stands.
    pub fn text(&self, field: Field) -> Text<'a> {
        let of_line = |field| Text::of(self.line.get(field));
        match field {
            Field::Session if !of_line(Field::AskedIn).is_empty() => of_line(Field::AskedIn),
            Field::Session | Field::Directory | Field::Version | Field::Entrypoint => of_line(field),
            _ => Text::of(self.record().get(field)),
        }
    }

    /// Its tokens.
    pub fn usage(&self) -> Usage {
        let (short, long) = (self.number(Field::CacheWrite5m), self.number(Field::CacheWrite1h));
        Usage {
            input: self.number(Field::Input),
            output: self.output(),
            // Where no part, or only one, was said, the rest was written for the usual time.
            cache_write_5m: short
                .saturating_add(self.number(Field::CacheWrite).saturating_sub(short.saturating_add(long))),
            cache_write_1h: long,
            cache_read: self.number(Field::CacheRead),
        }
    }

    fn number(&self, field: Field) -> u64 {
        number(self.record().get(field))
    }
}

/// The time that a text says.
pub(super) fn time(text: Text<'_>) -> Option<Timestamp> {
    str::from_utf8(text.raw()).ok()?.parse().ok()
}
