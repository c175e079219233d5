//! `claude-several-installs`: an older copy runs instead of the one that is kept up to date.

use super::claude_too_old;
use super::known_bad::{self, Surface};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, words};
use crate::observe::client::{Install, Origin};
use crate::observe::wrappers::WrapperKind;
use crate::resolve::wrappers;
use crate::version::Version;

/// An older copy runs instead of the one that is kept up to date.
pub const KIND: Kind = Kind {
    name: "claude-several-installs",
    layer: Layer::Client,
    severity: Severity::Warning,
    title: "Several copies of `claude`, and not the newest one runs",
    page: PAGE,
    owns: &["claude-too-old", "claude-known-bad-version"],
    detect,
};

const PAGE: &str = "\
## What you see

`claude update` succeeds and `claude --version` stays the same; or one terminal behaves differently from another.

## Why

There is more than one `claude` (npm, bun, volta, a shim of asdf or mise, the native installer, Homebrew), with different versions, and the shell
runs what an alias names, or the first one on its `PATH`. The update reaches another.

## Fix

Keep one. A copy of npm goes with

    npm -g uninstall @anthropic-ai/claude-code

Where npm's prefix is the folder of the native launcher: `npm config delete prefix`.

## Check

Open a new terminal, or `hash -r`: `claude --version` shows the newest.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let client = &case.machine.client;
    let Some(running) = client.running() else { return Vec::new() };
    let Ok(version) = running.version else { return Vec::new() };
    let others: Vec<(&Install, Version)> = client
        .installs
        .iter()
        .filter(|install| install.path != running.path)
        .filter_map(|install| Some((install, install.version.clone().ok()?)))
        .collect();
    let Some((newest, newest_version)) =
        others.iter().copied().filter(|(_, other)| *other != version).max_by_key(|(_, other)| *other)
    else {
        return Vec::new();
    };
    let severity = match newest_version > version {
        true if claude_too_old::holds(case) || is_bad(case, version) && !is_bad(case, newest_version) => {
            Severity::Error
        }
        true => Severity::Warning,
        // An old copy that never runs is worth knowing, no more.
        false => Severity::Note,
    };
    let place = words::short(case, &running.path);
    let other = words::short(case, &newest.path);
    let summary = if severity == Severity::Note {
        format!("There is an older `claude` beside the one that runs: {other} is {newest_version}.")
    } else {
        format!("`claude` runs {version} from {place}, and {newest_version} is installed at {other}.")
    };
    let brought =
        |install: &Install| install.origin.name().map_or_else(String::new, |who| format!(", brought by {who}"));
    let mut found = Found::new(summary)
        .severity(severity)
        .evidence(place.clone(), format!("version {version}{}; this one runs", brought(running)));
    for (install, other) in &others {
        let off = if install.on_path { "" } else { "; not on the PATH" };
        found = found.evidence(words::short(case, &install.path), format!("version {other}{}{off}", brought(install)));
    }
    // What an alias names runs whatever the PATH says.
    let alias = wrappers(case.machine).find(|wrapper| {
        wrapper.kind == WrapperKind::Alias
            && wrapper.launch.program.as_deref().is_some_and(|program| program.contains('/'))
    });
    if let Some((path, line)) = alias.filter(|_| severity != Severity::Note).and_then(|alias| alias.place.as_ref()) {
        let at = format!("{}:{line}", words::short(case, path));
        found = found.evidence(at.clone(), "an alias `claude` names the one that runs");
        let text = format!("Take the alias in {at} away, so that the one on the PATH runs.");
        return vec![found.fix(hand::edit_line(case, text, path, *line)).fix(removal(case, running))];
    }
    let old = if severity == Severity::Note { newest } else { running };
    vec![found.fix(removal(case, old))]
}

/// A version that is known to fail in this setup.
fn is_bad(case: &Case<'_>, version: Version) -> bool {
    known_bad::rows(case, Surface::Cli, version).iter().any(|row| row.severity == Severity::Error)
}

