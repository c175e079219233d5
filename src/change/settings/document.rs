//! Where things are in a settings file, and splices that leave everything else where it is.

use std::ops::Range;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::Problem;

/// A parsed settings file.
pub struct Document<'a> {
    /// The text, without a byte order mark.
    pub text: &'a str,
    pub value: Option<Value<'a>>,
}

impl<'a> Document<'a> {
    pub fn parse(text: &'a str) -> Result<Self, Problem> {
        let (_, text) = split_bom(text);
        let options = ParseOptions {
            allow_comments: true,
            allow_loose_object_property_names: false,
            allow_trailing_commas: true,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| Problem {
            line: error.line_display(),
            column: error.column_display(),
            message: format!("not JSON: {}", error.kind()),
        })?;
        Ok(Self { text, value: parsed.value })
    }

    pub fn root(&self) -> Result<&Object<'a>, Problem> {
        match &self.value {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(Problem { line: 1, column: 1, message: "the file does not hold a JSON object".to_owned() }),
        }
    }

    pub fn env(&self) -> Result<Option<&Object<'a>>, Problem> {
        let root = self.root()?;
        match self.find(root, "env")? {
            None => Ok(None),
            Some(index) => match &root.properties[index].value {
                Value::Object(env) => Ok(Some(env)),
                other => Err(self.problem(other.range().start, "`env` is not an object")),
            },
        }
    }

    /// The index of a property. A name that stands twice refuses: which one counts depends on the reader.
    pub fn find(&self, object: &Object<'a>, name: &str) -> Result<Option<usize>, Problem> {
        let mut found = object.properties.iter().enumerate().filter(|(_, property)| property.name.as_str() == name);
        let first = found.next().map(|(index, _)| index);
        match found.next() {
            Some((_, twice)) => Err(self.problem(twice.range.start, &format!("`{name}` is there twice"))),
            None => Ok(first),
        }
    }

    /// The object at all but the last name of a path, and the place of the last name in it.
    pub fn place(&self, path: &[&str]) -> Result<(&Object<'a>, usize), Problem> {
        let missing = || Problem { line: 1, column: 1, message: format!("`{}` is not there any more", path.join(".")) };
        let (name, above) = path.split_last().ok_or_else(missing)?;
        let object = match above {
            [] => self.root()?,
            _ => self.env()?.filter(|_| above == ["env"]).ok_or_else(missing)?,
        };
        Ok((object, self.find(object, name)?.ok_or_else(missing)?))
    }

    pub fn problem(&self, at: usize, message: &str) -> Problem {
        let above = &self.text[..at];
        let line_start = above.rfind('\n').map_or(0, |newline| newline + 1);
        Problem {
            line: above.matches('\n').count() + 1,
            column: above[line_start..].chars().count() + 1,
            message: message.to_owned(),
        }
    }

    /// The text with a property added at the end of an object, in the style of its neighbours.
    pub fn insert(&self, object: &Object<'a>, name: &str, value: &str) -> String {
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let property = format!("{}: {value}", serde_json::Value::from(name));
        let outer = self.indent_at(object.range.start);
        let Some(last) = object.properties.last() else {
            return self.insert_first(object, &property, newline, outer);
        };
        let first = object.properties[0].range.start;
        let several_lines = self.text[object.range.start..first].contains('\n');
        let after = trivia(self.text, last.range.end..object.range.end - 1);
        let comma = after.iter().find(|item| item.kind == Kind::Comma).map(|item| item.range.end);
        let mut anchor = comma.unwrap_or(last.range.end);
        let mut line_comment = false;
        let past_comma = anchor;
        for item in after.iter().filter(|item| item.range.start >= past_comma) {
            match item.kind {
                Kind::Space if self.text[item.range.clone()].contains('\n') => break,
                Kind::Comment => {
                    anchor = item.range.end;
                    line_comment = self.text[item.range.clone()].starts_with("//");
                }
                _ => {}
            }
        }
        let lead = if several_lines || line_comment {
            let indent =
                if several_lines { self.indent_at(first).to_owned() } else { format!("{outer}{}", self.unit()) };
            format!("{newline}{indent}")
        } else {
            " ".to_owned()
        };
        match comma {
            Some(_) => splice(self.text, vec![(anchor..anchor, format!("{lead}{property},"))]),
            None => splice(
                self.text,
                vec![(last.range.end..last.range.end, ",".to_owned()), (anchor..anchor, format!("{lead}{property}"))],
            ),
        }
    }

    fn insert_first(&self, object: &Object<'a>, property: &str, newline: &str, outer: &str) -> String {
        let inner = object.range.start + 1..object.range.end - 1;
        let indented = format!("{newline}{outer}{}{property}", self.unit());
        let comments: Vec<Trivia> =
            trivia(self.text, inner.clone()).into_iter().filter(|item| item.kind == Kind::Comment).collect();
        match comments.last() {
            None => splice(self.text, vec![(inner, format!("{indented}{newline}{outer}"))]),
            Some(comment) => {
                let closing = if self.text[comment.range.end..inner.end].contains('\n') {
                    String::new()
                } else {
                    format!("{newline}{outer}")
                };
                splice(self.text, vec![(comment.range.end..comment.range.end, format!("{indented}{closing}"))])
            }
        }
    }

    /// The text without a property: with the white space before it and the comma that belongs to it, comments kept.
    pub fn remove(&self, object: &Object<'a>, index: usize) -> String {
        let range = &object.properties[index].range;
        let gap_start =
            index.checked_sub(1).map_or(object.range.start + 1, |previous| object.properties[previous].range.end);
        let gap_end = object.properties.get(index + 1).map_or(object.range.end - 1, |next| next.range.start);
        let before = trivia(self.text, gap_start..range.start);
        let after = trivia(self.text, range.end..gap_end);
        let comma =
            |items: &[Trivia]| items.iter().find(|item| item.kind == Kind::Comma).map(|item| item.range.clone());
        let start = before.iter().rev().find(|item| item.kind != Kind::Space).map_or(gap_start, |item| item.range.end);
        let cuts = std::iter::once(start..range.end).chain(comma(&after).or_else(|| comma(&before)));
        splice(self.text, cuts.map(|cut| (cut, String::new())).collect())
    }

    /// The white space that the line of a position begins with.
    fn indent_at(&self, at: usize) -> &'a str {
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = &self.text[start..at];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// One step of indentation, as the file does it.
    fn unit(&self) -> &'a str {
        match &self.value {
            Some(Value::Object(root)) => match root.properties.first().map(|first| self.indent_at(first.range.start)) {
                Some(indent) if !indent.is_empty() => indent,
                _ => "  ",
            },
            _ => "  ",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Comment,
    Comma,
}

