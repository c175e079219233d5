//! Which files of certificates the client sees.

use super::*;

/// Names of the files that are added, and of those that are not seen.
fn seen(facts: &Facts) -> (Vec<&'static str>, Vec<&'static str>) {
    let trust = facts.route().trust;
    let names = |list: Vec<crate::aws::trust::CaSource>| list.into_iter().map(|source| source.name).collect();
    (names(trust.added), names(trust.unseen))
}

const NODE: (&str, &str) = ("NODE_EXTRA_CA_CERTS", "/etc/corp.pem");
const SYSTEM: (&str, &str) = ("SSL_CERT_FILE", "/etc/corp.pem");

#[test]
fn a_variable_of_the_shell_counts_in_every_version_and_that_of_the_system_in_native_ones() {
    assert_eq!(seen(&Facts::env(&[NODE, SYSTEM])), (vec!["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"], vec![]));
    let old = Facts::env(&[NODE, SYSTEM]).version(Version(2, 0, 77));
    assert_eq!(seen(&old), (vec!["NODE_EXTRA_CA_CERTS"], vec!["SSL_CERT_FILE"]));
    assert!(!old.route().trust.system && Facts::new().route().trust.system);
}

#[test]
fn in_settings_one_of_them_counts_and_since_a_version() {
    let in_settings = || Facts::new().settings(Scope::User, &[NODE, SYSTEM]);
    assert_eq!(seen(&in_settings()), (vec!["NODE_EXTRA_CA_CERTS"], vec!["SSL_CERT_FILE"]));
    assert_eq!(seen(&in_settings().version(Version(2, 1, 69))), (vec![], vec!["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]));
    assert_eq!(seen(&in_settings().version(Version(2, 1, 70))).0, ["NODE_EXTRA_CA_CERTS"]);
}

#[test]
fn where_settings_do_not_count_the_shell_still_does() {
    let facts = Facts::env(&[("NODE_EXTRA_CA_CERTS", "shell.pem")]).settings(Scope::User, &[NODE]);
    let trust = facts.version(Version(2, 0, 60)).route().trust;
    assert_eq!(trust.added[0].path, PathBuf::from("/home/u/project/shell.pem"), "seen from the directory");
    assert_eq!(trust.unseen[0].path, PathBuf::from("/etc/corp.pem"));
}

#[test]
fn the_stores_are_chosen_by_name() {
    let stores = |value: &str| {
        let trust = Facts::env(&[("CLAUDE_CODE_CERT_STORE", value), SYSTEM]).route().trust;
        (trust.bundled, trust.system, trust.added.len())
    };
    assert_eq!(stores("bundled"), (true, false, 0), "the file belongs to the system's store (measured)");
    assert_eq!(stores("system"), (false, true, 1));
    assert_eq!(stores("bundled, system"), (true, true, 1));
    assert_eq!(stores("nonsense"), (true, true, 1));
}

#[test]
fn what_other_programs_are_told_of_is_known_and_not_trusted() {
    let mut facts = Facts::env(&[("AWS_CA_BUNDLE", "/etc/a.pem"), ("REQUESTS_CA_BUNDLE", "")]);
    let profile = crate::observe::aws_files::Profile {
        properties: [("ca_bundle".to_owned(), "/etc/b.pem".to_owned())].into(),
        ..Default::default()
    };
    facts.0.aws.profiles.insert("default".to_owned(), profile);
    assert_eq!(seen(&facts), (vec![], vec!["AWS_CA_BUNDLE", "ca_bundle"]));
}
