//! Shell and environment: what the process that starts `claude` is given.

pub mod not_configured;
