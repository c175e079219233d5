//! The changes that findings leave to the program: only what is certain, and stands in files of this user.

use std::path::Path;

use super::{Case, local, words};
use crate::change::fix::{LineChange, Repair, SettingsChange};
use crate::change::setup::{Wanted, Where};
use crate::observe::rc_files::{Assignment, BlockState, Effect, RcFile, RcState};
use crate::observe::settings::Scope;
use crate::resolve::{Place, Source};
use crate::shell::ShellKind;
use crate::shell::render;
use crate::variables;

/// The change of a line of a start-up file, where the line is nothing but this assignment.
pub fn line(case: &Case<'_>, file: &RcFile, line: &Assignment, change: LineChange) -> Option<Repair> {
    let editable = line.alone && file.path.starts_with(&case.machine.home);
    let (path, seen) = (file.path.clone(), line.text.clone());
    editable.then_some(Repair::Line { path, line: line.line, seen, change })
}

/// The line as a comment.
pub fn comment_out(case: &Case<'_>, file: &RcFile, at: &Assignment) -> Option<Repair> {
    line(case, file, at, LineChange::CommentOut(file.shell.syntax()))
}

/// Changes of a settings file, unless it belongs to others: the organization, a project, the client itself.
pub fn settings(scope: Scope, path: &Path, changes: Vec<SettingsChange>) -> Option<Repair> {
    let own = matches!(scope, Scope::User | Scope::Local);
    own.then(|| Repair::Settings { path: path.to_owned(), changes })
}

