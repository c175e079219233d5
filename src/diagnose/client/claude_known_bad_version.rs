//! `claude-known-bad-version`: this version of the client is known to fail in such a setup.

use std::collections::BTreeSet;

use super::claude_too_old::{self, Weight};
use super::known_bad::{self, Row, Surface};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, words};
use crate::observe::client::{Bundled, Install, Origin};
use crate::observe::surfaces::editors;
use crate::resolve::Provider;
use crate::version::Version;

/// This version of the client is known to fail in such a setup.
pub const KIND: Kind = Kind {
    name: "claude-known-bad-version",
    layer: Layer::Client,
    severity: Severity::Error,
    title: "This version of Claude Code is known to fail in such a setup",
    page: PAGE,
    owns: &["claude-too-old"],
    detect,
};

const PAGE: &str = "\
## What you see

What worked fails since an update, or never worked with an old version, and the same call from elsewhere succeeds: `Authorization header is
missing`, `invalid beta flag`, `Extra inputs are not permitted`, `tools.0.custom.eager_input_streaming`, `thinking.type.enabled is not supported`,
`this model does not support the effort parameter`, `Session token not found or invalid`, `O is not defined`; or a start that hangs.

## Why

Some versions of Claude Code failed with Amazon Bedrock, and only in some setups: with a Bedrock API key, with Opus 4.7, with an application
profile, with `awsAuthRefresh`. bedrockup has a dated table of them with a source for each. A version counts only where what the row asks for
holds here. The extension of an editor brings a client of its own and is judged by its own version.

## Fix

    claude update

In an editor, update the extension and reload the window. Until then, what the finding names as a stop-gap.

## Check

`claude --version` shows a version past the one named.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    let mut all = Vec::new();
    if let (Some(running), Some(version)) = (case.machine.client.running(), case.machine.client.version()) {
        let rows = known_bad::rows(case, Surface::Cli, version);
        let found = found(case, &words::short(case, &running.path), version, &rows, |fix| by_hand(running, fix));
        // One update cures both; an error of that name stands for itself.
        let too_old = claude_too_old::missing(case, version).first().map(|(.., weight)| *weight);
        let beneath = |found: &Found| found.severity == Some(Severity::Warning) && too_old < Some(Weight::Error);
        all.extend(found.map(|found| if beneath(&found) { found.explains("claude-too-old") } else { found }));
    }
    let mut seen = BTreeSet::new();
    for extension in newest(case) {
        let rows = known_bad::rows(case, Surface::Vscode, extension.version);
        if seen.insert(&extension.path) {
            let place = words::short(case, &extension.path);
            all.extend(found(case, &place, extension.version, &rows, |fix| of_extension(extension, fix)));
        }
    }
    all
}

/// The extension that each editor runs: the newest one in its folder.
pub fn newest<'a>(case: &Case<'a>) -> Vec<&'a Bundled> {
    let mut newest: Vec<&Bundled> = Vec::new();
    for extension in &case.machine.client.bundled {
        if newest.iter().all(|known| known.editor != extension.editor) {
            newest.push(extension);
        }
    }
    newest
}

/// One client with the rows that hold for it.
fn found(case: &Case<'_>, place: &str, version: Version, rows: &[&Row], fix: impl Fn(String) -> Fix) -> Option<Found> {
    let first = rows.first()?;
    let until = rows.iter().filter(|row| row.severity == first.severity).map(|row| row.to).max().unwrap_or(first.to);
    let mut found =
        Found::new(format!("claude {version} is known to fail here: {} ({}).", first.symptom, first.applies_when))
            .severity(first.severity)
            .evidence(place, format!("version {version}"));
    for row in rows {
        let from =
            if row.from == Version(0, 0, 0) { "before".to_owned() } else { format!("from {} and before", row.from) };
        let what = format!("{from} {}: {}; {} ({})", row.to, row.symptom, row.effect, row.source);
        found = found.evidence(row.applies_when.clone(), what);
    }
    let mut words = format!("Update to {until} or newer.");
    for row in rows.iter().filter(|row| row.severity == first.severity) {
        let text = format!(" ({}: {})", row.applies_when, row.fix);
        if !words.contains(&text) {
            words.push_str(&text);
        }
    }
    found = found.fix(fix(words));
    if first.fix.contains("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1") {
        let command = crate::diagnose::words::export(case, "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", "1");
        found = found.fix(Fix::command("Until then, as a stop-gap.", command));
    }
    if first.severity == Severity::Error {
        let consequences = ["profile-arn-opaque", "feature-variable-harmful"];
        found = consequences.into_iter().filter(|name| explains(first, name)).fold(found, Found::explains);
    }
    Some(found)
}

/// The row is the cause of what this finding would say.
fn explains(row: &Row, name: &str) -> bool {
    match name {
        "profile-arn-opaque" => row.applies_when.contains("inference profile"),
        _ => row.applies_when.contains("FINE_GRAINED"),
    }
}

/// The command that updates the client of a terminal, by whom it was brought.
fn by_hand(running: &Install, text: String) -> Fix {
    let command = match running.origin {
        Origin::Homebrew => "brew upgrade claude-code",
        _ => "claude update",
    };
    Fix::command(text, command)
}

/// An extension is updated by its editor.
fn of_extension(extension: &Bundled, text: String) -> Fix {
    Fix::command(format!("Update the extension, then reload the window. {text}"), update_command(extension))
}

