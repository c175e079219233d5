//! Requests to services that need no SDK: unsigned GETs and POSTs of a few lines (SSO, OIDC, metadata, Anthropic).

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{Answer, Hop, NetworkFailure};
use super::clients::{not_an_answer, url_problem};
use super::exchange::Outcome;
use super::wire::Recorder;

/// A request in the making.
pub struct Raw<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Whole URL.
    pub url: String,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: String,
}

impl Raw<'_> {
    /// A GET.
    pub fn get(url: String) -> Self {
        Self { method: "GET", url, headers: Vec::new(), body: String::new() }
    }

    /// The text of a success.
    pub async fn text(self, recorder: &Recorder) -> Answer<String> {
        match self.response(recorder).await {
            Answer::Got(response) => {
                Answer::Got(String::from_utf8_lossy(response.body().bytes().unwrap_or_default()).into_owned())
            }
            other => other.without_value("the answer was not read"),
        }
    }

    /// The JSON object of a success.
    pub async fn json(self, recorder: &Recorder) -> Answer<Value> {
        self.object(recorder).await
    }

    /// The same, read into a shape of its own, so that what nobody asks about is never kept.
    pub async fn object<T: DeserializeOwned>(self, recorder: &Recorder) -> Answer<T> {
        let response = match self.response(recorder).await {
            Answer::Got(response) => response,
            other => return other.without_value("the answer was not read"),
        };
        let bytes = response.body().bytes().unwrap_or_default();
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return not_an_answer(recorder, "the answer is not a JSON object");
        }
        match serde_json::from_slice(bytes) {
            Ok(value) => Answer::Got(value),
            // The error's own words may quote the answer.
            Err(_) => not_an_answer(recorder, "the answer is not the JSON that was expected"),
        }
    }

    async fn response(self, recorder: &Recorder) -> Answer<HttpResponse> {
        if let Some(failure) = url_problem(&self.url) {
            return Answer::Unreachable(failure);
        }
        let request = match self.request() {
            Ok(request) => request,
            Err(detail) => return Answer::Unreachable(NetworkFailure { host: String::new(), hop: Hop::Url, detail }),
        };
        let response = recorder.call(request).await;
        match (response, recorder.last().map(|exchange| exchange.outcome)) {
            (Ok(response), Some(Outcome::Answered(head))) if head.status < 300 => Answer::Got(response),
            (_, Some(Outcome::Answered(head))) => Answer::Refused(head.refusal),
            (_, Some(Outcome::Failed(failure))) => Answer::Unreachable(failure),
            (_, None) => not_an_answer(recorder, "the request could not be sent"),
        }
    }

    fn request(&self) -> Result<HttpRequest, String> {
        let mut request = HttpRequest::new(SdkBody::from(self.body.as_str()));
        request.set_method(self.method).map_err(|error| error.to_string())?;
        request.set_uri(self.url.as_str()).map_err(|error| error.to_string())?;
        for (name, value) in &self.headers {
            // `insert` panics on a value that is no header value; a token file may hold anything.
            request
                .headers_mut()
                .try_insert(*name, value.clone())
                .map_err(|_| format!("the value for the header {name} cannot be sent"))?;
        }
        Ok(request)
    }
}

impl<T> Answer<T> {
    /// The same outcome for another question that needed this one; `why` is said where there is a value after all.
    pub fn without_value<U>(self, why: &str) -> Answer<U> {
        match self {
            Self::Got(_) => Answer::NotAsked(why.to_owned()),
            Self::Refused(refusal) => Answer::Refused(refusal),
            Self::Unreachable(failure) => Answer::Unreachable(failure),
            Self::TimedOut => Answer::TimedOut,
            Self::NotAsked(reason) => Answer::NotAsked(reason),
            Self::Crashed(what) => Answer::Crashed(what),
        }
    }
}

/// Percent-encodes a part of a query.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
