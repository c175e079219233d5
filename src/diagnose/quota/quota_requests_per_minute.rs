//! `quota-requests-per-minute`: the requests of a minute are used up.

use crate::aws::told::Told;
use crate::diagnose::quota::limits::{Unit, applied, shown};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// The requests of a minute are used up.
pub const KIND: Kind = Kind {
    name: "quota-requests-per-minute",
    layer: Layer::Quota,
    severity: Severity::Error,
    title: "The requests of a minute are used up",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: Request rejected (429) · Too many requests, please wait before trying again.`

## Why

The applied quota of requests per minute for this model is low, or several sessions share it.

## Fix

Have the quota raised in Service Quotas; run fewer sessions at once.

## Check

`bedrockup doctor` calls the models again.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut models = look::refused_with(case, |told| *told == Told::Requests);
    // A quota of nothing is another cause, with another cure.
    models.retain(|refused| {
        applied(case, &refused.model.id, Unit::RequestsPerMinute).is_none_or(|quota| quota.value > 0.0)
    });
    if models.is_empty() {
        return Vec::new();
    }
    let mut found = look::with_models(
        Found::new(format!("The requests per minute of {} are used up.", look::ids(&models))),
        &models,
    );
    for refused in &models {
        if let Some(quota) = applied(case, &refused.model.id, Unit::RequestsPerMinute) {
            found = found.evidence("applied quota", shown(quota));
        }
    }
    vec![
        found
            .fix(Fix::words(
                Who::AwsAdmin,
                "Raise `requests per minute` of this model in Service Quotas, Amazon Bedrock.",
            ))
            .fix(Fix::words(Who::You, "Run fewer sessions at once.")),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    use crate::diagnose::quota::limits::scene::{opus, throttled};

    #[test]
    fn requests_are_not_tokens() {
        let scene = throttled("Too many requests, please wait before trying again.", opus("requests per minute", 1.0));
        scene.expect_first("quota-requests-per-minute");
        scene.expect_absent("quota-tokens-per-minute");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("quota-requests-per-minute");
    }
}
