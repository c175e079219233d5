//! Answers of a piece of a file, in a form that goes from thread to thread and takes little room: some 200 bytes each.

use jiff::Timestamp;

use super::files::Source;
use super::json::Text;
use super::line::Answer;
use super::members::Field;
use super::{Origin, Turn, Usage};

/// Lines of one answer follow each other closely: so many answers are remembered.
const NEAR: usize = 8;
/// Texts of an answer.
const TEXTS: [Field; 10] = [
    Field::Id,
    Field::RequestId,
    Field::Session,
    Field::Directory,
    Field::Model,
    Field::RequestedModel,
    Field::Version,
    Field::Entrypoint,
    Field::ServiceTier,
    Field::Speed,
];

/// What was found in a piece of a file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Files that begin with it and could be opened.
    pub files: u64,
    /// Bytes of the piece.
    pub bytes: u64,
    /// Lines of answers.
    pub lines: u64,
    /// Lines that should be JSON.
    pub broken: u64,
    /// Answers as the first line of the piece has them that counts.
    pub told: Vec<Told>,
    /// Lines of answers that another line may know more of.
    pub open: Vec<Open>,
    /// Why there is no more.
    pub problem: Option<String>,
    /// The texts of what was told, each once while it stays the same.
    text: String,
    /// Where the last answer's are; those without a backslash, since only they are as the line has them.
    last: [Part; TEXTS.len()],
}

/// An answer.
#[derive(Debug)]
pub(super) struct Told {
    /// A hash of its ids.
    pub key: u64,
    /// `None` when the line says no time.
    pub at: Option<Timestamp>,
    offset: u64,
    usage: Usage,
    texts: [Part; TEXTS.len()],
    is_complete: bool,
    is_sidechain: bool,
}

/// A line that may count.
#[derive(Debug)]
pub(super) struct Open {
    pub key: u64,
    pub offset: u64,
    pub length: u64,
    pub output: u64,
}

/// From where to where in the texts.
type Part = (u32, u32);

impl Batch {
    /// Nothing, for a reason.
    pub fn without(problem: &str) -> Self {
        Self { problem: Some(problem.to_owned()), ..Self::default() }
    }

    /// Takes an answer that is settled, unless it was taken a few answers ago.
    pub fn tell(&mut self, answer: &Answer<'_>, key: u64, offset: u64) {
        if self.told.iter().rev().take(NEAR).any(|told| told.key == key) {
            return;
        }
        let mut texts = self.last;
        for (at, field) in TEXTS.into_iter().enumerate() {
            let text = answer.text(field);
            if text.raw() != self.part(self.last[at]).as_bytes() {
                texts[at] = self.keep(text);
                self.last[at] = if self.part(texts[at]).contains('\\') { Part::default() } else { texts[at] };
            }
        }
        let (at, usage) = (answer.at(), answer.usage());
        let (is_complete, is_sidechain) = (answer.is_complete(), answer.is_sidechain());
        self.told.push(Told { key, at, offset, usage, texts, is_complete, is_sidechain });
    }

    fn keep(&mut self, text: Text<'_>) -> Part {
        let start = self.text.len();
        self.text.push_str(&text.decode());
        // More than 4 GB of texts in a piece of a megabyte: then they are not told.
        let cut = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        (cut(start), cut(self.text.len()))
    }

    fn part(&self, (start, end): Part) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The answers as the world sees them, without those that have no time.
    pub fn turns<'t>(&'t self, source: &'t Source) -> impl Iterator<Item = Turn<'t>> {
        self.told.iter().filter_map(|told| self.turn(told, source))
    }

    /// An answer as the world sees it; `None` when its time is none.
    pub fn turn<'t>(&'t self, told: &Told, source: &'t Source) -> Option<Turn<'t>> {
        let [id, request, session, directory, model, requested, version, entrypoint, tier, speed] =
            told.texts.map(|part| self.part(part));
        let said = |text: &'t str| (!text.is_empty()).then_some(text.into());
        let stem = || source.path.file_stem().unwrap_or_default().to_string_lossy();
        Some(Turn {
            origin: Origin::of(id.as_bytes()),
            message_id: id.into(),
            request_id: said(request),
            at: told.at?,
            session: said(session).unwrap_or_else(stem),
            project: said(directory).unwrap_or_else(|| source.folder().to_string_lossy()),
            model: model.into(),
            requested_model: said(requested),
            usage: told.usage,
            is_complete: told.is_complete,
            is_sidechain: told.is_sidechain,
            version: said(version),
            entrypoint: said(entrypoint),
            service_tier: said(tier),
            speed: said(speed),
            file: &source.path,
            offset: told.offset,
        })
    }
}
