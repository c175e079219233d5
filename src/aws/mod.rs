//! Bounded questions to AWS, and its answers made sense of.
//!
//! All requests leave by [`wire`], which writes down what came back; [`clients`] makes the SDK's clients on top of it;
//! [`credentials`] gets the credentials that the route names; [`questions`] and [`probe`] ask. Nothing in here reads the
//! process environment or the AWS files: the route and the facts of the machine say everything.

pub mod answer;
pub mod awsjson;
pub mod bearer;
pub mod clients;
pub mod credentials;
pub mod denial;
mod exchange;
mod failure;
pub mod host_look;
pub mod probe;
pub mod proxy;
pub mod questions;
mod raw;
mod refusal;
pub mod tables;
pub mod told;
pub mod trust;
pub mod wire;
