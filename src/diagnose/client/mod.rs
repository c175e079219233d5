//! The client: which `claude` runs, and whether it is new enough for this setup.

pub mod claude_broken;
pub mod claude_missing;
pub mod claude_several_installs;
pub mod claude_too_old;
pub mod client_reports_other_provider;
pub mod session_has_old_settings;
mod versions;
