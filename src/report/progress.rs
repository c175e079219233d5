//! What is being asked right now, on standard error, where somebody watches.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::ask;
use crate::world::World;

/// One line that names the questions which are not answered yet. It is gone when the report comes.
pub struct Watch {
    bar: Option<ProgressBar>,
    open: Mutex<Vec<String>>,
}

impl Watch {
    /// Shows nothing.
    pub fn nobody() -> Self {
        Self { bar: None, open: Mutex::default() }
    }

    /// Shows the line where standard error is a terminal that can move its cursor.
    pub fn on_terminal(world: &World, wanted: bool) -> Self {
        if !wanted || !world.terminal.stderr || world.env.get("TERM") == Some("dumb") {
            return Self::nobody();
        }
        let target = ProgressDrawTarget::term(Term::stderr(), 10);
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>3} {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_message("looking at this machine");
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar: Some(bar), open: Mutex::default() }
    }

    /// Takes note of a question that was asked or answered.
    pub fn note(&self, event: ask::Progress) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            ask::Progress::Started(name) => open.push(name),
            ask::Progress::Finished(asked) => open.retain(|name| *name != asked.name),
        }
        if let Some(bar) = &self.bar {
            let message = if open.is_empty() { "thinking".to_owned() } else { format!("asking: {}", open.join(", ")) };
            bar.set_message(message);
        }
    }

    /// Takes the line away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Watch {
    /// Also when a run is cut short: the line goes, and the cursor is there.
    fn drop(&mut self) {
        self.finish();
    }
}
