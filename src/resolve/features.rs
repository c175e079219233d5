//! Variables outside of the routing set that are known to make Bedrock refuse requests (`src/data/feature-variables.json`).

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::variables::is_truthy;

/// One variable, and what it does to requests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// Which values count.
    when: When,
    /// Families of models that it matters for (`opus-4-8`); empty: all.
    #[serde(default)]
    pub models: Vec<String>,
    /// What it does, in words.
    pub what: String,
    /// What it adds to a request.
    #[serde(default)]
    body: Map<String, Value>,
    /// Its value is a list of betas.
    #[serde(default)]
    betas: bool,
    /// Where this is known from.
    pub source: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum When {
    Truthy,
    Set,
    Positive,
}

#[derive(Deserialize)]
struct File {
    variables: Vec<Feature>,
}

/// The table; it is part of the program, and a test reads it.
static FEATURES: LazyLock<Vec<Feature>> = LazyLock::new(|| read().unwrap_or_default());

fn read() -> Result<Vec<Feature>, serde_json::Error> {
    let file: File = serde_json::from_str(include_str!("../data/feature-variables.json"))?;
    Ok(file.variables)
}

/// All of them.
pub fn all() -> &'static [Feature] {
    &FEATURES
}

impl Feature {
    /// The value is one that counts.
    pub fn counts(&self, value: &str) -> bool {
        match self.when {
            When::Truthy => is_truthy(value),
            When::Set => !value.trim().is_empty(),
            When::Positive => value.trim().parse::<u64>().is_ok_and(|number| number > 0),
        }
    }

    /// What it adds to a request with this value; `None` where no request can show it at the price of a token.
    pub fn body(&self, value: &str) -> Option<Map<String, Value>> {
        let mut body = self.body.clone();
        if self.betas {
            let betas: Vec<&str> = value.split(',').map(str::trim).filter(|beta| !beta.is_empty()).collect();
            body.insert("anthropic_beta".to_owned(), json!(betas));
        }
        (!body.is_empty()).then_some(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let rows = read().expect("the table reads");
        assert!(rows.len() >= 4);
        assert!(rows.iter().all(|row| row.source.starts_with("https://") && !row.what.ends_with('.')));
    }

    #[test]
    fn which_values_count_and_what_they_add() {
        let feature = |name: &str| all().iter().find(|feature| feature.name == name).expect("a row");
        let tool = feature("CLAUDE_CODE_USE_POWERSHELL_TOOL");
        assert!(tool.counts("1") && !tool.counts("0"));
        assert_eq!(tool.body("1").expect("a body")["tools"][0]["name"], "PowerShell");
        let betas = feature("ANTHROPIC_BETAS").body(" a, b,").expect("a body");
        assert_eq!(betas["anthropic_beta"], json!(["a", "b"]));
        let thinking = feature("MAX_THINKING_TOKENS");
        assert!(thinking.counts("8000") && !thinking.counts("0") && thinking.body("8000").is_none());
    }
}
