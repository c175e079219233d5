//! `ide-bundles-older-client`: the client in an editor's extension is older than the one of the terminal.

use super::claude_known_bad_version::{newest, update_command};
use super::known_bad::{self, Surface};
use super::{claude_too_old, claude_too_old::Weight};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, words};
use crate::observe::client::Bundled;
use crate::observe::surfaces::editors;
use crate::resolve::{Provider, Source, data};
use crate::version::Version;

/// The client in an editor's extension is older than the one of the terminal.
pub const KIND: Kind = Kind {
    name: "ide-bundles-older-client",
    layer: Layer::Client,
    severity: Severity::Warning,
    title: "The client in an editor's extension is older than the one of the terminal",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

The newest model is missing in the editor and present in the terminal, or a call fails in the panel that succeeds in the terminal.

## Why

The extension brings a client of its own. `claude update` does not reach it: it is updated with the extension. A few versions apart is
the rule, since both are published often; this finding is about more than that, or about something that changed in between.

## Fix

    code --install-extension anthropic.claude-code --force

with the command of your editor, then Developer: Reload Window.

## Check

The version that the Extensions view shows is near that of `claude --version`.
";

/// So many versions apart are a matter of days.
const NEAR: u32 = 10;

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    newest(case).into_iter().filter_map(|extension| of(case, extension)).collect()
}

fn of(case: &Case<'_>, extension: &Bundled) -> Option<Found> {
    // What its own version is known for is said by `claude-known-bad-version`.
    if known_bad::rows(case, Surface::Vscode, extension.version).iter().any(|row| row.severity == Severity::Error) {
        return None;
    }
    let editor = editors::of_folder(extension.editor).map_or(extension.editor, |family| family.name);
    let place = words::short(case, &extension.path);
    let own = extension.version;
    let bad = known_bad::rows(case, Surface::Cli, own).into_iter().find(|row| row.severity != Severity::Note);
    let too_old = claude_too_old::missing(case, own).into_iter().find(|(.., weight)| *weight != Weight::Note);
    let terminal = case.machine.client.version().filter(|terminal| *terminal > own);
    let mut found = match (terminal, bad, &too_old) {
        (None, None, None) => return None,
        (Some(terminal), ..) => {
            let summary = format!("{editor} brings Claude Code {own}, and the terminal runs {terminal}.");
            let found = Found::new(summary).evidence(place, format!("version {own}"));
            let found = match case.machine.client.running() {
                Some(running) => found.evidence(words::short(case, &running.path), format!("version {terminal}")),
                None => found,
            };
            let matters = bad.is_some() || too_old.is_some() || differ(case, own, terminal);
            if matters { found } else { found.severity(Severity::Note) }
        }
        (None, ..) => Found::new(format!("{editor} brings Claude Code {own}, which is too old for this setup."))
            .evidence(place, format!("version {own}")),
    };
    if let Some(row) = bad {
        found =
            found.evidence(row.applies_when.clone(), format!("before {}: {} ({})", row.to, row.symptom, row.source));
    }
    if let Some((row, what, _)) = too_old {
        found = found.evidence(what, format!("{} from {} on ({})", row.feature, row.least_version, row.source));
    }
    let text = "Update the extension, then reload the window (Developer: Reload Window).";
    Some(found.fix(Fix::command(text, update_command(extension))))
}

/// Two versions are far apart, or have different default models where nothing is pinned.
fn differ(case: &Case<'_>, one: Version, other: Version) -> bool {
    let far = (one.0, one.1) != (other.0, other.1) || one.2.abs_diff(other.2) >= NEAR;
    let (one, other) = (data::defaults(one), data::defaults(other));
    let unpinned = case.models.iter().any(|model| model.source == Source::ClientDefault);
    let defaults =
        (&one.main, &one.opus, &one.sonnet, &one.haiku) != (&other.main, &other.opus, &other.sonnet, &other.haiku);
    far || (unpinned && defaults)
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::version::Version;

    fn two(extension: (u32, u32, u32), terminal: Version) -> Scene {
        let mut scene = Scene::healthy();
        scene.client(terminal);
        scene.extension(".vscode", extension);
        scene
    }

    #[test]
    fn an_extension_that_stayed_behind() {
        let finding = two((2, 1, 100), Version(2, 1, 211)).expect("ide-bundles-older-client");
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.fixes[0].text.starts_with("Update the extension"), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("code --install-extension anthropic.claude-code --force"));
    }

    #[test]
    fn a_few_versions_apart_is_the_rule() {
        assert_eq!(two((2, 1, 325), Version(2, 1, 329)).expect("ide-bundles-older-client").severity, Severity::Note);
        two((2, 1, 330), Version(2, 1, 330)).expect_absent("ide-bundles-older-client");
        two((2, 1, 331), Version(2, 1, 330)).expect_absent("ide-bundles-older-client");
    }

    #[test]
    fn a_known_failure_is_named_by_itself() {
        two((2, 1, 72), Version(2, 1, 330)).expect_absent("ide-bundles-older-client");
    }

    #[test]
    fn without_a_client_in_the_terminal_the_extension_must_be_new_enough() {
        let mut scene = two((2, 1, 94), Version(2, 1, 330));
        scene.machine.client.installs.clear();
        scene.use_bearer("ABSKQmVkcm9jazpleGFtcGxl");
        assert_eq!(scene.expect("ide-bundles-older-client").severity, Severity::Warning);
    }

    #[test]
    fn no_extension_no_finding() {
        Scene::healthy().expect_absent("ide-bundles-older-client");
    }
}
