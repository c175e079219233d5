//! Findings of the layer `credentials`: what proves to AWS who calls.

pub mod bearer_token_expired;
pub mod bearer_token_hides_profile;
pub mod bearer_token_malformed;
pub mod bearer_token_other_region;
pub mod bearer_token_rejected;
pub mod clock_skew;
pub mod credential_process_failed;
pub mod credential_process_missing;
pub mod credential_process_slow;
pub mod keys_expired;
pub mod keys_inconsistent;
pub mod keys_unknown;
pub mod no_credentials;
pub mod profile_empty;
pub mod profile_hides_env_keys;
pub mod profile_not_found;
pub mod secret_wrong;
pub mod sso_never_logged_in;
pub mod sso_session_expired;
