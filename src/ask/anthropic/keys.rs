//! The keys of Anthropic's reports: from the environment of the program alone, never from a file or an argument.

use crate::secret::Secret;
use crate::variables::ADMIN_KEYS;
use crate::world::Env;

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An Admin API key of an organization in the Claude Console.
    Console,
    /// An Analytics API key of a Claude Enterprise organization.
    Enterprise,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The variable that holds it.
    pub variable: &'static str,
    /// What it opens, by its beginning: the variables' names are used for both kinds.
    pub kind: Kind,
    /// The key itself.
    pub secret: Secret,
}

/// How Admin API keys begin.
const ADMIN: &str = "sk-ant-admin";

/// The keys that are there, one of each kind.
pub fn keys(env: &Env) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for variable in ADMIN_KEYS {
        let Some(value) = env.get(variable).map(str::trim).filter(|value| !value.is_empty()) else { continue };
        let kind = if value.starts_with(ADMIN) { Kind::Console } else { Kind::Enterprise };
        if keys.iter().all(|key| key.kind != kind) {
            keys.push(Key { variable, kind, secret: Secret::new(value) });
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_of_each_kind_is_taken_by_its_beginning() {
        let env = [
            ("ANTHROPIC_ANALYTICS_API_KEY", "sk-ant-api01-second"),
            ("ANTHROPIC_ADMIN_KEY", "sk-ant-admin01-example"),
            ("ANTHROPIC_ADMIN_API_KEY", " sk-ant-api01-example\n"),
            ("ANTHROPIC_API_KEY", "sk-ant-admin01-not-for-this"),
        ];
        let keys = keys(&env.into_iter().collect());
        let found: Vec<_> = keys.iter().map(|key| (key.variable, key.kind, key.secret.reveal())).collect();
        assert_eq!(
            found,
            [
                ("ANTHROPIC_ADMIN_API_KEY", Kind::Enterprise, "sk-ant-api01-example"),
                ("ANTHROPIC_ADMIN_KEY", Kind::Console, "sk-ant-admin01-example"),
            ]
        );
        assert!(!format!("{keys:?}").contains("example"));
    }
}
