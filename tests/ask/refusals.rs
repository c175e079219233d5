//! Each of AWS's refusals arrives whole, and the second looks that it asks for are taken.

use bedrockup::aws::answer::{Answer, Hop, Refusal};

use super::*;
use crate::support::fake_aws::account::{Account, EXPIRED_KEY, GOOD_SESSION_TOKEN, KeyPair};
use crate::support::fake_aws::{Behaviour, Rule};

fn refused(behaviour: Behaviour) -> Refusal {
    let aws = FakeAws::with(Account::default().rule(Rule::on("InvokeModelWithResponseStream", behaviour)));
    let answers = Bed::on(&aws).answers();
    answers.model(OPUS).and_then(|model| model.stream.refused()).expect("a refusal").clone()
}

#[test]
fn status_code_text_and_request_id_are_aws_own() {
    let table = [
        (403, "AccessDeniedException", "You don't have access to the model with the specified model ID."),
        (
            403,
            "AccessDeniedException",
            "Model access is denied due to INVALID_PAYMENT_INSTRUMENT: try again after 2 minutes.",
        ),
        (404, "ResourceNotFoundException", "Model use case details have not been submitted for this account."),
        (
            404,
            "ResourceNotFoundException",
            "Access denied. This Model is marked by provider as Legacy and you have not …",
        ),
        (404, "ResourceNotFoundException", "This model version has reached the end of its life"),
        (400, "ValidationException", "The provided model identifier is invalid."),
        (400, "ValidationException", "Invocation of model ID x with on-demand throughput isn\u{2019}t supported."),
        (429, "ThrottlingException", "Too many tokens per day, please wait before trying again."),
        (403, "ExpiredTokenException", "The security token included in the request is expired"),
        (403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        (418, "NeverSeenException", "something that nobody knows yet"),
    ];
    for (status, code, message) in table {
        let refusal = refused(Behaviour::refuse(status, code, message));
        assert_eq!((refusal.status, refusal.code.as_str(), refusal.message.as_str()), (status, code, message));
        assert!(refusal.request_id.is_some() && refusal.content_type.is_some(), "{refusal:?}");
    }
}

#[test]
fn a_denial_keeps_resource_and_reason() {
    let refusal = refused(Behaviour::deny_by_scp());
    assert!(refusal.is_access_denied());
    assert!(
        refusal.message.contains("bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:"),
        "{refusal:?}"
    );
    assert!(refusal.message.ends_with("with an explicit deny in a service control policy"), "{refusal:?}");
}

#[test]
fn a_denied_stream_is_followed_by_the_plain_call() {
    let aws =
        FakeAws::with(Account::default().rule(Rule::on("InvokeModelWithResponseStream", Behaviour::deny_by_iam())));
    let answers = Bed::on(&aws).answers();
    let model = answers.model(OPUS).expect("the model");
    assert!(model.stream.refused().is_some_and(Refusal::is_access_denied));
    assert!(model.invoke.got().is_some(), "{model:?}");
}

#[test]
fn a_missing_form_is_asked_for_once_and_answered_with_no() {
    let aws = FakeAws::with(Account { use_case_form: false, ..Account::default() });
    let answers = Bed::on(&aws).answers();
    assert_eq!(answers.model(OPUS).and_then(|model| model.stream.refused()).expect("a refusal").status, 404);
    assert_eq!(answers.use_case_form, Answer::Got(false));
    assert_eq!(aws.log().of("GetUseCaseForModelAccess").len(), 1);
}

#[test]
fn a_throttled_call_is_followed_by_the_applied_quotas() {
    let aws = FakeAws::with(Account::default().rule(Rule::on("InvokeModel*", Behaviour::throttle())));
    let answers = Bed::on(&aws).answers();
    assert_eq!(answers.model(OPUS).and_then(|model| model.stream.refused()).expect("a refusal").status, 429);
    let quotas = answers.quotas.got().unwrap_or_else(|| panic!("no quotas: {:?}", answers.quotas));
    assert!(quotas.iter().any(|quota| quota.code == "L-59759B4A" && quota.value == 200_000.0), "{quotas:?}");
    assert_eq!(aws.log().of("ListServiceQuotas").len(), 1);
}

#[test]
fn keys_that_sts_refuses_are_tried_in_the_first_region_too() {
    let elsewhere = KeyPair { valid_regions: vec!["us-east-1".into()], ..KeyPair::user(GOOD_KEY) };
    let aws = FakeAws::with(Account { keys: vec![elsewhere], ..Account::default() });
    let answers = Bed::on(&aws).env("AWS_REGION", "ap-southeast-2").answers();
    assert_eq!(answers.identity.refused().expect("a refusal").code, "InvalidClientTokenId");
    assert!(answers.identity_global.got().is_some(), "{:?}", answers.identity_global);
}

#[test]
fn expired_wrong_and_unknown_keys_are_told_apart_by_sts() {
    let aws = FakeAws::start();
    let code = |id: &str, secret: &str, token: Option<&str>| {
        let mut bed = Bed::on(&aws).env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
        if let Some(token) = token {
            bed = bed.env("AWS_SESSION_TOKEN", token);
        }
        bed.answers().identity.refused().expect("a refusal").code.clone()
    };
    assert_eq!(code(EXPIRED_KEY.0, EXPIRED_KEY.1, Some(GOOD_SESSION_TOKEN)), "ExpiredToken");
    assert_eq!(code(GOOD_KEY.0, "wrong", None), "SignatureDoesNotMatch");
    assert_eq!(code("AKIAIOSFODNN7NOBODY1", "wrong", None), "InvalidClientTokenId");
}

#[test]
fn an_exception_inside_of_the_stream_is_a_refusal() {
    let behaviour = Behaviour::StreamException {
        exception: "throttlingException".into(),
        message: "Too many tokens, please wait before trying again.".into(),
        after_events: 2,
    };
    let refusal = refused(behaviour);
    assert_eq!((refusal.status, refusal.code.as_str()), (429, "ThrottlingException"));
    assert_eq!(refusal.message, "Too many tokens, please wait before trying again.");
    assert!(refusal.request_id.is_some() && refusal.content_type.is_some_and(|kind| kind.contains("eventstream")));
}

#[test]
fn an_exception_that_nobody_knows_yet_keeps_its_words() {
    let refusal = refused(Behaviour::StreamException {
        exception: "modelIsTiredException".into(),
        message: "come back after lunch".into(),
        after_events: 1,
    });
    assert!(refusal.message.contains("come back after lunch"), "{refusal:?}");
}

#[test]
fn a_stream_that_is_cut_is_followed_by_the_plain_call() {
    let cut = Rule::on("InvokeModelWithResponseStream", Behaviour::CutStream { after_events: 2 });
    let aws = FakeAws::with(Account::default().rule(cut));
    let answers = Bed::on(&aws).answers();
    let model = answers.model(OPUS).expect("the model");
    assert_eq!(model.stream.unreachable().expect("a cut stream").hop, Hop::Stream, "{:?}", model.stream);
    assert!(model.invoke.got().is_some(), "{:?}", model.invoke);
}

#[test]
fn a_portal_is_seen_as_what_it_is() {
    let page = |status| Behaviour::Html { status, body: "<html>Sign in to the Wi-Fi</html>".into() };
    for status in [200, 403] {
        let aws = FakeAws::with(Account::default().rule(Rule::always(page(status))));
        let answers = Bed::on(&aws).answers();
        let stream = answers.model(OPUS).and_then(|model| model.stream.refused()).expect("a refusal");
        let (identity, list) = (answers.identity.refused(), answers.profiles.refused());
        for refusal in [Some(stream), identity, list].map(|refusal| refusal.expect("a refusal")) {
            assert_eq!((refusal.status, refusal.code.as_str(), &refusal.request_id), (status, "", &None));
            assert_eq!(refusal.message, "<html>Sign in to the Wi-Fi</html>");
        }
        assert_eq!(answers.clock_offset, None, "the clock of a portal is nobody's");
    }
}

#[test]
fn an_empty_object_of_a_stranger_is_no_list() {
    let strange = Rule::on("ListInferenceProfiles", Behaviour::Html { status: 200, body: "{}".into() });
    let aws = FakeAws::with(Account::default().rule(strange));
    assert!(Bed::on(&aws).answers().profiles.refused().is_some());
}
