//! A healthy account: everything is answered, once, with the right names.

use bedrockup::aws::answer::{Answer, CheckStatus};

use super::*;
use crate::support::fake_aws::account::{ACCOUNT_ID, Account, ApplicationProfile};

#[test]
fn every_question_is_answered_and_asked_once() {
    let aws = FakeAws::start();
    let answers = Bed::on(&aws).answers();
    let identity = answers.identity.got().expect("an identity");
    assert_eq!(
        (identity.account.as_str(), identity.arn.as_str()),
        (ACCOUNT_ID, "arn:aws:iam::111122223333:user/alice")
    );
    assert_eq!(answers.credentials.got().expect("keys").key_id, GOOD_KEY.0);
    assert!(answers.profiles.got().expect("a list").iter().any(|profile| profile.id == OPUS && !profile.application));
    assert_eq!(answers.models.len(), 3, "main and opus are the same id, asked once");
    for model in &answers.models {
        let reply = model.stream.got().unwrap_or_else(|| panic!("no reply: {model:?}"));
        assert!(reply.request_id.is_some() && reply.after_fallback.is_none(), "{reply:?}");
        let open = model.availability.got().expect("availability");
        let fields = [&open.agreement, &open.authorization, &open.entitlement, &open.region];
        assert_eq!(fields, ["AVAILABLE", "AUTHORIZED", "AVAILABLE", "AVAILABLE"]);
        assert_eq!(model.lifecycle.got().expect("a life").status, "ACTIVE");
        assert!(matches!(model.invoke, Answer::NotAsked(_)), "no second look is needed");
    }
    assert!(answers.clock_offset.expect("a Date header").abs() < jiff::SignedDuration::from_secs(60));
    assert!(answers.log.iter().all(|asked| asked.status == CheckStatus::Passed), "{:#?}", answers.log);
    assert_eq!(aws.log().of("InvokeModelWithResponseStream").len(), 3);
    assert_eq!(aws.log().of("ListInferenceProfiles").len(), 1);
    let strangers: Vec<_> =
        aws.log().entries().into_iter().filter(|entry| !entry.user_agent.starts_with("bedrockup/")).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

#[test]
fn the_probe_is_a_valid_streaming_call_of_one_token() {
    let aws = FakeAws::start();
    Bed::on(&aws).answers();
    let calls = aws.log().of("InvokeModelWithResponseStream");
    let body = calls[0].body.as_ref().expect("a JSON body");
    assert_eq!((&body["max_tokens"], &body["messages"][0]["content"]), (&1.into(), &".".into()));
    assert_eq!(body["anthropic_version"], "bedrock-2023-05-31");
}

#[test]
fn headers_that_the_client_adds_leave_the_signature_whole() {
    let aws = FakeAws::start();
    let headers = "X-Amzn-Bedrock-GuardrailIdentifier: g1\nHost: elsewhere\nX-Amz-Security-Note: two  blanks";
    let answers = Bed::on(&aws).env("ANTHROPIC_CUSTOM_HEADERS", headers).answers();
    assert!(answers.models.iter().all(|model| model.stream.got().is_some()), "{:#?}", answers.log);
}

#[test]
fn without_pins_the_models_are_those_of_the_list() {
    let aws = FakeAws::start();
    let names = ["ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"];
    let answers = Bed::on(&aws).unset(&names).answers();
    assert!(answers.model(OPUS).expect("the default of the client").stream.got().is_some());
    let operations = aws.log().operations();
    let position = |name: &str| operations.iter().position(|operation| operation == name).expect(name);
    assert!(position("ListInferenceProfiles") < position("InvokeModelWithResponseStream"));
}

#[test]
fn without_probe_no_model_is_called() {
    let aws = FakeAws::start();
    let mut bed = Bed::on(&aws);
    bed.options.probe = false;
    let answers = bed.answers();
    assert!(
        answers
            .models
            .iter()
            .all(|model| matches!(model.stream, Answer::NotAsked(_)) && model.availability.got().is_some())
    );
    assert_eq!(status(&answers, &format!("probe:{OPUS}")), CheckStatus::Skipped);
    assert!(aws.log().of("InvokeModelWithResponseStream").is_empty());
}

#[test]
fn an_application_profile_is_looked_up_before_its_model_is_asked_about() {
    let own = ApplicationProfile {
        id: "abcdefghijkl".into(),
        name: "team".into(),
        region: "us-east-1".into(),
        model: "anthropic.claude-opus-5-5".into(),
    };
    let aws = FakeAws::with(Account { application_profiles: vec![own], ..Account::default() });
    let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:application-inference-profile/abcdefghijkl");
    let answers = Bed::on(&aws).env("ANTHROPIC_DEFAULT_OPUS_MODEL", &arn).answers();
    let model = answers.model(&arn).expect("the pin");
    assert!(model.profile.got().expect("the profile").application);
    assert!(
        model.stream.got().is_some() && model.availability.got().is_some() && model.lifecycle.got().is_some(),
        "{model:?}"
    );
    assert!(answers.profiles.got().expect("both lists").iter().any(|profile| profile.arn == arn));
}

#[test]
fn the_clients_own_fallback_counts_as_an_answer_with_the_first_words_kept() {
    let aws = FakeAws::with(Account { rejected_betas: vec!["claude-code-20250219".into()], ..Account::default() });
    let answers = Bed::on(&aws).answers();
    let reply = answers.model(OPUS).and_then(|model| model.stream.got()).expect("a reply");
    assert_eq!(reply.after_fallback.as_ref().expect("the first refusal").message, "invalid beta flag");
}

#[test]
fn the_clock_of_aws_is_compared_and_not_corrected() {
    let aws = FakeAws::with(Account { date_offset_seconds: 600, ..Account::default() });
    let answers = Bed::on(&aws).answers();
    let offset = answers.clock_offset.expect("a Date header").as_secs();
    assert!((595..=605).contains(&offset), "{offset}");
    assert!(answers.identity.got().is_some(), "STS takes 15 minutes");
    let refusal = answers.model(OPUS).and_then(|model| model.stream.refused()).expect("Bedrock takes 5 minutes");
    assert_eq!(refusal.code, "InvalidSignatureException");
}
