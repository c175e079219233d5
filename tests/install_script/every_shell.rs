//! What must be the same under every shell.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::bed::{BASH, BASH_POSIX, BUSYBOX, Bed, DASH, KSH, MKSH, Outcome, Shell, TAG, YASH, ZSH};
use super::server::{Reply, Server};

macro_rules! in_every_shell {
    ($($test:ident),* $(,)?) => { $(
        mod $test {
            #[test] fn dash() { super::$test(&super::DASH) }
            #[test] fn bash() { super::$test(&super::BASH) }
            #[test] fn bash_posix() { super::$test(&super::BASH_POSIX) }
            // Busybox is not made for macOS.
            #[cfg(not(target_os = "macos"))]
            #[test] fn busybox() { super::$test(&super::BUSYBOX) }
            #[test] fn ksh() { super::$test(&super::KSH) }
            #[test] fn mksh() { super::$test(&super::MKSH) }
            #[test] fn yash() { super::$test(&super::YASH) }
            #[test] fn zsh() { super::$test(&super::ZSH) }
        }
    )* };
}

in_every_shell!(
    installs_again_and_uninstalls_to_the_same_bytes,
    keeps_an_odd_prefix_and_odd_arguments_whole,
    installs_nothing_on_a_wrong_checksum,
    changes_nothing_on_a_dry_run,
    leaves_nothing_when_interrupted,
    leaves_nothing_when_nobody_reads_its_output,
    refuses_a_program_that_is_not_ours,
    runs_from_a_pipe,
    builds_in_a_checkout,
    loads_functions_only,
    reports_the_exit_code_of_setup,
);

fn installs_again_and_uninstalls_to_the_same_bytes(shell: &Shell) {
    let bed = Bed::new();
    fs::create_dir(bed.home().join("empty")).unwrap();
    fs::write(bed.home().join(".profile"), b"umask 022 # caf\xe9\r\n").unwrap();
    let before = bed.trees();

    let first = bed.run(shell, &[]).exits(0);
    assert!(first.stdout.contains("Installed bedrockup 0.9.0 as "), "{first:#?}");
    assert!(first.stdout.contains("no terminal") && first.stdout.contains("/.local/bin/bedrockup setup"), "{first:#?}");
    assert_eq!(first.stderr, "");
    assert_eq!(fs::metadata(bed.installed()).unwrap().permissions().mode() & 0o7777, 0o755);
    assert_eq!(fs::read_to_string(bed.installed()).unwrap(), bed.payload("bedrockup 0.9.0"));

    let between = bed.trees();
    let written = fs::metadata(bed.installed()).unwrap().modified().unwrap();
    let again = bed.run(shell, &[]).exits(0);
    assert!(again.stdout.contains("already at"), "{again:#?}");
    assert_eq!(bed.trees(), between);
    assert_eq!(fs::metadata(bed.installed()).unwrap().modified().unwrap(), written);

    bed.publish(&bed.payload("bedrockup 0.9.1"));
    bed.run(shell, &["--quiet"]).exits(0);
    assert_eq!(fs::read_to_string(bed.installed()).unwrap(), bed.payload("bedrockup 0.9.1"));

    bed.run(shell, &["--uninstall", "--yes"]).exits(0);
    assert_eq!(bed.calls(), "<uninstall><--yes>\n");
    assert_eq!(bed.trees(), before);
    bed.run(shell, &["--uninstall"]).exits(0);
    assert_eq!(bed.trees(), before);
}

fn keeps_an_odd_prefix_and_odd_arguments_whole(shell: &Shell) {
    let bed = Bed::new();
    let before = bed.trees();
    let prefix = bed.path("work/it's a $HOME & *");
    let prefix = prefix.to_str().unwrap();
    let odd = ["--profile", "it's $HOME", "--", "", "*", "a\\b"];

    let mut arguments = vec!["--yes", "--prefix", prefix, "--"];
    arguments.extend(odd);
    bed.run(shell, &arguments).exits(0);
    assert!(bed.path("work/it's a $HOME & */bin/bedrockup").is_file());
    assert_eq!(bed.calls(), "<setup><--yes><--profile><it's $HOME><--><><*><a\\b>\n");

    // What is printed for pasting says the same.
    fs::remove_file(bed.path("calls")).unwrap();
    let mut arguments = vec!["--prefix", prefix, "--"];
    arguments.extend(odd);
    let said = bed.run(shell, &arguments).exits(0).stdout;
    let line = said.lines().find_map(|line| line.split_once("set Claude Code up: ")).unwrap().1;
    let pasted: Outcome = bed.shell(shell).args(["-c", line]).output().unwrap().into();
    pasted.exits(0);
    assert_eq!(bed.calls(), "<setup><--profile><it's $HOME><--><><*><a\\b>\n");

    bed.run(shell, &["--uninstall", "--prefix", prefix]).exits(0);
    assert_eq!(bed.trees(), before);
}

fn installs_nothing_on_a_wrong_checksum(shell: &Shell) {
    let bed = Bed::new();
    let before = bed.trees();
    let mut archive = fs::read(bed.archive()).unwrap();
    let middle = archive.len() / 2;
    archive[middle] ^= 1;
    fs::write(bed.archive(), archive).unwrap();
    bed.run(shell, &[]).exits(1).says_in_one_line("wrong checksum");
    assert_eq!(bed.trees(), before);
}

