//! The wizard: at most five questions, each with one line that explains it and a default that Enter takes.

use crate::cli::{RoutingArg, ScopeArg};
use crate::report::prompt::{Prompter, Stopped};
use crate::shell::ShellKind;

/// Questions that the wizard may still ask, so that it never asks more than five.
pub struct Wizard<'a> {
    prompter: &'a Prompter,
    left: u8,
}

impl<'a> Wizard<'a> {
    /// A wizard that has asked nothing yet. One question is kept for the last: the yes to the diff.
    pub fn new(prompter: &'a Prompter) -> Self {
        Self { prompter, left: 4 }
    }

    /// Asked only where neither the password database nor `$SHELL` names a known shell.
    pub fn shell(&mut self, installed: &[ShellKind]) -> Result<ShellKind, Stopped> {
        self.left -= 1;
        self.prompter.hint("Which shell do you start `claude` from? Your login shell is not one that I know.");
        let names: Vec<_> = installed.iter().map(|kind| kind.name().to_owned()).collect();
        let chosen = self.prompter.select("Shell", &names, 0)?;
        Ok(installed[chosen])
    }

    /// The profile, or none: then the client's own order of credentials stands.
    pub fn profile(&mut self, profiles: &[String], default: Option<&str>) -> Result<Option<String>, Stopped> {
        if profiles.is_empty() {
            return Ok(None);
        }
        self.left -= 1;
        self.prompter.hint("Which AWS credentials should Claude Code use?");
        let mut items = vec!["no profile: keys in the environment, [default], or a role".to_owned()];
        items.extend(profiles.iter().map(|name| format!("profile {name}")));
        let preset =
            default.and_then(|name| profiles.iter().position(|profile| profile == name)).map_or(0, |index| index + 1);
        let chosen = self.prompter.select("Credentials", &items, preset)?;
        Ok(chosen.checked_sub(1).map(|index| profiles[index].clone()))
    }

    /// The region. `regions` are the known ones with Claude, each with a word on where it is.
    pub fn region(&mut self, regions: &[(String, String)], default: &str) -> Result<String, Stopped> {
        self.left -= 1;
        self.prompter.hint("Which AWS region should the requests go to? Type to search.");
        // What is set now comes first, where Enter finds it, also when the table does not know it.
        let known = regions.iter().find(|(name, _)| name == default).cloned();
        let mut offered = vec![known.unwrap_or_else(|| (default.to_owned(), String::new()))];
        offered.extend(regions.iter().filter(|(name, _)| name != default).cloned());
        let items: Vec<String> = offered.iter().map(|(name, place)| format!("{name:<16} {place}")).collect();
        let chosen = self.prompter.search("Region", &items, 0)?;
        Ok(offered.swap_remove(chosen).0)
    }

    /// Asked only where the values would change other tools; `why` says which.
    pub fn scope(&mut self, why: &str) -> Result<ScopeArg, Stopped> {
        self.left -= 1;
        self.prompter.hint(why);
        let items = [
            "only the `claude` command gets the new values".to_owned(),
            "every program started from the shell gets them".to_owned(),
        ];
        let chosen = self.prompter.select("Scope", &items, 0)?;
        Ok(if chosen == 0 { ScopeArg::Claude } else { ScopeArg::Export })
    }

    /// Whether the models are pinned, and how they route. `geography` is the prefix that the region's list has (`us`, `eu`).
    pub fn routing(&mut self, geography: Option<&str>, global: bool) -> Result<Option<RoutingArg>, Stopped> {
        if self.left == 0 || (geography.is_none() && !global) {
            return Ok(None);
        }
        self.left -= 1;
        self.prompter.hint("Pin the models, so that they and their price do not change with the client?");
        let mut items = vec!["no pins: Claude Code chooses".to_owned()];
        let mut values = vec![None];
        if global {
            items.push("pin global. profiles: base price, processed in any region".to_owned());
            values.push(Some(RoutingArg::Global));
        }
        if let Some(prefix) = geography {
            items.push(format!("pin {prefix}. profiles: stays in that geography, about 10 % dearer"));
            values.push(Some(RoutingArg::Geo));
        }
        let chosen = self.prompter.select("Models", &items, 0)?;
        Ok(values[chosen])
    }

    /// The last question, below the diff.
    pub fn write(&self, files: usize) -> Result<bool, Stopped> {
        let what = if files == 1 { "Write this?".to_owned() } else { format!("Write these {files} files?") };
        self.prompter.confirm(&what, true)
    }
}
