//! `trail-looked-in-wrong-place`: CloudTrail shows no call, and there is a reason why it would not.

use jiff::SignedDuration;

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who};

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
    let Some(look) = case.proof.trail.as_ref().filter(|look| look.found == 0) else {
        return Vec::new();
    };
    let region = &case.route.region.name;
    let found = Found::new("CloudTrail's event history shows no call of yours; that is no sign that there was none.");
    let again = Fix::command("Ask the region that the calls go to.", "bedrockup verify --since 24h");
    if case.route.mantle() {
        let text =
            "Calls through Mantle are data events: record them in a trail, or read the metrics of AWS/BedrockMantle.";
        return vec![found.evidence("route", "Mantle is on").fix(Fix::words(Who::OrgAdmin, text))];
    }
    if look.region != *region {
        let found = found.evidence("CloudTrail LookupEvents", format!("asked in {}", look.region));
        return vec![found.evidence("calls", format!("are sent to {region}, and recorded there")).fix(again)];
    }
    if let Some(age) = look.last_call.map(|last| case.machine.now.duration_since(last)).filter(|age| *age < DELAY) {
        let minutes = age.as_mins();
        let found =
            found.evidence("the latest call", format!("{minutes} minutes ago; events come up to 15 minutes late"));
        return vec![found.fix(Fix::words(Who::Wait, "Wait 15 minutes, and ask again."))];
    }
    let role =
        case.answers.identity.got().and_then(|identity| identity.arn.split(":assumed-role/").nth(1)?.split('/').next());
    match (&look.looked_up_by, role) {
        (Some(name), Some(role)) if name == role => {
            let found = found.evidence("CloudTrail LookupEvents", format!("looked up by {name}, the name of the role"));
            vec![found.evidence("events", "carry the name of the session").fix(again)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Identity};
    use crate::diagnose::Who;
    use crate::diagnose::proof::{Proof, TrailLook};
    use crate::diagnose::testing::*;

    fn nothing_found(change: impl FnOnce(&mut TrailLook)) -> Scene {
        let mut scene = Scene::healthy();
        let mut look = TrailLook { region: "us-east-1".to_owned(), found: 0, last_call: None, looked_up_by: None };
        change(&mut look);
        scene.proof = Proof { trail: Some(look), ..Proof::default() };
        scene
    }

    #[test]
    fn another_region_was_asked() {
        let finding = nothing_found(|look| look.region = "us-west-2".to_owned()).expect("trail-looked-in-wrong-place");
        assert!(finding.evidence[0].what.contains("us-west-2") && finding.evidence[1].what.contains("us-east-1"));
    }

    #[test]
    fn the_call_is_minutes_old() {
        let now = Scene::healthy().machine.now;
        let finding = nothing_found(|look| look.last_call = Some(now - jiff::SignedDuration::from_mins(4)));
        assert_eq!(finding.expect("trail-looked-in-wrong-place").fixes[0].who, Who::Wait);
    }

    #[test]
    fn the_role_was_looked_up_instead_of_the_session() {
        let mut scene = nothing_found(|look| look.looked_up_by = Some("Developer".to_owned()));
        let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/Developer/ada@example.com");
        scene.answers.identity =
            Answer::Got(Identity { arn, ..scene.answers.identity.got().expect("an identity").clone() });
        scene.expect("trail-looked-in-wrong-place");
    }

    #[test]
    fn mantle_is_never_in_the_event_history() {
        let mut scene = nothing_found(|_| ());
        scene.set("CLAUDE_CODE_USE_MANTLE", "1");
        assert_eq!(scene.expect("trail-looked-in-wrong-place").fixes[0].who, Who::OrgAdmin);
    }

    #[test]
    fn an_empty_history_without_a_reason_is_not_explained() {
        nothing_found(|_| ()).expect_absent("trail-looked-in-wrong-place");
        nothing_found(|look| look.found = 3).expect_absent("trail-looked-in-wrong-place");
        Scene::healthy().expect_absent("trail-looked-in-wrong-place");
    }
}
