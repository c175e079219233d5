//! `setup` without a terminal: flags, exit codes, JSON; and what a later line does to the block.

use std::fs;
use std::process::Stdio;

use crate::support::process;
use crate::support::sandbox::{RUN_LIMIT, Sandbox};

const SETUP: [&str; 6] = ["setup", "--yes", "--no-doctor", "--shell", "bash", "--region=us-east-1"];

fn machine() -> Sandbox {
    Sandbox::new().file(".bashrc", "alias ll='ls -l'\n").file(".profile", "[ -f ~/.bashrc ] && . ~/.bashrc\n")
}

#[test]
fn bad_input_is_exit_2_with_one_line_and_nothing_written() {
    let machine = machine();
    let before = machine.tree();
    for bad in [
        &["--region", "us-east-1; rm -rf ~"][..],
        &["--region", ""],
        &["--region", "US-EAST-1"],
        &["--region", "us-east-1", "--profile", "a\nb"],
        &["--region", "us-east-1", "--profile", ""],
        &["--region", "us-east-1", "--shell", "notashell"],
        &["--region", "us-east-1", "--pin", "opus"],
        &["--region", "us-east-1", "--pin", "gpt=us.anthropic.claude-opus-5-5"],
        &["--region", "us-east-1", "--pin", "opus=$(id)"],
        &["--region", "us-east-1", "--target", "moon"],
    ] {
        let output = machine.run([&["setup", "--yes", "--no-doctor", "--shell", "bash"], bad].concat());
        output.exits(2);
        assert!(output.out().is_empty() && output.err().contains("--"), "{bad:?}: {output:?}");
        assert_eq!(machine.tree(), before, "{bad:?}");
    }
}

#[test]
fn the_region_is_never_a_guess() {
    let machine = machine();
    let output = machine.run(["setup", "--yes", "--no-doctor", "--shell", "bash"]);
    output.exits(2);
    assert!(output.err().contains("--region"), "{output:?}");
}

#[test]
fn a_piped_yes_is_no_terminal() {
    let machine = machine();
    let before = machine.tree();
    let mut command = machine.program("bash");
    let line = "printf 'y\\ny\\ny\\n' | \"$1\" setup --region us-east-1 --shell bash";
    command.args(["-c", line, "bash", env!("CARGO_BIN_EXE_bedrockup")]).stdin(Stdio::null());
    let output = process::run(&mut command, RUN_LIMIT);
    output.exits(2);
    assert!(output.err().contains("--yes"), "{output:?}");
    assert_eq!(machine.tree(), before);
}

#[test]
fn a_dry_run_shows_the_change_and_writes_nothing() {
    let machine = machine();
    let before = machine.tree();
    let output = machine.run(["setup", "--dry-run", "--shell", "bash", "--region", "us-east-1"]);
    assert!(output.exits(0).out().contains("+export AWS_REGION=us-east-1"), "{output:?}");
    assert_eq!(machine.tree(), before);
}

#[test]
fn the_second_run_has_nothing_to_do() {
    let machine = machine();
    let before = machine.tree();
    assert!(machine.run(SETUP).exits(0).out().contains("have the values"));
    let once = machine.tree();
    let modified = |name: &str| fs::metadata(machine.path(name)).and_then(|found| found.modified()).expect("a file");
    let time = modified(".bashrc");
    for again in [&SETUP[..], &["setup", "--yes", "--no-doctor", "--shell", "bash"]] {
        assert!(machine.run(again).exits(0).out().contains("Nothing to do"));
    }
    assert_eq!(machine.tree(), once);
    assert_eq!(modified(".bashrc"), time);
    machine.run(["uninstall", "--yes"]).exits(0);
    assert_eq!(machine.tree(), before);
}

#[test]
fn the_report_is_json_on_request() {
    let machine = machine();
    let report = machine.run([&SETUP[..], &["--json"]].concat());
    let report = report.exits(0).json();
    assert_eq!(report["schema"], "bedrockup.setup/1");
    assert_eq!(report["status"], "written");
    assert_eq!(report["values"]["AWS_REGION"], "us-east-1");
    assert!(report["shells"].as_array().is_some_and(|shells| shells.len() == 3), "{report:#}");
    assert!(
        report["shells"].as_array().into_iter().flatten().all(|shell| shell["status"] == "effective"),
        "{report:#}"
    );
    let report = machine.run(["uninstall", "--yes", "--json"]);
    assert_eq!(report.exits(0).json()["status"], "removed");
}

