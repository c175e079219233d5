//! `iam-bearer-denied`: the user of the Bedrock API key may not use such keys.

use crate::diagnose::statement::Statement;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// The user of the Bedrock API key may not use such keys.
pub const KIND: Kind = Kind {
    name: "iam-bearer-denied",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "The user of the Bedrock API key may not use such keys",
    page: PAGE,
    owns: &["bearer-token-rejected"],
    detect,
};

const PAGE: &str = "\
## What you see

`403 … is not authorized to perform: bedrock:CallWithBearerToken`.

## Why

Calls with a Bedrock API key need `bedrock:CallWithBearerToken` for the user or role that the key belongs to, beside the rights on the models. The key itself is well-formed.

## Fix

Allow `bedrock:CallWithBearerToken` for the principal of the key (named in the text), or use a profile instead.

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let denials: Vec<_> =
        look::denials(case).into_iter().filter(|(_, denial)| denial.action == "bedrock:CallWithBearerToken").collect();
    let Some((_, first)) = denials.first() else {
        return Vec::new();
    };
    let summary = format!("{} may not use a Bedrock API key (bedrock:CallWithBearerToken).", first.principal);
    let principal = first.principal.clone();
    let models: Vec<_> = denials.into_iter().map(|(refused, _)| refused).collect();
    let text = format!("Allow bedrock:CallWithBearerToken for {principal}.");
    vec![
        look::with_models(Found::new(summary), &models)
            .fix(Fix::words(Who::AwsAdmin, text).policy(Statement::allow(["bedrock:CallWithBearerToken"], []))),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    #[test]
    fn the_action_names_it() {
        let mut scene = Scene::healthy();
        scene.use_bearer("ABSKexample");
        scene.refuse_models(&denial("bedrock:CallWithBearerToken", "*", NO_IDENTITY));
        let finding = scene.expect_first("iam-bearer-denied");
        assert!(finding.fixes[0].text.contains("bedrock:CallWithBearerToken"));
        scene.expect_absent("iam-invoke-denied");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("iam-bearer-denied");
    }
}