#[derive(Debug)]
struct Trivia {
    kind: Kind,
    range: Range<usize>,
}

/// What stands between two properties: white space, comments, a comma. The range must hold nothing else.
fn trivia(text: &str, range: Range<usize>) -> Vec<Trivia> {
    let mut items = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let rest = &text[at..range.end];
        let (kind, length) = if rest.starts_with(',') {
            (Kind::Comma, 1)
        } else if rest.starts_with("//") {
            let line = rest.find('\n').unwrap_or(rest.len());
            (Kind::Comment, rest[..line].strip_suffix('\r').map_or(line, str::len))
        } else if rest.starts_with("/*") {
            (Kind::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2))
        } else {
            (Kind::Space, rest.find([',', '/']).unwrap_or(rest.len()).max(1))
        };
        items.push(Trivia { kind, range: at..at + length });
        at += length;
    }
    items
}

/// The text with ranges replaced; at the same position the earlier replacement comes first.
pub fn splice(text: &str, mut changes: Vec<(Range<usize>, String)>) -> String {
    changes.sort_by_key(|(range, _)| range.start);
    let mut result = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for (range, replacement) in changes {
        result.push_str(&text[at..range.start]);
        result.push_str(&replacement);
        at = range.end;
    }
    result.push_str(&text[at..]);
    result
}

/// The byte order mark, if there is one, and the rest.
pub fn split_bom(text: &str) -> (&str, &str) {
    text.split_at(if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 })
}
