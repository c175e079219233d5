//! Files as crashes, other tools and strange people leave them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use super::super::directories;
use super::{BUFFER, Block, Span, home, told, told_with};
use crate::world::{Clock, Env, Terminal, User, World};

fn whole(id: &str) -> String {
    format!("{}\n", Block::of(id))
}

#[test]
fn what_is_no_answer_leaves_the_others_exact() {
    let line = whole("m");
    let garbage: [(&str, Vec<u8>, u64); 14] = [
        ("nothing", b"".to_vec(), 0),
        ("line breaks", b"\n\r\n\n".to_vec(), 0),
        ("text", b"This is the \"assistant\" of another tool\n".to_vec(), 1),
        ("another tool's lines", b"{\"role\":\"assistant\",\"content\":\"hi\"}\n[\"assistant\"]\n".to_vec(), 1),
        ("half a line", [&line.as_bytes()[..line.len() / 2], b"\n"].concat(), 1),
        (
            "half a line, and a whole one in its place",
            [&line.as_bytes()[..line.len() / 2], line.as_bytes()].concat(),
            1,
        ),
        ("a line without its last bracket", [&line.as_bytes()[..line.len() - 2], b"\n"].concat(), 1),
        ("zeros", vec![0; 5000], 0),
        ("zeros in a line", line.replace("\"type\":\"assistant\"", "\"type\":\"assistant\"\0").into_bytes(), 1),
        ("no UTF-8", [&b"\xff\xfe\"assistant\"\x80\n"[..], b"{\"assistant\":\"\xff\"}\n"].concat(), 1),
        ("brackets", format!("{}\"assistant\"\n", "[{".repeat(100_000)).into_bytes(), 1),
        ("a key without end", format!("{{\"assistant\",\"{}\n", "k".repeat(1_000_000)).into_bytes(), 1),
        ("only a name", b"\"assistant\"\n".to_vec(), 1),
        ("a line of another kind", b"{\"type\": \"assistant\", \"message\": [1]}\n".to_vec(), 0),
    ];
    for (what, bytes, broken) in garbage {
        let text = [whole("first").as_bytes(), &bytes, b"\n", whole("last").as_bytes()].concat();
        for buffer in [64, 1000, BUFFER] {
            let home = home(&[("p/a.jsonl", String::new()), ("p/b.jsonl", whole("other"))]);
            fs::write(home.path().join("projects/p/a.jsonl"), &text).expect("room");
            let (mut told, summary) = told_with(buffer, home.path(), Span::default());
            told.sort();
            let ids: Vec<&str> = told.iter().map(|(id, ..)| id.as_str()).collect();
            assert_eq!(ids, ["first", "last", "other"], "{what}, buffer of {buffer}");
            assert_eq!((summary.broken, summary.unreadable), (broken, vec![]), "{what}, buffer of {buffer}");
        }
    }
}

#[test]
fn a_crash_before_a_line_does_not_hide_it() {
    let home = home(&[("p/a.jsonl", format!("{}{}", "\0".repeat(4096), whole("m")))]);
    assert_eq!(told(home.path()).0.len(), 1);
}

#[test]
fn spaces_and_carriage_returns_are_read_as_well() {
    let pretty = serde_json::to_string_pretty(&Block::of("m").json()).expect("JSON").replace('\n', " ");
    assert!(pretty.contains("\"type\": \"assistant\""));
    let (told, summary) = told(home(&[("p/a.jsonl", format!("{pretty}\r\n{}\r\n", Block::of("n")))]).path());
    assert_eq!((told.len(), summary.broken), (2, 0));
}

#[test]
fn a_last_line_counts_when_it_is_whole_and_is_no_error_when_it_is_not() {
    let text = Block::of("m").to_string();
    for end in [0, 1, text.len() / 2, text.len() - 1, text.len()] {
        let (told, summary) = told(home(&[("p/a.jsonl", whole("first") + &text[..end])]).path());
        assert_eq!((told.len(), summary.broken), (1 + usize::from(end == text.len()), 0), "{end}");
    }
}

#[test]
fn lines_of_any_length_count() {
    let long = "say \"hi\" {[ \\ ".repeat(70_000);
    let block = Block { text: &long, ..Block::of("long") };
    let mut many_blocks = Block::of("blocks").json();
    many_blocks["message"]["content"] = (0..50_000).map(|_| serde_json::json!({ "type": "text" })).collect();
    let text = format!("{}{block}\n{}{block}\n{many_blocks}\n{}", whole("a"), whole("b"), whole("c"));
    assert!(text.len() > 10 * BUFFER);
    let (told, summary) = told(home(&[("p/a.jsonl", text)]).path());
    let ids: Vec<&str> = told.iter().map(|(id, ..)| id.as_str()).collect();
    assert_eq!(ids, ["a", "long", "b", "blocks", "c"]);
    assert_eq!((summary.repeated, summary.broken), (1, 0));
}

