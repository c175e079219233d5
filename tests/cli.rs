//! The command line as people and scripts meet it: help, exit codes, completions, pages.

use crate::support::process;
use crate::support::sandbox::{RUN_LIMIT, Sandbox};

#[test]
fn alone_it_prints_help() {
    let output = Sandbox::new().run::<&str>([]);
    output.exits(0);
    assert!(output.out().contains("Usage: bedrockup"), "{output:?}");
    assert!(output.out().contains("Exit codes:"), "{output:?}");
}

#[test]
fn every_command_has_help_with_examples() {
    let sandbox = Sandbox::new();
    for command in [
        "setup",
        "doctor",
        "why",
        "verify",
        "usage",
        "alerts",
        "models",
        "explain",
        "iam",
        "uninstall",
        "completions",
        "man",
    ] {
        let output = sandbox.run([command, "--help"]);
        output.exits(0);
        assert!(output.out().contains("Examples:"), "{command}: {output:?}");
    }
}

#[test]
fn wrong_usage_is_exit_2_and_says_so_on_stderr() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["doktor"][..],
        &["doctor", "--timeout", "soon"],
        &["doctor", "--only", "nonsense"],
        &["explain", "no such text"],
        &["man", "nothing"],
    ] {
        let output = sandbox.run(arguments);
        output.exits(2);
        assert!(output.out().is_empty() && !output.err().is_empty(), "{arguments:?}: {output:?}");
    }
}

#[test]
fn a_relative_home_is_wrong_usage() {
    let output = Sandbox::new().env("HOME", "somewhere").run(["why"]);
    output.exits(2);
    assert!(output.err().contains("HOME"), "{output:?}");
}

#[test]
fn completions_are_scripts_that_their_shells_read() {
    let sandbox = Sandbox::new();
    for (shell, program, check) in [("bash", "bash", "-n"), ("zsh", "zsh", "-n"), ("fish", "fish", "--no-execute")] {
        let script = sandbox.run(["completions", shell]);
        script.exits(0);
        sandbox.write("script", &script.stdout);
        process::run(sandbox.program(program).arg(check).arg(sandbox.path("script")), RUN_LIMIT).exits(0);
    }
    for shell in ["elvish", "nushell", "powershell"] {
        assert!(sandbox.run(["completions", shell]).exits(0).out().contains("doctor"), "{shell}");
    }
}

#[test]
fn the_manual_page_is_one() {
    let page = Sandbox::new().run(["man"]);
    assert!(page.exits(0).out().starts_with(".ie"), "{page:?}");
    let page = Sandbox::new().run(["man", "doctor"]);
    assert!(page.exits(0).out().contains("timeout"), "{page:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.program("bash");
    command.args(["-c", "set -o pipefail; \"$1\" explain | head -n 1", "bash", env!("CARGO_BIN_EXE_bedrockup")]);
    process::run(&mut command, RUN_LIMIT).exits(0);
}
