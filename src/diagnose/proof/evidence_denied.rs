//! `evidence-denied`: some of AWS's records may not be read.

use std::collections::BTreeSet;

use crate::aws::answer::Refusal;
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
`ce:GetCostAndUsage`, `servicequotas:ListServiceQuotas`), or `User not enabled for cost explorer access`: nobody switched it on. `claude` works.

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
const TRAIL: &str = "cloudtrail:LookupEvents";

/// An action that was denied, what for, and the command whose policy has it.
struct Lack<'a> {
    actions: Vec<&'static str>,
    without: &'static str,
    command: &'static str,
    refusal: &'a Refusal,
}

fn detect(case: &Case<'_>) -> Vec<Found> {
    let lack = |action, without, command, refusal| Lack { actions: vec![action], without, command, refusal };
    let asked = case.proof.denied.iter();
    let mut lacks: Vec<Lack<'_>> = asked
        .map(|denied| Lack {
            actions: denied.actions.to_vec(),
            without: denied.without,
            command: denied.command,
            refusal: &denied.refusal,
        })
        .collect();
    let is_denied = |refusal: &&Refusal| is_denial(refusal);
    // Other regions are none of the calls'.
    let here = case.answers.recorded.iter().find(|recorded| recorded.region == case.route.region.name);
    let recorded = here.and_then(|recorded| recorded.calls.refused().filter(is_denied));
    let quotas = case.answers.quotas.refused().filter(is_denied);
    let doctors = [
        recorded.map(|refusal| lack(TRAIL, "whether AWS's log shows your calls", "verify", refusal)),
        quotas.map(|refusal| lack(QUOTAS, "how much you may use, before it is used up", "doctor", refusal)),
    ];
    lacks.extend(doctors.into_iter().flatten());
    if lacks.is_empty() {
        return Vec::new();
    }
    let told = |lack: &Lack<'_>| format!("{} (without it: {})", lack.actions.join(", "), lack.without);
    let mut found = Found::new(format!("You may not ask {}.", lacks.iter().map(told).collect::<Vec<_>>().join("; ")));
    for lack in &lacks {
        found = found.evidence(lack.actions.join(", "), words::refusal(lack.refusal));
    }
    if case.proof.denied.is_empty() {
        // Doctor does without.
        found = found.severity(Severity::Note);
    }
    for fix in fixes(&lacks) {
        found = found.fix(fix);
    }
    vec![found]
}

/// What a policy may allow is allowed; what one denies, or is switched off, is not cured by that.
fn fixes(lacks: &[Lack<'_>]) -> Vec<Fix> {
    let (off, asked): (Vec<_>, Vec<_>) = lacks.iter().partition(|lack| is_switched_off(lack.refusal));
    let explicit = |lack: &Lack<'_>| matches!(told(lack.refusal), Told::Denied(denial) if denial.explicit);
    let (denied, lacking): (Vec<&Lack<'_>>, Vec<&Lack<'_>>) = asked.into_iter().partition(|lack| explicit(lack));
    let mut fixes = Vec::new();
    if !lacking.is_empty() {
        let commands: BTreeSet<&str> = lacking.iter().map(|lack| lack.command).collect();
        let purposes: String = commands.iter().map(|command| format!(" --for {command}")).collect();
        let statement = Statement::allow(lacking.iter().flat_map(|lack| lack.actions.iter().copied()), []);
        let text = "Allow these actions; the whole policy:";
        fixes.push(Fix::command(text, format!("bedrockup iam{purposes}")).by(Who::AwsAdmin).policy(statement));
    }
    if !denied.is_empty() {
        let actions: Vec<&str> = denied.iter().flat_map(|lack| lack.actions.iter().copied()).collect();
        let text = format!(
            "A policy denies {} expressly: whoever keeps it must except you, no other can allow it.",
            actions.join(", ")
        );
        fixes.push(Fix::words(Who::AwsAdmin, text));
    }
    if !off.is_empty() {
        fixes.push(Fix::words(Who::OrgAdmin, "Switch Cost Explorer on in the Billing console of the paying account."));
    }
    fixes
}

/// Cost Explorer's own words where nobody has switched it on for the account.
fn is_switched_off(refusal: &Refusal) -> bool {
    refusal.message.to_lowercase().contains("not enabled for cost explorer")
}

/// Whether a refusal is one of these.
pub fn is_denial(refusal: &Refusal) -> bool {
    matches!(told(refusal), Told::Denied(_)) || is_switched_off(refusal)
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Recorded};
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
    fn a_region_that_no_call_is_sent_to_is_not_missed() {
        let mut scene = Scene::healthy();
        let calls = Answer::Refused(denial("cloudtrail:LookupEvents", "*", NO_IDENTITY));
        scene.answers.recorded = vec![Recorded { region: "eu-west-1".to_owned(), calls }];
        scene.expect_absent("evidence-denied");
    }

    #[test]
    fn a_log_that_doctor_may_not_see_is_a_note() {
        let mut scene = Scene::healthy();
        let calls = Answer::Refused(denial("cloudtrail:LookupEvents", "*", NO_IDENTITY));
        scene.answers.recorded = vec![Recorded { region: "us-east-1".to_owned(), calls }];
        let finding = scene.expect("evidence-denied");
        assert_eq!(finding.severity, Severity::Note);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("bedrockup iam --for verify"));
    }

    #[test]
    fn records_that_were_asked_for_are_a_warning() {
        let mut scene = Scene::healthy();
        let refusal = denial("cloudtrail:LookupEvents", "*", NO_IDENTITY);
        let without = "who called, and where";
        let denied = vec![Denied { actions: &["cloudtrail:LookupEvents"], without, command: "verify", refusal }];
        scene.proof = Proof { denied, ..Proof::default() };
        let finding = scene.expect_first("evidence-denied");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("bedrockup iam --for verify"));
        assert!(finding.summary.contains("who called"));
    }

    #[test]
    fn what_is_denied_expressly_or_switched_off_is_not_cured_by_a_policy_that_allows() {
        let mut scene = Scene::healthy();
        let denied = |actions, refusal| Denied { actions, without: "the bill", command: "usage", refusal };
        let by_scp = denial("cloudwatch:GetMetricData", "*", "with an explicit deny in a service control policy");
        let off = refusal(400, "AccessDeniedException", "User not enabled for cost explorer access");
        scene.proof.denied = vec![denied(&["cloudwatch:GetMetricData"], by_scp), denied(&["ce:GetCostAndUsage"], off)];
        let fixes = scene.expect("evidence-denied").fixes;
        assert!(fixes.iter().all(|fix| fix.policy.is_none() && fix.command.is_none()), "{fixes:?}");
        assert!(fixes[0].text.contains("expressly") && fixes[1].text.contains("Billing console"), "{fixes:?}");
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
