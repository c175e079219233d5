//! `--target settings`: the same variables in Claude Code's user settings, and back.

use bedrockup::change::setup::{self, PresentSetup, Wanted, Where};
use bedrockup::change::{Refusal, state_directory};
use bedrockup::shell::ShellKind;

use super::bed::{assert_trees, blocks, set_up, there_and_back, uninstall, wanted, world};
use crate::support::sandbox::Sandbox;

const FILE: &str = ".claude/settings.json";

fn settings() -> Wanted {
    Wanted { target: Where::Settings, ..wanted(&[]) }
}

fn env_of(sandbox: &Sandbox, file: &str) -> serde_json::Value {
    serde_json::from_slice::<serde_json::Value>(&sandbox.read(file)).unwrap()["env"].clone()
}

#[test]
fn there_and_back_with_and_without_a_file() {
    for text in
        ["{\n  \"model\": \"opus\"\n}\n", "{}", "", "{\n  \"env\": {\n    \"AWS_REGION\": \"eu-west-1\"\n  }\n}"]
    {
        let sandbox = Sandbox::new().file(FILE, text);
        there_and_back(&sandbox, &world(&sandbox, &[]), &settings());
    }
    let sandbox = Sandbox::new();
    there_and_back(&sandbox, &world(&sandbox, &[]), &settings());
    let sandbox = Sandbox::new().dir(".claude");
    there_and_back(&sandbox, &world(&sandbox, &[]), &settings());
    let sandbox =
        Sandbox::new().file("dotfiles/settings.json", "{\"a\": 1}").symlink("../dotfiles/settings.json", FILE);
    there_and_back(&sandbox, &world(&sandbox, &[]), &settings());
}

#[test]
fn both_targets_are_one_transaction() {
    let both = Wanted { target: Where::Both, ..wanted(&[ShellKind::Bash]) };
    let sandbox = Sandbox::new().file(".bashrc", "a");
    there_and_back(&sandbox, &world(&sandbox, &[]), &both);
    let sandbox = Sandbox::new().file(".bashrc", "a").file(FILE, "{\n  oops\n}");
    let before = sandbox.tree();
    let refusal = setup::plan(&world(&sandbox, &[]), &both).unwrap_err();
    assert!(matches!(refusal, Refusal::Settings { line: 2, column: 3, .. }), "{refusal}");
    assert_eq!(refusal.exit_code(), 4);
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn the_configuration_directory_of_the_client_counts() {
    let sandbox = Sandbox::new().file(FILE, "{}");
    let directory = sandbox.path("other").to_string_lossy().into_owned();
    let world = world(&sandbox, &[("CLAUDE_CONFIG_DIR", &directory)]);
    let before = sandbox.tree();
    set_up(&world, &settings());
    assert_eq!(env_of(&sandbox, "other/settings.json")["AWS_REGION"], "us-east-1");
    assert_eq!(sandbox.read(FILE), b"{}");
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn a_later_setup_replaces_what_the_first_one_wrote() {
    let text = "{\n  \"env\": {\n    \"AWS_REGION\": \"eu-west-1\"\n  }\n}\n";
    let sandbox = Sandbox::new().file(FILE, text);
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    set_up(&world, &Wanted { profile: Some("work".parse().unwrap()), ..settings() });
    assert_eq!(env_of(&sandbox, FILE)["AWS_PROFILE"], "work");
    set_up(&world, &Wanted { region: "us-west-2".parse().unwrap(), ..settings() });
    let env = env_of(&sandbox, FILE);
    assert_eq!((&env["AWS_PROFILE"], &env["AWS_REGION"]), (&serde_json::Value::Null, &"us-west-2".into()));
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn the_target_moves() {
    let sandbox = Sandbox::new().file(".zshenv", "a").file(FILE, "{\"a\": 1}");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    set_up(&world, &Wanted { target: Where::Settings, ..wanted(&[ShellKind::Zsh]) });
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    assert_eq!(sandbox.read(FILE), b"{\"a\": 1}");
    assert_eq!(blocks(&sandbox), [".zshenv"]);
    set_up(&world, &Wanted { target: Where::Settings, ..wanted(&[ShellKind::Zsh]) });
    assert_eq!(blocks(&sandbox), Vec::<String>::new());
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn other_keys_that_were_changed_meanwhile_stay() {
    let sandbox = Sandbox::new();
    let world = world(&sandbox, &[]);
    set_up(&world, &settings());
    let text = String::from_utf8(sandbox.read(FILE)).unwrap();
    sandbox.write(FILE, text.replacen('{', "{\n  \"model\": \"opus\",", 1));
    uninstall(&world).unwrap();
    assert_eq!(String::from_utf8(sandbox.read(FILE)).unwrap(), "{\n  \"model\": \"opus\"\n}\n");
}

#[test]
fn without_a_receipt_nobody_knows_whose_keys_they_are() {
    let sandbox = Sandbox::new();
    let world = world(&sandbox, &[]);
    set_up(&world, &settings());
    std::fs::remove_dir_all(state_directory(&world)).unwrap();
    let plan = bedrockup::change::uninstall::plan(&world).unwrap();
    assert!(plan.is_empty());
    assert!(
        plan.notes[0].contains("settings.json") && plan.notes[0].contains("CLAUDE_CODE_USE_BEDROCK"),
        "{:?}",
        plan.notes
    );
}

#[test]
fn what_is_there_can_be_asked_for() {
    let sandbox = Sandbox::new();
    let world = world(&sandbox, &[]);
    assert_eq!(setup::present(&world, &[ShellKind::Zsh]), None);
    set_up(&world, &Wanted { profile: Some("work".parse().unwrap()), ..settings() });
    let PresentSetup { path, content } = setup::present(&world, &[ShellKind::Zsh]).unwrap();
    assert_eq!((path, content.values["AWS_PROFILE"].as_str()), (sandbox.path(FILE), "work"));
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    let PresentSetup { path, content } = setup::present(&world, &[ShellKind::Zsh]).unwrap();
    assert_eq!((path, content.values["AWS_REGION"].as_str()), (sandbox.path(".zshenv"), "us-east-1"));
}

#[test]
fn secrets_beside_our_keys_are_neither_shown_nor_copied() {
    let sandbox = Sandbox::new().file(FILE, "{\n  \"env\": {\n    \"AWS_SECRET_ACCESS_KEY\": \"hush\"\n  }\n}\n");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    let plan = setup::plan(&world, &settings()).unwrap();
    assert!(!plan.diff(|path| path.display().to_string()).contains("hush"));
    set_up(&world, &settings());
    for (path, node) in sandbox.tree().into_iter().filter(|(path, _)| path.starts_with(".local")) {
        assert!(!format!("{node:?}").contains("hush"), "{}", path.display());
    }
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}