/// The command that updates an extension.
pub fn update_command(extension: &Bundled) -> String {
    let editor = editors::of_folder(extension.editor).and_then(|family| family.processes.first()).unwrap_or(&"code");
    format!("{editor} --install-extension anthropic.claude-code --force")
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::spoil::env;
    use crate::diagnose::testing::Scene;
    use crate::observe::client::Origin;
    use crate::observe::settings::{Scope, Settings};
    use crate::variables;
    use crate::version::Version;

    fn with(version: Version, change: impl Fn(&mut Scene)) -> Scene {
        let mut scene = Scene::healthy();
        scene.client(version);
        change(&mut scene);
        scene
    }

    /// The finding stands for versions of the range and for no other.
    fn range(from: Version, last: Version, change: impl Fn(&mut Scene) + Copy) {
        for version in [from, last] {
            assert_eq!(with(version, change).expect("claude-known-bad-version").severity, Severity::Error, "{version}");
        }
        let after = Version(last.0, last.1, last.2 + 1);
        let later = with(after, change).findings();
        let still = later.iter().find(|finding| finding.name == "claude-known-bad-version");
        assert!(still.is_none_or(|finding| finding.severity != Severity::Error), "{after}: {still:?}");
        let without = with(from, |_| {}).findings();
        let still = without.iter().find(|finding| finding.name == "claude-known-bad-version");
        assert!(still.is_none_or(|finding| finding.severity != Severity::Error), "without its condition: {still:?}");
    }

    #[test]
    fn a_bearer_token_that_is_not_sent() {
        range(Version(2, 1, 94), Version(2, 1, 95), |scene| scene.use_bearer("ABSKQmVkcm9jazpleGFtcGxl"));
    }

    #[test]
    fn betas_of_opus_4_7() {
        let pinned = |scene: &mut Scene| scene.configure(variables::OPUS_MODEL, "us.anthropic.claude-opus-4-7");
        range(Version(2, 1, 111), Version(2, 1, 112), pinned);
        let finding = with(Version(2, 1, 111), pinned).expect_first("claude-known-bad-version");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("claude update"));
        assert!(finding.fixes[1].command.as_deref().unwrap_or_default().contains("DISABLE_EXPERIMENTAL_BETAS"));
        assert_eq!(
            with(Version(2, 1, 111), pinned).expect("claude-too-old").because_of,
            Some("claude-known-bad-version")
        );
    }

    #[test]
    fn a_gateway_and_betas_that_stay_on() {
        let gateway = |scene: &mut Scene| {
            scene.set(variables::BASE_URL, "https://gateway.example.com");
            scene.set("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", "1");
        };
        range(Version(2, 1, 23), Version(2, 1, 80), gateway);
        let finding = with(Version(2, 1, 23), gateway).expect_first("claude-known-bad-version");
        assert!(finding.summary.contains("invalid beta flag though betas are disabled"), "{finding:?}");
        assert!(finding.fixes[0].text.contains("2.1.25"), "{finding:?}");
    }

    #[test]
    fn a_refresh_that_hangs() {
        let helper = Settings { aws_auth_refresh: Some("aws sso login".to_owned()), ..Settings::default() };
        range(Version(2, 1, 7), Version(2, 1, 42), |scene| scene.settings(Scope::User, helper.clone()));
        let later = with(Version(2, 1, 206), |scene| scene.settings(Scope::User, helper.clone()));
        assert_eq!(later.expect("claude-known-bad-version").severity, Severity::Warning);
        // A pin that is newer than the client is cured by the same update.
        let both = with(Version(2, 1, 100), |scene| scene.settings(Scope::User, helper.clone()));
        assert_eq!(both.expect("claude-too-old").because_of, Some("claude-known-bad-version"));
    }

    #[test]
    fn the_extension_is_judged_by_its_own_version() {
        let mut scene = with(Version(2, 1, 71), |scene| scene.extension(".vscode", (2, 1, 72)));
        let finding = scene.expect_first("claude-known-bad-version");
        assert!(finding.fixes[0].text.starts_with("Update the extension"), "{finding:?}");
        assert!(finding.evidence[0].place.contains("anthropic.claude-code-2.1.72"), "{finding:?}");
        // An older copy beside it does not run.
        scene.machine.client.bundled.insert(0, scene.machine.client.bundled[0].clone());
        scene.machine.client.bundled[0].version = Version(2, 1, 73);
        let findings = scene.findings();
        assert!(
            findings
                .iter()
                .all(|finding| { finding.name != "claude-known-bad-version" || finding.severity != Severity::Error })
        );
    }

    #[test]
    fn homebrew_updates_what_it_brought() {
        let mut scene = with(Version(2, 1, 94), |scene| scene.use_bearer("ABSKQmVkcm9jazpleGFtcGxl"));
        scene.machine.client.installs[0].origin = Origin::Homebrew;
        let finding = scene.expect_first("claude-known-bad-version");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("brew upgrade claude-code"));
    }

    #[test]
    fn a_forced_login_keeps_bedrock_out() {
        let keys = [("forceLoginMethod".to_owned(), 2)].into_iter().collect();
        let forced = Settings { keys, env: env(&[]), ..Settings::default() };
        range(Version(2, 1, 150), Version(2, 1, 160), |scene| scene.settings(Scope::Managed, forced.clone()));
    }

    #[test]
    fn the_present_client_and_old_ones_without_a_condition_are_well() {
        Scene::healthy().expect_absent("claude-known-bad-version");
        for version in [Version(2, 1, 100), Version(2, 1, 180), Version(2, 1, 211)] {
            let findings = with(version, |_| {}).findings();
            let found = findings.iter().find(|finding| finding.name == "claude-known-bad-version");
            assert!(found.is_none_or(|finding| finding.severity == Severity::Note), "{version}: {found:?}");
        }
    }
}
