//! `verify`: evidence that Claude Code's traffic goes through Bedrock, graded, to be kept.

mod findings;
mod gather;
mod keep;
mod watch;

use super::{Outcome, in_directory};
use crate::cli::VerifyArgs;
use crate::exit::Exit;
use crate::prove::verdict::Verdict;
use crate::report::progress::Watch;
use crate::report::verify::VerifyReport;
use crate::report::{self, Style};
use crate::world::World;

/// Looks, asks, weighs, and reports.
pub async fn run(world: &World, args: &VerifyArgs, style: Style) -> Outcome {
    let there = match in_directory(world, args.directory.as_deref()) {
        Ok(there) => there,
        Err(outcome) => return outcome,
    };
    // Before anything is asked: a file that cannot be written would cost the whole run. It lies where the caller is.
    if let Some(outcome) = args.evidence.as_deref().and_then(|file| keep::refusal(world, file)) {
        return outcome;
    }
    let span = match gather::span(&there, args) {
        Ok(span) => span,
        Err(outcome) => return outcome,
    };
    let may_spend = match gather::may_spend(&there, args, style) {
        Ok(may_spend) => may_spend,
        Err(outcome) => return outcome,
    };
    let progress = Watch::on_terminal(&there, !args.json);
    if args.since.moment(there.now()) < span.since {
        progress.say("AWS's log goes back 90 days: they are what is looked at");
    }
    let here = gather::here(&there).await;
    let mut missed = None;
    if args.watch {
        match watch::until_proven(&there, args, &here, &progress).await {
            Ok(shown) => missed = shown.err(),
            Err(outcome) => return outcome,
        }
    }
    let report = gather::report(&there, args, here, span, may_spend, &progress).await;
    progress.finish();
    let mut outcome = finish(world, args, &report, style);
    if let Some(message) = missed {
        outcome.messages.push(message);
        // The answer that somebody waited for was not seen, whatever others prove.
        if outcome.exit == Exit::Well {
            outcome.exit = Exit::CouldNotTell;
        }
    }
    outcome
}

/// Prints the report and keeps the evidence.
fn finish(world: &World, args: &VerifyArgs, report: &VerifyReport, style: Style) -> Outcome {
    let json = report::verify::json(report);
    let out = if args.json { report::json_text(&json) } else { report::verify::text(report, style) };
    let exit = match report.proof.verdict {
        Verdict::Proven | Verdict::Likely => Exit::Well,
        Verdict::Contradicted => Exit::Problem,
        Verdict::Unproven => Exit::CouldNotTell,
    };
    let mut outcome = Outcome { out, messages: Vec::new(), exit };
    if let Some(file) = &args.evidence {
        match keep::write(world, file, &json, args.mask) {
            Ok(written) => outcome.messages.push(written),
            Err(message) => {
                outcome.messages.push(message);
                outcome.exit = Exit::Refused;
            }
        }
    }
    outcome
}
