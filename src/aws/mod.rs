//! Bounded questions to AWS, and its answers made sense of.

pub mod answer;
