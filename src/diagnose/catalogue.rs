//! Every finding that doctor can name, in the order of the path from the shell to the model.
//!
//! A finding is declared in its own file and listed here, once. The test below holds the list to that.

use super::Kind;
use super::{access, client, credentials, network, proof, quota, region_and_models, settings, shell};

/// All kinds of finding, first on the path first.
pub const ALL: &[&Kind] = &[
    // shell
    &shell::not_configured::KIND,
    &shell::block_not_loaded_yet::KIND,
    &shell::block_not_read_by_shell::KIND,
    &shell::block_not_reached::KIND,
    &shell::block_edited::KIND,
    &shell::block_damaged::KIND,
    &shell::block_overridden_later::KIND,
    &shell::variable_not_exported::KIND,
    &shell::variable_misspelled::KIND,
    &shell::variable_of_another_tool::KIND,
    &shell::variable_empty::KIND,
    &shell::value_not_truthy::KIND,
    &shell::value_has_stray_characters::KIND,
    &shell::wrong_shell_syntax::KIND,
    &shell::ide_does_not_read_shell::KIND,
    &shell::vscode_login_prompt::KIND,
    &shell::vscode_settings_shape::KIND,
    &shell::aws_files_on_other_side::KIND,
    &shell::service_environment::KIND,
    &shell::home_of_another_user::KIND,
    &shell::wrapper_changes_environment::KIND,
    &shell::feature_variable_harmful::KIND,
    // client
    &client::claude_missing::KIND,
    &client::claude_broken::KIND,
    &client::claude_several_installs::KIND,
    &client::claude_too_old::KIND,
    &client::claude_known_bad_version::KIND,
    &client::ide_bundles_older_client::KIND,
    &client::client_reports_other_provider::KIND,
    &client::session_has_old_settings::KIND,
    // settings
    &settings::settings_override_shell::KIND,
    &settings::project_settings_flip_route::KIND,
    &settings::managed_settings_force::KIND,
    &settings::managed_settings_misplaced::KIND,
    &settings::settings_invalid_json::KIND,
    &settings::settings_env_not_string::KIND,
    &settings::settings_wrong_file::KIND,
    &settings::settings_key_misspelled::KIND,
    &settings::settings_helper_broken::KIND,
    &settings::other_provider_selected::KIND,
    &settings::provider_not_allowed::KIND,
    &settings::bedrock_left_on::KIND,
    &settings::gateway_base_url::KIND,
    &settings::base_url_ignored::KIND,
    &settings::api_key_left_over::KIND,
    &settings::skip_auth_set::KIND,
    &settings::secrets_in_settings::KIND,
    &settings::credentials_leak_to_tools::KIND,
    &settings::prompt_caching_disabled::KIND,
    &settings::output_limit_low::KIND,
    &settings::output_limit_above_model::KIND,
    // credentials
    &credentials::no_credentials::KIND,
    &credentials::profile_not_found::KIND,
    &credentials::profile_empty::KIND,
    &credentials::profile_section_misnamed::KIND,
    &credentials::aws_files_unreadable::KIND,
    &credentials::aws_config_broken::KIND,
    &credentials::profile_hides_env_keys::KIND,
    &credentials::keys_inconsistent::KIND,
    &credentials::keys_expired::KIND,
    &credentials::keys_unknown::KIND,
    &credentials::secret_wrong::KIND,
    &credentials::clock_skew::KIND,
    &credentials::sso_session_expired::KIND,
    &credentials::sso_never_logged_in::KIND,
    &credentials::sso_legacy_profile::KIND,
    &credentials::sso_misconfigured::KIND,
    &credentials::sso_role_denied::KIND,
    &credentials::sso_login_needs_local_browser::KIND,
    &credentials::credential_process_missing::KIND,
    &credentials::credential_process_failed::KIND,
    &credentials::credential_process_slow::KIND,
    &credentials::assume_role_misconfigured::KIND,
    &credentials::assume_role_denied::KIND,
    &credentials::mfa_required::KIND,
    &credentials::web_identity_unreadable::KIND,
    &credentials::imds_unreachable::KIND,
    &credentials::imds_no_role::KIND,
    &credentials::container_credentials_failed::KIND,
    &credentials::aws_login_expired::KIND,
    &credentials::bearer_token_hides_profile::KIND,
    &credentials::bearer_token_malformed::KIND,
    &credentials::bearer_token_expired::KIND,
    &credentials::bearer_token_other_region::KIND,
    &credentials::bearer_token_rejected::KIND,
    &credentials::auth_refresh_missing::KIND,
    &credentials::auth_refresh_loops::KIND,
    &credentials::auth_refresh_wrong_profile::KIND,
    &credentials::credential_export_broken::KIND,
    &credentials::wrong_account::KIND,
    &credentials::credentials_expire_soon::KIND,
    // region-and-models
    &region_and_models::region_missing::KIND,
    &region_and_models::region_only_implied::KIND,
    &region_and_models::region_unknown::KIND,
    &region_and_models::region_not_enabled::KIND,
    &region_and_models::sts_token_not_valid_in_region::KIND,
    &region_and_models::region_without_claude::KIND,
    &region_and_models::region_differs_from_profile::KIND,
    &region_and_models::model_enabled_in_other_region::KIND,
    &region_and_models::partition_unsupported::KIND,
    &region_and_models::partition_mismatch::KIND,
    &region_and_models::model_prefix_mismatch::KIND,
    &region_and_models::model_needs_profile::KIND,
    &region_and_models::model_id_invalid::KIND,
    &region_and_models::model_not_bedrock_id::KIND,
    &region_and_models::model_long_context_suffix::KIND,
    &region_and_models::model_legacy::KIND,
    &region_and_models::model_end_of_life::KIND,
    &region_and_models::model_not_in_region::KIND,
    &region_and_models::model_not_claude::KIND,
    &region_and_models::model_unpinned::KIND,
    &region_and_models::small_model_unavailable::KIND,
    &region_and_models::small_model_variable_deprecated::KIND,
    &region_and_models::profile_arn_other_region::KIND,
    &region_and_models::profile_arn_other_account::KIND,
    &region_and_models::profile_arn_missing::KIND,
    &region_and_models::profile_arn_opaque::KIND,
    &region_and_models::mantle_mismatch::KIND,
    // access
    &access::use_case_form_missing::KIND,
    &access::agreement_missing::KIND,
    &access::marketplace_denied::KIND,
    &access::payment_invalid::KIND,
    &access::access_pending::KIND,
    &access::model_gated::KIND,
    &access::account_blocked::KIND,
    &access::data_retention_required::KIND,
    &access::country_unsupported::KIND,
    &access::iam_invoke_denied::KIND,
    &access::iam_stream_denied::KIND,
    &access::iam_profile_arn_missing::KIND,
    &access::iam_destination_region_missing::KIND,
    &access::iam_list_denied::KIND,
    &access::iam_count_tokens_denied::KIND,
    &access::iam_bearer_denied::KIND,
    &access::iam_explicit_deny::KIND,
    &access::scp_denied::KIND,
    &access::scp_destination_region::KIND,
    &access::scp_global::KIND,
    &access::boundary_denied::KIND,
    &access::session_policy_denied::KIND,
    &access::endpoint_policy_denied::KIND,
    &access::aws_refused::KIND,
    // quota
    &quota::quota_tokens_per_minute::KIND,
    &quota::quota_requests_per_minute::KIND,
    &quota::quota_tokens_per_day::KIND,
    &quota::quota_zero::KIND,
    &quota::output_reservation::KIND,
    // network
    &network::dns_failed::KIND,
    &network::connection_refused::KIND,
    &network::no_answer::KIND,
    &network::proxy_unreachable::KIND,
    &network::proxy_needs_auth::KIND,
    &network::answer_not_from_aws::KIND,
    &network::tls_untrusted::KIND,
    &network::ca_file_unusable::KIND,
    &network::ca_not_seen_by_client::KIND,
    &network::endpoint_not_bedrock::KIND,
    &network::endpoint_region_mismatch::KIND,
    &network::control_plane_unreachable::KIND,
    &network::sign_in_endpoint_unreachable::KIND,
    &network::stream_broken::KIND,
    &network::server_error::KIND,
    // proof
    &proof::trail_looked_in_wrong_place::KIND,
    &proof::evidence_denied::KIND,
    &proof::invocation_logging_off::KIND,
    &proof::served_by_other_region::KIND,
    &proof::cache_short_lived::KIND,
];

/// The kind of that name.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_in_kebab_case_and_every_page_is_whole() {
        let mut seen = BTreeSet::new();
        for kind in ALL {
            assert!(seen.insert(kind.name), "{} is listed twice", kind.name);
            assert!(kind.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", kind.name);
            assert!(!kind.title.is_empty() && !kind.title.ends_with('.'), "{}: title", kind.name);
            let headings: Vec<_> = kind.page.lines().filter(|line| line.starts_with("## ")).collect();
            assert_eq!(headings, ["## What you see", "## Why", "## Fix", "## Check"], "{}", kind.name);
        }
    }

    #[test]
    fn layers_stand_in_the_order_of_the_path() {
        assert!(ALL.is_sorted_by_key(|kind| kind.layer));
    }

    #[test]
    fn what_a_finding_owns_is_declared() {
        for kind in ALL {
            for owned in kind.owns {
                assert!(by_name(owned).is_some(), "{} owns {owned}, which is not declared", kind.name);
                assert_ne!(*owned, kind.name);
            }
        }
    }
}
