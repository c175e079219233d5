//! The client's chain of credentials, and the walk through profiles.

use super::Facts;
use crate::observe::settings::Scope;
use crate::resolve::{CredentialKind, ProfileRoute, RoleBase};
use crate::variables::{ACCESS_KEY_ID, BEARER_TOKEN, PROFILE, SECRET_ACCESS_KEY, SESSION_TOKEN, SKIP_AUTH};

const KEYS: [(&str, &str); 2] = [("aws_access_key_id", "AKIAFILE"), ("aws_secret_access_key", "s")];

/// A short word for a kind.
fn word(kind: &CredentialKind) -> &'static str {
    match kind {
        CredentialKind::BearerToken => "bearer",
        CredentialKind::Export { .. } => "export",
        CredentialKind::EnvironmentKeys { .. } => "keys",
        CredentialKind::Profile { .. } => "profile",
        CredentialKind::WebIdentity { .. } => "web",
        CredentialKind::Container { .. } => "container",
        CredentialKind::InstanceMetadata => "metadata",
        CredentialKind::Nothing => "nothing",
        CredentialKind::Skipped => "skipped",
    }
}

#[test]
fn each_link_is_found_when_the_stronger_ones_go() {
    let all: [(&str, &str, &str); 7] = [
        (BEARER_TOKEN, "ABSKx", "bearer"),
        (SKIP_AUTH, "1", "skipped"),
        (PROFILE, "work", "profile"),
        (ACCESS_KEY_ID, "AKIAENV", "keys"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token", "web"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/", "container"),
        ("AWS_EC2_METADATA_DISABLED", "true", "nothing"),
    ];
    for first in 0..all.len() {
        let mut env: Vec<(&str, &str)> = all[first..].iter().map(|(name, value, _)| (*name, *value)).collect();
        env.extend([(SECRET_ACCESS_KEY, "s"), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r")]);
        let facts = Facts::env(&env).profile("work", &KEYS);
        let credentials = facts.route().credentials;
        assert_eq!(word(&credentials.kind), all[first].2);
        let hidden: Vec<&str> = credentials.hidden.iter().map(word).collect();
        let rest: Vec<&str> =
            all[first + 1..].iter().map(|(_, _, word)| *word).filter(|word| *word != "nothing").collect();
        assert_eq!(hidden, rest);
    }
    assert_eq!(word(&Facts::new().route().credentials.kind), "metadata");
    assert_eq!(word(&Facts::env(&[("AWS_EC2_METADATA_DISABLED", "false")]).route().credentials.kind), "metadata");
}

#[test]
fn export_beats_keys_and_loses_to_a_bearer_token() {
    let export = |facts: Facts| {
        facts.settings_file(Scope::User, |settings| settings.aws_credential_export = Some("print-keys".to_owned()))
    };
    let keys = [(ACCESS_KEY_ID, "AKIAENV"), (SECRET_ACCESS_KEY, "s")];
    assert_eq!(word(&export(Facts::env(&keys)).route().credentials.kind), "export");
    assert_eq!(word(&export(Facts::env(&[(PROFILE, "gone")])).route().credentials.kind), "export");
    let token = export(Facts::env(&[(BEARER_TOKEN, "ABSKx")])).route().credentials;
    assert_eq!((word(&token.kind), token.hidden.iter().map(word).collect::<Vec<_>>()), ("bearer", vec!["export"]));
}

#[test]
fn a_profile_that_does_not_exist_is_taken_alone() {
    let facts =
        Facts::env(&[(PROFILE, "gone"), (ACCESS_KEY_ID, "AKIAENV"), (SECRET_ACCESS_KEY, "s"), (SESSION_TOKEN, "t")]);
    let credentials = facts.route().credentials;
    assert_eq!(credentials.kind, CredentialKind::Profile { name: "gone".to_owned(), leads_to: ProfileRoute::NotFound });
    let keys = CredentialKind::EnvironmentKeys { key_id: "AKIAENV".to_owned(), has_session_token: true };
    assert_eq!(credentials.hidden, [keys]);
}

#[test]
fn past_a_profile_that_leads_nowhere_only_the_last_links_are_tried() {
    let container = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/");
    let env = [(PROFILE, "gone"), (ACCESS_KEY_ID, "AKIAENV"), (SECRET_ACCESS_KEY, "s"), container];
    assert_eq!(word(&Facts::env(&env).route().credentials.kind), "container");
    assert_eq!(word(&Facts::env(&env).profile("gone", &KEYS).route().credentials.kind), "profile");
    let role = [("role_arn", "arn:r"), ("source_profile", "nobody")];
    assert_eq!(word(&Facts::env(&env).profile("gone", &role).route().credentials.kind), "container");
    assert_eq!(word(&Facts::env(&env[..3]).profile("gone", &role).route().credentials.kind), "profile");
    let web = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), container];
    assert_eq!(word(&Facts::env(&web).route().credentials.kind), "container");
    // A broken SSO profile ends the search.
    let sso = [("sso_session", "nobody"), ("sso_account_id", "1")];
    assert_eq!(word(&Facts::env(&env).profile("gone", &sso).route().credentials.kind), "profile");
}

