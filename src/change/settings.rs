//! The `env` block of Claude Code's user settings: set and unset keys of it as text, everything else left as it is.
//!
//! jsonc-parser says where things are; the edits are splices, so that formatting, comments, order and line ends of
//! everything else stay, and so that `unset(set(x)) == x` holds also without a copy of the file.

use std::collections::BTreeMap;
use std::ops::Range;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::receipt::SettingsRecord;

/// Why a settings file cannot be edited: where, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// The string values of `env`; other kinds of values are written out as JSON.
pub fn env(text: &str) -> Result<BTreeMap<String, String>, Problem> {
    let document = Document::parse(text)?;
    let Some(env) = document.env()? else {
        return Ok(BTreeMap::new());
    };
    let pairs = env.properties.iter().map(|property| {
        let value = match &property.value {
            Value::StringLit(text) => text.value.to_string(),
            other => document.text[other.range().start..other.range().end].to_owned(),
        };
        (property.name.as_str().to_owned(), value)
    });
    Ok(pairs.collect())
}

/// Sets keys of `env`, in the order given. `record` is what earlier runs changed; the new record undoes them all together.
pub fn set(text: &str, wanted: &[(&str, &str)], record: &SettingsRecord) -> Result<(String, SettingsRecord), Problem> {
    let mut record = record.clone();
    let (bom, body) = split_bom(text);
    let mut body = body.to_owned();
    if body.trim().is_empty() {
        record.file_empty.get_or_insert_with(|| body.clone());
        body = "{}\n".to_owned();
    }
    let root_is_empty = Document::parse(&body)?.root()?.properties.is_empty();
    if root_is_empty {
        record.file_empty.get_or_insert_with(|| body.clone());
    }
    let document = Document::parse(&body)?;
    match document.env()? {
        None => {
            record.env_added = true;
            body = document.insert(document.root()?, "env", "{}");
        }
        Some(env) if env.properties.is_empty() && !record.env_added => {
            record.env_empty.get_or_insert_with(|| body[env.range.start..env.range.end].to_owned());
        }
        Some(_) => {}
    }
    for (key, value) in wanted {
        let document = Document::parse(&body)?;
        let literal = serde_json::Value::from(*value).to_string();
        let Some(env) = document.env()? else { continue };
        let edited = match document.find(env, key)? {
            Some(property) => {
                let range = env.properties[property].value.range();
                let present = &body[range.start..range.end];
                if present == literal {
                    continue;
                }
                record.keys.entry((*key).to_owned()).or_insert_with(|| Some(present.to_owned()));
                splice(&body, vec![(range.start..range.end, literal)])
            }
            None => {
                record.keys.insert((*key).to_owned(), None);
                document.insert(env, key, &literal)
            }
        };
        body = edited;
    }
    Ok((format!("{bom}{body}"), record))
}

/// Undoes `record` as far as it still stands. `None`: nothing is left of the file but what was added.
pub fn unset(text: &str, record: &SettingsRecord, existed: bool) -> Result<Option<String>, Problem> {
    let (bom, body) = split_bom(text);
    let mut body = body.to_owned();
    if body.trim().is_empty() {
        return Ok(Some(text.to_owned()).filter(|_| existed));
    }
    body = unset_keys(&body, &record.keys)?;
    let document = Document::parse(&body)?;
    if let Some(env) = document.env()?
        && env.properties.is_empty()
    {
        let range = env.range.start..env.range.end;
        if record.env_added && without_space(&body[range.clone()]) == "{}" {
            let root = document.root()?;
            if let Some(index) = document.find(root, "env")? {
                body = document.remove(root, index);
            }
        } else if let Some(before) = &record.env_empty
            && without_space(before) == without_space(&body[range.clone()])
        {
            body = splice(&body, vec![(range, before.clone())]);
        }
    }
    let document = Document::parse(&body)?;
    if document.root()?.properties.is_empty() {
        if !existed && without_space(&body) == "{}" {
            return Ok(None);
        }
        if let Some(before) = &record.file_empty
            && (without_space(before) == without_space(&body)
                || before.trim().is_empty() && without_space(&body) == "{}")
        {
            body = before.clone();
        }
    }
    Ok(Some(format!("{bom}{body}")))
}

