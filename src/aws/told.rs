//! What a refusal of AWS says, by its status, its code and its text: one place that knows AWS's literal texts.
//!
//! It tells what AWS *said*, which is not yet the cause: several causes share a text, and `diagnose` takes the second look.

use super::answer::Refusal;
use super::denial::{self, Denial};
use super::exchange::is_event_stream;

/// What AWS said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The session token is expired.
    TokenExpired,
    /// The key id is unknown, or the session token is not valid here.
    TokenInvalid,
    /// The time of the signature is too far from AWS's clock.
    SignatureTime,
    /// The signature does not match.
    SignatureWrong,
    /// Nothing was signed at all.
    NotSigned,
    /// The bearer token is not accepted.
    BearerRefused,
    /// The bearer token is past its end.
    BearerExpired,
    /// The bearer token has no shape of one.
    BearerMalformed,
    /// A policy, by the grammar of denials.
    Denied(Denial),
    /// The caller may not subscribe in AWS Marketplace.
    MarketplaceActions,
    /// There is no valid means of payment.
    Payment,
    /// A subscription is under way.
    Pending,
    /// No agreement for this model in this account.
    NoAgreement,
    /// The use-case form is missing.
    UseCaseForm,
    /// The model is given by AWS Sales only.
    Gated,
    /// The account is held back as a whole.
    AccountBlocked,
    /// The place of the caller.
    Country,
    /// The account's data retention mode does not suit the model.
    DataRetention,
    /// A legacy model that this account did not use lately.
    Legacy,
    /// The model is past its end.
    EndOfLife,
    /// The id is not one here.
    IdInvalid,
    /// The model is served through inference profiles only.
    NeedsProfile,
    /// Too many tokens, without a word of a day: the minute.
    TokensPerMinute,
    /// Too many tokens of the day.
    TokensPerDay,
    /// Too many requests.
    Requests,
    /// Above a quota of the account, as a 400.
    QuotaExceeded,
    /// A failure on AWS's side.
    Server,
    /// Not an answer of AWS: a page, a redirect, no request id.
    NotAws,
    /// Something that is not known here.
    Unknown,
}

/// Reads a refusal.
pub fn told(refusal: &Refusal) -> Told {
    // Codes and texts are AWS's own; each text is matched at its fixed beginning or by its fixed phrase.
    let says = |phrase: &str| refusal.message.contains(phrase);
    let html = refusal.content_type.as_deref().is_some_and(|kind| kind.contains("html"));
    // An exception inside of a stream comes under 200, with a name, which stands for the status that it would have had. What other
    // kinds of answer call a type or a code is theirs.
    let stream = refusal.content_type.as_deref().is_some_and(is_event_stream);
    let status = match refusal.status {
        status if status >= 400 => status,
        _ if !stream || refusal.code.is_empty() || refusal.request_id.is_none() => return Told::NotAws,
        _ => status_of(&refusal.code),
    };
    if html && refusal.request_id.is_none() {
        return Told::NotAws;
    }
    match refusal.code.as_str() {
        "ExpiredToken" | "ExpiredTokenException" => return Told::TokenExpired,
        "InvalidClientTokenId" | "UnrecognizedClientException" => return Told::TokenInvalid,
        "SignatureDoesNotMatch" | "InvalidSignatureException" => {
            return if says("Signature expired") || says("Signature not yet current") {
                Told::SignatureTime
            } else {
                Told::SignatureWrong
            };
        }
        "MissingAuthenticationToken" | "MissingAuthenticationTokenException" => {
            return Told::NotSigned;
        }
        "ThrottlingException" | "throttlingException" | "Throttling" | "TooManyRequestsException" => {
            return throttled(refusal);
        }
        "ServiceQuotaExceededException" => return Told::QuotaExceeded,
        "ModelNotReadyException" | "ModelStreamErrorException" | "ModelTimeoutException" => return Told::Server,
        "BadCScoreException" => return Told::AccountBlocked,
        _ => {}
    }
    if let Some(denial) = denial::parse(&refusal.message) {
        if denial.action.starts_with("aws-marketplace:") {
            return Told::MarketplaceActions;
        }
        return Told::Denied(denial);
    }
    match status {
        429 => throttled(refusal),
        400 if refusal.message.trim_end_matches('.') == "Operation not allowed" => Told::AccountBlocked,
        400..500 => PHRASES
            .iter()
            .find(|(statuses, phrase, _)| statuses.contains(&status) && says(phrase))
            .map_or(Told::Unknown, |(.., told)| told.clone()),
        500.. => Told::Server,
        _ => Told::Unknown,
    }
}

