//! One value, rendered as text or as JSON. No other room prints.

pub mod doctor;
pub mod evidence;
pub mod explain;
mod finding;
pub mod fix;
mod interrupt;
pub mod models;
pub mod progress;
pub mod prompt;
pub mod setup;
pub mod style;
pub mod uninstall;
pub mod usage;
pub mod verify;
pub mod why;
pub mod words;

use std::io::{self, Write};

use serde_json::{Value, json};
pub use style::{Style, tame};

use crate::change::Refusal;

/// Prints to standard output. A reader that went away (`| head`) is no error.
pub fn print(text: &str) -> io::Result<()> {
    forgive_closed_pipe(io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()))
}

/// Prints one message to standard error.
pub fn complain(text: &str) -> io::Result<()> {
    forgive_closed_pipe(writeln!(io::stderr().lock(), "{text}"))
}

fn forgive_closed_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A refusal as JSON: `status` is `refused`, `reason` and `next_step` are sentences, `paste` the lines to paste or null.
pub fn refused(refusal: &Refusal, schema: &str) -> Value {
    json!({
        "schema": schema,
        "version": env!("CARGO_PKG_VERSION"),
        "status": "refused",
        "reason": refusal.to_string(),
        "next_step": refusal.next_step(),
        "paste": refusal.paste(),
    })
}

/// A JSON document as text, ending in a newline.
pub fn json_text(value: &Value) -> String {
    format!("{value:#}\n")
}
