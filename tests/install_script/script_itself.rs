//! The text of the scripts: cut anywhere they do nothing, the linters have nothing to say, and single functions.

use std::fs;
use std::process::Command;

use super::bed::{BASH, BUSYBOX, Bed, DASH, KSH, MKSH, Outcome, Shell, YASH, ZSH, in_checkout, tool};

/// Runs the first `length` bytes of the script, as a download that was cut there would.
fn run_cut(bed: &Bed, shell: &Shell, script: &[u8], length: usize) {
    fs::write(bed.script(), &script[..length]).unwrap();
    bed.run(shell, &["--yes"]);
}

#[test]
fn cut_anywhere_it_does_nothing() {
    let bed = Bed::new();
    let script = fs::read(in_checkout("install.sh")).unwrap();
    let before = bed.trees();
    let body = script.len() - 1; // without its last newline it is whole
    let spread = (0..body).step_by(body / 120);
    for length in spread.chain(body - 90..body) {
        run_cut(&bed, &DASH, &script, length);
        assert_eq!(bed.trees(), before, "cut after {length} bytes");
        assert_eq!(bed.calls(), "", "cut after {length} bytes");
    }
    // The same, whole, does install: nothing above passed for want of a mirror.
    run_cut(&bed, &DASH, &script, body);
    assert!(bed.installed().is_file());
}

#[test]
fn cut_in_its_last_line_it_does_nothing_in_any_shell() {
    let script = fs::read(in_checkout("install.sh")).unwrap();
    let last_line = script[..script.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    for shell in [&BASH, &BUSYBOX, &KSH, &MKSH, &YASH, &ZSH] {
        let bed = Bed::new();
        let before = bed.trees();
        for length in (last_line..script.len() - 1).step_by(4).chain([script.len() / 2, script.len() - 2]) {
            run_cut(&bed, shell, &script, length);
            assert_eq!(bed.trees(), before, "{:?} cut after {length} bytes", shell.argv);
        }
    }
}

#[test]
fn linters_have_nothing_to_say() {
    for (script, dialect) in [("install.sh", "sh"), ("test.sh", "bash"), (".ci/run", "bash")] {
        let mut shellcheck = Command::new(tool("shellcheck", "shellcheck"));
        shellcheck.args(["--enable=all", "-s", dialect]).arg(in_checkout(script));
        let outcome: Outcome = shellcheck.output().unwrap().into();
        assert_eq!(outcome.exits(0).stdout, "", "{script}");
        let outcome: Outcome =
            Command::new(tool("shfmt", "shfmt")).arg("-d").arg(in_checkout(script)).output().unwrap().into();
        assert_eq!(outcome.exits(0).stdout, "", "{script}");
    }
}

/// Loads the functions and runs `text` after them.
fn with_functions(bed: &Bed, text: &str) -> Outcome {
    let text = format!("BEDROCKUP_TESTING=1; . '{}'; {text}", bed.script().display());
    bed.shell(&DASH).args(["-c", &text]).output().unwrap().into()
}

#[test]
fn the_machine_decides_the_archive() {
    let bed = Bed::new();
    for (system, machine, more, target) in [
        ("Linux", "x86_64", "", "x86_64-unknown-linux-gnu"),
        ("Linux", "aarch64", "", "aarch64-unknown-linux-gnu"),
        ("Linux", "arm64", "", "aarch64-unknown-linux-gnu"),
        ("Darwin", "arm64", "", "aarch64-apple-darwin"),
        ("Darwin", "x86_64", "sysctl() { return 1; };", "x86_64-apple-darwin"),
        ("Darwin", "x86_64", "sysctl() { echo 0; };", "x86_64-apple-darwin"),
        ("Darwin", "x86_64", "sysctl() { echo 1; };", "aarch64-apple-darwin"),
        // No getconf: the size of this system's own programs decides.
        ("Linux", "x86_64", "getconf() { return 127; };", "x86_64-unknown-linux-gnu"),
    ] {
        let text = format!(
            "getconf() {{ echo 64; }}; {more} uname() {{ case $1 in -s) echo {system} ;; *) echo {machine} ;; esac; }}; detect_target; echo \"$TARGET\""
        );
        assert_eq!(with_functions(&bed, &text).exits(0).stdout.trim(), target, "{system} {machine}");
    }
}

#[test]
fn a_machine_without_a_release_is_told_to_build() {
    let bed = Bed::new();
    for (system, machine, bits, part) in [
        ("Linux", "riscv64", "64", "Linux on riscv64"),
        ("Linux", "armv7l", "32", "Linux on armv7l"),
        ("Linux", "aarch64", "32", "32-bit system"),
        ("FreeBSD", "x86_64", "64", "FreeBSD"),
        ("MINGW64_NT-10.0", "x86_64", "64", "WSL"),
    ] {
        let text = format!(
            "getconf() {{ echo {bits}; }}; uname() {{ case $1 in -s) echo {system} ;; *) echo {machine} ;; esac; }}; detect_target"
        );
        with_functions(&bed, &text).exits(1).says_in_one_line(part);
    }
    // Without getconf the header of a program of this system tells.
    let text = "getconf() { return 127; }; od() { echo 127 69 76 70 1; }; uname() { case $1 in -s) echo Linux ;; *) echo x86_64 ;; esac; }; detect_target";
    with_functions(&bed, text).exits(1).says_in_one_line("32-bit system");
}

#[test]
fn help_names_every_option_and_goes_to_standard_output() {
    let bed = Bed::new();
    let help = bed.run(&DASH, &["--help"]).exits(0);
    assert_eq!(help.stderr, "");
    let text = fs::read_to_string(in_checkout("install.sh")).unwrap();
    let options: std::collections::BTreeSet<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("main()"))
        .take_while(|line| !line.starts_with('}'))
        .filter(|line| line.trim_start().starts_with('-') && line.contains(')'))
        .flat_map(|line| line.split(')').next().unwrap_or_default().split('|').map(str::trim))
        .filter(|option| option.len() > 2 && !option.ends_with('*'))
        .collect();
    assert!(options.len() >= 12, "{options:?}");
    for option in options {
        assert!(help.stdout.contains(option), "{option} is not in --help");
    }
    assert!(help.stdout.lines().all(|line| line.len() <= 125), "{}", help.stdout);
}
