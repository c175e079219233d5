//! Settings files of the client.

pub mod api_key_left_over;
pub mod base_url_ignored;
pub mod bedrock_left_on;
pub mod credentials_leak_to_tools;
pub mod gateway_base_url;
mod layers;
pub mod managed_settings_force;
pub mod managed_settings_misplaced;
pub mod other_provider_selected;
pub mod output_limit_above_model;
pub mod output_limit_low;
pub mod project_settings_flip_route;
pub mod prompt_caching_disabled;
pub mod provider_not_allowed;
pub mod secrets_in_settings;
pub mod settings_env_not_string;
pub mod settings_helper_broken;
pub mod settings_invalid_json;
pub mod settings_key_misspelled;
pub mod settings_override_shell;
pub mod settings_wrong_file;
pub mod skip_auth_set;
