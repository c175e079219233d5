//! What the transcripts of the last days tell: when Bedrock answered last, and how the cache was used.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use crate::aws::answer::{Asked, CheckStatus};
use crate::commands::prices::prices;
use crate::diagnose::proof::{CacheUse, Proof};
use crate::observe::transcripts::{self, Origin, Span};
use crate::usage::{Answered, Tally};
use crate::world::World;

/// Days that are looked at: habits are those of now, and older files are not even opened.
const DAYS: u32 = 7;

/// Reads them on a thread of their own. Nothing of it is worth waiting for longer than `limit`.
pub async fn read(world: &World, limit: Duration) -> (Proof, Asked) {
    let started = Instant::now();
    let done = tokio::time::timeout(limit, tokio::task::spawn_blocking(reading(world))).await;
    let (proof, status, reason) = match done {
        Ok(Ok((proof, unreadable))) => match unreadable {
            None => (proof, CheckStatus::Passed, None),
            some => (proof, CheckStatus::Failed, some),
        },
        Ok(Err(_)) => {
            (Proof::default(), CheckStatus::Crashed, Some("reading them crashed, a defect of bedrockup".to_owned()))
        }
        Err(_) => {
            let reason = format!("reading those of {DAYS} days took longer than {} s", limit.as_secs_f32());
            (Proof::default(), CheckStatus::Skipped, Some(reason))
        }
    };
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    (proof, Asked { name: "transcripts".to_owned(), status, milliseconds, reason })
}

/// What they tell, and what of them could not be read.
fn reading(world: &World) -> impl FnOnce() -> (Proof, Option<String>) + Send + use<> {
    let (directories, prices, now) = (transcripts::directories(world), prices(world).table, world.now());
    let zone = world.timezone();
    move || {
        let since = now.checked_sub(SignedDuration::from_hours(24 * i64::from(DAYS))).ok();
        let mut tally = Tally::new(&prices, zone);
        let mut last_call = None;
        let summary = transcripts::read(&directories, Span { since, until: None }, &mut |turn| {
            if turn.origin == Origin::Bedrock {
                last_call = last_call.max(Some(turn.at));
            }
            tally.add(&Answered::from(turn));
        });
        let cache = tally.finish().habits.cache;
        let cache = CacheUse {
            days: DAYS,
            pauses: cache.gaps,
            longest: cache.longest_gap,
            tokens: cache.again,
            spares: cache.hour_spares,
            costs: cache.hour_costs,
        };
        let unreadable = summary.unreadable.first().map(|(path, why)| format!("{}: {why}", path.display()));
        (Proof { last_call, cache: Some(cache), ..Proof::default() }, unreadable)
    }
}
