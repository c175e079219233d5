//! Findings of the layer `network`.
