//! `server-error`: aWS has trouble.

use crate::aws::told::{Told, told};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// AWS has trouble.
pub const KIND: Kind = Kind {
    name: "server-error",
    layer: Layer::Network,
    severity: Severity::Warning,
    title: "AWS has trouble",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 503 … This is a server-side issue, usually temporary`, 500, 529, or `model is not ready`; at the start of `claude` it silently takes an older model.

## Why

The failure is on the side of AWS, or of one model in one region. An error when it stays.

## Fix

Wait some minutes; see the AWS Health page. A `global.` id is less bound to one region.

## Check

`bedrockup doctor` calls the models again.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let models = look::refused_with(case, |told| *told == Told::Server);
    if models.is_empty() {
        return Vec::new();
    }
    // The plain call is the second look: where it fails in the same way, it stays.
    let stays = models.iter().any(|refused| refused.model.invoke.refused().map(told) == Some(Told::Server));
    let found = Found::new(format!("AWS has trouble with {}.", look::ids(&models))).severity(if stays {
        Severity::Error
    } else {
        Severity::Warning
    });
    vec![
        look::with_models(found, &models)
            .fix(Fix::words(Who::Wait, "Wait some minutes and run `bedrockup doctor` again; see the AWS Health page."))
            .fix(Fix::words(Who::You, "Or pin the `global.` id of the model, where the region lists one.")),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn once_is_a_warning_and_twice_an_error() {
        let mut scene = Scene::healthy();
        let refusal = refusal(503, "ServiceUnavailableException", "Bedrock is unable to process your request.");
        scene.model(OPUS).stream = Answer::Refused(refusal.clone());
        assert_eq!(scene.expect_first("server-error").severity, Severity::Warning);
        scene.model(OPUS).invoke = Answer::Refused(refusal);
        assert_eq!(scene.expect_first("server-error").severity, Severity::Error);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("server-error");
    }
}
