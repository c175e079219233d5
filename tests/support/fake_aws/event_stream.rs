//! Frames of `application/vnd.amazon.eventstream`, as Bedrock sends them.

use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::body::Bytes;
use serde_json::{Value, json};

/// A `chunk` event that carries one event of the Anthropic stream.
pub fn chunk(event: &Value) -> Bytes {
    let payload = json!({ "bytes": BASE64_STANDARD.encode(event.to_string()), "p": "abcdefghijk" });
    frame(&[(":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event")], &payload)
}

/// An exception frame; `kind` is the member's name, e.g. `throttlingException`.
pub fn exception(kind: &str, message: &str) -> Bytes {
    let headers = [(":exception-type", kind), (":content-type", "application/json"), (":message-type", "exception")];
    frame(&headers, &json!({ "message": message }))
}

fn frame(headers: &[(&'static str, &str)], payload: &Value) -> Bytes {
    let mut message = Message::new(Bytes::from(payload.to_string()));
    for (name, value) in headers {
        message = message.add_header(Header::new(*name, HeaderValue::String((*value).to_owned().into())));
    }
    let mut out = Vec::new();
    aws_smithy_eventstream::frame::write_message_to(&message, &mut out)
        .expect("a frame of a few kilobytes is within the format's limits");
    out.into()
}
