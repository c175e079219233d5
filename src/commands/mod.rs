//! One file per command; each reads like its sentence in the README. A command gives back what is to be printed.

pub mod alerts;
pub mod completions;
pub mod doctor;
pub mod explain;
pub mod iam;
pub mod man;
pub mod models;
pub mod prices;
pub mod setup;
pub mod uninstall;
pub mod usage;
pub mod verify;
pub mod why;

use std::path::Path;
use std::time::Duration;

use crate::change::Refusal;
use crate::exit::Exit;
use crate::observe::sessions::{self, Session};
use crate::report;
use crate::world::{World, short};

/// What a command has to say, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub messages: Vec<String>,
    /// How it ended.
    pub exit: Exit,
}

impl Outcome {
    /// It went well, with this to say.
    pub fn well(out: impl Into<String>) -> Self {
        Self { out: out.into(), messages: Vec::new(), exit: Exit::Well }
    }

    /// It ended with a message: what is wrong, and what to do.
    pub fn failed(exit: Exit, message: impl Into<String>) -> Self {
        Self { out: String::new(), messages: vec![message.into()], exit }
    }
}

/// The world as it is asked about: `--directory`, else the current one.
fn in_directory(world: &World, directory: Option<&Path>) -> Result<World, Outcome> {
    let mut world = world.clone();
    if let Some(directory) = directory {
        let directory = world.directory.join(directory);
        if !directory.is_dir() {
            return Err(Outcome::failed(Exit::Usage, format!("--directory: {} is no directory.", directory.display())));
        }
        // The client names its directory without links and dots, and looks for settings there.
        world.directory = directory.canonicalize().unwrap_or(directory);
    }
    Ok(world)
}

/// `/proc` tells at once, or a process hangs so deep that it holds up whoever looks at it.
const LOOK: Duration = Duration::from_secs(3);

/// The session of `--pid`, whose environment is known. Another process is a usage error that names the sessions there are.
async fn running_session(world: &World, pid: u32) -> Result<Session, Outcome> {
    let there = world.clone();
    let looking = tokio::task::spawn_blocking(move || {
        sessions::one(&there, pid).map_err(|reason| (reason, sessions::observe(&there)))
    });
    let found = match tokio::time::timeout(LOOK, looking).await {
        Ok(Ok(found)) => found,
        _ => Err(("it cannot be looked at".to_owned(), Err("/proc does not answer".to_owned()))),
    };
    let failed = |exit, message: String| Outcome::failed(exit, report::tame(&message));
    match found {
        Ok(session) => match &session.environment {
            Ok(_) => Ok(session),
            Err(reason) => {
                let message = format!("--pid: the route of session {pid} cannot be told: {reason}.");
                Err(failed(Exit::CouldNotTell, message))
            }
        },
        Err((reason, Err(_))) => Err(failed(Exit::CouldNotTell, format!("--pid: {reason}."))),
        Err((reason, Ok(others))) => {
            let named = |session: &Session| {
                let directory = session.directory.as_ref().map(|path| format!(" in {}", short(path, &world.home)));
                format!("{}{}", session.pid, directory.unwrap_or_default())
            };
            let named: Vec<String> = others.iter().map(named).collect();
            let there = match named.as_slice() {
                [] => "no session is running".to_owned(),
                named => format!("running sessions: {}", named.join(", ")),
            };
            Err(failed(Exit::Usage, format!("--pid: {reason}; {there}.")))
        }
    }
}

/// Nothing was written, and why; the lines for pasting go to standard output, in the document of a `schema` with `--json`.
fn refused(refusal: &Refusal, schema: Option<&'static str>) -> Outcome {
    let exit = if refusal.exit_code() == 2 { Exit::Usage } else { Exit::Refused };
    let out = match schema {
        Some(schema) => report::json_text(&report::refused(refusal, schema)),
        None => refusal.paste().map(str::to_owned).unwrap_or_default(),
    };
    Outcome { out, messages: vec![format!("{refusal}\n  hint: {}", refusal.next_step())], exit }
}
