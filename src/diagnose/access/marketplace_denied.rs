//! `marketplace-denied`: the first caller of the model may not subscribe to it.

use crate::aws::told::Told;
use crate::diagnose::statement::Statement;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// The first caller of the model may not subscribe to it.
pub const KIND: Kind = Kind {
    name: "marketplace-denied",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "The first caller of the model may not subscribe to it",
    page: PAGE,
    owns: &["agreement-missing"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions
(aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model … try again after 2 minutes`.

## Why

The first call of a Claude model in an account subscribes to it in AWS Marketplace, with the rights of the caller. Yours lack them. Waiting does
not help, whatever the text says.

## Fix

An administrator calls the model once with such rights, or allows `aws-marketplace:ViewSubscriptions` and `aws-marketplace:Subscribe` under the
condition `aws:CalledViaLast = bedrock.amazonaws.com`. `bedrockup iam --for claude` prints the policy. Then wait a few minutes.

## Check

`bedrockup doctor` calls the model again.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let models = look::refused_with(case, |told| *told == Told::MarketplaceActions);

    if models.is_empty() {
        return Vec::new();
    }
    let found = Found::new(format!(
        "Your role may not subscribe to {} in AWS Marketplace, and nobody in the account has.",
        look::ids(&models)
    ));
    vec![look::with_models(found, &models).fix(
        Fix::command(
            "Call the model once with Marketplace rights, or allow aws-marketplace:ViewSubscriptions and aws-marketplace:Subscribe as in \
             this policy; then wait a few minutes.",
            "bedrockup iam --for claude",
        )
        .by(Who::AwsAdmin)
        .policy(Statement::subscribe()),
    )]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    const TEXT: &str = "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions \
                        (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. Your AWS Marketplace \
                        subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes.";

    #[test]
    fn it_is_no_missing_agreement_and_not_pending() {
        let mut scene = Scene::healthy();
        scene.model(SONNET).stream = Answer::Refused(refusal(403, "AccessDeniedException", TEXT));
        scene.expect_first("marketplace-denied");
        scene.expect_absent("access-pending");
        scene.expect_absent("agreement-missing");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("marketplace-denied");
    }
}
