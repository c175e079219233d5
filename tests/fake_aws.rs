//! The fake AWS, judged by clients that it did not grow up with: the AWS CLI and boto3.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

mod anthropic;
mod costs;
mod credentials;
mod faults;
mod key_sources;
mod metrics;
mod models;
mod proxy;
mod rust_sdk;
mod sandbox;
mod trail;

use crate::support::fake_aws::account::{
    ACCOUNT_ID, Account, Action, ApplicationProfile, BearerToken, ContainerCredentials, Crowd, Decision, EXPIRED_KEY,
    GOOD_BEARER, GOOD_KEY, GOOD_SESSION_TOKEN, SESSION_KEY, SSO_ROLE, SSO_TOKEN, Simulation, TrailEvent,
};
use crate::support::fake_aws::{Behaviour, FakeAws, KeyPair, Rule};
use crate::support::https_proxy::{HttpsProxy, Mode};
use crate::support::process::{self, Output};
use crate::support::sandbox::Sandbox;
use crate::support::tools::PythonTools;

const LIMIT: Duration = Duration::from_secs(90);
const HAIKU: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const BARE_HAIKU: &str = "anthropic.claude-haiku-4-5-20251001-v1:0";

pub(crate) fn sandbox(aws: &FakeAws) -> Sandbox {
    Sandbox::new().point_at(aws).env("AWS_DEFAULT_REGION", "us-east-1")
}

/// The sandbox behind a proxy whose CA it trusts, with AWS's own host names.
pub(crate) fn through(proxy: &HttpsProxy, sandbox: Sandbox) -> Sandbox {
    sandbox
        .env("HTTPS_PROXY", proxy.url())
        .env("AWS_CA_BUNDLE", proxy.ca_pem_path())
        .env("AWS_DEFAULT_REGION", "us-east-1")
}

/// `aws ARGUMENTS` in the sandbox.
pub(crate) fn cli(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let tools = PythonTools::get();
    process::run(sandbox.program(tools.python()).env("AWS_MAX_ATTEMPTS", "1").args(tools.aws()).args(arguments), LIMIT)
}

/// Calls made by boto3; one result per call.
pub(crate) fn boto3(sandbox: &Sandbox, calls: Value) -> Vec<Value> {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/drive_boto3.py");
    let mut input = tempfile::tempfile().expect("a temporary file");
    input.write_all(calls.to_string().as_bytes()).expect("calls are written");
    std::io::Seek::rewind(&mut input).expect("a file can be read from its start");
    let mut command = sandbox.program(PythonTools::get().python());
    let output = process::run(command.arg(script).stdin(Stdio::from(input)), LIMIT);
    output.exits(0).json().as_array().expect("a list of results").clone()
}

pub(crate) fn messages(max_tokens: u32) -> String {
    json!({ "anthropic_version": "bedrock-2023-05-31", "max_tokens": max_tokens, "messages": [{ "role": "user", "content": "hi" }] }).to_string()
}

pub(crate) fn invoke(model: &str) -> Value {
    json!({ "service": "bedrock-runtime", "operation": "invoke_model", "parameters": { "modelId": model, "body": messages(100) } })
}

pub(crate) fn stream(model: &str) -> Value {
    json!({ "service": "bedrock-runtime", "operation": "invoke_model_with_response_stream", "parameters": { "modelId": model, "body": messages(100) } })
}

pub(crate) fn identity() -> Value {
    json!({ "service": "sts", "operation": "get_caller_identity" })
}

pub(crate) fn profiles() -> Value {
    json!({ "service": "bedrock", "operation": "list_inference_profiles", "parameters": { "typeEquals": "SYSTEM_DEFINED" } })
}

/// Code and HTTP status of a refusal.
pub(crate) fn refusal(result: &Value) -> (&str, i64) {
    let error = &result["error"];
    (error["code"].as_str().unwrap_or("none"), error["status"].as_i64().unwrap_or_default())
}
