//! Anthropic's own side: an organization with its keys and what it used there, without any AWS.

use serde::{Deserialize, Serialize};

use super::Day;

/// An Admin API key of the organization. Like every key in here it is made up.
pub const ADMIN_KEY: &str = "sk-ant-admin01-of-the-fake";
/// A key for messages.
pub const API_KEY: &str = "sk-ant-api03-of-the-fake";

/// The organization at api.anthropic.com.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Organization {
    /// Its id.
    pub id: String,
    /// Keys that open the reports.
    pub admin_keys: Vec<String>,
    /// Keys that open the messages. Calls that are really made appear in the reports at once, a cent each.
    pub api_keys: Vec<ApiKey>,
    /// What the reports hold besides.
    pub usage: Vec<DirectUse>,
}

/// A key for messages.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiKey {
    /// The key.
    pub key: String,
    /// Its name, by which reports know it.
    pub name: String,
}

/// What one person or key used of one model on one day.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DirectUse {
    /// The day.
    pub day: Day,
    /// Address of the person (`user_actor`); none: the key did it.
    pub email: Option<String>,
    /// Name of the key (`api_actor`).
    pub api_key: String,
    /// Model id of Anthropic's API, e.g. `claude-opus-5-5`.
    pub model: String,
    /// By Claude Code: in its report too.
    pub claude_code: bool,
    /// Input that is neither read from the cache nor written to it.
    pub input: u64,
    /// Output.
    pub output: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written to the cache for five minutes.
    pub cache_write_5m: u64,
    /// Written to the cache for an hour.
    pub cache_write_1h: u64,
    /// What it cost, in cents.
    pub cents: f64,
}

impl Default for DirectUse {
    fn default() -> Self {
        Self {
            day: Day::default(),
            email: None,
            api_key: "claude-code-key".into(),
            model: "claude-opus-5-5".into(),
            claude_code: true,
            input: 0,
            output: 0,
            cache_read: 0,
            cache_write_5m: 0,
            cache_write_1h: 0,
            cents: 0.0,
        }
    }
}

impl Default for Organization {
    fn default() -> Self {
        Self {
            id: "5f3f1b9e-0000-4000-8000-000000000001".into(),
            admin_keys: vec![ADMIN_KEY.into()],
            api_keys: vec![ApiKey { key: API_KEY.into(), name: "claude-code-key".into() }],
            usage: Vec::new(),
        }
    }
}
