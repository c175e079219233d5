//! The client: which `claude` runs, and whether it is new enough for this setup.

pub mod claude_broken;
pub mod claude_known_bad_version;
pub mod claude_missing;
pub mod claude_several_installs;
pub mod claude_too_old;
pub mod client_reports_other_provider;
pub mod ide_bundles_older_client;
pub mod known_bad;
mod old_sessions;
pub mod session_has_old_settings;
pub mod versions;

pub use versions::model_family;
