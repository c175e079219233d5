//! Profiles and SSO sessions of both files together, merged as the client does.

use std::collections::BTreeMap;

use super::ini::Parsed;
use super::{AwsFiles, Profile};
use crate::secret::Secret;

const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
const SESSION_TOKEN: &str = "aws_session_token";
/// An older name that some tools write.
const SECURITY_TOKEN: &str = "aws_security_token";

/// Fills in the profiles and sessions of both files; in a profile that both have, the credentials file wins.
pub fn fill(files: &mut AwsFiles, config: Parsed, credentials: Parsed) {
    let mut profiles: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut prefixed = Vec::new();
    for (name, values) in config.sections {
        if name == "default" {
            profiles.insert(name, values);
        } else if let Some(profile) = name.strip_prefix("profile.") {
            prefixed.push((profile.to_owned(), values));
        } else if let Some(session) = name.strip_prefix("sso-session.") {
            files.sso_sessions.insert(session.to_owned(), values);
        }
    }
    // `[profile default]` takes the place of `[default]`, wherever it stands.
    profiles.extend(prefixed);
    for (name, values) in credentials.sections {
        profiles.entry(name).or_default().extend(values);
    }
    files.profiles = profiles.into_iter().map(|(name, values)| (name, profile(values))).collect();
}

/// The properties of a profile, the secrets apart.
fn profile(values: BTreeMap<String, String>) -> Profile {
    let mut profile = Profile::default();
    for (key, value) in values {
        match key.as_str() {
            SECRET_ACCESS_KEY => profile.secret_access_key = Some(Secret::new(value)),
            SESSION_TOKEN => profile.session_token = Some(Secret::new(value)),
            SECURITY_TOKEN => {
                profile.session_token.get_or_insert_with(|| Secret::new(value));
            }
            // In other letters the client does not read them; that they are there is a fact, what they are is none.
            other if [SECRET_ACCESS_KEY, SESSION_TOKEN].contains(&other.to_ascii_lowercase().as_str()) => {
                profile.properties.insert(key, String::new());
            }
            _ => drop(profile.properties.insert(key, value)),
        }
    }
    profile
}
