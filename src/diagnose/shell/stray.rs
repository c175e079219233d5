//! Characters that do not belong into a value: carriage returns, literal quotes, no-break spaces, blanks.

use crate::variables;

/// What is wrong with a value, in words; `None` where nothing is.
pub fn problem(name: &str, value: &str) -> Option<&'static str> {
    let forgiven = matches!(name, variables::USE_BEDROCK | variables::REGION | variables::DEFAULT_REGION);
    // A profile and a path may hold blanks, and a profile quotes too.
    let free = matches!(
        name,
        variables::PROFILE
            | variables::CONFIG_DIR
            | variables::AWS_CONFIG_FILE
            | variables::AWS_CREDENTIALS_FILE
            | "NODE_EXTRA_CA_CERTS"
    );
    let blank = |character: char| matches!(character, ' ' | '\t' | '\n');
    let trimmed = value.trim_matches(blank);
    if value.contains('\r') {
        Some("a carriage return, as Windows line ends leave it")
    } else if value.contains('\u{a0}') {
        Some("a no-break space")
    } else if is_quoted(trimmed) {
        Some("literal quotes around it")
    } else if !forgiven && trimmed.len() != value.len() {
        Some("a blank at its start or end")
    } else if !free && trimmed.contains(blank) {
        Some("a blank inside")
    } else if !free && trimmed.contains(['"', '\'', '“', '”', '‘', '’']) {
        Some("a quote inside")
    } else {
        None
    }
}

/// The value as it was meant.
pub fn cleaned(value: &str) -> String {
    value.replace(['\r', '\u{a0}'], " ").trim().trim_matches(['"', '\'', '“', '”', '‘', '’']).trim().to_owned()
}

/// A quote opens or closes the value.
fn is_quoted(value: &str) -> bool {
    let quote = |character: char| matches!(character, '"' | '\'' | '“' | '”' | '‘' | '’');
    value.starts_with(quote) || value.ends_with(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgiven_and_what_is_not() {
        for (name, value) in [
            (variables::REGION, " us-east-1 "),
            (variables::USE_BEDROCK, " 1"),
            (variables::PROFILE, "my profile"),
            (variables::CONFIG_DIR, "/home/ada/my files"),
            (variables::OPUS_MODEL, "us.anthropic.claude-opus-4-8[1m]"),
        ] {
            assert_eq!(problem(name, value), None, "{name}={value}");
        }
        for (name, value) in [
            (variables::REGION, "us-east-1\r"),
            (variables::PROFILE, "\"dev\""),
            (variables::PROFILE, "dev "),
            (variables::USE_BEDROCK, "\"1\""),
            (variables::ACCESS_KEY_ID, "AKIAIOSFODNN7EXAMPLE\u{a0}"),
            (variables::BASE_URL, "https://a b"),
            (variables::OPUS_MODEL, "’us.anthropic.claude-opus-4-8’"),
        ] {
            assert!(problem(name, value).is_some(), "{name}={value}");
        }
    }

    #[test]
    fn cleaning_leaves_what_was_meant() {
        assert_eq!(cleaned("\"us-east-1\"\r"), "us-east-1");
        assert_eq!(cleaned(" 'dev' "), "dev");
    }
}
