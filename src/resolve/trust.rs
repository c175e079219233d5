//! Which certificates the client trusts: by its version, and by where a variable stands.
//!
//! `NODE_EXTRA_CA_CERTS` counts in the shell, and from 2.1.70 on in the settings; `SSL_CERT_FILE` and `SSL_CERT_DIR` count in
//! the shell alone, and only with the system's roots (measured with 2.0.77, 2.1.112 and 2.1.330).

use std::path::PathBuf;

use crate::aws::trust::{CaSource, Trust};
use crate::observe::Machine;
use crate::resolve::data::{Gate, gate};
use crate::resolve::{Source, Variable};
use crate::version::Version;
use crate::world::Env;

/// Which of the two stores the client takes, separated by commas; both where it is unset.
const STORES: &str = "CLAUDE_CODE_CERT_STORE";
const NODE: &str = "NODE_EXTRA_CA_CERTS";
const OF_THE_SYSTEM: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
/// Where other programs are told of a company's root.
const OF_OTHERS: [&str; 5] = ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT"];

/// What is trusted for a route.
pub fn resolve(
    machine: &Machine,
    effective: &Env,
    companions: &[Variable],
    variables: &[Variable],
    profile: &str,
    version: Version,
) -> Trust {
    let stores = stores(effective);
    let system = stores.system && version >= gate(Gate::SystemRoots);
    let mut trust = Trust { system, bundled: stores.bundled, ..Trust::default() };
    let source =
        |name: &'static str, value: &str| CaSource { name, path: machine.directory.join(PathBuf::from(value)) };
    let known = || variables.iter().chain(companions);
    let mut look = |name: &'static str, in_settings: bool, in_shell: bool| {
        let Some(variable) = known().find(|variable| variable.name == name) else { return };
        let settings = variable.winner.iter().chain(&variable.losers).filter(|setting| !setting.value.is_empty());
        let seen = |from: &Source| match from {
            Source::Settings { .. } => in_settings,
            Source::Environment { .. } | Source::NewShell { .. } => in_shell,
            _ => false,
        };
        let mut taken = false;
        for setting in settings.filter(|setting| !matches!(setting.source, Source::RcFile(_))) {
            let list = if seen(&setting.source) && !taken { &mut trust.added } else { &mut trust.unseen };
            taken = taken || seen(&setting.source);
            list.push(source(name, &setting.value));
        }
    };
    look(NODE, version >= gate(Gate::CaFileFromSettings), true);
    // They are a part of the system's store.
    let of_the_system = stores.system && version >= gate(Gate::CaFileOfTheSystem);
    for name in OF_THE_SYSTEM {
        look(name, false, of_the_system);
    }
    let in_aws_files = machine.aws.profiles.get(profile).and_then(|section| section.get("ca_bundle"));
    let of_others = OF_OTHERS.iter().filter_map(|name| Some((*name, effective.non_empty(name)?)));
    trust
        .unseen
        .extend(of_others.chain(in_aws_files.map(|file| ("ca_bundle", file))).map(|(name, value)| source(name, value)));
    trust
}

struct Stores {
    system: bool,
    bundled: bool,
}

/// Both, unless the variable names one; a value that names neither leaves the client with its default.
fn stores(effective: &Env) -> Stores {
    let value = effective.non_empty(STORES).unwrap_or_default();
    let names = |wanted: &str| value.split(',').any(|store| store.trim().eq_ignore_ascii_case(wanted));
    let (system, bundled) = (names("system"), names("bundled"));
    if system || bundled { Stores { system, bundled } } else { Stores { system: true, bundled: true } }
}