/// Takes one copy away by the means that brought it.
fn removal(case: &Case<'_>, install: &Install) -> Fix {
    let place = words::short(case, &install.path);
    let text = |how: &str| format!("Remove the old copy {place}{how}, then open a new terminal (or `hash -r`).");
    let brought = install.origin.name().map_or_else(String::new, |who| format!(", which {who} brought"));
    let by = |command: &str| Fix::command(text(&brought), command);
    match install.origin {
        Origin::Npm | Origin::Asdf | Origin::Mise => by("npm -g uninstall @anthropic-ai/claude-code"),
        Origin::Homebrew => by("brew uninstall claude-code"),
        Origin::Bun => by("bun remove -g @anthropic-ai/claude-code"),
        Origin::Pnpm => by("pnpm remove -g @anthropic-ai/claude-code"),
        Origin::Yarn => by("yarn global remove @anthropic-ai/claude-code"),
        Origin::Volta => by("volta uninstall @anthropic-ai/claude-code"),
        Origin::Local => by("rm -r ~/.claude/local"),
        Origin::Nix => Fix::words(crate::diagnose::Who::You, text(" from your Nix profile")),
        Origin::Native | Origin::Unknown => Fix::command(
            text(" (with `npm -g uninstall @anthropic-ai/claude-code` where npm brought it)"),
            format!("rm {}", hand::path(case, &install.path)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::client::Origin;
    use crate::observe::wrappers::WrapperKind;
    use crate::version::Version;

    fn two(first: Version, second: Version, on_path: bool) -> Scene {
        let mut scene = Scene::healthy();
        scene.client(first);
        scene.install("/home/ada/.npm-global/bin/claude", on_path, Ok(second));
        scene
    }

    #[test]
    fn an_old_one_before_a_good_one_is_an_error() {
        let finding = two(Version(1, 0, 15), Version(2, 1, 180), true).expect_first("claude-several-installs");
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.fixes[0].text.contains("hash -r"));
        assert_eq!(
            two(Version(1, 0, 15), Version(2, 1, 180), true).expect("claude-too-old").because_of,
            Some("claude-several-installs")
        );
    }

    #[test]
    fn an_update_that_reaches_another_copy_is_a_warning() {
        assert_eq!(
            two(Version(2, 1, 300), Version(2, 1, 330), false).expect("claude-several-installs").severity,
            Severity::Warning
        );
    }

    #[test]
    fn an_old_one_that_never_runs_is_a_note() {
        let finding = two(Version(2, 1, 330), Version(1, 0, 15), true).expect("claude-several-installs");
        assert_eq!(finding.severity, Severity::Note);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("npm -g uninstall @anthropic-ai/claude-code"));
    }

    #[test]
    fn a_known_failure_before_a_good_one_is_an_error() {
        let mut scene = two(Version(2, 1, 94), Version(2, 1, 330), true);
        scene.use_bearer("ABSKQmVkcm9jazpleGFtcGxl");
        assert_eq!(scene.expect_first("claude-several-installs").severity, Severity::Error);
        assert_eq!(scene.expect("claude-known-bad-version").because_of, Some("claude-several-installs"));
    }

    #[test]
    fn what_an_alias_names_is_taken_away_there() {
        let mut scene = two(Version(1, 0, 15), Version(2, 1, 330), true);
        scene.wrapper(WrapperKind::Alias, "/home/ada/.claude/local/claude");
        let finding = scene.expect_first("claude-several-installs");
        assert!(finding.fixes[0].text.contains("alias in ~/.bashrc:12"), "{finding:?}");
    }

    #[test]
    fn each_copy_goes_by_whom_it_came() {
        for (origin, command) in [
            (Origin::Homebrew, "brew uninstall claude-code"),
            (Origin::Bun, "bun remove -g @anthropic-ai/claude-code"),
            (Origin::Volta, "volta uninstall @anthropic-ai/claude-code"),
            (Origin::Local, "rm -r ~/.claude/local"),
        ] {
            let mut scene = two(Version(2, 1, 300), Version(2, 1, 330), true);
            scene.machine.client.installs[0].origin = origin;
            let finding = scene.expect("claude-several-installs");
            assert_eq!(finding.fixes[0].command.as_deref(), Some(command));
        }
    }

    #[test]
    fn two_names_of_one_version_are_well() {
        two(Version(2, 1, 330), Version(2, 1, 330), true).expect_absent("claude-several-installs");
        Scene::healthy().expect_absent("claude-several-installs");
    }
}
