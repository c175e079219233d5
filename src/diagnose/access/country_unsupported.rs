//! `country-unsupported`: anthropic does not serve the place that you call from.

use crate::aws::told::Told;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// Anthropic does not serve the place that you call from.
pub const KIND: Kind = Kind {
    name: "country-unsupported",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "Anthropic does not serve the place that you call from",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 400 Access to Anthropic models is not allowed from unsupported countries, regions, or territories.`

## Why

The place of the caller, by its network address, is not among those that Anthropic serves. A VPN or proxy exit there is enough. Neither IAM nor any setting can change it.

## Fix

Call from a supported place, by a route that your employer permits.

## Check

`bedrockup doctor` from there.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let models = look::refused_with(case, |told| *told == Told::Country);

    if models.is_empty() {
        return Vec::new();
    }
    let found =
        Found::new("Anthropic does not serve the place that you call from; no setting and no policy can change that.");
    vec![
        look::with_models(found, &models)
            .fix(Fix::words(Who::You, "Call from a supported place, by a route that your employer permits.")),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    #[test]
    fn the_place_is_the_reason() {
        let mut scene = Scene::healthy();
        let text = "Access to Anthropic models is not allowed from unsupported countries, regions, or territories.";
        scene.refuse_models(&refusal(400, "ValidationException", text));
        scene.expect_first("country-unsupported");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("country-unsupported");
    }
}
