//! Names of the environment variables that decide where Claude Code sends its requests.
//!
//! Source: the behaviour of client 2.1.330, measured, and the official documentation of Claude Code on Amazon Bedrock.

/// The switch.
pub const USE_BEDROCK: &str = "CLAUDE_CODE_USE_BEDROCK";
/// First choice for the region.
pub const REGION: &str = "AWS_REGION";
/// Second choice for the region.
pub const DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";
/// Profile for credentials and region.
pub const PROFILE: &str = "AWS_PROFILE";
/// Static key id.
pub const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
/// Static secret key.
pub const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// Session token of static session keys.
pub const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
/// Bedrock API key; beats every other credential.
pub const BEARER_TOKEN: &str = "AWS_BEARER_TOKEN_BEDROCK";
/// Replaces both Bedrock hosts.
pub const BASE_URL: &str = "ANTHROPIC_BEDROCK_BASE_URL";
/// Sends no `Authorization` at all.
pub const SKIP_AUTH: &str = "CLAUDE_CODE_SKIP_BEDROCK_AUTH";
/// Model of the session.
pub const MODEL: &str = "ANTHROPIC_MODEL";
/// What the alias `opus` stands for.
pub const OPUS_MODEL: &str = "ANTHROPIC_DEFAULT_OPUS_MODEL";
/// What the alias `sonnet` stands for.
pub const SONNET_MODEL: &str = "ANTHROPIC_DEFAULT_SONNET_MODEL";
/// What the alias `haiku` stands for.
pub const HAIKU_MODEL: &str = "ANTHROPIC_DEFAULT_HAIKU_MODEL";
/// Small model, deprecated name.
pub const SMALL_FAST_MODEL: &str = "ANTHROPIC_SMALL_FAST_MODEL";
/// Model of subagents; `inherit` is that of the session.
pub const SUBAGENT_MODEL: &str = "CLAUDE_CODE_SUBAGENT_MODEL";
/// Region of the small model's calls, where one is chosen that is not the main model.
pub const SMALL_FAST_MODEL_REGION: &str = "ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION";
/// Preferred prefix of profile ids (client 2.1.224 or newer).
pub const REGION_PREFIX: &str = "ANTHROPIC_BEDROCK_REGION_PREFIX";
/// Moves `~/.claude`, the user settings with it.
pub const CONFIG_DIR: &str = "CLAUDE_CONFIG_DIR";
/// Other place of `~/.aws/config`.
pub const AWS_CONFIG_FILE: &str = "AWS_CONFIG_FILE";
/// Other place of `~/.aws/credentials`.
pub const AWS_CREDENTIALS_FILE: &str = "AWS_SHARED_CREDENTIALS_FILE";

/// Keys of Anthropic's usage reports. They are nothing of the client's: `verify` and `usage` read them from their own environment.
///
/// Anthropic's reference (platform.claude.com/docs/en/api/admin) writes `ANTHROPIC_ADMIN_API_KEY` for both kinds of keys, its
/// older pages (docs.anthropic.com/en/api/admin-api) `ANTHROPIC_ADMIN_KEY`. It has no name for the key of a Claude Enterprise
/// organization alone; public tools write the other two.
pub const ADMIN_KEYS: [&str; 4] =
    ["ANTHROPIC_ADMIN_API_KEY", "ANTHROPIC_ADMIN_KEY", "ANTHROPIC_ANALYTICS_API_KEY", "ANTHROPIC_ANALYTICS_KEY"];

/// Switches of other providers, strongest first; Bedrock's own beats them all (2.1.330).
pub const OTHER_PROVIDERS: [(&str, &str); 5] = [
    ("CLAUDE_CODE_USE_FOUNDRY", "foundry"),
    ("CLAUDE_CODE_USE_ANTHROPIC_AWS", "anthropicAws"),
    ("CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", "anthropicGoogleCloud"),
    ("CLAUDE_CODE_USE_MANTLE", "mantle"),
    ("CLAUDE_CODE_USE_VERTEX", "vertex"),
];

