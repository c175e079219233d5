//! A machine whose files are written, and runs of the program on it.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use bedrockup::cli::{Cli, Command};
use bedrockup::commands::doctor;
use bedrockup::report::Style;
use bedrockup::world::World;
use clap::Parser;

use super::report::Report;
use super::secrets;
#[cfg(target_os = "linux")]
use crate::support::confined::{Network, confine};
use crate::support::fake_aws::FakeAws;
use crate::support::https_proxy::HttpsProxy;
use crate::support::process;
use crate::support::sandbox::Sandbox;

/// How long one run may take before the test fails; far more than any run needs, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// A machine that stands ready for runs of the program.
pub struct Ready {
    /// What it calls AWS.
    pub aws: FakeAws,
    /// Its home and environment.
    pub sandbox: Sandbox,
    /// Flags of every run of doctor.
    pub flags: Vec<String>,
    /// Texts of this test that no output may hold.
    pub(super) secrets: Vec<String>,
    /// Kept alive as long as the machine.
    #[expect(dead_code, reason = "it serves until it is dropped")]
    pub(super) proxy: Option<HttpsProxy>,
}

impl Ready {
    /// `bedrockup doctor --json` on this machine.
    #[track_caller]
    pub fn diagnose(&self) -> Report {
        // A renewed sign-in is written back, as every AWS tool does: the old refresh token may be void.
        let tree = || {
            self.sandbox.tree().into_iter().filter(|(path, _)| !path.starts_with(".aws/sso/cache")).collect::<Vec<_>>()
        };
        let before = tree();
        let arguments = ["doctor", "--json"].map(str::to_owned).into_iter().chain(self.flags.clone());
        let report = Report::read(self.run(arguments));
        assert_eq!(tree(), before, "doctor changed the home");
        report
    }

    /// The same within this process, where the world may be another one: a root directory, a login shell, a user.
    #[track_caller]
    pub fn diagnose_in(&self, change: impl FnOnce(&mut World)) -> Report {
        Report::read(self.doctor_in(&["--json"], change))
    }

    /// `bedrockup doctor --json` where `/etc/hosts` and the network are this, and no name server answers.
    #[cfg(target_os = "linux")]
    #[track_caller]
    pub fn diagnose_confined(&self, hosts: &str, network: Network) -> Report {
        let arguments = ["doctor", "--json"].map(str::to_owned).into_iter().chain(self.flags.clone());
        let place = self.sandbox.home().parent().expect("the sandbox").to_owned();
        let mut command = confine(&self.sandbox.command(arguments), &place, hosts, network);
        let output = process::run(&mut command, LIMIT);
        secrets::assert_none_in(&output, &self.secrets);
        Report::read(output)
    }

    /// Doctor with further words, within this process.
    #[track_caller]
    pub fn doctor_in(&self, words: &[&str], change: impl FnOnce(&mut World)) -> process::Output {
        let mut world = self.sandbox.world();
        change(&mut world);
        let words = ["bedrockup", "doctor"].iter().chain(words).map(|&word| word.to_owned()).chain(self.flags.clone());
        let Some(Command::Doctor(args)) = Cli::try_parse_from(words).expect("a command line").command else {
            panic!("doctor was asked for");
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let outcome = runtime.block_on(Box::pin(doctor::run(&world, &args, Style::of(&world))));
        runtime.shutdown_background();
        let output = process::Output {
            status: ExitStatusExt::from_raw(i32::from(outcome.exit as u8) << 8),
            stdout: outcome.out.into_bytes(),
            stderr: outcome.messages.join("\n").into_bytes(),
        };
        secrets::assert_none_in(&output, &self.secrets);
        output
    }

    /// Any command on this machine. No secret may be in what it prints.
    #[track_caller]
    pub fn run(&self, arguments: impl IntoIterator<Item = String>) -> process::Output {
        let output = process::run(&mut self.sandbox.command(arguments), LIMIT);
        secrets::assert_none_in(&output, &self.secrets);
        output
    }
}