/// Takes a variable away from the place that decides it: an entry of settings, or every line of the start-up files. A secret
/// in a settings file would be lost, and stays.
pub fn take_away(case: &Case<'_>, name: &str) -> Vec<Repair> {
    match source(case, name) {
        Some(Source::Settings { scope, place }) if !variables::is_secret(name) => {
            settings(scope, &place.path, vec![SettingsChange::RemoveEnv { name: name.to_owned() }])
                .into_iter()
                .collect()
        }
        Some(Source::Environment { .. } | Source::NewShell { .. } | Source::RcFile(_)) => {
            let lines = setting(case, name);
            let repairs: Vec<Repair> = lines.iter().filter_map(|(file, line)| comment_out(case, file, line)).collect();
            // Where a block sets it too, or a line cannot be changed, it would stay.
            let all = repairs.len() == lines.len() && !in_block(case, name);
            if all { repairs } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

/// Gives a variable another value at the place that decides it.
pub fn give(case: &Case<'_>, name: &str, value: &str) -> Vec<Repair> {
    if variables::holds_secret(name, value) {
        return Vec::new();
    }
    let repair = match source(case, name) {
        Some(Source::Settings { scope, place }) => {
            let change = SettingsChange::SetEnv { name: name.to_owned(), value: value.to_owned() };
            settings(scope, &place.path, vec![change])
        }
        Some(
            Source::Environment { place: Some(place) }
            | Source::NewShell { place: Some(place), .. }
            | Source::RcFile(place),
        ) => match at(case, name, &place) {
            Some((file, found)) => line(case, file, found, LineChange::Replace(words::export(case, name, value))),
            // A file of the directory has the last word over the block.
            None if local::blocks(case).iter().any(|block| block.file.path == place.path) => {
                block_with(case, Some((name, value))).filter(|_| in_block(case, name))
            }
            None => None,
        },
        _ => None,
    };
    repair.into_iter().collect()
}

/// The block of the login shell written anew, where it belongs.
pub fn block(case: &Case<'_>) -> Option<Repair> {
    block_with(case, None)
}

/// The block with the values that it has, but for one.
fn block_with(case: &Case<'_>, change: Option<(&str, &str)>) -> Option<Repair> {
    let shell = local::login_kind(case)?;
    let (values, claude_only) = case.machine.rc_files.iter().find_map(|file| match &file.state {
        RcState::Read { block: BlockState::Whole { values, claude_only, edited: false, .. }, .. } => {
            Some((values, *claude_only))
        }
        _ => None,
    })?;
    let value = |name: &str| match change {
        Some((changed, value)) if changed == name => Some(value),
        _ => values.get(name).map(String::as_str),
    };
    let tiers = [variables::OPUS_MODEL, variables::SONNET_MODEL, variables::HAIKU_MODEL];
    let known = [variables::USE_BEDROCK, variables::REGION, variables::PROFILE].into_iter().chain(tiers);
    // What setup does not write it would not write again.
    if values.keys().any(|name| !known.clone().any(|known| known == name)) {
        return None;
    }
    let profile = value(variables::PROFILE).map(str::parse).transpose().ok()?;
    let pins = tiers.into_iter().filter_map(|name| Some((name, value(name)?.parse().ok()?)));
    Some(Repair::Block(Box::new(Wanted {
        region: value(variables::REGION)?.parse().ok()?,
        profile,
        pins: pins.collect(),
        shells: vec![shell],
        rc_file: None,
        target: Where::Rc,
        scope: if claude_only { render::Scope::Claude } else { render::Scope::Export },
    })))
}

/// The place that decides a variable, also one that the route does not list.
fn source(case: &Case<'_>, name: &str) -> Option<Source> {
    let winner = case.route.variable(name).and_then(|variable| variable.winner.as_ref());
    winner.map(|winner| winner.source.clone()).or_else(|| local::source(case, name))
}

/// The assignment at a place.
fn at<'a>(case: &Case<'a>, name: &str, place: &Place) -> Option<(&'a RcFile, &'a Assignment)> {
    setting(case, name).into_iter().find(|(file, line)| file.path == place.path && line.line == place.line)
}

/// The lines of the login shell's files that set a variable; each file once, also where several shells read it.
fn setting<'a>(case: &Case<'a>, name: &str) -> Vec<(&'a RcFile, &'a Assignment)> {
    let mut lines = local::assignments_of(case, name);
    lines.retain(|(_, line)| line.effect != Effect::Unset);
    lines
}

fn in_block(case: &Case<'_>, name: &str) -> bool {
    let kind: Option<ShellKind> = local::login_kind(case);
    kind.is_some_and(|kind| local::blocks_of(case, kind).iter().any(|block| block.values.contains_key(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::testing::Scene;
    use crate::resolve;

    fn in_case<T>(scene: &Scene, ask: impl FnOnce(&Case<'_>) -> T) -> T {
        let route = resolve::resolve(&scene.machine);
        let models = route.models.clone();
        ask(&Case {
            machine: &scene.machine,
            route: &route,
            models: &models,
            answers: &scene.answers,
            proof: &scene.proof,
        })
    }

    #[test]
    fn a_line_of_ones_own_becomes_a_comment_and_one_of_many_does_not() {
        let mut scene = Scene::healthy();
        scene.set(variables::PROFILE, "gone");
        scene.rc_line(".bashrc", variables::PROFILE, Some("gone"), Effect::Export);
        let repairs = in_case(&scene, |case| take_away(case, variables::PROFILE));
        assert!(
            matches!(&repairs[..], [Repair::Line { line: 20, change: LineChange::CommentOut(_), .. }]),
            "{repairs:?}"
        );
        for file in &mut scene.machine.rc_files {
            if let RcState::Read { assignments, .. } = &mut file.state {
                assignments.iter_mut().for_each(|line| line.alone = false);
            }
        }
        assert!(in_case(&scene, |case| take_away(case, variables::PROFILE)).is_empty());
    }

    #[test]
    fn settings_of_others_and_secrets_are_left_alone() {
        for (scope, count) in [(Scope::User, 1), (Scope::Local, 1), (Scope::Project, 0), (Scope::Managed, 0)] {
            let mut scene = Scene::healthy();
            scene.settings_env(scope, &[(variables::PROFILE, "gone"), (variables::BEARER_TOKEN, "ABSKx")]);
            assert_eq!(in_case(&scene, |case| take_away(case, variables::PROFILE)).len(), count, "{scope:?}");
            assert!(in_case(&scene, |case| take_away(case, variables::BEARER_TOKEN)).is_empty());
            assert!(in_case(&scene, |case| give(case, variables::BEARER_TOKEN, "x")).is_empty());
        }
    }

    #[test]
    fn a_value_of_the_block_is_changed_by_the_block() {
        let mut scene = Scene::healthy();
        scene.configure(variables::REGION, "us-esat-1");
        let repairs = in_case(&scene, |case| give(case, variables::REGION, "us-east-1"));
        let [Repair::Block(wanted)] = &repairs[..] else { panic!("{repairs:?}") };
        assert_eq!((wanted.region.as_str(), wanted.pins.len()), ("us-east-1", 3));
        // A block with lines of somebody's own is not written anew.
        scene.configure("ANTHROPIC_MODEL", "opus");
        assert!(in_case(&scene, |case| give(case, variables::REGION, "us-east-1")).is_empty());
    }

    #[test]
    fn what_only_the_environment_has_cannot_be_changed_in_a_file() {
        let mut scene = Scene::healthy();
        scene.set(variables::PROFILE, "gone");
        assert!(in_case(&scene, |case| take_away(case, variables::PROFILE)).is_empty());
        assert!(in_case(&scene, |case| give(case, variables::PROFILE, "default")).is_empty());
    }
}
