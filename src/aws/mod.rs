//! Bounded questions to AWS, and its answers made sense of.

pub mod answer;
pub mod denial;
pub mod told;
