//! Real clients that run until the test has looked at them: the fake AWS never answers their turn.

use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use bedrockup::world::{Env, World};
use expectrl::{Eof, Expect, Session};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::claude_client::ClaudeClient;
use crate::support::fake_aws::account::Account;
use crate::support::fake_aws::log::Entry;
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};
use crate::support::process;
use crate::support::sandbox::Sandbox;

/// A client needs a second or two to its first turn; a busy machine gets much more.
pub const LIMIT: Duration = Duration::from_secs(90);

/// A fake AWS that leaves the first turns unanswered.
pub fn hanging(turns: u32) -> FakeAws {
    FakeAws::with(Account::default().rule(Rule::on("InvokeModelWithResponseStream", Behaviour::Hang).times(turns)))
}

/// A home with a project, keys and endpoints, in which nothing switches Bedrock on and no first-run dialog stands in the way.
pub fn sandbox(aws: &FakeAws) -> Sandbox {
    let sandbox = Sandbox::new().point_at(aws).env("TERM", "xterm-256color").cd("project");
    // The client names its directory without links.
    let project = sandbox.path("project").canonicalize().expect("a directory");
    let state = serde_json::json!({
        "hasCompletedOnboarding": true,
        "projects": { project.display().to_string(): { "hasTrustDialogAccepted": true } },
    });
    sandbox.file(".claude.json", state.to_string())
}

/// The world of a program that looks at this home from outside of it.
pub fn world(sandbox: &Sandbox) -> World {
    let mut world = World::real().expect("a world");
    world.env = Env::default();
    world.home = sandbox.home();
    world.directory = std::env::temp_dir();
    world
}

/// Turns that the fake was asked for.
pub fn turns(log: &[Entry]) -> impl Iterator<Item = &Entry> {
    log.iter().filter(|entry| entry.operation == "InvokeModelWithResponseStream")
}

/// Waits until the client is in its turn, and gives back what it asked.
pub fn call_of(aws: &FakeAws) -> Value {
    let log = aws.log().wait_until(LIMIT, |log| turns(log).next().is_some());
    turns(&log).next().and_then(|entry| entry.body.clone()).expect("a body")
}

/// A client that runs; it ends with this value.
pub struct Running {
    pid: u32,
    waiting: Option<Waiting>,
}

enum Waiting {
    Terminal(JoinHandle<()>),
    Process(Child),
}

/// The client in a terminal of its own, with a first prompt.
pub fn interactive(sandbox: &Sandbox) -> Running {
    let mut command = ClaudeClient::get().command(sandbox);
    command.arg("say hi").stdin(Stdio::inherit()); // The terminal, which the session puts in place.
    let mut session = Session::spawn(command).expect("a terminal");
    session.set_expect_timeout(None);
    let pid = session.get_process().pid().as_raw().try_into().expect("process ids fit");
    // A terminal that nobody reads from would stop the client.
    let terminal = std::thread::spawn(move || drop(session.expect(Eof)));
    Running { pid, waiting: Some(Waiting::Terminal(terminal)) }
}

impl Running {
    /// A client without a terminal, in a process group of its own.
    pub fn run(command: &mut Command, arguments: &[&str]) -> Self {
        use std::os::unix::process::CommandExt;
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let child = command.spawn().expect("a client");
        Self { pid: child.id(), waiting: Some(Waiting::Process(child)) }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Ends it as hard as it can be ended, and waits for that.
    pub fn kill(self) {}
}

impl Drop for Running {
    fn drop(&mut self) {
        match self.waiting.take() {
            Some(Waiting::Terminal(terminal)) => {
                let _ = kill(Pid::from_raw(self.pid.try_into().expect("process ids fit")), Signal::SIGKILL);
                let _ = terminal.join();
            }
            Some(Waiting::Process(mut child)) => {
                let _ = killpg(process::group(&child), Signal::SIGKILL);
                let _ = child.wait();
            }
            None => {}
        }
    }
}
