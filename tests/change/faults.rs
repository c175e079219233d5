//! A failure or a death at any step leaves every file old or new, and a second run finishes the work.

use std::io;
use std::os::unix::process::ExitStatusExt;

use bedrockup::change::setup::{self, Wanted, Where};
use bedrockup::change::{self, Step};
use bedrockup::shell::ShellKind;

use super::bed::{assert_trees, set_up, uninstall, wanted, world};
use crate::support::sandbox::{Node, Sandbox};

const HOME: &str = "BEDROCKUP_TEST_HOME";
const STEP: &str = "BEDROCKUP_TEST_DIE_AT";

fn home() -> Sandbox {
    Sandbox::new().file(".bashrc", "a").file(".profile", "b\n").file(".claude/settings.json", "{\"c\": 1}\n")
}

fn all() -> Wanted {
    Wanted { target: Where::Both, ..wanted(&[ShellKind::Bash, ShellKind::Fish]) }
}

/// How many steps the whole change has.
fn steps() -> usize {
    let sandbox = home();
    let world = world(&sandbox, &[]);
    let plan = setup::plan(&world, &all()).unwrap();
    let mut steps = 0;
    let mut count = |_: Step<'_>| {
        steps += 1;
        Ok(())
    };
    change::apply_observed(&world, &plan, &mut count).unwrap();
    steps
}

#[test]
fn an_error_at_any_step_puts_everything_back() {
    let steps = steps();
    assert!(steps > 8, "the change has only {steps} steps");
    for failing in 0..steps {
        let sandbox = home();
        let world = world(&sandbox, &[]);
        let before = sandbox.tree();
        let plan = setup::plan(&world, &all()).unwrap();
        let mut step = 0;
        let mut fail = |_: Step<'_>| {
            step += 1;
            if step > failing { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
        };
        let refusal = change::apply_observed(&world, &plan, &mut fail).expect_err("a failing step");
        assert_eq!(refusal.exit_code(), 4, "{refusal}");
        assert_trees(&before, &sandbox.tree());
        // The same on the way out: what stands is the whole setup.
        set_up(&world, &all());
        let whole = sandbox.tree();
        let plan = change::uninstall::plan(&world).unwrap();
        let mut step = 0;
        let mut fail = |_: Step<'_>| {
            step += 1;
            if step > failing { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
        };
        if change::apply_observed(&world, &plan, &mut fail).is_err() {
            assert_trees(&whole, &sandbox.tree());
            uninstall(&world).unwrap();
        }
        assert_trees(&before, &sandbox.tree());
    }
}

/// The child of the next test: applies the change in a given home, and dies at a given step. Without them it is the plain change.
#[test]
fn dying_child() {
    let (Ok(home), Ok(step)) = (std::env::var(HOME), std::env::var(STEP)) else {
        assert!(steps() > 8);
        return;
    };
    let mut left: usize = step.parse().unwrap();
    let sandbox = Sandbox::new();
    let mut world = world(&sandbox, &[]);
    world.home = home.into();
    let plan = setup::plan(&world, &all()).unwrap();
    let mut die = |_: Step<'_>| {
        if left == 0 {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::this(), nix::sys::signal::Signal::SIGKILL);
        }
        left -= 1;
        Ok(())
    };
    change::apply_observed(&world, &plan, &mut die).unwrap();
}

#[test]
fn a_kill_at_any_step_leaves_old_or_new_and_the_next_run_completes() {
    let steps = steps();
    let finished = {
        let sandbox = home();
        set_up(&world(&sandbox, &[]), &all());
        sandbox.tree()
    };
    for step in 0..steps {
        let sandbox = home();
        let before = sandbox.tree();
        let mut child = sandbox.program(std::env::current_exe().unwrap());
        child.args(["--exact", "change::faults::dying_child"]).env(HOME, sandbox.home()).env(STEP, step.to_string());
        let output = crate::support::process::run(&mut child, std::time::Duration::from_secs(60));
        assert_eq!(output.status.signal(), Some(9), "{output:?}");
        for (path, node) in sandbox.tree() {
            let ours = path.starts_with(".local") || path.to_string_lossy().ends_with(".bedrockup-new");
            if matches!(node, Node::File(..)) && !ours {
                assert!(
                    before.get(&path) == Some(&node) || finished.get(&path) == Some(&node),
                    "step {step}: {}: {node:?}",
                    path.display()
                );
            }
        }
        let world = world(&sandbox, &[]);
        if step % 2 == 0 {
            set_up(&world, &all());
            for path in finished.keys().filter(|path| !path.starts_with(".local")) {
                assert_eq!(finished.get(path), sandbox.tree().get(path), "step {step}: {}", path.display());
            }
        }
        uninstall(&world).unwrap();
        assert_trees(&before, &sandbox.tree());
    }
}

#[test]
fn a_file_size_limit_leaves_the_old_file() {
    let sandbox = Sandbox::new().file(".zshenv", vec![b'#'; 9000]);
    let before = sandbox.read(".zshenv");
    // A limit of a few blocks is met while the new file is written; the signal ends the process there.
    let mut shell = sandbox.program("/bin/bash");
    shell
        .args(["-c", "ulimit -f 4; exec \"$0\" --exact change::faults::limited_child"])
        .arg(std::env::current_exe().unwrap())
        .env(HOME, sandbox.home());
    let output = crate::support::process::run(&mut shell, std::time::Duration::from_secs(60));
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(sandbox.read(".zshenv"), before);
    let world = world(&sandbox, &[]);
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    uninstall(&world).unwrap();
    assert_eq!(sandbox.read(".zshenv"), before);
    assert!(!sandbox.path("..zshenv.bedrockup-new").exists());
}

/// The child of the previous test. Without a home it is the plain change.
#[test]
fn limited_child() {
    let sandbox = Sandbox::new();
    let mut world = world(&sandbox, &[]);
    if let Ok(home) = std::env::var(HOME) {
        world.home = home.into();
    }
    setup::now(&world, &wanted(&[ShellKind::Zsh])).unwrap();
}

#[test]
fn a_full_disk_changes_nothing() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    // The state directory leads to a device that is always full: the receipt cannot be written, so nothing is.
    let sandbox = Sandbox::new()
        .file(".zshenv", "a\n")
        .file(".local/state/bedrockup/lock", "")
        .symlink("/dev/full", ".local/state/bedrockup/pristine");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    let plan = setup::plan(&world, &wanted(&[ShellKind::Zsh])).unwrap();
    assert_eq!(change::apply(&world, &plan).unwrap_err().exit_code(), 4);
    assert_eq!(before.get(std::path::Path::new(".zshenv")), sandbox.tree().get(std::path::Path::new(".zshenv")));
}

#[test]
fn a_state_directory_that_cannot_be_is_said_before_anything_is_written() {
    for sandbox in [
        Sandbox::new().file(".zshenv", "a\n").file(".local", ""),
        Sandbox::new().file(".zshenv", "a\n").file(".local/state/bedrockup", ""),
        Sandbox::new().file(".zshenv", "a\n").dir(".local/state/bedrockup/receipt.json/x"),
    ] {
        let world = world(&sandbox, &[]);
        let before = sandbox.tree();
        assert_eq!(setup::now(&world, &wanted(&[ShellKind::Zsh])).unwrap_err().exit_code(), 4);
        for (path, node) in sandbox.tree().into_iter().filter(|(path, _)| !path.starts_with(".local")) {
            assert_eq!(before.get(&path), Some(&node), "{}", path.display());
        }
    }
}
