//! The applied quota of a model's route, found in AWS's list by its name.

use crate::aws::answer::Quota;
use crate::diagnose::Case;
use crate::diagnose::region_and_models::id::{self, Id};

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

/// What `claude` reserves for its answer where nothing limits it, in tokens; less than most models allow.
pub const RESERVED: f64 = 32_000.0;

/// Input of the first turn of a session (system prompt, tools, memory files), in tokens, rounded up.
pub const FIRST_TURN: f64 = 25_000.0;

/// The applied quota of this model's route, where the list has it.
pub fn applied<'a>(case: &Case<'a>, model: &str, unit: Unit) -> Option<&'a Quota> {
    let quotas = case.answers.quotas.got()?;
    let route = match id::read(model) {
        Id::Claude { prefix: Some("global"), .. } => "global cross-region",
        Id::Claude { prefix: None, .. } => "on-demand",
        _ => "cross-region",
    };
    let wanted = name_of(id::foundation(model))?;
    let mut of_model = quotas.iter().filter(|quota| {
        let name = quota.name.to_lowercase();
        // Word by word, since the order of name and number changed between generations.
        let words: Vec<&str> = name.split([' ', '(', ')', ',']).collect();
        name.contains(unit.words()) && wanted.iter().all(|word| words.contains(&word.as_str()))
    });
    let exact = of_model.clone().find(|quota| {
        let name = quota.name.to_lowercase();
        name.starts_with(route)
    });
    exact.or_else(|| of_model.next())
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
        Quota {
            code: "L-0AD9E5BF".to_owned(),
            name: format!("Cross-region model inference {unit} for Anthropic Claude Opus 4.8"),
            value,
        }
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
