//! What a profile of the AWS files leads to, walked as the client's SDK walks it.
//!
//! Order in a section: a role with its source, keys, a web identity, `credential_process`, SSO, `login_session`. In a section
//! that another one names as `source_profile`, keys come first.

use std::path::PathBuf;

use sha1::{Digest as _, Sha1};
use sha2::{Digest as _, Sha256};

use crate::observe::aws_files::{AwsFiles, Profile};
use crate::resolve::{ProfileRoute, RoleBase};

/// Follows a profile to the end, through roles.
pub fn leads_to(aws: &AwsFiles, name: &str) -> ProfileRoute {
    walk(aws, name, &mut Vec::new())
}

fn walk(aws: &AwsFiles, name: &str, visited: &mut Vec<String>) -> ProfileRoute {
    let Some(profile) = aws.profiles.get(name) else { return ProfileRoute::NotFound };
    if !visited.is_empty()
        && let Some(keys) = keys(profile)
    {
        return keys;
    }
    if let Some(role_arn) = profile.get("role_arn") {
        match (profile.get("source_profile"), profile.get("credential_source")) {
            (Some(source), None) => {
                if visited.iter().any(|seen| seen == source) {
                    return ProfileRoute::Broken(format!("source_profile leads back to {source}"));
                }
                visited.push(source.to_owned());
                let leads_to = walk(aws, source, visited);
                return role(profile, role_arn, RoleBase::Profile { name: source.to_owned(), leads_to });
            }
            (None, Some(source)) => return role(profile, role_arn, RoleBase::Source(source.to_owned())),
            // With both or none of them this is no role for the client, and it goes on in the section (measured).
            _ => {}
        }
    }
    if let Some(keys) = keys(profile) {
        return keys;
    }
    if let (Some(role_arn), Some(file)) = (profile.get("role_arn"), profile.get("web_identity_token_file")) {
        return role(profile, role_arn, RoleBase::TokenFile(PathBuf::from(file)));
    }
    if let Some(command) = profile.get("credential_process") {
        return ProfileRoute::Process { command: command.to_owned() };
    }
    if ["sso_session", "sso_start_url", "sso_account_id", "sso_region", "sso_role_name"]
        .iter()
        .any(|key| profile.get(key).is_some())
    {
        return sso(aws, profile);
    }
    if let Some(session) = profile.get("login_session") {
        return ProfileRoute::Login {
            session: session.to_owned(),
            cache_key: hex(&Sha256::digest(session.as_bytes())),
        };
    }
    unusable(profile)
}

/// A complete pair of keys in the section; the client takes half a pair as none.
fn keys(profile: &Profile) -> Option<ProfileRoute> {
    let key_id = profile.get("aws_access_key_id")?;
    profile.secret_access_key.as_ref().filter(|secret| !secret.reveal().is_empty())?;
    let has_session_token = profile.session_token.as_ref().is_some_and(|token| !token.reveal().is_empty());
    Some(ProfileRoute::Keys { key_id: key_id.to_owned(), has_session_token })
}

fn role(profile: &Profile, role_arn: &str, base: RoleBase) -> ProfileRoute {
    let text = |key: &str| profile.get(key).map(str::to_owned);
    ProfileRoute::Role {
        role_arn: role_arn.to_owned(),
        mfa_serial: text("mfa_serial"),
        external_id: text("external_id"),
        session_name: text("role_session_name"),
        base: Box::new(base),
    }
}

/// SSO: with `sso_session` the start URL and the region come from that section, and must not disagree with the profile's own.
fn sso(aws: &AwsFiles, profile: &Profile) -> ProfileRoute {
    let session_name = profile.get("sso_session");
    let session = match session_name {
        Some(name) => match aws.sso_sessions.get(name) {
            Some(session) => Some(session),
            None => {
                return ProfileRoute::Broken(format!("sso_session names {name}, and there is no [sso-session {name}]"));
            }
        },
        None => None,
    };
    let from_session =
        |key: &str| session.and_then(|session| session.get(key)).map(String::as_str).filter(|value| !value.is_empty());
    for key in ["sso_start_url", "sso_region"] {
        if let (Some(own), Some(shared)) = (profile.get(key), from_session(key))
            && own != shared
        {
            return ProfileRoute::Broken(format!(
                "{key} of the profile and of its sso-session disagree ({own}, {shared})"
            ));
        }
    }
    let value = |key: &str| from_session(key).or_else(|| profile.get(key)).map(str::to_owned);
    let parts = ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"].map(|key| value(key).ok_or(key));
    match parts {
        [Ok(start_url), Ok(region), Ok(account), Ok(role)] => {
            let cache_key = hex(&Sha1::digest(session_name.unwrap_or(&start_url).as_bytes()));
            ProfileRoute::Sso { session: session_name.map(str::to_owned), start_url, region, account, role, cache_key }
        }
        parts => {
            let missing: Vec<&str> = parts.into_iter().filter_map(Result::err).collect();
            ProfileRoute::Broken(format!("SSO profile without {}", missing.join(", ")))
        }
    }
}

/// Nothing that gives credentials: a section of settings only, or one that was meant to and lacks a part.
fn unusable(profile: &Profile) -> ProfileRoute {
    let has_id = profile.get("aws_access_key_id").is_some();
    let has_secret = profile.secret_access_key.as_ref().is_some_and(|secret| !secret.reveal().is_empty());
    if profile.get("source_profile").is_some() && profile.get("credential_source").is_some() {
        ProfileRoute::Broken("both source_profile and credential_source are set".to_owned())
    } else if profile.get("role_arn").is_some() {
        ProfileRoute::Broken("role_arn without source_profile, credential_source or web_identity_token_file".to_owned())
    } else if has_id {
        ProfileRoute::Broken("aws_access_key_id without aws_secret_access_key".to_owned())
    } else if has_secret {
        ProfileRoute::Broken("aws_secret_access_key without aws_access_key_id".to_owned())
    } else if profile.get("source_profile").is_some() {
        ProfileRoute::Broken("source_profile without role_arn".to_owned())
    } else {
        ProfileRoute::Empty
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