/// The statuses under which a phrase is known, or [`REFUSALS`] where the phrase says enough; the first one counts.
type Phrase = (&'static [u16], &'static str, Told);

/// AWS gives one text under several statuses, by service, endpoint and year.
const REFUSALS: &[u16] = &[400, 403, 404];

const PHRASES: &[Phrase] = &[
    (&[403], "Invalid API Key format", Told::BearerMalformed),
    (&[403], "Bearer Token has expired", Told::BearerExpired),
    (&[403], "Authentication failed: Please make sure your API Key is valid", Told::BearerRefused),
    (&[403], "Missing Authentication Token", Told::NotSigned),
    (REFUSALS, "INVALID_PAYMENT_INSTRUMENT", Told::Payment),
    (&[403], "aws-marketplace:", Told::MarketplaceActions),
    (REFUSALS, "contact AWS Sales", Told::Gated),
    (REFUSALS, "Your account is not authorized to invoke this API operation", Told::AccountBlocked),
    (REFUSALS, "Your account is not authorized to access this model", Told::AccountBlocked),
    (REFUSALS, "BadCScoreException", Told::AccountBlocked),
    (REFUSALS, "You don't have access to the model with the specified model ID", Told::NoAgreement),
    (REFUSALS, "not allowed from unsupported countries", Told::Country),
    (REFUSALS, "use case details have not been submitted", Told::UseCaseForm),
    (REFUSALS, "the required use-case form", Told::UseCaseForm),
    (&[403], "cannot be completed at this time", Told::Pending),
    (&[403], "try again after", Told::Pending),
    (REFUSALS, "marked by provider as Legacy", Told::Legacy),
    (REFUSALS, "reached the end of its life", Told::EndOfLife),
    (REFUSALS, "data retention mode", Told::DataRetention),
    (&[400, 404], "The provided model identifier is invalid", Told::IdInvalid),
    (&[400, 404], "Could not resolve the foundation model from the provided model identifier", Told::IdInvalid),
    (&[400], "with on-demand throughput", Told::NeedsProfile),
    (&[400], "exceeds the service quota", Told::QuotaExceeded),
];

/// The status of an exception that is known by its name alone; 0 for one that is not known.
fn status_of(code: &str) -> u16 {
    match code.to_ascii_lowercase().as_str() {
        "validationexception" => 400,
        "accessdeniedexception" => 403,
        "resourcenotfoundexception" => 404,
        "throttlingexception" => 429,
        "internalserverexception" | "modelstreamerrorexception" | "modelnotreadyexception" => 500,
        "serviceunavailableexception" | "modeltimeoutexception" => 503,
        _ => 0,
    }
}

