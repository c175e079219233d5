//! Which line counts for each answer: 24 bytes per answer, so that a million of them fit into memory.

use std::cmp::Ordering;

use jiff::Timestamp;

/// Entries before duplicates are thrown out for the first time: 12 MB.
const FIRST_LIMIT: usize = 1 << 19;
/// The lines of one answer follow each other closely: it is looked for among so many entries first.
const NEAR: usize = 8;
/// A place in one number: the file above, the offset below.
const OFFSET_BITS: u32 = 40;

/// The line that counts for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// A hash of the answer's ids. Among a million answers two share one with a chance of 1 in 30 million.
    pub key: u64,
    place: u64,
    output: u32,
    length: u32,
}

/// All answers seen so far.
#[derive(Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    /// When each file begins.
    begun: Vec<i64>,
    /// With so many entries duplicates are thrown out; 0 before the first time.
    limit: usize,
    lines: u64,
}

impl Entry {
    /// Its file, counted as they were added.
    pub fn file(&self) -> usize {
        (self.place >> OFFSET_BITS) as usize
    }

    /// Where the line starts.
    pub fn offset(&self) -> u64 {
        self.place & ((1 << OFFSET_BITS) - 1)
    }

    /// Its length; `u32::MAX` for that and all above.
    pub fn length(&self) -> u64 {
        u64::from(self.length)
    }

    /// Where it ends.
    pub fn end(&self) -> u64 {
        self.offset() + self.length()
    }
}

impl Index {
    /// What follows is in the next file.
    pub fn next_file(&mut self) {
        self.begun.push(i64::MAX);
    }

    /// The current file begins at this time.
    pub fn begins(&mut self, begun: Option<Timestamp>) {
        if let (Some(last), Some(begun)) = (self.begun.last_mut(), begun) {
            *last = begun.as_millisecond();
        }
    }

    /// A line of the current file.
    pub fn add(&mut self, key: u64, offset: u64, length: u64, output: u64) {
        let Some(file) = (self.begun.len() as u64).checked_sub(1) else {
            return;
        };
        if file >> (u64::BITS - OFFSET_BITS) != 0 || offset >> OFFSET_BITS != 0 {
            return; // a sixteen-millionth file, or a terabyte into one: no transcript
        }
        self.lines += 1;
        let cut = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let new = Entry { key, place: file << OFFSET_BITS | offset, output: cut(output), length: cut(length) };
        let near = self.entries.iter_mut().rev().take(NEAR).find(|old| old.key == key);
        if let Some(old) = near {
            if by_merit(&self.begun, &new, old).is_lt() {
                *old = new;
            }
            return;
        }
        if self.entries.len() >= self.limit.max(FIRST_LIMIT) {
            self.forget_duplicates();
            self.limit = self.entries.len() / 2 * 3;
        }
        self.entries.push(new);
    }

    /// One entry per answer, by the beginning of its file, then by file, then in the order of its lines; and the number of other lines.
    pub fn finish(mut self) -> (Vec<Entry>, u64) {
        self.forget_duplicates();
        let begun = &self.begun;
        self.entries.sort_unstable_by_key(|entry| (begun.get(entry.file()).copied(), entry.place));
        let others = self.lines - self.entries.len() as u64;
        (self.entries, others)
    }

    fn forget_duplicates(&mut self) {
        let begun = &self.begun;
        self.entries.sort_unstable_by(|one, other| one.key.cmp(&other.key).then_with(|| by_merit(begun, one, other)));
        self.entries.dedup_by_key(|entry| entry.key);
    }
}

/// The line that counts comes first: the one that knows most output, then that of the file that began first (the others hold copies),
/// then the first one.
fn by_merit(begun: &[i64], one: &Entry, other: &Entry) -> Ordering {
    let origin = |entry: &Entry| (begun.get(entry.file()).copied(), entry.place);
    other.output.cmp(&one.output).then_with(|| origin(one).cmp(&origin(other)))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Entry, FIRST_LIMIT, Index};

    fn file(index: &mut Index, begun: Option<i64>) {
        index.next_file();
        index.begins(begun.and_then(|second| Timestamp::from_second(second).ok()));
    }

    fn places(entries: &[Entry]) -> Vec<(usize, u64)> {
        entries.iter().map(|entry| (entry.file(), entry.offset())).collect()
    }

    #[test]
    fn the_line_with_most_output_counts_then_the_oldest_file_then_the_first_line() {
        let mut index = Index::default();
        file(&mut index, Some(50));
        index.add(1, 0, 10, 5);
        index.add(2, 11, 10, 5);
        index.add(3, 22, 10, 5);
        index.add(3, 33, 10, 5);
        file(&mut index, Some(40));
        index.add(1, 0, 10, 5);
        index.add(2, 11, 10, 4);
        file(&mut index, None);
        index.add(1, 0, 10, 5);
        index.add(2, 11, 10, 6);
        let (entries, others) = index.finish();
        assert_eq!((places(&entries), others), (vec![(1, 0), (0, 22), (2, 11)], 5));
    }

    #[test]
    fn duplicates_take_no_room() {
        let mut index = Index::default();
        file(&mut index, Some(1));
        let answers = FIRST_LIMIT as u64 / 2;
        for round in 0..4 {
            for key in 0..answers {
                index.add(key, round << 30 | key, 10, 7);
            }
        }
        assert!(index.entries.capacity() <= FIRST_LIMIT, "{}", index.entries.capacity());
        let (entries, others) = index.finish();
        assert_eq!((entries.len() as u64, others), (answers, 3 * answers));
        assert!(entries.iter().all(|entry| entry.offset() == entry.key));
    }

    #[test]
    fn places_beyond_all_reason_are_passed_over() {
        let mut index = Index::default();
        index.add(1, 0, 1, 1);
        file(&mut index, None);
        index.add(2, 1 << 40, 1, 1);
        index.add(3, (1 << 40) - 1, u64::MAX, u64::MAX);
        let (entries, others) = index.finish();
        assert_eq!((places(&entries), others), (vec![(0, (1 << 40) - 1)], 0));
        assert_eq!(entries[0].length(), u64::from(u32::MAX));
    }
}
