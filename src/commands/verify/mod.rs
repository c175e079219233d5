//! `verify`: evidence that Claude Code's traffic goes through Bedrock, graded, to be kept.

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
    let world = match in_directory(world, args.directory.as_deref()) {
        Ok(world) => world,
        Err(outcome) => return outcome,
    };
    // Before anything is asked: a file that cannot be written would cost the whole run.
    if let Some(outcome) = args.evidence.as_deref().and_then(|file| keep::refusal(&world, file)) {
        return outcome;
    }
    let may_spend = match gather::may_spend(&world, args, style) {
        Ok(may_spend) => may_spend,
        Err(outcome) => return outcome,
    };
    let progress = Watch::on_terminal(&world, !args.json);
    let here = gather::here(&world).await;
    if args.watch
        && let Err(outcome) = watch::until_proven(&world, args, &here, &progress).await
    {
        return outcome;
    }
    let report = gather::report(&world, args, here, may_spend, &progress).await;
    progress.finish();
    finish(&world, args, &report, style)
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
