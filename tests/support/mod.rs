//! What the tests stand on: a fake AWS, a sandbox home, the real client, a proxy with its own CA.
#![allow(
    dead_code,
    unused_imports,
    reason = "the bed offers more than one day's tests use"
)]

pub mod fake_aws;
pub mod process;
pub mod sandbox;
