//! `evidence-denied`: some of AWS's records may not be read.

use crate::aws::told::{Told, told};
use crate::diagnose::statement::Statement;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, words};

/// Some of AWS's records may not be read.
pub const KIND: Kind = Kind {
    name: "evidence-denied",
    layer: Layer::Proof,
    severity: Severity::Warning,
    title: "Some of AWS's records may not be read",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`AccessDeniedException … is not authorized to perform: cloudtrail:LookupEvents` (or `cloudwatch:GetMetricData`, `cloudwatch:ListMetrics`,
`ce:GetCostAndUsage`, `servicequotas:ListServiceQuotas`), or that Cost Explorer is not switched on. `claude` works.

## Why

Reading the records needs rights of its own, which policies for calls alone do not give. A Bedrock API key can read none of them. What is not read is not known:
it is no sign that calls went elsewhere.

## Fix

    bedrockup iam --for verify
    bedrockup iam --for usage

print the policies. Cost Explorer is switched on in the Billing console of the paying account.

## Check

Ask again: what was denied is told.
";

const QUOTAS: &str = "servicequotas:ListServiceQuotas";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let quotas = case.answers.quotas.refused().filter(|refusal| matches!(told(refusal), Told::Denied(_)));
    let denied = &case.proof.denied;
    if denied.is_empty() && quotas.is_none() {
        return Vec::new();
    }
    let mut told: Vec<String> =
        denied.iter().map(|one| format!("{} (without it: {})", one.action, one.without)).collect();
    told.extend(quotas.map(|_| format!("{QUOTAS} (without it: how much you may use, before it is used up)")));
    let mut found = Found::new(format!("You may not ask {}.", told.join(", ")));
    for one in denied {
        found = found.evidence(one.action, words::refusal(&one.refusal));
    }
    if let Some(refusal) = quotas {
        found = found.evidence(QUOTAS, words::refusal(refusal));
    }
    if denied.is_empty() {
        // Doctor does without.
        found = found.severity(Severity::Note);
    }
    let mut commands: Vec<&str> = denied.iter().map(|one| one.command).chain(quotas.map(|_| "doctor")).collect();
    commands.dedup();
    let purposes: String = commands.iter().map(|command| format!(" --for {command}")).collect();
    let lacks = Statement::allow(denied.iter().map(|one| one.action).chain(quotas.map(|_| QUOTAS)), []);
    let text = "Allow these actions; the whole policy:";
    vec![found.fix(Fix::command(text, format!("bedrockup iam{purposes}")).by(Who::AwsAdmin).policy(lacks))]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::Severity;
    use crate::diagnose::proof::{Denied, Proof};
    use crate::diagnose::testing::*;

    #[test]
    fn quotas_that_doctor_may_not_see_are_a_note() {
        let mut scene = Scene::healthy();
        scene.answers.quotas = Answer::Refused(denial("servicequotas:ListServiceQuotas", "*", NO_IDENTITY));
        let finding = scene.expect("evidence-denied");
        assert_eq!(finding.severity, Severity::Note);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("bedrockup iam --for doctor"));
    }

    #[test]
    fn records_that_were_asked_for_are_a_warning() {
        let mut scene = Scene::healthy();
        let refusal = denial("cloudtrail:LookupEvents", "*", NO_IDENTITY);
        let without = "who called, and where";
        let denied = vec![Denied { action: "cloudtrail:LookupEvents", without, command: "verify", refusal }];
        scene.proof = Proof { denied, ..Proof::default() };
        let finding = scene.expect_first("evidence-denied");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("bedrockup iam --for verify"));
        assert!(finding.summary.contains("who called"));
    }

    #[test]
    fn a_service_that_fails_is_no_denial() {
        let mut scene = Scene::healthy();
        scene.answers.quotas = Answer::Refused(refusal(400, "ThrottlingException", "Rate exceeded"));
        scene.expect_absent("evidence-denied");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("evidence-denied");
    }
}
