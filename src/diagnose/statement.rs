//! The smallest policy statement that cures a denial, ready to paste.

use serde::Serialize;
use serde_json::{Value, json};

use super::Case;
use super::region_and_models::id::{self, Id};
use crate::aws::answer::InferenceProfile;

/// The two ways of calling a model.
pub const CALLS: [&str; 2] = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];

/// A statement of an IAM policy that allows something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    effect: &'static str,
    /// Whom a policy of a resource or an endpoint is about; identity policies have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'static str>,
    /// What it allows.
    pub action: Vec<String>,
    /// On what.
    pub resource: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Value>,
}

impl Statement {
    /// Allows these actions on these resources; `*` where there are none.
    pub fn allow<A: AsRef<str>>(
        actions: impl IntoIterator<Item = A>,
        resources: impl IntoIterator<Item = String>,
    ) -> Self {
        let action = actions.into_iter().map(|action| action.as_ref().to_owned()).collect();
        let mut resource: Vec<String> = Vec::new();
        for arn in resources {
            if !resource.contains(&arn) {
                resource.push(arn);
            }
        }
        if resource.is_empty() {
            resource.push("*".to_owned());
        }
        Self { effect: "Allow", principal: None, action, resource, condition: None }
    }

    /// The subscription that the first call of a model makes.
    pub fn subscribe() -> Self {
        let condition = json!({ "StringEquals": { "aws:CalledViaLast": "bedrock.amazonaws.com" } });
        let actions = ["aws-marketplace:ViewSubscriptions", "aws-marketplace:Subscribe"];
        Self { condition: Some(condition), ..Self::allow(actions, []) }
    }

    /// The same for the policy of a VPC endpoint.
    pub fn for_everybody(self) -> Self {
        Self { principal: Some("*"), ..self }
    }

    /// This and another one, where they allow the same actions.
    pub fn and(mut self, other: &Self) -> Self {
        if self.action == other.action {
            let new = other.resource.iter().filter(|arn| !self.resource.contains(arn)).cloned().collect::<Vec<_>>();
            self.resource.extend(new);
        }
        self
    }

    /// As people paste it.
    pub fn text(&self) -> String {
        // It is made of texts and lists of them: that cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// The profile behind an id, by the region's list or by its own answer.
pub fn profile<'a>(case: &Case<'a>, id: &str) -> Option<&'a InferenceProfile> {
    // The list is that of the region of everything else.
    let list = case.answers.profiles.got().filter(|_| case.route.elsewhere(id).is_none());
    let listed = list.into_iter().flatten().find(|profile| profile.id == id || profile.arn == id);
    listed.or_else(|| case.answers.model(id)?.profile.got())
}

/// ARN of the profile that a call of this id names; `None` for a model that is called by itself.
pub fn profile_arn(case: &Case<'_>, id: &str) -> Option<String> {
    if let Some(profile) = profile(case, id) {
        return Some(profile.arn.clone());
    }
    match id::read(id) {
        Id::Arn { resource, .. } if resource.contains("inference-profile/") => Some(id.to_owned()),
        Id::Claude { prefix: Some(_), .. } => {
            let account = case.answers.identity.got().map_or("*", |identity| identity.account.as_str());
            Some(format!(
                "arn:{}:bedrock:{}:{account}:inference-profile/{id}",
                partition(case),
                case.route.region_of(id)
            ))
        }
        _ => None,
    }
}

/// ARNs of the models that a call of this id may run on: those that its profile routes to, else the model in every region.
pub fn model_arns(case: &Case<'_>, id: &str) -> Vec<String> {
    if let Some(profile) = profile(case, id) {
        return profile.model_arns.clone();
    }
    let partition = partition(case);
    match id::read(id) {
        Id::Claude { prefix: None, model } => {
            vec![format!("arn:{partition}:bedrock:{}::foundation-model/{model}", case.route.region_of(id))]
        }
        Id::Claude { model, .. } => vec![format!("arn:{partition}:bedrock:*::foundation-model/{model}")],
        _ if id.contains("anthropic.") => {
            vec![format!("arn:{partition}:bedrock:*::foundation-model/{}", id::foundation(id))]
        }
        // What is behind an opaque profile is not known here.
        _ => vec![format!("arn:{partition}:bedrock:*::foundation-model/anthropic.*")],
    }
}

/// Everything that a call of this id is authorized on.
pub fn resources(case: &Case<'_>, id: &str) -> Vec<String> {
    profile_arn(case, id).into_iter().chain(model_arns(case, id)).collect()
}

fn partition(case: &Case<'_>) -> &'static str {
    crate::resolve::data::region(&case.route.region.name).map_or("aws", |row| row.partition.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_valid_json_of_iam() {
        let arn = "arn:aws:bedrock:us-east-1::foundation-model/x".to_owned();
        let statement = Statement::allow(CALLS, [arn.clone(), arn.clone()]);
        let value: Value = serde_json::from_str(&statement.text()).expect("JSON");
        assert_eq!(value, json!({ "Effect": "Allow", "Action": CALLS, "Resource": [arn] }));
        let subscribe: Value = serde_json::from_str(&Statement::subscribe().text()).expect("JSON");
        assert_eq!(subscribe["Resource"], json!(["*"]));
        assert_eq!(subscribe["Condition"]["StringEquals"]["aws:CalledViaLast"], "bedrock.amazonaws.com");
    }

    #[test]
    fn statements_with_the_same_actions_become_one() {
        let one = Statement::allow(CALLS, ["arn:a".to_owned()]);
        let both = one.clone().and(&Statement::allow(CALLS, ["arn:a".to_owned(), "arn:b".to_owned()]));
        assert_eq!(both.resource, ["arn:a", "arn:b"]);
        assert_eq!(one.clone().and(&Statement::subscribe()), one);
    }
}
