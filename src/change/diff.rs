//! A change as a unified diff for people.

use std::sync::LazyLock;

use regex::Regex;
use similar::TextDiff;

use crate::variables;

/// The unified diff of one file, with three lines around each change. Bytes that are not UTF-8 are shown as replacement
/// characters, and values of secrets that stand near a change are masked.
pub fn unified(name: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    let text = |bytes: Option<&[u8]>| mask(&String::from_utf8_lossy(bytes.unwrap_or_default()));
    let (old, new) = (text(before), text(after));
    let side = |bytes: Option<&[u8]>| if bytes.is_some() { name } else { "/dev/null" };
    let diff = TextDiff::from_lines(&old, &new);
    let body = diff.unified_diff().context_radius(3).header(side(before), side(after)).to_string();
    if body.is_empty() && before.is_some() != after.is_some() {
        return format!("--- {}\n+++ {}\n", side(before), side(after));
    }
    body
}

/// The text with the values of secrets replaced by `…`.
pub fn mask(text: &str) -> String {
    static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let names = format!(
            "{}|{}|{}|ANTHROPIC_API_KEY|ANTHROPIC_AUTH_TOKEN|CLAUDE_CODE_OAUTH_TOKEN|aws_secret_access_key|aws_session_token",
            variables::SECRET_ACCESS_KEY,
            variables::SESSION_TOKEN,
            variables::BEARER_TOKEN
        );
        Regex::new(&format!(r#"(?m)\b({names})("?\s*[=:]\s*|\s+)[^\r\n]*"#)).ok()
    });
    match &*SECRET {
        Some(secret) => secret.replace_all(text, "$1$2…").into_owned(),
        None => text.to_owned(),
    }
}

/// Whether bytes hold a secret that [`mask`] would hide. No copy of such a file is kept.
pub fn holds_secret(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    mask(&text) != text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_is_added() {
        let diff = unified("~/.bashrc", Some(b"a\nb\n"), Some(b"a\nb\nc\n"));
        assert_eq!(diff, "--- ~/.bashrc\n+++ ~/.bashrc\n@@ -1,2 +1,3 @@\n a\n b\n+c\n");
        assert!(unified("x", None, Some(b"c\n")).starts_with("--- /dev/null\n+++ x\n"));
        assert!(unified("x", Some(b"caf\xE9\n"), Some(b"caf\xE9\nc\n")).contains("caf\u{FFFD}"));
    }

    #[test]
    fn a_missing_final_newline_is_visible() {
        assert!(unified("x", Some(b"a"), Some(b"a\nb\n")).contains("No newline at end of file"));
    }

    #[test]
    fn secrets_beside_a_change_are_masked() {
        for line in [
            "export AWS_SECRET_ACCESS_KEY=wJalrXUt",
            "export AWS_SECRET_ACCESS_KEY='wJalrXUt'",
            "set -gx AWS_SESSION_TOKEN wJalrXUt",
            "  \"AWS_BEARER_TOKEN_BEDROCK\": \"wJalrXUt\",",
            "setenv ANTHROPIC_API_KEY wJalrXUt",
        ] {
            let diff = unified("x", Some(format!("{line}\n").as_bytes()), Some(format!("{line}\nb\n").as_bytes()));
            assert!(!diff.contains("wJal"), "{diff}");
            assert!(holds_secret(line.as_bytes()));
        }
        assert!(!holds_secret(b"export AWS_PROFILE=work\n"));
    }
}
