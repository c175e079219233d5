//! What is being asked right now, on standard error, where somebody watches.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::style::tame;
use crate::ask;
use crate::ask::trail::Seen;
use crate::world::World;

/// One line that names the questions which are not answered yet. It is gone when the report comes.
pub struct Watch {
    bar: Option<ProgressBar>,
    open: Mutex<Vec<(String, Option<Seen>)>>,
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
        if let ask::Progress::Sent { request_id, model, region, wait } = &event {
            let wait = jiff::SignedDuration::try_from(*wait).unwrap_or(jiff::SignedDuration::MAX);
            self.say(&tame(&format!(
                "tagged call {request_id} to {model} in {region} was answered; waiting up to {wait:#} for AWS's own log to show it"
            )));
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            ask::Progress::Started(name) => open.push((name, None)),
            ask::Progress::Walked(walk, seen) => {
                open.iter_mut().filter(|(name, _)| *name == walk).for_each(|(_, so_far)| *so_far = Some(seen));
            }
            ask::Progress::Sent { .. } => {}
            ask::Progress::Finished(asked) => open.retain(|(name, _)| *name != asked.name),
        }
        if let Some(bar) = &self.bar {
            // A walk comes first: its place moves, and a narrow terminal cuts the rest off.
            let (walks, others): (Vec<_>, Vec<_>) = open.iter().partition(|(_, seen)| seen.is_some());
            let names: Vec<_> = walks.into_iter().chain(others).map(|(name, seen)| line(name, *seen)).collect();
            bar.set_message(if names.is_empty() {
                "thinking".to_owned()
            } else {
                format!("asking: {}", names.join(", "))
            });
        }
    }

    /// Says one line that stays, above the one that moves; where nobody watches a line that moves, to standard error all the same.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            // A reader that went away does not end the wait.
            None => drop(super::complain(text)),
        }
    }

    /// Takes the line away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A question, and how far its walk has come.
fn line(name: &str, seen: Option<Seen>) -> String {
    match seen {
        Some(Seen { events, oldest: Some(oldest), .. }) => {
            format!("{name} (back to {}, {events} events)", oldest.strftime("%m-%d %H:%M"))
        }
        Some(Seen { pages, .. }) => format!("{name} ({pages} pages)"),
        None => name.to_owned(),
    }
}

impl Drop for Watch {
    /// Also when a run is cut short: the line goes, and the cursor is there.
    fn drop(&mut self) {
        self.finish();
    }
}