fn changes_nothing_on_a_dry_run(shell: &Shell) {
    let bed = Bed::new();
    let before = bed.trees();
    let said = bed.run(shell, &["--dry-run", "--yes", "--", "--region", "us-east-1"]).exits(0).stdout;
    for step in ["latest release", "would download ", "SHA256SUMS", "would make ", "would write ", "would start "] {
        assert!(said.contains(step), "no {step:?} in {said}");
    }
    assert!(said.contains("setup --yes --region us-east-1"), "{said}");
    assert_eq!(bed.trees(), before);

    bed.run(shell, &[]).exits(0);
    let installed = bed.trees();
    let said = bed.run(shell, &["--dry-run", "--uninstall"]).exits(0).stdout;
    assert!(said.contains("would remove "), "{said}");
    assert_eq!(bed.trees(), installed);
    assert_eq!(bed.calls(), "");
}

fn leaves_nothing_when_interrupted(shell: &Shell) {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
        let bed = Bed::new();
        let before = bed.trees();
        let server = Server::start(|_| Reply::Hang);
        let child = bed
            .command(shell, &["--base-url", &server.url(), "--version", TAG])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        server.wait_for_request();
        killpg(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
        let outcome: Outcome = child.wait_with_output().unwrap().into();
        // Some shells say first that a signal ended the download.
        let outcome = outcome.exits(code);
        assert!(outcome.stderr.ends_with("install.sh: interrupted; nothing was installed\n"), "{outcome:#?}");
        assert_eq!(bed.trees(), before, "{signal}");
    }
}

fn leaves_nothing_when_nobody_reads_its_output(shell: &Shell) {
    let bed = Bed::new();
    let before = bed.trees();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = bed.command(shell, &[]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_ne!(output.status.code(), Some(0));
    assert_eq!(bed.trees(), before);
}

fn refuses_a_program_that_is_not_ours(shell: &Shell) {
    let bed = Bed::new();
    fs::create_dir_all(bed.installed().parent().unwrap()).unwrap();
    for foreign in ["#!/bin/sh\necho other 1.0\n", "#!/bin/sh\nexit 3\n", ""] {
        bed.program(&bed.installed(), foreign);
        let before = bed.trees();
        for arguments in [&[][..], &["--dry-run"], &["--uninstall", "--yes"]] {
            bed.run(shell, arguments).exits(4).says_in_one_line("is not bedrockup");
            assert_eq!(bed.trees(), before);
        }
    }
}

fn runs_from_a_pipe(shell: &Shell) {
    let bed = Bed::new();
    // A checkout in the current directory is not the one that the script lies in: it lies in none.
    fs::write(bed.path("work/Cargo.toml"), "[package]\nname = \"bedrockup\"\n").unwrap();
    let mut command = bed.shell(shell);
    command.args(["-s", "--", "--quiet"]).env_remove("BEDROCKUP_BASE_URL");
    command.args(["--base-url", &format!("file://{}", bed.path("mirror").display())]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(bed.script()).unwrap()).unwrap();
    let outcome = Outcome::from(child.wait_with_output().unwrap()).exits(0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    assert!(bed.installed().is_file());
}

fn builds_in_a_checkout(shell: &Shell) {
    let bed = Bed::new();
    fs::write(bed.path("script/Cargo.toml"), "[package]\nname = \"bedrockup\"\n").unwrap();
    fs::write(bed.path("built"), bed.payload("bedrockup 1.0.0")).unwrap();
    bed.fake(
        "cargo",
        &format!(
            "#!/bin/sh\necho \"$PWD $*\" >>'{0}/cargo-calls'\necho Compiling >&2\n[ -z \"${{CARGO_BUILD_TARGET:-}}\" ] || exit 9\n\
             mkdir -p target/release && cp '{0}/built' target/release/bedrockup && chmod +x target/release/bedrockup\n",
            bed.root.path().display()
        ),
    );
    let mut command = bed.command(shell, &[]);
    command.env_remove("BEDROCKUP_BASE_URL").env("CARGO_BUILD_TARGET", "elsewhere");
    Outcome::from(command.output().unwrap()).exits(0);
    assert_eq!(fs::read_to_string(bed.installed()).unwrap(), bed.payload("bedrockup 1.0.0"));
    let checkout = bed.path("script").canonicalize().unwrap();
    let called = fs::read_to_string(bed.path("cargo-calls")).unwrap();
    assert_eq!(called, format!("{0} build --release --locked --target-dir {0}/target\n", checkout.display()));

    // A release that is named is meant, also here.
    bed.run(shell, &["--version", "0.9.0"]).exits(0);
    assert_eq!(fs::read_to_string(bed.installed()).unwrap(), bed.payload("bedrockup 0.9.0"));
}

fn loads_functions_only(shell: &Shell) {
    let bed = Bed::new();
    let before = bed.trees();
    let text = format!(
        "BEDROCKUP_TESTING=1; . '{}'; quote posix \"it's\"; echo \"$QUOTED\"; false; echo alive",
        bed.script().display()
    );
    let outcome: Outcome = bed.shell(shell).args(["-c", &text]).output().unwrap().into();
    assert_eq!(outcome.exits(0).stdout, "'it'\\''s'\nalive\n");
    assert_eq!(bed.trees(), before);
}

fn reports_the_exit_code_of_setup(shell: &Shell) {
    let bed = Bed::new();
    let outcome: Outcome = bed.command(shell, &["--yes"]).env("PAYLOAD_STATUS", "3").output().unwrap().into();
    outcome.exits(3);
    assert_eq!(bed.calls(), "<setup><--yes>\n");
    assert_eq!(bed.trees().1.len(), 0, "the temporary directory is gone before setup starts");
    // What setup wrote could not be taken back: the program that can do it stays.
    let outcome: Outcome =
        bed.command(shell, &["--uninstall", "--yes"]).env("PAYLOAD_STATUS", "4").output().unwrap().into();
    outcome.exits(4).says_in_one_line("did not finish");
    assert!(bed.installed().is_file());
}
