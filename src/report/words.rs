//! Words for places, values and kinds of credentials, the same in every report; secrets never among them.

use std::path::Path;

use serde_json::{Value, json};

use super::tame;
use crate::resolve::{CredentialKind, Place, ProfileRoute, RoleBase, Source};
use crate::variables::{ACCESS_KEY_ID, BEARER_TOKEN, is_secret, without_password};
use crate::world::short;

/// A path as people write it: below the home with `~`.
pub fn path(path: &Path, home: &Path) -> String {
    tame(&short(path, home))
}

/// Where a value comes from, as the rest of "from …".
pub fn source(source: &Source, home: &Path) -> String {
    let article = if matches!(source, Source::Environment { .. }) { "the " } else { "" };
    tame(&format!("{article}{}", source.text(home)))
}

/// The same as JSON: `kind`, and what there is of `scope`, `shell`, `profile`, `file` and `line`.
pub fn source_json(source: &Source) -> Value {
    let at = |kind: &str, place: Option<&Place>| match place {
        Some(place) => json!({"kind": kind, "file": place.path.display().to_string(), "line": place.line}),
        None => json!({"kind": kind}),
    };
    match source {
        Source::Environment { place } => at("environment", place.as_ref()),
        Source::NewShell { shell, place } => with(at("new-shell", place.as_ref()), "shell", shell.name()),
        Source::RcFile(place) => at("rc-file", Some(place)),
        Source::Settings { scope, place } => with(at("settings", Some(place)), "scope", scope.name()),
        Source::AwsFile { path, profile } => {
            json!({"kind": "aws-file", "file": path.display().to_string(), "profile": profile})
        }
        Source::ClientDefault => at("client-default", None),
    }
}

fn with(mut value: Value, key: &str, text: &str) -> Value {
    value[key] = text.into();
    value
}

/// The value of a variable as it may be shown: secrets by kind and length, key ids by their ends, passwords in URLs masked,
/// stray characters made visible.
pub fn value(name: &str, value: &str) -> String {
    if value.is_empty() {
        return "(empty)".to_owned();
    }
    if is_secret(name) {
        return secret(name, value);
    }
    if name == ACCESS_KEY_ID {
        return key_id(value);
    }
    let shown = visible(&without_password(value));
    // Outer blanks are seen in quotes only.
    if value.trim() == value { shown } else { format!("\"{shown}\"") }
}

fn secret(name: &str, value: &str) -> String {
    let kind = match name {
        BEARER_TOKEN if value.starts_with("ABSK") => "long-term key, ",
        BEARER_TOKEN if value.starts_with("bedrock-api-key-") => "short-term key, ",
        _ => "",
    };
    format!("(secret: {kind}{} characters)", value.chars().count())
}

/// `AKIA…WXYZ`; what is too short to be a key id is not shown at all.
pub fn key_id(id: &str) -> String {
    let characters: Vec<char> = id.chars().collect();
    if characters.len() < 12 {
        return format!("({} characters)", characters.len());
    }
    let ends = |part: &[char]| visible(&part.iter().collect::<String>());
    format!("{}…{}", ends(&characters[..4]), ends(&characters[characters.len() - 4..]))
}

/// Control characters and odd blanks as escapes, so that they are seen and do not reach the terminal.
fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let odd =
                character.is_control() || (character.is_whitespace() && character != ' ') || character == '\u{feff}';
            let escaped: Vec<char> =
                if odd { character.escape_default().collect() } else { std::iter::once(character).collect() };
            escaped
        })
        .collect()
}

