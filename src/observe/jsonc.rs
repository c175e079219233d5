//! JSON with comments, as editors and dev containers keep their settings.

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// Hands the root object of a document to `read`, with a function that gives the line of a position, counted from 1.
///
/// # Errors
/// The document is not JSON, or its root is no object; the words for it.
pub fn read<T>(bytes: &[u8], read: impl FnOnce(&Object, &dyn Fn(usize) -> usize) -> T) -> Result<T, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let line = |position: usize| text.get(..position).unwrap_or(&text).matches('\n').count() + 1;
    let tree = parse_to_ast(&text, &CollectOptions::default(), &ParseOptions::default())
        .map_err(|error| format!("line {}: {}", line(error.range().start), error.kind()))?;
    match tree.value {
        Some(Value::Object(root)) => Ok(read(&root, &line)),
        _ => Err("it is not an object".to_owned()),
    }
}

/// The property of a name; the last one counts, as in JavaScript.
pub fn last<'a, 'b>(object: &'b Object<'a>, key: &str) -> Option<&'b ObjectProp<'a>> {
    object.properties.iter().rev().find(|property| property.name.as_str() == key)
}

/// The line of a property.
pub fn line_of(property: &ObjectProp, line: &dyn Fn(usize) -> usize) -> usize {
    line(property.start())
}

/// A string, number or truth value as text.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::StringLit(text) => Some(text.value.to_string()),
        Value::BooleanLit(literal) => Some(literal.value.to_string()),
        Value::NumberLit(number) => Some(number.value.to_string()),
        _ => None,
    }
}
