//! The walk, over scripted pages, in time that passes at once.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use super::*;
use crate::aws::answer::{Hop, NetworkFailure, Refusal};

fn refused(status: u16, code: &str) -> Answer<Page> {
    let (code, message) = (code.to_owned(), "Rate exceeded".to_owned());
    Answer::Refused(Refusal { status, code, message, request_id: Some("r".to_owned()), content_type: None })
}

fn reset() -> Answer<Page> {
    Answer::Unreachable(NetworkFailure { host: "h".to_owned(), hop: Hop::Reset, detail: "reset".to_owned() })
}

/// The page of this number, with two events; its token is the number of the next.
fn page(number: i64, last: bool) -> Answer<Page> {
    let event = |second| Event { at: Timestamp::from_second(second).ok(), ..Event::default() };
    let events = vec![event(1000 - 2 * number), event(999 - 2 * number)];
    Answer::Got(Page { events, next: (!last).then(|| (number + 1).to_string()) })
}

struct Walked {
    scan: TrailScan,
    visited: usize,
    /// When each request began, in milliseconds since the first.
    starts: Vec<u128>,
    tokens: Vec<Option<String>>,
}

/// Walks over these answers, in time that passes at once.
async fn walked(answers: Vec<Answer<Page>>, bounds: Bounds, enough: usize) -> Walked {
    let answers = RefCell::new(VecDeque::from(answers));
    let (starts, tokens) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let began = Instant::now();
    let visited = Cell::new(0);
    let mut visit = |_: &Event| visited.set(visited.get() + 1);
    let mut stop = |seen: &Seen| {
        assert_eq!(seen.events, visited.get(), "events are shown page by page");
        seen.pages >= enough
    };
    let mut watcher = Watcher { visit: &mut visit, stop: &mut stop, progress: &|_| () };
    let ask = async |next: Option<&str>| {
        starts.borrow_mut().push(began.elapsed().as_millis());
        tokens.borrow_mut().push(next.map(str::to_owned));
        let answer = answers.borrow_mut().pop_front();
        match answer {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    };
    let scan = walk(ask, bounds, &mut watcher).await;
    Walked { scan, visited: visited.get(), starts: starts.into_inner(), tokens: tokens.into_inner() }
}

#[tokio::test(start_paused = true)]
async fn pages_come_at_the_pace_of_aws_to_the_end_of_the_span() {
    let pages = vec![page(0, false), page(1, false), page(2, true)];
    let walked = walked(pages, Bounds::default(), 9).await;
    assert_eq!(walked.starts, [0, 500, 1000]);
    assert_eq!(walked.tokens, [None, Some("1".to_owned()), Some("2".to_owned())]);
    let scan = walked.scan;
    assert!(scan.complete && scan.stopped.is_none() && scan.ended == Answer::Got(()), "{scan:?}");
    assert_eq!((scan.pages, scan.events, walked.visited), (3, 6, 6));
    let second = |time: Option<Timestamp>| time.map(Timestamp::as_second);
    assert_eq!((second(scan.newest), second(scan.oldest_seen)), (Some(1000), Some(995)));
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out_ever_longer_and_not_for_ever() {
    let slow = || refused(400, "ThrottlingException");
    let walked_on = walked(vec![page(0, false), slow(), slow(), slow(), page(1, true)], Bounds::default(), 9).await;
    assert_eq!(walked_on.starts, [0, 500, 1500, 3500, 7500]);
    assert!(walked_on.scan.complete);
    assert_eq!((walked_on.scan.throttled, walked_on.scan.pages), (3, 2));
    assert_eq!(walked_on.tokens[1..], vec![Some("1".to_owned()); 4], "the same page is asked again");

    let mut answers = vec![page(0, false)];
    answers.extend((0..20).map(|_| slow()));
    let given_up = walked(answers, Bounds::default(), 9).await;
    assert_eq!(given_up.starts.len(), 1 + 1 + THROTTLED as usize);
    assert_eq!(given_up.scan.ended.refused().map(|refusal| refusal.code.as_str()), Some("ThrottlingException"));
    assert_eq!((given_up.scan.pages, given_up.scan.events, given_up.scan.complete), (1, 2, false));
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_server_or_the_line_gets_one_second_try_per_page() {
    let server = || refused(500, "InternalFailure");
    let twice = vec![page(0, false), server(), page(1, false), reset(), page(2, true)];
    assert!(walked(twice, Bounds::default(), 9).await.scan.complete);
    let dead = walked(vec![page(0, false), server(), reset(), page(1, true)], Bounds::default(), 9).await;
    assert!(dead.scan.ended.unreachable().is_some(), "{:?}", dead.scan);
    assert_eq!((dead.scan.pages, dead.visited), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_in_the_middle_keeps_what_was_seen() {
    let denied = walked(vec![page(0, false), refused(400, "AccessDeniedException")], Bounds::default(), 9).await;
    assert_eq!(denied.starts.len(), 2, "a denial is not asked again");
    assert_eq!((denied.scan.pages, denied.scan.stopped, denied.scan.complete), (1, None, false));
    assert!(denied.scan.ended.refused().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_walk_ends_when_enough_was_seen_or_its_bounds_are_reached() {
    let pages = || (0..9).map(|number| page(number, false)).collect::<Vec<_>>();
    let enough = walked(pages(), Bounds::default(), 2).await.scan;
    assert_eq!((enough.pages, enough.stopped), (2, Some(Stop::Enough)));
    let few = walked(pages(), Bounds { pages: 3, ..Bounds::default() }, 99).await.scan;
    assert_eq!((few.pages, few.stopped), (3, Some(Stop::Pages)));
    let short = Bounds { time: Duration::from_millis(1200), ..Bounds::default() };
    let short = walked(pages(), short, 99).await.scan;
    assert_eq!((short.pages, short.stopped, short.ended), (3, Some(Stop::Time), Answer::Got(())));
    let hanging = Bounds { time: Duration::from_secs(60), ..Bounds::default() };
    let hanging = walked(vec![page(0, false)], hanging, 99).await.scan;
    assert_eq!((hanging.pages, hanging.stopped, hanging.ended), (1, Some(Stop::Time), Answer::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn a_crash_is_told_and_what_was_seen_is_kept() {
    let first = Cell::new(true);
    let ask = async |_: Option<&str>| if first.take() { page(0, false) } else { panic!("out of bounds") };
    let mut watcher = Watcher { visit: &mut |_| (), stop: &mut |_| false, progress: &|_| () };
    let scan = walk(ask, Bounds::default(), &mut watcher).await;
    assert_eq!((scan.events, scan.ended), (2, Answer::Crashed("out of bounds".to_owned())));
}
