//! One run of questions: each is bounded, watched and written down; none can take the others with it.

use std::any::Any;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::task::{AbortHandle, JoinError};
use tokio::time::Instant;

use super::trail::Seen;
use crate::aws::answer::{Answer, Asked, CheckStatus, Hop};

/// What the caller sees while questions are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A question was sent; its name.
    Started(String),
    /// A walk through pages goes on: its name, and how far it has come.
    Walked(String, Seen),
    /// It is over.
    Finished(Asked),
    /// The tagged call was answered: what to look for by hand, should the wait for its event be cut short.
    Sent {
        /// AWS's id of the request.
        request_id: String,
        /// The model that was called.
        model: String,
        /// The region in whose history the event will be.
        region: String,
        /// For how long it will be waited for.
        wait: Duration,
    },
}

/// How long a question waits before its second try. A server's failure may take a moment to pass, a reset is over at once.
const AFTER_RESET: Duration = Duration::from_millis(100);
const AFTER_SERVER_ERROR: Duration = Duration::from_secs(2);
/// What is kept back at the end, so that an answer at hand is still told.
const RESERVE: Duration = Duration::from_millis(50);

/// The questions of one run.
pub struct Run<'a> {
    deadline: Instant,
    progress: &'a (dyn Fn(Progress) + Sync),
    log: Mutex<Vec<Asked>>,
}

/// Why work came to no result of its own.
pub enum Stopped {
    /// The time of the run was over.
    TimedOut,
    /// It panicked; what was said.
    Crashed(String),
}

impl<'a> Run<'a> {
    /// A run that ends at the deadline, whatever hangs.
    pub fn new(deadline: Instant, progress: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self { deadline, progress, log: Mutex::default() }
    }

    /// Asks one question, a second time where the first try met a reset or a failure of the server.
    pub async fn question<T, F, W>(&self, name: impl Into<String>, ask: F) -> Answer<T>
    where
        T: Clone + Send + 'static,
        F: Fn() -> W + Send + 'static,
        W: Future<Output = Answer<T>> + Send + 'static,
    {
        let deadline = self.deadline;
        let work = async move {
            let first = ask().await;
            let Some(pause) = pause(&first) else { return (first, None) };
            let left = deadline.saturating_duration_since(Instant::now());
            tokio::time::sleep(pause.min(left / 4)).await;
            let until = deadline.checked_sub(RESERVE).unwrap_or(deadline);
            match tokio::time::timeout_at(until, ask()).await {
                Ok(second) => (second, Some(format!("second try; the first: {}", reason(&first).unwrap_or_default()))),
                Err(_) => (first, None),
            }
        };
        let done = self.work(name, work, |(answer, note)| {
            let why = reason(answer);
            (status(answer), [why, note.clone()].into_iter().flatten().reduce(|why, note| format!("{why} ({note})")))
        });
        match done.await {
            Ok((answer, _)) => answer,
            Err(Stopped::TimedOut) => Answer::TimedOut,
            Err(Stopped::Crashed(what)) => Answer::Crashed(what),
        }
    }

    /// Does work in a task of its own, until the deadline.
    pub async fn work<T: Send + 'static>(
        &self,
        name: impl Into<String>,
        work: impl Future<Output = T> + Send + 'static,
        judge: impl FnOnce(&T) -> (CheckStatus, Option<String>),
    ) -> Result<T, Stopped> {
        let name = name.into();
        let started = Instant::now();
        let place = self.begin(&name);
        let mut task = tokio::spawn(work);
        // When the whole run is dropped (Ctrl-C), its questions and the helpers that they run end too.
        let _end = AbortOnDrop(task.abort_handle());
        let result = match tokio::time::timeout_at(self.deadline, &mut task).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Stopped::Crashed(words(error))),
            Err(_) => Err(Stopped::TimedOut),
        };
        let (status, reason) = match &result {
            Ok(value) => judge(value),
            Err(Stopped::TimedOut) => (CheckStatus::TimedOut, Some("no answer before the time was over".to_owned())),
            Err(Stopped::Crashed(what)) => (CheckStatus::Crashed, Some(what.clone())),
        };
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.end(place, Asked { name, status, milliseconds, reason });
        result
    }

    /// Writes down work that has bounds of its own and runs where it is, so that it may borrow.
    pub async fn watch<T>(
        &self,
        name: impl Into<String>,
        work: impl Future<Output = T>,
        judge: impl FnOnce(&T) -> (CheckStatus, Option<String>),
    ) -> T {
        let name = name.into();
        let started = Instant::now();
        let place = self.begin(&name);
        let value = work.await;
        let (status, reason) = judge(&value);
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.end(place, Asked { name, status, milliseconds, reason });
        value
    }

    /// How much time is left.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Writes down that a question is not asked.
    pub fn skip<T>(&self, name: impl Into<String>, reason: &str) -> Answer<T> {
        let name = name.into();
        let place = self.begin(&name);
        let reason_shown = Some(reason.to_owned());
        self.end(place, Asked { name, status: CheckStatus::Skipped, milliseconds: 0, reason: reason_shown });
        Answer::NotAsked(reason.to_owned())
    }

    /// Writes down that a question was not waited for; whoever calls has dropped it.
    pub fn give_up<T>(&self, name: &str, why: &str) -> Answer<T> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let place = log.iter().rposition(|asked| asked.name == name).unwrap_or(log.len());
        drop(log);
        let (name, reason) = (name.to_owned(), Some(why.to_owned()));
        self.end(place, Asked { name, status: CheckStatus::Skipped, milliseconds: 0, reason });
        Answer::NotAsked(why.to_owned())
    }

    /// The list of checks, in the order in which they began.
    pub fn into_log(self) -> Vec<Asked> {
        self.log.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, name: &str) -> usize {
        let open = Asked { name: name.to_owned(), status: CheckStatus::TimedOut, milliseconds: 0, reason: None };
        let place = {
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push(open);
            log.len() - 1
        };
        (self.progress)(Progress::Started(name.to_owned()));
        place
    }

    fn end(&self, place: usize, asked: Asked) {
        if let Some(entry) = self.log.lock().unwrap_or_else(PoisonError::into_inner).get_mut(place) {
            *entry = asked.clone();
        }
        (self.progress)(Progress::Finished(asked));
    }
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How long to wait before a second try; `None` where the first says enough.
fn pause<T>(answer: &Answer<T>) -> Option<Duration> {
    match answer {
        Answer::Unreachable(failure) if failure.may_pass() => Some(AFTER_RESET),
        // The client tries again after these too; once is nothing.
        Answer::Refused(refusal) if refusal.status >= 500 || refusal.status == 429 => Some(AFTER_SERVER_ERROR),
        _ => None,
    }
}

