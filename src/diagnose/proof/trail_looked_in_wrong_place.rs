//! `trail-looked-in-wrong-place`: CloudTrail shows no call, and there is a reason why it would not.

use jiff::SignedDuration;

use crate::aws::answer::Recorded;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who};
use crate::variables;

/// CloudTrail shows no call, and there is a reason why it would not.
pub const KIND: Kind = Kind {
    name: "trail-looked-in-wrong-place",
    layer: Layer::Proof,
    severity: Severity::Note,
    title: "CloudTrail shows no call, and there is a reason why it would not",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`aws cloudtrail lookup-events` lists no `InvokeModelWithResponseStream`, though `claude` answers through Bedrock.

## Why

A call is recorded in the region to which it was *sent*, not where a profile served it; up to 15 minutes later; under the name of the session, not of the role.
Calls through Mantle are data events of `bedrock-mantle.amazonaws.com`, which the event history never shows.

## Fix

Ask the resolved region, by the identity of your calls, as `verify` does; wait 15 minutes after the latest. For Mantle: a trail with data events, or the metrics of `AWS/BedrockMantle`.

## Check

`aws cloudtrail lookup-events --region REGION --lookup-attributes AttributeKey=EventSource,AttributeValue=bedrock.amazonaws.com`
";

/// How late events come.
const DELAY: SignedDuration = SignedDuration::from_mins(15);

fn detect(case: &Case<'_>) -> Vec<Found> {
    let recorded = |recorded: &Recorded| recorded.calls.got().map(|calls| (recorded.region.clone(), *calls));
    let looked: Vec<(String, usize)> = case.answers.recorded.iter().filter_map(recorded).collect();
    let region = &case.route.region.name;
    let Some((_, here)) = looked.iter().find(|(looked_at, _)| looked_at == region) else {
        return Vec::new();
    };
    if *here > 0 {
        let Some((empty, _)) = looked.iter().find(|(other, calls)| other != region && *calls == 0) else {
            return Vec::new();
        };
        let look = format!(
            "aws cloudtrail lookup-events --region {region} --lookup-attributes AttributeKey=EventSource,AttributeValue=bedrock.amazonaws.com"
        );
        // The AWS CLI takes it since version 2; boto3 does not.
        let tools = match case.machine.environment.non_empty(variables::REGION) {
            Some(_) => "Tools that do not read AWS_REGION (boto3, older AWS CLIs)",
            None => "Tools of AWS that are started here",
        };
        return vec![
            Found::new(format!(
                "{tools} look in {empty}, where CloudTrail shows no call of a model: calls are recorded where \
                 they are sent, in {region}."
            ))
            .evidence(format!("CloudTrail LookupEvents in {empty}"), "no call of a model")
            .evidence(
                format!("CloudTrail LookupEvents in {region}"),
                format!("calls of models among the newest events: {here}"),
            )
            .fix(Fix::command(
                format!("Look in {region}, the source region; an event comes up to 15 minutes after its call."),
                look,
            ))
            .fix(Fix::command("Or let bedrockup look there.", "bedrockup verify --since 24h")),
        ];
    }
    let found = Found::new(format!(
        "CloudTrail's event history of {region} shows no call of yours yet; that is no sign that there was none."
    ));
    if case.route.mantle() {
        let text =
            "Calls through Mantle are data events: record them in a trail, or read the metrics of AWS/BedrockMantle.";
        return vec![found.evidence("route", "Mantle is on").fix(Fix::words(Who::OrgAdmin, text))];
    }
    let age = case.proof.last_call.map(|last| case.machine.now.duration_since(last));
    let Some(age) = age.filter(|age| *age < DELAY) else { return Vec::new() };
    let found = found
        .evidence("the latest answer", format!("{} minutes ago; events come up to 15 minutes late", age.as_mins()));
    vec![found.fix(Fix::command("Wait 15 minutes, and look again.", "bedrockup verify --since 24h").by(Who::Wait))]
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use crate::aws::answer::{Answer, Recorded};
    use crate::diagnose::Who;
    use crate::diagnose::testing::*;

    fn recorded(calls: &[(&str, usize)]) -> Scene {
        let mut scene = Scene::healthy();
        let recorded =
            |(region, calls): &(&str, usize)| Recorded { region: (*region).to_owned(), calls: Answer::Got(*calls) };
        scene.answers.recorded = calls.iter().map(recorded).collect();
        scene
    }

    #[test]
    fn another_region_is_where_tools_look() {
        let finding = recorded(&[("us-east-1", 1), ("us-west-2", 0)]).expect("trail-looked-in-wrong-place");
        assert!(finding.summary.contains("us-west-2") && finding.evidence[1].place.contains("us-east-1"));
        assert!(finding.fixes[0].command.as_deref().is_some_and(|command| command.contains("--region us-east-1")));
        recorded(&[("us-east-1", 1), ("us-west-2", 3)]).expect_absent("trail-looked-in-wrong-place");
    }

    #[test]
    fn the_call_is_minutes_old() {
        let mut scene = recorded(&[("us-east-1", 0)]);
        scene.proof.last_call = Some(scene.machine.now - SignedDuration::from_mins(4));
        assert_eq!(scene.expect("trail-looked-in-wrong-place").fixes[0].who, Who::Wait);
        scene.proof.last_call = Some(scene.machine.now - SignedDuration::from_mins(40));
        scene.expect_absent("trail-looked-in-wrong-place");
    }

    #[test]
    fn mantle_is_never_in_the_event_history() {
        let mut scene = recorded(&[("us-east-1", 0)]);
        scene.set("CLAUDE_CODE_USE_MANTLE", "1");
        assert_eq!(scene.expect("trail-looked-in-wrong-place").fixes[0].who, Who::OrgAdmin);
    }

    #[test]
    fn an_empty_history_without_a_reason_is_not_explained() {
        recorded(&[("us-east-1", 0), ("us-west-2", 0)]).expect_absent("trail-looked-in-wrong-place");
        let mut scene = recorded(&[("us-east-1", 1)]);
        let calls = Answer::Refused(denial("cloudtrail:LookupEvents", "*", NO_IDENTITY));
        scene.answers.recorded.push(Recorded { region: "us-west-2".to_owned(), calls });
        scene.expect_absent("trail-looked-in-wrong-place");
        Scene::healthy().expect_absent("trail-looked-in-wrong-place");
    }
}
