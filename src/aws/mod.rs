//! Bounded questions to AWS, and its answers made sense of.
//!
//! All requests leave by [`wire`], which writes down what came back; [`clients`] makes the SDK's clients on top of it;
//! [`questions`] and [`probe`] ask. Nothing in here reads the process environment or the AWS files, or knows of the machine and
//! its route: whoever asks says where and as whom.

pub mod amount;
pub mod answer;
pub mod awsjson;
pub mod bearer;
pub mod clients;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod cost_explorer;
pub mod denial;
mod exchange;
mod failure;
pub mod host_look;
pub mod iam;
pub mod logging;
pub mod loose;
pub mod mantle;
pub mod price_list;
pub mod probe;
pub mod proxy;
pub mod query;
pub mod questions;
pub mod raw;
mod refusal;
pub mod regions;
pub mod signed;
pub mod tables;
pub mod told;
pub mod trust;
pub mod wire;
