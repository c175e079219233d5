//! What `install.sh` refuses, before it downloads or writes anything, and in one line.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::process::Command;

use super::bed::{Bed, DASH, Outcome};

/// `nobody` on every system that the tests run on.
const NOBODY: u32 = 65534;

#[test]
fn wrong_usage_is_exit_2_and_names_the_word() {
    let bed = Bed::new();
    let before = bed.trees();
    for (arguments, part) in [
        (&["--frobnicate"][..], "'--frobnicate' is no option"),
        (&["us-east-1"], "'us-east-1' is no option"),
        (&["--prefix"], "--prefix needs a value"),
        (&["--prefix="], "--prefix needs a value"),
        (&["--version"], "--version needs a value"),
        (&["--version", "../../evil"], "is no release"),
        (&["--version", "1.0;id"], "is no release"),
        (&["--version", "newest"], "is no release"),
        (&["--base-url", "ftp://mirror.example"], "is no address"),
        (&["--base-url", "file://relative"], "is no address"),
        (&["--base-url", "http://mirror.example/x"], "not encrypted"),
        (&["--base-url", "http://localhost.mirror.example/x"], "not encrypted"),
        (&["--from-source", "--download"], "exclude each other"),
        (&["--download", "--from-source"], "exclude each other"),
        (&["--from-source"], "needs a checkout"),
        (&["--from-source", "--version", "1.0.0"], "leave --version out"),
        (&["--no-setup", "--", "--region", "x"], "arguments after --"),
        (&["--uninstall", "--", "--yes"], "arguments after --"),
        (&["--prefix", "a\nb"], "line break"),
    ] {
        bed.run(&DASH, arguments).exits(2).says_in_one_line(part);
        assert_eq!(bed.trees(), before, "{arguments:?}");
    }
}

#[test]
fn a_directory_a_file_or_a_link_in_the_way_is_exit_4() {
    type Prepare = fn(&Bed);
    let cases: [(&str, Prepare); 4] = [
        ("is a directory", |bed| fs::create_dir_all(bed.installed()).unwrap()),
        ("is not a directory", |bed| fs::write(bed.home().join(".local"), "mine").unwrap()),
        ("is not a directory", |bed| symlink("nowhere", bed.home().join(".local")).unwrap()),
        ("is a symbolic link", |bed| {
            fs::create_dir_all(bed.installed().parent().unwrap()).unwrap();
            symlink("elsewhere", bed.installed()).unwrap();
        }),
    ];
    for (part, prepare) in cases {
        let bed = Bed::new();
        prepare(&bed);
        let before = bed.trees();
        bed.run(&DASH, &[]).exits(4).says_in_one_line(part).says_in_one_line("--prefix DIR");
        assert_eq!(bed.trees(), before);
    }
}

#[test]
fn a_linked_directory_is_followed() {
    let bed = Bed::new();
    fs::create_dir(bed.home().join("elsewhere")).unwrap();
    symlink("elsewhere", bed.home().join(".local")).unwrap();
    let before = bed.trees();
    bed.run(&DASH, &[]).exits(0);
    assert!(bed.home().join("elsewhere/bin/bedrockup").is_file());
    bed.run(&DASH, &["--uninstall"]).exits(0);
    assert_eq!(bed.trees(), before);
}

