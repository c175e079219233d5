//! Findings of the layer `quota`: how much.

pub mod limits;
pub mod output_reservation;
pub mod quota_requests_per_minute;
pub mod quota_tokens_per_day;
pub mod quota_tokens_per_minute;
pub mod quota_zero;
