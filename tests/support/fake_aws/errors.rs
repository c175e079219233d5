//! Error answers in the shape of each protocol. Codes and texts differ on purpose between STS and Bedrock.

use serde_json::{Map, Value, json};

use super::anthropic;
use super::sigv4::AuthFault;
use super::wire::{Call, Protocol, Reply};

/// An error that a service answers.
pub struct Fault {
    /// HTTP status.
    pub status: u16,
    /// Error code, without a suffix.
    pub code: String,
    /// Text.
    pub message: String,
    /// Further members of the body.
    pub fields: Map<String, Value>,
}

impl Fault {
    /// An error without further members.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), fields: Map::new() }
    }

    /// Bedrock's 400.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationException", message)
    }

    /// Bedrock's 404.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "ResourceNotFoundException", message)
    }

    /// Bedrock's 403.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDeniedException", message)
    }

    /// The answer to an operation that the fake does not know: loud, so that no test passes by accident.
    pub fn unknown_operation(call: &Call) -> Self {
        let message =
            format!("The fake AWS does not know {} {} ({} {})", call.method, call.path, call.service, call.operation);
        match call.protocol() {
            Protocol::Query => Self::new(400, "InvalidAction", message),
            _ => Self::new(404, "UnknownOperationException", message),
        }
    }
}

/// Words a refused authentication for a protocol.
pub fn from_auth(fault: AuthFault, protocol: Protocol) -> Fault {
    let query = protocol == Protocol::Query;
    let status = if protocol == Protocol::Json11 { 400 } else { 403 };
    let pick = |in_query: &'static str, in_json: &'static str| if query { in_query } else { in_json };
    let bad_signature = pick("SignatureDoesNotMatch", "InvalidSignatureException");
    let (code, message) = match fault {
        AuthFault::Missing if query => ("MissingAuthenticationToken", "Request is missing Authentication Token".to_owned()),
        AuthFault::Missing => ("MissingAuthenticationTokenException", "Missing Authentication Token".into()),
        AuthFault::Malformed => (pick("IncompleteSignature", "IncompleteSignatureException"), "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter.".into()),
        AuthFault::Unknown => (pick("InvalidClientTokenId", "UnrecognizedClientException"), "The security token included in the request is invalid.".into()),
        AuthFault::Signature => (bad_signature, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.".into()),
        AuthFault::Skew(text) | AuthFault::Scope(text) => (bad_signature, text),
        AuthFault::Expired => (pick("ExpiredToken", "ExpiredTokenException"), "The security token included in the request is expired".into()),
        AuthFault::BearerInvalid => ("AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.".into()),
        AuthFault::BearerMalformed => ("AccessDeniedException", "Invalid API Key format: Must start with pre-defined prefix".into()),
        AuthFault::BearerExpired => ("AccessDeniedException", "Bearer Token has expired".into()),
    };
    Fault::new(status, code, message)
}

/// Shapes an error for the service that was asked.
pub fn reply(call: &Call, fault: Fault, request_id: &str) -> Reply {
    let Fault { status, code, message, fields } = fault;
    match call.protocol() {
        Protocol::Query => {
            let side = if status < 500 { "Sender" } else { "Receiver" };
            let namespace = if call.service == "iam" {
                "https://iam.amazonaws.com/doc/2010-05-08/"
            } else {
                "https://sts.amazonaws.com/doc/2011-06-15/"
            };
            let body = format!(
                "<ErrorResponse xmlns=\"{namespace}\">\n  <Error>\n    <Type>{side}</Type>\n    <Code>{}</Code>\n    <Message>{}</Message>\n  </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n",
                xml(&code),
                xml(&message)
            );
            Reply::new(status, "text/xml", body)
        }
        Protocol::Json11 => {
            let mut body = Map::from_iter([("__type".to_owned(), json!(code)), ("message".to_owned(), json!(message))]);
            body.extend(fields);
            let mut reply = Reply::new(status, "application/x-amz-json-1.1", Value::Object(body).to_string());
            reply.headers.push(("x-amzn-ErrorType", code));
            reply
        }
        Protocol::Anthropic => {
            let fault = Fault { status, code, message, fields };
            Reply::json(&anthropic::error(&fault, request_id)).with_status(status)
        }
        Protocol::Json10 => {
            let body = json!({ "__type": format!("com.amazonaws.cloudwatch.v2010_08_01#{code}"), "message": message });
            let mut reply = Reply::new(status, "application/x-amz-json-1.0", body.to_string());
            let side = if status < 500 { "Sender" } else { "Receiver" };
            reply.headers.push(("x-amzn-query-error", format!("{};{side}", query_code(&code))));
            reply
        }
        Protocol::RestJson | Protocol::Plain => {
            // What the authorisation layer refuses says "Message"; modelled errors say "message".
            let capital = code == "AccessDeniedException"
                && (message.starts_with("User: ") || message.contains("API Key") || message.starts_with("Bearer"));
            let mut body = Map::from_iter([((if capital { "Message" } else { "message" }).to_owned(), json!(message))]);
            body.extend(fields);
            let mut reply = Reply::new(status, "application/json", Value::Object(body).to_string());
            let suffix = if call.service.starts_with("bedrock") {
                ":http://internal.amazon.com/coral/com.amazon.bedrock/"
            } else {
                ""
            };
            reply.headers.push(("x-amzn-ErrorType", format!("{code}{suffix}")));
            reply
        }
    }
}

/// The code that a service had in its query days.
fn query_code(code: &str) -> &str {
    match code {
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        "MissingRequiredParameterException" => "MissingParameter",
        "InternalServiceFault" => "InternalServiceError",
        other => other.strip_suffix("Exception").unwrap_or(other),
    }
}

/// Escapes text for XML.
pub fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
