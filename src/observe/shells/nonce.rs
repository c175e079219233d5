//! How the answers of a shell are told from whatever else it prints.

use std::path::Path;

/// The marks between which the answers stand in whatever else rc files print.
pub struct Nonce {
    first: String,
    second: String,
}

impl Nonce {
    /// The marks of one start.
    pub fn new(id: &str) -> Self {
        // In halves: the command text itself, echoed by `set -v` or shown by a prompt, must not look like a mark.
        let (first, second) = id.split_at(id.len() / 2);
        Self { first: format!("<{first}"), second: format!("{second}>") }
    }

    /// A command that prints the environment of a child between two marks, and then, where the shell can be asked, its own
    /// `claude` up to a third. It stands last: were it to end a shell that a start-up file told to end at every failure
    /// (`set -e`), the environment would still be told.
    pub fn command(&self, definition: Option<&str>) -> String {
        match definition {
            Some(definition) => format!("{}; {definition}; {}", self.report(), self.mark()),
            None => self.report(),
        }
    }

    /// Reads the same in every shell we know: words, and one single-quoted string without quotes in it.
    fn report(&self) -> String {
        let env = if Path::new("/usr/bin/env").exists() { "/usr/bin/env" } else { "/bin/env" };
        let Self { first, second } = self;
        format!("/bin/sh -c 'printf %s%s \"{first}\" \"{second}\"; {env} -0; printf %s%s \"{first}\" \"{second}\"'")
    }

    fn mark(&self) -> String {
        let Self { first, second } = self;
        format!("/bin/sh -c 'printf %s%s \"{first}\" \"{second}\"'")
    }

    /// The bytes between two marks that follow each other, once both are there; the first pair is number 0.
    pub fn between<'a>(&self, stdout: &'a [u8], number: usize) -> Option<&'a [u8]> {
        let mark = format!("{}{}", self.first, self.second);
        let mut rest = stdout;
        for _ in 0..=number {
            rest = &rest[bstr::ByteSlice::find(rest, mark.as_bytes())? + mark.len()..];
        }
        Some(&rest[..bstr::ByteSlice::find(rest, mark.as_bytes())?])
    }
}

#[cfg(test)]
mod tests {
    use super::Nonce;

    #[test]
    fn the_report_is_found_in_noise_and_its_command_is_no_report() {
        let nonce = Nonce::new("0123456789abcdef");
        let noise = format!("+ {}\nwelcome\n", nonce.command(Some("alias claude")));
        assert_eq!(nonce.between(noise.as_bytes(), 0), None);
        let half = format!("{noise}<0123456789abcdef>A=1\0B=x\ny\0");
        assert_eq!(nonce.between(half.as_bytes(), 0), None);
        let whole = format!("{half}<0123456789abcdef>alias");
        assert_eq!(nonce.between(whole.as_bytes(), 0), Some(&b"A=1\0B=x\ny\0"[..]));
        assert_eq!(nonce.between(whole.as_bytes(), 1), None);
        let both = format!("{whole} claude='x'\n<0123456789abcdef>bye");
        assert_eq!(nonce.between(both.as_bytes(), 1), Some(&b"alias claude='x'\n"[..]));
    }
}
