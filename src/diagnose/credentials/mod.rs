//! Findings of the layer `credentials`.