#[test]
fn numbers_of_any_size_are_read() {
    let line = whole("m").replace("\"output_tokens\":7", "\"output_tokens\":1e99");
    assert_eq!(told(home(&[("p/a.jsonl", line)]).path()).0[0].1, u64::MAX);
}

#[test]
fn links_lead_to_each_file_once() {
    let elsewhere = home(&[("q/b.jsonl", whole("b"))]);
    let home = home(&[("p/a.jsonl", whole("a")), ("p/s/x.jsonl", whole("x"))]);
    let projects = home.path().join("projects");
    for (target, link) in [
        (PathBuf::from(".."), "p/loop"),
        (PathBuf::from("."), "self"),
        (PathBuf::from("p"), "p-again"),
        (PathBuf::from("a.jsonl"), "p/again.jsonl"),
        (PathBuf::from("nowhere"), "p/dangling.jsonl"),
        (PathBuf::from("circle.jsonl"), "p/circle.jsonl"),
        (elsewhere.path().join("projects/q"), "linked-project"),
        (elsewhere.path().to_owned(), "p/s/linked-further-down"),
    ] {
        symlink(target, projects.join(link)).expect("a link");
    }
    fs::hard_link(projects.join("p/a.jsonl"), projects.join("p/hard.jsonl")).expect("a hard link");
    let (mut told, summary) = told(home.path());
    told.sort();
    let ids: Vec<&str> = told.iter().map(|(id, ..)| id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "x"]);
    assert_eq!((summary.files, summary.unreadable), (3, vec![]));
}

#[test]
fn what_cannot_be_read_is_named_and_nothing_waits() {
    let home = home(&[("p/a.jsonl", whole("a")), ("closed/b.jsonl", whole("b")), ("p/notes.txt", whole("c"))]);
    let projects = home.path().join("projects");
    nix::unistd::mkfifo(&projects.join("p/fifo.jsonl"), nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
    let sparse = fs::File::create(projects.join("p/sparse.jsonl")).expect("a file");
    sparse.set_len(1 << 40).expect("a sparse file");
    fs::set_permissions(projects.join("closed"), fs::Permissions::from_mode(0o000)).expect("a mode");
    let (told, summary) = told(home.path());
    fs::set_permissions(projects.join("closed"), fs::Permissions::from_mode(0o700)).expect("a mode");

    let mut expected = vec![
        (projects.join("p/fifo.jsonl"), "it is no regular file".to_owned()),
        (projects.join("p/sparse.jsonl"), "it is larger than 64 GB".to_owned()),
    ];
    // Root is refused nothing.
    let is_root = nix::unistd::geteuid().is_root();
    if !is_root {
        expected.insert(0, (projects.join("closed"), "permission denied".to_owned()));
    }
    let mut unreadable = summary.unreadable;
    unreadable.sort();
    assert_eq!(unreadable, expected);
    assert_eq!(told.len(), 1 + usize::from(is_root));
}

#[test]
fn no_directory_is_no_error() {
    let empty = tempfile::tempdir().expect("a temporary directory");
    assert_eq!(told(empty.path()), Default::default());
    fs::write(empty.path().join("projects"), "a file").expect("room");
    assert_eq!(told(empty.path()).1.answers, 0);
}

#[test]
fn directories_are_the_configured_one_and_that_of_older_clients() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let mut world = World {
        env: Env::default(),
        home: place.path().to_owned(),
        directory: place.path().to_owned(),
        system_root: place.path().to_owned(),
        user: User { uid: 1, gid: 1, name: None, home: None, shell: None },
        terminal: Terminal::default(),
        clock: Clock::System,
    };
    assert_eq!(directories(&world), [place.path().join(".claude")]);
    let older = place.path().join(".config/claude");
    fs::create_dir_all(older.join("projects")).expect("directories");
    assert_eq!(directories(&world), [place.path().join(".claude"), older]);
    let moved = place.path().join("xdg/claude");
    fs::create_dir_all(moved.join("projects")).expect("directories");
    world.env.set("XDG_CONFIG_HOME", place.path().join("xdg").display().to_string());
    assert_eq!(directories(&world), [place.path().join(".claude"), moved]);
    world.env.set("CLAUDE_CONFIG_DIR", "/elsewhere");
    assert_eq!(directories(&world), [PathBuf::from("/elsewhere")]);
}
