//! All integration tests, one binary: the AWS crates are linked once.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test says what it expects by failing"
)]

mod support;

mod ask;
mod change;
mod cli;
mod doctor;
mod evidence;
mod fake_aws;
mod install_script;
mod observe_machine;
mod observe_shells;
mod real_client;
mod setup;
