//! Finds the lines of a file that may hold an answer, without looking at the others.
//!
//! In JSON a quote inside a string has a backslash before it, so `"assistant"` with its bare quotes is always a whole string of the
//! line's own structure. One search over each buffer finds it; the ends of a line are looked for only around a hit.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use bstr::{ByteSlice, Finder};

use super::index::Entry;
use super::long::Condensed;

/// What every answer says of its role, and of its type.
const NEEDLE: &[u8] = b"\"assistant\"";
/// Bytes that are read at once where a line is followed to its end.
const STEP: usize = 1 << 13;
/// So far apart, two lines are read in two calls.
const FAR: u64 = 1 << 14;

/// A line that may be an answer.
pub(super) struct Candidate<'a> {
    /// Where it starts in the file.
    pub offset: u64,
    /// How long it is there, without the line break.
    pub length: u64,
    /// What it says; less than in the file when it is longer than the buffer.
    pub bytes: &'a [u8],
    /// It ends with a line break: nobody is still writing it.
    pub is_whole: bool,
}

/// What came of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scanned {
    /// Bytes that were read.
    pub bytes: u64,
    /// Where the line starts that has no end yet: the file's length when it ends with a line break.
    pub next: u64,
}

/// Reads files through one buffer.
pub(super) struct Lines {
    buffer: Vec<u8>,
    finder: Finder<'static>,
}

/// A line that began before the buffer.
struct Long {
    offset: u64,
    has_hit: bool,
}

impl Lines {
    /// With a buffer of this size.
    pub fn new(size: usize) -> Self {
        Self { buffer: vec![0; size.max(2 * NEEDLE.len())], finder: Finder::new(NEEDLE) }
    }

