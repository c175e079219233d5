//! However many threads read, and whatever happens to some files, the others say the same in the same order.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;

use super::super::read::{self, Manner};
use super::{Block, Span, Summary, home};

/// What was told of an answer: id, output, session, file, offset.
type Told = (String, u64, String, PathBuf, u64);

fn read_with(manner: Manner, home: &Path) -> (Vec<Told>, Summary) {
    let mut told = Vec::new();
    let summary = read::read(manner, &[home.to_owned()], Span::default(), &mut |turn| {
        let (id, session) = (turn.message_id.to_string(), turn.session.to_string());
        told.push((id, turn.usage.output, session, turn.file.to_owned(), turn.offset));
    });
    (told, summary)
}

/// The same, read the simple way: all lines at once and as JSON, from the file that began first.
fn plainly(home: &Path, files: &[(String, String)]) -> Vec<Told> {
    let begun = |text: &str| {
        let mut times =
            text.lines().filter_map(|line| Some(serde_json::from_str::<Value>(line).ok()?["timestamp"].to_string()));
        times.next().unwrap_or_else(|| "~".to_owned())
    };
    let mut files: Vec<_> = files.iter().map(|(name, text)| (home.join("projects").join(name), text)).collect();
    files.sort_by_key(|(path, text)| (begun(text), path.clone()));
    let (mut settled, mut open) = (Vec::<(String, Told)>::new(), Vec::<(String, Told)>::new());
    for (path, text) in files {
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            if let Ok(value) = serde_json::from_str::<Value>(line)
                && value["type"] == "assistant"
            {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let (message, session) = (&value["message"], text(&value["sessionId"]));
                let key = format!("{} {}", message["id"], value["requestId"]);
                let output = message["usage"]["output_tokens"].as_u64().unwrap_or_default();
                let told = (text(&message["id"]), output, session, path.clone(), offset);
                let is_settled = settled.iter().any(|(known, _)| *known == key);
                if !value["apiBlockIndex"].is_null() && message["stop_reason"].is_string() {
                    if !is_settled {
                        settled.push((key, told));
                    }
                } else {
                    open.push((key, told));
                }
            }
            offset += line.len() as u64;
        }
    }
    let mut best: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, (key, told)) in open.iter().enumerate() {
        let place = best.entry(key).or_insert(number);
        if told.1 > open[*place].1.1 {
            *place = number;
        }
    }
    let mut last: Vec<usize> =
        best.into_iter().filter(|(key, _)| settled.iter().all(|(known, _)| known != key)).map(|(_, at)| at).collect();
    last.sort_unstable();
    let settled = settled.iter().map(|(_, told)| told.clone());
    settled.chain(last.into_iter().map(|at| open[at].1.clone())).collect()
}

/// Files that share answers: of each line the answer, its output, whether it is final, and the length of its text.
type Lines = Vec<(usize, u64, bool, usize)>;

fn texts(files: &[(u8, Lines)]) -> Vec<(String, String)> {
    let text = |(number, (hour, lines)): (usize, &(u8, Lines))| {
        let session = format!("s{number}");
        let time = format!("2026-11-25T{hour:02}:00:00.000Z");
        let line = |(answer, output, is_final, length): &(usize, u64, bool, usize)| {
            let (id, text) = (format!("msg_bdrk_{answer}"), "x\"\n".repeat(*length));
            let output = if *is_final { 100 + *answer as u64 } else { *output };
            let block =
                Block { output, is_final: *is_final, text: &text, session: &session, time: &time, ..Block::of(&id) };
            format!("{block}\n{{\"type\":\"user\",\"message\":{{\"role\":\"user\"}}}}\n")
        };
        (format!("p{}/{number}.jsonl", number % 3), lines.iter().map(line).collect())
    };
    files.iter().enumerate().map(text).collect()
}

fn write(files: &[(String, String)]) -> tempfile::TempDir {
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    home(&files)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn any_number_of_threads_tells_what_the_simple_way_tells(
        files in proptest::collection::vec(
            (0..20_u8, proptest::collection::vec((0..30_usize, 0..50_u64, any::<bool>(), 0..200_usize), 0..15)),
            1..12,
        ),
        threads in 1..6_usize,
        piece in prop_oneof![1..100_u64, 100..5000_u64],
        buffer in prop_oneof![20..500_usize, Just(1 << 16)],
    ) {
        let files = texts(&files);
        let home = write(&files);
        let expected = plainly(home.path(), &files);
        let (told, summary) = read_with(Manner { threads, buffer, piece }, home.path());
        prop_assert_eq!(&told, &expected);
        let length: usize = files.iter().map(|(_, text)| text.len()).sum();
        let lines: usize = files.iter().map(|(_, text)| text.matches("\"assistant\",").count() / 2).sum();
        prop_assert_eq!((summary.files, summary.bytes), (files.len() as u64, length as u64));
        prop_assert_eq!((summary.answers, summary.broken, summary.unreadable), (expected.len() as u64, 0, vec![]));
        prop_assert_eq!(summary.answers + summary.repeated, lines as u64);
    }
}