/// A kind of credentials in words.
pub fn credentials(kind: &CredentialKind) -> String {
    match kind {
        CredentialKind::BearerToken => "a Bedrock API key".to_owned(),
        CredentialKind::Export { command, .. } => format!("the output of {}", program(command)),
        CredentialKind::EnvironmentKeys { key_id: id, has_session_token } => {
            keys("environment keys", id, *has_session_token)
        }
        CredentialKind::Profile { name, leads_to } => format!("profile {}: {}", tame(name), profile(leads_to)),
        CredentialKind::WebIdentity { role_arn: Some(role), .. } => format!("web identity as {}", tame(role)),
        CredentialKind::WebIdentity { role_arn: None, .. } => "web identity without AWS_ROLE_ARN".to_owned(),
        CredentialKind::Container { uri } => format!("container credentials at {}", visible(&without_password(uri))),
        CredentialKind::InstanceMetadata => "the instance's metadata service (nothing else is there)".to_owned(),
        CredentialKind::Nothing => "none".to_owned(),
        CredentialKind::Skipped => "none are sent (CLAUDE_CODE_SKIP_BEDROCK_AUTH)".to_owned(),
    }
}

/// What a profile leads to, in words.
pub fn profile(route: &ProfileRoute) -> String {
    match route {
        ProfileRoute::NotFound => "no such profile in the AWS files".to_owned(),
        ProfileRoute::Empty => "holds nothing that gives credentials".to_owned(),
        ProfileRoute::Keys { key_id: id, has_session_token } => keys("keys", id, *has_session_token),
        ProfileRoute::Sso { session, account, role, .. } => {
            let session = session.as_ref().map_or("legacy SSO".to_owned(), |name| format!("SSO session {name}"));
            tame(&format!("{session}, role {role} in {account}"))
        }
        ProfileRoute::Process { command } => format!("credential_process {}", program(command)),
        ProfileRoute::Login { session, .. } => format!("aws login, {}", tame(session)),
        ProfileRoute::Role { role_arn, base, .. } => {
            let base = match base.as_ref() {
                RoleBase::Profile { name, leads_to } => format!("profile {} ({})", tame(name), profile(leads_to)),
                RoleBase::Source(source) => tame(source),
                RoleBase::TokenFile(file) => format!("the token in {}", tame(&file.display().to_string())),
            };
            format!("role {} by {base}", tame(role_arn))
        }
        ProfileRoute::Broken(what) => tame(what),
    }
}

fn keys(what: &str, id: &str, has_session_token: bool) -> String {
    format!("{what} {}{}", key_id(id), if has_session_token { " with a session token" } else { "" })
}

/// The first word of a command: its arguments may hold secrets.
fn program(command: &str) -> String {
    let mut words = command.split_whitespace();
    let first = visible(words.next().unwrap_or_default());
    if words.next().is_some() { format!("{first} …") } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_passwords_are_masked() {
        assert_eq!(value(BEARER_TOKEN, "ABSKabcdef"), "(secret: long-term key, 10 characters)");
        assert_eq!(value("AWS_SECRET_ACCESS_KEY", "0123456789"), "(secret: 10 characters)");
        assert_eq!(value(ACCESS_KEY_ID, "AKIAIOSFODNN7EXAMPLE"), "AKIA…MPLE");
        assert_eq!(value(ACCESS_KEY_ID, "short"), "(5 characters)");
        assert_eq!(value("HTTPS_PROXY", "http://me:p@ss@proxy:3128/x"), "http://…@proxy:3128/x");
        assert_eq!(value("HTTPS_PROXY", "http://proxy:3128"), "http://proxy:3128");
        let process = ProfileRoute::Process { command: "/bin/helper --password hunter2".to_owned() };
        assert_eq!(profile(&process), "credential_process /bin/helper …");
    }

    #[test]
    fn stray_characters_are_seen() {
        assert_eq!(value("AWS_REGION", "us-east-1\r"), "\"us-east-1\\r\"");
        assert_eq!(value("AWS_REGION", " us-east-1"), "\" us-east-1\"");
        assert_eq!(value("AWS_PROFILE", "a\u{a0}b\x1b[2J"), "a\\u{a0}b\\u{1b}[2J");
        assert_eq!(value("AWS_PROFILE", "größe"), "größe");
        assert_eq!(value("AWS_PROFILE", ""), "(empty)");
    }
}
