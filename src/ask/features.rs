//! A second look at variables that are known to make Bedrock refuse requests: the call that they make of the plain one.

use futures_util::future::join_all;

use super::Asking;
use crate::aws::answer::{Answer, FeatureAnswer};
use crate::aws::clients::Aws;
use crate::aws::probe::{self, Shape};
use crate::resolve::{Provider, Role, features};
use crate::variables::is_truthy;

impl Asking<'_> {
    /// The main model's call with what each such variable adds. Where none is set, which is the rule, nothing is asked.
    pub(super) async fn features(&self, aws: Result<&Aws, &&'static str>) -> Vec<FeatureAnswer> {
        let (Ok(aws), true, Provider::Bedrock) = (aws, self.options.probe, &self.route.provider) else {
            return Vec::new();
        };
        let Some(main) = self.route.models.iter().find(|model| model.role == Role::Main) else { return Vec::new() };
        let without_betas = self.route.value("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS").is_some_and(is_truthy);
        let in_use = features::all().iter().filter_map(|feature| {
            let value = self.route.value(&feature.name).filter(|value| feature.counts(value))?;
            Some((feature, feature.body(value)?))
        });
        join_all(in_use.map(|(feature, body)| async move {
            let (aws, id) = (aws.clone(), main.id.clone());
            let ask = move || {
                let (aws, id, body) = (aws.clone(), id.clone(), body.clone());
                async move { probe::stream_with(&aws, &id, Shape::first(!without_betas), &body).await }
            };
            let answer: Answer<_> = self.run.question(format!("feature:{}", feature.name), ask).await;
            FeatureAnswer { variable: feature.name.clone(), model: main.id.clone(), answer }
        }))
        .await
    }
}
