//! Shell and environment: what the process that starts `claude` is given.

pub mod block_damaged;
pub mod block_edited;
pub mod block_not_loaded_yet;
pub mod block_not_reached;
pub mod block_not_read_by_shell;
pub mod block_overridden_later;
pub mod not_configured;
mod reach;
mod stray;
pub mod value_has_stray_characters;
pub mod value_not_truthy;
pub mod variable_empty;
pub mod variable_misspelled;
pub mod variable_not_exported;
pub mod variable_of_another_tool;
pub mod wrong_shell_syntax;
