//! Findings of the layer `network`: the way to AWS.
