//! The sandbox and the bounded runs that every other test relies on.

use std::os::unix::fs::PermissionsExt;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::process::Command;

use super::*;
use crate::support::fake_claude::FakeClaude;
use crate::support::sandbox::Node;

#[test]
fn a_tree_tells_bytes_modes_links_and_directories_apart() {
    let home =
        Sandbox::new().file(".bashrc", b"\xff\r\n").mode(".bashrc", 0o640).dir("empty").symlink("nowhere", "dangling");
    let before = home.tree();
    assert_eq!(before[&PathBuf::from(".bashrc")], Node::File(0o640, b"\xff\r\n".to_vec()));
    assert_eq!(before[&PathBuf::from("dangling")], Node::Link("nowhere".into()));
    assert!(matches!(before[&PathBuf::from("empty")], Node::Directory(_)));
    assert_eq!(home.tree(), before);
    let changed = home.mode(".bashrc", 0o600);
    assert_ne!(changed.tree(), before, "a mode is part of what must be restored");
    changed.write(".bashrc", b"\xff\n");
    assert_eq!(changed.read(".bashrc"), b"\xff\n");
}

#[test]
fn runs_inherit_nothing_and_see_the_fake_claude_first() {
    let sandbox = Sandbox::new().env("SET", "a b").claude(&FakeClaude { version: "it's 9.9.9", ..FakeClaude::BEDROCK });
    let environment = process::run(&mut sandbox.program("/usr/bin/env"), LIMIT).exits(0).out();
    let names: Vec<&str> = environment.lines().filter_map(|line| line.split('=').next()).collect();
    assert_eq!(names, ["AWS_EC2_METADATA_DISABLED", "HOME", "LANG", "PATH", "SET", "TERM", "TMPDIR"]);
    let claude =
        |arguments: &str| process::run(sandbox.program("/bin/sh").args(["-c", &format!("claude {arguments}")]), LIMIT);
    assert_eq!(claude("--version").exits(0).out(), "it's 9.9.9\n");
    assert_eq!(claude("auth status").exits(0).json()["apiProvider"], "bedrock");
    claude("-p hello").exits(64);
    let mode = sandbox.bin().join("claude").metadata().expect("the script").permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

#[test]
fn a_run_over_its_limit_is_killed_with_its_children_and_fails_the_test() {
    let failed = catch_unwind(|| {
        process::run(Command::new("/bin/sh").args(["-c", "echo begun; sleep 600 & wait"]), Duration::from_millis(300))
    });
    let message = failed.expect_err("the limit was passed");
    let message = message.downcast_ref::<String>().expect("a message");
    assert!(message.contains("still running") && message.contains("begun"), "{message}");
}

#[test]
fn the_built_program_runs_in_the_sandbox() {
    Sandbox::new().run(["--version"]).exits(0);
}
