//! Account ids and access key ids masked in a whole document, so that it can be shown to people who need not know them.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

/// What is looked for, in this order: an UUID, which stays; a run of digits, masked where it has twelve; a key id.
static TELLING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?<uuid> \b [0-9a-fA-F]{8} (?:-[0-9a-fA-F]{4}){3} - [0-9a-fA-F]{12} \b )
        | (?<digits> [0-9]+ )
        | \b (?<key> (?:AKIA|ASIA|ABSK) [A-Z0-9]{12,} ) \b",
    )
    .ok()
});

/// Masks every account id and access key id, wherever it stands: twelve digits that are neither part of a longer number nor of a
/// UUID.
pub fn accounts(document: &mut Value) {
    match document {
        Value::String(text) => *text = masked(text),
        Value::Array(items) => items.iter_mut().for_each(accounts),
        Value::Object(members) => members.values_mut().for_each(accounts),
        _ => {}
    }
}

fn masked(text: &str) -> String {
    let Some(telling) = TELLING.as_ref() else { return String::new() };
    let mask = |found: &Captures<'_>| {
        let whole = &found[0];
        let is_secret = found.name("key").is_some() || found.name("digits").is_some_and(|digits| digits.len() == 12);
        match whole.len().checked_sub(4) {
            Some(hidden) if is_secret => "*".repeat(hidden) + &whole[hidden..],
            _ => whole.to_owned(),
        }
    };
    telling.replace_all(text, mask).into_owned()
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
            "window": "1764064800000 and 20261125",
            "check": "as AKIAIOSFODNN7EXAMPLE of 555566667777.",
            "models": ["arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc"],
        });
        accounts(&mut document);
        let text = document.to_string();
        assert!(!text.contains("111122223333") && !text.contains("444455556666"), "{text}");
        assert!(text.contains("********3333:assumed-role") && text.contains("********6666"), "{text}");
        assert!(text.contains("328003105024") && text.contains("1764064800000 and 20261125"), "{text}");
        assert!(text.contains("as ****************MPLE of ********7777."), "{text}");
    }
}
