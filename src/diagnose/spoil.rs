//! Ways to spoil the healthy machine's files, shells and settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::testing::Scene;
use crate::observe::LoginShell;
use crate::observe::client::{AuthStatus, Bundled, Install, Origin};
use crate::observe::launch::{Starts, of_command, of_lines};
use crate::observe::rc_files::{self, Assignment, BlockState, Effect, RcFile, RcState};
use crate::observe::running::Running;
use crate::observe::sessions::Session;
use crate::observe::settings::{EnvEntry, Scope, Settings, SettingsFile, SettingsState};
use crate::observe::shells::{FreshShell, ShellOutcome};
use crate::observe::surfaces::apps::App;
use crate::observe::surfaces::editors::{EditorSettings, FAMILIES, Keys, Level};
use crate::observe::surfaces::services::{Service, ServiceKind, StartsClient};
use crate::observe::wrappers::{Wrapper, WrapperKind};
use crate::shell::{Mode, ShellKind};
use crate::variables;
use crate::version::Version;

impl Scene {
    /// Changes the client that runs to another version.
    pub fn client(&mut self, version: Version) {
        for install in &mut self.machine.client.installs {
            install.version = Ok(version);
        }
    }

    /// `claude auth status` names this provider.
    pub fn client_says(&mut self, provider: &str) {
        self.machine.client.auth_status = Some(AuthStatus::Provider(provider.to_owned()));
    }

    /// Adds an install at the end of the list.
    pub fn install(&mut self, path: &str, on_path: bool, version: Result<Version, String>) {
        let path = PathBuf::from(path);
        let origin = if path.to_string_lossy().contains(".npm-global") { Origin::Npm } else { Origin::Unknown };
        self.machine.client.installs.push(Install { path, on_path, version, in_time: true, origin, is_package: true });
    }

    /// Adds settings in a scope.
    pub fn settings(&mut self, scope: Scope, settings: Settings) {
        self.settings_state(scope, SettingsState::Read(settings));
    }

    /// Adds a settings file in a state; the list stays in the order of strength.
    pub fn settings_state(&mut self, scope: Scope, state: SettingsState) {
        let path = match scope {
            Scope::Managed => PathBuf::from("/etc/claude-code/managed-settings.json"),
            Scope::Local => self.machine.directory.join(".claude/settings.local.json"),
            Scope::Project => self.machine.directory.join(".claude/settings.json"),
            Scope::User => self.machine.home.join(".claude/settings.json"),
            Scope::Flag => "--settings".into(),
            Scope::State => self.machine.home.join(".claude.json"),
        };
        self.machine.settings.push(SettingsFile { scope, path, state });
        self.machine.settings.sort_by_key(|file| file.scope);
    }

    /// Adds a settings file whose `env` sets these, from line 3 on.
    pub fn settings_env(&mut self, scope: Scope, entries: &[(&str, &str)]) {
        self.settings(scope, Settings { env: env(entries), ..Settings::default() });
    }

    /// Makes another shell the login shell: its files are missing, its fresh shells know nothing.
    pub fn login_shell(&mut self, kind: ShellKind) {
        let program = PathBuf::from(format!("/bin/{kind}"));
        self.machine.login_shell = Some(LoginShell { kind, program: program.clone(), from: "password database" });
        let environment = [("HOME", "/home/ada"), ("PATH", "/usr/bin:/bin")].into_iter().collect();
        let outcome = ShellOutcome::Reported { environment, stderr: String::new(), claude: None };
        self.machine.shells = Mode::ALL
            .map(|mode| FreshShell { kind, program: program.clone(), mode, outcome: outcome.clone() })
            .to_vec();
    }

    /// This process lacks every variable that routes.
    pub fn old_terminal(&mut self) {
        for name in variables::ROUTING {
            self.machine.environment.remove(name);
        }
    }

    /// Fresh shells in these modes lack every variable that routes.
    pub fn shells_lack(&mut self, modes: &[Mode]) {
        for shell in self.machine.shells.iter_mut().filter(|shell| modes.contains(&shell.mode)) {
            if let ShellOutcome::Reported { environment, .. } = &mut shell.outcome {
                for name in variables::ROUTING {
                    environment.remove(name);
                }
            }
        }
    }

    /// Fresh shells give a variable another value.
    pub fn shells_say(&mut self, name: &str, value: &str) {
        for shell in &mut self.machine.shells {
            if let ShellOutcome::Reported { environment, .. } = &mut shell.outcome {
                environment.set(name, value);
            }
        }
    }

    /// Something after the block gives a variable another value, or with `None` takes it away, here and in fresh shells.
    pub fn override_block(&mut self, name: &str, value: Option<&str>) {
        let shells = self.machine.shells.iter_mut().filter_map(|shell| match &mut shell.outcome {
            ShellOutcome::Reported { environment, .. } => Some(environment),
            _ => None,
        });
        for environment in shells.chain([&mut self.machine.environment]) {
            match value {
                Some(value) => environment.set(name, value),
                None => environment.remove(name),
            }
        }
    }

    /// Changes the block of one file below the home.
    pub fn block(&mut self, name: &str, state: BlockState) {
        let path = self.machine.home.join(name);
        for file in self.machine.rc_files.iter_mut().filter(|file| file.path == path) {
            if let RcState::Read { block, .. } = &mut file.state {
                *block = state.clone();
            }
        }
    }

