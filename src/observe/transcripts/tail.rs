//! Follows the transcripts: the answers that have come since the last look.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use bstr::ByteSlice;
use jiff::Timestamp;

use super::batch::Batch;
use super::files::{self, Source};
use super::line;
use super::lines::Lines;
use super::shape::Shapes;
use super::{BUFFER, Turn};
use crate::observe::file;

/// Where in each file the reading goes on. A look costs one call per file, and reads nothing where nothing was written.
pub struct Tail {
    directories: Vec<PathBuf>,
    since: Timestamp,
    lines: Lines,
    shapes: Shapes,
    keys: RandomState,
    told: HashSet<u64>,
    positions: HashMap<PathBuf, Position>,
}

/// How far a file was read.
#[derive(Debug, Clone, Copy)]
struct Position {
    /// The file's identity: another one may have taken its place.
    id: (u64, u64),
    /// Its length at that time.
    length: u64,
    /// Where the first line starts that was not whole then; `None` when nobody has looked yet.
    next: Option<u64>,
}

impl Tail {
    /// Follows what is written from now on. Older answers that somebody copies into a new file (a forked session) are not told.
    pub fn new(directories: &[PathBuf], now: Timestamp) -> Self {
        let sources = files::list(directories, &mut Vec::new());
        let position = |source: Source| {
            let Source { path, id, length, .. } = source;
            (path, Position { id, length, next: None })
        };
        Self {
            directories: directories.to_owned(),
            since: now,
            lines: Lines::new(BUFFER),
            shapes: Shapes::default(),
            keys: RandomState::new(),
            told: HashSet::new(),
            positions: sources.into_iter().map(position).collect(),
        }
    }

