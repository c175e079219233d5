//! `bedrockup verify` on whole machines: the built program, the real client, and a fake AWS that keeps its own log.

mod anthropic;
mod bed;
mod canary;
mod evidence;
mod grades;
mod real_client;
mod sessions;
mod watch;

pub(crate) use bed::{Bed, answer, first_party, line};
