//! Reads all files once, and again those lines of answers that another line might have known more of.
//!
//! Files are cut into pieces, and several threads read them. What they find is taken here in the order of the pieces, so it is always the same.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::io;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::batch::{Batch, Open, Told};
use super::crew;
use super::files::{self, Source};
use super::index::{Entry, Index};
use super::line::{self, Answer, Broken};
use super::lines::Lines;
use super::shape::Shapes;
use super::{Span, Summary, Turn};
use crate::observe::file;

/// The lines of one answer are never so far apart, nor is the last line of a file from the file's own time.
const MARGIN: SignedDuration = SignedDuration::from_hours(1);
/// So many lines are read again in one go.
const AGAIN: usize = 1 << 10;

/// How the reading is done; what is read is always the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Threads.
    pub threads: usize,
    /// Bytes of a thread's buffer.
    pub buffer: usize,
    /// Bytes of a piece of a file.
    pub piece: u64,
}

/// What a thread works with.
struct Tools {
    lines: Lines,
    shapes: Shapes,
}

/// What all threads know.
struct Question {
    sources: Vec<Source>,
    /// The span with room on both sides.
    near: Span,
    /// Of this run alone, so that nobody can write a file whose answers hide each other.
    keys: RandomState,
}

/// Lines that start between two places of a file.
struct Piece {
    file: usize,
    from: u64,
    to: u64,
}

/// What was found so far.
struct Reading<'e> {
    span: Span,
    /// Answers that were told.
    told: HashSet<u64, BuildHasherDefault<Hashed>>,
    /// Lines of answers that another line may know more of.
    open: Index,
    /// Lines of answers.
    count: u64,
    summary: Summary,
    each: &'e mut dyn FnMut(&Turn<'_>),
}

