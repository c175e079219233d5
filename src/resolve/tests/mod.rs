//! Tables of facts and what the real client did with them.

mod chain;
mod models;
mod region;
mod switches;
mod trust;

use std::path::PathBuf;

use crate::observe::client::{Install, Origin};
use crate::observe::rc_files::{Assignment, BlockState, Effect, RcFile, RcState};
use crate::observe::settings::{EnvEntry, Scope, Settings, SettingsFile, SettingsState};
use crate::observe::shells::{FreshShell, ShellOutcome};
use crate::observe::{LoginShell, Machine};
use crate::resolve::{Route, resolve};
use crate::secret::Secret;
use crate::shell::{Mode, ShellKind};
use crate::version::Version;
use crate::world::Env;

/// A machine under test, filled in one line.
struct Facts(Machine);

impl Facts {
    /// A home, no files, no variables, bash, no client (so the present one is meant).
    fn new() -> Self {
        let mut machine = Machine::empty(jiff::Timestamp::UNIX_EPOCH, "/home/u", "/home/u/project");
        machine.login_shell =
            Some(LoginShell { kind: ShellKind::Bash, program: PathBuf::from("/bin/bash"), from: "password database" });
        machine.aws.config.path = PathBuf::from("/home/u/.aws/config");
        machine.aws.credentials.path = PathBuf::from("/home/u/.aws/credentials");
        Self(machine)
    }

    /// As above with variables in the environment.
    fn env(pairs: &[(&str, &str)]) -> Self {
        let mut facts = Self::new();
        facts.0.environment = pairs.iter().copied().collect();
        facts
    }

    fn version(mut self, version: Version) -> Self {
        self.0.client.installs = vec![Install {
            path: PathBuf::from("/usr/bin/claude"),
            on_path: true,
            version: Ok(version),
            origin: Origin::Native,
            in_time: true,
            is_package: true,
        }];
        self
    }

    /// A settings file with an `env` block; its lines count from 3.
    fn settings(self, scope: Scope, env: &[(&str, &str)]) -> Self {
        self.settings_file(scope, |settings| {
            settings.env = env
                .iter()
                .enumerate()
                .map(|(index, (name, value))| {
                    ((*name).to_owned(), EnvEntry { value: (*value).to_owned(), line: index + 3, is_string: true })
                })
                .collect();
        })
    }

    fn settings_file(mut self, scope: Scope, fill: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        fill(&mut settings);
        let path = PathBuf::from(format!("/settings/{scope:?}.json"));
        self.0.settings.push(SettingsFile { scope, path, state: SettingsState::Read(settings) });
        self
    }

    /// What a fresh interactive bash reports.
    fn fresh(mut self, pairs: &[(&str, &str)]) -> Self {
        let environment: Env = pairs.iter().copied().collect();
        self.0.shells.push(FreshShell {
            kind: ShellKind::Bash,
            program: PathBuf::from("/bin/bash"),
            mode: Mode::Interactive,
            outcome: ShellOutcome::Reported { environment, stderr: String::new(), claude: None },
        });
        self
    }

    /// A whole block of ours on lines 10 to 15 of an rc file.
    fn block(mut self, shell: ShellKind, path: &str, values: &[(&str, &str)], claude_only: bool) -> Self {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let block = BlockState::Whole {
            first_line: 10,
            last_line: 15,
            values,
            lines: Default::default(),
            edited: false,
            claude_only,
        };
        let state = RcState::Read { block, assignments: Vec::new() };
        self.0.rc_files.push(RcFile { path: PathBuf::from(path), shell, state });
        self
    }

    /// An exporting line of an rc file.
    fn line(mut self, path: &str, line: usize, name: &str, value: &str) -> Self {
        let assignment = Assignment {
            line,
            text: format!("export {name}={value}"),
            name: name.to_owned(),
            value: Some(value.to_owned()),
            effect: Effect::Export,
            literal: true,
            alone: true,
        };
        let state = RcState::Read { block: BlockState::Absent, assignments: vec![assignment] };
        self.0.rc_files.push(RcFile { path: PathBuf::from(path), shell: ShellKind::Bash, state });
        self
    }

    /// A profile; the secret keys go where secrets go.
    fn profile(mut self, name: &str, properties: &[(&str, &str)]) -> Self {
        let profile = self.0.aws.profiles.entry(name.to_owned()).or_default();
        for (key, value) in properties {
            match *key {
                "aws_secret_access_key" => profile.secret_access_key = Some(Secret::new(*value)),
                "aws_session_token" => profile.session_token = Some(Secret::new(*value)),
                _ => {
                    profile.properties.insert((*key).to_owned(), (*value).to_owned());
                }
            }
        }
        self
    }

    fn sso_session(mut self, name: &str, properties: &[(&str, &str)]) -> Self {
        let section = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.0.aws.sso_sessions.insert(name.to_owned(), section);
        self
    }

    fn route(&self) -> Route {
        resolve(&self.0)
    }
}
