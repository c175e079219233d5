//! Runs at the same time: they wait for each other and leave one block.

use std::process::{Command, Stdio};

use bedrockup::change::setup::{self, Wanted};
use bedrockup::shell::ShellKind;

use super::bed::{assert_trees, blocks, uninstall, wanted, world};
use crate::support::sandbox::Sandbox;

const HOME: &str = "BEDROCKUP_TEST_TOGETHER";
const REGION: &str = "BEDROCKUP_TEST_REGION";

/// One of many. Alone it is a plain setup.
#[test]
fn one_of_many() {
    let sandbox = Sandbox::new();
    let mut world = world(&sandbox, &[]);
    if let Ok(home) = std::env::var(HOME) {
        world.home = home.into();
    }
    let region = std::env::var(REGION).unwrap_or("us-east-1".to_owned());
    setup::now(&world, &Wanted { region: region.parse().unwrap(), ..wanted(&[ShellKind::Bash]) }).unwrap();
}

#[test]
fn many_setups_leave_one_block() {
    for regions in [["us-east-1"; 6], ["us-east-1", "eu-west-1", "us-east-1", "eu-west-1", "us-east-1", "eu-west-1"]] {
        let sandbox = Sandbox::new().file(".bashrc", "a\n").file(".profile", "b");
        let before = sandbox.tree();
        let start = |region: &&str| {
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(["--exact", "change::together::one_of_many"]).env(HOME, sandbox.home()).env(REGION, region);
            child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let children: Vec<_> = regions.iter().map(start).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        assert_eq!(blocks(&sandbox), [".bashrc", ".profile"]);
        for file in [".bashrc", ".profile"] {
            let text = String::from_utf8(sandbox.read(file)).unwrap();
            assert_eq!(text.matches("# >>> bedrockup >>>").count(), 1, "{text}");
        }
        uninstall(&world(&sandbox, &[])).unwrap();
        assert_trees(&before, &sandbox.tree());
    }
}

#[test]
fn threads_of_setup_and_uninstall_end_in_one_or_the_other() {
    let sandbox = Sandbox::new().file(".zshenv", "a");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    std::thread::scope(|scope| {
        for index in 0..8 {
            let world = &world;
            scope.spawn(move || {
                // Refusals because another one was faster are fine; a broken file is not.
                let _ = if index % 2 == 0 {
                    setup::now(world, &wanted(&[ShellKind::Zsh])).map(|_| ())
                } else {
                    uninstall(world).map(|_| ())
                };
            });
        }
    });
    let text = String::from_utf8(sandbox.read(".zshenv")).unwrap();
    assert!(text == "a" || text.matches("# >>> bedrockup >>>").count() == 1, "{text}");
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}
