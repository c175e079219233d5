//! Settings files of the client.

mod layers;
pub mod managed_settings_force;
pub mod other_provider_selected;
pub mod project_settings_flip_route;
pub mod settings_invalid_json;
pub mod settings_override_shell;
