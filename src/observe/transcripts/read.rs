//! Reads all files: once to learn which lines count, and these lines again.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::PathBuf;

use jiff::SignedDuration;

use super::files::{self, Source};
use super::index::{Entry, Index};
use super::line::{self, Line};
use super::lines::Lines;
use super::{Span, Summary, Turn};
use crate::observe::file;

/// The lines of one answer are never so far apart, nor is the last line of a file from the file's own time.
const MARGIN: SignedDuration = SignedDuration::from_hours(1);

struct Reading {
    lines: Lines,
    span: Span,
    /// The span with room on both sides.
    near: Span,
    /// Of this run alone, so that nobody can write a file whose answers hide each other.
    keys: RandomState,
    index: Index,
    summary: Summary,
}

/// The reader of [`super::read`], with any buffer.
pub(super) fn read(lines: Lines, directories: &[PathBuf], span: Span, each: &mut dyn FnMut(&Turn<'_>)) -> Summary {
    let near = Span {
        since: span.since.map(|since| since.saturating_sub(MARGIN).unwrap_or(since)),
        until: span.until.map(|until| until.saturating_add(MARGIN).unwrap_or(until)),
    };
    let (keys, index, summary) = (RandomState::new(), Index::default(), Summary::default());
    let mut reading = Reading { lines, span, near, keys, index, summary };
    let sources = files::list(directories, &mut reading.summary.unreadable);
    for source in &sources {
        let result = reading.learn(source);
        reading.note(source, result);
    }
    let (entries, repeated) = std::mem::take(&mut reading.index).finish();
    reading.summary.repeated = repeated;
    for of_file in entries.chunk_by(|one, next| one.file() == next.file()) {
        if let Some(source) = of_file.first().and_then(|entry| sources.get(entry.file())) {
            let result = reading.tell(source, of_file, each);
            reading.note(source, result);
        }
    }
    reading.summary
}

impl Reading {
    /// Learns where the answers of a file are.
    fn learn(&mut self, source: &Source) -> io::Result<()> {
        let Self { lines, near, keys, index, summary, .. } = self;
        index.next_file();
        // A file that was last written before the span holds nothing of it.
        if let (Some(since), Some(modified)) = (near.since, source.modified)
            && modified < since
        {
            return Ok(());
        }
        let file = source.open()?;
        index.begins(files::begun(&file));
        summary.files += 1;
        let scanned = lines.scan(&file, 0, &mut |candidate| match line::read(candidate.bytes) {
            Line::Answer(answer) => match answer.at() {
                Some(at) if near.contains(at) => {
                    index.add(keys.hash_one(answer.key()), candidate.offset, candidate.length, answer.output());
                }
                Some(_) => {}
                None => summary.broken += 1,
            },
            Line::Broken if candidate.is_whole => summary.broken += 1,
            Line::Broken | Line::Other => {}
        })?;
        summary.bytes += scanned.bytes;
        Ok(())
    }

    /// Reads the lines of a file that count, and tells what they say.
    fn tell(&mut self, source: &Source, entries: &[Entry], each: &mut dyn FnMut(&Turn<'_>)) -> io::Result<()> {
        let Self { lines, span, keys, summary, .. } = self;
        let file = source.open()?;
        let mut has_changed = false;
        lines.again(&file, entries, &mut |entry, bytes| {
            let turn = match line::read(bytes) {
                Line::Answer(answer) if keys.hash_one(answer.key()) == entry.key => {
                    answer.turn(&source.path, entry.offset(), source.folder())
                }
                _ => None,
            };
            match turn {
                Some(turn) if span.contains(turn.at) => {
                    summary.answers += 1;
                    each(&turn);
                }
                Some(_) => {}
                None => has_changed = true,
            }
        })?;
        if has_changed { Err(io::Error::other("it was changed while it was read")) } else { Ok(()) }
    }

    fn note(&mut self, source: &Source, result: io::Result<()>) {
        if let Err(error) = result {
            self.summary.unreadable.push((source.path.clone(), file::reason(&error)));
        }
    }
}
