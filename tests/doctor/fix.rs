//! `doctor --fix`: what is certain is changed, after a diff and a yes, and comes back byte for byte.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::credential_sources::{sso, token};
use super::ready::Ready;
use super::*;
use crate::support::process::Output;
use crate::support::sandbox::Node;

impl Ready {
    #[track_caller]
    pub fn doctor(&self, words: &[&str]) -> Output {
        let words = ["doctor"].iter().chain(words).map(|&word| word.to_owned());
        self.run(words.chain(["--timeout".to_owned(), "30s".to_owned()]))
    }

    /// `doctor --fix --yes --json`, which repaired these findings, all of them gone.
    #[track_caller]
    fn fixes(&self, names: &[&str]) -> Value {
        let output = self.doctor(&["--fix", "--yes", "--json"]);
        let document = output.json();
        let told = document["fix"]["findings"].as_array().expect("a list").clone();
        let expected: Vec<Value> = names.iter().map(|name| json!({ "name": name, "gone": true })).collect();
        assert_eq!(told, expected, "{document:#}\n{}", output.err());
        assert_eq!(document["fix"]["status"], "applied");
        document
    }

    pub fn text(&self, path: &str) -> String {
        String::from_utf8(self.sandbox.read(path)).expect("text")
    }
}

/// Without what doctor itself may write beside: renewed sign-ins.
pub fn tree(ready: &Ready) -> BTreeMap<PathBuf, Node> {
    ready.sandbox.tree()
}

/// A machine whose only source of the switch is what the test writes.
pub fn by_hand(rc: &str) -> Machine {
    let pins = [("OPUS", OPUS), ("SONNET", SONNET), ("HAIKU", HAIKU)];
    let pins: String = pins.map(|(tier, id)| format!("export ANTHROPIC_DEFAULT_{tier}_MODEL={id}\n")).concat();
    healthy().no_block().rc_after(&format!("{pins}{rc}"))
}

/// The same home without the block.
fn without_block(mut tree: BTreeMap<PathBuf, Node>) -> BTreeMap<PathBuf, Node> {
    for node in tree.values_mut() {
        if let Node::File(_, bytes) = node {
            let text = String::from_utf8_lossy(bytes).into_owned();
            if let (Some(start), Some(end)) = (text.find("# >>> bedrockup >>>"), text.find("# <<< bedrockup <<<\n")) {
                *bytes = [&bytes[..start], &bytes[end + "# <<< bedrockup <<<\n".len()..]].concat();
            }
        }
    }
    tree
}

/// Repairs, checks what the file says then, and goes back in both ways.
#[track_caller]
fn there_and_back(machine: impl Fn() -> Machine, names: &[&str], file: &str, says: &str) {
    for back in [["doctor", "--undo", "--yes"].as_slice(), &["uninstall", "--yes"]] {
        let ready = machine().ready();
        let before = tree(&ready);
        ready.fixes(names);
        let text = ready.text(file);
        assert!(text.contains(says), "{file} does not say {says:?}:\n{text}");
        assert_eq!(ready.doctor(&["--fix", "--yes", "--json"]).json()["fix"]["status"], "nothing-to-do");
        ready.run(back.iter().map(|&word| word.to_owned())).exits(0);
        // An uninstall takes the block out too.
        let wanted = if back[0] == "uninstall" { without_block(before) } else { before };
        let after = tree(&ready);
        for path in wanted.keys().chain(after.keys()) {
            assert_eq!(wanted.get(path), after.get(path), "{} after {back:?}", path.display());
        }
    }
}

#[test]
fn a_missing_export() {
    let machine = || by_hand("  CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1").client_says("firstParty");
    there_and_back(machine, &["variable-not-exported"], ".bashrc", "\n  export CLAUDE_CODE_USE_BEDROCK=1\n");
}

#[test]
fn a_wrong_word_for_the_switch_and_a_misspelled_name() {
    let machine = || {
        by_hand("export CLAUDE_CODE_USE_BEDROCK=enabled # mine\nexport AWS_REGOIN=us-east-1").client_says("firstParty")
    };
    let ready = machine().ready();
    let before = tree(&ready);
    ready.fixes(&["variable-misspelled", "value-not-truthy"]);
    let text = ready.text(".bashrc");
    assert!(text.contains("\nexport CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1\n"), "{text}");
    ready.doctor(&["--undo", "--yes"]).exits(0);
    assert_eq!(tree(&ready), before);
}

#[test]
fn a_later_line_that_overrides_the_block() {
    let machine = || healthy().rc_after("export AWS_REGION=eu-west-1");
    let machine = || machine().here("AWS_REGION", "eu-west-1");
    there_and_back(machine, &["block-overridden-later"], ".bashrc", "\n# export AWS_REGION=eu-west-1\n");
}