/// Every variable that `why` explains and that a block, a settings file or a shell may set, in the order in which it is shown.
pub const ROUTING: [&str; 26] = [
    USE_BEDROCK,
    REGION,
    DEFAULT_REGION,
    PROFILE,
    BEARER_TOKEN,
    ACCESS_KEY_ID,
    SECRET_ACCESS_KEY,
    SESSION_TOKEN,
    BASE_URL,
    SKIP_AUTH,
    MODEL,
    OPUS_MODEL,
    SONNET_MODEL,
    HAIKU_MODEL,
    SMALL_FAST_MODEL,
    REGION_PREFIX,
    CONFIG_DIR,
    AWS_CONFIG_FILE,
    AWS_CREDENTIALS_FILE,
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS",
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_VERTEX",
    "HTTPS_PROXY",
    "NODE_EXTRA_CA_CERTS",
];

/// Variables that `why` explains too: they steer models, hosts, proxies and the last links of the credentials, or Anthropic's own
/// route, which is taken when the switch is off.
pub const COMPANIONS: [&str; 36] = [
    "ANTHROPIC_DEFAULT_MODEL",
    "ANTHROPIC_DEFAULT_FABLE_MODEL",
    SUBAGENT_MODEL,
    SMALL_FAST_MODEL_REGION,
    "ANTHROPIC_BEDROCK_SERVICE_TIER",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_BEDROCK",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    "AWS_ENDPOINT_URL_STS",
    "AWS_USE_FIPS_ENDPOINT",
    "HTTP_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "AWS_CA_BUNDLE",
    "CLAUDE_CODE_CERT_STORE",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
    "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
    "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST",
    "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
];

/// Whether the value of a variable must never be shown.
pub fn is_secret(name: &str) -> bool {
    matches!(
        name,
        SECRET_ACCESS_KEY
            | SESSION_TOKEN
            | BEARER_TOKEN
            | "ANTHROPIC_API_KEY"
            | "ANTHROPIC_AUTH_TOKEN"
            | "CLAUDE_CODE_OAUTH_TOKEN"
            | "ANTHROPIC_CUSTOM_HEADERS"
    ) || ADMIN_KEYS.contains(&name)
}

/// This value must not be shown: it is a secret, or a URL with a password in it.
pub fn holds_secret(name: &str, value: &str) -> bool {
    is_secret(name) || without_password(value) != value
}

/// A value that is one URL, with the user and password, or the token in their place, masked. An `@` after the host is no password.
pub fn without_password(value: &str) -> String {
    // Proxies are also given without a scheme.
    let (scheme, rest) = value.split_once("://").map_or(("", value), |(scheme, rest)| (scheme, rest));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let user = rest[..end].rfind('@').map(|at| (at, &rest[..at]));
    match user.filter(|(_, user)| !user.is_empty() && (value.contains("://") || user.contains(':'))) {
        Some((at, _)) if scheme.is_empty() => format!("…{}", &rest[at..]),
        Some((at, _)) => format!("{scheme}://…{}", &rest[at..]),
        None => value.to_owned(),
    }
}

/// A text with the user and password of each URL in it masked, as far as the text shows where a URL ends.
pub fn without_passwords(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let ends =
            |character: char| matches!(character, '/' | '?' | '#' | '"' | '\'' | '`') || character.is_whitespace();
        let end = after.find(ends).unwrap_or(after.len());
        masked.push_str(before);
        masked.push_str("://");
        rest = after;
        // What people are asked to put there stays.
        let is_password = |at: &usize| *at > 0 && &after[..*at] != "USER:PASSWORD";
        if let Some(at) = after[..end].rfind('@').filter(is_password) {
            masked.push('…');
            rest = &after[at..];
        }
    }
    masked + rest
}

/// How the client reads a switch: trimmed, lower-cased, one of four words; everything else is off, silently.
/// (Before 1.0.124 every non-empty value was on; `diagnose` says so where it matters.)
pub fn is_truthy(value: &str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_urls_are_masked() {
        let value = |value: &str| without_password(value);
        assert_eq!(value("http://ada:pa'ss@p:1"), "http://…@p:1");
        assert_eq!(value("ada:pass@p:1"), "…@p:1");
        assert_eq!(value("https://p:1/a@b"), "https://p:1/a@b");
        assert_eq!(value("ada@example.com"), "ada@example.com");
        assert!(holds_secret("HTTPS_PROXY", "http://ada:pa'ss@p:1") && !holds_secret("HTTPS_PROXY", "http://p:1"));
        let text = "export HTTPS_PROXY='http://ada:pass@p:1' or http://USER:PASSWORD@HOST:PORT (https://a/b@c)";
        let masked = "export HTTPS_PROXY='http://…@p:1' or http://USER:PASSWORD@HOST:PORT (https://a/b@c)";
        assert_eq!(without_passwords(text), masked);
    }
}
