//! Which model ids the client sends, per role.
//!
//! Without the region's list of inference profiles the prefix is derived from the region's name, as the client does when it may
//! not list; with the list ([`with_profiles`]) an unpinned id is one that the region really has.

use crate::aws::answer::InferenceProfile;
use crate::observe::Machine;
use crate::resolve::data::{self, Gate, gate};
use crate::resolve::region::is_shaped_like_a_region;
use crate::resolve::variables::{settings_files, strongest_key};
use crate::resolve::{Model, Place, Provider, Role, Route, Setting, SmallElsewhere, Source, client_version, endpoints};
use crate::variables::{
    HAIKU_MODEL, MODEL, OPUS_MODEL, REGION_PREFIX, SMALL_FAST_MODEL, SMALL_FAST_MODEL_REGION, SONNET_MODEL,
    SUBAGENT_MODEL,
};
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

/// Where the small model is called, if that is another region: it is chosen, it is not the main model, and the value is shaped
/// like a region (read from the code of 2.1.330). Of both variables the deprecated one names it.
pub fn small_elsewhere(route: &Route, version: Version) -> Option<SmallElsewhere> {
    if route.provider == Provider::Other("mantle") {
        return None;
    }
    let value = route.value(SMALL_FAST_MODEL_REGION).map(str::trim).filter(|value| is_shaped_like_a_region(value))?;
    let source = route.variable(SMALL_FAST_MODEL_REGION)?.winner.as_ref()?.source.clone();
    let small = [SMALL_FAST_MODEL, HAIKU_MODEL]
        .into_iter()
        .find(|name| route.value(name).is_some_and(|value| !value.trim().is_empty()))?;
    let small = route.models.iter().find(|model| model.role == Role::Haiku && model.pinned_by == Some(small))?;
    let name = value.to_lowercase();
    if name == route.region.name || route.models.iter().any(|model| model.role == Role::Main && model.id == small.id) {
        return None;
    }
    let endpoints = endpoints::resolve(&route.effective, &route.variables, &name, version);
    Some(SmallElsewhere { id: small.id.clone(), region: Setting { value: name, source }, endpoints })
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
        let model = |role, Choice { id, source, pinned_by }| Model { role, id, source, pinned_by };
        let main = self.main();
        let subagent = self.subagent(&main.id);
        let mut models = vec![model(Role::Main, main)];
        models.extend([Role::Opus, Role::Sonnet, Role::Haiku].map(|tier| model(tier, self.tier(tier))));
        // Set beside the newer one, the deprecated variable still names the model of background tasks (code of 2.1.330).
        if models.iter().any(|model| model.pinned_by == Some(HAIKU_MODEL)) {
            models.extend(self.pinned(&[SMALL_FAST_MODEL]).map(|small| model(Role::Haiku, small)));
        }
        models.extend(subagent.map(|choice| model(Role::Subagent, choice)));
        models
    }

    /// What `CLAUDE_CODE_SUBAGENT_MODEL` gives subagents. A word or a bare id takes the prefix of the main model (code of 2.1.330).
    fn subagent(&self, main: &str) -> Option<Choice> {
        let (value, source) = self.variable(SUBAGENT_MODEL)?;
        if value == "inherit" {
            return None;
        }
        let choice = self.named(&value, source.clone(), SUBAGENT_MODEL);
        let (Some(prefix), None) = (prefix(main), prefix(&value)) else { return Some(choice) };
        let id = match prefix_and_rest(&choice.id) {
            Some((own, rest)) if own != prefix => format!("{prefix}.{rest}"),
            None if choice.id.starts_with("anthropic.") => format!("{prefix}.{}", choice.id),
            _ => return Some(choice),
        };
        Some(Choice { id, source, pinned_by: Some(SUBAGENT_MODEL) })
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

    /// A word for a tier, or an id. `default` is no word: it is sent as it is (measured).
    fn named(&self, value: &str, source: Source, by: &'static str) -> Choice {
        self.word(value, true).unwrap_or_else(|| self.spelled(value, source, by))
    }

    /// What a word for a tier stands for; without `pins` the client's own default of that tier.
    fn word(&self, value: &str, pins: bool) -> Option<Choice> {
        let defaults = data::defaults(self.version);
        let (pin, default) = match without_long_context(value).to_ascii_lowercase().as_str() {
            "opus" | "best" => (OPUS_MODEL, &defaults.opus),
            // `opusplan` plans with Opus and works with Sonnet.
            "sonnet" | "opusplan" => (SONNET_MODEL, &defaults.sonnet),
            "haiku" => (HAIKU_MODEL, &defaults.haiku),
            "fable" => (FABLE_MODEL, &defaults.fable),
            _ => return None,
        };
        let pinned = if pins { self.pinned(&[pin]) } else { None };
        Some(pinned.unwrap_or_else(|| self.unpinned(default)))
    }

    /// What a tier stands for.
    fn tier(&self, role: Role) -> Choice {
        let defaults = data::defaults(self.version);
        let (pins, default): (&[&'static str], &str) = match role {
            // The deprecated variable names the small model, not what the word `haiku` stands for.
            Role::Haiku => (&[HAIKU_MODEL, SMALL_FAST_MODEL], &defaults.haiku),
            Role::Sonnet => (&[SONNET_MODEL], &defaults.sonnet),
            Role::Opus | Role::Main | Role::Subagent => (&[OPUS_MODEL], &defaults.opus),
        };
        self.pinned(pins).unwrap_or_else(|| self.unpinned(default))
    }

    /// A pin may be a word for another tier; then that tier's default is meant.
    fn pinned(&self, pins: &[&'static str]) -> Option<Choice> {
        pins.iter().find_map(|name| {
            let (value, source) = self.variable(name)?;
            let word = self.word(&value, false).map(|choice| Choice {
                source: source.clone(),
                pinned_by: Some(name),
                ..choice
            });
            Some(word.unwrap_or_else(|| self.spelled(&value, source, name)))
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
        // Mantle is sent what is written (measured).
        if self.version >= gate(Gate::FirstPartyNames) && self.route.provider != Provider::Other("mantle") {
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

    /// The id of a model in this region: with the preferred prefix where the list has that, else the first of the list that is
    /// this model, else by the preferred prefix (all measured with 2.1.330).
    fn prefixed(&self, bedrock: &str) -> String {
        let defaults = data::defaults(self.version);
        if self.route.provider == Provider::Other("mantle") {
            let tiers = data::mantle_defaults();
            let of_tier = [
                (&defaults.opus, &tiers.opus),
                (&defaults.sonnet, &tiers.sonnet),
                (&defaults.haiku, &tiers.haiku),
                (&defaults.fable, &tiers.fable),
            ];
            let id = of_tier.into_iter().find(|(own, _)| *own == bedrock).map_or(bedrock, |(_, id)| id);
            return id.to_owned();
        }
        if bedrock == defaults.haiku
            && let Some(prefix) = data::fixed_small_prefix(self.version)
        {
            return format!("{prefix}.{bedrock}");
        }
        let prefix = self.preferred_prefix();
        let preferred = format!("{prefix}.{bedrock}");
        let mut listed = self
            .profiles
            .into_iter()
            .flatten()
            .filter(|profile| !profile.application)
            .filter(|profile| profile.id.strip_suffix(bedrock).is_some_and(|prefix| prefix.ends_with('.')))
            .map(|profile| &profile.id);
        match listed.clone().find(|id| **id == preferred).or_else(|| listed.next()) {
            Some(id) => id.clone(),
            None => preferred,
        }
    }

    fn preferred_prefix(&self) -> &str {
        let region = self.route.region.as_written.trim();
        if self.version >= gate(Gate::RegionPrefixVariable) && !region.starts_with("us-gov-") {
            // Trimmed, but case counts: `Global` is as good as unset (measured).
            let chosen = self.route.value(REGION_PREFIX).map(str::trim);
            if let Some(prefix) = PREFIXES.into_iter().find(|prefix| Some(*prefix) == chosen) {
                return prefix;
            }
        }
        if data::global_by_default(self.version) { "global" } else { data::derived_prefix(region, self.version) }
    }

    /// A variable in effect, with its source; blanks count as unset.
    fn variable(&self, name: &str) -> Option<(String, Source)> {
        let value = self.route.value(name).map(str::trim).filter(|value| !value.is_empty())?;
        let source = self.route.variable(name)?.winner.as_ref()?.source.clone();
        Some((value.to_owned(), source))
    }
}

/// The prefix of a profile's id or ARN.
fn prefix(id: &str) -> Option<&str> {
    prefix_and_rest(id.rsplit_once('/').map_or(id, |(_, last)| last)).map(|(prefix, _)| prefix)
}

fn prefix_and_rest(id: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = id.split_once('.')?;
    ((PREFIXES.contains(&prefix) || prefix == "us-gov") && rest.starts_with("anthropic.")).then_some((prefix, rest))
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