#[test]
fn a_place_that_may_not_be_written_is_exit_4_and_no_sudo_is_asked_for() {
    let bed = Bed::new();
    let closed = bed.path("work/closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    bed.fake("sudo", "#!/bin/sh\ntouch \"$TMPDIR/sudo-was-called\"\n");
    let mut command = bed.command(&DASH, &["--prefix", closed.to_str().unwrap()]);
    if nix::unistd::geteuid().is_root() {
        // Root may write anywhere, so somebody else tries.
        chown(bed.home(), Some(NOBODY), Some(NOBODY)).unwrap();
        fs::set_permissions(bed.root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut dropped = Command::new("setpriv");
        dropped.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
        dropped.arg(command.get_program()).args(command.get_args());
        bed.settle(&mut dropped);
        command = dropped;
    }
    Outcome::from(command.output().unwrap()).exits(4).says_in_one_line("you may not write to");
    assert!(!bed.path("tmp/sudo-was-called").exists());
    assert!(!closed.join("bin").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_system_that_takes_no_files_is_exit_4_before_anything_is_downloaded() {
    // Even root can make nothing in /proc, although its permissions say otherwise.
    let bed = Bed::new();
    let outcome = bed.run(&DASH, &["--prefix", "/proc/self"]).exits(4).says_in_one_line("--prefix DIR");
    assert_eq!(outcome.stdout, "");
    assert!(bed.trees().1.is_empty());
}

#[test]
fn root_with_another_users_home_is_exit_4() {
    let bed = Bed::new();
    if nix::unistd::geteuid().is_root() {
        chown(bed.home(), Some(NOBODY), None).unwrap();
    } else {
        bed.fake("id", "#!/bin/sh\necho 0\n");
    }
    let before = bed.trees();
    for arguments in [&[][..], &["--uninstall"], &["--dry-run"], &["--prefix", "/opt/x"]] {
        bed.run(&DASH, arguments).exits(4).says_in_one_line("sudo -H");
        assert_eq!(bed.trees(), before);
    }
    bed.run(&DASH, &["--help"]).exits(0);
}

#[test]
fn home_comes_from_the_password_database_when_it_is_unset() {
    let bed = Bed::new();
    let entry = format!("x:x:1:1::{}:/bin/zsh", bed.home().display());
    bed.fake("getent", &format!("#!/bin/sh\necho '{entry}'\n"));
    Outcome::from(bed.command(&DASH, &[]).env_remove("HOME").output().unwrap()).exits(0);
    assert!(bed.installed().is_file());

    bed.fake("getent", "#!/bin/sh\nexit 2\n");
    Outcome::from(bed.command(&DASH, &[]).env_remove("HOME").output().unwrap())
        .exits(2)
        .says_in_one_line("HOME is not set");
    let elsewhere = bed.path("work/p");
    let run = bed.command(&DASH, &["--prefix", elsewhere.to_str().unwrap()]).env("HOME", "").output().unwrap();
    Outcome::from(run).exits(0);
    assert!(elsewhere.join("bin/bedrockup").is_file());
}

#[test]
fn a_home_that_is_relative_or_missing_is_refused() {
    let bed = Bed::new();
    let before = bed.trees();
    Outcome::from(bed.command(&DASH, &[]).env("HOME", "home").output().unwrap())
        .exits(2)
        .says_in_one_line("not an absolute path");
    Outcome::from(bed.command(&DASH, &[]).env("HOME", bed.path("gone")).output().unwrap())
        .exits(4)
        .says_in_one_line("is not a directory");
    assert_eq!(bed.trees(), before);
    assert!(!bed.path("gone").exists());
}

#[test]
fn without_a_temporary_directory_it_says_which() {
    let bed = Bed::new();
    let before = bed.trees();
    let run = bed.command(&DASH, &[]).env("TMPDIR", bed.path("gone")).output().unwrap();
    Outcome::from(run).exits(1).says_in_one_line("TMPDIR");
    assert_eq!(bed.trees(), before);
}

#[test]
fn a_tilde_that_the_shell_left_alone_means_home() {
    let bed = Bed::new();
    bed.run(&DASH, &["--prefix=~/tools/"]).exits(0);
    assert!(bed.home().join("tools/bin/bedrockup").is_file());
}

#[test]
fn a_full_disk_leaves_the_old_program() {
    let bed = Bed::new();
    bed.run(&DASH, &[]).exits(0);
    let before = bed.trees();
    bed.publish(&bed.payload("bedrockup 0.9.9"));
    // The download goes to the temporary directory; the write beside the old program fails half-way.
    bed.fake(
        "cp",
        "#!/bin/sh\ncase $2 in */.bedrockup.*) echo half >\"$2\"; echo \"cp: error writing '$2': No space left on device\" >&2; exit 1 ;; esac\nexec /bin/cp \"$@\"\n",
    );
    bed.run(&DASH, &[]).exits(1).says_in_one_line("No space left on device");
    assert_eq!(bed.trees(), before);
}

#[test]
fn a_write_that_the_system_cuts_leaves_nothing() {
    let bed = Bed::new();
    let before = bed.trees();
    // Incompressible, so that archive and program are both over the limit of one block.
    let noise: String = (0..9000_u32).map(|n| format!("# {:08x}\n", n.wrapping_mul(2_654_435_761))).collect();
    bed.publish(&format!("{}{noise}", bed.payload("bedrockup 0.9.0")));
    let limited = format!("ulimit -f 1; exec dash '{}'", bed.script().display());
    let outcome: Outcome = bed.shell(&DASH).args(["-c", &limited]).output().unwrap().into();
    let outcome = outcome.exits(1);
    assert!(outcome.stderr.contains("nothing was installed"), "{outcome:#?}");
    assert_eq!(bed.trees(), before);
}

#[test]
fn a_program_that_does_not_run_here_never_takes_the_name() {
    let bed = Bed::new();
    bed.run(&DASH, &[]).exits(0);
    let before = bed.trees();
    bed.publish("#!/bin/sh\necho 'no such instruction' >&2\nexit 126\n");
    bed.run(&DASH, &[]).exits(1).says_in_one_line("no such instruction");
    assert_eq!(bed.trees(), before);
}

#[test]
fn what_setup_wrote_is_not_abandoned_without_a_yes() {
    let bed = Bed::new();
    bed.run(&DASH, &[]).exits(0);
    fs::create_dir_all(bed.home().join(".local/state/bedrockup")).unwrap();
    let before = bed.trees();
    bed.run(&DASH, &["--uninstall"]).exits(2).says_in_one_line("--yes");
    assert_eq!(bed.trees(), before);
    assert_eq!(bed.calls(), "");
}

#[test]
fn a_quiet_uninstall_says_nothing_and_still_takes_everything_back() {
    for (arguments, said) in [(&["--uninstall", "--yes"][..], true), (&["--quiet", "--uninstall", "--yes"], false)] {
        let bed = Bed::new();
        bed.run(&DASH, &["--quiet", "--no-setup"]).exits(0);
        let outcome = bed.run(&DASH, arguments).exits(0);
        assert_eq!(outcome.stdout.contains("taken out"), said, "{arguments:?}: {}", outcome.stdout);
        assert!(said || outcome.stdout.is_empty(), "{}", outcome.stdout);
        assert_eq!(bed.calls(), "<uninstall><--yes>\n");
    }
}

#[test]
fn uninstall_keeps_what_others_put_beside_the_program() {
    let bed = Bed::new();
    bed.run(&DASH, &[]).exits(0);
    fs::write(bed.installed().with_file_name("mine"), "mine").unwrap();
    bed.run(&DASH, &["--uninstall"]).exits(0);
    let left: Vec<_> = super::bed::tree(&bed.home()).into_keys().collect();
    assert_eq!(left, [bed.home().join(".local"), bed.home().join(".local/bin"), bed.home().join(".local/bin/mine")]);
}

#[test]
fn two_installs_at_once_leave_one_good_program() {
    let bed = Bed::new();
    let spawn = || bed.command(&DASH, &["--quiet"]).spawn().unwrap();
    let runs: Vec<_> = (0..4).map(|_| spawn()).collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    assert_eq!(fs::read_to_string(bed.installed()).unwrap(), bed.payload("bedrockup 0.9.0"));
    let beside: Vec<_> =
        fs::read_dir(bed.installed().parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(beside.iter().all(|name| name == "bedrockup" || name == ".bedrockup-install"), "{beside:?}");
}
