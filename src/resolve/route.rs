//! The shapes of an answer: a [`Route`] and what it is made of.

use std::path::{Path, PathBuf};

use crate::aws::trust::Trust;
use crate::observe::settings::Scope;
use crate::resolve::Credentials;
use crate::shell::ShellKind;
use crate::world::{Env, short};

/// Everything that decides where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Each variable of [`crate::variables::ROUTING`] that some place sets, in that order.
    pub variables: Vec<Variable>,
    /// The same for [`crate::variables::COMPANIONS`].
    pub companions: Vec<Variable>,
    /// The environment that the client ends up with: the shell's, overwritten by the settings' `env`.
    pub effective: Env,
    /// Where the requests go.
    pub provider: Provider,
    /// The region.
    pub region: Region,
    /// The credentials.
    pub credentials: Credentials,
    /// The profile that is effective for credentials and region (`default` when none is chosen).
    pub profile: String,
    /// Hosts.
    pub endpoints: Endpoints,
    /// Which certificates are trusted.
    pub trust: Trust,
    /// The models, at least one entry for each role of [`Role::ALL`], as far as they are known without the region's list of profiles.
    pub models: Vec<Model>,
    /// Where the calls of the small model go, if that is another region.
    pub small: Option<SmallElsewhere>,
}

/// The small model is called in a region of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallElsewhere {
    /// Id of the small model.
    pub id: String,
    /// `ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION`.
    pub region: Setting,
    /// Hosts of that region.
    pub endpoints: Endpoints,
}

/// One variable: who sets it, and who wins.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The setting that the client uses. It may be empty: then it blanks a weaker one. `None` when every setting is empty,
    /// or when only rc files hold the variable and no shell reports it.
    pub winner: Option<Setting>,
    /// The other settings, strongest first.
    pub losers: Vec<Setting>,
}

/// A value and the place that gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The value as it is written there.
    pub value: String,
    /// The place.
    pub source: Source,
}

/// A place that gives a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The environment of the process that asks.
    Environment {
        /// The rc line that most likely put it there (same value), if one was found.
        place: Option<Place>,
    },
    /// A fresh shell of the login shell reports it (or its `claude` function sets it), this process lacks it or has
    /// another value: a new terminal will have it.
    NewShell {
        /// The shell.
        shell: ShellKind,
        /// The rc line that gives it, if one was found.
        place: Option<Place>,
    },
    /// An rc file holds it and neither this process nor a fresh shell has it.
    RcFile(Place),
    /// A settings file of the client.
    Settings {
        /// Which one.
        scope: Scope,
        /// Where.
        place: Place,
    },
    /// A profile in the AWS files.
    AwsFile {
        /// The file.
        path: PathBuf,
        /// The profile.
        profile: String,
    },
    /// Built into the client.
    ClientDefault,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
}

/// Where the requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// Amazon Bedrock.
    Bedrock,
    /// Another one; its name as `claude auth status` has it (`vertex`, `foundry`, `mantle`, …).
    Other(&'static str),
    /// Anthropic's own API: no switch is on.
    FirstParty,
}

/// The region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The region as the client dials it (trimmed and in lower case).
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// The value as written there (`US-EAST-1` reaches the host, but changes the model prefix).
    pub as_written: String,
    /// Values that are not shaped like a region and were skipped in silence, strongest first.
    pub skipped: Vec<Setting>,
}

/// Hosts that the client calls, as URLs without a path at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Model calls.
    pub runtime: String,
    /// Lists, availability.
    pub control: String,
    /// STS in the region.
    pub sts: String,
    /// Bedrock's second door, where [`Route::asks_mantle`].
    pub mantle: String,
    /// `ANTHROPIC_BEDROCK_BASE_URL`, which moves the first two.
    pub base_url: Option<Setting>,
}

/// What a model is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The user's turns.
    Main,
    /// The alias `opus`.
    Opus,
    /// The alias `sonnet`, background tasks.
    Sonnet,
    /// The alias `haiku`.
    Haiku,
    /// Subagents, where `CLAUDE_CODE_SUBAGENT_MODEL` gives them a model.
    Subagent,
}

