//! Runs of other programs, bounded in time, with everything that they said.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// What a program did.
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it warned of.
    pub stderr: Vec<u8>,
}

impl Output {
    /// Exit code; none after a signal.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Standard output as text.
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Standard output as JSON. Panics with what it was instead.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("no JSON on stdout ({error}): {self:?}"))
    }

    /// Asserts the exit code, and shows everything if it is another.
    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code(), Some(code), "{self:?}");
        self
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}\n--- stdout ---\n{}\n--- stderr ---\n{}", self.status, self.out(), self.err())
    }
}

/// Runs a program in a process group of its own. When `limit` passes, the group is killed and the test fails.
pub fn run(command: &mut Command, limit: Duration) -> Output {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
    let group = group(&child);
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let (ended, end) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let status = child.wait();
        let _ = ended.send(());
        status
    });
    let in_time = end.recv_timeout(limit).is_ok();
    if !in_time {
        let _ = killpg(group, Signal::SIGKILL);
    }
    let status = waiter.join().expect("the waiting thread does not panic").expect("a child can be waited for");
    // Grandchildren that outlive the program would keep the pipes open for ever.
    let _ = killpg(group, Signal::SIGKILL);
    let output = Output {
        status,
        stdout: stdout.join().expect("the reading thread does not panic"),
        stderr: stderr.join().expect("the reading thread does not panic"),
    };
    assert!(in_time, "{name} was still running after {limit:?}: {output:?}");
    output
}

/// The process group that a child started with `process_group(0)` leads.
pub fn group(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("process ids fit"))
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes); // what could be read is what is shown
        }
        bytes
    })
}
