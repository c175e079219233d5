//! What AWS wrote down about each call: the one line that proves.

use jiff::{SignedDuration, Timestamp};

use super::line::{Line, Method, Nature, Status, Strength};
use super::trail::Call;
use super::words::{self, count, minute, quoted};
use super::{Case, Joined, canary};
use crate::ask::trail::Stop;
use crate::aws::answer::Answer;
use crate::resolve::Provider;

/// What is the same for every find.
pub const NATURE: Nature = Nature {
    name: Method::CloudTrail,
    delay: "about 5 minutes, at times 15",
    could_be_faked_by: "nobody outside of AWS",
};

/// An event may take this long to appear.
const DELAY: SignedDuration = SignedDuration::from_mins(15);

/// The line.
pub fn line(case: &Case<'_>) -> Line {
    let scan = &case.asked.trail;
    let (lack, denied) = words::lack(&scan.ended);
    let line = |status, strength, found: String| {
        let mut line = NATURE.line(status, strength, found, check(case));
        if strength != Strength::Strong {
            line.could_be_faked_by = "the same identity on another machine";
        }
        line
    };
    if let Some(event) = case.canary.and_then(|canary| canary.event.got()) {
        let call = Call::of(event);
        let found = format!("The tagged call stands in AWS's own log: {}.", chain(&call));
        return line(
            Status::Supports,
            Strength::Strong,
            joined_words(case).map_or(found.clone(), |more| format!("{found} {more}")),
        );
    }
    if case.route.provider == Provider::Other("mantle") {
        let found = "CLAUDE_CODE_USE_MANTLE is on: its calls are data events of bedrock-mantle.amazonaws.com, which the event \
                     history never shows. Only a trail with data events can.";
        return line(Status::CouldNotAsk, Strength::Strong, found.to_owned());
    }
    let mut found: Vec<String> = case.canary.map(canary::unseen).into_iter().collect();
    let (mut status, mut strength) = (Status::Silent, Strength::Strong);
    let (turns, refused) = case.trail.turns_of(case.who);
    if let Some(proof) = case.trail.proof(case.who) {
        status = Status::Supports;
        found.extend(joined_words(case));
        found.push(format!("The newest: {}.", chain(proof)));
    } else if case.trail.joined_total() > 0 {
        (status, strength) = (Status::Supports, Strength::Medium);
        found.extend(joined_words(case));
        found.push("But they were made by another identity than the one that asks here.".to_owned());
    } else if turns > 0 {
        (status, strength) = (Status::Supports, Strength::Medium);
        found.push(format!(
            "{} of claude by this identity, none of them joined to an answer on this machine.",
            count(turns, "call")
        ));
    } else if refused > 0 {
        found.push(format!(
            "{} of claude by this identity, all refused: that is no proof of an answer.",
            count(refused, "call")
        ));
    }
    if !matches!(scan.ended, Answer::Got(())) {
        found.push(format!("The log could not be read{}: {lack}.", if scan.pages > 0 { " to its end" } else { "" }));
        if status == Status::Silent {
            status = Status::CouldNotAsk;
        }
    } else if status == Status::Silent {
        found.push(nothing(case));
    }
    if let Some(stopped) = scan.stopped.filter(|_| scan.pages > 0) {
        found.push(format!(
            "Looked at {} back to {} ({}).",
            count(scan.events as u64, "event"),
            back_to(case).map_or_else(|| "now".to_owned(), minute),
            why(stopped)
        ));
    }
    let mut line = line(status, strength, found.join(" "));
    line.missing_permission = denied.then(|| words::TRAIL.clone());
    line
}

/// Answers of this machine against AWS's own log.
pub fn joined(case: &Case<'_>) -> Joined {
    let until = case.span.until;
    let cutoff = until.checked_sub(DELAY).unwrap_or(until);
    let from = back_to(case);
    let answers = from.map_or(0, |from| case.turns.joinable(from, until));
    let young = case.turns.joinable(cutoff, until);
    let young_joined = case.trail.joined().iter().filter(|call| call.at >= cutoff).count() as u64;
    Joined {
        answers: answers.max(case.trail.joined_total()),
        in_cloudtrail: case.trail.joined_total(),
        request_ids: case.trail.joined().iter().map(|call| call.request_id.clone()).collect(),
        looked_back_to: from,
        complete: case.asked.trail.complete,
        too_young: young.saturating_sub(young_joined),
    }
}

/// `9 of 12 answers on this machine stand in AWS's own log, by request id.`
fn joined_words(case: &Case<'_>) -> Option<String> {
    let joined = joined(case);
    (joined.in_cloudtrail > 0).then(|| {
        let young = if joined.too_young > 0 {
            format!("; {} may be too young for it", joined.too_young)
        } else {
            String::new()
        };
        format!(
            "{} of {} of this machine found in AWS's own log, by request id{young}.",
            joined.in_cloudtrail,
            count(joined.answers, "answer"),
        )
    })
}

/// Why the log was not read to the beginning of the window.
fn why(stopped: Stop) -> &'static str {
    match stopped {
        Stop::Enough => "it stops at the first proof; --all reads all",
        Stop::Time => "the time was over; --all reads all",
        Stop::Pages => "--all reads all",
    }
}

/// How far the log was looked at.
fn back_to(case: &Case<'_>) -> Option<Timestamp> {
    let scan = &case.asked.trail;
    if scan.complete { Some(case.span.since) } else { scan.oldest_seen }
}

/// Why the log may show nothing, where it shows nothing.
fn nothing(case: &Case<'_>) -> String {
    let region = &case.route.region.name;
    let joined = joined(case);
    let (answered, _) = case.trail.totals();
    let seen = match answered {
        0 => format!("No call of a model stands in the log of {region} in this window."),
        calls => format!(
            "{} of models in the log of {region}, none of them by claude of this identity.",
            count(calls, "call")
        ),
    };
    let why = if joined.too_young > 0 {
        format!(
            " {} are less than 15 minutes old: it shows calls after about 5 minutes, at times 15.",
            count(joined.too_young, "answer")
        )
    } else if case.turns.with_id() > 0 {
        " A call is written down in the region where it was sent: answers of another region, or of another account, stand there.".to_owned()
    } else {
        " `bedrockup verify --canary` makes a call and waits for it.".to_owned()
    };
    seen + &why
}

/// `10:02 us.anthropic.…, sent to us-east-1, served in us-west-2, as arn:…`.
pub fn chain(call: &Call) -> String {
    let served = call.inference_region.as_ref().map_or_else(String::new, |region| format!(", served in {region}"));
    format!(
        "{} at {}, {}, sent to {}{served}, as {}",
        call.request_id,
        minute(call.at),
        call.model,
        call.region,
        call.identity
    )
}

/// The event itself where one is known, else the events of the window.
fn check(case: &Case<'_>) -> String {
    let region = quoted(case, &case.route.region.name);
    let seen = case.canary.and_then(|canary| canary.event.got()).map(|event| event.id.clone().unwrap_or_default());
    match seen.or_else(|| case.trail.proof(case.who).map(|call| call.event_id.clone())) {
        Some(event) => format!(
            "aws cloudtrail lookup-events --region {region} --lookup-attributes AttributeKey=EventId,AttributeValue={}",
            quoted(case, &event)
        ),
        None => format!(
            "aws cloudtrail lookup-events --region {region} --lookup-attributes AttributeKey=EventSource,AttributeValue=bedrock.amazonaws.com \
             --start-time {} --max-items 50",
            words::cli_time(case.span.since)
        ),
    }
}