/// Takes single keys back: out of `env`, or to the value that they had.
pub fn unset_keys(body: &str, keys: &BTreeMap<String, Option<String>>) -> Result<String, Problem> {
    let mut body = body.to_owned();
    // Removed from the end of the object, as each was added there: then every comma finds its place again.
    loop {
        let document = Document::parse(&body)?;
        let Some(env) = document.env()? else {
            return Ok(body);
        };
        let last = env.properties.iter().rposition(|property| matches!(keys.get(property.name.as_str()), Some(None)));
        match last {
            Some(index) => body = document.remove(env, index),
            None => break,
        }
    }
    for (key, before) in keys {
        let document = Document::parse(&body)?;
        let Some(env) = document.env()? else { break };
        if let (Some(before), Some(index)) = (before, document.find(env, key)?) {
            let range = env.properties[index].value.range();
            body = splice(&body, vec![(range.start..range.end, before.clone())]);
        }
    }
    Ok(body)
}

/// A parsed settings file.
struct Document<'a> {
    text: &'a str,
    value: Option<Value<'a>>,
}

impl<'a> Document<'a> {
    fn parse(text: &'a str) -> Result<Self, Problem> {
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

    fn root(&self) -> Result<&Object<'a>, Problem> {
        match &self.value {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(Problem { line: 1, column: 1, message: "the file does not hold a JSON object".to_owned() }),
        }
    }

    fn env(&self) -> Result<Option<&Object<'a>>, Problem> {
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
    fn find(&self, object: &Object<'a>, name: &str) -> Result<Option<usize>, Problem> {
        let mut found = object.properties.iter().enumerate().filter(|(_, property)| property.name.as_str() == name);
        let first = found.next().map(|(index, _)| index);
        match found.next() {
            Some((_, twice)) => Err(self.problem(twice.range.start, &format!("`{name}` is there twice"))),
            None => Ok(first),
        }
    }

    fn problem(&self, at: usize, message: &str) -> Problem {
        let above = &self.text[..at];
        let line_start = above.rfind('\n').map_or(0, |newline| newline + 1);
        Problem {
            line: above.matches('\n').count() + 1,
            column: above[line_start..].chars().count() + 1,
            message: message.to_owned(),
        }
    }

    /// The text with a property added at the end of an object, in the style of its neighbours.
    fn insert(&self, object: &Object<'a>, name: &str, value: &str) -> String {
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
    fn remove(&self, object: &Object<'a>, index: usize) -> String {
        let range = &object.properties[index].range;
        let gap_start =
            index.checked_sub(1).map_or(object.range.start + 1, |previous| object.properties[previous].range.end);
        let gap_end = object.properties.get(index + 1).map_or(object.range.end - 1, |next| next.range.start);
        let before = trivia(self.text, gap_start..range.start);
        let after = trivia(self.text, range.end..gap_end);
        let comma =
            |items: &[Trivia]| items.iter().find(|item| item.kind == Kind::Comma).map(|item| item.range.clone());
        let start = before.iter().rev().find(|item| item.kind != Kind::Space).map_or(gap_start, |item| item.range.end);
        let mut cuts = vec![start..range.end];
        cuts.extend(comma(&after));
        if comma(&after).is_none() {
            cuts.extend(comma(&before));
        }
        splice(self.text, cuts.into_iter().map(|cut| (cut, String::new())).collect())
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
fn splice(text: &str, mut changes: Vec<(Range<usize>, String)>) -> String {
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

fn split_bom(text: &str) -> (&str, &str) {
    text.split_at(if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 })
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}