fn throttled(refusal: &Refusal) -> Told {
    let text = refusal.message.to_ascii_lowercase();
    match text {
        text if text.contains("too many tokens per day") => Told::TokensPerDay,
        text if text.contains("too many tokens") => Told::TokensPerMinute,
        // "Rate exceeded" is what AWS says of calls to any of its services.
        text if text.contains("too many requests") || text.contains("rate exceeded") => Told::Requests,
        _ => Told::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, code: &str, message: &str) -> Refusal {
        Refusal {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: Some("r".to_owned()),
            content_type: Some("application/json".to_owned()),
        }
    }

    #[test]
    fn the_literal_texts_of_aws_are_known() {
        for (status, code, message, expected) in [
            (403, "ExpiredToken", "The security token included in the request is expired", Told::TokenExpired),
            (403, "ExpiredTokenException", "The security token included in the request is expired", Told::TokenExpired),
            (
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
                Told::TokenInvalid,
            ),
            (
                403,
                "InvalidSignatureException",
                "Signature expired: 20261124T080000Z is now earlier than 20261124T085500Z (20261124T090000Z - 5 min.)",
                Told::SignatureTime,
            ),
            (
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
                Told::SignatureWrong,
            ),
            (403, "", "Authentication failed: Please make sure your API Key is valid.", Told::BearerRefused),
            (403, "", "Bearer Token has expired", Told::BearerExpired),
            (403, "", "Invalid API Key format: Must start with pre-defined prefix", Told::BearerMalformed),
            (403, "", "Missing Authentication Token", Told::NotSigned),
            (
                403,
                "AccessDeniedException",
                "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace \
                 actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. Refer to the \
                 Amazon Bedrock documentation for further details. Your AWS Marketplace subscription for this model cannot be completed \
                 at this time. If you recently fixed this issue, try again after 2 minutes.",
                Told::MarketplaceActions,
            ),
            (
                403,
                "AccessDeniedException",
                "Model access is denied due to INVALID_PAYMENT_INSTRUMENT: A valid payment instrument must be provided. Your AWS \
                 Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again \
                 after 2 minutes.",
                Told::Payment,
            ),
            (
                403,
                "AccessDeniedException",
                "Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, \
                 try again after 2 minutes.",
                Told::Pending,
            ),
            (
                403,
                "AccessDeniedException",
                "You don't have access to the model with the specified model ID.",
                Told::NoAgreement,
            ),
            (
                404,
                "ResourceNotFoundException",
                "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before \
                 using the model.",
                Told::UseCaseForm,
            ),
            (
                404,
                "ResourceNotFoundException",
                "You have not filled out the required use-case form for this model. Complete the form at https://console",
                Told::UseCaseForm,
            ),
            (
                404,
                "ResourceNotFoundException",
                "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last \
                 15 days. Please upgrade to an active model on Amazon Bedrock",
                Told::Legacy,
            ),
            (404, "ResourceNotFoundException", "This model version has reached the end of its life.", Told::EndOfLife),
            (400, "ValidationException", "The provided model identifier is invalid.", Told::IdInvalid),
            (404, "ResourceNotFoundException", "The provided model identifier is invalid.", Told::IdInvalid),
            (
                404,
                "ResourceNotFoundException",
                "Could not resolve the foundation model from the provided model identifier.",
                Told::IdInvalid,
            ),
            (
                400,
                "ValidationException",
                "Invocation of model ID anthropic.claude-opus-4-5-20251101-v1:0 with on-demand throughput isn\u{2019}t supported. Retry \
                 your request with the ID or ARN of an inference profile that contains this model.",
                Told::NeedsProfile,
            ),
            (429, "ThrottlingException", "Too many tokens, please wait before trying again.", Told::TokensPerMinute),
            (
                429,
                "ThrottlingException",
                "Too many tokens per day, please wait before trying again.",
                Told::TokensPerDay,
            ),
            (429, "ThrottlingException", "Too many requests, please wait before trying again.", Told::Requests),
            (
                400,
                "ServiceQuotaExceededException",
                "Your request exceeds the service quota for your account.",
                Told::QuotaExceeded,
            ),
            (400, "ValidationException", "Operation not allowed", Told::AccountBlocked),
            (
                400,
                "ValidationException",
                "Access to Anthropic models is not allowed from unsupported countries, regions, or territories.",
                Told::Country,
            ),
            (
                400,
                "ValidationException",
                "data retention mode 'none' is not available for this model",
                Told::DataRetention,
            ),
            (503, "ServiceUnavailableException", "Bedrock is unable to process your request.", Told::Server),
            (400, "ValidationException", "invalid beta flag", Told::Unknown),
        ] {
            assert_eq!(told(&refusal(status, code, message)), expected, "{message}");
        }
    }

    #[test]
    fn a_page_is_not_an_answer_of_aws() {
        let mut page = refusal(403, "", "<html>blocked</html>");
        page.content_type = Some("text/html; charset=utf-8".to_owned());
        page.request_id = None;
        assert_eq!(told(&page), Told::NotAws);
        assert_eq!(told(&refusal(302, "", "")), Told::NotAws);
    }

    #[test]
    fn an_exception_inside_of_a_stream_is_an_answer_of_aws() {
        let text = "Too many tokens, please wait before trying again.";
        let inside = |code, message| {
            let content_type = Some("application/vnd.amazon.eventstream".to_owned());
            told(&Refusal { content_type, ..refusal(200, code, message) })
        };
        assert_eq!(inside("throttlingException", text), Told::TokensPerMinute);
        assert_eq!(inside("internalServerException", "The system encountered an error"), Told::Server);
        assert_eq!(inside("teapotException", "short and stout"), Told::Unknown);
        // The type of a whole message, in the place of a stream.
        assert_eq!(told(&refusal(200, "message", "")), Told::NotAws);
    }
}