    /// Adds an rc file without a block.
    pub fn rc_file(&mut self, name: &str, shell: ShellKind) {
        let path = self.machine.home.join(name);
        self.machine.rc_files.push(RcFile {
            path,
            shell,
            state: RcState::Read { block: BlockState::Absent, assignments: Vec::new() },
        });
    }

    /// Moves the block of `.bashrc` into another file of some shell and takes it out of all others.
    pub fn block_only_in(&mut self, name: &str, shell: ShellKind) {
        let whole = self.machine.rc_files.iter().find_map(|file| match &file.state {
            RcState::Read { block: whole @ BlockState::Whole { .. }, .. } => Some(whole.clone()),
            _ => None,
        });
        for file in &mut self.machine.rc_files {
            if let RcState::Read { block, .. } = &mut file.state {
                *block = BlockState::Absent;
            }
        }
        if self.machine.rc_files.iter().all(|file| file.path != self.machine.home.join(name)) {
            self.rc_file(name, shell);
        }
        self.block(name, whole.expect("the scene has a block"));
    }

    /// Adds a line to an rc file below the home, after the block.
    pub fn rc_line(&mut self, file: &str, name: &str, value: Option<&str>, effect: Effect) {
        let path = self.machine.home.join(file);
        let text = match (effect, value) {
            (Effect::Unset, _) => format!("unset {name}"),
            (Effect::Export, Some(value)) => format!("export {name}={value}"),
            (_, value) => format!("{name}={}", value.unwrap_or("$(computed)")),
        };
        let line = Assignment {
            line: 20,
            text: rc_files::shown(&text),
            name: name.to_owned(),
            value: value.map(str::to_owned),
            effect,
            literal: value.is_some(),
            alone: true,
        };
        for file in self.machine.rc_files.iter_mut().filter(|file| file.path == path) {
            if let RcState::Read { assignments, .. } = &mut file.state {
                assignments.push(line.clone());
            }
        }
    }
}

/// An `env` block of strings.
pub fn env(entries: &[(&str, &str)]) -> BTreeMap<String, EnvEntry> {
    let entry = |(at, (name, value)): (usize, &(&str, &str))| {
        ((*name).to_owned(), EnvEntry { value: (*value).to_owned(), line: at + 3, is_string: true })
    };
    entries.iter().enumerate().map(entry).collect()
}

impl Scene {
    /// An app with the client runs; what each of its processes was started with.
    pub fn app(&mut self, name: &'static str, environments: &[&[(&str, &str)]]) {
        let integration = self.machine.home.join(".vscode/extensions/anthropic.claude-code-2.1.330");
        let environments = environments.iter().map(|pairs| pairs.iter().copied().collect()).collect();
        self.machine.surfaces.apps.push(App { name, integration, environments });
    }

    /// The extension is installed in an editor's folder.
    pub fn extension(&mut self, editor: &'static str, (major, minor, patch): (u32, u32, u32)) {
        let version = Version(major, minor, patch);
        let path = self.machine.home.join(editor).join(format!("extensions/anthropic.claude-code-{version}"));
        self.machine.client.bundled.push(Bundled { path, editor, version });
    }

    /// The user's settings of an editor.
    pub fn editor(&mut self, editor: &'static str, keys: Keys) {
        self.editor_at(editor, Level::User, keys);
    }

    /// Settings of an editor at some level.
    pub fn editor_at(&mut self, editor: &'static str, level: Level, keys: Keys) {
        let folder = FAMILIES.iter().find(|family| family.name == editor).expect("an editor").configuration;
        let below = if level == Level::Profile { "User/profiles/work" } else { "User" };
        let path = self.machine.home.join(".config").join(folder).join(below).join("settings.json");
        self.machine.surfaces.editors.push(EditorSettings { editor, path, level, keys: Ok(keys) });
    }

    /// Something of the name `claude` stands before the client: the lines of a script or a function, the text of an alias.
    pub fn wrapper(&mut self, kind: WrapperKind, text: &str) {
        let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(at, line)| (at + 1, line)).collect();
        let launch = of_lines(&lines, ShellKind::Bash, Starts::Wrapped).expect("it starts something");
        let path = self.machine.home.join(if kind == WrapperKind::Script { "bin/claude" } else { ".bashrc" });
        self.machine.wrappers.push(Wrapper { kind, place: Some((path, 12)), launch, missing: None });
    }

    /// A definition starts the client by this command.
    pub fn service(&mut self, kind: ServiceKind, command: &str, environment: &[(&str, &str)]) {
        let launch = of_command(command, Starts::Named).expect("it starts the client");
        self.machine.surfaces.services.push(Service {
            kind,
            name: "board.service".to_owned(),
            path: self.machine.home.join(".config/systemd/user/board.service"),
            line: 5,
            command: command.to_owned(),
            starts: StartsClient::Itself,
            environment: env(environment),
            reads_more: launch.reads_shell_files,
            launch,
        });
    }

    /// A session runs since then, started with these variables.
    pub fn session(&mut self, started: jiff::Timestamp, environment: &[(&str, &str)]) {
        let session = Session {
            pid: 4242,
            started: Some(started),
            directory: Some(self.machine.directory.clone()),
            version: None,
            session_id: None,
            name: None,
            kind: None,
            entrypoint: None,
            status: None,
            program: None,
            environment: Ok(environment.iter().copied().collect()),
            flags_known: true,
            settings: Vec::new(),
            unread_settings: Vec::new(),
            aws: self.machine.aws.clone(),
        };
        self.machine.running.push(Running { session, expired: None });
    }
}
