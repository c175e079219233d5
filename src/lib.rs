//! Routes Claude Code through Amazon Bedrock on a person's machine, explains why it does not work when it does not,
//! and takes itself out again byte for byte.
//!
//! One way through the house; a room knows only the rooms below it:
//!
//! ```text
//! commands   one file per command, each reads like its sentence in the README
//! report     one value as text or JSON; nothing else prints
//! diagnose   facts + resolution -> findings, first true cause first (pure)
//! usage      answers, metrics and bills -> rows of tokens and dollars, advice (pure)
//! prove      facts + resolution -> evidence that the traffic goes through Bedrock, graded (pure)
//! change     block, plan (pure), apply, receipt: the only room that writes a user's file
//! ask        the resolved route -> its credentials, and questions to AWS, all at once, each bounded
//! resolve    facts -> what `claude` would use, started here (pure)
//! observe    looks at the machine and states facts; judges nothing
//! aws        bounded clients, and AWS's answers made sense of
//! price      the dated table of prices, and exact arithmetic with it (pure)
//! shell      what is known about shells: files, syntax, quoting
//! world      environment, home, directory, user, clock, terminal: injected, so tests never touch the real ones
//! ```
#![forbid(unsafe_code)]

pub mod ask;
pub mod aws;
pub mod change;
pub mod cli;
pub mod commands;
pub mod diagnose;
pub mod exit;
pub mod observe;
pub mod price;
pub mod prove;
pub mod report;
pub mod resolve;
pub mod secret;
pub mod shell;
pub mod usage;
pub mod value;
pub mod variables;
pub mod version;
pub mod world;
