//! Findings of the layer `access`.
