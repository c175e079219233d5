//! Whether an id fits the region, by the region's own list of inference profiles.

use jiff::civil::Date;

use super::id::{self, Id};
use crate::aws::answer::{Answer, InferenceProfile};
use crate::aws::tables::{self, ModelRow};
use crate::aws::told::{Told, told};
use crate::diagnose::{Case, Evidence, Fix, Found, Who, look, words};
use crate::resolve::{Model, Provider, Role, Source, data};
use crate::variables::{
    HAIKU_MODEL, MODEL, OPUS_MODEL, SMALL_FAST_MODEL, SMALL_FAST_MODEL_REGION, SONNET_MODEL, SUBAGENT_MODEL,
};

/// Why an id does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// The region lists the model under other prefixes; those ids, best first.
    Prefix(Vec<String>),
    /// A real model past its last day, where the day is known.
    EndOfLife(Option<Date>),
    /// A real model that the region does not list.
    NotHere,
    /// No such id anywhere; the nearest listed one.
    NoSuchId(Option<String>),
}

/// The models in use, each id once.
pub fn models<'a>(case: &Case<'a>) -> Vec<&'a Model> {
    let mut seen: Vec<&Model> = Vec::new();
    // Mantle has ids of its own, and a finding for them.
    for model in case.models.iter().filter(|model| !case.route.asks_mantle(&model.id)) {
        if !seen.iter().any(|known| known.id == model.id) {
            seen.push(model);
        }
    }
    seen
}

/// The ids that somebody pinned.
pub fn pinned<'a>(case: &Case<'a>) -> Vec<&'a Model> {
    models(case).into_iter().filter(|model| model.source != Source::ClientDefault).collect()
}

/// Why the id of a model does not fit the region; `None` where it does, where it answered, or where that is not known.
pub fn misfit(case: &Case<'_>, model: &Model) -> Option<Misfit> {
    let answers = case.answers.model(&model.id);
    // What answered is right; where nothing came back, the way is the fault.
    let settled = |answer: &Answer<_>| matches!(answer, Answer::Got(_) | Answer::Unreachable(_) | Answer::TimedOut);
    if answers.is_some_and(|answers| settled(&answers.stream)) {
        return None;
    }
    let said = answers.and_then(|answers| answers.stream.refused()).map(told);
    let Id::Claude { prefix, model: foundation } = id::read(&model.id) else {
        return None;
    };
    if said == Some(Told::EndOfLife) {
        return Some(Misfit::EndOfLife(tables::model(foundation).and_then(|row| row.end_of_life)));
    }
    // Any other word of AWS's tells that it found the model, or did not look for it: then nothing is known against the id.
    let status = answers.and_then(|answers| answers.stream.refused()).map_or(0, |refusal| refusal.status);
    match said {
        None | Some(Told::IdInvalid | Told::Denied(_)) => {}
        Some(Told::Unknown) if matches!(status, 400 | 404) => {}
        Some(_) => return None,
    }
    let row = tables::model(foundation);
    // An empty list is none: no region of Bedrock has one.
    // The list of one region says nothing about a model that is asked in another.
    let here = case.route.elsewhere(&model.id).is_none();
    match case.answers.profiles.got().filter(|list| here && !list.is_empty()) {
        Some(list) if list.iter().any(|profile| profile.id == model.id) => None,
        Some(list) => {
            let others = listed_forms(case, list, foundation);
            match (prefix, row) {
                (Some(_), _) if !others.is_empty() => Some(Misfit::Prefix(others)),
                // AWS looks at the policies first: beyond the prefix that proves nothing.
                _ if matches!(said, Some(Told::Denied(_))) => None,
                // A bare id may be served on demand; only AWS can refuse it.
                (None, _) if said != Some(Told::IdInvalid) => None,
                (_, Some(row)) => Some(past(case, row).map_or(Misfit::NotHere, |end| Misfit::EndOfLife(Some(end)))),
                (_, None) => Some(Misfit::NoSuchId(nearest(list, &model.id))),
            }
        }
        // Without the list, only what AWS calls invalid is named, as far as the table explains it.
        None if said == Some(Told::IdInvalid) => {
            let region = case.route.region_of(&model.id);
            let Some(row) = row else {
                let known: Vec<String> = tables::models().iter().flat_map(|row| table_forms(region, row)).collect();
                let nearest = tables::nearest(id::bare(&model.id), known.iter().map(String::as_str));
                return Some(Misfit::NoSuchId(nearest.map(str::to_owned)));
            };
            if let Some(end) = past(case, row) {
                return Some(Misfit::EndOfLife(Some(end)));
            }
            // The table may expect this very id; that AWS calls it invalid is newer.
            let mut others = table_forms(region, row);
            others.retain(|form| form != id::bare(&model.id));
            prefix.map(|_| if others.is_empty() { Misfit::NotHere } else { Misfit::Prefix(others) })
        }
        None => None,
    }
}

