//! What AWS wrote down about each call: the one line that proves.

use jiff::{SignedDuration, Timestamp};

use super::line::{Line, Method, Nature, Status, Strength};
use super::trail::Call;
use super::words::{self, are, count, minute, quoted};
use super::{Case, Joined, canary};
use crate::ask::trail::Stop;
use crate::aws::answer::Answer;
use crate::resolve::Provider;

/// What is the same for every find.
pub const NATURE: Nature = Nature {
    name: Method::CloudTrail,
    delay: "about 5 minutes, at times 15",
    could_be_faked_by: "whoever can both call Bedrock as this identity and write this machine's transcripts",
};

/// An event may take this long to appear.
const DELAY: SignedDuration = SignedDuration::from_mins(15);

/// The line.
pub fn line(case: &Case<'_>) -> Line {
    let scan = &case.asked.trail;
    let line = |status, strength, found: String| {
        let mut line = NATURE.line(status, strength, found, check(case));
        if strength != Strength::Strong {
            line.could_be_faked_by = "the same identity on another machine";
        }
        line
    };
    if case.route.provider == Provider::Other("mantle") {
        let found = "CLAUDE_CODE_USE_MANTLE is on: its calls are data events of bedrock-mantle.amazonaws.com, which the event \
                     history never shows. Only a trail with data events can.";
        return line(Status::CouldNotAsk, Strength::Medium, found.to_owned());
    }
    let mut found: Vec<String> = case.canary.map(canary::words).into_iter().collect();
    let (mut status, mut strength) = (Status::Silent, Strength::Medium);
    let (turns, refused) = case.trail.turns();
    if let Some(proof) = case.trail.proof() {
        (status, strength) = (Status::Supports, Strength::Strong);
        found.push(joined_words(case));
        found.push(format!("The newest: {} at {}.", proof.request_id, minute(proof.at)));
    } else if case.trail.joined_total() > 0 {
        status = Status::Supports;
        found.push(joined_words(case));
        let us = case.who.arn.as_ref().or(case.who.api_key_user.as_ref());
        found.push(match us {
            Some(us) => format!("But they were made by another identity than {us}, who calls from here."),
            None => "Who calls from here could not be told, so whose calls they are cannot be either.".to_owned(),
        });
    } else if turns > 0 {
        status = Status::Supports;
        let joined = if case.turns.ids.count() > 0 { " None of them is an answer of this machine." } else { "" };
        found.push(format!("{} of claude by this identity.{joined}", count(turns, "call")));
    } else if let Some(tagged) = case.trail.tagged().filter(|_| case.canary.is_none()) {
        status = Status::Supports;
        found.push(format!("A tagged call of an earlier run: {}.", chain(tagged)));
    } else if canary::event(case).is_some() {
        status = Status::Supports;
    } else if refused > 0 {
        found.push(format!(
            "{} of claude by this identity, all refused: that is no proof of an answer.",
            count(refused, "call")
        ));
    }
    let (lack, denial) = words::lack(&scan.ended);
    if !matches!(scan.ended, Answer::Got(())) {
        found.push(format!("The log could not be read{}: {lack}.", if scan.pages > 0 { " to its end" } else { "" }));
        if status == Status::Silent {
            status = Status::CouldNotAsk;
        }
    } else if status == Status::Silent && refused == 0 {
        found.push(nothing(case));
    }
    found.extend(how_far(case));
    found.extend(asked_by(case));
    let mut line = line(status, strength, found.join(" "));
    line.missing_permission = denial.then(|| words::TRAIL.clone());
    line
}

/// Answers of this machine against AWS's own log.
pub fn joined(case: &Case<'_>) -> Joined {
    let until = case.span.until;
    let cutoff = until.checked_sub(DELAY).unwrap_or(until);
    let from = back_to(case);
    // Only answers as far back as the log was looked at are in question.
    let (old, young) = from
        .map_or((0, 0), |from| (case.turns.ids.between(from, cutoff), case.turns.ids.between(cutoff.max(from), until)));
    let in_cloudtrail = case.trail.joined_total();
    let young_joined = case.trail.joined().iter().filter(|call| call.at >= cutoff).count() as u64;
    let too_young = young.saturating_sub(young_joined);
    Joined {
        answers: (old + young).max(in_cloudtrail),
        in_cloudtrail,
        request_ids: case.trail.joined().iter().map(|call| call.request_id.clone()).collect(),
        looked_back_to: from,
        complete: case.asked.trail.complete,
        too_young,
        missing: (old + young).saturating_sub(in_cloudtrail + too_young),
        without_request_id: case.turns.counts().bedrock.saturating_sub(case.turns.ids.count()),
    }
}

