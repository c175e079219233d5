//! Reads all files once, and again those lines of answers that another line might have known more of.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::files::{self, Source};
use super::index::{Entry, Index};
use super::line::{self, Answer, Broken};
use super::lines::Lines;
use super::{Span, Summary, Turn};
use crate::observe::file;

/// The lines of one answer are never so far apart, nor is the last line of a file from the file's own time.
const MARGIN: SignedDuration = SignedDuration::from_hours(1);

struct Reading<'e> {
    span: Span,
    /// The span with room on both sides.
    near: Span,
    /// Of this run alone, so that nobody can write a file whose answers hide each other.
    keys: RandomState,
    /// Answers that were told.
    told: HashSet<u64>,
    /// Lines of answers that another line may know more of.
    open: Index,
    /// Lines of answers.
    count: u64,
    summary: Summary,
    each: &'e mut dyn FnMut(&Turn<'_>),
}

/// The reader of [`super::read`], with any buffer.
pub(super) fn read(lines: &mut Lines, directories: &[PathBuf], span: Span, each: &mut dyn FnMut(&Turn<'_>)) -> Summary {
    let near = Span {
        since: span.since.map(|since| since.saturating_sub(MARGIN).unwrap_or(since)),
        until: span.until.map(|until| until.saturating_add(MARGIN).unwrap_or(until)),
    };
    let (keys, told, open, summary) = (RandomState::new(), HashSet::new(), Index::default(), Summary::default());
    let mut reading = Reading { span, near, keys, told, open, count: 0, summary, each };
    let mut sources = files::list(directories, &mut reading.summary.unreadable);
    // A file that was last written before the span holds nothing of it.
    let is_before = |modified: Timestamp| near.since.is_some_and(|since| modified < since);
    sources.retain(|source| !source.modified.is_some_and(is_before));
    // They are sorted by path, and stay so where they began together.
    sources.sort_by_cached_key(|source| source.begun().unwrap_or(Timestamp::MAX));
    for (number, source) in sources.iter().enumerate() {
        let result = reading.first_time(lines, number, source);
        reading.note(source, result);
    }
    let entries = std::mem::take(&mut reading.open).finish(|key| reading.told.contains(&key));
    reading.summary.repeated = reading.count - (reading.told.len() + entries.len()) as u64;
    for of_file in entries.chunk_by(|one, next| one.file() == next.file()) {
        if let Some(source) = of_file.first().and_then(|entry| sources.get(entry.file())) {
            let result = reading.again(lines, source, of_file);
            reading.note(source, result);
        }
    }
    reading.summary
}

impl Reading<'_> {
    /// Tells the answers of a file that are settled, and learns where the others are.
    fn first_time(&mut self, lines: &mut Lines, number: usize, source: &Source) -> io::Result<()> {
        let file = source.open()?;
        self.summary.files += 1;
        let scanned = lines.scan(&file, 0, &mut |candidate| match line::read(candidate.bytes) {
            Ok(Some(answer)) if self.is_near(&answer) => {
                let (offset, key) = (candidate.offset, self.keys.hash_one(answer.key()));
                self.count += 1;
                if !answer.is_final() {
                    self.open.add(key, number, offset, candidate.length, answer.output());
                } else if self.told.insert(key) {
                    self.tell(&answer, source, offset);
                }
            }
            Err(Broken) if candidate.is_whole => self.summary.broken += 1,
            _ => {}
        })?;
        self.summary.bytes += scanned.bytes;
        Ok(())
    }

    /// Tells what the lines of a file say that turned out to count.
    fn again(&mut self, lines: &mut Lines, source: &Source, entries: &[Entry]) -> io::Result<()> {
        let file = source.open()?;
        let mut has_changed = false;
        lines.again(&file, entries, &mut |entry, bytes| match line::read(bytes) {
            Ok(Some(answer)) if self.keys.hash_one(answer.key()) == entry.key => {
                self.tell(&answer, source, entry.offset());
            }
            _ => has_changed = true,
        })?;
        if has_changed { Err(io::Error::other("it was changed while it was read")) } else { Ok(()) }
    }

    fn tell(&mut self, answer: &Answer<'_>, source: &Source, offset: u64) {
        match answer.turn(source, offset) {
            Some(turn) if self.span.contains(turn.at) => {
                self.summary.answers += 1;
                (self.each)(&turn);
            }
            Some(_) => {}
            None => self.summary.broken += 1, // its time is none
        }
    }

    /// Most people ask without limits: then no time needs to be understood yet.
    fn is_near(&self, answer: &Answer<'_>) -> bool {
        self.near == Span::default() || answer.at().is_none_or(|at| self.near.contains(at))
    }

    fn note(&mut self, source: &Source, result: io::Result<()>) {
        if let Err(error) = result {
            self.summary.unreadable.push((source.path.clone(), file::reason(&error)));
        }
    }
}