/// The models that do not fit in such a way, with their refusals as evidence.
pub fn misfits<'a, T>(case: &Case<'a>, wanted: impl Fn(&Misfit) -> Option<T>) -> Vec<(&'a Model, T)> {
    // A default that is not offered: that of the main model stops every session. The other tiers' have findings of their own.
    let count = |model: &&&'a Model| model.source != Source::ClientDefault || model.role == Role::Main;
    models(case).iter().filter(count).filter_map(|model| Some((*model, wanted(&misfit(case, model)?)?))).collect()
}

fn past(case: &Case<'_>, row: &ModelRow) -> Option<Date> {
    let today = jiff::tz::Offset::UTC.to_datetime(case.machine.now).date();
    row.end_of_life.filter(|end| *end < today)
}

/// Listed ids of the same model, those of the region's own geography first.
fn listed_forms(case: &Case<'_>, list: &[InferenceProfile], foundation: &str) -> Vec<String> {
    let same = |profile: &&InferenceProfile| matches!(id::read(&profile.id), Id::Claude { prefix: Some(_), model } if model == foundation);
    let mut forms: Vec<&str> = list.iter().filter(same).map(|profile| profile.id.as_str()).collect();
    forms.sort_by_key(|form| rank(case, form));
    forms.into_iter().map(str::to_owned).collect()
}

/// Ids that the table expects in this region.
fn table_forms(region: &str, row: &ModelRow) -> Vec<String> {
    let Some(region) = data::region(region) else {
        return Vec::new();
    };
    let prefixes = region.profile_prefixes.iter().filter(|prefix| row.prefixes.contains(&prefix.as_str()));
    prefixes.map(|prefix| format!("{prefix}.{}", row.model)).collect()
}

/// How near the prefix of an id is to the region.
fn rank(case: &Case<'_>, id: &str) -> usize {
    let prefixes = data::region(&case.route.region.name).map(|row| row.profile_prefixes.as_slice()).unwrap_or_default();
    prefixes
        .iter()
        .position(|prefix| id.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.starts_with('.')))
        .unwrap_or(prefixes.len())
}

fn nearest(list: &[InferenceProfile], id: &str) -> Option<String> {
    let claude = list.iter().filter(|profile| matches!(id::read(&profile.id), Id::Claude { .. }));
    tables::nearest(id::bare(id), claude.map(|profile| profile.id.as_str())).map(str::to_owned)
}

/// The best id of the same family (opus, sonnet, …) that the region has, other than this one.
pub fn successor(case: &Case<'_>, of: &str) -> Option<String> {
    let foundation = id::foundation(of);
    let family = id::family(foundation)?;
    let rows = tables::models()
        .iter()
        .filter(|row| row.model.contains(family) && row.model != foundation && past(case, row).is_none());
    match case.answers.profiles.got() {
        Some(list) => rows.into_iter().find_map(|row| listed_forms(case, list, row.model).into_iter().next()),
        None => rows.into_iter().find_map(|row| table_forms(&case.route.region.name, row).into_iter().next()),
    }
}

/// The fix that pins another id at the place that pins this one.
pub fn repin(case: &Case<'_>, model: &Model, id: &str) -> Fix {
    match (model.pinned_by, &model.source) {
        (Some(key @ ("model" | "modelOverrides")), Source::Settings { scope, place }) => words::in_settings(
            *scope,
            format!(
                "Write `{id}` instead of `{}` under `{key}` in {} ({}).",
                model.id,
                scope.name(),
                words::place(case, place)
            ),
        ),
        (Some(name), _) => words::change(case, name, id),
        (None, _) => {
            let name = variable(model);
            Fix::command(format!("Pin it by {name}."), words::export(case, name, id))
        }
    }
}