#[test]
fn a_profile_that_is_a_slip_away_from_one_that_exists() {
    let keys = format!("[bedrock]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    let machine = || healthy().aws_files("[profile bedrock]\nregion = us-east-1\n", &keys).env("AWS_PROFILE", "bedrok");
    there_and_back(machine, &["profile-not-found"], ".bashrc", "\nexport AWS_PROFILE=bedrock\n");
}

#[test]
fn the_region_of_the_block_is_corrected_by_the_block() {
    let ready = healthy().region("us-esat-1").ready();
    let before = tree(&ready);
    ready.fixes(&["region-unknown"]);
    assert!(ready.text(".bashrc").contains("export AWS_REGION=us-east-1\n"));
    // The block is setup's affair: it goes with the uninstall.
    ready.run(["uninstall", "--yes"].map(str::to_owned)).exits(0);
    assert!(!ready.text(".bashrc").contains(">>> bedrockup >>>"));
    ready.run(["uninstall", "--yes"].map(str::to_owned)).exits(0);
    assert_eq!(tree(&ready).len(), before.len());
}

#[test]
fn a_block_in_the_file_of_another_shell_is_moved() {
    let ready = healthy().block_in(&[".zshrc"]).not_loaded().client_says("firstParty").ready();
    ready.fixes(&["block-not-read-by-shell"]);
    assert!(ready.text(".bashrc").contains("export CLAUDE_CODE_USE_BEDROCK=1\n"));
}

#[test]
fn settings_are_edited_as_they_are_written() {
    let text = "{\n  \"permissions\": {\"allow\": []},\n  \"env\": {\n    \"CLAUDE_CODE_USE_BEDROCK\": \"0\",\n    \"AWS_REGION\":   \"us-east-1\"\n  }\n}";
    let machine = || healthy().file(".claude/settings.json", text);
    there_and_back(
        machine,
        &["settings-override-shell"],
        ".claude/settings.json",
        "\"env\": {\n    \"AWS_REGION\":   \"us-east-1\"\n  }\n}",
    );
    let text = "{\"env\": {\"CLAUDE_CODE_USE_BEDROCK\": 1}}\n";
    let machine = || healthy().file(".claude/settings.json", text);
    there_and_back(
        machine,
        &["settings-env-not-string"],
        ".claude/settings.json",
        "\"CLAUDE_CODE_USE_BEDROCK\": \"1\"",
    );
}

#[test]
fn a_trailing_comma_in_the_settings() {
    let text =
        "{\n  \"env\": {\n    \"CLAUDE_CODE_USE_BEDROCK\": \"1\",\n    \"AWS_REGION\": \"us-east-1\",\n  },\n}\n";
    let machine = || healthy().no_block().file(".claude/settings.json", text);
    there_and_back(
        machine,
        &["settings-invalid-json"],
        ".claude/settings.json",
        "\"AWS_REGION\": \"us-east-1\"\n  }\n}\n",
    );
}

#[test]
fn a_key_in_the_wrong_file_and_one_that_is_misspelled() {
    let settings = json!({ "awsAuthRefresh": "/bin/true" }).to_string();
    let machine = || sso(Some(token(SSO_TOKEN, "2099-01-01T00:00:00Z"))).file(".claude/settings-local.json", &settings);
    there_and_back(machine, &["settings-wrong-file"], ".claude/settings.json", "\"awsAuthRefresh\": \"/bin/true\"");
    let settings = json!({ "awsAuthRefersh": "/bin/true" }).to_string();
    let machine = || sso(Some(token(SSO_TOKEN, "2099-01-01T00:00:00Z"))).file(".claude/settings.json", &settings);
    there_and_back(
        machine,
        &["settings-key-misspelled"],
        ".claude/settings.json",
        "{\"awsAuthRefresh\":\"/bin/true\"}",
    );
}

#[test]
fn quotes_around_a_secret_go_and_the_secret_is_kept_nowhere() {
    let keys = format!("[default]\naws_access_key_id = {}\naws_secret_access_key = \"{}\"\n", GOOD_KEY.0, GOOD_KEY.1);
    let machine = || healthy().file(".aws/credentials", &keys);
    let plain = format!("aws_secret_access_key = {}\n", GOOD_KEY.1);
    there_and_back(machine, &["value-has-stray-characters"], ".aws/credentials", &plain);
    let ready = machine().ready();
    ready.fixes(&["value-has-stray-characters"]);
    let state = ready.sandbox.tree().into_iter().filter(|(path, _)| path.starts_with(".local/state"));
    for (path, node) in state {
        if let Node::File(_, bytes) = node {
            assert!(!String::from_utf8_lossy(&bytes).contains(GOOD_KEY.1), "the secret is kept in {}", path.display());
        }
    }
}

#[test]
fn a_header_of_the_config_file() {
    let keys = format!("[bedrock]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    let machine = || healthy().aws_files(&keys, "").env("AWS_PROFILE", "bedrock");
    there_and_back(machine, &["profile-section-misnamed"], ".aws/config", "[profile bedrock]\n");
}

#[test]
fn windows_line_ends_in_a_file_of_the_shell() {
    let profile = "export AWS_PROFILE=default\r\n# mine\r\n[ -n \"$BASH_VERSION\" ] && . \"$HOME/.bashrc\"\n";
    let machine = || healthy().file(".profile", profile).here("AWS_PROFILE", "default\r");
    there_and_back(machine, &["value-has-stray-characters"], ".profile", "export AWS_PROFILE=default\n# mine\n");
}

#[test]
fn links_stay_links_and_modes_stay_modes() {
    let ready = by_hand("CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1").client_says("firstParty").ready();
    let text = ready.sandbox.read(".bashrc");
    ready.sandbox.write("dotfiles/bashrc", &text);
    std::fs::remove_file(ready.sandbox.path(".bashrc")).expect("the file is there");
    std::os::unix::fs::symlink("dotfiles/bashrc", ready.sandbox.path(".bashrc")).expect("a link can be made");
    let mode = |path| std::fs::metadata(ready.sandbox.path(path)).expect("the file is there").mode();
    std::fs::set_permissions(
        ready.sandbox.path("dotfiles/bashrc"),
        std::os::unix::fs::PermissionsExt::from_mode(0o640),
    )
    .expect("it is ours");
    let before = mode("dotfiles/bashrc");
    ready.fixes(&["variable-not-exported"]);
    assert!(ready.sandbox.path(".bashrc").is_symlink());
    assert_eq!(mode("dotfiles/bashrc"), before);
    ready.doctor(&["--undo", "--yes"]).exits(0);
    assert_eq!(ready.sandbox.read("dotfiles/bashrc"), text);
}

#[test]
fn beside_later_changes_the_lines_are_taken_back_one_by_one() {
    let rc = "CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGOIN=us-east-1";
    let ready = by_hand(rc).client_says("firstParty").ready();
    let before = ready.text(".bashrc");
    ready.fixes(&["variable-not-exported", "variable-misspelled"]);
    // Another line above, and one of the two repaired lines is another one now.
    let edited = ready.text(".bashrc").replace("export AWS_REGION=us-east-1", "export AWS_REGION=us-west-2");
    ready.sandbox.write(".bashrc", format!("# mine\n{edited}"));
    let output = ready.doctor(&["--undo", "--yes"]);
    assert!(output.exits(0).out().contains("was changed since"), "{output:?}");
    let expected = before.replace("AWS_REGOIN=us-east-1", "AWS_REGION=us-west-2");
    assert_eq!(ready.text(".bashrc"), format!("# mine\n{expected}"));
}

#[test]
fn a_setup_between_the_repair_and_the_uninstall() {
    let ready = by_hand("CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1").client_says("firstParty").ready();
    let before = tree(&ready);
    ready.fixes(&["variable-not-exported"]);
    ready.run(["setup", "--yes", "--region", "us-east-1", "--no-doctor"].map(str::to_owned)).exits(0);
    ready.run(["uninstall", "--yes"].map(str::to_owned)).exits(0);
    assert_eq!(tree(&ready), before);
}

#[test]
fn lines_of_fish_and_of_zsh() {
    let fish = "set CLAUDE_CODE_USE_BEDROCK 1\nset -gx AWS_REGION us-east-1\n";
    let ready = by_hand("")
        .file(".config/fish/config.fish", fish)
        .client_says("firstParty")
        .here("SHELL", "/usr/bin/fish")
        .ready();
    let output = ready.doctor_in(&["--fix", "--yes"], |world| world.user.shell = Some("/usr/bin/fish".into()));
    assert!(output.out().contains("variable-not-exported is gone"), "{output:?}");
    assert_eq!(ready.text(".config/fish/config.fish"), fish.replace("set CLAUDE", "set -gx CLAUDE"));
    let zsh = "if [ -n \"$HOME\" ]; then\n  export AWS_PROFILE=\nfi\n";
    let ready = healthy().block_in(&[".zshenv"]).file(".zshrc", zsh).here("AWS_PROFILE", "").ready();
    ready.doctor_in(&["--fix", "--yes"], |world| world.user.shell = Some("/usr/bin/zsh".into()));
    assert_eq!(ready.text(".zshrc"), zsh.replace("export AWS_PROFILE=", ": # export AWS_PROFILE="));
}
