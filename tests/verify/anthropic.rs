//! The negative check: what Anthropic counted on its own side.

use serde_json::Value;

use super::{Bed, line};
use crate::support::fake_aws::account::{ADMIN_KEY, Account, Day, DirectUse, Organization};
use crate::support::https_proxy::{HttpsProxy, Mode};

const OWN: &str = "alice@example.com";

/// What verify says where the organization has this use; the client was once signed in as alice.
fn with_use(by: &[&str], key: &str) -> (Value, String) {
    let usage = by.iter().map(|mail| DirectUse {
        day: Day::Ago(0),
        email: Some((*mail).to_owned()),
        model: "claude-opus-5-5".into(),
        claude_code: true,
        input: 1000,
        output: 100,
        ..DirectUse::default()
    });
    let anthropic = Organization { usage: usage.collect(), ..Organization::default() };
    let bed = Bed::new(Account { anthropic, ..Account::default() });
    let proxy = HttpsProxy::start(Mode::Intercept(bed.aws.address()));
    let state = format!("{{\"oauthAccount\": {{\"emailAddress\": \"{OWN}\"}}}}");
    let bed = bed.sandbox(|sandbox| {
        sandbox
            .file(".claude.json", state)
            .env("HTTPS_PROXY", proxy.url())
            .env("NODE_EXTRA_CA_CERTS", proxy.ca_pem_path())
            .env("ANTHROPIC_ADMIN_API_KEY", key)
    });
    let (report, output) = bed.verify(&[]);
    let asked: Vec<_> = bed.aws.log().entries().into_iter().filter(|entry| entry.service == "anthropic").collect();
    assert!(asked.iter().all(|entry| entry.host == "api.anthropic.com"), "the key goes to one host: {asked:#?}");
    let tunnels: Vec<_> = proxy.dialled().into_iter().filter(|to| !to.starts_with(&bed.aws.url())).collect();
    assert!(tunnels.iter().all(|host| host == "api.anthropic.com:443"), "{tunnels:?}");
    (report, format!("{}{}", output.out(), output.err()))
}

#[test]
fn no_use_there_speaks_for_bedrock() {
    let (report, said) = with_use(&[], ADMIN_KEY);
    assert_eq!(line(&report, "anthropic")["status"], "supports", "{report:#}");
    assert!(!said.contains(ADMIN_KEY));
}

#[test]
fn ones_own_use_contradicts_and_that_of_colleagues_does_not() {
    let (report, _) = with_use(&["bob@example.com", OWN], ADMIN_KEY);
    assert_eq!(report["verdict"], "contradicted", "{report:#}");
    assert_eq!(report["contradictions"][0]["line"], "anthropic");
    let (report, _) = with_use(&["bob@example.com"], ADMIN_KEY);
    assert_eq!(line(&report, "anthropic")["status"], "supports", "{report:#}");
    assert!(line(&report, "anthropic")["found"].as_str().is_some_and(|found| found.contains("1 other person")));
}

#[test]
fn a_key_that_opens_nothing_is_no_answer() {
    let (report, said) = with_use(&[OWN], "sk-ant-admin01-somebody-elses");
    assert_eq!(line(&report, "anthropic")["status"], "could-not-ask", "{report:#}");
    assert!(!said.contains("somebody-elses"));
}
