//! Claude Code's settings files: set and unset keys of `env`, and single edits of others, as text; all else left as it is.
//!
//! jsonc-parser says where things are; the edits are splices, so that formatting, comments, order and line ends of
//! everything else stay, and so that `unset(set(x)) == x` holds also without a copy of the file.

mod document;
mod edits;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use document::{Document, splice, split_bom};
pub use edits::{quote, remove, rename, set_key, without_trailing_commas};
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;

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

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}
