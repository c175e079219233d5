//! Who can ask AWS's record-keeping services: a Bedrock API key cannot, and neither can a route without a signature.

use std::sync::Arc;

use super::credentials::{Seeker, Sought};
use super::run::{Run, Stopped, reason, status};
use super::{places, runs_a_program};
use crate::aws::answer::{Answer, CredentialFailure, Obtained};
use crate::aws::clients::{Access, Aws};
use crate::resolve::{CredentialKind, Credentials};

/// Whose credentials asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAs {
    /// The kind of credentials; `None` when nobody could ask.
    pub kind: Option<CredentialKind>,
    /// They are the route's own: the client calls as the same identity. Otherwise it may call as somebody else, in another
    /// account even.
    pub of_route: bool,
    /// Getting them.
    pub obtained: Answer<Obtained>,
    /// Why there are none, when AWS was not the one to refuse.
    pub failure: Option<CredentialFailure>,
}

/// The clients of whoever can ask, or why nobody can.
pub(super) async fn asker(run: &Run<'_>, seeker: &Seeker) -> (AskedAs, Result<Aws, String>) {
    const NAME: &str = "credentials";
    let (kind, of_route) = match choice(&seeker.route.credentials) {
        Ok(choice) => choice,
        Err(why) => {
            let asked_as = AskedAs { kind: None, of_route: false, obtained: run.skip(NAME, &why), failure: None };
            return (asked_as, Err(why));
        }
    };
    let work = {
        let (seeker, kind) = (seeker.clone(), kind.clone());
        async move { if of_route { seeker.seek_route().await } else { seeker.seek(&kind).await } }
    };
    let judge = |sought: &Sought| (status(&sought.answer), reason(&sought.answer));
    let sought = match run.work(NAME, work, judge).await {
        Ok(sought) => sought,
        Err(stopped) => {
            let answer = match stopped {
                Stopped::TimedOut => Answer::TimedOut,
                Stopped::Crashed(what) => Answer::Crashed(what),
            };
            Sought { access: None, answer, failure: None }
        }
    };
    let aws = match sought.access {
        Some(access @ Access::Keys(_)) => Ok(Aws::new(Arc::clone(&seeker.wire), places(&seeker.route), access)),
        _ => Err("there are no credentials to ask with".to_owned()),
    };
    (AskedAs { kind: Some(kind), of_route, obtained: sought.answer, failure: sought.failure }, aws)
}

/// The kind that asks, and whether it is the route's own.
fn choice(credentials: &Credentials) -> Result<(CredentialKind, bool), String> {
    let why = match credentials.kind {
        CredentialKind::BearerToken => "a Bedrock API key cannot ask AWS's records",
        CredentialKind::Skipped => "requests of this route are not signed",
        _ => return Ok((credentials.kind.clone(), true)),
    };
    // The client does not come to these, so a program among them is not run: it may open a browser.
    let can = |kind: &&CredentialKind| {
        !matches!(kind, CredentialKind::BearerToken | CredentialKind::Skipped) && !runs_a_program(kind)
    };
    match credentials.hidden.iter().find(can) {
        Some(other) => Ok((other.clone(), false)),
        None => Err(format!("{why}, and no other credentials are there")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::settings::Scope;
    use crate::resolve::Source;

    fn keys() -> CredentialKind {
        CredentialKind::EnvironmentKeys { key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(), has_session_token: false }
    }

    fn chosen(kind: CredentialKind, hidden: &[CredentialKind]) -> Result<(CredentialKind, bool), String> {
        choice(&Credentials { kind, source: Source::ClientDefault, hidden: hidden.to_vec() })
    }

    #[test]
    fn the_routes_own_credentials_ask_where_they_can() {
        assert_eq!(chosen(keys(), &[CredentialKind::InstanceMetadata]), Ok((keys(), true)));
    }

    #[test]
    fn a_bearer_token_lets_the_first_hidden_credentials_ask_that_run_no_program() {
        let export = CredentialKind::Export { command: "sign-in".to_owned(), scope: Scope::User };
        let hidden = [CredentialKind::Skipped, export.clone(), keys()];
        assert_eq!(chosen(CredentialKind::BearerToken, &hidden), Ok((keys(), false)));
        assert_eq!(chosen(CredentialKind::Skipped, &[keys()]), Ok((keys(), false)));
        let nobody = chosen(CredentialKind::BearerToken, &[export]).expect_err("nobody can ask");
        assert!(nobody.contains("Bedrock API key"), "{nobody}");
    }
}
