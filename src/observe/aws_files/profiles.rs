//! Profiles and SSO sessions of both files together, by the SDK's own parser.

use std::collections::BTreeSet;

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::EnvConfigSections;
use aws_runtime::env_config::source;
use aws_types::os_shim_internal::{Env, Fs};
use futures_util::FutureExt;

use super::{AwsFiles, FileState, Profile};
use crate::secret::Secret;

const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
const SESSION_TOKEN: &str = "aws_session_token";
/// An older name that some tools write.
const SECURITY_TOKEN: &str = "aws_security_token";

/// Fills in the profiles and sessions; a file that does not parse is set aside, so that the other one still counts.
pub fn fill(files: &mut AwsFiles, config: String, credentials: String) {
    let whole = |text: &str, kind| sections(&[(kind, text)]);
    let mut readable = Vec::new();
    for (file, text, kind) in [
        (&mut files.config, &config, EnvConfigFileKind::Config),
        (&mut files.credentials, &credentials, EnvConfigFileKind::Credentials),
    ] {
        match whole(text, kind) {
            Ok(_) => readable.push((kind, text.as_str())),
            Err(reason) if file.state == FileState::Read => file.state = FileState::Broken(reason),
            Err(_) => {}
        }
    }
    let Ok(sections) = sections(&readable) else { return };
    // The parser gives values by name only, so the names come from the scan.
    let keys: BTreeSet<&String> = files
        .config_sections
        .iter()
        .chain(&files.credentials_sections)
        .flat_map(|section| section.keys.keys())
        .collect();
    for name in sections.profiles() {
        let Some(found) = sections.get_profile(name) else { continue };
        let mut profile = Profile::default();
        for key in &keys {
            let Some(value) = found.get(key) else { continue };
            match key.as_str() {
                SECRET_ACCESS_KEY => profile.secret_access_key = Some(Secret::new(value)),
                SESSION_TOKEN => profile.session_token = Some(Secret::new(value)),
                SECURITY_TOKEN => {
                    profile.session_token.get_or_insert_with(|| Secret::new(value));
                }
                _ => drop(profile.properties.insert((*key).clone(), value.to_owned())),
            }
        }
        files.profiles.insert(name.to_owned(), profile);
    }
    for name in sections.sso_sessions() {
        let Some(found) = sections.sso_session(name) else { continue };
        let pairs = keys.iter().filter_map(|key| Some(((*key).clone(), found.get(key)?.to_owned())));
        files.sso_sessions.insert(name.to_owned(), pairs.collect());
    }
}

/// Parses texts. The loader is asynchronous for files alone; given texts it is ready at once.
fn sections(texts: &[(EnvConfigFileKind, &str)]) -> Result<EnvConfigSections, String> {
    let mut builder = EnvConfigFiles::builder();
    for (kind, text) in texts {
        builder = builder.with_contents(*kind, *text);
    }
    if texts.is_empty() {
        return Ok(EnvConfigSections::default());
    }
    let nowhere = (Env::from_slice(&[]), Fs::from_slice(&[]));
    let source = source::load(&nowhere.0, &nowhere.1, &builder.build())
        .now_or_never()
        .ok_or_else(|| "it could not be read".to_owned())?
        .map_err(|error| error.to_string())?;
    EnvConfigSections::parse(source).map_err(|error| words(&error.to_string()))
}

/// `error parsing  on line 3:\n  Expected …` as `line 3: expected …`.
fn words(error: &str) -> String {
    let error = error.trim_start_matches("error parsing").trim_start().trim_start_matches("on ");
    let flat = error.split_whitespace().collect::<Vec<_>>().join(" ");
    flat.replacen(": E", ": e", 1).replacen(": P", ": p", 1)
}
