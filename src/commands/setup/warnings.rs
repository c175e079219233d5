//! What a person should know before they say yes.

use std::collections::BTreeSet;

use crate::change::setup::{Wanted, Where, settings_path};
use crate::observe::Machine;
use crate::observe::rc_files::{BlockState, Effect, RcState};
use crate::world::World;
use crate::world::short;

/// Other values of the same variables that programs of this shell use now: exporting ours would change them.
/// `values` are the variables that other tools read, too, with what we are going to set.
pub fn other_tools(machine: &Machine, values: &[(&'static str, Option<&str>)]) -> Vec<String> {
    let mut said = Vec::new();
    for (name, new) in values {
        let Some(new) = *new else { continue };
        let mut old = BTreeSet::new();
        // What an earlier block of ours gave to this shell is no other tool's choice.
        let ours = blocks(machine).any(|block| block.get(*name).map(String::as_str) == machine.environment.get(name));
        if let Some(value) = machine.environment.non_empty(name).filter(|_| !ours) {
            old.insert((value.to_owned(), "this shell".to_owned()));
        }
        for file in &machine.rc_files {
            let RcState::Read { assignments, .. } = &file.state else { continue };
            for assignment in assignments.iter().filter(|found| found.name == *name && found.effect == Effect::Export) {
                if let Some(value) = &assignment.value {
                    old.insert((value.clone(), format!("{}:{}", short(&file.path, &machine.home), assignment.line)));
                }
            }
        }
        old.retain(|(value, _)| value != new);
        if let Some((value, place)) = old.first() {
            said.push(format!(
                "{name} is {value} now ({place}); exporting {new} changes it for every other AWS tool, too. `--scope claude` keeps it to Claude Code."
            ));
        }
    }
    said
}

fn blocks(machine: &Machine) -> impl Iterator<Item = &std::collections::BTreeMap<String, String>> {
    machine.rc_files.iter().filter_map(|file| match &file.state {
        RcState::Read { block: BlockState::Whole { values, .. }, .. } => Some(values),
        _ => None,
    })
}

/// Settings files that beat what is going to be written, a profile that does not exist, a client that is missing.
pub fn about(world: &World, machine: &Machine, wanted: &Wanted) -> Vec<String> {
    let mut said = Vec::new();
    for file in &machine.settings {
        let Some(settings) = file.settings() else { continue };
        if wanted.target != Where::Rc && file.path == settings_path(world) {
            continue; // This one is going to be changed.
        }
        for (name, value) in wanted.variables() {
            let Some(entry) = settings.env.get(name).filter(|entry| entry.value != value) else { continue };
            let place = format!("{}:{}", short(&file.path, &machine.home), entry.line);
            said.push(format!(
                "{place} sets {name} to {:?}, and settings beat the shell: Claude Code will use that, not {value}.",
                entry.value
            ));
        }
    }
    if let Some(profile) = &wanted.profile
        && !machine.aws.profiles.contains_key(profile.as_str())
    {
        let known: Vec<_> = machine.aws.profiles.keys().map(String::as_str).collect();
        let known =
            if known.is_empty() { "there are none".to_owned() } else { format!("there are {}", known.join(", ")) };
        said.push(format!("the AWS files have no profile {profile}; {known}."));
    }
    if machine.client.running().is_none() {
        said.push("no `claude` is on the PATH; install Claude Code, and it will use these values.".to_owned());
    }
    said
}