    /// Calls `each` for every answer that has come since the last look, with the first line of it that is whole; returns what cannot be read.
    ///
    /// Each answer is told once: its tokens are final where [`Turn::is_complete`] says so.
    pub fn poll(&mut self, each: &mut dyn FnMut(&Turn<'_>)) -> Vec<(PathBuf, String)> {
        let mut unreadable = Vec::new();
        let mut positions = HashMap::new();
        for source in files::list(&self.directories, &mut unreadable) {
            let known = self.positions.get(&source.path).copied().filter(|known| known.id == source.id);
            let position = match known {
                Some(known) if known.length == source.length => Ok(known),
                // A shorter file was written anew.
                known => self.read(&source, known.filter(|known| known.length < source.length), each),
            };
            match position {
                Ok(position) => {
                    positions.insert(source.path, position);
                }
                Err(error) => {
                    unreadable.push((source.path.clone(), file::reason(&error)));
                    positions.extend(known.map(|known| (source.path, known)));
                }
            }
        }
        self.positions = positions;
        unreadable
    }

    /// Reads a file from where it was left.
    fn read(
        &mut self,
        source: &Source,
        known: Option<Position>,
        each: &mut dyn FnMut(&Turn<'_>),
    ) -> io::Result<Position> {
        let file = source.open()?;
        let (from, since) = match known {
            None => (0, self.since),
            // What is appended is new, though its time is that of a block and not of the write.
            Some(Position { next: Some(next), .. }) => (next, Timestamp::MIN),
            Some(Position { length, .. }) => (line_start(&file, length)?, Timestamp::MIN),
        };
        let Self { lines, shapes, keys, told, .. } = self;
        let scanned = lines.scan(&file, from, u64::MAX, &mut |candidate| {
            let Ok(Some(answer)) = line::read(shapes, candidate.bytes) else {
                return;
            };
            let is_new = candidate.is_whole && answer.at().is_some_and(|at| at >= since);
            let key = keys.hash_one(answer.key());
            if is_new && told.insert(key) {
                let mut batch = Batch::default();
                batch.tell(&answer, key, candidate.offset);
                batch.turns(source).for_each(|turn| each(&turn));
            }
        })?;
        Ok(Position { id: source.id, length: from + scanned.bytes, next: Some(scanned.next) })
    }
}

/// The start of the line that goes on at an offset.
fn line_start(file: &File, offset: u64) -> io::Result<u64> {
    let mut piece = [0; 4096];
    let mut end = offset;
    while end > 0 {
        let start = end.saturating_sub(piece.len() as u64);
        let before = &mut piece[..(end - start) as usize];
        match file.read_exact_at(before, start) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
            Err(error) => return Err(error),
        }
        if let Some(last) = before.rfind_byte(b'\n') {
            return Ok(start + last as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::path::Path;

    use super::super::tests::{Block, NOW};
    use super::Tail;

    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Self {
            let home = Self(tempfile::tempdir().expect("a temporary directory"));
            fs::create_dir_all(home.0.path().join("projects/p/s/subagents")).expect("directories");
            home
        }

        fn append(&self, file: &str, text: &str) {
            let path = self.0.path().join("projects/p").join(file);
            let mut file = OpenOptions::new().append(true).create(true).open(path).expect("a file");
            file.write_all(text.as_bytes()).expect("room");
        }

        fn tail(&self) -> Tail {
            Tail::new(&[self.0.path().to_owned()], NOW.parse().expect("a time"))
        }
    }

    fn poll(tail: &mut Tail) -> Vec<String> {
        let mut ids = Vec::new();
        let unreadable = tail.poll(&mut |turn| ids.push(turn.message_id.clone().into_owned()));
        assert_eq!(unreadable, []);
        ids
    }

    fn line(id: &str) -> String {
        format!("{}\n", Block::of(id))
    }

    #[test]
    fn what_was_there_is_old_and_what_comes_is_new_once() {
        let home = Home::new();
        home.append("old.jsonl", &line("before"));
        let mut tail = home.tail();
        assert!(poll(&mut tail).is_empty());
        home.append("old.jsonl", &(line("one") + &line("one") + &line("two")));
        home.append("new.jsonl", &line("three"));
        home.append("s/subagents/agent-1.jsonl", &line("four"));
        assert_eq!(poll(&mut tail), ["three", "one", "two", "four"]);
        home.append("new.jsonl", &(line("one") + &line("three") + "{}\n" + &line("five")));
        assert_eq!(poll(&mut tail), ["five"]);
        assert!(poll(&mut tail).is_empty());
    }

    #[test]
    fn a_line_counts_when_it_is_whole_wherever_the_writer_was_when_we_came() {
        let text = line("one") + &line("two");
        for cut in (1..text.len()).step_by(13) {
            let home = Home::new();
            home.append("a.jsonl", &text[..cut]);
            let mut tail = home.tail();
            let mut seen = poll(&mut tail);
            for start in (cut..text.len()).step_by(101) {
                home.append("a.jsonl", &text[start..text.len().min(start + 101)]);
                seen.extend(poll(&mut tail));
            }
            let was_whole = text[..cut].matches('\n').count();
            assert_eq!(seen, &["one", "two"][was_whole..], "cut at {cut}");
        }
    }

    #[test]
    fn a_fork_repeats_nothing_old() {
        let home = Home::new();
        let mut tail = home.tail();
        let old = Block { time: "2026-01-01T00:00:00.000Z", ..Block::of("old") };
        home.append("fork.jsonl", &format!("{old}\n{}", line("new")));
        assert_eq!(poll(&mut tail), ["new"]);
    }

    #[test]
    fn a_file_that_another_has_replaced_is_read_from_its_start() {
        let home = Home::new();
        home.append("a.jsonl", &line("one").repeat(3));
        let mut tail = home.tail();
        let path = home.0.path().join("projects/p/a.jsonl");
        fs::write(&path, line("two")).expect("a shorter file");
        assert_eq!(poll(&mut tail), ["two"]);
        home.append("b", &(line("two").repeat(3) + &line("three")));
        fs::rename(path.with_file_name("b"), &path).expect("another file in its place");
        assert_eq!(poll(&mut tail), ["three"]);
        fs::remove_file(&path).expect("it was there");
        assert!(poll(&mut tail).is_empty());
        home.append("a.jsonl", &line("four"));
        assert_eq!(poll(&mut tail), ["four"]);
        assert!(Path::new(&path).exists());
    }
}
