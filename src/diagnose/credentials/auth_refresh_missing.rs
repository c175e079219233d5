//! `auth-refresh-missing`: nothing renews the sign-in of the profile.

use super::refresh;
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, look, words};
use crate::observe::settings::Scope;
use crate::resolve::ProfileRoute;

/// Nothing renews the sign-in of the profile.
pub const KIND: Kind = Kind {
    name: "auth-refresh-missing",
    layer: Layer::Credentials,
    severity: Severity::Note,
    title: "Nothing renews the sign-in of the profile",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing yet. When the sign-in is over, Claude Code fails until you sign in by hand: `To refresh this SSO session run 'aws sso login' with the
corresponding profile`.

## Why

The profile signs in through a browser, and no settings file has `awsAuthRefresh`, the command that Claude Code runs when credentials are over.

## Fix

In the user settings, `~/.claude/settings.json`:

    \"awsAuthRefresh\": \"aws sso login --profile NAME\"

Leave it out on a machine without a browser, or where a proxy breaks the check before it.

## Check

After the end of a sign-in a browser opens by itself.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some((name, route)) = look::leaf(case) else { return Vec::new() };
    let option = words::profile_option(case, name);
    let command = match route {
        ProfileRoute::Sso { .. } => format!("aws sso login{option}"),
        ProfileRoute::Login { .. } => format!("aws login{option}"),
        _ => return Vec::new(),
    };
    if refresh::of(case).is_some() {
        return Vec::new();
    }
    let file = case.machine.settings.iter().find(|file| file.scope == Scope::User).map(|file| file.path.clone());
    let file = file.unwrap_or_else(|| case.machine.home.join(".claude/settings.json"));
    let text = format!("Add `\"awsAuthRefresh\": \"{command}\"` to {}.", words::short(case, &file));
    vec![
        Found::new(format!("When the sign-in of the profile `{name}` is over, nothing renews it."))
            .evidence("settings files", "none of them has `awsAuthRefresh`")
            .fix(hand::edit_line(case, text, &file, 1)),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::sso_session_expired::scene::{sign_in, sso};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::observe::settings::{Scope, Settings};

    #[test]
    fn a_profile_that_signs_in_and_no_command_to_renew_it() {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T20:00:00Z", true);
        let finding = scene.expect("auth-refresh-missing");
        assert_eq!(finding.severity, Severity::Note);
        assert!(finding.fixes[0].text.contains("aws sso login --profile bedrock"), "{finding:?}");
        let settings = Settings { aws_auth_refresh: Some("aws sso login".to_owned()), ..Settings::default() };
        scene.settings(Scope::User, settings);
        scene.expect_absent("auth-refresh-missing");
    }

    #[test]
    fn keys_need_no_sign_in() {
        Scene::healthy().expect_absent("auth-refresh-missing");
    }
}
