//! Findings of the layer `client`.
