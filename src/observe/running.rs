//! Running sessions with what has become of them: the last failure in their transcripts, and what changed since they began.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use super::sessions::{self, Session};
use super::settings::configuration_directory;
use crate::world::World;

/// A running session.
#[derive(Debug, Clone)]
pub struct Running {
    /// The session.
    pub session: Session,
    /// Its last answer was a failure for want of live credentials.
    pub expired: Option<Expired>,
}

/// A failure for want of live credentials, in the words of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    /// The transcript.
    pub transcript: PathBuf,
    /// When it was written.
    pub at: Timestamp,
    /// The words.
    pub text: String,
}

/// So much of the end of a transcript is read.
const TAIL: u64 = 256 << 10;
/// Words by which AWS, its SDK or the client say that credentials have ended.
const ENDED: [&str; 7] = [
    "token included in the request is expired",
    "ExpiredToken",
    "Token has expired",
    "token has expired",
    "Token is expired",
    "session associated with this profile",
    "Cannot refresh",
];

/// The sessions of this user and this home. Where processes cannot be listed there are none.
pub fn observe(world: &World) -> Vec<Running> {
    let sessions = sessions::observe(world).unwrap_or_default();
    sessions
        .into_iter()
        .map(|session| {
            let expired = transcript(world, &session).and_then(|path| expired(&path));
            Running { session, expired }
        })
        .collect()
}

/// When each of these files was last changed; what is not there is left out.
pub fn changed(paths: impl IntoIterator<Item = PathBuf>) -> BTreeMap<PathBuf, Timestamp> {
    let modified = |path: &Path| Timestamp::try_from(path.metadata().ok()?.modified().ok()?).ok();
    paths.into_iter().filter_map(|path| Some((modified(&path)?, path))).map(|(at, path)| (path, at)).collect()
}

/// Files of the AWS tools whose renewal brings new credentials.
pub fn renewed(world: &World) -> Vec<PathBuf> {
    let aws = world.home.join(".aws");
    let caches = ["sso/cache", "cli/cache", "login/cache"].map(|cache| aws.join(cache));
    let cached = caches.iter().flat_map(|cache| entries(cache)).take(100);
    [aws.join("credentials"), aws.join("config")].into_iter().chain(cached).collect()
}

/// The transcript of a session: by its id, else the newest one of its directory.
fn transcript(world: &World, session: &Session) -> Option<PathBuf> {
    let (configuration, _) = configuration_directory(&session.world(world));
    let projects = configuration.join("projects");
    if let Some(id) = session.session_id.as_deref().filter(|id| !id.contains(['/', '.'])) {
        let name = format!("{id}.jsonl");
        return entries(&projects).into_iter().map(|project| project.join(&name)).find(|path| path.is_file());
    }
    let directory = session.directory.as_ref()?.to_string_lossy().into_owned();
    let folder: String =
        directory.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect();
    let mut files = entries(&projects.join(folder));
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    changed(files).into_iter().max_by_key(|(_, at)| *at).map(|(path, _)| path)
}

/// The failure, if the last thing that an answer or an error said is one.
fn expired(path: &Path) -> Option<Expired> {
    let text = tail(path)?;
    text.lines().rev().find_map(|line| outcome(path, line)).flatten()
}

/// What a line says about the last call: a failure of that kind, `Some(None)` for any other end of a call, `None` for a line
/// about something else.
fn outcome(path: &Path, line: &str) -> Option<Option<Expired>> {
    let line: Value = serde_json::from_str(line).ok()?;
    let kind = line["type"].as_str()?;
    let failed = line["isApiErrorMessage"].as_bool().unwrap_or(false) || line["subtype"] == "api_error";
    if kind != "assistant" && !failed {
        return None;
    }
    let at = line["timestamp"].as_str()?.parse().ok()?;
    let text = words(&line);
    let ended = failed && ENDED.iter().any(|words| text.contains(words));
    Some(ended.then(|| Expired { transcript: path.to_owned(), at, text }))
}

/// The words of a failure, wherever the line has them; at most a few hundred characters.
fn words(line: &Value) -> String {
    let content = line["message"]["content"].as_array().into_iter().flatten();
    let said = content.filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join(" ");
    let said = if said.is_empty() { line["error"].to_string() } else { said };
    said.chars().take(300).collect()
}

fn tail(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str = r#"{"type":"assistant","isApiErrorMessage":true,"timestamp":"2026-11-24T11:05:00Z","message":{"content":[{"type":"text","text":"API Error: 403 The security token included in the request is expired"}]}}"#;
    const ANSWERED: &str = r#"{"type":"assistant","timestamp":"2026-11-24T11:06:00Z","message":{"content":[{"type":"text","text":"it said: ExpiredToken"}]}}"#;

    fn of(lines: &[&str]) -> Option<Expired> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), lines.join("\n")).expect("written");
        expired(file.path())
    }

    #[test]
    fn the_last_word_counts() {
        let user = r#"{"type":"user","timestamp":"2026-11-24T11:07:00Z","message":{"content":"hi"}}"#;
        let found = of(&[ANSWERED, FAILED, user, "{half a li"]).expect("a failure");
        assert_eq!(found.at.to_string(), "2026-11-24T11:05:00Z");
        assert!(found.text.ends_with("is expired"));
        assert_eq!(of(&[FAILED, ANSWERED]), None, "it went on");
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn retries_that_are_still_going_on() {
        let retry = r#"{"type":"system","subtype":"api_error","timestamp":"2026-11-24T11:05:00Z","error":{"error":{"message":"ExpiredTokenException"}}}"#;
        assert!(of(&[ANSWERED, retry]).is_some());
        let other =
            r#"{"type":"system","subtype":"api_error","timestamp":"2026-11-24T11:05:00Z","error":{"status":503}}"#;
        assert_eq!(of(&[FAILED, other]), None);
    }
}
