//! Values as literals of a shell, and back.
//!
//! One rule for all: characters that no shell treats specially stay bare where the language has bare words, everything
//! else goes into single quotes, the form that people can read. What each language does inside them differs:
//!
//! | language | a quote | a backslash | `!` |
//! |---|---|---|---|
//! | POSIX family | `'\''` | itself | itself (a sourced file has no history expansion) |
//! | fish | `\'` | `\\` | itself |
//! | csh, tcsh | `'\''` | itself | `\!`, since history is expanded inside quotes too |
//! | Nushell | double quotes with `\"` and `\\` | itself in single quotes | itself |
//! | Elvish | `''` | itself | itself |
//! | xonsh | `\'` | `\\` (a Python string) | itself |
//! | PowerShell | doubled; the curly quotes `‘’‚‛` end a string too, so they are doubled as well | itself | itself |

use super::Syntax;

/// Characters that end or double as a quote in a PowerShell single-quoted string.
const POWERSHELL_QUOTES: [char; 5] = ['\'', '‘', '’', '‚', '‛'];

/// `value` as one word of the language that arrives as typed.
pub fn quote(syntax: Syntax, value: &str) -> String {
    if has_bare_words(syntax) && is_bare(value) {
        return value.to_owned();
    }
    match syntax {
        Syntax::Posix => format!("'{}'", value.replace('\'', r"'\''")),
        Syntax::Csh => format!("'{}'", value.replace('\'', r"'\''").replace('!', r"\!")),
        Syntax::Fish | Syntax::Xonsh => {
            format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
        }
        Syntax::Nushell if value.contains('\'') => {
            format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
        }
        Syntax::Nushell => format!("'{value}'"),
        Syntax::Elvish => format!("'{}'", value.replace('\'', "''")),
        Syntax::PowerShell => {
            let mut quoted = String::with_capacity(value.len() + 2);
            for character in value.chars() {
                quoted.push(character);
                if POWERSHELL_QUOTES.contains(&character) {
                    quoted.push(character);
                }
            }
            format!("'{quoted}'")
        }
    }
}

/// The value that a literal stands for: what [`quote`] writes, and what people write by hand (double quotes, bare words).
///
/// `None` when it is not one literal word: an expansion, a command, an open quote.
pub fn unquote(syntax: Syntax, literal: &str) -> Option<String> {
    let mut value = String::with_capacity(literal.len());
    let mut rest = literal.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\'' => single(syntax, &mut rest, &mut value)?,
            '"' => double(syntax, &mut rest, &mut value)?,
            '\\' if matches!(syntax, Syntax::Posix | Syntax::Csh | Syntax::Fish) => value.push(rest.next()?),
            _ if character.is_whitespace() || "$`;&|<>()".contains(character) => return None,
            _ => value.push(character),
        }
    }
    Some(value)
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Reads up to the end of a single-quoted string whose opening quote was read.
fn single(syntax: Syntax, rest: &mut Rest<'_>, value: &mut String) -> Option<()> {
    loop {
        match (syntax, rest.next()?) {
            (Syntax::Elvish, '\'') if rest.peek() == Some(&'\'') => value.extend(rest.next()),
            (Syntax::PowerShell, quote) if POWERSHELL_QUOTES.contains(&quote) => match rest.peek() {
                Some(next) if POWERSHELL_QUOTES.contains(next) => value.extend(rest.next()),
                _ => return Some(()),
            },
            (_, '\'') => return Some(()),
            (Syntax::Fish | Syntax::Xonsh, '\\') if matches!(rest.peek(), Some('\\' | '\'')) => {
                value.extend(rest.next())
            }
            (Syntax::Csh, '\\') if rest.peek() == Some(&'!') => value.extend(rest.next()),
            (_, character) => value.push(character),
        }
    }
}

/// Reads up to the end of a double-quoted string whose opening quote was read.
fn double(syntax: Syntax, rest: &mut Rest<'_>, value: &mut String) -> Option<()> {
    loop {
        match (syntax, rest.next()?) {
            (_, '"') => return Some(()),
            (Syntax::Posix | Syntax::Fish | Syntax::Nushell | Syntax::Elvish | Syntax::Xonsh, '\\') => {
                value.push(rest.next()?)
            }
            (Syntax::Nushell | Syntax::Elvish | Syntax::Xonsh, character) => value.push(character),
            (_, '$' | '`') => return None,
            (_, character) => value.push(character),
        }
    }
}

/// Whether the value position of the language takes a word without quotes.
fn has_bare_words(syntax: Syntax) -> bool {
    matches!(syntax, Syntax::Posix | Syntax::Csh | Syntax::Fish | Syntax::Elvish)
}

/// Whether no shell gives any character of the value, or its place in a word, a meaning.
pub fn is_bare(value: &str) -> bool {
    value.starts_with(|first: char| first.is_ascii_alphanumeric())
        && value.chars().all(|character| character.is_ascii_alphanumeric() || "-_.:/".contains(character))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn simple_values_stay_readable() {
        assert_eq!(quote(Syntax::Posix, "us-east-1"), "us-east-1");
        assert_eq!(quote(Syntax::Posix, "it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quote(Syntax::Fish, r"it's \ $HOME"), r"'it\'s \\ $HOME'");
        assert_eq!(quote(Syntax::Csh, "a!b"), r"'a\!b'");
        assert_eq!(quote(Syntax::Nushell, "us-east-1"), "'us-east-1'");
        assert_eq!(quote(Syntax::Nushell, r#"it's "x" \"#), r#""it's \"x\" \\""#);
        assert_eq!(quote(Syntax::Elvish, "it's"), "'it''s'");
        assert_eq!(quote(Syntax::Xonsh, "it's"), r"'it\'s'");
        assert_eq!(quote(Syntax::PowerShell, "it’s 'x'"), "'it’’s ''x'''");
        assert_eq!(quote(Syntax::Posix, ""), "''");
    }

    #[test]
    fn reads_what_people_write_and_no_expansions() {
        assert_eq!(unquote(Syntax::Posix, "\"eu-west-1\"").as_deref(), Some("eu-west-1"));
        assert_eq!(unquote(Syntax::Posix, r"a\ b").as_deref(), Some("a b"));
        for computed in ["$REGION", "\"$REGION\"", "`id`", "$(id)", "'open", "a b", "a;b"] {
            assert_eq!(unquote(Syntax::Posix, computed), None, "{computed}");
        }
    }

    proptest! {
        #[test]
        fn unquote_reads_what_quote_writes(value in "\\PC*") {
            for syntax in Syntax::ALL {
                prop_assert_eq!(unquote(syntax, &quote(syntax, &value)), Some(value.clone()), "{:?}", syntax);
            }
        }
    }
}
