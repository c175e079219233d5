//! Evidence that Claude Code's traffic goes through Bedrock, and how it is graded.
//!
//! Pure: facts in, a [`Proof`] out. Each line of evidence is one file, which says what was found, how much that weighs,
//! when it can be seen, who could fake it, and how anybody checks it without this program; the verdict follows from the
//! lines by one table, [`verdict::RULES`].

mod anthropic;
mod buckets;
mod canary;
mod cloudtrail;
mod cloudwatch;
mod configuration;
mod cost_explorer;
pub mod ids;
pub mod line;
mod models;
mod sessions;
pub mod trail;
mod transcripts;
pub mod turns;
pub mod verdict;
pub mod who;
pub mod words;

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::ask::canary::Canary;
use crate::ask::cost;
use crate::ask::evidence::EvidenceAnswers;
use crate::aws::cloudtrail::Span;
use crate::observe::Machine;
use crate::observe::sessions::Session;
use crate::observe::transcripts::Summary;
use crate::resolve::{Provider, Route};
pub use configuration::other_side;

use canary::CanaryRow;
use line::{Contradiction, Line, Method, Status};
use models::ModelRow;
use sessions::SessionRow;
use trail::{Call, CallerRow, Trail};
use transcripts::SessionAnswers;
use turns::Turns;
use verdict::{Verdict, Weighed};
use who::Who;

/// Everything that the lines look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Local facts.
    pub machine: &'a Machine,
    /// What the client would use here.
    pub route: &'a Route,
    /// The window.
    pub span: Span,
    /// The methods that were chosen.
    pub methods: &'a [Method],
    /// Running clients, or why they cannot be listed.
    pub sessions: Result<&'a [Session], &'a str>,
    /// What the transcripts say.
    pub turns: &'a Turns,
    /// How the transcripts were read.
    pub read: &'a Summary,
    /// The directories below which they lie.
    pub transcript_directories: &'a [PathBuf],
    /// What AWS's log says.
    pub trail: &'a Trail,
    /// What else AWS and Anthropic said.
    pub asked: &'a EvidenceAnswers,
    /// The tagged call, where one was made.
    pub canary: Option<&'a Canary>,
    /// Who calls models from here.
    pub who: &'a Who,
    /// The mail address that the client was signed in with at Anthropic.
    pub anthropic_account: Option<&'a str>,
}

/// All lines, and what they come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// What they come to.
    pub verdict: Verdict,
    /// Why.
    pub because: String,
    /// What speaks against it, with the places.
    pub contradictions: Vec<Contradiction>,
    /// The seven lines.
    pub lines: Vec<Line>,
    /// Answers of this machine against AWS's own log.
    pub joined: Joined,
    /// From one request to the one who pays for it: the newest that is proven.
    pub chain: Option<Call>,
    /// The tagged call, where one was made.
    pub canary: Option<CanaryRow>,
    /// Running clients.
    pub sessions: Vec<SessionRow>,
    /// Answers per session and day.
    pub answers: Vec<SessionAnswers>,
    /// Everything per model.
    pub models: Vec<ModelRow>,
    /// Calls in AWS's log by identity, user agent and model.
    pub callers: Vec<CallerRow>,
    /// The joined calls, newest first, at most some hundreds.
    pub calls: Vec<Call>,
    /// What happened when.
    pub timeline: Timeline,
}

/// Answers of this machine against AWS's own log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Joined {
    /// Answers of this machine with a request id, as far as the log was looked back.
    pub answers: u64,
    /// Those of them that it shows.
    pub in_cloudtrail: u64,
    /// Their request ids, newest first, at most some hundreds.
    pub request_ids: Vec<String>,
    /// How far the log was looked back.
    pub looked_back_to: Option<Timestamp>,
    /// Whether the whole window was looked at.
    pub complete: bool,
    /// Those that are too young to be missed.
    pub too_young: u64,
    /// Those that are old enough, and not there.
    pub missing: u64,
    /// Answers by Bedrock without a request id, which cannot be looked for.
    pub without_request_id: u64,
}

/// Bars over the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// The first moment.
    pub since: Timestamp,
    /// Seconds of one bar.
    pub bucket_seconds: i64,
    /// Answers by Bedrock on this machine.
    pub bedrock: Vec<u64>,
    /// Answers by others on this machine.
    pub others: Vec<u64>,
    /// Calls in AWS's log that are answers of this machine.
    pub joined: Vec<u64>,
}

/// Weighs everything.
pub fn prove(case: &Case<'_>) -> Proof {
    let (lines, contradictions): (Vec<_>, Vec<_>) = Method::ALL
        .into_iter()
        .map(|method| if case.methods.contains(&method) { look(case, method) } else { (unchosen(method), Vec::new()) })
        .unzip();
    let joined = cloudtrail::joined(case);
    let tagged = canary::event(case).or_else(|| case.trail.tagged().cloned());
    let rule = verdict::verdict(&Weighed {
        lines: &lines,
        canary_seen: tagged.is_some() && case.route.provider == Provider::Bedrock && !case.route.mantle(),
        log_has_none: joined.complete && joined.missing > 0 && joined.in_cloudtrail == 0,
    });
    let chain = canary::event(case).or_else(|| case.trail.proof().cloned()).or(tagged);
    let calls = case.trail.joined().to_vec();
    Proof {
        verdict: rule.verdict,
        because: rule.because.to_owned(),
        contradictions: contradictions.into_iter().flatten().collect(),
        lines,
        joined,
        chain,
        canary: canary::row(case),
        sessions: sessions::rows(case),
        answers: transcripts::rows(case),
        models: models::rows(case),
        callers: case.trail.rows(),
        calls,
        timeline: Timeline {
            since: case.span.since,
            bucket_seconds: buckets::bucket_seconds(case.span),
            bedrock: case.turns.bedrock.counts().to_vec(),
            others: case.turns.others.counts().to_vec(),
            joined: case.trail.joined_calls.counts().to_vec(),
        },
    }
}

fn look(case: &Case<'_>, method: Method) -> (Line, Vec<Contradiction>) {
    match method {
        Method::Configuration => configuration::line(case),
        Method::Sessions => sessions::line(case),
        Method::Transcripts => transcripts::line(case),
        Method::CloudTrail => (cloudtrail::line(case), Vec::new()),
        Method::CloudWatch => (cloudwatch::line(case), Vec::new()),
        Method::CostExplorer => (cost_explorer::line(case), Vec::new()),
        Method::Anthropic => anthropic::line(case),
    }
}

/// A method that was not chosen.
fn unchosen(method: Method) -> Line {
    let nature = match method {
        Method::Configuration => &configuration::NATURE,
        Method::Sessions => &sessions::NATURE,
        Method::Transcripts => &transcripts::NATURE,
        Method::CloudTrail => &cloudtrail::NATURE,
        Method::CloudWatch => &cloudwatch::NATURE,
        Method::CostExplorer => &cost_explorer::NATURE,
        Method::Anthropic => &anthropic::NATURE,
    };
    let again = match method {
        Method::CostExplorer => "bedrockup verify --cost".to_owned(),
        _ => format!("bedrockup verify --method {}", method.name()),
    };
    let found = match method {
        Method::CostExplorer => format!("Not asked: it costs {} USD a request.", cost::REQUEST),
        _ => "Not asked for this time.".to_owned(),
    };
    nature.line(Status::Skipped, line::Strength::Weak, found, again)
}
