//! The applied quota of a model's route, found in AWS's list by its name.

use crate::aws::answer::{ModelAnswers, Quota};
use crate::aws::tables;
use crate::diagnose::Case;
use crate::diagnose::region_and_models::id::{self, Id};
use crate::resolve::data;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Tokens in a minute.
    TokensPerMinute,
    /// Tokens in a day.
    TokensPerDay,
    /// Requests in a minute.
    RequestsPerMinute,
}

impl Unit {
    /// The unit as the names of quotas have it.
    pub fn words(self) -> &'static str {
        match self {
            Self::TokensPerMinute => "tokens per minute",
            Self::TokensPerDay => "tokens per day",
            Self::RequestsPerMinute => "requests per minute",
        }
    }
}

/// Limits what the client reserves for an answer.
pub const LIMIT: &str = "CLAUDE_CODE_MAX_OUTPUT_TOKENS";

/// What the client reserves for the answer of a model that it does not know, in tokens.
const USUAL: f64 = 32_000.0;

/// Below this quota of tokens per minute, lowering the room for answers is the first thing to do, in tokens.
pub const LITTLE: f64 = 16_000.0;

/// Input of the first turn of a session (system prompt, tools, memory files), in tokens, rounded up.
pub const FIRST_TURN: f64 = 25_000.0;

/// The room that each request reserves for its answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// In tokens.
    pub tokens: f64,
    /// Somebody chose it.
    pub chosen: bool,
}

impl Room {
    /// Where it comes from.
    pub fn source(self) -> &'static str {
        if self.chosen { LIMIT } else { "Claude Code's own for this model" }
    }
}

/// What each request to this model reserves for its answer.
pub fn room(case: &Case<'_>, model: &ModelAnswers) -> Room {
    let chosen = case.route.value(LIMIT).and_then(|value| value.trim().parse::<f64>().ok());
    if let Some(tokens) = chosen.map(f64::floor).filter(|tokens| (1.0..=1e6).contains(tokens)) {
        return Room { tokens, chosen: true };
    }
    let version = case.machine.client.version().unwrap_or_else(data::present_client);
    let (_, foundation) = route(model);
    let known = tables::model(foundation).and_then(|row| row.reserved).filter(|(_, from)| version >= *from);
    Room { tokens: known.map_or(USUAL, |(tokens, _)| tokens as f64), chosen: false }
}

/// The beginning of the names of the quotas that count for an id, and the model behind it.
fn route(model: &ModelAnswers) -> (&'static str, &str) {
    let by_prefix = |prefix| match prefix {
        Some("global") => "global cross-region",
        Some(_) => "cross-region",
        None => "on-demand",
    };
    match id::read(&model.id) {
        Id::Claude { prefix, model } => (by_prefix(prefix), model),
        Id::Arn { resource, .. } => match resource.strip_prefix("inference-profile/").map(id::read) {
            Some(Id::Claude { prefix, model }) => (by_prefix(prefix), model),
            _ => behind(model),
        },
        Id::OtherVendor(_) | Id::Foreign => ("on-demand", &model.id),
    }
}

/// The same for a profile of the account, whose models tell.
fn behind(model: &ModelAnswers) -> (&'static str, &str) {
    let arns = model.profile.got().map_or(&[][..], |profile| &profile.model_arns);
    let anywhere = arns.iter().any(|arn| matches!(id::read(arn), Id::Arn { region: "", .. }));
    let route = match arns.len() {
        _ if anywhere => "global cross-region",
        0 | 1 => "on-demand",
        _ => "cross-region",
    };
    (route, id::foundation(arns.first().unwrap_or(&model.id)))
}

