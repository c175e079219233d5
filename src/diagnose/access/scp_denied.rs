//! `scp-denied`: a policy of the organization denies the call.

use crate::aws::denial::Policy;
use crate::diagnose::access::iam::{self, policy_arns};
use crate::diagnose::statement::Statement;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// A policy of the organization denies the call.
pub const KIND: Kind = Kind {
    name: "scp-denied",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "A policy of the organization denies the call",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 User: … is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: … with an explicit deny in a service control policy`, headed `AWS authentication failed · refresh your AWS credentials`: the headline is wrong, the credentials are good.
Also `because no service control policy allows the bedrock:… action`.

## Why

The organization that the account belongs to denies Bedrock, or these models, here. No policy in the account can change that, and you cannot see the organization's policies.

## Fix

Ask who administers the organization to allow `bedrock:InvokeModel*` for this account or region; give them the policy's ARN from the text.

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let denials: Vec<_> = look::denials(case)
        .into_iter()
        .filter(|(_, denial)| denial.action != "bedrock:CallWithBearerToken")
        .filter(|(_, denial)| {
            denial
                .reason
                .is_some_and(|reason| matches!(reason.policy, Policy::ServiceControl | Policy::ResourceControl))
        })
        .filter(|(_, denial)| iam::place(case, denial) == iam::Place::Here)
        .collect();
    if denials.is_empty() {
        return Vec::new();
    }
    let models: Vec<_> = denials.iter().map(|(refused, _)| *refused).collect();
    let mut found =
        look::with_models(Found::new("A policy of the organization denies the call in this region."), &models);
    if let Some(arns) = policy_arns(&denials) {
        found = found.evidence("the policy that denies", arns);
    }
    // What a service control policy allows, it allows on everything.
    let lacks = iam::allowing(case, &denials).map(|lacks| Statement::allow(lacks.action, []));
    vec![found.fix(Fix::words(Who::OrgAdmin, "Allow bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream for this account or region in the policy shown.").policy(lacks))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    /// Each model is denied, in streaming and plain calls alike.
    fn denied(resource: &str, reason: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.refuse_models(&denial("bedrock:InvokeModelWithResponseStream", resource, reason));
        scene
    }

    #[test]
    fn the_organization_denies_here() {
        let arn = "arn:aws:organizations::111111111111:policy/o-exampleorg/service_control_policy/p-12345678";
        let reason = format!("with an explicit deny in a service control policy: {arn}");
        let scene = denied("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8", &reason);
        let finding = scene.expect_first("scp-denied");
        assert!(finding.evidence.iter().any(|evidence| evidence.what == arn));
        scene.expect_absent("scp-destination-region");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("scp-denied");
    }
}
