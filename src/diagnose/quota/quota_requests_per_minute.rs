//! `quota-requests-per-minute`: the requests of a minute are used up.

use crate::aws::told::Told;
use crate::diagnose::quota::limits::{Unit, applied, of_answering, shown};
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

The applied quota of requests per minute for this model is low, or several sessions share it. One prompt is several requests: one after each round of tools, and some of a small model beside.

## Fix

Have the quota raised in Service Quotas; run fewer sessions at once.

## Check

`bedrockup doctor` calls the models again.
";

/// Up to this many requests per minute, one prompt waits for minutes.
const HARDLY_ANY: f64 = 2.0;

/// Below this many, a prompt with a few rounds of tools is slowed down.
const FEW: f64 = 10.0;

fn detect(case: &Case<'_>) -> Vec<Found> {
    let raise =
        Fix::words(Who::AwsAdmin, "Raise `requests per minute` of this model in Service Quotas, Amazon Bedrock.");
    let fewer = Fix::words(Who::You, "Run fewer sessions at once.");
    let mut list: Vec<Found> = throttled(case).into_iter().collect();
    let low = of_answering(case, Unit::RequestsPerMinute).filter(|(_, quota)| quota.value > 0.0 && quota.value < FEW);
    list.extend(low.map(|(model, quota)| {
        let severity = if quota.value <= HARDLY_ANY { Severity::Error } else { Severity::Warning };
        Found::new(format!(
            "{} may be asked {} times in a minute, and one prompt is several requests.",
            model.id, quota.value
        ))
        .severity(severity)
        .evidence(look::call(model), "answered, once")
        .evidence("applied quota", shown(quota))
    }));
    list.into_iter().map(|found| found.fix(raise.clone()).fix(fewer.clone())).collect()
}

fn throttled(case: &Case<'_>) -> Option<Found> {
    let mut models = look::refused_with(case, |told| *told == Told::Requests);
    // A quota of nothing is another cause, with another cure.
    models
        .retain(|refused| applied(case, refused.model, Unit::RequestsPerMinute).is_none_or(|quota| quota.value > 0.0));
    if models.is_empty() {
        return None;
    }
    let mut found = look::with_models(
        Found::new(format!("The requests per minute of {} are used up.", look::ids(&models))),
        &models,
    );
    for refused in &models {
        if let Some(quota) = applied(case, refused.model, Unit::RequestsPerMinute) {
            found = found.evidence("applied quota", shown(quota));
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    use crate::diagnose::quota::limits::scene::{opus, throttled};

    #[test]
    fn requests_are_not_tokens() {
        let scene = throttled("Too many requests, please wait before trying again.", opus("requests per minute", 1.0));
        scene.expect_first("quota-requests-per-minute");
        scene.expect_absent("quota-tokens-per-minute");
    }

    #[test]
    fn a_low_quota_shows_before_it_is_used_up() {
        for (value, severity) in [(1.0, Some(Severity::Error)), (5.0, Some(Severity::Warning)), (50.0, None)] {
            let mut scene = throttled("", opus("requests per minute", value));
            scene.model(OPUS).stream = answering(OPUS).stream;
            match severity {
                Some(severity) => assert_eq!(scene.expect("quota-requests-per-minute").severity, severity),
                None => scene.expect_absent("quota-requests-per-minute"),
            }
        }
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("quota-requests-per-minute");
    }
}
