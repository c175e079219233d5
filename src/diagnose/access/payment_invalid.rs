//! `payment-invalid`: aWS Marketplace has no valid means of payment.

use crate::aws::told::Told;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// AWS Marketplace has no valid means of payment.
pub const KIND: Kind = Kind {
    name: "payment-invalid",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "AWS Marketplace has no valid means of payment",
    page: PAGE,
    owns: &["agreement-missing"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 Model access is denied due to INVALID_PAYMENT_INSTRUMENT: A valid payment instrument must be provided. … try again after 2 minutes`.

## Why

Claude models are bought through AWS Marketplace, which asks for a valid default payment method; some kinds of payment, and credits alone, do not
count. It says `try again` and will not heal by itself.

## Fix

In the Billing console of the paying account set a valid default payment method; then wait two minutes and call the model again.

## Check

`bedrockup doctor` calls the model again.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let models = look::refused_with(case, |told| *told == Told::Payment);

    if models.is_empty() {
        return Vec::new();
    }
    let found = Found::new("AWS Marketplace has no valid means of payment for this account.");
    vec![look::with_models(found, &models).fix(Fix::words(
        Who::OrgAdmin,
        "Set a valid default payment method in the Billing console of the paying account, then try again after 2 minutes.",
    ))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    const TEXT: &str = "Model access is denied due to INVALID_PAYMENT_INSTRUMENT: A valid payment instrument must be provided. Your AWS Marketplace \
                        subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes.";

    #[test]
    fn it_is_not_pending() {
        let mut scene = Scene::healthy();
        scene.refuse_models(&refusal(403, "AccessDeniedException", TEXT));
        scene.expect_first("payment-invalid");
        scene.expect_absent("access-pending");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("payment-invalid");
    }
}