/// The applied quota of this model's route, where the list has it. A quota of another route tells nothing.
pub fn applied<'a>(case: &Case<'a>, model: &ModelAnswers, unit: Unit) -> Option<&'a Quota> {
    let quotas = case.answers.quotas.got()?;
    let (route, foundation) = route(model);
    let wanted = name_of(foundation)?;
    let start = match unit {
        // Those of a day know two routes only.
        Unit::TokensPerDay if route != "global cross-region" => "model invocation",
        _ => route,
    };
    quotas.iter().find(|quota| {
        let name = quota.name.to_lowercase();
        // Word by word, since the order of name and number changed between generations.
        let words: Vec<&str> = name.split([' ', '(', ')', ',']).collect();
        name.starts_with(start)
            && name.contains(unit.words())
            && wanted.iter().all(|word| words.contains(&word.as_str()))
            // Requests with more than 200,000 tokens are counted apart.
            && !words.contains(&"1m")
    })
}

/// Models that answered, with the quota of this unit.
pub fn of_answering<'a>(case: &Case<'a>, unit: Unit) -> impl Iterator<Item = (&'a ModelAnswers, &'a Quota)> {
    let case = *case;
    let answering = case.answers.models.iter().filter(|model| model.stream.got().is_some());
    answering.filter_map(move |model| Some((model, applied(&case, model, unit)?)))
}

/// Some model that answers has less than a turn needs: then a low limit may be on purpose.
pub fn is_scarce(case: &Case<'_>) -> bool {
    of_answering(case, Unit::TokensPerMinute).any(|(_, quota)| quota.value < FIRST_TURN + USUAL)
}

/// `anthropic.claude-sonnet-4-5-20250929-v1:0` as the words `claude`, `sonnet`, `4.5`.
fn name_of(foundation: &str) -> Option<Vec<String>> {
    let rest = foundation.strip_prefix("anthropic.")?;
    let parts: Vec<&str> = rest.split(['-', ':']).collect();
    let numbers: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| part.len() <= 2 && part.chars().all(|c| c.is_ascii_digit()))
        .take(2)
        .collect();
    // The `0` of `v1:0` is no part of the version.
    let numbers: Vec<&str> = if rest.ends_with(":0") && numbers.last() == Some(&"0") {
        numbers[..numbers.len() - 1].to_vec()
    } else {
        numbers
    };
    let words = parts.iter().copied().filter(|part| part.len() > 2 && part.chars().all(|c| c.is_ascii_alphabetic()));
    let version = numbers.join(".");
    Some(words.map(str::to_owned).chain((!version.is_empty()).then_some(version)).collect())
}

/// A quota as evidence.
pub fn shown(quota: &Quota) -> String {
    format!("{} ({}): {}", quota.name, quota.code, quota.value)
}

#[cfg(test)]
pub(super) mod scene {
    use crate::aws::answer::{Answer, Quota};
    use crate::diagnose::testing::{OPUS, Scene, refusal};

    /// A quota of the opus pin.
    pub fn opus(unit: &str, value: f64) -> Quota {
        let route = if unit.ends_with("day") { "Model invocation max" } else { "Cross-region model inference" };
        Quota { code: "L-0AD9E5BF".to_owned(), name: format!("{route} {unit} for Anthropic Claude Opus 4.8"), value }
    }

    /// The opus pin is throttled with this text, and this quota is applied.
    pub fn throttled(text: &str, quota: Quota) -> Scene {
        let mut scene = Scene::healthy();
        scene.model(OPUS).stream = Answer::Refused(refusal(429, "ThrottlingException", text));
        scene.answers.quotas = Answer::Got(vec![quota]);
        scene
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models() {
        assert_eq!(name_of("anthropic.claude-sonnet-4-5-20250929-v1:0").expect("a name"), ["claude", "sonnet", "4.5"]);
        assert_eq!(name_of("anthropic.claude-3-7-sonnet-20250219-v1:0").expect("a name"), ["claude", "sonnet", "3.7"]);
        assert_eq!(name_of("anthropic.claude-sonnet-5").expect("a name"), ["claude", "sonnet", "5"]);
        assert_eq!(name_of("anthropic.claude-sonnet-4-20250514-v1:0").expect("a name"), ["claude", "sonnet", "4"]);
    }
}
