//! Second looks that an answer asks for, all at once: whether the region is enabled, where else a model is open, what IAM says of
//! the caller's own policies, which data retention mode the account has.

use futures_util::future::join_all;

use super::{Asking, WORTH_A_LOOK};
use crate::aws::answer::{Answer, Answers, Availability, Elsewhere, ModelAnswers, Refusal};
use crate::aws::clients::{Aws, service_url};
use crate::aws::denial::{Denial, Policy};
use crate::aws::iam::{self, Simulated};
use crate::aws::questions::{self, foundation_model};
use crate::aws::regions;
use crate::aws::told::{Told, told};
use crate::resolve::data;
use crate::resolve::{CredentialKind, ProfileRoute};

/// Neighbouring regions that are looked at, beside the profile's own.
const NEIGHBOURS: usize = 2;
/// Resources that the simulator is asked about: a few profiles, each with the dozen models that it routes to at most.
const RESOURCES: usize = 50;
const ACTIONS: [&str; 2] = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];
const NOT_NEEDED: &str = "no answer asked for this second look";

impl Asking<'_> {
    /// Takes the second looks that these answers ask for, and writes them down.
    pub(super) async fn look_again(&self, aws: &Aws, answers: &mut Answers) {
        if self.run.left() < WORTH_A_LOOK {
            return;
        }
        let found = &*answers;
        let (enabled, elsewhere, simulation, retention) = tokio::join!(
            self.region_enabled(aws, found),
            self.elsewhere(aws, found),
            self.simulation(aws, found),
            self.data_retention(aws, found),
        );
        answers.region_enabled = enabled;
        answers.elsewhere = elsewhere;
        answers.simulation = simulation;
        answers.data_retention = retention;
    }

    /// Keys that are good elsewhere and unknown here: the region is not enabled, or the session is of another kind.
    async fn region_enabled(&self, aws: &Aws, answers: &Answers) -> Answer<bool> {
        let unknown_here = answers.identity.refused().is_some_and(|refusal| told(refusal) == Told::TokenInvalid);
        let opt_in = data::region(&aws.region).is_some_and(|row| row.opt_in);
        let by_sts = unknown_here && answers.identity_global.got().is_some();
        let by_bedrock = answers.identity.got().is_some()
            && answers
                .models
                .iter()
                .filter_map(|model| model.stream.refused())
                .any(|it| told(it) == Told::TokenInvalid);
        if !(by_sts || by_bedrock) || !opt_in {
            return Answer::NotAsked(NOT_NEEDED.to_owned());
        }
        let url = |service: &str, host: &str| service_url(&self.route.effective, service, host, regions::HOME);
        let (account, ec2) = (url("ACCOUNT", "account.us-east-1"), url("EC2", "ec2.us-east-1"));
        let aws = aws.clone();
        let ask = move || {
            let (aws, account, ec2) = (aws.clone(), account.clone(), ec2.clone());
            async move { regions::is_enabled(&aws, &account, &ec2, &aws.region).await }
        };
        self.run.question("region-enabled", ask).await
    }

    /// The profile's region and the nearest ones, for the first model that is not granted here.
    async fn elsewhere(&self, aws: &Aws, answers: &Answers) -> Vec<Elsewhere> {
        let Some(refused) = answers.models.iter().find(|model| is_not_granted(model)) else {
            return Vec::new();
        };
        let list = answers.profiles.got().map(Vec::as_slice).unwrap_or_default();
        let Some(model) = foundation_model(&refused.id, list) else {
            return Vec::new();
        };
        let profile = self.machine.aws.profiles.get(&self.route.profile).and_then(|section| section.get("region"));
        let profile = profile.and_then(data::region).filter(|row| row.name != aws.region);
        let mut wanted: Vec<&str> = profile.into_iter().map(|row| row.name.as_str()).collect();
        for row in data::neighbours(&aws.region).take(NEIGHBOURS) {
            if !wanted.contains(&row.name.as_str()) {
                wanted.push(&row.name);
            }
        }
        let asked = wanted.into_iter().map(|region| {
            let there =
                Aws { region: region.to_owned(), control: aws.control.replace(&aws.region, region), ..aws.clone() };
            let (model, id) = (model.clone(), refused.id.clone());
            async move {
                let ask = move || {
                    let (there, model) = (there.clone(), model.clone());
                    async move { questions::availability(&there, &model).await }
                };
                let availability = self.run.question(format!("availability-in:{region}"), ask).await;
                Elsewhere { region: region.to_owned(), model: id, availability }
            }
        });
        join_all(asked).await
    }

    /// The simulator, for the denials that the caller's own policies or their boundary may explain.
    async fn simulation(&self, aws: &Aws, answers: &Answers) -> Answer<Vec<Simulated>> {
        let not_needed = || Answer::NotAsked(NOT_NEEDED.to_owned());
        let denied: Vec<_> = answers.models.iter().filter_map(|model| Some((model, own_denial(model)?))).collect();
        let Some((_, first)) = denied.first() else {
            return not_needed();
        };
        let caller = answers.identity.got().map_or(first.principal.as_str(), |identity| identity.arn.as_str());
        let principals = self.principals(caller);
        if principals.is_empty() {
            return not_needed();
        }
        let mut resources: Vec<String> = Vec::new();
        for arn in denied.iter().flat_map(|(model, denial)| resources_of(answers, model, denial)) {
            if !resources.contains(&arn) {
                resources.push(arn);
            }
        }
        resources.truncate(RESOURCES);
        let (host, region) = match aws.region.starts_with("us-gov-") {
            true => ("iam.us-gov", "us-gov-west-1"),
            false => ("iam", "us-east-1"),
        };
        let url = service_url(&self.route.effective, "IAM", host, region);
        let aws = aws.clone();
        let ask = move || {
            let (aws, url, resources, principals) = (aws.clone(), url.clone(), resources.clone(), principals.clone());
            async move {
                let mut last = Answer::NotAsked(NOT_NEEDED.to_owned());
                for principal in &principals {
                    last = iam::simulate(&aws, (&url, region), principal, &ACTIONS, &resources).await;
                    // The path of a role is a guess where a session does not carry it.
                    if last.refused().is_none_or(|refusal| refusal.code != "NoSuchEntity") {
                        break;
                    }
                }
                last
            }
        };
        self.run.question("policy-simulation", ask).await
    }

    /// Whose policies to ask for: the role that the profile assumes, else what the caller's ARN tells.
    fn principals(&self, caller: &str) -> Vec<String> {
        let CredentialKind::Profile { leads_to, .. } = &self.route.credentials.kind else {
            return iam::principals(caller, None);
        };
        match leads_to {
            ProfileRoute::Role { role_arn, .. } => vec![role_arn.clone()],
            ProfileRoute::Sso { region, .. } => iam::principals(caller, Some(region)),
            _ => iam::principals(caller, None),
        }
    }

    async fn data_retention(&self, aws: &Aws, answers: &Answers) -> Answer<String> {
        let wanted =
            answers.models.iter().filter_map(|model| model.stream.refused()).any(|it| told(it) == Told::DataRetention);
        if !wanted {
            return Answer::NotAsked(NOT_NEEDED.to_owned());
        }
        let aws = aws.clone();
        let ask = move || {
            let aws = aws.clone();
            async move { questions::data_retention(&aws).await }
        };
        self.run.question("data-retention", ask).await
    }
}

