//! What a settings file of some scope changes against the places below it.

use crate::change::fix::{Repair, SettingsChange};
use crate::diagnose::{Case, Found, Severity, hand, local, repairs, words};
use crate::observe::settings::{EnvEntry, Scope, SettingsFile};
use crate::resolve::Role;
use crate::variables;

/// A variable that a settings file gives another value than the places below it.
pub struct Change<'a> {
    /// The variable.
    pub name: &'static str,
    /// The file that wins.
    pub file: &'a SettingsFile,
    /// Its entry.
    pub entry: &'a EnvEntry,
    /// What the places below say; `None` where they say nothing.
    pub below: Option<&'a str>,
    /// The value breaks the route: what follows from it.
    pub breaks: Option<&'static [&'static str]>,
}

/// The variables that files of these scopes decide, against what is below them. Where nothing is below, only what breaks
/// the route counts: a file that repairs what the shell lacks is welcome.
pub fn changes<'a>(case: &Case<'a>, scopes: &[Scope]) -> Vec<Change<'a>> {
    let other_switch = |name: &str| local::is_switch(name) && name != variables::USE_BEDROCK;
    let names = variables::ROUTING.into_iter().filter(|name| *name != variables::CONFIG_DIR && !other_switch(name));
    names
        .filter_map(|name| {
            let (file, entry) = local::settings_winner(case, name).filter(|(file, _)| scopes.contains(&file.scope))?;
            let below = local::without_scopes(case, name, scopes);
            let off = name == variables::USE_BEDROCK && variables::is_truthy(&entry.value);
            let breaks = if off { None } else { local::breaks(case, name) };
            let is_profile = |value: &str| case.machine.aws.profiles.contains_key(value.trim());
            match below {
                // A profile that is nowhere is none.
                Some(below) if name == variables::PROFILE && is_profile(&entry.value) && !is_profile(below) => {
                    return None;
                }
                Some(below) if local::same(name, &entry.value, below) => return None,
                // Without the switch below, a switch that is off takes nothing away.
                None if breaks.is_none() || name == variables::USE_BEDROCK => return None,
                _ => {}
            }
            Some(Change { name, file, entry, below, breaks })
        })
        .collect()
}

/// A `model` key of these scopes that differs from the one below; `ANTHROPIC_MODEL` beats them both.
pub fn model_change<'a>(case: &Case<'a>, scopes: &[Scope]) -> Option<(&'a SettingsFile, &'a str, &'a str)> {
    if local::in_effect(case, variables::MODEL).is_some() {
        return None;
    }
    let models: Vec<_> =
        case.machine.settings.iter().filter_map(|file| Some((file, file.settings()?.model.as_deref()?))).collect();
    let (file, model) = models.first().copied().filter(|(file, _)| scopes.contains(&file.scope))?;
    let (_, below) = models.iter().copied().find(|(file, _)| !scopes.contains(&file.scope))?;
    (model != below).then_some((file, model, below))
}

/// The main model was refused as such.
pub fn main_model_refused(case: &Case<'_>) -> bool {
    let main = case.models.iter().find(|model| model.role == Role::Main);
    let refusal = main.and_then(|model| case.answers.model(&model.id)).and_then(|answers| answers.stream.refused());
    refusal.is_some_and(|refusal| matches!(refusal.status, 400 | 404))
}

/// Adds evidence and fixes for changes, what breaks the route first, and says what follows from them.
pub fn describe(case: &Case<'_>, mut found: Found, changes: &[Change<'_>]) -> Found {
    let mut sorted: Vec<&Change<'_>> = changes.iter().collect();
    sorted.sort_by_key(|change| change.breaks.is_none());
    for change in sorted {
        let place = words::short(case, &change.file.path);
        let place = format!("{place}:{}", change.entry.line);
        let value = local::shown(change.name, &change.entry.value);
        let below = change.below.map_or_else(
            || "not set below it".to_owned(),
            |below| format!("{} below it", local::shown(change.name, below)),
        );
        let below = if change.below.is_some_and(|below| variables::is_secret(change.name) && !below.is_empty()) {
            "another secret below it".to_owned()
        } else {
            below
        };
        found = found.evidence(
            format!("{}, {place}", change.file.scope.name()),
            format!("{} is {value}, {below}; the file wins", change.name),
        );
        let text = format!("Remove or change `{}` in {place}.", change.name);
        let fix = hand::edit_settings(case, text, change.file.scope, &change.file.path, change.entry.line);
        found = found.fix(fix.repaired_by(repair(change)));
        found = change.breaks.unwrap_or_default().iter().fold(found, |found, name| found.explains(name));
    }
    found
}

/// The entry goes where it breaks the route and something is below it. A secret would be lost.
fn repair(change: &Change<'_>) -> Option<Repair> {
    let certain = change.breaks.is_some()
        && change.below.is_some()
        && !variables::is_secret(change.name)
        // Which of two profiles is meant, nobody but the user knows.
        && change.name != variables::PROFILE;
    let remove = SettingsChange::RemoveEnv { name: change.name.to_owned() };
    certain.then(|| repairs::settings(change.file.scope, &change.file.path, vec![remove]))?
}

/// Error where a change breaks the route, else warning.
pub fn severity(changes: &[Change<'_>]) -> Severity {
    if changes.iter().any(|change| change.breaks.is_some()) { Severity::Error } else { Severity::Warning }
}

/// Names of changed variables for a sentence.
pub fn names(changes: &[Change<'_>]) -> String {
    changes.iter().map(|change| change.name).collect::<Vec<_>>().join(", ")
}
