//! Single edits of a settings file, as splices of its text.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;

use super::Problem;
use super::document::{Document, splice, split_bom};
use crate::observe::settings::commas;

/// A top-level key gets a text for its value.
pub fn set_key(text: &str, name: &str, value: &str) -> Result<String, Problem> {
    let (bom, body) = split_bom(text);
    let body = if body.trim().is_empty() { "{}\n" } else { body };
    let document = Document::parse(body)?;
    let root = document.root()?;
    let literal = serde_json::Value::from(value).to_string();
    let edited = match document.find(root, name)? {
        Some(at) => {
            let range = root.properties[at].value.range();
            splice(body, vec![(range.start..range.end, literal)])
        }
        None => document.insert(root, name, &literal),
    };
    Ok(format!("{bom}{edited}"))
}

/// A key goes, with the comma that belongs to it.
pub fn remove(text: &str, path: &[&str]) -> Result<String, Problem> {
    let (bom, body) = split_bom(text);
    let document = Document::parse(body)?;
    let (object, at) = document.place(path)?;
    Ok(format!("{bom}{}", document.remove(object, at)))
}

/// A key gets another name; one that has that name already refuses.
pub fn rename(text: &str, path: &[&str], to: &str) -> Result<String, Problem> {
    let (bom, body) = split_bom(text);
    let document = Document::parse(body)?;
    let (object, at) = document.place(path)?;
    if document.find(object, to)?.is_some() {
        return Err(document.problem(object.range.start, &format!("`{to}` is there already")));
    }
    let range = object.properties[at].name.range();
    let literal = serde_json::Value::from(to).to_string();
    Ok(format!("{bom}{}", splice(body, vec![(range.start..range.end, literal)])))
}

/// A number or boolean of `env` becomes the text that it is written as.
pub fn quote(text: &str, name: &str) -> Result<String, Problem> {
    let (bom, body) = split_bom(text);
    let document = Document::parse(body)?;
    let (object, at) = document.place(&["env", name])?;
    let range = object.properties[at].value.range();
    let written = &body[range.start..range.end];
    let edited = match &object.properties[at].value {
        Value::NumberLit(_) | Value::BooleanLit(_) => {
            splice(body, vec![(range.start..range.end, serde_json::Value::from(written).to_string())])
        }
        _ => body.to_owned(),
    };
    Ok(format!("{bom}{edited}"))
}

/// Commas before a closing bracket go.
pub fn without_trailing_commas(text: &str) -> Result<String, Problem> {
    Document::parse(text)?;
    Ok(commas::without_trailing_commas(text).unwrap_or_else(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "{\n  // mine\n  \"model\": \"opus\",\n  \"env\": {\n    \"A\": 1, // one\n    \"B\": \"2\"\n  }\n}\n";

    #[test]
    fn each_edit_touches_what_it_is_about() {
        let edited = |result: Result<String, Problem>, from: &str, to: &str| {
            assert_eq!(result.expect("it can be edited"), TEXT.replace(from, to));
        };
        edited(rename(TEXT, &["model"], "modle"), "\"model\"", "\"modle\"");
        edited(rename(TEXT, &["env", "B"], "C"), "\"B\"", "\"C\"");
        edited(quote(TEXT, "A"), "\"A\": 1", "\"A\": \"1\"");
        edited(quote(TEXT, "B"), "", "");
        edited(remove(TEXT, &["env", "B"]), ", // one\n    \"B\": \"2\"", " // one");
        edited(remove(TEXT, &["model"]), "\n  \"model\": \"opus\",", "");
        edited(set_key(TEXT, "model", "x"), "\"opus\"", "\"x\"");
        assert!(
            set_key(TEXT, "awsAuthRefresh", "aws sso login")
                .expect("it can be edited")
                .contains("},\n  \"awsAuthRefresh\": \"aws sso login\"\n}")
        );
        assert_eq!(set_key("", "a", "b").as_deref(), Ok("{\n  \"a\": \"b\"\n}\n"));
    }

    #[test]
    fn what_is_not_there_or_there_already_refuses() {
        assert!(remove(TEXT, &["env", "X"]).is_err() && remove(TEXT, &["x"]).is_err());
        assert!(rename(TEXT, &["env", "A"], "B").is_err());
        assert!(remove("{\"a\": 1, \"a\": 2}", &["a"]).is_err());
    }
}
