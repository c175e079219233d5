//! The sign-in command of `awsAuthRefresh`: what it signs in, and whether that is what the route needs.

use std::path::Path;

use crate::diagnose::{Case, look};
use crate::observe::settings::{Scope, Settings};
use crate::resolve::ProfileRoute;
use crate::variables;

/// The `awsAuthRefresh` that is in force.
#[derive(Debug, Clone, Copy)]
pub struct Refresh<'a> {
    /// The command.
    pub command: &'a str,
    /// The scope of its file.
    pub scope: Scope,
    /// The file.
    pub path: &'a Path,
    /// The line of the key.
    pub line: usize,
}

/// A sign-in of the AWS CLI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// `aws sso login`; else `aws login`.
    pub sso: bool,
    /// The profile that it names; the one of the environment where it names none.
    pub profile: Option<String>,
    /// `--sso-session`.
    pub session: Option<String>,
    /// It asks for a code that is typed on another device.
    pub device_code: bool,
}

/// The `awsAuthRefresh` that is in force, if one is set.
pub fn of<'a>(case: &Case<'a>) -> Option<Refresh<'a>> {
    case.machine.settings.iter().find_map(|file| {
        let settings: &Settings = file.settings()?;
        let command = settings.aws_auth_refresh.as_deref().filter(|command| !command.trim().is_empty())?;
        let line = settings.keys.get("awsAuthRefresh").copied().unwrap_or(1);
        Some(Refresh { command, scope: file.scope, path: &file.path, line })
    })
}

/// The sign-in that a command makes; `None` where it is none of the AWS CLI's, or cannot be read.
pub fn sign_in(command: &str) -> Option<SignIn> {
    let words: Vec<String> = command
        .split([' ', '\t', '\n'])
        .map(|word| word.trim_end_matches([';', '&', '|']).replace(['"', '\''], ""))
        .filter(|word| !word.is_empty())
        .collect();
    let start = words.iter().position(|word| word == "aws" || word.ends_with("/aws"))?;
    let rest: Vec<&str> = words[start + 1..].iter().map(String::as_str).collect();
    // Options may stand before the command too.
    let at = rest.iter().position(|word| *word == "login")?;
    let sso = at.checked_sub(1).is_some_and(|before| rest[before] == "sso");
    let option = |name: &str| {
        let at = rest
            .iter()
            .position(|word| *word == name || word.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))?;
        rest[at].split_once('=').map(|(_, value)| value).or_else(|| rest.get(at + 1).copied())
    };
    let before = words[..start].iter().rev().find_map(|word| word.strip_prefix("AWS_PROFILE="));
    let profile = option("--profile").or(before).filter(|name| !is_environments(name));
    // What the shell computes cannot be judged.
    if [profile, option("--sso-session")].into_iter().flatten().any(|value| value.contains(['$', '`'])) {
        return None;
    }
    Some(SignIn {
        sso,
        profile: profile.map(str::to_owned),
        session: option("--sso-session").map(str::to_owned),
        device_code: rest.contains(&"--use-device-code"),
    })
}

fn is_environments(name: &str) -> bool {
    matches!(name, "$AWS_PROFILE" | "${AWS_PROFILE}")
}

/// The sign-in renews the profile that gives the route's credentials; `None` where that profile signs in nowhere.
pub fn renews(case: &Case<'_>, sign_in: &SignIn) -> Option<bool> {
    let (leaf, route) = look::leaf(case)?;
    let named = sign_in.profile.as_deref().or_else(|| case.route.value(variables::PROFILE)).unwrap_or("default");
    let of_named = |key: &str| case.machine.aws.profiles.get(named).and_then(|profile| profile.get(key));
    match route {
        ProfileRoute::Sso { session, start_url, .. } => Some(match (&sign_in.session, session) {
            (Some(asked), session) => session.as_deref() == Some(asked),
            (None, _) if !sign_in.sso => false,
            (None, _) if named == leaf => true,
            (None, Some(session)) => of_named("sso_session") == Some(session),
            (None, None) => of_named("sso_session").is_none() && of_named("sso_start_url") == Some(start_url),
        }),
        ProfileRoute::Login { session, .. } => {
            Some(!sign_in.sso && (named == leaf || of_named("login_session") == Some(session)))
        }
        _ => None,
    }
}

/// The command in force signs somebody in whom the route does not need.
pub fn signs_in_another(case: &Case<'_>) -> bool {
    let sign_in = of(case).and_then(|refresh| sign_in(refresh.command));
    sign_in.is_some_and(|sign_in| renews(case, &sign_in) == Some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_as_people_write_them() {
        let sso = |profile: Option<&str>| SignIn {
            sso: true,
            profile: profile.map(str::to_owned),
            session: None,
            device_code: false,
        };
        for (command, expected) in [
            ("aws sso login", sso(None)),
            ("aws sso login --profile work", sso(Some("work"))),
            ("aws --profile=work sso login", sso(Some("work"))),
            ("AWS_PROFILE=work /usr/local/bin/aws sso login && echo done", sso(Some("work"))),
            ("aws sso login --profile \"$AWS_PROFILE\"", sso(None)),
            ("aws sso login --profile 'work';", sso(Some("work"))),
        ] {
            assert_eq!(sign_in(command), Some(expected), "{command}");
        }
        let session =
            sign_in("aws sso login --sso-session corp --use-device-code --no-browser").expect("it can be read");
        assert!(session.device_code && session.session.as_deref() == Some("corp"));
        assert_eq!(sign_in("aws login --profile x").map(|sign_in| sign_in.sso), Some(false));
        for command in ["granted sso login x", "/opt/refresh.sh", "aws sso login --profile $(cat p)", "aws s3 ls"] {
            assert_eq!(sign_in(command), None, "{command}");
        }
    }
}