/// `9 of 12 answers of this machine found in AWS's own log, by request id`, and what became of the others.
fn joined_words(case: &Case<'_>) -> String {
    let joined = joined(case);
    let mut words = format!(
        "{} of {} of this machine found in AWS's own log, by request id.",
        joined.in_cloudtrail,
        count(joined.answers, "answer")
    );
    if joined.too_young > 0 {
        words.push_str(&format!(" {} may be too young for it.", joined.too_young));
    }
    if joined.missing > 0 {
        words.push_str(&format!(" {}", missing_words(joined.missing)));
    }
    if joined.without_request_id > 0 {
        words.push_str(&format!(
            " {} without a request id cannot be looked for (clients before 2.1.290 write none).",
            are(joined.without_request_id, "answer")
        ));
    }
    words
}

fn missing_words(missing: u64) -> String {
    format!(
        "{} old enough and not there: a call is written down in the region where it was sent, in the account that it was sent for.",
        are(missing, "answer")
    )
}

/// How far the log was looked at.
fn back_to(case: &Case<'_>) -> Option<Timestamp> {
    let scan = &case.asked.trail;
    if scan.complete { Some(case.span.since) } else { scan.oldest_seen }
}

fn how_far(case: &Case<'_>) -> Option<String> {
    let scan = &case.asked.trail;
    let why = match scan.stopped? {
        Stop::Enough => "it stops at the first proof; --all reads all",
        Stop::Time => "the time was over; --all reads all",
        Stop::Pages => "--all reads all",
    };
    let oldest = scan.oldest_seen.map_or_else(|| "now".to_owned(), minute);
    Some(format!("Looked at {} back to {oldest} ({why}).", count(scan.events as u64, "event")))
}

/// Whose credentials looked, where they are not those of the route.
fn asked_by(case: &Case<'_>) -> Option<String> {
    let asked_as = &case.asked.asked_as;
    let kind = asked_as.kind.as_ref().filter(|_| !asked_as.of_route)?;
    let who = case.asked.identity.got().map_or_else(|| kind.name().replace('-', " "), |identity| identity.arn.clone());
    Some(format!("The log was read as {who}, since the route's own credentials cannot ask."))
}

/// Why the log may show nothing, where it shows nothing.
fn nothing(case: &Case<'_>) -> String {
    let region = &case.route.region.name;
    let joined = joined(case);
    let (answered, probes) = (case.trail.answered(), case.trail.probes());
    let whole = if joined.complete { "in this window" } else { "as far as it was looked at" };
    let seen = match answered {
        0 => format!("No call of a model stands in the log of {region} {whole}."),
        calls if probes > 0 => format!(
            "{} of models in the log of {region}, {probes} of them start-up probes of claude by this identity, which are no use.",
            count(calls, "call")
        ),
        calls => format!(
            "{} of models in the log of {region}, none of them by claude of this identity.",
            count(calls, "call")
        ),
    };
    let why = if joined.too_young > 0 {
        format!(" {} less than 15 minutes old.", are(joined.too_young, "answer"))
    } else if joined.missing > 0 {
        format!(" {}", missing_words(joined.missing))
    } else {
        String::new()
    };
    seen + &why
}

/// `ID at 2026-11-25 10:02 UTC, us.anthropic.…, sent to us-east-1, served in us-west-2, as arn:…`.
pub fn chain(call: &Call) -> String {
    let model = if call.model.is_empty() { "a model that the event does not name" } else { &call.model };
    let served = call.inference_region.as_ref().map_or_else(String::new, |region| format!(", served in {region}"));
    format!(
        "{} at {}, {model}, sent to {}{served}, as {}",
        call.request_id,
        minute(call.at),
        call.region,
        call.identity
    )
}

/// The event itself where one is known, else the events of the window.
fn check(case: &Case<'_>) -> String {
    let region = quoted(case, &case.route.region.name);
    let profile = words::profile_option(case);
    let seen = case.trail.proof().or_else(|| case.trail.tagged()).map(|call| call.event_id.clone());
    let seen = canary::event(case).map(|call| call.event_id).or(seen).filter(|id| !id.is_empty());
    match seen {
        Some(event) => format!(
            "aws cloudtrail lookup-events{profile} --region {region} --lookup-attributes AttributeKey=EventId,AttributeValue={}",
            quoted(case, &event)
        ),
        None => format!(
            "aws cloudtrail lookup-events{profile} --region {region} --lookup-attributes \
             AttributeKey=EventSource,AttributeValue=bedrock.amazonaws.com --start-time {} --max-items 50",
            words::cli_time(case.span.since)
        ),
    }
}
