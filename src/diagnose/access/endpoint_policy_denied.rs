//! `endpoint-policy-denied`: the policy of the VPC endpoint does not allow the call.

use std::net::IpAddr;

use crate::aws::answer::HostLook;
use crate::aws::denial::Policy;
use crate::diagnose::access::iam::{allowing, policy_arns};
use crate::diagnose::statement::Statement;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, local, look};

/// The policy of the VPC endpoint does not allow the call.
pub const KIND: Kind = Kind {
    name: "endpoint-policy-denied",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "The policy of the VPC endpoint does not allow the call",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 User: … is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: … because no VPC endpoint policy allows the bedrock:… action`, headed `AWS authentication failed · refresh your AWS credentials`: the headline is wrong, the credentials are good.

## Why

The call goes through a VPC endpoint, also over a VPN, and the endpoint has a policy of its own.

## Fix

Add the ARNs of profiles and models to the endpoint policy; or keep AWS out of the routes of the VPN.

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let denials: Vec<_> = look::denials(case)
        .into_iter()
        .filter(|(_, denial)| denial.action != "bedrock:CallWithBearerToken")
        .filter(|(_, denial)| denial.reason.is_some_and(|reason| reason.policy == Policy::Endpoint))
        .collect();
    if denials.is_empty() {
        return Vec::new();
    }
    let models: Vec<_> = denials.iter().map(|(refused, _)| *refused).collect();
    let mut found = look::with_models(
        Found::new("The policy of the VPC endpoint that the call goes through does not allow it."),
        &models,
    );
    if let Some(arns) = policy_arns(&denials) {
        found = found.evidence("the policy that denies", arns);
    }
    let host = local::host(&case.route.endpoints.runtime);
    if let Some(seen) = look::host_look(case, host).filter(|seen| is_private(seen)) {
        found = found.evidence(host, format!("{}: an address of a private network", look::seen(seen)));
    }
    let lacks = allowing(case, &denials).map(Statement::for_everybody);
    vec![
        found
            .fix(
                Fix::words(Who::AwsAdmin, "Add the ARNs of the profiles and models to the policy of the VPC endpoint.")
                    .policy(lacks),
            )
            .fix(Fix::words(Who::You, "Or keep this host out of the routes of the VPN, where that is permitted.")),
    ]
}

/// The host resolves to addresses of a private network: an endpoint in a VPC, by its own DNS.
fn is_private(seen: &HostLook) -> bool {
    let private = |address: &IpAddr| match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    };
    seen.addresses.as_ref().is_ok_and(|found| !found.is_empty() && found.iter().all(private))
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::HostLook;
    use crate::diagnose::testing::*;

    /// Each model is denied, in streaming and plain calls alike.
    fn denied(resource: &str, reason: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.refuse_models(&denial("bedrock:InvokeModelWithResponseStream", resource, reason));
        scene
    }

    #[test]
    fn the_sentence_names_the_policy() {
        let scene = denied(
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8",
            "because no VPC endpoint policy allows the bedrock:InvokeModelWithResponseStream action",
        );
        scene.expect_first("endpoint-policy-denied");
        scene.expect_absent("iam-invoke-denied");
    }

    #[test]
    fn a_private_address_is_shown() {
        let mut scene = denied(
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8",
            "because no VPC endpoint policy allows the bedrock:InvokeModelWithResponseStream action",
        );
        for (address, shown) in [("10.1.2.3", true), ("52.94.1.1", false)] {
            scene.answers.hosts = vec![HostLook {
                host: "bedrock-runtime.us-east-1.amazonaws.com".to_owned(),
                proxy: None,
                addresses: Ok(vec![address.parse().expect("an address")]),
                tcp: Some(Ok(())),
                tunnel: None,
                issuer: None,
                cure: None,
            }];
            let evidence = scene.expect_first("endpoint-policy-denied").evidence;
            assert_eq!(evidence.iter().any(|one| one.what.contains("private network")), shown, "{evidence:?}");
        }
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("endpoint-policy-denied");
    }
}
