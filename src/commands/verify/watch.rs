//! `--watch`: waits for the next answer on this machine, and for AWS's log to show it.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Outcome;
use super::gather::Here;
use crate::ask;
use crate::ask::canary::{CanaryOptions, Pace};
use crate::aws::answer::Answer;
use crate::cli::VerifyArgs;
use crate::exit::Exit;
use crate::observe::transcripts::tail::Tail;
use crate::observe::transcripts::{self, Origin};
use crate::report::progress::Watch;
use crate::report::tame;
use crate::world::World;

/// Between two looks at the transcripts.
const PACE: Duration = Duration::from_secs(1);
/// For the credentials that look at AWS's log.
const ASKING: Duration = Duration::from_secs(15);

/// An answer that came while we waited.
struct Came {
    origin: Origin,
    request_id: Option<String>,
    session: String,
    at: jiff::Timestamp,
}

/// Waits until the next answer stands in AWS's log, or is known not to; the report that follows weighs it with all else.
///
/// The inner error is what to say where the log was looked at and does not show that answer.
///
/// # Errors
/// No answer came in time.
pub async fn until_proven(
    world: &World,
    args: &VerifyArgs,
    here: &Here,
    progress: &Watch,
) -> Result<Result<(), String>, Outcome> {
    let end = Instant::now() + args.wait;
    let tail = Tail::new(&transcripts::directories(world), world.now());
    progress.say("waiting for the next answer of claude (Ctrl-C to stop)");
    let Some(came) = next_answer(tail, end).await else {
        progress.finish();
        let message =
            "no answer of claude came while it waited; ask claude something in another terminal, and run it again.";
        return Err(Outcome::failed(Exit::CouldNotTell, message));
    };
    progress.say(&words(&came));
    let Some(id) = came.request_id.as_deref().filter(|_| came.origin == Origin::Bedrock) else { return Ok(Ok(())) };
    let wait = end.saturating_duration_since(Instant::now());
    let options = CanaryOptions { timeout: ASKING, wait, pace: Pace::default() };
    let note = |event| progress.note(event);
    let looking = ask::canary::event(world, &here.machine, &here.route, options, id, came.at, &note);
    match Box::pin(looking).await {
        Answer::Got(_) => progress.say(&format!("request {} stands in AWS's own log", tame(id))),
        Answer::TimedOut => {
            return Ok(Err(format!(
                "request {} did not come up in AWS's log in time. It may yet: look again with `bedrockup verify`.",
                tame(id)
            )));
        }
        // The report that follows is refused in the same way, and says so.
        _ => return Ok(Err(format!("AWS's log could not be looked at for request {}.", tame(id)))),
    }
    Ok(Ok(()))
}

/// The first answer that is written down from now on.
async fn next_answer(mut tail: Tail, end: Instant) -> Option<Came> {
    loop {
        // Many files on a slow disk must not hold up a Ctrl-C.
        let looking = tokio::task::spawn_blocking(move || {
            let mut first = None;
            // What cannot be read now is said by the report that follows.
            tail.poll(&mut |turn| {
                first.get_or_insert_with(|| Came {
                    origin: turn.origin,
                    request_id: turn.request_id.as_deref().map(str::to_owned),
                    session: turn.session.to_string(),
                    at: turn.at,
                });
            });
            (tail, first)
        });
        let (looked, first) = looking.await.ok()?;
        if first.is_some() || Instant::now() >= end {
            return first;
        }
        tail = looked;
        sleep_until(end.min(Instant::now() + PACE)).await;
    }
}

fn words(came: &Came) -> String {
    let session = tame(&came.session);
    match (came.origin, &came.request_id) {
        (Origin::Bedrock, Some(id)) => {
            format!("answered by Bedrock in session {session}, request {}: waiting for AWS's own log", tame(id))
        }
        (Origin::Bedrock, None) => {
            format!(
                "answered by Bedrock in session {session}; this client writes no request id down, so it cannot be joined"
            )
        }
        (Origin::Anthropic, _) => format!("answered by Anthropic, not by Bedrock, in session {session}"),
        (Origin::Vertex, _) => format!("answered by Google Vertex AI, not by Bedrock, in session {session}"),
        (Origin::Unknown, _) => format!("answered in session {session} by a sender that its ids do not tell"),
    }
}
