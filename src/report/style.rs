//! How text looks: colour only where it is wanted, lines no longer than the terminal.

use console::Style as Paint;

use crate::world::World;

/// Colour and width of one output.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    colour: bool,
    width: usize,
}

impl Style {
    /// Plain text of 80 columns.
    pub const PLAIN: Self = Self { colour: false, width: 80 };

    /// The style for standard output: `NO_COLOR`, `CLICOLOR_FORCE` and `TERM=dumb` are honoured, else colour on a terminal.
    pub fn of(world: &World) -> Self {
        let env = &world.env;
        let forced = env.non_empty("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let refused = env.non_empty("NO_COLOR").is_some() || env.get("TERM") == Some("dumb");
        let width = if world.terminal.stdout { usize::from(console::Term::stdout().size().1) } else { 80 };
        Self { colour: forced || (world.terminal.stdout && !refused), width: width.clamp(40, 100) }
    }

    /// The width in columns.
    pub fn width(self) -> usize {
        self.width
    }

    /// Whether colour is wanted.
    pub fn colour(self) -> bool {
        self.colour
    }

    fn paint(self, paint: Paint, text: &str) -> String {
        // Colour is decided here alone, not by what `console` thinks of its own standard output.
        if self.colour { paint.force_styling(true).apply_to(text).to_string() } else { text.to_owned() }
    }

    /// Heads, names.
    pub fn bold(self, text: &str) -> String {
        self.paint(Paint::new().bold(), text)
    }

    /// What is beside the point.
    pub fn dim(self, text: &str) -> String {
        self.paint(Paint::new().dim(), text)
    }

    /// What was overruled.
    pub fn struck(self, text: &str) -> String {
        self.paint(Paint::new().dim().strikethrough(), text)
    }

    /// Errors.
    pub fn red(self, text: &str) -> String {
        self.paint(Paint::new().red().bold(), text)
    }

    /// Warnings.
    pub fn yellow(self, text: &str) -> String {
        self.paint(Paint::new().yellow(), text)
    }

    /// What is well.
    pub fn green(self, text: &str) -> String {
        self.paint(Paint::new().green(), text)
    }

    /// What can be typed.
    pub fn cyan(self, text: &str) -> String {
        self.paint(Paint::new().cyan(), text)
    }

    /// Wraps words to the width: the first line begins with `first`, the others with `rest`. Words are never broken, so that
    /// ids and paths can be copied.
    pub fn wrap(self, text: &str, first: &str, rest: &str) -> String {
        let options = textwrap::Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        textwrap::fill(text, options)
    }
}

/// The text without characters that move the cursor, turn the direction of writing, or end a line: what comes from files, shells
/// and servers must look like what it is.
pub fn tame(text: &str) -> String {
    let moves = |character: char| {
        character.is_control()
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => ' ',
            other if moves(other) => '\u{fffd}',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_of_strangers_do_not_reach_the_terminal() {
        assert_eq!(tame("a\x1b[2Jb\r\nc"), "a\u{fffd}[2Jb\u{fffd} c");
        assert_eq!(tame("user/\u{202e}nimda\u{2069}\u{2028}"), "user/\u{fffd}nimda\u{fffd}\u{fffd}");
    }

    #[test]
    fn long_words_stay_whole() {
        let id = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/abcdefghijklmnopqrstuvwxyz";
        let wrapped = Style::PLAIN.wrap(&format!("the profile {id} is gone"), "- ", "  ");
        assert!(wrapped.contains(id), "{wrapped}");
    }
}
