//! Account ids masked in a whole document, so that it can be shown to people who need not know them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// The account in an ARN.
static IN_ARN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"arn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12}):").ok());

/// Masks every account id that the document knows as one: those in ARNs and in members named `account`. Twelve digits elsewhere
/// (the end of a UUID) stay what they are.
pub fn accounts(document: &mut Value) {
    let mut known = BTreeSet::new();
    collect(document, "", &mut known);
    for id in known {
        let masked = format!("********{}", &id[8..]);
        replace(document, &id, &masked);
    }
}

fn collect(value: &Value, name: &str, known: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            if name == "account" && text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
                known.insert(text.clone());
            }
            let arns = IN_ARN.iter().flat_map(|arn| arn.captures_iter(text));
            known.extend(arns.filter_map(|found| found.get(1)).map(|account| account.as_str().to_owned()));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, known)),
        Value::Object(members) => members.iter().for_each(|(name, value)| collect(value, name, known)),
        _ => {}
    }
}

fn replace(value: &mut Value, id: &str, masked: &str) {
    match value {
        Value::String(text) => *text = text.replace(id, masked),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, id, masked)),
        Value::Object(members) => members.values_mut().for_each(|value| replace(value, id, masked)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::accounts;

    #[test]
    fn accounts_are_masked_wherever_they_stand_and_other_digits_stay() {
        let mut document = json!({
            "identity": { "account": "111122223333", "arn": "arn:aws:sts::111122223333:assumed-role/Dev/a@example.com" },
            "found": "as arn:aws:iam::444455556666:user/b, of account 444455556666",
            "request_id": "3fceefbd-e1a6-4c42-9840-328003105024",
            "models": ["arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc"],
        });
        accounts(&mut document);
        let text = document.to_string();
        assert!(!text.contains("111122223333") && !text.contains("444455556666"), "{text}");
        assert!(text.contains("********3333:assumed-role") && text.contains("********6666"), "{text}");
        assert!(text.contains("328003105024"), "{text}");
    }
}
