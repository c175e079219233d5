//! Which model ids the client sends, per role.
//!
//! Without the region's list of inference profiles the prefix is derived from the region's name, as the client does when it may
//! not list; with the list ([`with_profiles`]) an unpinned id is one that the region really has.

use crate::aws::answer::InferenceProfile;
use crate::observe::Machine;
use crate::resolve::data::{self, Gate, gate};
use crate::resolve::variables::{settings_files, strongest_key};
use crate::resolve::{Model, Place, Role, Route, Source, client_version};
use crate::variables::{HAIKU_MODEL, MODEL, OPUS_MODEL, REGION_PREFIX, SMALL_FAST_MODEL, SONNET_MODEL};
use crate::version::Version;

/// Start model of new sessions.
const DEFAULT_MODEL: &str = "ANTHROPIC_DEFAULT_MODEL";
/// What the alias `fable` stands for.
const FABLE_MODEL: &str = "ANTHROPIC_DEFAULT_FABLE_MODEL";
/// Prefixes that `ANTHROPIC_BEDROCK_REGION_PREFIX` may name.
const PREFIXES: [&str; 6] = ["us", "eu", "apac", "jp", "au", "global"];

/// The models as far as they are known without asking AWS.
pub fn resolve(route: &Route, machine: &Machine) -> Vec<Model> {
    Chooser::new(route, machine, None).all()
}

/// The models once the region's list is known: pins stay as they are, unpinned ids are taken from the list.
pub fn with_profiles(route: &Route, machine: &Machine, profiles: &[InferenceProfile]) -> Vec<Model> {
    Chooser::new(route, machine, Some(profiles)).all()
}

struct Chooser<'a> {
    route: &'a Route,
    machine: &'a Machine,
    profiles: Option<&'a [InferenceProfile]>,
    version: Version,
}

/// An id with its origin, before it has a role.
struct Choice {
    id: String,
    source: Source,
    pinned_by: Option<&'static str>,
}

impl<'a> Chooser<'a> {
    fn new(route: &'a Route, machine: &'a Machine, profiles: Option<&'a [InferenceProfile]>) -> Self {
        Self { route, machine, profiles, version: client_version(machine) }
    }

    fn all(&self) -> Vec<Model> {
        Role::ALL
            .into_iter()
            .map(|role| {
                let Choice { id, source, pinned_by } = match role {
                    Role::Main => self.main(),
                    tier => self.tier(tier),
                };
                Model { role, id, source, pinned_by }
            })
            .collect()
    }

    /// `ANTHROPIC_MODEL`, the `model` of the settings, then the default of new sessions.
    fn main(&self) -> Choice {
        if let Some((value, source)) = self.variable(MODEL) {
            return self.named(&value, source, MODEL);
        }
        let in_settings = |settings: &crate::observe::settings::Settings| {
            settings.model.clone().filter(|model| !model.trim().is_empty())
        };
        if let Some((value, scope, place)) = strongest_key(self.machine, "model", in_settings) {
            return self.named(&value, Source::Settings { scope, place }, "model");
        }
        if self.version >= gate(Gate::DefaultModelVariable)
            && let Some((value, source)) = self.variable(DEFAULT_MODEL)
        {
            return self.named(&value, source, DEFAULT_MODEL);
        }
        self.default_main()
    }

    /// A Sonnet pin without an Opus pin makes the pinned Sonnet the main model.
    fn default_main(&self) -> Choice {
        let sonnet_alone = self.variable(SONNET_MODEL).is_some() && self.variable(OPUS_MODEL).is_none();
        if sonnet_alone || data::defaults(self.version).main == "sonnet" {
            self.tier(Role::Sonnet)
        } else {
            self.tier(Role::Opus)
        }
    }

    /// A word for a tier, or an id.
    fn named(&self, value: &str, source: Source, by: &'static str) -> Choice {
        match without_long_context(value).to_ascii_lowercase().as_str() {
            "default" => self.default_main(),
            "opus" | "best" => self.tier(Role::Opus),
            // `opusplan` plans with Opus and works with Sonnet.
            "sonnet" | "opusplan" => self.tier(Role::Sonnet),
            "haiku" => self.tier(Role::Haiku),
            "fable" => {
                self.pinned(&[FABLE_MODEL]).unwrap_or_else(|| self.unpinned(&data::defaults(self.version).fable))
            }
            _ => self.spelled(value, source, by),
        }
    }

