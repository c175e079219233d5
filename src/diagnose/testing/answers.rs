//! What AWS says on the healthy machine and on a spoiled one.

use super::{ACCOUNT, HAIKU, OPUS, SONNET, Scene};
use crate::aws::answer::{
    Answer, Answers, Availability, CredentialFailure, Hop, InferenceProfile, Lifecycle, ModelAnswers, ModelReply,
    NetworkFailure, Obtained, Refusal,
};
use crate::variables;

/// The host of its model calls.
pub const RUNTIME_HOST: &str = "bedrock-runtime.us-east-1.amazonaws.com";
/// The host of its lists.
pub const CONTROL_HOST: &str = "bedrock.us-east-1.amazonaws.com";
/// The host of its STS.
pub const STS_HOST: &str = "sts.us-east-1.amazonaws.com";

impl Scene {
    /// Credentials could not be obtained, so that AWS was not asked.
    pub fn without_credentials(&mut self, failure: Option<CredentialFailure>) {
        fn no<T>() -> Answer<T> {
            Answer::NotAsked("there are no credentials".to_owned())
        }
        self.answers = Answers { credential_failure: failure, ..Answers::not_asked("there are no credentials") };
        self.answers.models = [OPUS, SONNET, HAIKU]
            .map(|id| ModelAnswers {
                id: id.to_owned(),
                stream: no(),
                invoke: no(),
                availability: no(),
                lifecycle: no(),
                profile: no(),
                count_tokens: no(),
            })
            .to_vec();
    }

    /// A bearer token is in use: STS is not asked.
    pub fn use_bearer(&mut self, token: &str) {
        self.set(variables::BEARER_TOKEN, token);
        self.answers.identity = Answer::NotAsked("a bearer token cannot call STS".to_owned());
        self.answers.credentials = Answer::Got(Obtained { key_id: String::new(), expires: None, milliseconds: 0 });
    }

    /// STS refuses, and so does every model.
    pub fn refuse_identity(&mut self, refusal: &Refusal) {
        self.answers.identity = Answer::Refused(refusal.clone());
        self.answers.profiles = Answer::Refused(refusal.clone());
        self.refuse_models(refusal);
    }

    /// The answers about one of the models.
    pub fn model(&mut self, id: &str) -> &mut ModelAnswers {
        self.answers.models.iter_mut().find(|model| model.id == id).expect("a model of the scene")
    }

    /// Every model call, streaming and plain, is refused in the same way.
    pub fn refuse_models(&mut self, refusal: &Refusal) {
        for model in &mut self.answers.models {
            model.stream = Answer::Refused(refusal.clone());
            model.invoke = Answer::Refused(refusal.clone());
        }
    }

    /// No call of Bedrock's hosts comes through; STS answers.
    pub fn unreachable(&mut self, hop: Hop, detail: &str) {
        let failure = |host: &str| NetworkFailure { host: host.to_owned(), hop, detail: detail.to_owned() };
        for model in &mut self.answers.models {
            model.stream = Answer::Unreachable(failure(RUNTIME_HOST));
        }
        self.answers.profiles = Answer::Unreachable(failure(CONTROL_HOST));
    }
}

/// A refusal in AWS's shape.
pub fn refusal(status: u16, code: &str, message: &str) -> Refusal {
    Refusal {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
        request_id: Some("11111111-2222-3333-4444-555555555555".to_owned()),
        content_type: Some("application/json".to_owned()),
    }
}

/// The reason of a denial for want of a policy.
pub const NO_IDENTITY: &str =
    "because no identity-based policy allows the bedrock:InvokeModelWithResponseStream action";

/// A denial in IAM's grammar.
pub fn denial(action: &str, resource: &str, reason: &str) -> Refusal {
    let message = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: {action} on resource: {resource} {reason}"
    );
    refusal(403, "AccessDeniedException", &message)
}

/// A system-defined profile of `us-east-1`.
pub fn listed(id: &str) -> InferenceProfile {
    let model = id.split_once('.').map_or(id, |(_, model)| model);
    InferenceProfile {
        id: id.to_owned(),
        arn: format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/{id}"),
        model_arns: ["us-east-1", "us-east-2", "us-west-2"]
            .map(|region| format!("arn:aws:bedrock:{region}::foundation-model/{model}"))
            .to_vec(),
        status: "ACTIVE".to_owned(),
        application: false,
    }
}

/// A model of which all answers are good.
pub fn answering(id: &str) -> ModelAnswers {
    let reply =
        ModelReply { request_id: Some("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee".to_owned()), after_fallback: None };
    ModelAnswers {
        id: id.to_owned(),
        stream: Answer::Got(reply),
        invoke: Answer::NotAsked("the streaming call answered".to_owned()),
        availability: Answer::Got(Availability {
            agreement: "AVAILABLE".to_owned(),
            authorization: "AUTHORIZED".to_owned(),
            entitlement: "AVAILABLE".to_owned(),
            region: "AVAILABLE".to_owned(),
        }),
        lifecycle: Answer::Got(Lifecycle { status: "ACTIVE".to_owned(), end_of_life: None }),
        profile: Answer::NotAsked("not the ARN of a profile".to_owned()),
        count_tokens: Answer::NotAsked("asked for the main model alone".to_owned()),
    }
}
