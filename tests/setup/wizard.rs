//! The wizard in a real terminal: Enter is always right, and stopping leaves nothing behind.

use std::process::Stdio;
use std::time::Duration;

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect, Session};

use crate::support::fake_aws::FakeAws;
use crate::support::sandbox::{Node, Sandbox};

const HIDE_CURSOR: &str = "\x1b[?25l";
const SHOW_CURSOR: &str = "\x1b[?25h";

/// A machine with two profiles, of which one reaches the fake, and stock bash files.
fn machine(aws: &FakeAws) -> Sandbox {
    let (id, secret) = crate::support::fake_aws::account::GOOD_KEY;
    Sandbox::new()
        .endpoint(aws)
        .env("TERM", "xterm-256color")
        .env("SHELL", "/bin/bash")
        .file(".bashrc", "alias ll='ls -l'\n")
        .file(".profile", "[ -f ~/.bashrc ] && . ~/.bashrc")
        .file(".aws/config", "[default]\nregion = us-west-2\n[profile work]\nregion = eu-central-1\n")
        .file(".aws/credentials", format!("[work]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"))
}

/// The wizard, started in a terminal of its own.
fn start(machine: &Sandbox) -> OsSession {
    let mut command = machine.command(["setup", "--shell", "bash", "--no-doctor"]);
    command.stdin(Stdio::inherit()); // The terminal, which the session puts in place.
    let mut session = Session::spawn(command).expect("a terminal");
    session.set_expect_timeout(Some(Duration::from_secs(30)));
    session
}

/// Waits for the end; gives back the exit code and everything that was printed since the last question.
fn end(mut session: OsSession) -> (i32, String) {
    let rest = session.expect(Eof).expect("the wizard ends");
    let text = String::from_utf8_lossy(rest.as_bytes()).into_owned();
    match session.get_process().wait().expect("an exit status") {
        WaitStatus::Exited(_, code) => (code, text),
        other => panic!("ended by {other:?}: {text}"),
    }
}

fn cursor_is_visible(text: &str) -> bool {
    match (text.rfind(HIDE_CURSOR), text.rfind(SHOW_CURSOR)) {
        (Some(hidden), Some(shown)) => shown > hidden,
        (Some(_), None) => false,
        _ => true,
    }
}

#[test]
fn enter_at_every_question_sets_the_machine_up() {
    let aws = FakeAws::start();
    let machine = machine(&aws).env("AWS_PROFILE", "work");
    let before = machine.tree();
    let mut session = start(&machine);
    for question in ["Credentials", "Region", "Models", "Write"] {
        session.expect(question).unwrap_or_else(|error| panic!("{question}: {error}"));
        session.send("\r").expect("Enter");
    }
    let (code, text) = end(session);
    assert_eq!(code, 0, "{text}");
    assert!(cursor_is_visible(&text), "{text:?}");
    let Some(Node::File(_, bytes)) = machine.tree().remove(std::path::Path::new(".bashrc")) else {
        panic!("no .bashrc")
    };
    let bashrc = String::from_utf8_lossy(&bytes).into_owned();
    assert!(bashrc.contains("export AWS_REGION=eu-central-1"), "the region is the profile's: {bashrc}");
    assert!(bashrc.contains("export AWS_PROFILE=work"), "{bashrc}");
    machine.run(["uninstall", "--yes"]).exits(0);
    assert_eq!(machine.tree(), before);
}

/// Stops at each question in turn, in one way; nothing may be left of it.
#[track_caller]
fn stopping_leaves_nothing(stop: impl Fn(&mut OsSession)) {
    let aws = FakeAws::start();
    let machine = machine(&aws);
    let before = machine.tree();
    let questions = ["Credentials", "Region", "Write"];
    for at in 0..questions.len() {
        let mut session = start(&machine);
        for (number, question) in questions.iter().enumerate().take(at + 1) {
            session.expect(question).unwrap_or_else(|error| panic!("{question}: {error}"));
            if number < at {
                session.send("\r").expect("Enter");
            }
        }
        stop(&mut session);
        let (code, text) = end(session);
        assert_eq!(code, 130, "stopped at {}: {text}", questions[at]);
        assert!(cursor_is_visible(&text), "stopped at {}: {text:?}", questions[at]);
        assert_eq!(machine.tree(), before, "stopped at {}", questions[at]);
    }
}

#[test]
fn escape_leaves_nothing_behind() {
    stopping_leaves_nothing(|session| session.send(ControlCode::Escape).expect("Esc"));
}

#[test]
fn control_c_leaves_nothing_behind() {
    stopping_leaves_nothing(|session| session.send(ControlCode::EndOfText).expect("Ctrl-C"));
}

#[test]
fn no_at_the_end_leaves_nothing_behind() {
    stopping_leaves_nothing(|session| {
        // At a list, `n` searches or does nothing, so it is stopped by Esc; at the last question it is the answer.
        session.send("n").expect("n");
        session.send(ControlCode::Escape).expect("Esc");
    });
}
