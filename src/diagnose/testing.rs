//! A machine on which all is well, to be spoiled by one fact at a time.
//!
//! It is the base of the field reports: Linux, bash, the block whole and loaded (`us-east-1`), client 2.1.330, `[default]`
//! with long-lived keys of account 111111111111 that STS knows, opus, sonnet and haiku pinned to listed `us.` ids, every
//! access field positive, every call answered, the clock right.

mod answers;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

pub use answers::{CONTROL_HOST, NO_IDENTITY, RUNTIME_HOST, STS_HOST, answering, denial, listed, refusal};

use super::proof::Proof;
use super::{Case, Finding, Severity, diagnose};
use crate::aws::answer::{Answer, Answers, Identity, Obtained};
use crate::aws::logging::Logging;
use crate::observe::aws_files::{AwsFile, AwsFiles, FileState, Profile};
use crate::observe::client::{AuthStatus, Client, Install, Origin};
use crate::observe::host::Host;
use crate::observe::rc_files::{BlockState, RcFile, RcState};
use crate::observe::shells::{FreshShell, ShellOutcome};
use crate::observe::{LoginShell, Machine, ReceiptFacts};
use crate::resolve;
use crate::secret::Secret;
use crate::shell::{Mode, ShellKind};
use crate::variables;
use crate::version::Version;
use crate::world::Env;

/// The account of the healthy machine.
pub const ACCOUNT: &str = "111111111111";
/// Its key id.
pub const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
/// Its opus pin.
pub const OPUS: &str = "us.anthropic.claude-opus-4-8";
/// Its sonnet pin.
pub const SONNET: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
/// Its haiku pin.
pub const HAIKU: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

/// Facts of one machine, to be changed and then diagnosed.
pub struct Scene {
    /// Local facts.
    pub machine: Machine,
    /// What AWS says.
    pub answers: Answers,
    /// What `verify` and `usage` saw.
    pub proof: Proof,
}

