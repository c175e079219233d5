//! `imds-no-role`: the instance has no role.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};

/// The instance has no role.
pub const KIND: Kind = Kind {
    name: "imds-no-role",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The instance has no role",
    page: PAGE,
    owns: &["no-credentials"],
    detect,
};

const PAGE: &str = "\
## What you see

`Could not load credentials from any providers`; from the metadata service a 404 for `security-credentials/`.

## Why

The metadata service of the instance answers, and no instance profile is attached to the instance.

## Fix

An administrator attaches an instance profile whose role allows Bedrock (`bedrockup iam --for claude` prints the policy).

## Check

`aws sts get-caller-identity` prints the role.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(refusal) = look::service(case, "imds").filter(|refusal| refusal.status == 404) else { return Vec::new() };
    if !look::asks_metadata(case) {
        return Vec::new();
    }
    vec![
        Found::new("The metadata service of this instance answers, and the instance has no role.")
            .evidence("169.254.169.254, security-credentials/", words::refusal(refusal))
            .fix(
                Fix::command("Attach an instance profile whose role has this policy.", "bedrockup iam --for claude")
                    .by(Who::AwsAdmin),
            ),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::testing::*;

    #[test]
    fn a_404_of_the_metadata_service() {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        let refusal = refusal(404, "", "Not Found");
        scene.without_credentials(Some(CredentialFailure::Service { service: "imds", refusal }));
        scene.expect_first("imds-no-role");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("imds-no-role");
    }
}
