//! What the tests stand on: a fake AWS, a sandbox home, the real client, a proxy with its own CA.
#![allow(dead_code, unused_imports, reason = "the bed offers more than one day's tests use")]

pub mod claude_client;
#[cfg(target_os = "linux")]
pub mod confined;
pub mod dead_ends;
pub mod fake_aws;
pub mod fake_claude;
pub mod https_proxy;
pub mod odd_server;
pub mod process;
pub mod sandbox;
pub mod tools;
