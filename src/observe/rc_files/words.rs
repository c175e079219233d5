//! A line of a shell as commands and words: enough to read assignments, far from a shell.

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As it is written.
    pub raw: String,
    /// Without quotes, where nothing in it is computed.
    pub value: Option<String>,
}

/// The simple commands of a line, in order. Comments are left out; quotes that stay open end with the line.
pub fn commands(line: &str) -> Vec<Vec<Word>> {
    let mut reader = Reader::default();
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(next) => reader.literal(&['\\', next], next),
                None => reader.computed('\\'),
            },
            '\'' => {
                // `$'…'` was seen as `$` already: what stands in it is left as computed.
                reader.begin('\'');
                let mut closed = false;
                for next in characters.by_ref() {
                    if next == '\'' {
                        closed = true;
                        break;
                    }
                    reader.literal(&[next], next);
                }
                reader.end('\'', closed);
            }
            '"' => {
                reader.begin('"');
                let mut closed = false;
                while let Some(next) = characters.next() {
                    match next {
                        '"' => {
                            closed = true;
                            break;
                        }
                        '\\' if characters.peek().is_some_and(|after| "\"\\$`".contains(*after)) => {
                            let after = characters.next().unwrap_or('\\');
                            reader.literal(&['\\', after], after);
                        }
                        '$' | '`' => reader.computed(next),
                        _ => reader.literal(&[next], next),
                    }
                }
                reader.end('"', closed);
            }
            '#' if !reader.in_word => break,
            ' ' | '\t' => reader.end_word(),
            ';' | '&' | '|' => reader.end_command(),
            // The pattern of a `case`, or a subshell.
            ')' | '(' if !reader.in_word => reader.end_command(),
            ')' if !reader.raw.contains('(') => reader.end_command(),
            '$' | '`' | '*' | '?' | '<' | '>' | '(' => reader.computed(character),
            '~' if !reader.in_word || reader.raw.ends_with('=') => reader.computed(character),
            _ => reader.literal(&[character], character),
        }
    }
    reader.end_command();
    reader.commands
}

#[derive(Default)]
struct Reader {
    commands: Vec<Vec<Word>>,
    command: Vec<Word>,
    in_word: bool,
    raw: String,
    value: String,
    is_computed: bool,
}

impl Reader {
    fn begin(&mut self, quote: char) {
        self.in_word = true;
        self.raw.push(quote);
    }

    fn end(&mut self, quote: char, closed: bool) {
        if closed {
            self.raw.push(quote);
        } else {
            self.is_computed = true;
        }
    }

    fn literal(&mut self, raw: &[char], value: char) {
        self.in_word = true;
        self.raw.extend(raw);
        self.value.push(value);
    }

    fn computed(&mut self, character: char) {
        self.in_word = true;
        self.is_computed = true;
        self.raw.push(character);
        self.value.push(character);
    }

    fn end_word(&mut self) {
        if std::mem::take(&mut self.in_word) {
            let value = std::mem::take(&mut self.value);
            let value = (!std::mem::take(&mut self.is_computed)).then_some(value);
            self.command.push(Word { raw: std::mem::take(&mut self.raw), value });
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.command.is_empty() {
            self.commands.push(std::mem::take(&mut self.command));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::commands;

    fn values(line: &str) -> Vec<Vec<Option<String>>> {
        commands(line).into_iter().map(|words| words.into_iter().map(|word| word.value).collect()).collect()
    }

    #[test]
    fn words_quotes_and_comments() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            values("export A='x y' B=\"it's\" C=a\\ b # D=1"),
            [[some("export"), some("A=x y"), some("B=it's"), some("C=a b")]]
        );
        assert_eq!(values("A=$B C=`x` D=~/x E='$F'"), [[None, None, None, some("E=$F")]]);
        assert_eq!(
            values("[ -n \"$X\" ] && A=1; B=2"),
            [vec![some("["), some("-n"), None, some("]")], vec![some("A=1")], vec![some("B=2")]]
        );
        assert_eq!(values("*) return;;").last(), Some(&vec![some("return")]));
        assert_eq!(values("A='open"), [[None]]);
        assert_eq!(values("A=x\r"), [[some("A=x\r")]]);
        assert!(values("# only a comment").is_empty());
    }
}
