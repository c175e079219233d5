//! Each answer once, whichever lines and files hold it.

mod answers;
mod hostile;
mod shapes;
mod splits;
mod threads;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::read::{self, Manner};
use super::{BUFFER, Span, Summary};

/// When the lines of these tests were written, unless they say otherwise.
pub const NOW: &str = "2026-11-25T10:32:02.102Z";

/// A line of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// `message.id`.
    pub id: &'a str,
    /// `requestId`.
    pub request: Option<&'a str>,
    /// `timestamp`.
    pub time: &'a str,
    /// `output_tokens`.
    pub output: u64,
    /// `sessionId`.
    pub session: &'a str,
    /// Text of the block.
    pub text: &'a str,
    /// As a client writes it that waits for the end.
    pub is_final: bool,
}

impl<'a> Block<'a> {
    /// A line of this message.
    pub fn of(id: &'a str) -> Self {
        Self { id, request: Some("request"), time: NOW, output: 7, session: "s", text: "hi", is_final: false }
    }

    /// The line as JSON.
    pub fn json(&self) -> Value {
        let mut line = json!({
            "parentUuid": null, "isSidechain": false,
            "message": {
                "model": "claude-opus-5-5", "id": self.id, "type": "message", "role": "assistant",
                "content": [{ "type": "text", "text": self.text }],
                "stop_reason": self.is_final.then_some("end_turn"),
                "usage": { "input_tokens": 1, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 100, "output_tokens": self.output },
            },
            "requestId": self.request, "type": "assistant", "timestamp": self.time, "cwd": "/work", "sessionId": self.session, "version": "2.1.330",
        });
        if self.is_final {
            line["apiBlockIndex"] = json!(0);
        }
        line
    }
}

impl std::fmt::Display for Block<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.json().fmt(out)
    }
}

/// A configuration directory with these files below `projects`.
pub fn home(files: &[(&str, String)]) -> TempDir {
    let home = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = home.path().join("projects").join(name);
        fs::create_dir_all(path.parent().expect("a file is in a directory")).expect("directories");
        fs::write(path, text).expect("room");
    }
    home
}

/// What was told of each answer: id, output, session.
type Told = Vec<(String, u64, String)>;

fn told(home: &Path) -> (Told, Summary) {
    told_with(BUFFER, home, Span::default())
}

fn told_with(buffer: usize, home: &Path, span: Span) -> (Told, Summary) {
    let mut told = Vec::new();
    let manner = Manner { threads: 2, buffer, piece: 700 };
    let summary = read::read(manner, &[home.to_owned()], span, &mut |turn| {
        told.push((turn.message_id.clone().into_owned(), turn.usage.output, turn.session.clone().into_owned()));
    });
    assert_eq!(summary.answers, told.len() as u64);
    (told, summary)
}

#[test]
fn the_final_number_counts_whichever_line_has_it() {
    let block = Block::of("m");
    for outputs in [[1, 5, 300], [300, 1, 5], [5, 300, 1]] {
        let lines: Vec<String> = outputs.iter().map(|&output| Block { output, ..block }.to_string()).collect();
        let home = home(&[("p/a.jsonl", lines.join("\n{\"type\":\"user\"}\n"))]);
        let (told, summary) = told(home.path());
        assert_eq!(told, [("m".to_owned(), 300, "s".to_owned())], "{outputs:?}");
        assert_eq!((summary.repeated, summary.broken), (2, 0));
    }
}

#[test]
fn the_pair_of_ids_makes_an_answer() {
    let of = |request| Block { request, ..Block::of("m") }.to_string();
    let lines = [of(Some("a")), of(Some("b")), of(None), of(Some("a")), Block::of("n").to_string()];
    assert_eq!(told(home(&[("p/a.jsonl", lines.join("\n"))]).path()).0.len(), 4);
}