#[test]
fn empty_is_unset_and_half_a_pair_is_none() {
    let env = [(BEARER_TOKEN, ""), (PROFILE, ""), (ACCESS_KEY_ID, "AKIAENV"), ("AWS_EC2_METADATA_DISABLED", "true")];
    assert_eq!(word(&Facts::env(&env).route().credentials.kind), "nothing");
    let with_default = Facts::env(&env).profile("default", &KEYS).route();
    assert_eq!(word(&with_default.credentials.kind), "profile");
    assert_eq!(word(&Facts::env(&[(BEARER_TOKEN, "  ")]).route().credentials.kind), "metadata");
    assert_eq!(word(&Facts::env(&[(PROFILE, " ")]).route().credentials.kind), "profile");
    // Settings blank the token of the shell.
    let blanked =
        Facts::env(&[(BEARER_TOKEN, "ABSKx")]).settings(Scope::User, &[(BEARER_TOKEN, "")]).profile("default", &KEYS);
    assert_eq!(word(&blanked.route().credentials.kind), "profile");
}

/// Where `AWS_PROFILE=p` leads.
fn leads_to(facts: Facts) -> ProfileRoute {
    let mut facts = facts;
    facts.0.environment.set(PROFILE, "p");
    match facts.route().credentials.kind {
        CredentialKind::Profile { leads_to, .. } => leads_to,
        other => panic!("not a profile: {}", word(&other)),
    }
}

#[test]
fn kinds_of_profiles() {
    let keys = ProfileRoute::Keys { key_id: "AKIAFILE".to_owned(), has_session_token: false };
    assert_eq!(leads_to(Facts::new().profile("p", &KEYS)), keys);
    assert_eq!(
        leads_to(Facts::new().profile("p", &[("region", "us-east-1"), ("output", "json")])),
        ProfileRoute::Empty
    );
    let process = leads_to(Facts::new().profile("p", &[("credential_process", "/bin/helper --x")]));
    assert_eq!(process, ProfileRoute::Process { command: "/bin/helper --x".to_owned() });
    assert!(matches!(leads_to(Facts::new().profile("p", &KEYS[..1])), ProfileRoute::Broken(_)));
    assert!(matches!(leads_to(Facts::new().profile("p", &[("role_arn", "arn:r")])), ProfileRoute::Broken(_)));
}

