//! `sso-login-needs-local-browser`: the sign-in opens a browser that cannot answer this session.

use super::{browser, refresh, sso_never_logged_in, sso_session_expired};
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, look, words};
use crate::resolve::ProfileRoute;

/// The sign-in opens a browser that cannot answer this session.
pub const KIND: Kind = Kind {
    name: "sso-login-needs-local-browser",
    layer: Layer::Credentials,
    severity: Severity::Warning,
    title: "The sign-in opens a browser that cannot answer this session",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`aws sso login` prints a long URL and waits; the browser on your own machine ends at `127.0.0.1:PORT/oauth/callback` with `This site can't be reached`
or `ERR_CONNECTION_REFUSED`. `awsAuthRefresh` never ends.

## Why

From version 2.22 on the AWS CLI waits for the browser at 127.0.0.1. Over SSH, or in a container, that is another machine than the one with the
browser.

## Fix

Sign in with a code, which is typed into a browser of any device:

    aws sso login --profile NAME --use-device-code --no-browser

and write the same into `awsAuthRefresh`.

## Check

`aws sts get-caller-identity --profile NAME` prints the account.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    // The old form of a profile is signed in by a code always.
    let Some((name, ProfileRoute::Sso { session: Some(_), .. })) = look::leaf(case) else { return Vec::new() };
    let Some(away) = browser::away(case).filter(|_| browser::cli_waits_here(case)) else { return Vec::new() };
    let refresh = refresh::of(case);
    let sign_in = refresh.and_then(|refresh| refresh::sign_in(refresh.command));
    let by_browser = refresh.filter(|_| sign_in.as_ref().is_some_and(|sign_in| sign_in.sso && !sign_in.device_code));
    let needed = is_needed(case);
    // A command of somebody's own knows its way; and nobody signs in by hand while the session lives.
    if by_browser.is_none() && (refresh.is_some() || !needed) {
        return Vec::new();
    }
    let code = browser::by_code(case, name);
    let cli = match case.machine.host.aws_cli {
        Some(version) => format!("version {version}"),
        None => "its version is not known; from 2.22 on it waits for the browser here".to_owned(),
    };
    let mut found =
        Found::new(format!("The sign-in of the profile `{name}` opens a browser that cannot answer this session."))
            .severity(match (needed, away.certain) {
                (true, _) => Severity::Error,
                (false, true) => Severity::Warning,
                (false, false) => Severity::Note,
            })
            .evidence(away.place.clone(), away.what.clone())
            .evidence("AWS CLI", cli);
    found = match by_browser {
        None => found.fix(crate::diagnose::Fix::command("Sign in with a code instead.", code)),
        Some(refresh) => {
            let place = format!("{}:{}", words::short(case, refresh.path), refresh.line);
            let text = format!("Let `awsAuthRefresh` in {place} run `{code}`.");
            let found = found
                .evidence(
                    format!("{}, {place}", refresh.scope.name()),
                    format!("`awsAuthRefresh` runs `{}`", refresh.command),
                )
                .fix(crate::diagnose::Fix::command("Sign in with a code.", code));
            found.fix(hand::edit_settings(case, text, refresh.scope, refresh.path, refresh.line))
        }
    };
    // Where a command was to renew the sign-in and cannot, that is why it is over.
    let is_cause = needed && away.certain && by_browser.is_some();
    let follows =
        if is_cause { [sso_session_expired::KIND.name, sso_never_logged_in::KIND.name].as_slice() } else { &[] };
    vec![follows.iter().fold(found, |found, name| found.explains(name))]
}

/// That a sign-in is over is the cause, and that a browser is needed for the next one follows.
pub fn follows_from_the_end(case: &Case<'_>) -> bool {
    let refreshed = refresh::of(case).and_then(|refresh| refresh::sign_in(refresh.command));
    let by_browser = refreshed.is_some_and(|sign_in| sign_in.sso && !sign_in.device_code);
    !(by_browser && browser::away(case).is_some_and(|away| away.certain))
}