/// The hash of what is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// The reader of [`super::read`], in any manner.
pub(super) fn read(manner: Manner, directories: &[PathBuf], span: Span, each: &mut dyn FnMut(&Turn<'_>)) -> Summary {
    let near = Span {
        since: span.since.map(|since| since.saturating_sub(MARGIN).unwrap_or(since)),
        until: span.until.map(|until| until.saturating_add(MARGIN).unwrap_or(until)),
    };
    let (told, open, summary) = (HashSet::default(), Index::default(), Summary::default());
    let mut reading = Reading { span, told, open, count: 0, summary, each };
    let mut sources = files::list(directories, &mut reading.summary.unreadable);
    // A file that was last written before the span holds nothing of it.
    let is_before = |modified: Timestamp| near.since.is_some_and(|since| modified < since);
    sources.retain(|source| !source.modified.is_some_and(is_before));
    // They are sorted by path, and stay so where they began together.
    sources.sort_by_cached_key(|source| source.begun().unwrap_or(Timestamp::MAX));
    let question = Question { sources, near, keys: RandomState::new() };
    let tools = || Tools { lines: Lines::new(manner.buffer), shapes: Shapes::default() };

    let pieces = question.pieces(manner.piece);
    let Manner { threads, .. } = manner;
    crew::in_order(
        threads,
        &pieces,
        tools,
        |tools, piece| question.first_time(tools, piece),
        |piece, batch| reading.take(batch, piece.file, &question.sources[piece.file]),
    );
    let entries = std::mem::take(&mut reading.open).finish(|key| reading.told.contains(&key));
    reading.summary.repeated = reading.count - (reading.told.len() + entries.len()) as u64;
    let of_files = entries.chunk_by(|one, next| one.file() == next.file());
    let parts: Vec<(usize, &[Entry])> =
        of_files.flat_map(|of_file| of_file.chunks(AGAIN).map(|part| (of_file[0].file(), part))).collect();
    crew::in_order(
        threads,
        &parts,
        tools,
        |tools, (file, entries)| question.again(tools, *file, entries),
        |(file, _), batch| reading.take(batch, *file, &question.sources[*file]),
    );
    reading.summary
}

impl Question {
    /// All files, cut. The last piece of each has no end, since the file may have grown.
    fn pieces(&self, size: u64) -> Vec<Piece> {
        let of_file = |(file, source): (usize, &Source)| {
            let count = source.length.div_ceil(size).max(1);
            let end = move |number| if number + 1 == count { u64::MAX } else { (number + 1) * size };
            (0..count).map(move |number| Piece { file, from: number * size, to: end(number) })
        };
        self.sources.iter().enumerate().flat_map(of_file).collect()
    }

    /// The answers of a piece that are settled, and where the others are.
    fn first_time(&self, tools: &mut Tools, piece: &Piece) -> Batch {
        let mut batch = Batch::default();
        let result = self.scan(tools, piece, &mut batch);
        batch.problem = result.err().map(|error| file::reason(&error));
        batch
    }

    fn scan(&self, tools: &mut Tools, piece: &Piece, batch: &mut Batch) -> io::Result<()> {
        let Tools { lines, shapes } = tools;
        let file = self.sources[piece.file].open()?;
        batch.files = u64::from(piece.from == 0);
        let scanned =
            lines.piece(&file, piece.from, piece.to, &mut |candidate| match line::read(shapes, candidate.bytes) {
                Ok(Some(answer)) if self.is_near(&answer) => {
                    let (offset, length, key) = (candidate.offset, candidate.length, self.keys.hash_one(answer.key()));
                    batch.lines += 1;
                    if answer.is_final() {
                        batch.tell(&answer, key, offset);
                    } else {
                        batch.open.push(Open { key, offset, length, output: answer.output() });
                    }
                }
                Err(Broken) if candidate.is_whole => batch.broken += 1,
                _ => {}
            })?;
        batch.bytes = scanned.bytes;
        Ok(())
    }

    /// What some lines of one file say that turned out to count.
    fn again(&self, tools: &mut Tools, file: usize, entries: &[Entry]) -> Batch {
        let mut batch = Batch::default();
        let Tools { lines, shapes } = tools;
        let mut has_changed = false;
        let result = self.sources[file].open().and_then(|file| {
            lines.again(&file, entries, &mut |entry, bytes| match line::read(shapes, bytes) {
                Ok(Some(answer)) if self.keys.hash_one(answer.key()) == entry.key => {
                    batch.tell(&answer, entry.key, entry.offset());
                }
                _ => has_changed = true,
            })
        });
        let changed = has_changed.then(|| "it was changed while it was read".to_owned());
        batch.problem = result.err().map(|error| file::reason(&error)).or(changed);
        batch
    }

    /// Most people ask without limits: then no time needs to be understood yet.
    fn is_near(&self, answer: &Answer<'_>) -> bool {
        self.near == Span::default() || answer.at().is_none_or(|at| self.near.contains(at))
    }
}

impl Reading<'_> {
    /// Takes what was found in a part of a file.
    fn take(&mut self, batch: Option<Batch>, file: usize, source: &Source) {
        let batch = batch.unwrap_or_else(|| Batch::without("reading it crashed, a defect of bedrockup"));
        self.summary.files += batch.files;
        self.summary.bytes += batch.bytes;
        self.summary.broken += batch.broken;
        self.count += batch.lines;
        for Open { key, offset, length, output } in &batch.open {
            self.open.add(*key, file, *offset, *length, *output);
        }
        for told in &batch.told {
            if self.told.insert(told.key) {
                self.tell(&batch, told, source);
            }
        }
        // Mostly what is wrong with one piece of a file is wrong with all.
        let is_noted = self.summary.unreadable.last().is_some_and(|(path, _)| *path == source.path);
        let problem = batch.problem.filter(|_| !is_noted);
        self.summary.unreadable.extend(problem.map(|problem| (source.path.clone(), problem)));
    }

    fn tell(&mut self, batch: &Batch, told: &Told, source: &Source) {
        match &batch.turn(told, source) {
            Some(turn) if self.span.contains(turn.at) => {
                self.summary.answers += 1;
                (self.each)(turn);
            }
            Some(_) => {}
            None => self.summary.broken += 1, // its time is none
        }
    }
}
