//! `iam`: the least IAM policy for what is to be done, as a document to attach.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Outcome;
use crate::cli::PurposeArg;
use crate::report;

/// Schema of `iam --json`.
const SCHEMA: &str = "bedrockup.iam/1";

/// Prints the policy for these purposes.
pub fn run(purposes: &[PurposeArg], json: bool) -> Outcome {
    let purposes: BTreeSet<PurposeArg> = purposes.iter().copied().collect();
    let statements: Vec<Value> = purposes.iter().flat_map(|purpose| statements(*purpose)).collect();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    let out = if json {
        let names: Vec<&str> = purposes.iter().map(|purpose| purpose.name()).collect();
        report::json_text(&json!({ "schema": SCHEMA, "for": names, "policy": policy }))
    } else {
        report::json_text(&policy)
    };
    Outcome::well(out)
}

/// What one purpose needs.
fn statements(purpose: PurposeArg) -> Vec<Value> {
    match purpose {
        PurposeArg::Claude => vec![
            json!({
                "Sid": "CallClaude",
                "Effect": "Allow",
                "Action": [
                    "bedrock:InvokeModel",
                    "bedrock:InvokeModelWithResponseStream",
                    "bedrock:CountTokens",
                    "bedrock:GetInferenceProfile",
                ],
                // A profile is called together with the models behind it, in every region that it routes to. The region
                // of a `global.` profile's model is empty, which a star also stands for.
                "Resource": [
                    "arn:aws:bedrock:*:*:inference-profile/*",
                    "arn:aws:bedrock:*:*:application-inference-profile/*",
                    "arn:aws:bedrock:*::foundation-model/anthropic.*",
                ],
            }),
            // A list names no resource.
            everywhere("ListProfiles", &["bedrock:ListInferenceProfiles"]),
            json!({
                "Sid": "AcceptModelOffers",
                "Effect": "Allow",
                "Action": ["aws-marketplace:ViewSubscriptions", "aws-marketplace:Subscribe"],
                "Resource": "*",
                "Condition": { "StringEquals": { "aws:CalledViaLast": "bedrock.amazonaws.com" } },
            }),
        ],
        PurposeArg::Doctor => vec![everywhere(
            "AskWhy",
            &[
                "bedrock:GetFoundationModel",
                "bedrock:GetFoundationModelAvailability",
                "bedrock:GetUseCaseForModelAccess",
                "bedrock:ListInferenceProfiles",
                "servicequotas:ListServiceQuotas",
            ],
        )],
    }
}

fn everywhere(sid: &str, actions: &[&str]) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(purposes: &[PurposeArg]) -> Vec<String> {
        let policy: Value = serde_json::from_str(&run(purposes, false).out).expect("a policy is JSON");
        let statements = policy["Statement"].as_array().expect("statements").clone();
        let lists = statements.iter().filter_map(|statement| statement["Action"].as_array());
        lists.flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    #[test]
    fn claude_may_stream_and_doctor_may_look() {
        let claude = actions(&[PurposeArg::Claude]);
        assert!(claude.iter().any(|action| action == "bedrock:InvokeModelWithResponseStream"), "{claude:?}");
        assert!(claude.iter().all(|action| !action.contains("servicequotas")), "{claude:?}");
        let both = actions(&[PurposeArg::Doctor, PurposeArg::Claude, PurposeArg::Doctor]);
        assert_eq!(both.iter().filter(|action| action.starts_with("servicequotas")).count(), 1, "{both:?}");
    }

    #[test]
    fn the_document_carries_its_schema() {
        let document: Value = serde_json::from_str(&run(&[PurposeArg::Doctor], true).out).expect("JSON");
        assert_eq!((document["schema"].as_str(), &document["for"]), (Some(SCHEMA), &json!(["doctor"])));
    }
}
