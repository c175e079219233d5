//! Shell and environment: what the process that starts `claude` is given.

pub mod aws_files_on_other_side;
pub mod block_damaged;
pub mod block_edited;
pub mod block_not_loaded_yet;
pub mod block_not_reached;
pub mod block_not_read_by_shell;
pub mod block_overridden_later;
mod elsewhere;
pub mod feature_variable_harmful;
pub mod home_of_another_user;
pub mod ide_does_not_read_shell;
pub mod not_configured;
mod reach;
pub mod service_environment;
mod stray;
mod stray_profile;
pub mod value_has_stray_characters;
pub mod value_not_truthy;
pub mod variable_empty;
pub mod variable_misspelled;
pub mod variable_not_exported;
pub mod variable_of_another_tool;
pub mod vscode_login_prompt;
pub mod vscode_settings_shape;
pub mod wrapper_changes_environment;
pub mod wrong_shell_syntax;
