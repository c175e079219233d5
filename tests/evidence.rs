//! Every question to AWS's records, asked in-process of the fake AWS: what comes back as facts.

mod anthropic;
mod at_once;
mod canary;
mod cost;
mod credentials;
mod metrics;
mod trail;

use std::cell::Cell;
use std::sync::Mutex;
use std::time::Duration;

use bedrockup::ask::Progress;
use bedrockup::ask::evidence::{EvidenceAnswers, EvidenceOptions, Methods, Witness, evidence};
use bedrockup::ask::trail::{Bounds, Seen};
use bedrockup::aws::answer::{Asked, CheckStatus};
use bedrockup::aws::cloudtrail::{Event, Span};
use bedrockup::resolve::resolve;
use jiff::{SignedDuration, Timestamp};

use crate::ask::{Bed, CANARIES, world};
use crate::support::fake_aws::account::{ADMIN_KEY, Account};

/// AWS's pace is not what these tests are about: they go as fast as they can.
pub const AT_ONCE: Bounds = Bounds { pace: Duration::ZERO, time: Duration::from_secs(60), pages: 1000 };

/// An account whose CloudTrail answers as often as it is asked.
pub fn patient() -> Account {
    Account { trail_requests_per_second: 1_000_000, ..Account::default() }
}

/// The last 89 days, and these methods.
pub fn options(methods: Methods) -> EvidenceOptions {
    let now = Timestamp::now();
    let span = Span { since: now - SignedDuration::from_hours(89 * 24), until: now + SignedDuration::from_secs(5) };
    EvidenceOptions {
        span,
        trail_span: span,
        methods,
        timeout: Duration::from_secs(30),
        trail: AT_ONCE,
        cost_requests: 10,
    }
}

/// Only CloudTrail.
pub fn trail_only() -> EvidenceOptions {
    options(Methods { trail: true, ..Methods::default() })
}

/// Asks on a bed, shows each event to `visit`, and checks what holds for every run.
pub fn asked(
    bed: &Bed,
    options: EvidenceOptions,
    mut visit: impl FnMut(&Event),
    mut stop: impl FnMut(&Seen) -> bool,
) -> (EvidenceAnswers, Vec<Progress>) {
    let world = world(bed.home.path(), bed.machine.environment.clone());
    let route = resolve(&bed.machine);
    let heard = Mutex::new(Vec::new());
    let progress = |event| heard.lock().expect("nobody panics while it is locked").push(event);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (identified, shown) = (Cell::new(false), Cell::new(false));
    let mut witness = Witness {
        identified: &mut |_, _| {
            assert!(!shown.get(), "who asks is known before the first event is shown");
            identified.set(true);
        },
        visit: &mut |event| {
            shown.set(true);
            visit(event);
        },
        stop: &mut stop,
    };
    let answers = runtime.block_on(evidence(&world, &bed.machine, &route, options, &progress, &mut witness));
    assert!(identified.get());
    runtime.shutdown_background();
    let heard = heard.into_inner().expect("nobody panicked while it was locked");
    let shown = format!("{answers:?} {heard:?}");
    for secret in CANARIES.into_iter().chain([ADMIN_KEY]) {
        let at = shown.find(secret).map(|at| &shown[at.saturating_sub(200)..at]);
        assert_eq!(at, None, "a secret shows after this");
    }
    let begun = heard.iter().filter(|event| matches!(event, Progress::Started(_))).count();
    let ended = heard.iter().filter(|event| matches!(event, Progress::Finished(_))).count();
    assert_eq!((begun, ended), (answers.log.len(), answers.log.len()), "each question begins and ends once");
    (answers, heard)
}

/// The same, keeping the few events that there are.
pub fn with_events(bed: &Bed, options: EvidenceOptions) -> (EvidenceAnswers, Vec<Event>) {
    let mut events = Vec::new();
    let (answers, _) = asked(bed, options, |event| events.push(event.clone()), |_| false);
    (answers, events)
}

/// The entry of a question in the list of checks.
pub fn check<'a>(answers: &'a EvidenceAnswers, name: &str) -> &'a Asked {
    let found = answers.log.iter().find(|asked| asked.name == name);
    found.unwrap_or_else(|| panic!("no check {name} in {:#?}", answers.log))
}

/// The status of a question in the list of checks.
pub fn status(answers: &EvidenceAnswers, name: &str) -> CheckStatus {
    check(answers, name).status
}
