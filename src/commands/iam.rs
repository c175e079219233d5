//! `iam`: prints the IAM policy that Claude Code, doctor, or usage needs.

use serde_json::{Value, json};

use super::Outcome;
use crate::cli::PolicyFor;
use crate::exit::Exit;
use crate::report;

/// The policy for one or several purposes, as JSON that can be attached as it is.
pub fn run(purposes: &[PolicyFor]) -> Outcome {
    let purposes = if purposes.is_empty() { &[PolicyFor::Claude] } else { purposes };
    match policy(purposes) {
        Ok(policy) => Outcome::well(report::json_text(&policy)),
        Err(error) => Outcome::failed(Exit::Problem, format!("a policy template is broken: {error}")),
    }
}

fn policy(purposes: &[PolicyFor]) -> serde_json::Result<Value> {
    let mut statements: Vec<Value> = Vec::new();
    for purpose in purposes {
        let template = match purpose {
            PolicyFor::Claude => include_str!("../../templates/iam/claude.json"),
            PolicyFor::Doctor => include_str!("../../templates/iam/doctor.json"),
            PolicyFor::Usage => include_str!("../../templates/iam/usage.json"),
        };
        for statement in serde_json::from_str::<Vec<Value>>(template)? {
            if !statements.contains(&statement) {
                statements.push(statement);
            }
        }
    }
    Ok(json!({ "Version": "2012-10-17", "Statement": statements }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_a_list_of_statements_and_sids_stay_unique() {
        let purposes = [PolicyFor::Claude, PolicyFor::Doctor, PolicyFor::Usage, PolicyFor::Claude];
        let policy = policy(&purposes).expect("templates parse");
        let statements = policy["Statement"].as_array().expect("a list");
        let sids: std::collections::BTreeSet<_> = statements.iter().map(|one| one["Sid"].as_str()).collect();
        assert_eq!(sids.len(), statements.len());
        assert!(statements.iter().all(|one| one["Effect"] == "Allow" && !one["Action"].is_null()));
    }

    #[test]
    fn the_clients_policy_covers_what_a_cross_region_call_is_checked_against() {
        let text = policy(&[PolicyFor::Claude]).expect("templates parse").to_string();
        for part in [
            "InvokeModelWithResponseStream",
            ":inference-profile/*",
            "::foundation-model/anthropic.*",
            "aws-marketplace:Subscribe",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }
}
