//! In a real terminal: setup and uninstall get it, also when standard input is the script itself.

use std::process::Command;

use expectrl::{Eof, Expect, Session};

use super::bed::{Bed, DASH, tool};

/// Runs `text` under dash in a terminal of its own, to its end; gives back what was on the screen.
fn in_a_terminal(bed: &Bed, text: &str) -> String {
    let mut command = Command::new(tool("dash", "dash"));
    command
        .args(["-c", text])
        .env_clear()
        .env("HOME", bed.home())
        .env("PATH", std::env::var("PATH").unwrap())
        .env("TMPDIR", bed.path("tmp"))
        .env("SCRIPT", bed.script())
        .env("BEDROCKUP_BASE_URL", format!("file://{}", bed.path("mirror").display()))
        .current_dir(bed.path("work"));
    let mut session = Session::spawn(command).unwrap();
    let seen = session.expect(Eof).unwrap();
    String::from_utf8_lossy(seen.as_bytes()).into_owned()
}

#[test]
fn setup_starts_with_the_terminal_as_its_input() {
    let bed = Bed::new();
    let seen = in_a_terminal(&bed, "dash \"$SCRIPT\" -- --region eu-west-1");
    assert!(seen.contains("Starting "), "{seen}");
    assert_eq!(bed.calls(), "<setup><--region><eu-west-1> on a terminal\n");
}

#[test]
fn setup_gets_the_terminal_when_the_script_comes_through_a_pipe() {
    let bed = Bed::new();
    let seen = in_a_terminal(&bed, "cat \"$SCRIPT\" | dash -s -- --quiet");
    assert_eq!(bed.calls(), "<setup> on a terminal\n", "{seen}");
}

#[test]
fn no_setup_is_obeyed_in_a_terminal() {
    let bed = Bed::new();
    let seen = in_a_terminal(&bed, "dash \"$SCRIPT\" --no-setup --no-modify-path");
    assert!(seen.contains("To set Claude Code up: "), "{seen}");
    assert_eq!(bed.calls(), "");
}

#[test]
fn uninstall_lets_the_program_ask() {
    let bed = Bed::new();
    let before = bed.trees();
    bed.run(&DASH, &["--quiet"]).exits(0);
    in_a_terminal(&bed, "cat \"$SCRIPT\" | dash -s -- --uninstall");
    assert_eq!(bed.calls(), "<uninstall> on a terminal\n");
    assert_eq!(bed.trees(), before);
}
