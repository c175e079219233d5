//! The one integration-test binary: the AWS crates are linked once, not once per file.

mod install_script;
