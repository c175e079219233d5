//! `session-has-old-settings`: a running session was started before its route was changed.

use super::old_sessions;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, local};
use crate::resolve::{Provider, differs, resolve};
use crate::variables;

/// A running session was started before its route was changed.
pub const KIND: Kind = Kind {
    name: "session-has-old-settings",
    layer: Layer::Client,
    severity: Severity::Warning,
    title: "The session was started before its route was changed",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

New sessions are on Bedrock (or in the new region, or have the new key), and one that has been open since before is not. Or the AWS CLI
works again, and a session still reports `The security token included in the request is expired`.

## Why

A process keeps the environment that it was started with. Claude Code takes up values that change in its settings files, but nothing
that changes in rc files, in the terminal, or by taking a key out of a settings file. Credentials that were renewed after its start do not
reach it in every version.

## Fix

Leave that session, open a new terminal where the shell has changed, and in the same directory:

    claude --continue

## Check

`bedrockup why --pid PID` names nothing that differs.
";

/// What follows from the old value of a variable.
fn consequences(name: &str) -> &'static [&'static str] {
    match name {
        variables::USE_BEDROCK => &["value-not-truthy"],
        variables::REGION | variables::DEFAULT_REGION => &["region-missing"],
        _ => &[],
    }
}

fn detect(case: &Case<'_>) -> Vec<Found> {
    // Where one session is asked for, it is that one that matters.
    let Some(now) = case.machine.as_of_now.as_deref().map(resolve) else { return old_sessions::detect(case) };
    let names = differs(case.route, &now);
    if names.is_empty() {
        return Vec::new();
    }
    let summary = format!("This session still has another {} than a new one here would.", names.join(", "));
    let mut found = Found::new(summary);
    if case.route.provider != Provider::Bedrock && now.provider == Provider::Bedrock {
        found = found.severity(Severity::Error);
    }
    for name in names {
        let shown = |value: Option<&str>| value.map_or("not set".to_owned(), |value| local::shown(name, value));
        let (here, new) = (shown(case.route.value(name)), shown(now.value(name)));
        let what = match here == new {
            // Two secrets of one length.
            true => format!("{name} is {here}, in a new session another one"),
            false => format!("{name} is {here}, in a new session {new}"),
        };
        found = found.evidence("this session", what);
        found = consequences(name).iter().fold(found, |found, consequence| found.explains(consequence));
    }
    vec![found.fix(Fix::command("Leave that session and go on with it in a new one.", "claude --continue"))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::variables;

    /// The healthy machine's session, which differs from a new one by what the test changes in it.
    fn session() -> Scene {
        let mut scene = Scene::healthy();
        scene.machine.as_of_now = Some(Box::new(scene.machine.clone()));
        scene.machine.shells.clear();
        scene.machine.rc_files.clear();
        scene.machine.client.auth_status = None;
        scene
    }

    #[test]
    fn a_session_from_before_the_block_is_not_called_unconfigured() {
        let mut scene = session();
        scene.old_terminal();
        let finding = scene.expect_first("session-has-old-settings");
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("claude --continue"));
        assert!(finding.evidence.iter().any(|evidence| evidence.what.contains("is not set, in a new session `1`")));
        scene.expect_absent("not-configured");
        assert_eq!(scene.expect("region-missing").because_of, Some("session-has-old-settings"));
    }

    #[test]
    fn another_region_is_a_warning_and_another_secret_is_not_shown() {
        let mut scene = session();
        scene.machine.environment.set(variables::REGION, "us-west-2");
        assert_eq!(scene.expect("session-has-old-settings").severity, Severity::Warning);
        let mut scene = session();
        scene.machine.environment.set(variables::BEARER_TOKEN, "ABSKold");
        if let Some(now) = &mut scene.machine.as_of_now {
            now.environment.set(variables::BEARER_TOKEN, "ABSKnew");
        }
        let finding = scene.expect("session-has-old-settings");
        assert!(!format!("{finding:?}").contains("ABSK"), "{finding:?}");
        assert!(finding.evidence[0].what.ends_with("another one"), "{finding:?}");
    }

    #[test]
    fn where_neither_is_configured_that_is_said() {
        let mut scene = session();
        scene.old_terminal();
        if let Some(now) = &mut scene.machine.as_of_now {
            now.environment = scene.machine.environment.clone();
            now.shells.clear();
            now.rc_files.clear();
        }
        scene.expect_first("not-configured");
        scene.expect_absent("session-has-old-settings");
    }

    #[test]
    fn the_same_route_and_no_session_are_nothing() {
        session().expect_absent("session-has-old-settings");
        Scene::healthy().expect_absent("session-has-old-settings");
    }
}
