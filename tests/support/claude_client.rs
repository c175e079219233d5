//! The real Claude Code client, in a home of its own, with nothing to phone.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::process::{self, Output};
use super::sandbox::Sandbox;
use super::tools;

/// The client that the facts were measured with; npm picks an older one when the version is not named.
pub const VERSION: &str = "2.1.330";

/// A run takes one to two seconds against a fake; a busy machine gets much more.
const LIMIT: Duration = Duration::from_secs(90);

/// Without these a refusal takes minutes, and the client may replace itself.
const SETTINGS: [(&str, &str); 2] = [("CLAUDE_CODE_MAX_RETRIES", "0"), ("DISABLE_AUTOUPDATER", "1")];

/// The installed client.
pub struct ClaudeClient {
    program: PathBuf,
}

impl ClaudeClient {
    /// Installs the client if it is not there, and returns it.
    pub fn get() -> Self {
        let place = tools::npm("@anthropic-ai/claude-code", VERSION, &format!("claude-{VERSION}"));
        Self { program: place.join("node_modules/.bin/claude") }
    }

    /// The executable.
    pub fn program(&self) -> &PathBuf {
        &self.program
    }

    /// Puts the real client on the `PATH` of the sandbox's runs, with the settings of [`Self::run`].
    pub fn install_into(&self, sandbox: Sandbox) -> Sandbox {
        let sandbox = sandbox.link_program("claude", &self.program);
        SETTINGS.iter().fold(sandbox, |sandbox, (key, value)| sandbox.env(key, value))
    }

    /// `claude -p PROMPT` in the sandbox.
    pub fn print(&self, sandbox: &Sandbox, prompt: &str) -> Output {
        self.run(sandbox, &["-p", prompt])
    }

    /// `claude auth status` in the sandbox: JSON, no network.
    pub fn auth_status(&self, sandbox: &Sandbox) -> Output {
        self.run(sandbox, &["auth", "status"])
    }

    /// The client with any arguments, bounded in time, without retries and updates.
    pub fn run(&self, sandbox: &Sandbox, arguments: &[&str]) -> Output {
        process::run(self.command(sandbox).args(arguments), LIMIT)
    }

    /// The client, to be started by the test itself; its standard input is closed.
    pub fn command(&self, sandbox: &Sandbox) -> Command {
        self.prepared(sandbox.program(&self.program))
    }

    /// The client as npm starts it where it could not put the native program in place: Node, which starts that.
    pub fn through_wrapper(&self, sandbox: &Sandbox) -> Command {
        let packages = self.program.ancestors().nth(2).expect("the program lies in node_modules/.bin");
        let mut command = sandbox.program(which::which("node").expect("this test needs node on the PATH"));
        command.arg(packages.join("@anthropic-ai/claude-code/cli-wrapper.cjs"));
        self.prepared(command)
    }

    fn prepared(&self, mut command: Command) -> Command {
        command.envs(SETTINGS);
        command
    }
}
