//! A fake AWS over HTTP: verifies signatures, speaks the real protocols with their real error
//! shapes, misbehaves on demand, and writes down what it was asked.
//!
//! One port serves all services, api.anthropic.com among them; the signature's scope, the path and the `Host` header
//! tell them apart.
//!
//! ```ignore
//! let aws = FakeAws::with(Account::default().rule(Rule::on("InvokeModel*", Behaviour::throttle())));
//! // run something with AWS_ENDPOINT_URL or ANTHROPIC_BEDROCK_BASE_URL = aws.url()
//! aws.log().wait_for(1, Duration::from_secs(5));
//! ```

pub mod account;
mod answer;
mod anthropic;
mod bedrock;
mod cloudtrail;
mod cloudwatch;
mod cost_explorer;
mod crowd;
mod errors;
mod event_stream;
mod iam;
mod identity;
mod ledger;
pub mod log;
mod metadata;
mod metrics;
pub mod models;
mod pricing;
mod quotas;
mod reports;
mod routes;
pub mod rules;
mod runtime;
mod server;
mod signin;
mod sigv4;
mod sso;
mod sts;
mod targets;
mod trail;
mod wire;

pub use account::{Account, KeyPair};
pub use rules::{Behaviour, Rule};
pub use server::FakeAws;
