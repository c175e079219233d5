//! `block-overridden-later`: something after the block sets another value.

use std::path::Path;

use super::reach::is_hidden;
use crate::diagnose::local::Block;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, repairs, words};
use crate::observe::rc_files::{Assignment, Effect, RcFile, Sourced};
use crate::shell::ShellKind;
use crate::variables;

/// Something after the block sets another value.
pub const KIND: Kind = Kind {
    name: "block-overridden-later",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "Something after the block sets another value",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

A new terminal has another region, profile or model than the block gives, or Bedrock is off there although the block turns it on
(`Not logged in · Please run /login`).

## Why

The last one wins: a line further down in the same file, a file that such a line reads (`. ~/.aliases`), a file that the shell reads later, or a tool that sets variables per directory
(`.envrc` of direnv, mise, a dotenv plugin). The shell itself already has the wrong value; settings files are not involved.

## Fix

Remove the line that is quoted, or change the block to the value that you want: `bedrockup setup`.

## Check

Open a new terminal and run `bedrockup why`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(kind) = local::login_kind(case) else { return Vec::new() };
    let blocks = local::blocks_of(case, kind);
    let lines = local::assignments(case, kind);
    let mut all = Vec::new();
    let mut seen = Vec::new();
    for block in blocks.iter().filter(|block| !is_hidden(case, block.file)) {
        for (name, value) in block.values {
            // Two blocks that disagree, and settings that decide, are not overridden by a shell.
            let accepted = |found: &str| {
                blocks.iter().any(|other| other.values.get(name).is_some_and(|given| local::same(name, given, found)))
            };
            if seen.contains(&name) || local::settings_winner(case, name).is_some() {
                continue;
            }
            let later = |line: &&(&RcFile, &Assignment)| {
                line.1.name == *name && (line.0.path != block.file.path || line.1.line > block.last_line)
            };
            let unset = lines.iter().filter(later).rfind(|(_, line)| line.effect == Effect::Unset);
            let sourced = sourced_after(case, kind, block, name);
            let unset_there = sourced.iter().rfind(|(_, line)| line.effect == Effect::Unset);
            let wrong = local::fresh(case, kind).into_iter().find_map(|shell| match shell.environment()?.get(name) {
                Some(other) if !accepted(other) => Some((shell, Some(other))),
                None if unset.is_some() || unset_there.is_some() => Some((shell, None)),
                _ => None,
            });
            let Some((shell, other)) = wrong else {
                let here = case.machine.environment.get(name);
                if here.is_none_or(|here| !accepted(here))
                    && let Some(found) = per_directory(case, name, value, here)
                {
                    seen.push(name);
                    all.push(found);
                }
                continue;
            };
            seen.push(name);
            let culprit = match other {
                None => unset,
                Some(other) => {
                    let exact = lines.iter().filter(later).rfind(|(_, line)| line.value.as_deref() == Some(other));
                    exact.or_else(|| {
                        lines
                            .iter()
                            .filter(later)
                            .rfind(|(_, line)| line.value.is_none() && line.effect != Effect::Unset)
                    })
                }
            };
            let file = words::short(case, &block.file.path);
            let now = other.map_or_else(|| "not set".to_owned(), |other| local::shown(name, other));
            let mut found = Found::new(format!(
                "{name} is {now} in a new {kind}, not {} as the block in {file} says.",
                local::shown(name, value)
            ))
            .evidence(file, format!("the block gives {}", local::shown(name, value)))
            .evidence(format!("fresh {kind}, {}", shell.mode.name()), format!("{name} is {now}"));
            found = match culprit {
                Some((file, line)) => {
                    let place = format!("{}:{}", words::short(case, &file.path), line.line);
                    let text = format!("Remove or change {place}: `{}`", line.text);
                    let fix = hand::edit_line(case, text, &file.path, line.line);
                    // What the line computes may be meant for more than this.
                    let plain = line.effect == Effect::Unset || line.literal;
                    let repair = repairs::comment_out(case, file, line).filter(|_| plain);
                    found.evidence(place, line.text.clone()).fix(fix.repaired_by(repair))
                }
                None if let Some((from, line)) = in_sourced(&sourced, other) => {
                    let place = format!("{}:{}", words::short(case, &from.path), line.line);
                    let by = format!("{}:{} reads {}", words::short(case, &from.by), from.line, words::short(case, &from.path));
                    let text = format!("Remove or change {place}: `{}`", line.text);
                    found
                        .evidence(place, format!("{} ({by})", line.text))
                        .fix(hand::edit_line(case, text, &from.path, line.line))
                }
                None => found.fix(Fix::words(
                    Who::You,
                    format!("No line in the shell's own files sets it: look in the files that they source, and at tools that set variables per directory (`.envrc`, mise, a dotenv plugin), for {name}."),
                )),
            };
            found = found.fix(Fix::command(
                "Or, if the other value is the right one, write it into the block.",
                "bedrockup setup",
            ));
            all.push(local::consequences(name).iter().fold(found, |found, name| found.explains(name)));
        }
    }
    all
}

