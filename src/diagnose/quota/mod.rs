//! Findings of the layer `quota`: how much.
