//! All integration tests, one binary: the AWS crates are linked once.

mod support;
