//! Starts other people's programs: bounded in time and output, and gone afterwards.
//!
//! A program runs in a session of its own: it has no controlling terminal, so that nothing in it can prompt there or
//! stop us with `SIGTTOU`, and one signal reaches everything it started. Dropping the future kills it, so Ctrl-C does.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessSession};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::{Instant, sleep_until, timeout};

/// Output beyond this is read and thrown away.
const MOST_OUTPUT: usize = 1 << 20;
/// After its end, what a program left in the pipes is still read for this long.
const DRAIN: Duration = Duration::from_millis(200);

/// What is to be started, and how it is watched.
pub struct Plan<'a> {
    /// Program, arguments, environment, directory; the streams are set here.
    pub command: Command,
    /// Text for its standard input; `None` is the null device.
    pub stdin: Option<String>,
    /// It is killed after this time.
    pub limit: Duration,
    /// A value in the environment of everything that it starts, and of nothing else: what left the session
    /// (`ssh-agent` from an rc file) is found and ended by it.
    pub mark: Option<&'a str>,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Standard output, at most [`MOST_OUTPUT`] bytes.
    pub stdout: Vec<u8>,
    /// Standard error, likewise.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub end: End,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself; its exit status, `None` when a signal ended it.
    Exited(Option<i32>),
    /// It had said what was wanted and was ended.
    Enough,
    /// It was killed at the limit.
    TimedOut,
}

/// Starts a program and waits until it ends, `enough` holds for its standard output, or the limit is reached.
///
/// # Errors
/// The program cannot be started.
pub async fn run(plan: Plan<'_>, enough: impl Fn(&[u8]) -> bool) -> io::Result<Outcome> {
    let Plan { mut command, stdin, limit, mark } = plan;
    command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let deadline = Instant::now() + limit;
    let child = CommandWrap::from(command).wrap(ProcessSession).wrap(KillOnDrop).spawn()?;
    let mut session = Session { leader: child.id().and_then(|id| i32::try_from(id).ok()), child, mark };
    if let (Some(text), Some(mut pipe)) = (stdin, session.child.stdin().take()) {
        // A short text fits into the pipe; a program that has closed it does not want it.
        let _ = timeout(limit, pipe.write_all(text.as_bytes())).await;
    }
    let (Some(mut stdout), Some(mut stderr)) = (session.child.stdout().take(), session.child.stderr().take()) else {
        return Err(io::Error::other("its output could not be read"));
    };
    let (mut out, mut err) = (Collected::default(), Collected::default());
    let mut exit = None;
    let mut until = deadline;
    let end = loop {
        tokio::select! {
            () = out.read(&mut stdout), if !out.closed => {
                if enough(&out.bytes) { break End::Enough; }
            }
            () = err.read(&mut stderr), if !err.closed => {}
            status = session.child.wait(), if exit.is_none() => {
                exit = Some(status.ok().and_then(|status| status.code()));
                // A background process may hold the pipes open for as long as it likes.
                until = deadline.min(Instant::now() + DRAIN);
            }
            () = sleep_until(until) => break exit.map_or(End::TimedOut, End::Exited),
        }
        if let (Some(code), true, true) = (exit, out.closed, err.closed) {
            break End::Exited(code);
        }
    };
    session.kill();
    let _ = timeout(DRAIN, async {
        while !err.closed {
            err.read(&mut stderr).await;
        }
        session.child.wait().await
    })
    .await;
    Ok(Outcome { stdout: out.bytes, stderr: err.bytes, end })
}

/// The bytes of one stream so far.
#[derive(Default)]
struct Collected {
    bytes: Vec<u8>,
    closed: bool,
}

impl Collected {
    /// Reads once. Cancel-safe: bytes are kept as they come.
    async fn read(&mut self, stream: &mut (impl AsyncRead + Unpin)) {
        let mut chunk = [0; 8192];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => self.closed = true,
            Ok(count) => {
                let room = MOST_OUTPUT.saturating_sub(self.bytes.len());
                self.bytes.extend_from_slice(&chunk[..count.min(room)]);
            }
        }
    }
}

/// A running program with all that it started; dropping it ends them.
struct Session<'a> {
    leader: Option<i32>,
    child: Box<dyn ChildWrapper>,
    mark: Option<&'a str>,
}

impl Session<'_> {
    fn kill(&mut self) {
        let Some(leader) = self.leader.take() else {
            return;
        };
        // The process group first, in one call; an interactive shell gives its jobs groups of their own, so then the rest.
        let _ = self.child.start_kill();
        for _ in 0..3 {
            let rest = members(leader, self.mark);
            if rest.is_empty() {
                break;
            }
            for process in rest {
                let _ = kill(process, Signal::SIGKILL);
            }
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Processes of a session, and those that carry the mark. Empty where there is no `/proc` (macOS): the group was killed.
fn members(session: i32, mark: Option<&str>) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let is_ours = |id: i32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // `pid (name) state ppid pgrp session …`; the name may hold spaces and parentheses.
        let mut fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        if fields.next() == Some("Z") {
            return false;
        }
        if fields.nth(2).and_then(|field| field.parse().ok()) == Some(session) {
            return true;
        }
        mark.is_some_and(|mark| {
            let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            bstr::ByteSlice::contains_str(environment.as_slice(), mark)
        })
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|&id| is_ours(id))
        .map(Pid::from_raw)
        .collect()
}