/// Lines that set or unset a variable in files which are read after the block.
fn sourced_after<'a>(
    case: &Case<'a>,
    kind: ShellKind,
    block: &Block<'_>,
    name: &str,
) -> Vec<(&'a Sourced, &'a Assignment)> {
    let own = |path: &Path| case.machine.rc_files.iter().any(|file| file.path == path && file.shell == kind);
    let after = |from: &&Sourced| own(&from.by) && (from.by != block.file.path || from.line > block.last_line);
    let lines = case.machine.sourced.iter().filter(after);
    lines
        .flat_map(|from| from.assignments.iter().filter(|line| line.name == name).map(move |line| (from, line)))
        .collect()
}

/// The line among these that gives this value, or unsets the variable where it is not set; else the last that computes one.
fn in_sourced<'a>(
    lines: &[(&'a Sourced, &'a Assignment)],
    other: Option<&str>,
) -> Option<(&'a Sourced, &'a Assignment)> {
    let fits = |line: &Assignment| match other {
        None => line.effect == Effect::Unset,
        Some(other) => line.value.as_deref() == Some(other),
    };
    let exact = lines.iter().rfind(|(_, line)| fits(line));
    let computed =
        || lines.iter().rfind(|(_, line)| other.is_some() && line.value.is_none() && line.effect != Effect::Unset);
    exact.or_else(computed).copied()
}

/// The line in a tool's file of the directory that gives a variable what it has here.
pub fn set_by_directory<'a>(case: &Case<'a>, name: &str, here: Option<&str>) -> Option<(&'a Path, &'a Assignment)> {
    let (path, line) = case.machine.directory_files.iter().find(|(_, line)| line.name == name)?;
    let same = match (here, line.effect) {
        (None, effect) => effect == Effect::Unset,
        (Some(here), Effect::Unset) => here.is_empty(),
        (Some(here), _) => line.value.as_deref() == Some(here),
    };
    same.then_some((path.as_path(), line))
}

