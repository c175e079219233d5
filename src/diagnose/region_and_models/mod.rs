//! Findings of the layer `region-and-models`: where requests go, and which models.

pub mod id;
