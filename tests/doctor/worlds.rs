//! Machines of which more than home and environment differs: the login shell of the password database, the root of the
//! system, other people's processes. doctor runs in this process there, in a world of the test's own.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use bedrockup::cli::{Cli, Command};
use bedrockup::commands;
use bedrockup::report::Style;
use bedrockup::world::{Clock, Terminal, User, World};
use clap::Parser;

use super::ready::Ready;
use super::report::Report;
use super::secrets;
use crate::support::process::{self, Output};

impl Ready {
    /// A file below the root of the test's own system.
    pub fn system_file(&self, path: &str, text: &str) {
        let path = self.system_root().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }

    fn system_root(&self) -> PathBuf {
        self.sandbox.home().with_file_name("root")
    }

    /// `bedrockup doctor --json` where this is the login shell, and the system is what the test wrote.
    #[track_caller]
    pub fn diagnose_with_login_shell(&self, shell: &str) -> Report {
        let shell = which::which(shell).unwrap_or_else(|_| panic!("{shell} is not installed; ./test.sh installs it"));
        self.diagnose_in(|world| world.user.shell = Some(shell))
    }

    /// The same in a world that the test changes.
    #[track_caller]
    pub fn diagnose_in(&self, change: impl FnOnce(&mut World)) -> Report {
        let command = self.sandbox.program("true");
        let pairs = command.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?)));
        let mut world = World {
            env: pairs.collect(),
            home: self.sandbox.home(),
            directory: command.get_current_dir().expect("a directory").to_owned(),
            system_root: self.system_root(),
            user: User {
                uid: nix::unistd::geteuid().as_raw(),
                gid: nix::unistd::getegid().as_raw(),
                name: Some("alice".to_owned()),
                home: Some(self.sandbox.home()),
                shell: Some("/bin/bash".into()),
            },
            terminal: Terminal::default(),
            clock: Clock::System,
        };
        change(&mut world);
        let line = ["bedrockup", "doctor", "--json"].map(str::to_owned).into_iter().chain(self.flags.clone());
        let Some(Command::Doctor(args)) = Cli::try_parse_from(line).expect("flags of doctor").command else {
            panic!("it is doctor that was asked for");
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let outcome = runtime.block_on(commands::doctor::run(&world, &args, Style::PLAIN));
        let output = Output {
            status: ExitStatus::from_raw((outcome.exit as i32) << 8),
            stdout: outcome.out.into_bytes(),
            stderr: outcome.messages.join("\n").into_bytes(),
        };
        secrets::assert_none_in(&output, &self.secrets);
        Report::read(output)
    }

    /// A process of this name runs in this home with this environment, until it is dropped.
    pub fn runs(&self, program: &str, environment: &[(&str, &str)]) -> Running {
        let root = self.sandbox.home().with_file_name("apps");
        let (draft, path) = (root.join("draft").join(program), root.join(program));
        std::fs::create_dir_all(draft.parent().expect("a parent")).expect("a directory");
        std::fs::write(&draft, "#!/bin/sh\nread -r line\n").expect("a draft");
        // Copied by another process: see `Sandbox::script`.
        let mut install = self.sandbox.program("/usr/bin/install");
        process::run(install.args(["-m", "755"]).arg(&draft).arg(&path), Duration::from_secs(60)).exits(0);
        let mut command = std::process::Command::new(path);
        command.env_clear().env("HOME", self.sandbox.home()).envs(environment.iter().copied());
        command.current_dir(self.sandbox.path("work")).stdin(Stdio::piped());
        Running(command.spawn().expect("it starts"))
    }
}

/// A process that ends with the test.
pub struct Running(Child);

impl Running {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
