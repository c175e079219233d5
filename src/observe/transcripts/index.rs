//! Which line counts for each answer: 24 bytes per answer, so that a million of them fit into memory.

use std::cmp::{Ordering, Reverse};

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
    /// With so many entries duplicates are thrown out; 0 before the first time.
    limit: usize,
}

impl Entry {
    /// The number of its file.
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
    /// Adds a line; files are numbered from the one that began first.
    pub fn add(&mut self, key: u64, file: usize, offset: u64, length: u64, output: u64) {
        let file = file as u64;
        if file >> (u64::BITS - OFFSET_BITS) != 0 || offset >> OFFSET_BITS != 0 {
            return; // a sixteen-millionth file, or a terabyte into one: no transcript
        }
        let cut = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let new = Entry { key, place: file << OFFSET_BITS | offset, output: cut(output), length: cut(length) };
        let near = self.entries.iter_mut().rev().take(NEAR).find(|old| old.key == key);
        if let Some(old) = near {
            if by_merit(&new, old).is_lt() {
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

    /// One entry per answer, by file and then in the order of its lines, without those that are known by now.
    pub fn finish(mut self, is_known: impl Fn(u64) -> bool) -> Vec<Entry> {
        self.forget_duplicates();
        self.entries.retain(|entry| !is_known(entry.key));
        self.entries.sort_unstable_by_key(|entry| entry.place);
        self.entries
    }

    fn forget_duplicates(&mut self) {
        self.entries.sort_unstable_by(|one, other| one.key.cmp(&other.key).then_with(|| by_merit(one, other)));
        self.entries.dedup_by_key(|entry| entry.key);
    }
}

/// The line that counts comes first: the one that knows most output, then that of the file that began first (the others hold copies),
/// then the first one.
fn by_merit(one: &Entry, other: &Entry) -> Ordering {
    (Reverse(one.output), one.place).cmp(&(Reverse(other.output), other.place))
}

#[cfg(test)]
mod tests {
    use super::{Entry, FIRST_LIMIT, Index};

    fn places(entries: &[Entry]) -> Vec<(usize, u64)> {
        entries.iter().map(|entry| (entry.file(), entry.offset())).collect()
    }

    #[test]
    fn the_line_with_most_output_counts_then_the_oldest_file_then_the_first_line() {
        let mut index = Index::default();
        // Key, file, offset, output; the files are not added in their order.
        let lines = [
            (1, 1, 0, 5),
            (2, 1, 11, 5),
            (3, 1, 22, 5),
            (3, 1, 33, 5),
            (4, 1, 44, 5),
            (1, 0, 0, 5),
            (2, 0, 11, 4),
            (1, 2, 0, 5),
            (2, 2, 11, 6),
        ];
        for (key, file, offset, output) in lines {
            index.add(key, file, offset, 10, output);
        }
        assert_eq!(places(&index.finish(|key| key == 4)), [(0, 0), (1, 22), (2, 11)]);
    }

    #[test]
    fn duplicates_take_no_room() {
        let mut index = Index::default();
        let answers = FIRST_LIMIT as u64 / 4;
        for round in 0..5 {
            for key in 0..answers {
                index.add(key, 0, round << 30 | key, 10, 7);
            }
        }
        assert!(index.entries.capacity() <= FIRST_LIMIT, "{}", index.entries.capacity());
        let entries = index.finish(|_| false);
        assert_eq!(entries.len() as u64, answers);
        assert!(entries.iter().all(|entry| entry.offset() == entry.key));
    }

    #[test]
    fn places_beyond_all_reason_are_passed_over() {
        let mut index = Index::default();
        index.add(1, 1 << 24, 0, 1, 1);
        index.add(2, 0, 1 << 40, 1, 1);
        index.add(3, (1 << 24) - 1, (1 << 40) - 1, u64::MAX, u64::MAX);
        let entries = index.finish(|_| false);
        assert_eq!(places(&entries), [((1 << 24) - 1, (1 << 40) - 1)]);
        assert_eq!(entries[0].length(), u64::from(u32::MAX));
    }
}
