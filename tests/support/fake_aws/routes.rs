//! Which service and operation a request asks for.

use super::wire::{Call, percent_decode};

impl Call {
    /// Service, operation, and the model or profile that is named.
    pub fn identify(&self) -> (String, String, Option<String>) {
        let found = |service: &str, operation: &str| (service.to_owned(), operation.to_owned(), None);
        let method = self.method.as_str();
        if self.path.starts_with("/latest/") {
            return found("imds", "Metadata");
        }
        match (method, self.path.as_str()) {
            ("GET", "/container-credentials") => return found("container", "GetCredentials"),
            ("GET", "/federation/credentials") => return found("sso", "GetRoleCredentials"),
            ("POST", "/token") => return found("oidc", "CreateToken"),
            ("POST", "/v1/token") => return found("signin", "CreateOAuth2Token"),
            ("POST", "/v1/messages") => return ("anthropic".into(), "Messages".into(), self.model_in_body()),
            ("POST", "/v1/messages/count_tokens") => return found("anthropic", "CountMessageTokens"),
            ("GET", "/v1/organizations/usage_report/messages") => return found("anthropic", "UsageReportMessages"),
            ("GET", "/v1/organizations/usage_report/claude_code") => {
                return found("anthropic", "UsageReportClaudeCode");
            }
            ("GET", "/v1/organizations/cost_report") => return found("anthropic", "CostReport"),
            ("GET", "/api/hello") => return found("anthropic", "Hello"),
            ("POST", "/") => {
                if let Some(target) = self.header("x-amz-target") {
                    let scope = self.scope().map_or("unknown", |scope| scope.service.as_str());
                    return found(scope, target.rsplit('.').next().unwrap_or(target));
                }
                let service = self.scope().map_or("sts", |scope| scope.service.as_str());
                return found(service, self.form("Action").as_deref().unwrap_or("Unknown"));
            }
            _ if self.path.starts_with("/api/") || self.header("host") == Some("api.anthropic.com") => {
                return found("anthropic", "Unknown");
            }
            _ => {}
        }
        if let Some((id, verb)) = self.path.strip_prefix("/model/").and_then(|rest| rest.rsplit_once('/')) {
            let operation = match (method, verb) {
                ("POST", "invoke") => "InvokeModel",
                ("POST", "invoke-with-response-stream") => "InvokeModelWithResponseStream",
                ("POST", "converse") => "Converse",
                ("POST", "converse-stream") => "ConverseStream",
                ("POST", "count-tokens") => "CountTokens",
                _ => "Unknown",
            };
            return ("bedrock-runtime".into(), operation.into(), Some(percent_decode(id)));
        }
        let (head, tail) = match self.path[1..].split_once('/') {
            Some((head, tail)) => (head, Some(percent_decode(tail))),
            None => (&self.path[1..], None),
        };
        let operation = match (method, head, tail.is_some()) {
            ("GET", "inference-profiles", false) => "ListInferenceProfiles",
            ("GET", "inference-profiles", true) => "GetInferenceProfile",
            ("GET", "foundation-models", false) => "ListFoundationModels",
            ("GET", "foundation-models", true) => "GetFoundationModel",
            ("GET", "foundation-model-availability", true) => "GetFoundationModelAvailability",
            ("GET", "list-foundation-model-agreement-offers", true) => "ListFoundationModelAgreementOffers",
            ("GET", "use-case-for-model-access", false) => "GetUseCaseForModelAccess",
            ("GET", "logging", true) => "GetModelInvocationLoggingConfiguration",
            _ => "Unknown",
        };
        let model = tail.filter(|_| head != "logging");
        ("bedrock".into(), operation.into(), model)
    }

    fn model_in_body(&self) -> Option<String> {
        self.json()?["model"].as_str().map(str::to_owned)
    }
}
