//! Findings of the layer `access`: who may call what.

pub mod access_pending;
pub mod account_blocked;
pub mod agreement_missing;
pub mod aws_refused;
pub mod boundary_denied;
pub mod country_unsupported;
pub mod data_retention_required;
pub mod endpoint_policy_denied;
pub mod iam;
pub mod iam_bearer_denied;
pub mod iam_count_tokens_denied;
pub mod iam_destination_region_missing;
pub mod iam_explicit_deny;
pub mod iam_invoke_denied;
pub mod iam_list_denied;
pub mod iam_profile_arn_missing;
pub mod iam_stream_denied;
pub mod marketplace_denied;
pub mod model_gated;
pub mod payment_invalid;
pub mod scp_denied;
pub mod scp_destination_region;
pub mod scp_global;
pub mod session_policy_denied;
pub mod use_case_form_missing;
