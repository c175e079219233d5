//! `bedrockup doctor` on whole machines: the built program, a home, real shells, and a fake AWS.
//!
//! Most cases replay a failure that a user reported in public; the names of the tests are those reports. Every machine
//! starts healthy ([`machine::Machine`]) and differs in what the test says. Every run is held to the contract of the
//! JSON document, to the exit codes, to having changed nothing, and to having shown no secret ([`report::Report`]).

mod access;
mod auth_refresh;
mod aws_files;
mod awss_words;
mod bedside;
mod client;
mod commands;
mod corporate;
mod credential_sources;
mod credentials;
mod elsewhere;
mod field;
mod fix;
mod fix_asked;
mod further_reports;
mod healthy_but_odd;
mod machine;
mod metadata;
mod models;
mod network;
mod odd_credentials;
mod odd_places;
mod other_shells;
mod permissions;
mod quotas;
mod ready;
mod records;
mod report;
mod robust;
mod second_looks;
mod secrets;
mod settings;
mod shell;
mod to_the_letter;
mod versions;
mod ways_in;
mod worlds;

use crate::support::dead_ends::{self, Silence};
use crate::support::fake_aws::account::{
    ACCOUNT_ID, ApplicationProfile, ContainerCredentials, EXPIRED_KEY, GOOD_BEARER, GOOD_KEY, GOOD_SESSION_TOKEN,
    SESSION_KEY, SSO_ROLE, SSO_TOKEN,
};
use crate::support::fake_aws::models::Stage;
use crate::support::fake_aws::{Behaviour, KeyPair, Rule};
use crate::support::https_proxy::{HttpsProxy, Mode, Once};
use crate::support::odd_server::OddServer;
use machine::{HAIKU, Machine, OPUS, SONNET, healthy};
use report::Report;