/// The variable that pins the tier of a model; the main model is one of a tier.
pub fn variable(model: &Model) -> &'static str {
    match model.role {
        Role::Haiku => HAIKU_MODEL,
        Role::Sonnet => SONNET_MODEL,
        Role::Subagent => SUBAGENT_MODEL,
        Role::Main if model.id.contains("sonnet") => SONNET_MODEL,
        Role::Main | Role::Opus => OPUS_MODEL,
    }
}

/// Where an id comes from, as evidence.
pub fn pin(case: &Case<'_>, model: &Model) -> Evidence {
    let name = model.pinned_by.unwrap_or("no pin");
    Evidence { place: format!("{name}, {}", words::source(case, &model.source)), what: model.id.clone() }
}

/// A find about one model: its pin and AWS's refusal as evidence.
pub fn about(case: &Case<'_>, model: &Model, summary: String) -> Found {
    let mut found = Found::new(summary);
    found.evidence.push(pin(case, model));
    if let Some(small) = case.route.elsewhere(&model.id) {
        let place = format!("{SMALL_FAST_MODEL_REGION}, {}", words::source(case, &small.region.source));
        found = found.evidence(place, small.region.value.clone());
    }
    if let Some(answers) = case.answers.model(&model.id)
        && let Some(refusal) = answers.stream.refused()
    {
        found = found.evidence(look::call(answers), words::refusal(refusal));
    }
    found
}

/// Ids of profiles with this model, best first: listed ones, else those that the table expects.
pub fn profile_ids(case: &Case<'_>, of: &str) -> Vec<String> {
    let foundation = id::foundation(of);
    match case.answers.profiles.got() {
        Some(list) => listed_forms(case, list, foundation),
        None => tables::model(foundation).map(|row| table_forms(&case.route.region.name, row)).unwrap_or_default(),
    }
}

/// The fix that pins the geography's id (`us.`, `eu.`, …) of this model instead of the `global.` one.
pub fn stay_near(case: &Case<'_>, id: &str) -> Fix {
    let model = case.models.iter().find(|model| model.id == id);
    let near = profile_ids(case, id).into_iter().find(|other| other != id && !other.starts_with("global."));
    match (model, near) {
        (Some(model), Some(near)) => repin(case, model, &near),
        _ => Fix::words(
            Who::You,
            "Pin the geography id (`us.`, `eu.`, …) of the model instead of the `global.` one, whose region is empty (`aws bedrock list-inference-profiles` lists them).",
        ),
    }
}

/// The newest id of a family that the region has.
pub fn family(case: &Case<'_>, family: &str) -> Option<String> {
    successor(case, &format!("anthropic.{family}"))
}

/// A value as somebody wrote it to choose a model.
#[derive(Debug, Clone)]
pub struct RawPin<'a> {
    /// The variable, or `model`.
    pub name: &'static str,
    /// The value as written.
    pub value: String,
    /// The place.
    pub source: &'a Source,
}

/// What people wrote to choose models, before the client maps it; what nothing uses is left out.
pub fn raw_pins<'a>(case: &Case<'a>) -> Vec<RawPin<'a>> {
    if case.route.provider == Provider::Other("mantle") {
        return Vec::new();
    }
    let variables = [MODEL, OPUS_MODEL, SONNET_MODEL, HAIKU_MODEL, SMALL_FAST_MODEL, SUBAGENT_MODEL].into_iter();
    let mut pins: Vec<RawPin<'_>> = variables
        .filter_map(|name| {
            let value = case.route.value(name)?.to_owned();
            if name == SUBAGENT_MODEL && value.trim() == "inherit" {
                return None;
            }
            Some(RawPin { name, value, source: &case.route.variable(name)?.winner.as_ref()?.source })
        })
        .collect();
    let by_key = case.models.iter().find(|model| model.pinned_by == Some("model"));
    pins.extend(by_key.map(|model| RawPin { name: "model", value: model.id.clone(), source: &model.source }));
    pins
}