/// The model is refused here, and access to it is what is missing: by the four fields, or by AWS's words.
fn is_not_granted(model: &ModelAnswers) -> bool {
    // Where it is open here, other regions have nothing to compare with.
    let closed = |fields: &Availability| !fields.is_open() && fields.agreement != "PENDING";
    let says_so = |refusal: &Refusal| told(refusal) == Told::NoAgreement;
    model.stream.refused().is_some_and(|refusal| model.availability.got().map_or_else(|| says_so(refusal), closed))
}

/// A denial by the caller's own policies or their boundary, or one that does not say by what.
fn own_denial(model: &ModelAnswers) -> Option<Denial> {
    match told(model.stream.refused()?) {
        Told::Denied(denial) if denial.action.starts_with("bedrock:InvokeModel") => {
            let own = |reason: crate::aws::denial::Reason| matches!(reason.policy, Policy::Identity | Policy::Boundary);
            denial.reason.is_none_or(own).then_some(denial)
        }
        _ => None,
    }
}

/// What a call of this model is authorized on: the profile, and each model that it routes to.
fn resources_of(answers: &Answers, model: &ModelAnswers, denial: &Denial) -> Vec<String> {
    let list = answers.profiles.got().map(Vec::as_slice).unwrap_or_default();
    let listed = list.iter().find(|profile| profile.id == model.id || profile.arn == model.id);
    let profile = listed.or(model.profile.got());
    let known = profile.into_iter().flat_map(|profile| std::iter::once(&profile.arn).chain(&profile.model_arns));
    let denied = denial.resource.iter().map(|resource| &resource.arn);
    denied.chain(known).filter(|arn| arn.starts_with("arn:")).cloned().collect()
}