/// Forty files with twenty answers each, of which the next file repeats five.
fn many() -> Vec<(String, String)> {
    let lines =
        |file: usize| (0..20).map(|line| (file * 15 + line, line as u64, file.is_multiple_of(2), line * 7)).collect();
    texts(&(0..40).map(|file| (file as u8 / 2, lines(file))).collect::<Vec<_>>())
}

const MANNER: Manner = Manner { threads: 4, buffer: 4096, piece: 3000 };

#[test]
fn files_that_go_and_grow_while_others_are_read_take_nothing_from_them() {
    let files = many();
    let home = write(&files);
    let projects = home.path().join("projects");
    let (gone, grown) = (projects.join(&files[39].0), projects.join(&files[38].0));
    let expected = plainly(home.path(), &files[..39]);
    let new = Block { session: "new", ..Block::of("msg_bdrk_new") }.to_string();
    let mut told = Vec::new();
    // One thread alone: then it is known what was read when the first answer comes.
    let manner = Manner { threads: 1, ..MANNER };
    let summary = read::read(manner, &[home.path().to_owned()], Span::default(), &mut |turn| {
        if told.is_empty() {
            fs::remove_file(&gone).expect("it was there");
            let mut file = OpenOptions::new().append(true).open(&grown).expect("a file");
            write!(file, "{new}\n{}", &new[..new.len() / 2]).expect("room");
        }
        told.push((turn.message_id.to_string(), turn.usage.output));
    });
    let mut expected: Vec<_> = expected.into_iter().map(|(id, output, ..)| (id, output)).collect();
    expected.push(("msg_bdrk_new".to_owned(), 7));
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
    assert_eq!((summary.files, summary.broken), (39, 0));
    assert_eq!(summary.unreadable, [(gone, "no such file or directory".to_owned())]);
}

#[test]
fn a_file_that_others_write_meanwhile_is_read_line_by_line() {
    let files = many();
    let home = write(&files);
    let expected = plainly(home.path(), &files);
    let path = home.path().join("projects").join(&files[39].0);
    let (told, summary) = std::thread::scope(|scope| {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || {
            let mut file: File = OpenOptions::new().append(true).open(path).expect("a file");
            for number in 0.. {
                writeln!(file, "{}", Block::of(&format!("new_{number}"))).expect("room");
                if stopped.try_recv() != Err(std::sync::mpsc::TryRecvError::Empty) {
                    break;
                }
            }
        });
        let read = read_with(MANNER, home.path());
        drop(stop);
        read
    });
    let (mut new, old): (Vec<Told>, Vec<Told>) = told.into_iter().partition(|(id, ..)| id.starts_with("new"));
    assert_eq!(old, expected);
    let count = new.len();
    new.dedup_by(|one, other| one.0 == other.0);
    assert_eq!(new.len(), count);
    assert_eq!((summary.files, summary.broken, summary.unreadable), (40, 0, vec![]));
}

#[test]
fn a_file_of_many_pieces_that_cannot_be_read_is_named_once() {
    let files = many();
    let home = write(&files);
    let path = home.path().join("projects").join(&files[20].0);
    let others: Vec<_> = files.iter().filter(|(name, _)| *name != files[20].0).cloned().collect();
    let expected = plainly(home.path(), &others).len();
    // A directory takes its place when the first answer comes.
    let mut told = 0;
    let manner = Manner { threads: 1, piece: 500, ..MANNER };
    let summary = read::read(manner, &[home.path().to_owned()], Span::default(), &mut |_| {
        if told == 0 {
            fs::remove_file(&path).and_then(|()| fs::create_dir(&path)).expect("it was there");
        }
        told += 1;
    });
    assert_eq!(summary.unreadable, [(path, "it is no regular file".to_owned())]);
    assert_eq!((told, summary.files), (expected, 39));
}
