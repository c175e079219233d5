//! All integration tests, one binary: the AWS crates are linked once.

mod support;

mod fake_aws;
mod real_client;
