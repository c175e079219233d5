//! What a refusal says, in each of AWS's protocols and in none.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::answer::Refusal;

/// As much as is kept of an answer that is not in a protocol of AWS.
const LONGEST_UNKNOWN: usize = 4000;

static XML_FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s)<(Code|Message|RequestId)>(.*?)</").ok());

/// Reads an answer. `header` takes lower-case names.
pub fn read(status: u16, header: impl Fn(&str) -> Option<String>, body: &[u8]) -> Refusal {
    let text = String::from_utf8_lossy(body);
    let content_type = header("content-type");
    let json: Option<Value> = serde_json::from_slice(body).ok().filter(Value::is_object);
    let xml = |name: &str| match &json {
        None if text.trim_start().starts_with('<') => xml_field(&text, name),
        _ => None,
    };
    let field = |names: &[&str]| {
        let json = json.as_ref()?;
        names.iter().find_map(|name| json[*name].as_str().or_else(|| json["error"][*name].as_str())).map(str::to_owned)
    };
    let code = header("x-amzn-errortype")
        .or_else(|| field(&["__type", "code", "Code"]))
        .or_else(|| xml("Code"))
        // Anthropic's own: an `error` with a type, beside the type `error` of the whole.
        .or_else(|| json.as_ref()?["error"]["type"].as_str().map(str::to_owned))
        .or_else(|| field(&["error", "type"]))
        .unwrap_or_default();
    let message = field(&["message", "Message", "errorMessage", "error_description"])
        .or_else(|| xml("Message"))
        .unwrap_or_else(|| unknown(status, content_type.as_deref(), &text));
    let request_id = ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"]
        .iter()
        .find_map(|name| header(name))
        .or_else(|| xml("RequestId"))
        .filter(|id| !id.is_empty());
    Refusal { status, code: bare(&code).to_owned(), message, request_id, content_type }
}

/// `com.amazon.coral.service#AccessDeniedException:http://…` -> `AccessDeniedException`.
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code).trim()
}

fn xml_field(text: &str, name: &str) -> Option<String> {
    let found = XML_FIELD.as_ref()?.captures_iter(text).find(|found| &found[1] == name)?;
    let raw = found[2].trim();
    Some(
        raw.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&#39;", "'")
            .replace("&amp;", "&"),
    )
}

/// What is shown of an answer without a message. A success may hold credentials: only a page for people is shown of it.
fn unknown(status: u16, content_type: Option<&str>, text: &str) -> String {
    let page = content_type.is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("text/plain"));
    if status < 300 && !(page && text.trim_start().starts_with('<')) { String::new() } else { shortened(text) }
}

fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(LONGEST_UNKNOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(headers: &[(&str, &str)], body: &str) -> Refusal {
        let header = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        read(400, header, body.as_bytes())
    }

    #[test]
    fn each_protocol_gives_code_message_and_request_id() {
        let rest = parse(
            &[("x-amzn-errortype", "AccessDeniedException:http://internal.amazon.com/"), ("x-amzn-requestid", "r1")],
            r#"{"Message":"no"}"#,
        );
        assert_eq!(
            (rest.code.as_str(), rest.message.as_str(), rest.request_id.as_deref()),
            ("AccessDeniedException", "no", Some("r1"))
        );
        let json = parse(
            &[("x-amzn-requestid", "r2")],
            r#"{"__type":"com.amazon.coral#ThrottlingException","message":"Rate exceeded"}"#,
        );
        assert_eq!((json.code.as_str(), json.message.as_str()), ("ThrottlingException", "Rate exceeded"));
        let query = parse(
            &[("content-type", "text/xml")],
            "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>Signature expired: a &lt; b\n</Message></Error><RequestId>r3</RequestId></ErrorResponse>",
        );
        assert_eq!((query.code.as_str(), query.request_id.as_deref()), ("SignatureDoesNotMatch", Some("r3")));
        assert_eq!(query.message, "Signature expired: a < b");
        let grant = parse(&[], r#"{"error":"invalid_grant","error_description":"Invalid grant provided"}"#);
        assert_eq!((grant.code.as_str(), grant.message.as_str()), ("invalid_grant", "Invalid grant provided"));
        let anthropic =
            parse(&[], r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#);
        assert_eq!(
            (anthropic.code.as_str(), anthropic.message.as_str()),
            ("authentication_error", "invalid x-api-key")
        );
    }

    #[test]
    fn a_success_is_not_shown_unless_it_is_a_page() {
        let header = |name: &str| (name == "content-type").then(|| "application/json".to_owned());
        assert_eq!(read(200, header, br#"{"SecretAccessKey":"s"}"#).message, "");
        let html = |name: &str| (name == "content-type").then(|| "text/html; charset=utf-8".to_owned());
        assert_eq!(read(200, html, b"<p>portal</p>").message, "<p>portal</p>");
    }

    #[test]
    fn an_answer_in_no_protocol_is_kept_whole_and_bounded() {
        let page = parse(&[("content-type", "text/html")], "<html>Sign in to the Wi-Fi</html>");
        assert_eq!(
            (page.code.as_str(), page.message.as_str(), page.request_id),
            ("", "<html>Sign in to the Wi-Fi</html>", None)
        );
        assert_eq!(parse(&[], &"é".repeat(5000)).message.chars().count(), LONGEST_UNKNOWN + 1);
    }
}
