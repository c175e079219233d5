//! `claude-several-installs`: an older copy runs instead of the one that is kept up to date.

use super::claude_too_old;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, words};
use crate::observe::client::Install;
use crate::version::Version;

/// An older copy runs instead of the one that is kept up to date.
pub const KIND: Kind = Kind {
    name: "claude-several-installs",
    layer: Layer::Client,
    severity: Severity::Warning,
    title: "Several copies of `claude`, and not the newest one runs",
    page: PAGE,
    owns: &["claude-too-old"],
    detect,
};

const PAGE: &str = "\
## What you see

`claude update` succeeds and `claude --version` stays the same; or one terminal behaves differently from another.

## Why

There is more than one `claude` (npm, the native installer, Homebrew), with different versions, and the shell runs the first one on its
`PATH`. The update reaches another.

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
        true if claude_too_old::holds(case) => Severity::Error,
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
    let mut found =
        Found::new(summary).severity(severity).evidence(place.clone(), format!("version {version}; this one runs"));
    for (install, other) in &others {
        found = found.evidence(
            words::short(case, &install.path),
            format!("version {other}{}", if install.on_path { "" } else { "; not on the PATH" }),
        );
    }
    let old = if severity == Severity::Note { newest } else { running };
    vec![found.fix(removal(case, old))]
}

/// Takes one copy away by the means that brought it.
fn removal(case: &Case<'_>, install: &Install) -> Fix {
    let place = words::short(case, &install.path);
    let text = |how: &str| format!("Remove the old copy {place}{how}, then open a new terminal (or `hash -r`).");
    let path = install.path.to_string_lossy();
    let from = |parts: &[&str]| parts.iter().any(|part| path.contains(part));
    if from(&["node_modules", "/.nvm/", "/.npm", "npm-global", "/.volta/", "/fnm"]) {
        Fix::command(text(", which npm brought"), "npm -g uninstall @anthropic-ai/claude-code")
    } else if from(&["/homebrew/", "/linuxbrew/", "/Cellar/"]) {
        Fix::command(text(", which Homebrew brought"), "brew uninstall claude-code")
    } else {
        Fix::command(
            text(" (with `npm -g uninstall @anthropic-ai/claude-code` where npm brought it)"),
            format!("rm {}", hand::path(case, &install.path)),
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
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
    fn two_names_of_one_version_are_well() {
        two(Version(2, 1, 330), Version(2, 1, 330), true).expect_absent("claude-several-installs");
        Scene::healthy().expect_absent("claude-several-installs");
    }
}
