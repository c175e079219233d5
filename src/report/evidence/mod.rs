//! Evidence that can be kept: one JSON document with a hash over its content, and a page made from the same value.
//!
//! The document is what `verify --json` prints, under a name of its own. `sha256` is taken over its canonical text: the
//! document without that member, keys sorted by their bytes, no blanks, as `jq -cSj 'del(.sha256)'` prints it.

mod mask;
mod page;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub use page::html;

/// Schema of the document.
pub const SCHEMA: &str = "bedrockup.evidence/1";

/// The document: a report of `verify`, the moment at which it was made, and its hash.
pub fn document(report: &Value, made: &str, masked: bool) -> Value {
    let mut document = report.clone();
    if masked {
        mask::accounts(&mut document);
    }
    document["schema"] = SCHEMA.into();
    document["made"] = made.into();
    document["accounts_masked"] = masked.into();
    let hash = Sha256::digest(canonical(&document));
    document["sha256"] = hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    document
}

/// The text that is hashed.
fn canonical(value: &Value) -> String {
    sorted(value).to_string()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            Value::Object(names.into_iter().map(|name| (name.clone(), sorted(&members[name]))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// Whether a text is a document of this kind: such a file may be replaced by a newer one.
pub fn is_document(text: &[u8]) -> bool {
    let parsed: Option<Value> = serde_json::from_slice(text).ok();
    parsed.is_some_and(|value| value["schema"].as_str().is_some_and(|schema| schema.starts_with("bedrockup.evidence/")))
}

/// Whether a text is a page of this kind.
pub fn is_page(text: &[u8]) -> bool {
    let start = &text[..text.len().min(1024)];
    bstr::ByteSlice::contains_str(start, "<title>Evidence: Claude Code through Amazon Bedrock</title>")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_hash_is_over_the_content_and_nothing_else() {
        let one = document(&json!({ "b": 1, "a": { "d": [1, "ü"], "c": null } }), "2026-11-25T10:00:00Z", false);
        let other = document(&json!({ "a": { "c": null, "d": [1, "ü"] }, "b": 1 }), "2026-11-25T10:00:00Z", false);
        assert_eq!(one["sha256"], other["sha256"], "the order of members does not count");
        let changed = document(&json!({ "b": 2, "a": { "d": [1, "ü"], "c": null } }), "2026-11-25T10:00:00Z", false);
        assert_ne!(one["sha256"], changed["sha256"]);
        let mut content = one.clone();
        let told = content.as_object_mut().and_then(|members| members.shift_remove("sha256"));
        let hash: String = Sha256::digest(canonical(&content)).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(told, Some(hash.into()));
        assert!(canonical(&content).starts_with(r#"{"a":{"c":null,"d":[1,"ü"]},"accounts_masked":false,"b":1,"#));
    }
}
