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
pub mod why;

use std::path::Path;

use crate::change::Refusal;
use crate::exit::Exit;
use crate::report;
use crate::world::World;

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

/// Nothing was written, and why; the lines for pasting go to standard output, in the document of a `schema` with `--json`.
fn refused(refusal: &Refusal, schema: Option<&'static str>) -> Outcome {
    let exit = if refusal.exit_code() == 2 { Exit::Usage } else { Exit::Refused };
    let out = match schema {
        Some(schema) => report::json_text(&report::refused(refusal, schema)),
        None => refusal.paste().map(str::to_owned).unwrap_or_default(),
    };
    Outcome { out, messages: vec![format!("{refusal}\n  hint: {}", refusal.next_step())], exit }
}