impl Scene {
    /// The healthy machine.
    pub fn healthy() -> Self {
        let now: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a valid time");
        let home = PathBuf::from("/home/ada");
        let values = BTreeMap::from(
            [
                (variables::USE_BEDROCK, "1"),
                (variables::REGION, "us-east-1"),
                (variables::OPUS_MODEL, OPUS),
                (variables::SONNET_MODEL, SONNET),
                (variables::HAIKU_MODEL, HAIKU),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let mut environment: Env =
            [("HOME", "/home/ada"), ("PATH", "/usr/bin:/bin"), ("SHELL", "/bin/bash")].into_iter().collect();
        for (name, value) in &values {
            environment.set(name, value);
        }
        let shells = Mode::ALL
            .map(|mode| FreshShell {
                kind: ShellKind::Bash,
                program: PathBuf::from("/bin/bash"),
                mode,
                outcome: ShellOutcome::Reported {
                    environment: environment.clone(),
                    stderr: String::new(),
                    claude: None,
                },
            })
            .to_vec();
        let rc_files = [".bashrc", ".profile"]
            .map(|name| RcFile {
                path: home.join(name),
                shell: ShellKind::Bash,
                state: RcState::Read {
                    block: BlockState::Whole {
                        first_line: 3,
                        last_line: 10,
                        values: values.clone(),
                        lines: BTreeMap::new(),
                        edited: false,
                        claude_only: false,
                    },
                    assignments: Vec::new(),
                },
            })
            .to_vec();
        let default = Profile {
            properties: BTreeMap::from([("aws_access_key_id".to_owned(), KEY_ID.to_owned())]),
            secret_access_key: Some(Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")),
            session_token: None,
        };
        let machine = Machine {
            directory: home.join("work"),
            home: home.clone(),
            now,
            environment,
            login_shell: Some(LoginShell {
                kind: ShellKind::Bash,
                program: PathBuf::from("/bin/bash"),
                from: "password database",
            }),
            shells,
            rc_files,
            guards: Vec::new(),
            settings: Vec::new(),
            exposed: Vec::new(),
            unread_settings: Vec::new(),
            helpers: Vec::new(),
            client: Client {
                installs: vec![Install {
                    path: home.join(".local/bin/claude"),
                    on_path: true,
                    version: Ok(Version(2, 1, 330)),
                    origin: Origin::Native,
                    in_time: true,
                    is_package: true,
                }],
                traces: vec![home.join(".claude")],
                auth_status: Some(AuthStatus::Provider("bedrock".to_owned())),
                bundled: Vec::new(),
            },
            aws: AwsFiles {
                config: AwsFile { path: home.join(".aws/config"), ..AwsFile::default() },
                credentials: AwsFile {
                    path: home.join(".aws/credentials"),
                    state: FileState::Read,
                    ..AwsFile::default()
                },
                profiles: BTreeMap::from([("default".to_owned(), default)]),
                ..AwsFiles::default()
            },
            host: Host::default(),
            receipt: Some(ReceiptFacts {
                files: vec![home.join(".bashrc"), home.join(".profile")],
                profile: None,
                region: Some("us-east-1".to_owned()),
                written: None,
            }),
            log: Vec::new(),
            ..Machine::empty(now, home.clone(), home.join("work"))
        };
        let answers = Answers {
            credentials: Answer::Got(Obtained { key_id: KEY_ID.to_owned(), expires: None, milliseconds: 0 }),
            credential_failure: None,
            account_roles: Answer::NotAsked("no role was refused".to_owned()),
            identity: Answer::Got(Identity {
                account: ACCOUNT.to_owned(),
                arn: format!("arn:aws:iam::{ACCOUNT}:user/ada"),
                user_id: "AIDACKCEVSQ6C2EXAMPLE".to_owned(),
            }),
            identity_global: Answer::NotAsked("the regional answer is enough".to_owned()),
            identity_elsewhere: Answer::NotAsked("the regional answer is enough".to_owned()),
            identity_hidden: Answer::NotAsked("nothing is hidden".to_owned()),
            profiles: Answer::Got([OPUS, SONNET, HAIKU].map(listed).to_vec()),
            models: [OPUS, SONNET, HAIKU].map(answering).to_vec(),
            features: Vec::new(),
            use_case_form: Answer::NotAsked("no call was refused".to_owned()),
            quotas: Answer::Got(Vec::new()),
            logging: Answer::Got(Logging { on: true, ..Logging::default() }),
            recorded: Vec::new(),
            region_enabled: Answer::NotAsked("the regional answer needs no second look".to_owned()),
            elsewhere: Vec::new(),
            simulation: Answer::NotAsked("no call was denied".to_owned()),
            data_retention: Answer::NotAsked("no call was refused".to_owned()),
            clock_offset: Some(SignedDuration::ZERO),
            ca_files: Vec::new(),
            hosts: Vec::new(),
            past_the_proxy: Vec::new(),
            log: Vec::new(),
        };
        Self { machine, answers, proof: Proof::default() }
    }

    /// Takes our block out of every rc file, and its values out of every fresh shell.
    pub fn forget_block(&mut self) {
        for file in &mut self.machine.rc_files {
            if let RcState::Read { block, .. } = &mut file.state {
                *block = BlockState::Absent;
            }
        }
        for shell in &mut self.machine.shells {
            if let ShellOutcome::Reported { environment, .. } = &mut shell.outcome {
                for name in variables::ROUTING {
                    environment.remove(name);
                }
            }
        }
        self.machine.receipt = None;
    }

    /// Sets a variable in this process and in every fresh shell, outside the block.
    pub fn set(&mut self, name: &str, value: &str) {
        self.machine.environment.set(name, value);
        for shell in &mut self.machine.shells {
            if let ShellOutcome::Reported { environment, .. } = &mut shell.outcome {
                environment.set(name, value);
            }
        }
    }

    /// Sets a variable as `setup` would: in the block of every rc file too.
    pub fn configure(&mut self, name: &str, value: &str) {
        self.set(name, value);
        for file in &mut self.machine.rc_files {
            if let RcState::Read { block: BlockState::Whole { values, .. }, .. } = &mut file.state {
                values.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Removes a variable from this process and from every fresh shell.
    pub fn unset(&mut self, name: &str) {
        self.machine.environment.remove(name);
        for shell in &mut self.machine.shells {
            if let ShellOutcome::Reported { environment, .. } = &mut shell.outcome {
                environment.remove(name);
            }
        }
    }

    /// Takes the keys of `[default]` away, and every other profile.
    pub fn forget_profiles(&mut self) {
        self.machine.aws.profiles.clear();
    }

    /// Adds a profile with these properties, and chooses it by `AWS_PROFILE`.
    pub fn choose_profile(&mut self, name: &str, properties: &[(&str, &str)]) {
        let properties = properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let profile = Profile { properties, ..Profile::default() };
        self.machine.aws.config.state = FileState::Read;
        self.machine.aws.profiles.insert(name.to_owned(), profile);
        self.set(variables::PROFILE, name);
    }

    /// The findings on this machine.
    pub fn findings(&self) -> Vec<Finding> {
        let route = resolve::resolve(&self.machine);
        let models = match self.answers.profiles.got() {
            Some(profiles) => resolve::models::with_profiles(&route, &self.machine, profiles),
            None => route.models.clone(),
        };
        let case =
            Case { machine: &self.machine, route: &route, models: &models, answers: &self.answers, proof: &self.proof };
        let (findings, crashed) = diagnose(&case);
        assert!(crashed.is_empty(), "crashed: {crashed:?}");
        findings
    }

    /// The first finding has this name; gives it back for a closer look.
    #[track_caller]
    pub fn expect_first(&self, name: &str) -> Finding {
        let mut findings = self.findings();
        let names: Vec<_> = findings.iter().map(|finding| (finding.name, finding.severity)).collect();
        assert_eq!(findings.first().map(|finding| finding.name), Some(name), "found: {names:?}");
        findings.remove(0)
    }

    /// There is a finding of this name, wherever it stands; gives it back.
    #[track_caller]
    pub fn expect(&self, name: &str) -> Finding {
        let findings = self.findings();
        let names: Vec<_> = findings.iter().map(|finding| finding.name).collect();
        findings
            .iter()
            .find(|finding| finding.name == name)
            .cloned()
            .unwrap_or_else(|| panic!("{name} is not among {names:?}"))
    }

    /// There is no finding of this name.
    #[track_caller]
    pub fn expect_absent(&self, name: &str) {
        let findings = self.findings();
        assert!(findings.iter().all(|finding| finding.name != name), "{findings:?}");
    }
}

#[test]
fn the_healthy_machine_is_healthy() {
    let findings = Scene::healthy().findings();
    assert!(findings.iter().all(|finding| finding.severity == Severity::Note), "{findings:?}");
}
