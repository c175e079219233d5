//! Findings of the layer `access`: who may call what.