/// Both ways of the reader: what is settled at once, and what is only settled when all was read.
#[test]
fn a_copy_belongs_to_the_file_that_began_first() {
    for is_final in [false, true] {
        let original = Block { is_final, ..Block::of("m") };
        let copy = Block { session: "fork", ..original };
        let begin = |time: &str| format!("{{\"type\":\"queue-operation\",\"timestamp\":\"{time}\"}}\n");
        let files = [
            ("p/a-fork.jsonl", begin("2026-11-25T11:00:00.000Z") + &format!("{copy}\n")),
            ("p/b-original.jsonl", begin("2026-11-25T10:00:00.000Z") + &format!("{original}\n{original}\n")),
        ];
        let (told, summary) = told(home(&files).path());
        assert_eq!(told, [("m".to_owned(), 7, "s".to_owned())]);
        assert_eq!(summary.repeated, 2);
        // Where the client says which session asked, that one counts, also when only the copy is left.
        let mut copy = copy.json();
        copy["requestSessionId"] = json!("s");
        let (told, _) = self::told(home(&[("p/a.jsonl", copy.to_string())]).path());
        assert_eq!(told, [("m".to_owned(), 7, "s".to_owned())]);
    }
}

#[test]
fn a_final_line_beats_an_older_one_that_is_not() {
    let early = Block { output: 1, ..Block::of("m") };
    let last = Block { output: 300, is_final: true, session: "t", ..Block::of("m") };
    for files in [[early, last], [last, early]] {
        let files = files.map(|block| format!("{block}\n"));
        let home = home(&[("p/a.jsonl", files[0].clone()), ("p/b.jsonl", files[1].clone())]);
        let (told, summary) = told(home.path());
        assert_eq!((told, summary.repeated), (vec![("m".to_owned(), 300, "t".to_owned())], 1));
    }
}

#[test]
fn a_subagents_answer_in_a_progress_line_counts_unless_its_own_file_has_it() {
    let own = Block { output: 300, ..Block::of("m") };
    let mut embedded = json!({ "type": "assistant", "timestamp": NOW });
    let partial = Block { output: 2, ..own }.json();
    embedded["message"] = partial["message"].clone();
    embedded["requestId"] = partial["requestId"].clone();
    let progress = json!({
        "type": "progress", "data": { "type": "agent_progress", "message": embedded }, "timestamp": NOW, "cwd": "/work", "sessionId": "s",
    });
    let alone = home(&[("p/a.jsonl", format!("{progress}\n"))]);
    super::read(&[alone.path().to_owned()], Span::default(), &mut |turn| {
        assert_eq!((turn.usage.output, turn.is_sidechain, &*turn.session, &*turn.project), (2, true, "s", "/work"));
    });
    assert_eq!(told(alone.path()).0.len(), 1);
    let both = home(&[("p/a.jsonl", format!("{progress}\n")), ("p/a/subagents/agent-1.jsonl", format!("{own}\n"))]);
    assert_eq!(told(both.path()).0, [("m".to_owned(), 300, "s".to_owned())]);
}

#[test]
fn a_span_takes_its_first_moment_and_not_its_last() {
    let times =
        ["2026-11-24T23:59:59.999Z", "2026-11-25T00:00:00.000Z", "2026-11-25T23:59:59.999Z", "2026-11-26T00:00:00Z"];
    for is_final in [false, true] {
        let lines = times.map(|time| Block { time, is_final, ..Block::of(time) }.to_string());
        let home = home(&[("p/a.jsonl", lines.join("\n"))]);
        let day = |text: &str| Some(text.parse().expect("a time"));
        let within = |since, until| -> Vec<String> {
            let (told, summary) = told_with(BUFFER, home.path(), Span { since, until });
            assert_eq!(summary.repeated, 0);
            told.into_iter().map(|(id, ..)| id).collect()
        };
        let (start, end) = (day("2026-11-25T00:00:00Z"), day("2026-11-26T00:00:00Z"));
        assert_eq!(within(start, end), times[1..3]);
        assert_eq!(within(start, None), times[1..]);
        assert_eq!(within(None, end), times[..3]);
        assert_eq!(within(end, start), [""; 0]);
    }
}

#[test]
fn files_from_before_the_span_are_not_read() {
    let home =
        home(&[("p/old.jsonl", format!("{}\n", Block::of("m"))), ("p/new.jsonl", format!("{}\n", Block::of("n")))]);
    let path: PathBuf = home.path().join("projects/p/old.jsonl");
    let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    fs::File::options().append(true).open(path).and_then(|file| file.set_modified(long_ago)).expect("an older file");
    let span = Span { since: Some("2025-01-01T00:00:00Z".parse().expect("a time")), until: None };
    let (told, summary) = told_with(BUFFER, home.path(), span);
    assert_eq!((told.len(), summary.files), (1, 1));
    assert_eq!(self::told(home.path()).1.files, 2);
}