/// What may have passed by the time of a second try.
pub fn passes<T>(answer: &Answer<T>) -> bool {
    pause(answer).is_some()
}

/// How an answer shows in the list of checks.
pub fn status<T>(answer: &Answer<T>) -> CheckStatus {
    match answer {
        Answer::Got(_) => CheckStatus::Passed,
        Answer::Unreachable(failure) if failure.hop == Hop::FirstByte || failure.detail.contains(" within ") => {
            CheckStatus::TimedOut
        }
        Answer::Refused(_) | Answer::Unreachable(_) => CheckStatus::Failed,
        Answer::TimedOut => CheckStatus::TimedOut,
        Answer::NotAsked(_) => CheckStatus::Skipped,
        Answer::Crashed(_) => CheckStatus::Crashed,
    }
}

/// Why an answer is not the one that was wanted, in a line.
pub fn reason<T>(answer: &Answer<T>) -> Option<String> {
    match answer {
        Answer::Got(_) => None,
        Answer::Refused(refusal) => {
            let code = if refusal.code.is_empty() { String::new() } else { format!(" {}", refusal.code) };
            Some(format!("{}{code}: {}", refusal.status, refusal.message.lines().next().unwrap_or_default()))
        }
        Answer::Unreachable(failure) => Some(format!("{}: {}", failure.host, failure.detail)),
        Answer::TimedOut => Some("no answer before the time was over".to_owned()),
        Answer::NotAsked(why) | Answer::Crashed(why) => Some(why.clone()),
    }
}

/// What a panic said.
fn words(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(payload) => said(payload.as_ref()),
        Err(error) => error.to_string(),
    }
}

/// What a panic said, from its payload.
pub fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::aws::answer::{NetworkFailure, Refusal, STALLED};

    /// Short, since the pause before a second try is a part of what is left.
    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(800)
    }

    #[tokio::test]
    async fn a_crash_is_told_and_the_others_still_come() {
        let seen = Mutex::new(Vec::new());
        let progress = |event| seen.lock().expect("no panic while locked").push(event);
        let run = Run::new(soon(), &progress);
        let (crashed, well) = tokio::join!(
            run.question("first", || async { panic!("index out of bounds") as Answer<u8> }),
            run.question("second", || async { Answer::Got(2) }),
        );
        assert_eq!(crashed, Answer::Crashed("index out of bounds".into()));
        assert_eq!(well, Answer::Got(2));
        let log = run.into_log();
        assert_eq!(
            log.iter().map(|asked| asked.status).collect::<Vec<_>>(),
            [CheckStatus::Crashed, CheckStatus::Passed]
        );
        assert_eq!(seen.into_inner().expect("no panic while locked").len(), 4);
    }

    #[tokio::test]
    async fn a_hanging_question_ends_with_the_run() {
        let run = Run::new(soon(), &|_| ());
        let hanging: Answer<u8> = run.question("hangs", std::future::pending).await;
        assert_eq!(hanging, Answer::TimedOut);
        assert_eq!(run.into_log()[0].status, CheckStatus::TimedOut);
    }

    #[tokio::test]
    async fn resets_and_server_errors_get_a_second_try_and_refusals_none() {
        let failed = |hop, detail: &str| {
            Answer::Unreachable(NetworkFailure { host: "h".into(), hop, detail: detail.to_owned() })
        };
        let reset = failed(Hop::Reset, "client error (Connect): Connection reset by peer");
        let no_tunnel = failed(Hop::Proxy, "tunnel error: io error establishing tunnel");
        let no_proxy = failed(Hop::Proxy, "tcp connect error");
        let cut = failed(Hop::Stream, "the stream ended before the message did");
        let stalled = failed(Hop::Stream, &format!("the stream {STALLED}"));
        let not_let_through = failed(Hop::ProxyRefusal, "tunnel error: unsuccessful");
        let refused = |status| {
            Answer::Refused(Refusal {
                status,
                code: "C".into(),
                message: "m".into(),
                request_id: None,
                content_type: None,
            })
        };
        for (first, tries) in [
            (reset, 2),
            (no_tunnel, 2),
            (cut, 2),
            (stalled, 1),
            (not_let_through, 2),
            (no_proxy, 1),
            (refused(503), 2),
            (refused(403), 1),
        ] {
            let run = Run::new(soon(), &|_| ());
            let asked = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&asked);
            let answer = run
                .question("q", move || {
                    let nth = counter.fetch_add(1, Ordering::SeqCst);
                    let answer = if nth == 0 { first.clone() } else { Answer::Got(7) };
                    async move { answer }
                })
                .await;
            assert_eq!(asked.load(Ordering::SeqCst), tries);
            assert_eq!(answer.got().is_some(), tries == 2);
        }
    }
}
