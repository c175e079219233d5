//! `invocation-logging-off`: prompts and tokens of single calls are not kept in this region.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, look};

/// Prompts and tokens of single calls are not kept in this region.
pub const KIND: Kind = Kind {
    name: "invocation-logging-off",
    layer: Layer::Proof,
    severity: Severity::Note,
    title: "Prompts and tokens of single calls are not kept in this region",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Somebody asks where the prompts are kept, and CloudTrail has none: its events tell who called which model, without text and without tokens.

## Why

Model invocation logging is off in this region, which is how every account begins. It is a decision about data: where it is on, prompts and answers are stored
in the account.

## Fix

Nothing, unless your policy wants prompts kept. An administrator may switch it on in this region:

    aws bedrock put-model-invocation-logging-configuration --region REGION --logging-config file://logging.json

## Check

`aws bedrock get-model-invocation-logging-configuration` shows a configuration.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let off = case.answers.logging.got().is_some_and(|logging| !logging.on);
    if !off || !look::any_answers(case) {
        return Vec::new();
    }
    let region = &case.route.region.name;
    vec![
        Found::new(format!(
            "Model invocation logging is off in {region}: no prompt and no token count of a call is kept."
        ))
        .evidence("GetModelInvocationLoggingConfiguration", "no configuration")
        .fix(Fix::words(
            Who::AwsAdmin,
            format!("Switch it on in {region}, if your policy wants prompts and answers stored."),
        )),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::aws::logging::Logging;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn an_account_as_it_begins() {
        let mut scene = Scene::healthy();
        scene.answers.logging = Answer::Got(Logging::default());
        let finding = scene.expect("invocation-logging-off");
        assert_eq!(finding.severity, Severity::Note);
        assert!(finding.fixes[0].text.contains("stored"));
    }

    #[test]
    fn who_may_not_ask_is_not_told() {
        let mut scene = Scene::healthy();
        scene.answers.logging =
            Answer::Refused(denial("bedrock:GetModelInvocationLoggingConfiguration", "*", NO_IDENTITY));
        scene.expect_absent("invocation-logging-off");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("invocation-logging-off");
    }
}
