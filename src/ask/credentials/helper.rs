//! `credential_process` and `awsCredentialExport`: programs that print credentials.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use regex::Regex;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::aws::answer::{HelperOutcome, HelperRun};
use crate::secret::Secret;
use crate::world::Env;

/// The longest that a helper may run.
pub const LIMIT: Duration = Duration::from_secs(10);

/// As much as is read of what a helper prints.
const LONGEST_OUTPUT: usize = 1024 * 1024;
/// As much as is kept of its standard error.
const STDERR_TAIL: usize = 2000;

/// The JSON that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `{"Version":1,"AccessKeyId":…}`.
    Process,
    /// `{"Credentials":{…}}`, or flat.
    Export,
    /// `{"Credentials":{…}}`, as older clients ask for.
    Wrapped,
}

/// What a helper gave.
pub struct Given {
    /// Access key id.
    pub key_id: String,
    /// Secret access key.
    pub secret: Secret,
    /// Session token.
    pub token: Option<Secret>,
    /// When they end.
    pub expires: Option<Timestamp>,
}

/// Runs a helper as the client does, by `/bin/sh -c`. Its standard output is never kept or shown.
pub async fn run(
    command: &str,
    form: Form,
    env: &Env,
    directory: &Path,
    limit: Duration,
    now: Timestamp,
) -> Result<Given, HelperRun> {
    let started = Instant::now();
    let stderr = Tail::default();
    let failed = |outcome| HelperRun {
        command: without_secrets(command),
        outcome,
        milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        stderr: stderr.text(),
    };
    let child = Command::new("/bin/sh")
        .args(["-c", command])
        .env_clear()
        .envs(env.iter())
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return Err(failed(HelperOutcome::NotCredentials(format!("it could not be started: {error}")))),
    };
    let mut group = Group(child.id());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let whole = async { tokio::join!(read_all(out), stderr.fill(err), child.wait()) };
    let Ok((output, (), status)) = tokio::time::timeout(limit, whole).await else {
        return Err(failed(HelperOutcome::TimedOut));
    };
    // It ended by itself: what it left running is its own affair.
    group.0 = None;
    match status {
        Ok(status) if status.success() => parse(&output, form, now).map_err(failed),
        Ok(status) => Err(failed(ended(status, command, env, directory))),
        Err(error) => Err(failed(HelperOutcome::NotCredentials(format!("its end could not be awaited: {error}")))),
    }
}

/// 126 and 127 are the shell's own for "cannot start"; a helper may use them too, so the first word decides.
fn ended(status: ExitStatus, command: &str, env: &Env, directory: &Path) -> HelperOutcome {
    let word = first_word(command);
    let missing = || which::which_in(&word, env.get("PATH"), directory).is_err();
    if matches!(status.code(), Some(126 | 127)) && !word.is_empty() && missing() {
        return HelperOutcome::NotFound;
    }
    HelperOutcome::Exited(status.code())
}

fn first_word(command: &str) -> String {
    let command = command.trim_start();
    match command.chars().next() {
        Some(quote @ ('"' | '\'')) => command[1..].split(quote).next().unwrap_or_default().to_owned(),
        _ => command.split_whitespace().next().unwrap_or_default().to_owned(),
    }
}

fn parse(output: &[u8], form: Form, now: Timestamp) -> Result<Given, HelperOutcome> {
    let wrong = |what: &str| HelperOutcome::NotCredentials(what.to_owned());
    if output.trim_ascii().is_empty() {
        return Err(wrong("it printed nothing"));
    }
    let document: Value = serde_json::from_slice(output).map_err(|_| wrong(not_json(output)))?;
    let wrapped = &document["Credentials"];
    let keys = match form {
        Form::Export | Form::Wrapped if wrapped.is_object() => wrapped,
        Form::Wrapped if document["AccessKeyId"].is_string() => return Err(HelperOutcome::NotWrapped),
        Form::Process if wrapped.is_object() => return Err(wrong("the keys are wrapped in \"Credentials\"")),
        Form::Process if document["Version"] != 1 => return Err(wrong("\"Version\" is not 1")),
        _ => &document,
    };
    let text = |name: &str| keys[name].as_str().filter(|value| !value.is_empty());
    let key_id = text("AccessKeyId").ok_or_else(|| wrong("\"AccessKeyId\" is missing"))?;
    let secret = text("SecretAccessKey").ok_or_else(|| wrong("\"SecretAccessKey\" is missing"))?;
    let expires = match text("Expiration") {
        None => None,
        Some(end) => Some(end.parse::<Timestamp>().map_err(|_| wrong("\"Expiration\" is not a time"))?),
    };
    if let Some(end) = expires.filter(|end| *end <= now) {
        return Err(HelperOutcome::Expired(end));
    }
    Ok(Given {
        key_id: key_id.to_owned(),
        secret: Secret::new(secret),
        token: text("SessionToken").map(Secret::new),
        expires,
    })
}

