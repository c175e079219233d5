//! Questions in a terminal. Each is one line of explanation and a default, so that Enter is always right.
//!
//! Esc and Ctrl-C both mean "stop": nothing is written, and the cursor is visible again.

use std::io;

use console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, FuzzySelect, Select};

use super::interrupt::Open;
use super::style::Style;

/// The person stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped; nothing was changed")]
pub struct Stopped;

/// Asks in one terminal.
pub struct Prompter {
    term: Term,
    theme: Box<dyn Theme>,
    style: Style,
    open: Open,
}

impl Prompter {
    /// A prompter on standard error, so that standard output stays free for results.
    pub fn new(style: Style, colour: bool) -> Self {
        let theme: Box<dyn Theme> = if colour { Box::new(ColorfulTheme::default()) } else { Box::new(SimpleTheme) };
        Self { term: Term::stderr(), theme, style, open: Open::watched() }
    }

    /// One line of explanation above the next question.
    pub fn hint(&self, text: &str) {
        // A terminal that cannot be written to fails at the question itself.
        let _ = self.term.write_line(&self.style.dim(&self.style.wrap(text, "", "")));
    }

    /// Text above the next question, as it is.
    pub fn show(&self, text: &str) {
        let _ = self.term.write_str(text);
    }

    /// One of several; `default` is chosen by Enter.
    pub fn select(&self, question: &str, items: &[String], default: usize) -> Result<usize, Stopped> {
        let items = self.fitting(question, items);
        self.answer(|| {
            Select::with_theme(self.theme.as_ref())
                .with_prompt(question)
                .items(&items)
                .default(default)
                .interact_on_opt(&self.term)
        })
    }

    /// One of many, found by typing; `default` is chosen by Enter.
    pub fn search(&self, question: &str, items: &[String], default: usize) -> Result<usize, Stopped> {
        let items = self.fitting(question, items);
        self.answer(|| {
            FuzzySelect::with_theme(self.theme.as_ref())
                .with_prompt(question)
                .items(&items)
                .default(default)
                .max_length(8)
                .interact_on_opt(&self.term)
        })
    }

    /// Yes or no; Enter is `default`.
    pub fn confirm(&self, question: &str, default: bool) -> Result<bool, Stopped> {
        self.answer(|| {
            Confirm::with_theme(self.theme.as_ref()).with_prompt(question).default(default).interact_on_opt(&self.term)
        })
    }

    /// The items cut to one line each, alone and behind the question: dialoguer cannot take away a line that wrapped.
    fn fitting(&self, question: &str, items: &[String]) -> Vec<String> {
        let around = console::measure_text_width(question) + 6;
        let width = usize::from(self.term.size().1).saturating_sub(around).max(10);
        items.iter().map(|item| console::truncate_str(item, width, "…").into_owned()).collect()
    }

    /// Runs one question. Whatever ends it other than an answer is a stop.
    fn answer<T>(&self, ask: impl FnOnce() -> dialoguer::Result<Option<T>>) -> Result<T, Stopped> {
        self.open.set(true);
        let result = ask();
        self.open.set(false);
        // dialoguer hides the cursor while it asks, and leaves it so when it is interrupted.
        let _: io::Result<()> = self.term.show_cursor();
        match result {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) | Err(_) => Err(Stopped),
        }
    }
}