/// A model in a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// The role.
    pub role: Role,
    /// The id as sent: profile id, model id or ARN, without `[1m]`.
    pub id: String,
    /// Where it comes from; [`Source::ClientDefault`] is an unpinned tier.
    pub source: Source,
    /// The variable or key that pins it (`ANTHROPIC_MODEL`, `model`, …), `None` when nothing does.
    pub pinned_by: Option<&'static str>,
}

impl std::fmt::Debug for Variable {
    /// Secrets stay out of logs and of failing tests.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sources = |setting: &Setting| setting.source.clone();
        if crate::variables::is_secret(self.name) {
            return formatter
                .debug_struct("Variable")
                .field("name", &self.name)
                .field("winner", &self.winner.as_ref().map(sources))
                .field("losers", &self.losers.iter().map(sources).collect::<Vec<_>>())
                .finish_non_exhaustive();
        }
        formatter
            .debug_struct("Variable")
            .field("name", &self.name)
            .field("winner", &self.winner)
            .field("losers", &self.losers)
            .finish()
    }
}

impl Source {
    /// The place in words, paths below `home` with `~`.
    pub fn text(&self, home: &Path) -> String {
        match self {
            Self::Environment { place: None } => "environment".to_owned(),
            Self::Environment { place: Some(place) } => format!("environment, set by {}", place.text(home)),
            Self::NewShell { shell, place: None } => format!("a new {shell}"),
            Self::NewShell { shell, place: Some(place) } => format!("a new {shell}, set by {}", place.text(home)),
            Self::RcFile(place) => place.text(home),
            Self::Settings { scope, place } => format!("{}, {}", scope.name(), place.text(home)),
            Self::AwsFile { path, profile } => format!("{}, profile {profile}", short(path, home)),
            Self::ClientDefault => "default of the client".to_owned(),
        }
    }
}

impl Place {
    /// `~/.bashrc:12`.
    pub fn text(&self, home: &Path) -> String {
        format!("{}:{}", short(&self.path, home), self.line)
    }
}

impl Provider {
    /// The name that `claude auth status` uses.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Bedrock => "bedrock",
            Self::Other(name) => name,
            Self::FirstParty => "firstParty",
        }
    }
}

impl Role {
    /// The roles that always have a model.
    pub const ALL: [Role; 4] = [Self::Main, Self::Opus, Self::Sonnet, Self::Haiku];

    /// The role as JSON and people name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Opus => "opus",
            Self::Sonnet => "sonnet",
            Self::Haiku => "haiku",
            Self::Subagent => "subagent",
        }
    }
}

impl Route {
    /// The region that a model is asked in.
    pub fn region_of(&self, id: &str) -> &str {
        self.elsewhere(id).map_or(&self.region.name, |small| &small.region.value)
    }

    /// Where a model is asked, if that is not the region of everything else.
    pub fn elsewhere(&self, id: &str) -> Option<&SmallElsewhere> {
        self.small.as_ref().filter(|small| small.id == id)
    }

    /// A variable that some place sets.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().chain(&self.companions).find(|variable| variable.name == name)
    }

    /// Amazon Bedrock's second door is open too: ids without a prefix go there (`CLAUDE_CODE_USE_MANTLE`).
    pub fn mantle(&self) -> bool {
        self.provider == Provider::Other("mantle")
            || (self.provider == Provider::Bedrock
                && self.value("CLAUDE_CODE_USE_MANTLE").is_some_and(crate::variables::is_truthy))
    }

    /// Whether calls of this id go there: all of them where Mantle is alone, else bare ids without a version (measured).
    pub fn asks_mantle(&self, id: &str) -> bool {
        let bare = id.starts_with("anthropic.") && !id.contains(':') && !id.ends_with("-v1");
        self.mantle() && (self.provider != Provider::Bedrock || bare)
    }

    /// The value in effect, where empty counts as unset.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.effective.non_empty(name)
    }
}
