//! Findings of the layer `network`: the way to AWS.

pub mod answer_not_from_aws;
pub mod ca_file_unusable;
pub mod ca_not_seen_by_client;
pub mod connection_refused;
pub mod control_plane_unreachable;
pub mod dns_failed;
pub mod endpoint_not_bedrock;
pub mod endpoint_region_mismatch;
pub mod no_answer;
pub mod proxy_needs_auth;
pub mod proxy_unreachable;
pub mod server_error;
pub mod sign_in_endpoint_unreachable;
pub mod stream_broken;
pub mod tls_untrusted;
pub mod way_out;
