//! Every question to AWS, asked in-process of the fake AWS: what comes back as facts.

mod credentials;
mod findings;
mod healthy;
mod helpers;
mod network;
mod refusals;

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use bedrockup::ask::{Options, Progress, ask};
use bedrockup::aws::answer::{Answers, Asked, CheckStatus};
use bedrockup::observe::Machine;
use bedrockup::observe::aws_files::Profile;
use bedrockup::resolve::{Route, resolve};
use bedrockup::secret::Secret;
use bedrockup::world::{Clock, Env, Terminal, User, World};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::support::fake_aws::FakeAws;
use crate::support::fake_aws::account::{self, GOOD_KEY};

pub const OPUS: &str = "us.anthropic.claude-opus-5-5";
pub const SONNET: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
pub const HAIKU: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

/// Secrets that no fact may ever show.
pub const CANARIES: [&str; 7] = [
    GOOD_KEY.1,
    account::SESSION_KEY.1,
    account::GOOD_SESSION_TOKEN,
    account::GOOD_BEARER,
    account::SSO_TOKEN,
    account::LOGIN_REFRESH_TOKEN,
    "fake-sso-refresh-token",
];

/// A machine as the questions see it, in a home of its own.
pub struct Bed {
    pub home: TempDir,
    pub machine: Machine,
    pub options: Options,
}

impl Bed {
    /// Bedrock in `us-east-1` with good keys, three pins, and every host at `url`.
    pub fn at(url: &str) -> Self {
        Self::bare()
            .env("AWS_ENDPOINT_URL", url)
            .env("ANTHROPIC_BEDROCK_BASE_URL", url)
            .env("AWS_ACCESS_KEY_ID", GOOD_KEY.0)
            .env("AWS_SECRET_ACCESS_KEY", GOOD_KEY.1)
            .env("ANTHROPIC_DEFAULT_OPUS_MODEL", OPUS)
            .env("ANTHROPIC_DEFAULT_SONNET_MODEL", SONNET)
            .env("ANTHROPIC_DEFAULT_HAIKU_MODEL", HAIKU)
    }

    /// The same at a fake AWS.
    pub fn on(aws: &FakeAws) -> Self {
        Self::at(&aws.url())
    }

    /// Only the two variables.
    pub fn bare() -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let machine = Machine::empty(Timestamp::now(), home.path(), home.path());
        let options = Options { timeout: Duration::from_secs(30), probe: true };
        Self { home, machine, options }
            .env("CLAUDE_CODE_USE_BEDROCK", "1")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("PATH", "/usr/bin:/bin")
    }

    pub fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.machine.environment.set(name, value.as_ref());
        self
    }

    pub fn unset(mut self, names: &[&str]) -> Self {
        names.iter().for_each(|name| self.machine.environment.remove(name));
        self
    }

    /// Without keys in the environment, with a profile of these properties that is chosen.
    pub fn profile(self, properties: &[(&str, &str)]) -> Self {
        let mut bed = self.unset(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]).env("AWS_PROFILE", "p");
        bed.section("p", properties);
        bed
    }

    /// Adds a section to the AWS files.
    pub fn section(&mut self, name: &str, properties: &[(&str, &str)]) {
        let mut profile = Profile::default();
        for (key, value) in properties {
            match *key {
                "aws_secret_access_key" => profile.secret_access_key = Some(Secret::new(*value)),
                "aws_session_token" => profile.session_token = Some(Secret::new(*value)),
                _ => drop(profile.properties.insert((*key).to_owned(), (*value).to_owned())),
            }
        }
        self.machine.aws.profiles.insert(name.to_owned(), profile);
    }

    pub fn within(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// Resolves, asks, and checks what holds for every run.
    pub fn ask(&self) -> (Route, Answers) {
        let route = resolve(&self.machine);
        let answers = self.ask_route(&route);
        (route, answers)
    }

    /// The answers alone.
    pub fn answers(&self) -> Answers {
        self.ask().1
    }

    fn ask_route(&self, route: &Route) -> Answers {
        let world = world(self.home.path(), self.machine.environment.clone());
        let events = Mutex::new(Vec::new());
        let progress = |event| events.lock().expect("nobody panics while it is locked").push(event);
        // As the program runs it.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let answers = runtime.block_on(ask(&world, &self.machine, route, self.options, &progress));
        runtime.shutdown_background();
        let shown = format!("{answers:?} {route:?}");
        for canary in CANARIES {
            let at = shown.find(canary).map(|at| &shown[at.saturating_sub(200)..at]);
            assert_eq!(at, None, "a secret shows after this");
        }
        let events = events.into_inner().expect("nobody panicked while it was locked");
        let begun = events.iter().filter(|event| matches!(event, Progress::Started(_))).count();
        assert_eq!(begun, answers.log.len(), "each question begins once");
        assert_eq!(events.len(), 2 * begun, "each question ends once");
        answers
    }
}

/// A world of nothing but a home and an environment.
pub fn world(home: &Path, env: Env) -> World {
    World {
        env,
        home: home.to_owned(),
        directory: home.to_owned(),
        system_root: home.to_owned(),
        user: User { uid: 1000, gid: 1000, name: Some("alice".into()), home: Some(home.to_owned()), shell: None },
        terminal: Terminal::default(),
        clock: Clock::System,
    }
}

/// The entry of a question in the list of checks.
pub fn check<'a>(answers: &'a Answers, name: &str) -> &'a Asked {
    answers
        .log
        .iter()
        .find(|asked| asked.name == name)
        .unwrap_or_else(|| panic!("no check {name} in {:#?}", answers.log))
}

/// The status of a question in the list of checks.
pub fn status(answers: &Answers, name: &str) -> CheckStatus {
    check(answers, name).status
}