#[test]
fn written_but_overridden_later_is_exit_1_and_says_so() {
    let machine = machine().file(".profile", "[ -f ~/.bashrc ] && . ~/.bashrc\nexport AWS_REGION=eu-west-3\n");
    let output = machine.run(SETUP);
    output.exits(1);
    assert!(output.out().contains("eu-west-3"), "{output:?}");
    let bashrc = fs::read_to_string(machine.path(".bashrc")).expect("a file");
    assert!(bashrc.contains("export AWS_REGION=us-east-1"), "the write stands: {bashrc}");
}

#[test]
fn damaged_markers_are_refused_with_their_lines() {
    let machine = machine().file(".bashrc", "a\n# >>> bedrockup >>>\nb\n");
    let before = machine.tree();
    for arguments in [&SETUP[..], &["uninstall", "--yes"]] {
        let output = machine.run(arguments);
        output.exits(4);
        assert!(output.err().contains(".bashrc:2"), "{output:?}");
        assert_eq!(machine.tree(), before);
    }
}

#[test]
fn a_directory_in_the_way_is_refused_with_the_block_for_pasting() {
    let machine = Sandbox::new().file(".bashrc/inside", "x");
    let before = machine.tree();
    let output = machine.run(SETUP);
    output.exits(4);
    assert!(output.out().contains("export AWS_REGION=us-east-1"), "{output:?}");
    assert_eq!(machine.tree(), before);
}

#[test]
fn values_that_other_tools_use_are_warned_about() {
    let machine = machine().env("AWS_REGION", "ap-south-1");
    let output = machine.run(SETUP);
    assert!(output.exits(0).out().contains("--scope claude"), "{output:?}");
    let machine = machine.file(".claude/settings.json", "{\"env\": {\"AWS_REGION\": \"eu-north-1\"}}");
    let output = machine.run(["setup", "--dry-run", "--shell", "bash", "--region", "us-west-2"]);
    assert!(output.exits(0).out().contains("~/.claude/settings.json:1"), "{output:?}");
}

#[test]
fn an_unknown_profile_is_written_with_a_warning() {
    let machine = machine().file(".aws/config", "[profile known]\nregion = us-east-1\n");
    let output = machine.run([&SETUP[..], &["--profile", "it's $HOME"]].concat());
    assert!(output.exits(0).out().contains("known"), "{output:?}");
}

#[test]
fn what_a_killed_setup_remembers_goes_though_no_file_holds_a_block() {
    let machine = machine();
    let before = machine.tree();
    let (bashrc, profile) = (machine.read(".bashrc"), machine.read(".profile"));
    machine.run(SETUP).exits(0);
    machine.write(".bashrc", bashrc);
    machine.write(".profile", profile);
    machine.write("..bashrc.bedrockup-new", "half a fi");
    machine.run(["uninstall", "--yes"]).exits(0);
    assert_eq!(machine.tree(), before);
    let again = machine.run(["uninstall", "--yes"]).exits(0).out();
    assert!(again.contains("Nothing to do"), "{again}");
}

#[test]
fn a_refusal_is_a_document_too() {
    let machine = machine();
    machine.write(".bashrc", "# >>> bedrockup >>>\n");
    for (arguments, schema) in [
        (&[&SETUP[..], &["--json"]].concat()[..], "bedrockup.setup/1"),
        (&["uninstall", "--yes", "--json"], "bedrockup.uninstall/1"),
    ] {
        let output = machine.run(arguments);
        output.exits(4);
        let document: serde_json::Value = serde_json::from_str(&output.out()).expect("one JSON document");
        assert_eq!(document["schema"], schema);
        assert_eq!(document["status"], "refused");
        assert!(document["reason"].as_str().is_some_and(|reason| reason.contains(".bashrc:1")), "{document}");
    }
}
