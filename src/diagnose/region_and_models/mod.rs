//! Findings of the layer `region_and_models`.
