//! `small-model-variable-deprecated`: the small model is pinned by a deprecated variable.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, words};
use crate::variables::{HAIKU_MODEL, SMALL_FAST_MODEL};

/// The small model is pinned by a deprecated variable.
pub const KIND: Kind = Kind {
    name: "small-model-variable-deprecated",
    layer: Layer::RegionAndModels,
    severity: Severity::Note,
    title: "The small model is pinned by a deprecated variable",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing yet.

## Why

`ANTHROPIC_SMALL_FAST_MODEL` is the old name; `ANTHROPIC_DEFAULT_HAIKU_MODEL` is read first and will stay.

## Fix

    export ANTHROPIC_DEFAULT_HAIKU_MODEL=ID

## Check

`bedrockup why ANTHROPIC_DEFAULT_HAIKU_MODEL`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let (Some(value), None) = (case.route.value(SMALL_FAST_MODEL), case.route.value(HAIKU_MODEL)) else {
        return Vec::new();
    };
    let place = words::set_by(case, SMALL_FAST_MODEL).unwrap_or_else(|| "environment".to_owned());
    vec![
        Found::new(format!("{SMALL_FAST_MODEL} is the old name of {HAIKU_MODEL}."))
            .evidence(place, format!("{SMALL_FAST_MODEL}={value}"))
            .fix(Fix::command(
                "Rename it.",
                format!("{}; {}", words::export(case, HAIKU_MODEL, value), words::unset(case, &[SMALL_FAST_MODEL])),
            )),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn the_old_name_alone() {
        let mut scene = Scene::healthy();
        scene.unset("ANTHROPIC_DEFAULT_HAIKU_MODEL");
        scene.set("ANTHROPIC_SMALL_FAST_MODEL", HAIKU);
        assert_eq!(scene.expect("small-model-variable-deprecated").severity, Severity::Note);
        scene.configure("ANTHROPIC_DEFAULT_HAIKU_MODEL", HAIKU);
        scene.expect_absent("small-model-variable-deprecated");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("small-model-variable-deprecated");
    }
}
