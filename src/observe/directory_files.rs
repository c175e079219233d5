//! What tools that set variables per directory read: `.envrc` (direnv), `.env` (plugins of shells), `mise.toml`.
//!
//! They are looked at as text and never run. <https://direnv.net>, <https://mise.jdx.dev/environments/>

use std::path::{Path, PathBuf};

use super::file;
use super::rc_files::assignments::{self, is_known};
use super::rc_files::{Assignment, Effect};
use crate::shell::ShellKind;
use crate::world::World;

/// Directories above the one that was asked about, itself counted.
const DEEPEST: usize = 12;
/// Larger files are none that people write by hand.
const LARGEST: usize = 64 << 10;
const IN_SHELL: [&str; 2] = [".envrc", ".env"];
const OF_MISE: [&str; 5] = ["mise.toml", ".mise.toml", "mise.local.toml", ".mise.local.toml", ".config/mise.toml"];

/// The lines about variables of interest, the nearest directory first.
pub fn observe(world: &World, directory: &Path) -> Vec<(PathBuf, Assignment)> {
    let mut found = Vec::new();
    for directory in directory.ancestors().take(DEEPEST) {
        for (names, parse) in [(&IN_SHELL[..], in_shell as fn(&str) -> Vec<Assignment>), (&OF_MISE[..], of_mise)] {
            for path in names.iter().map(|name| directory.join(name)) {
                let Ok(Some(bytes)) = file::read(&path) else { continue };
                if bytes.len() <= LARGEST {
                    let lines = parse(&String::from_utf8_lossy(&bytes));
                    found.extend(lines.into_iter().map(|line| (path.clone(), line)));
                }
            }
        }
        // Above the home there are other people's.
        if directory == world.home {
            break;
        }
    }
    found
}

fn in_shell(text: &str) -> Vec<Assignment> {
    let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(at, line)| (at + 1, line)).collect();
    assignments::find(&lines, ShellKind::Bash, true)
}

/// `NAME = "value"` in the table `[env]`, and `NAME = false`, which unsets.
fn of_mise(text: &str) -> Vec<Assignment> {
    let mut inside = false;
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let text = line.trim();
        if text.starts_with('[') {
            inside = text == "[env]";
        }
        let Some((name, value)) = text.split_once('=').filter(|_| inside) else { continue };
        let name = name.trim().trim_matches('"');
        if !is_known(name) {
            continue;
        }
        let value = value.split(" #").next().unwrap_or_default().trim();
        let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
        let effect = if value == "false" { Effect::Unset } else { Effect::Export };
        found.push(Assignment {
            line: at + 1,
            text: super::rc_files::shown(text),
            name: name.to_owned(),
            value: quoted.filter(|_| !super::rc_files::is_secret(name)).map(str::to_owned),
            effect,
            literal: quoted.is_some(),
            alone: true,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[Assignment]) -> Vec<(usize, &str, Option<&str>, Effect)> {
        lines.iter().map(|line| (line.line, line.name.as_str(), line.value.as_deref(), line.effect)).collect()
    }

    #[test]
    fn both_languages_are_read() {
        let shell =
            in_shell("dotenv\nexport AWS_PROFILE=client-x\nunset CLAUDE_CODE_USE_BEDROCK\nAWS_REGION=eu-west-1\n");
        assert_eq!(
            told(&shell),
            [
                (2, "AWS_PROFILE", Some("client-x"), Effect::Export),
                (3, "CLAUDE_CODE_USE_BEDROCK", None, Effect::Unset),
                (4, "AWS_REGION", Some("eu-west-1"), Effect::Export),
            ]
        );
        let mise = of_mise(
            "[tools]\nAWS_REGION = \"x\"\n[env]\nAWS_REGION = \"eu-west-1\" # ours\nCLAUDE_CODE_USE_BEDROCK = false\nOTHER = \"1\"\n",
        );
        assert_eq!(
            told(&mise),
            [(4, "AWS_REGION", Some("eu-west-1"), Effect::Export), (5, "CLAUDE_CODE_USE_BEDROCK", None, Effect::Unset),]
        );
    }
}
