//! Findings of the layer `quota`.
