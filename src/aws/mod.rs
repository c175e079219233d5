//! Bounded questions to AWS, and its answers made sense of.

pub mod answer;
pub mod bearer;
pub mod denial;
pub mod tables;
pub mod told;
