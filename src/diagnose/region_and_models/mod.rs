//! Findings of the layer `region-and-models`: where requests go, and which models.

pub mod fit;
pub mod id;
pub mod model_end_of_life;
pub mod model_id_invalid;
pub mod model_legacy;
pub mod model_needs_profile;
pub mod model_not_bedrock_id;
pub mod model_not_claude;
pub mod model_not_in_region;
pub mod model_prefix_mismatch;
pub mod model_unpinned;
pub mod partition_mismatch;
pub mod partition_unsupported;
pub mod profile_arn_other_account;
pub mod profile_arn_other_region;
pub mod region_differs_from_profile;
pub mod region_missing;
pub mod region_not_enabled;
pub mod region_only_implied;
pub mod region_unknown;
pub mod region_without_claude;
pub mod small_model_unavailable;
pub mod small_model_variable_deprecated;
