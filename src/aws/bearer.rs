//! What a Bedrock API key tells about itself, read offline. The key never leaves this function.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::{SignedDuration, Timestamp};

/// A Bedrock API key as far as it can be judged without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// Long-term (`ABSK…`): nothing in it tells an end or a region.
    LongTerm,
    /// Short-term (`bedrock-api-key-…`): a presigned URL, made in one region for a time.
    ShortTerm {
        /// The region of its signature.
        region: String,
        /// When it ends at the latest.
        ends: Option<Timestamp>,
    },
    /// It has no shape of one; what is wrong, without the key.
    Malformed(&'static str),
}

const SHORT_TERM: &str = "bedrock-api-key-";

/// Reads a key.
pub fn read(key: &str) -> Bearer {
    if key.contains(char::is_whitespace) {
        return Bearer::Malformed("it holds blanks or a line end");
    }
    if key.starts_with("ABSK") {
        return Bearer::LongTerm;
    }
    let Some(rest) = key.strip_prefix(SHORT_TERM) else {
        return Bearer::Malformed(if key.starts_with("sk-ant-") {
            "it is a key of Anthropic's own API (`sk-ant-…`)"
        } else {
            "it begins neither with `ABSK` nor with `bedrock-api-key-`"
        });
    };
    let Some(url) = decoded(rest) else {
        return Bearer::Malformed("what follows `bedrock-api-key-` is not base64 of a URL: it was cut or changed");
    };
    let Some(region) = parameter(&url, "X-Amz-Credential").and_then(|scope| scope.split('/').nth(2).map(str::to_owned))
    else {
        return Bearer::Malformed("the URL in it has no credential scope: it was cut or changed");
    };
    Bearer::ShortTerm { region, ends: end(&url) }
}

/// Who a key stands for: the hidden IAM user of a long-term key, the access key id behind a short-term one. CloudTrail names them so.
pub fn stands_for(key: &str) -> (Option<String>, Option<String>) {
    if let Some(rest) = key.strip_prefix("ABSK") {
        // `BedrockAPIKey-xxxx-at-111122223333:secret`
        let text = decoded(rest).unwrap_or_default();
        let user = text.split_once(':').and_then(|(name, _)| name.rsplit_once("-at-")).map(|(user, _)| user.to_owned());
        return (user.filter(|user| !user.is_empty()), None);
    }
    let url = key.strip_prefix(SHORT_TERM).and_then(decoded).unwrap_or_default();
    (None, parameter(&url, "X-Amz-Credential").and_then(|scope| scope.split('/').next().map(str::to_owned)))
}

fn decoded(base64: &str) -> Option<String> {
    let engine = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    engine.decode(base64).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

/// A query parameter, with its slashes decoded.
fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    let pair = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?;
    Some(pair.1.replace("%2F", "/").replace("%2f", "/"))
}

/// `X-Amz-Date` plus `X-Amz-Expires`.
fn end(url: &str) -> Option<Timestamp> {
    let date = parameter(url, "X-Amz-Date")?;
    let made =
        jiff::tz::Offset::UTC.to_timestamp(jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &date).ok()?).ok()?;
    let life = parameter(url, "X-Amz-Expires")?.parse().ok()?;
    made.checked_add(SignedDuration::from_secs(life)).ok()
}

/// A short-term key for tests: of no account, never valid.
#[cfg(test)]
pub fn short_term(region: &str, date: &str, life: u32) -> String {
    let day = date.split('T').next().unwrap_or_default();
    let url = format!(
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=ASIAIOSFODNN7EXAMPLE%2F{day}%2F{region}%2Fbedrock%2Faws4_request&X-Amz-Date={date}&X-Amz-Expires={life}\
         &X-Amz-SignedHeaders=host&X-Amz-Signature=00&Version=1"
    );
    format!("{SHORT_TERM}{}", base64::engine::general_purpose::STANDARD.encode(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_term_key_tells_its_region_and_its_end() {
        let expected = Bearer::ShortTerm { region: "eu-west-1".to_owned(), ends: "2026-11-24T12:00:00Z".parse().ok() };
        let key = short_term("eu-west-1", "20261124T000000Z", 43_200);
        assert_eq!(read(&key), expected);
        assert_eq!(read(key.trim_end_matches('=')), expected, "padding does not matter");
    }

    #[test]
    fn a_key_tells_whom_awss_log_will_name() {
        let key = "ABSKQmVkcm9ja0FQSUtleS1mYWtlLWF0LTExMTEyMjIyMzMzMzpmYWtl";
        assert_eq!(stands_for(key), (Some("BedrockAPIKey-fake".to_owned()), None));
        let short = short_term("eu-west-1", "20261124T000000Z", 43_200);
        assert_eq!(stands_for(&short), (None, Some("ASIAIOSFODNN7EXAMPLE".to_owned())));
        assert_eq!(stands_for("ABSKnothing"), (None, None));
        assert_eq!(stands_for("sk-ant-x"), (None, None));
    }

    #[test]
    fn shapes() {
        assert_eq!(read("ABSKQmVkcm9ja0FQSUtleS1leGFtcGxl"), Bearer::LongTerm);
        for wrong in ["sk-ant-api03-x", "bedrock-api-key-%%%", "bedrock-api-key-aGVsbG8=", "ABSK a", ""] {
            assert!(matches!(read(wrong), Bearer::Malformed(_)), "{wrong}");
        }
    }
}
