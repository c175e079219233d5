//! All integration tests, one binary: the AWS crates are linked once.

mod support;

mod ask;
mod fake_aws;
mod install_script;
mod real_client;