    /// What a tier stands for.
    fn tier(&self, role: Role) -> Choice {
        let defaults = data::defaults(self.version);
        let (pins, default): (&[&'static str], &str) = match role {
            Role::Haiku => (&[HAIKU_MODEL, SMALL_FAST_MODEL], &defaults.haiku),
            Role::Sonnet => (&[SONNET_MODEL], &defaults.sonnet),
            Role::Opus | Role::Main => (&[OPUS_MODEL], &defaults.opus),
        };
        self.pinned(pins).unwrap_or_else(|| self.unpinned(default))
    }

    fn pinned(&self, pins: &[&'static str]) -> Option<Choice> {
        pins.iter().find_map(|name| {
            let (value, source) = self.variable(name)?;
            Some(self.spelled(&value, source, name))
        })
    }

    /// A default of the client, unless `modelOverrides` replaces it.
    fn unpinned(&self, bedrock: &str) -> Choice {
        data::first_party_ids(bedrock).find_map(|name| self.overridden(name)).unwrap_or_else(|| Choice {
            id: self.prefixed(bedrock),
            source: Source::ClientDefault,
            pinned_by: None,
        })
    }

    /// An id as somebody wrote it: `[1m]` goes, a first-party name is mapped.
    fn spelled(&self, value: &str, source: Source, by: &'static str) -> Choice {
        let id = without_long_context(value);
        if self.version >= gate(Gate::FirstPartyNames) {
            if let Some(choice) = self.overridden(id) {
                return choice;
            }
            if let Some(bedrock) = data::bedrock_id(id) {
                return Choice { id: self.prefixed(bedrock), source, pinned_by: Some(by) };
            }
        }
        Choice { id: id.to_owned(), source, pinned_by: Some(by) }
    }

    fn overridden(&self, first_party: &str) -> Option<Choice> {
        if self.version < gate(Gate::ModelOverrides) {
            return None;
        }
        settings_files(self.machine).into_iter().find_map(|file| {
            let settings = file.settings()?;
            let value = settings.model_overrides.get(first_party).filter(|value| !value.is_empty())?;
            let line = settings.keys.get("modelOverrides").copied().unwrap_or(1);
            let source = Source::Settings { scope: file.scope, place: Place { path: file.path.clone(), line } };
            Some(Choice { id: value.clone(), source, pinned_by: Some("modelOverrides") })
        })
    }

    /// The id of a model in this region: one of the list if there is a list that has it, else by the derived prefix.
    fn prefixed(&self, bedrock: &str) -> String {
        let wanted = self.prefixes_best_first();
        let listed = self.profiles.into_iter().flatten().filter(|profile| !profile.application).filter_map(|profile| {
            let prefix = profile.id.strip_suffix(bedrock)?.strip_suffix('.')?;
            let rank = wanted.iter().position(|known| *known == prefix).unwrap_or(wanted.len());
            Some((rank, &profile.id))
        });
        match listed.min_by_key(|(rank, _)| *rank) {
            Some((_, id)) => id.clone(),
            None => format!("{}.{bedrock}", wanted[0]),
        }
    }

    /// Prefixes in the order in which the client prefers them here; never empty.
    fn prefixes_best_first(&self) -> Vec<&str> {
        let region = self.route.region.as_written.trim();
        let mut prefixes = Vec::new();
        if self.version >= gate(Gate::RegionPrefixVariable) && !region.starts_with("us-gov-") {
            let chosen = self.route.value(REGION_PREFIX).map(str::trim);
            prefixes.extend(PREFIXES.into_iter().find(|prefix| Some(*prefix) == chosen));
        }
        if data::global_by_default(self.version) {
            prefixes.push("global");
        }
        prefixes.push(data::derived_prefix(region, self.version));
        prefixes.extend(
            data::region(&self.route.region.name)
                .iter()
                .flat_map(|row| row.profile_prefixes.iter().map(String::as_str)),
        );
        prefixes
    }

    /// A variable in effect, with its source; blanks count as unset.
    fn variable(&self, name: &str) -> Option<(String, Source)> {
        let value = self.route.value(name).map(str::trim).filter(|value| !value.is_empty())?;
        let source = match self.route.variable(name).and_then(|variable| variable.winner.as_ref()) {
            Some(winner) => winner.source.clone(),
            None => self.source_outside_the_table(name),
        };
        Some((value.to_owned(), source))
    }

    /// The source of a variable that is not among those that `why` lists.
    fn source_outside_the_table(&self, name: &str) -> Source {
        settings_files(self.machine)
            .into_iter()
            .find_map(|file| {
                let line = file.settings()?.env.get(name)?.line;
                Some(Source::Settings { scope: file.scope, place: Place { path: file.path.clone(), line } })
            })
            .unwrap_or(Source::Environment { place: None })
    }
}

/// The id without the client's own suffix for long context, which never reaches AWS.
pub fn without_long_context(id: &str) -> &str {
    let id = id.trim();
    let cut = id
        .len()
        .checked_sub("[1m]".len())
        .filter(|cut| id.is_char_boundary(*cut) && id[*cut..].eq_ignore_ascii_case("[1m]"));
    cut.map_or(id, |cut| &id[..cut])
}