    /// Calls `each` for the lines that may be answers and start between two offsets, in their order.
    ///
    /// # Errors
    /// The file cannot be read further.
    pub fn piece(
        &mut self,
        file: &File,
        from: u64,
        to: u64,
        each: &mut dyn FnMut(Candidate<'_>),
    ) -> io::Result<Scanned> {
        match self.line_start(file, from, to)? {
            Some(start) => self.scan(file, start, to, each),
            None => Ok(Scanned { bytes: 0, next: to }),
        }
    }

    /// Where the first line starts that does so between two offsets.
    fn line_start(&mut self, file: &File, from: u64, to: u64) -> io::Result<Option<u64>> {
        let Some(mut at) = from.checked_sub(1) else { return Ok(Some(0)) };
        let step = STEP.min(self.buffer.len());
        while at < to - 1 {
            let count = read_at(file, &mut self.buffer[..step], at)?;
            if let Some(found) = self.buffer[..count].find_byte(b'\n') {
                return Ok(Some(at + found as u64 + 1).filter(|start| *start < to));
            }
            if count == 0 {
                break;
            }
            at += count as u64;
        }
        Ok(None)
    }

    /// Calls `each` for the lines that may be answers, in their order: from the one that starts at an offset to the last that starts before
    /// another.
    ///
    /// # Errors
    /// The file cannot be read further.
    pub fn scan(
        &mut self,
        file: &File,
        from: u64,
        to: u64,
        each: &mut dyn FnMut(Candidate<'_>),
    ) -> io::Result<Scanned> {
        let (mut start, mut filled) = (from, 0);
        let mut long: Option<Long> = None;
        loop {
            // Up to the limit a whole buffer, and behind it small steps to the end of the line that crosses it.
            let reached = start + filled as u64;
            let most = to.checked_sub(reached).filter(|rest| *rest > 0).map_or(STEP, |rest| rest as usize);
            let room = &mut self.buffer[filled..];
            let most = most.min(room.len());
            let count = read_at(file, &mut room[..most], reached)?;
            filled += count;
            let data = &self.buffer[..filled];
            // A line break behind this ends the last line.
            let last = data.len().min((to - 1).saturating_sub(start) as usize);
            let over = data[last..].find_byte(b'\n').map(|found| last + found + 1);
            let end = match over.or_else(|| data.rfind_byte(b'\n').map(|found| found + 1)) {
                Some(end) => end,
                // Every line break was seen before: this is the line that nobody has ended.
                None if count == 0 => {
                    let next = long.as_ref().map_or(start, |long| long.offset);
                    self.lines(file, start, filled, long, each)?;
                    return Ok(Scanned { bytes: reached - from, next });
                }
                None if filled < self.buffer.len() => continue,
                None => {
                    let has_hit = self.finder.find(data).is_some();
                    long = Some(match long {
                        None => Long { offset: start, has_hit },
                        Some(long) => Long { has_hit: long.has_hit || has_hit, ..long },
                    });
                    // A hit may lie across the end.
                    filled - (NEEDLE.len() - 1)
                }
            };
            if data[..end].ends_with(b"\n") {
                self.lines(file, start, end, long.take(), each)?;
            }
            start += end as u64;
            if over.is_some() {
                return Ok(Scanned { bytes: start - from, next: start });
            }
            self.buffer.copy_within(end..filled, 0);
            filled -= end;
        }
    }

    /// The lines of the buffer's first `end` bytes, which are whole but for the first, if it is long, and for the last one of the file.
    fn lines(
        &self,
        file: &File,
        start: u64,
        end: usize,
        long: Option<Long>,
        each: &mut dyn FnMut(Candidate<'_>),
    ) -> io::Result<()> {
        let data = &self.buffer[..end];
        let line_end = |at: usize| data[at..].find_byte(b'\n').map_or((end, false), |found| (at + found, true));
        let mut at = 0;
        if let Some(Long { offset, has_hit }) = long {
            let (last, is_whole) = line_end(0);
            if has_hit || self.finder.find(&data[..last]).is_some() {
                let condensed = condense(file, offset)?;
                let length = start + last as u64 - offset;
                each(Candidate { offset, length, bytes: condensed.line(), is_whole });
            }
            at = last + usize::from(is_whole);
        }
        while let Some(hit) = self.finder.find(&data[at..]) {
            let first = data[at..at + hit].rfind_byte(b'\n').map_or(at, |found| at + found + 1);
            let (last, is_whole) = line_end(at + hit);
            let (offset, length) = (start + first as u64, (last - first) as u64);
            each(Candidate { offset, length, bytes: &data[first..last], is_whole });
            at = last + usize::from(is_whole);
        }
        Ok(())
    }

    /// Reads lines of one file again, in their order; `each` gets what is there now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn again(&mut self, file: &File, entries: &[Entry], each: &mut dyn FnMut(&Entry, &[u8])) -> io::Result<()> {
        let mut rest = entries;
        while let Some(first) = rest.first() {
            let room = self.buffer.len() as u64;
            if first.length() > room {
                each(first, condense(file, first.offset())?.line());
                rest = &rest[1..];
                continue;
            }
            // As many as fit and are close to each other.
            let mut end = first.end();
            let is_near = |entry: &&Entry| {
                let goes_on = entry.offset() < end + FAR && entry.end() <= first.offset() + room;
                end = if goes_on { entry.end() } else { end };
                goes_on
            };
            let (now, later) = rest.split_at(1 + rest[1..].iter().take_while(is_near).count());
            let filled = read_all(file, &mut self.buffer[..(end - first.offset()) as usize], first.offset())?;
            for entry in now {
                let from = (entry.offset() - first.offset()) as usize;
                each(entry, self.buffer[..filled].get(from..from + entry.length() as usize).unwrap_or_default());
            }
            rest = later;
        }
        Ok(())
    }
}

/// Reads a line that does not fit into the buffer.
fn condense(file: &File, offset: u64) -> io::Result<Condensed> {
    let mut condensed = Condensed::default();
    let mut piece = vec![0; 1 << 16];
    let mut at = offset;
    loop {
        let count = read_at(file, &mut piece, at)?;
        let end = piece[..count].find_byte(b'\n');
        condensed.feed(&piece[..end.unwrap_or(count)]);
        if count == 0 || end.is_some() {
            return Ok(condensed);
        }
        at += count as u64;
    }
}

/// One read that no signal breaks off.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match file.read_at(buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Fills the buffer, unless the file ends before.
fn read_all(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match read_at(file, &mut buffer[filled..], offset + filled as u64)? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}
