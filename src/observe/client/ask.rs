//! Starts the client for two questions that cost nothing and send nothing.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;

use crate::observe::file;
use crate::observe::leftovers::Leftovers;
use crate::observe::process::{self, End, Outcome, Plan};
use crate::observe::settings;
use crate::version::Version;
use crate::world::{Env, World};

/// The end of the reason of a question that was still open when its time was over.
pub const LATE: &str = "did not end in time";

/// What `claude --version` prints, or why that is no version; and whether it ended in time.
pub async fn version(
    world: &World,
    program: &Path,
    environment: &Env,
    limit: Duration,
) -> (Result<Version, String>, bool) {
    let outcome = match run(world, program, &["--version"], environment, limit).await {
        Ok(outcome) => outcome,
        Err(why) => return (Err(why), true),
    };
    let text = String::from_utf8_lossy(&outcome.stdout);
    match (text.parse(), &outcome.end) {
        (Ok(version), End::Exited(Some(0))) => (Ok(version), true),
        (_, end) => (Err(failure("--version", &outcome)), *end != End::TimedOut),
    }
}

/// `apiProvider` of `claude auth status`, or why there is none.
pub async fn provider(world: &World, program: &Path, environment: &Env, limit: Duration) -> Result<String, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Status {
        api_provider: String,
    }
    let outcome = run(world, program, &["auth", "status"], environment, limit).await?;
    let text = String::from_utf8_lossy(&outcome.stdout);
    // Exit status 1 only says that nobody is logged in; notices may stand above the document.
    let document = text.find('{').map(|start| &text[start..]).unwrap_or_default();
    match serde_json::Deserializer::from_str(document).into_iter::<Status>().next() {
        Some(Ok(status)) => Ok(status.api_provider),
        _ => Err(failure("auth status", &outcome)),
    }
}

async fn run(
    world: &World,
    program: &Path,
    arguments: &[&str],
    environment: &Env,
    limit: Duration,
) -> Result<Outcome, String> {
    if limit.is_zero() {
        return Err("it was not started".to_owned());
    }
    // At its first start the client makes its state file and a directory; it was not us who wanted them.
    let (configuration, state) = settings::configuration_directory(world);
    let backups = configuration.join("backups");
    let _leftovers = Leftovers::of(vec![configuration, backups.clone(), state], &[(backups, ".claude.json.backup")]);
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(environment.iter()).env("DISABLE_AUTOUPDATER", "1");
    command.current_dir(&world.directory);
    let plan = Plan { command, stdin: None, limit, mark: None };
    process::run(plan, |_| false).await.map_err(|error| file::reason(&error))
}

fn failure(question: &str, outcome: &Outcome) -> String {
    let said = String::from_utf8_lossy(&outcome.stderr);
    let said =
        said.lines().map(str::trim).find(|line| !line.is_empty()).map(|line| format!(": {line}")).unwrap_or_default();
    match outcome.end {
        End::TimedOut => format!("`claude {question}` {LATE}"),
        End::Exited(None) => format!("`claude {question}` was ended by a signal{said}"),
        End::Exited(Some(0)) | End::Enough => {
            format!("`claude {question}` gave an answer that is not understood{said}")
        }
        End::Exited(Some(status)) => format!("`claude {question}` failed with exit status {status}{said}"),
    }
}
