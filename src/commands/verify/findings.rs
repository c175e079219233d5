//! What doctor calls the reasons why evidence is not there: the same findings, of the same facts.

use crate::ask::evidence::EvidenceAnswers;
use crate::aws::answer::{Answer, Answers, Recorded};
use crate::diagnose::proof::evidence_denied::is_denial;
use crate::diagnose::proof::{Denied, Proof};
use crate::diagnose::{self, Case, Finding, Layer};
use crate::observe::Machine;
use crate::prove::trail::Trail;
use crate::prove::turns::Turns;
use crate::prove::words::{BILL, METRICS, TRAIL};
use crate::resolve::Route;

/// The findings of the layer of proof.
pub fn of(machine: &Machine, route: &Route, asked: &EvidenceAnswers, trail: &Trail, turns: &Turns) -> Vec<Finding> {
    let (answered, refused) = trail.turns();
    let calls = usize::try_from(answered.saturating_add(refused)).unwrap_or(usize::MAX);
    let recorded = matches!(asked.trail.ended, Answer::Got(()))
        .then(|| Recorded { region: route.region.name.clone(), calls: Answer::Got(calls) });
    let answers = Answers {
        identity: asked.identity.clone(),
        recorded: recorded.into_iter().collect(),
        ..Answers::not_asked("verify does not ask it")
    };
    let proof = Proof { last_call: turns.ids.newest(), denied: denied(asked), cache: None };
    let case = Case { machine, route, models: &route.models, answers: &answers, proof: &proof };
    let (mut findings, _) = diagnose::diagnose(&case);
    findings.retain(|finding| finding.layer == Layer::Proof);
    findings
}

fn denied(asked: &EvidenceAnswers) -> Vec<Denied> {
    let refusals = [
        (asked.trail.ended.refused(), &TRAIL, "verify", "who called, and where"),
        (asked.metrics.refused(), &METRICS, "verify", "how many calls and tokens the account counts"),
        (asked.cost.refused(), &BILL, "usage", "what was paid"),
    ];
    let refused = refusals.into_iter().filter_map(|(refusal, permission, command, without)| {
        let refusal = refusal.filter(|refusal| is_denial(refusal))?.clone();
        Some(Denied { actions: permission.actions, without, command, refusal })
    });
    refused.collect()
}
