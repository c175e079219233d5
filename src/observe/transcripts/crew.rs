//! Does many jobs on a few threads, and hands out what came of them in the order of the jobs.

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// So many results per thread may wait to be taken. That bounds the memory, and lets the others go on while one job takes longer.
const AHEAD: usize = 4;

/// Calls `take` here with each job and its result in the order of the jobs; with `None` when the work crashed. `start` makes what a thread
/// works with.
pub(super) fn in_order<J: Sync, S, R: Send>(
    threads: usize,
    jobs: &[J],
    start: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &J) -> R + Sync,
    mut take: impl FnMut(&J, Option<R>),
) {
    let careful = |state: &mut S, job: &J| {
        let result = panic::catch_unwind(AssertUnwindSafe(|| work(state, job))).ok();
        if result.is_none() {
            *state = start();
        }
        result
    };
    // Whoever takes a job answers through its own channel. When this function is left, even by a panic of `take`, no job comes any more
    // and the threads end.
    let (hand_out, queue) = mpsc::channel::<(&J, mpsc::Sender<Option<R>>)>();
    let queue = Mutex::new(queue);
    let worker = || {
        let mut state = start();
        while let Some((job, answer)) = next(&queue) {
            // Nobody listens any more: there will be no job either.
            let _ = answer.send(careful(&mut state, job));
        }
    };
    thread::scope(|scope| {
        let hand_out = hand_out;
        // One alone would only make us wait for it.
        let wanted = Some(threads.min(jobs.len())).filter(|threads| *threads > 1).unwrap_or_default();
        let started = (0..wanted).filter(|_| thread::Builder::new().spawn_scoped(scope, worker).is_ok()).count();
        if started == 0 {
            let mut state = start();
            return jobs.iter().for_each(|job| take(job, careful(&mut state, job)));
        }
        let mut waiting: VecDeque<(&J, Receiver<Option<R>>)> = VecDeque::new();
        let mut jobs = jobs.iter();
        loop {
            while waiting.len() < started * AHEAD
                && let Some(job) = jobs.next()
            {
                let (answer, result) = mpsc::channel();
                let _ = hand_out.send((job, answer)); // the queue is ours: it is still there
                waiting.push_back((job, result));
            }
            let Some((job, result)) = waiting.pop_front() else { break };
            take(job, result.recv().ok().flatten());
        }
    });
}

/// One of the threads waits for the next job, and the others for their turn to wait.
fn next<T>(queue: &Mutex<Receiver<T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use std::panic::{self, AssertUnwindSafe};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use super::{AHEAD, in_order};

    #[test]
    fn a_job_that_takes_long_holds_up_no_other_and_still_comes_first() {
        let (send, wait) = mpsc::channel();
        let (send, wait) = (Mutex::new(send), Mutex::new(wait));
        let work = |(): &mut (), job: &usize| match job {
            // It ends when a later one has.
            0 => wait.lock().is_ok_and(|wait| wait.recv_timeout(Duration::from_secs(60)).is_ok()),
            _ => send.lock().is_ok_and(|send| send.send(()).is_ok()),
        };
        let mut results = Vec::new();
        in_order(2, &[0, 1, 2, 3], || (), work, |job, result| results.push((*job, result)));
        assert_eq!(results, [0, 1, 2, 3].map(|job| (job, Some(true))));
    }

    #[test]
    fn a_crash_costs_one_result_and_what_the_thread_worked_with() {
        for threads in [1, 3] {
            let mut results = Vec::new();
            let work = |is_spoiled: &mut bool, job: &usize| {
                assert!(!*is_spoiled);
                *is_spoiled = job % 10 == 3;
                assert!(!*is_spoiled, "this crash is part of the test");
                job * 2
            };
            let jobs: Vec<usize> = (0..50).collect();
            in_order(threads, &jobs, || false, work, |_, result| results.push(result));
            let expected = jobs.iter().map(|job| (job % 10 != 3).then_some(job * 2));
            assert!(results.into_iter().eq(expected), "{threads} threads");
        }
    }

    #[test]
    fn few_results_wait() {
        let done = AtomicUsize::new(0);
        let (mut taken, mut most) = (0, 0);
        let work = |(): &mut (), _: &usize| done.fetch_add(1, Ordering::SeqCst);
        let jobs: Vec<usize> = (0..1000).collect();
        in_order(
            2,
            &jobs,
            || (),
            work,
            |_, _| {
                // All that were handed out are done before the next is taken.
                let handed_out = jobs.len().min(taken + 2 * AHEAD);
                while done.load(Ordering::SeqCst) < handed_out {
                    std::thread::yield_now();
                }
                most = most.max(done.load(Ordering::SeqCst) - taken);
                taken += 1;
            },
        );
        assert_eq!((taken, most), (1000, 2 * AHEAD));
    }

    #[test]
    fn a_crash_of_the_taker_ends_all() {
        let taker = || in_order(2, &[1; 100], || (), |(), job| *job, |_, _| panic!("this crash is part of the test"));
        assert!(panic::catch_unwind(AssertUnwindSafe(taker)).is_err());
    }
}