#[test]
fn sso_in_both_forms_has_the_cache_key_of_the_aws_cli() {
    let account = [("sso_account_id", "111111111111"), ("sso_role_name", "Dev")];
    let shared = [("sso_start_url", "https://example.awsapps.com/start"), ("sso_region", "eu-west-1")];
    let mut own: Vec<(&str, &str)> = account.to_vec();
    own.push(("sso_session", "corp"));
    let ProfileRoute::Sso { session, region, cache_key, .. } =
        leads_to(Facts::new().profile("p", &own).sso_session("corp", &shared))
    else {
        panic!("an SSO profile")
    };
    assert_eq!((session.as_deref(), region.as_str()), (Some("corp"), "eu-west-1"));
    // printf corp | sha1sum
    assert_eq!(cache_key, "ee0bfd2552fbd840c02cc48b6e823320543c450f");

    let legacy: Vec<(&str, &str)> = account.into_iter().chain(shared).collect();
    let ProfileRoute::Sso { session, cache_key, .. } = leads_to(Facts::new().profile("p", &legacy)) else {
        panic!("a legacy profile")
    };
    // printf https://example.awsapps.com/start | sha1sum
    assert_eq!((session, cache_key.as_str()), (None, "e8be5486177c5b5392bd9aa76563515b29358e6e"));

    for broken in [own.as_slice(), &legacy[..3], &legacy[1..]] {
        assert!(matches!(leads_to(Facts::new().profile("p", broken)), ProfileRoute::Broken(_)), "{broken:?}");
    }
    own.push(("sso_region", "us-east-1"));
    let disagree = Facts::new().profile("p", &own).sso_session("corp", &shared);
    assert!(matches!(leads_to(disagree), ProfileRoute::Broken(_)));
}

#[test]
fn aws_login_has_the_cache_key_of_the_aws_cli() {
    let session = "arn:aws:iam::111111111111:user/dev";
    let login = leads_to(Facts::new().profile("p", &[("login_session", session)]));
    // printf arn:aws:iam::111111111111:user/dev | sha256sum
    let cache_key = "fb4c3a52f5095bbb97c1334ae8fd6b71ed40e705099d1cc6aae6efe6a37315c4".to_owned();
    assert_eq!(login, ProfileRoute::Login { session: session.to_owned(), cache_key });
}

#[test]
fn roles_and_what_assumes_them() {
    let role = [("role_arn", "arn:aws:iam::1:role/r"), ("source_profile", "base"), ("mfa_serial", "arn:mfa")];
    let ProfileRoute::Role { base, mfa_serial, .. } = leads_to(Facts::new().profile("p", &role).profile("base", &KEYS))
    else {
        panic!("a role")
    };
    assert_eq!(mfa_serial.as_deref(), Some("arn:mfa"));
    assert!(matches!(*base, RoleBase::Profile { ref name, leads_to: ProfileRoute::Keys { .. } } if name == "base"));

    let base_of = |facts: Facts| match leads_to(facts) {
        ProfileRoute::Role { base, .. } => *base,
        other => panic!("not a role: {other:?}"),
    };
    assert!(matches!(
        base_of(Facts::new().profile("p", &role)),
        RoleBase::Profile { leads_to: ProfileRoute::NotFound, .. }
    ));
    let source = Facts::new().profile("p", &[("role_arn", "arn:r"), ("credential_source", "Environment")]);
    assert_eq!(base_of(source), RoleBase::Source("Environment".to_owned()));
    let web = Facts::new().profile("p", &[("role_arn", "arn:r"), ("web_identity_token_file", "/t")]);
    assert_eq!(base_of(web), RoleBase::TokenFile("/t".into()));

    // With both sources it is no role, and the keys of the section are used.
    let both = [("role_arn", "arn:r"), ("source_profile", "base"), ("credential_source", "Environment")];
    assert!(matches!(leads_to(Facts::new().profile("p", &both)), ProfileRoute::Broken(_)));
    assert!(matches!(leads_to(Facts::new().profile("p", &both).profile("p", &KEYS)), ProfileRoute::Keys { .. }));

    // A role may name itself for its own keys, and may not go round in a circle.
    let mut own = role.to_vec();
    own[1].1 = "p";
    let itself = Facts::new().profile("p", &own).profile("p", &KEYS);
    assert!(matches!(base_of(itself), RoleBase::Profile { leads_to: ProfileRoute::Keys { .. }, .. }));
    let circle = Facts::new().profile("p", &role).profile("base", &[("role_arn", "arn:s"), ("source_profile", "p")]);
    let RoleBase::Profile { leads_to: ProfileRoute::Role { base, .. }, .. } = base_of(circle) else {
        panic!("a second role")
    };
    assert!(matches!(*base, RoleBase::Profile { leads_to: ProfileRoute::Broken(_), .. }));
}
