//! Changes of single lines, on bytes.

use super::LineChange;
use crate::observe::rc_files::shown;
use crate::shell::Syntax;

/// The bytes with one line changed; `None` where the line is not what was seen.
///
/// The line is looked for at its number, then anywhere: lines above it may have come or gone since.
pub fn change(bytes: &[u8], number: usize, seen: &str, change: &LineChange) -> Option<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let is_seen = |line: &[u8]| shown(&String::from_utf8_lossy(line)) == seen;
    let at = match number.checked_sub(1).filter(|at| lines.get(*at).is_some_and(|line| is_seen(line))) {
        Some(at) => at,
        None => {
            let mut found = lines.iter().enumerate().filter(|(_, line)| is_seen(line)).map(|(at, _)| at);
            // Of two lines alike nobody can say which one was meant.
            found.next().filter(|_| found.next().is_none())?
        }
    };
    let sole = is_sole_command(&lines, at);
    lines[at] = changed(&lines[at], change, sole)?;
    Some(lines.concat())
}

fn changed(line: &[u8], change: &LineChange, sole: bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line).ok()?;
    let content = text.trim_start_matches([' ', '\t']);
    let indent = &text[..text.len() - content.len()];
    let ended = content.trim_end_matches(['\n', '\r']);
    let end = &content[ended.len()..];
    let content = match change {
        LineChange::Replace(other) => other.clone(),
        LineChange::Prefix(prefix) => format!("{prefix}{ended}"),
        LineChange::Word { from, to } => word(ended, from, to)?,
        LineChange::CommentOut(syntax) => match (sole, syntax) {
            (true, Syntax::Posix) => format!(": # {ended}"),
            (true, Syntax::Xonsh) => format!("pass  # {ended}"),
            _ => format!("# {ended}"),
        },
    };
    Some(format!("{indent}{content}{end}").into_bytes())
}

/// The bytes with the value of a key cleaned on both sides; `None` where the line is not that of the key.
pub fn clean_value(bytes: &[u8], number: usize, key: &str) -> Option<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let line = lines.get_mut(number.checked_sub(1)?)?;
    let text = String::from_utf8(line.clone()).ok()?;
    let ended = text.trim_end_matches(['\n', '\r']);
    let (name, value) = ended.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case(key))?;
    let stray = |character: char| {
        character.is_whitespace() || matches!(character, '"' | '\'' | '\u{a0}' | '“' | '”' | '‘' | '’')
    };
    let blank = if value.starts_with(' ') { " " } else { "" };
    *line = format!("{name}={blank}{}{}", value.trim_matches(stray), &text[ended.len()..]).into_bytes();
    Some(lines.concat())
}

/// The first whole word `from` as `to`.
fn word(text: &str, from: &str, to: &str) -> Option<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let at = text.match_indices(from).map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + from.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })?;
    Some(format!("{}{to}{}", &text[..at], &text[at + from.len()..]))
}

/// The line is all that stands between the begin and the end of a body: a comment in its place would leave the body empty,
/// which some shells do not take.
fn is_sole_command(lines: &[Vec<u8>], at: usize) -> bool {
    let text = |line: &Vec<u8>| String::from_utf8_lossy(line).trim().to_owned();
    let says_something = |line: &String| !line.is_empty() && !line.starts_with('#');
    let above = lines[..at].iter().rev().map(text).find(says_something).unwrap_or_default();
    let below = lines[at + 1..].iter().map(text).find(says_something).unwrap_or_default();
    let opens = ["then", "do", "else", "{", "(", ")", ":"].iter().any(|end| above.ends_with(end));
    let first = below.split([' ', '\t', ';']).next().unwrap_or_default();
    let dedents = |line: &Vec<u8>| line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let closes = ["fi", "done", "else", "elif", "}", ")", ";;", "esac"].contains(&first)
        // Where indentation is the body, a line that goes back ends it.
        || lines[at + 1..].iter().find(|line| says_something(&text(line))).is_none_or(|next| dedents(next) < dedents(&lines[at]));
    opens && closes
}

/// The bytes without the carriage returns at the ends of lines.
pub fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => clean.extend([line, b"\n"].concat()),
            None => clean.extend(line.strip_suffix(b"\r").unwrap_or(line)),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str, number: usize, seen: &str, wanted: &LineChange) -> Option<String> {
        change(text.as_bytes(), number, seen, wanted).map(|bytes| String::from_utf8(bytes).expect("text"))
    }

    #[test]
    fn each_change_keeps_indentation_and_line_end() {
        for (text, wanted, expected) in [
            ("  A=1\r\n", LineChange::Prefix("export "), "  export A=1\r\n"),
            ("\tA=1", LineChange::Replace("export A=2".to_owned()), "\texport A=2"),
            ("export AB=1 A=2\n", LineChange::Word { from: "A".to_owned(), to: "C".to_owned() }, "export AB=1 C=2\n"),
            ("export A=1\n", LineChange::CommentOut(Syntax::Posix), "# export A=1\n"),
        ] {
            assert_eq!(one(text, 1, &shown(text), &wanted).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn a_line_that_moved_is_found_and_one_that_changed_is_not() {
        let wanted = LineChange::CommentOut(Syntax::Posix);
        assert_eq!(one("new\nA=1\n", 1, "A=1", &wanted).as_deref(), Some("new\n# A=1\n"));
        assert_eq!(one("A=1\nA=1\n", 1, "A=1", &wanted).as_deref(), Some("# A=1\nA=1\n"));
        assert_eq!(one("x\nA=1\nA=1\n", 1, "A=1", &wanted), None);
        assert_eq!(one("A=2\n", 1, "A=1", &wanted), None);
    }

    #[test]
    fn a_body_of_one_command_stays_a_body() {
        let posix = LineChange::CommentOut(Syntax::Posix);
        for text in ["if x; then\n  A=1\nfi\n", "f() {\n  A=1\n}\n", "if x\nthen\n  A=1 \n\n# c\nelse\n  y\nfi\n"] {
            let number = text.lines().position(|line| line.contains("A=1")).expect("it is there") + 1;
            let changed = one(text, number, "A=1", &posix).expect("the line is there");
            assert!(changed.contains("  : # A=1"), "{changed}");
        }
        let two = "if x; then\n  A=1\n  B=2\nfi\n";
        assert_eq!(one(two, 2, "A=1", &posix).as_deref(), Some("if x; then\n  # A=1\n  B=2\nfi\n"));
        let xonsh = "if x:\n    $A = 1\n$B = 2\n";
        let changed = one(xonsh, 2, "$A = 1", &LineChange::CommentOut(Syntax::Xonsh));
        assert_eq!(changed.as_deref(), Some("if x:\n    pass  # $A = 1\n$B = 2\n"));
    }

    #[test]
    fn values_are_cleaned_where_the_key_still_stands() {
        let clean = |text: &str, key| {
            clean_value(text.as_bytes(), 2, key).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = "[default]\nRegion = \"us-east-1\" \r\nx=1\n";
        assert_eq!(clean(text, "region").as_deref(), Some("[default]\nRegion = us-east-1\r\nx=1\n"));
        assert_eq!(clean("\nkey=\u{a0}abc\u{a0}", "key").as_deref(), Some("\nkey=abc"));
        assert_eq!(clean(text, "output"), None);
    }

    #[test]
    fn carriage_returns_go_at_ends_alone() {
        assert_eq!(without_carriage_returns(b"a\r\nb\rc\r\n\xff\r"), b"a\nb\rc\n\xff");
    }
}