/// A sign-in has to be made now.
fn is_needed(case: &Case<'_>) -> bool {
    [sso_session_expired::KIND, sso_never_logged_in::KIND].iter().any(|kind| !(kind.detect)(case).is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::sso_session_expired::scene::{sign_in, sso};
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::observe::settings::{Scope, Settings};
    use crate::version::Version;

    fn refreshing(scene: &mut Scene, command: &str) {
        let settings = Settings { aws_auth_refresh: Some(command.to_owned()), ..Settings::default() };
        scene.settings(Scope::User, settings);
    }

    fn over(scene: &mut Scene) {
        sign_in(scene, "2026-11-24T08:00:00Z", false);
        scene.without_credentials(Some(CredentialFailure::Other("expired".to_owned())));
    }

    #[test]
    fn over_ssh_with_a_command_that_opens_a_browser() {
        let mut scene = sso();
        scene.machine.environment.set("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22");
        refreshing(&mut scene, "aws sso login --profile bedrock");
        sign_in(&mut scene, "2026-11-24T20:00:00Z", true);
        assert_eq!(scene.expect_first("sso-login-needs-local-browser").severity, Severity::Warning);
        over(&mut scene);
        let finding = scene.expect_first("sso-login-needs-local-browser");
        assert_eq!(finding.severity, Severity::Error);
        let code = "aws sso login --profile bedrock --use-device-code --no-browser";
        assert_eq!(finding.fixes[0].command.as_deref(), Some(code));
        assert_eq!(scene.expect("sso-session-expired").because_of, Some("sso-login-needs-local-browser"));
    }

    #[test]
    fn over_ssh_by_hand_the_end_is_the_cause_and_its_fix_does_without_a_browser() {
        let mut scene = sso();
        scene.machine.environment.set("SSH_TTY", "/dev/pts/0");
        over(&mut scene);
        let finding = scene.expect_first("sso-session-expired");
        assert!(finding.fixes[0].command.as_deref().is_some_and(|command| command.contains("--use-device-code")));
        assert_eq!(scene.expect("sso-login-needs-local-browser").because_of, Some("sso-session-expired"));
    }

    #[test]
    fn in_a_container_both_ways_are_offered() {
        let mut scene = sso();
        scene.machine.host.container = Some("/.dockerenv".into());
        refreshing(&mut scene, "aws sso login");
        sign_in(&mut scene, "2026-11-24T20:00:00Z", true);
        assert_eq!(scene.expect("sso-login-needs-local-browser").severity, Severity::Note);
        over(&mut scene);
        let finding = scene.expect_first("sso-session-expired");
        let commands: Vec<_> = finding.fixes.iter().filter_map(|fix| fix.command.as_deref()).collect();
        assert_eq!(commands.len(), 2);
        assert_eq!(commands[0], "aws sso login --profile bedrock");
    }

    #[test]
    fn who_needs_no_browser_here() {
        // An older AWS CLI, a code, a command of one's own, a forwarded browser, a session that lives.
        let mut scene = sso();
        scene.machine.environment.set("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22");
        sign_in(&mut scene, "2026-11-24T20:00:00Z", true);
        scene.expect_absent("sso-login-needs-local-browser");
        refreshing(&mut scene, "aws sso login --use-device-code --no-browser");
        scene.expect_absent("sso-login-needs-local-browser");
        over(&mut scene);
        scene.expect_absent("sso-login-needs-local-browser");
        let mut scene = sso();
        over(&mut scene);
        scene.expect_absent("sso-login-needs-local-browser");
        scene.machine.environment.set("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22");
        scene.machine.host.aws_cli = Some(Version(2, 21, 0));
        scene.expect_absent("sso-login-needs-local-browser");
        scene.machine.host.aws_cli = None;
        scene.machine.environment.set("BROWSER", "/vscode/helpers/browser.sh");
        scene.expect_absent("sso-login-needs-local-browser");
        Scene::healthy().expect_absent("sso-login-needs-local-browser");
    }
}
