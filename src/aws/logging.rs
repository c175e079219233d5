//! Model invocation logging: whether the region keeps the calls themselves, and where.

use super::answer::Answer;
use super::clients::{Aws, settle, url_problem};

/// `GetModelInvocationLoggingConfiguration`. Where it is on, prompts and answers may lie in the places that it names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logging {
    /// It is on.
    pub on: bool,
    /// The log group of CloudWatch Logs.
    pub log_group: Option<String>,
    /// The bucket, with its prefix (`bucket/prefix`).
    pub bucket: Option<String>,
    /// The texts of prompts and answers are kept too, not only who called what.
    pub texts: bool,
}

/// Asks for the configuration of the region.
pub async fn logging(aws: &Aws) -> Answer<Logging> {
    if let Some(failure) = url_problem(&aws.control) {
        return Answer::Unreachable(failure);
    }
    let recorder = aws.recorder();
    let result = aws.bedrock(&recorder).get_model_invocation_logging_configuration().send().await;
    // An empty object is the answer "off", so it must be AWS's.
    let from_aws = recorder.last().is_some_and(|exchange| exchange.request_id().is_some());
    settle(&recorder, result, |output| {
        let Some(config) = output.logging_config else {
            return from_aws.then(Logging::default);
        };
        let bucket = config.s3_config.map(|bucket| match bucket.key_prefix.filter(|prefix| !prefix.is_empty()) {
            Some(prefix) => format!("{}/{prefix}", bucket.bucket_name),
            None => bucket.bucket_name,
        });
        Some(Logging {
            on: true,
            log_group: config.cloud_watch_config.map(|logs| logs.log_group_name),
            bucket,
            // AWS keeps texts unless it is told not to.
            texts: config.text_data_delivery_enabled.unwrap_or(true),
        })
    })
}
