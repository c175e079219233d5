//! Calls in `awsJson1.0` and `1.1`, for services that are asked once in a while: a generated crate for each would cost more to
//! build than the rest of the program.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::Answer;
use super::clients::{Access, Aws, not_an_answer, url_problem};
use super::signed::Unsigned;

/// Which of the two; they differ in their content type alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `application/x-amz-json-1.0`: CloudWatch.
    V1_0,
    /// `application/x-amz-json-1.1`: nearly everybody else.
    V1_1,
}

/// A service that speaks it.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// Where it is.
    pub url: &'a str,
    /// The name that it signs as.
    pub name: &'a str,
    /// The region that is signed for: a service that is in one region only is signed for that one, wherever the route leads.
    pub region: &'a str,
    /// Its dialect.
    pub version: Version,
}

impl Service<'_> {
    /// Calls `target` (`Service.Operation`). Answers with the JSON object of a success.
    ///
    /// `T` should take fields that are not there as empty, so that an answer is read as far as it goes. What comes without
    /// AWS's request id is no answer: a gateway that says `{}` to everything would else say that nothing ever happened.
    pub async fn call<T: DeserializeOwned>(&self, aws: &Aws, target: &str, body: &Value) -> Answer<T> {
        let Access::Keys(_) = &aws.access else {
            return Answer::NotAsked(format!("{} cannot be asked without access keys", self.name));
        };
        if let Some(failure) = url_problem(self.url) {
            return Answer::Unreachable(failure);
        }
        let url = format!("{}/", self.url.trim_end_matches('/'));
        let body = body.to_string();
        let content_type = match self.version {
            Version::V1_0 => "application/x-amz-json-1.0",
            Version::V1_1 => "application/x-amz-json-1.1",
        };
        let headers = vec![("content-type", content_type.to_owned()), ("x-amz-target", target.to_owned())];
        let request = Unsigned { method: "POST", url, service: self.name, region: self.region, headers, body };
        let request = match request.sign(aws) {
            Ok(request) => request,
            Err(error) => return Answer::NotAsked(format!("the request cannot be signed: {error}")),
        };
        let recorder = aws.recorder();
        let answer = request.object(&recorder).await;
        let from_aws = recorder.last().is_some_and(|exchange| exchange.request_id().is_some());
        match answer {
            Answer::Got(_) if !from_aws => not_an_answer(&recorder, "the answer has no request id of AWS"),
            other => other,
        }
    }
}