/// A new shell has the block's value, and this one, in its directory, has what a tool's file of the directory says.
fn per_directory(case: &Case<'_>, name: &str, value: &str, here: Option<&str>) -> Option<Found> {
    let (path, line) = set_by_directory(case, name, here)?;
    let place = format!("{}:{}", words::short(case, path), line.line);
    let now = here.map_or_else(|| "not set".to_owned(), |here| local::shown(name, here));
    let shown = local::shown(name, value);
    let found = Found::new(format!("{place} makes {name} {now} in this directory; the block says {shown}."))
        .evidence(place.clone(), line.text.clone())
        .evidence("environment", format!("{name} is {now}"));
    let text = format!("Remove or change {place}: `{}`", line.text);
    let found = found.fix(hand::edit_line(case, text, path, line.line));
    let off = name == variables::USE_BEDROCK && !here.is_some_and(variables::is_truthy);
    Some(match off || local::breaks(case, name).is_some() {
        true => local::consequences(name).iter().fold(found, |found, name| found.explains(name)),
        // Another value that works is what somebody wrote the file for.
        false => found.severity(Severity::Note),
    })
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::{Assignment, Effect, Sourced};
    use crate::observe::settings::Scope;
    use crate::shell::Mode;
    use crate::variables;

    #[test]
    fn a_later_line_is_quoted() {
        let mut scene = Scene::healthy();
        scene.override_block(variables::REGION, Some("eu-west-1"));
        scene.rc_line(".bashrc", variables::REGION, Some("eu-west-1"), Effect::Export);
        let finding = scene.expect_first("block-overridden-later");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +20 ~/.bashrc"));
        assert!(finding.evidence.iter().any(|evidence| evidence.what == "export AWS_REGION=eu-west-1"), "{finding:?}");
    }

    #[test]
    fn a_file_of_the_directory_is_quoted_where_it_decides() {
        let mut scene = Scene::healthy();
        let line = Assignment {
            line: 2,
            text: "export CLAUDE_CODE_USE_BEDROCK=0".to_owned(),
            name: variables::USE_BEDROCK.to_owned(),
            value: Some("0".to_owned()),
            effect: Effect::Export,
            literal: true,
            alone: true,
        };
        scene.machine.directory_files = vec![(scene.machine.home.join("work/.envrc"), line)];
        // Another terminal, which did not come through the tool.
        scene.expect_absent("block-overridden-later");
        scene.machine.environment.set(variables::USE_BEDROCK, "0");
        scene.client_says("firstParty");
        let finding = scene.expect_first("block-overridden-later");
        assert!(finding.fixes[0].text.contains("work/.envrc:2"), "{finding:?}");
    }

    #[test]
    fn a_line_of_a_file_that_is_read_after_the_block_is_quoted() {
        let mut scene = Scene::healthy();
        scene.override_block(variables::REGION, Some("eu-west-1"));
        let home = scene.machine.home.clone();
        let line = Assignment {
            line: 7,
            text: "export AWS_REGION=eu-west-1".to_owned(),
            name: variables::REGION.to_owned(),
            value: Some("eu-west-1".to_owned()),
            effect: Effect::Export,
            literal: true,
            alone: true,
        };
        let by = home.join(".bashrc");
        let path = home.join(".aliases");
        scene.machine.sourced = vec![Sourced { by, line: 30, path, direct: true, assignments: vec![line] }];
        let finding = scene.expect_first("block-overridden-later");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +7 ~/.aliases"));
        assert!(finding.evidence.iter().any(|evidence| evidence.what.contains("~/.bashrc:30 reads")), "{finding:?}");
        // What is read before the block does not win over it.
        scene.machine.sourced[0].line = 1;
        assert!(scene.expect_first("block-overridden-later").fixes[0].command.is_none());
    }

    #[test]
    fn a_later_unset_turns_bedrock_off() {
        let mut scene = Scene::healthy();
        scene.override_block(variables::USE_BEDROCK, None);
        scene.rc_line(".bashrc", variables::USE_BEDROCK, None, Effect::Unset);
        scene.expect_first("block-overridden-later");
        assert_eq!(scene.expect("not-configured").because_of, Some("block-overridden-later"));
    }

    #[test]
    fn a_value_from_nowhere_is_named_without_a_line() {
        let mut scene = Scene::healthy();
        scene.shells_say(variables::USE_BEDROCK, "0");
        let finding = scene.expect_first("block-overridden-later");
        assert!(finding.fixes[0].text.contains("mise"), "{finding:?}");
    }

    #[test]
    fn a_block_that_is_not_read_is_another_finding() {
        let mut scene = Scene::healthy();
        scene.shells_lack(&Mode::ALL);
        scene.expect_absent("block-overridden-later");
    }

    #[test]
    fn settings_that_decide_are_another_finding() {
        let mut scene = Scene::healthy();
        scene.override_block(variables::REGION, Some("eu-west-1"));
        scene.settings_env(Scope::User, &[(variables::REGION, "eu-west-1")]);
        scene.expect_absent("block-overridden-later");
    }

    #[test]
    fn the_healthy_machine_keeps_its_values() {
        Scene::healthy().expect_absent("block-overridden-later");
    }
}