/// What is wrong with output that is not JSON, without showing any of it.
fn not_json(output: &[u8]) -> &'static str {
    let starts = output.trim_ascii_start().first() == Some(&b'{');
    match (starts, output.contains(&b'{')) {
        (true, _) => "it printed something after, or inside of, the JSON that does not belong there",
        (false, true) => "it printed other text before the JSON",
        (false, false) => "it printed no JSON",
    }
}

async fn read_all(pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // What could be read is what is judged.
        let _ = pipe.take(LONGEST_OUTPUT as u64).read_to_end(&mut bytes).await;
    }
    bytes
}

/// The end of standard error, readable also while the program runs.
#[derive(Debug, Clone, Default)]
struct Tail(Arc<Mutex<Vec<u8>>>);

impl Tail {
    async fn fill(&self, pipe: Option<impl AsyncRead + Unpin>) {
        let Some(mut pipe) = pipe else { return };
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = pipe.read(&mut piece).await {
            let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            bytes.extend_from_slice(&piece[..read]);
            let excess = bytes.len().saturating_sub(STDERR_TAIL);
            bytes.drain(..excess);
        }
    }

    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        without_secrets(String::from_utf8_lossy(&bytes).trim())
    }
}

static LONG_WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/=_-]{36,}").ok());

/// Helpers that talk much may print what they should not: words that look like keys or tokens are struck out.
fn without_secrets(text: &str) -> String {
    let Some(pattern) = LONG_WORD.as_ref() else { return String::new() };
    let struck = pattern.replace_all(text, |found: &regex::Captures<'_>| {
        let word = &found[0];
        let has = |wanted: fn(&char) -> bool| word.chars().any(|letter| wanted(&letter));
        let mixed = has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
        let path = word.matches('/').count() > 3;
        if mixed && !path || word.len() >= 100 { "…".to_owned() } else { word.to_owned() }
    });
    struck.into_owned()
}

/// A process group that is killed when this is dropped.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0.and_then(|id| i32::try_from(id).ok()) {
            // Gone already is as good as killed.
            let _ = killpg(Pid::from_raw(leader), Signal::SIGKILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(output: &str, form: Form) -> Option<HelperOutcome> {
        parse(output.as_bytes(), form, Timestamp::UNIX_EPOCH).err()
    }

    #[test]
    fn each_form_is_read_and_what_is_wrong_is_named_without_the_output() {
        let flat = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T","Expiration":"2030-01-01T00:00:00Z"}"#;
        let wrapped = r#"{"Credentials":{"AccessKeyId":"A","SecretAccessKey":"S"}}"#;
        assert_eq!(outcome(flat, Form::Process), None);
        assert_eq!(outcome(flat, Form::Export), None);
        assert_eq!(outcome(wrapped, Form::Export), None);
        assert_eq!(outcome(wrapped, Form::Wrapped), None);
        assert_eq!(outcome(flat, Form::Wrapped), Some(HelperOutcome::NotWrapped));
        for (output, form) in [
            ("", Form::Process),
            (wrapped, Form::Process),
            ("log\n{}", Form::Process),
            ("{\"Version\":1}", Form::Process),
            ("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\"}", Form::Process),
            ("hello", Form::Export),
        ] {
            assert!(matches!(outcome(output, form), Some(HelperOutcome::NotCredentials(_))), "{output}");
        }
        let past = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"1960-01-01T00:00:00Z"}"#;
        assert!(matches!(outcome(past, Form::Process), Some(HelperOutcome::Expired(_))));
    }

    #[test]
    fn words_that_look_like_keys_are_struck_out_and_paths_stay() {
        let text = "secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1 in /home/alice/Projects/2026/tools/helper/bin";
        assert_eq!(without_secrets(text), "secret … in /home/alice/Projects/2026/tools/helper/bin");
    }

    #[test]
    fn the_first_word_may_be_quoted() {
        assert_eq!(first_word("  \"/opt/my tools/get\" --json"), "/opt/my tools/get");
        assert_eq!(first_word("get-keys --json"), "get-keys");
    }
}
