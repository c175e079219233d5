//! Whether an account has enabled a region: two services know it, and a caller may ask one of them.

use aws_smithy_xml::decode::{ScopedDecoder, XmlDecodeError};
use serde_json::json;

use super::answer::Answer;
use super::clients::{Aws, url_problem};
use super::query::{Service, each, text};
use super::signed::Unsigned;

/// The region in which both services are asked.
pub const HOME: &str = "us-east-1";

/// `account:GetRegionOptStatus` and `ec2:DescribeRegions` at these URLs, at once; whichever answers.
pub async fn is_enabled(aws: &Aws, account: &str, ec2: &str, region: &str) -> Answer<bool> {
    match tokio::join!(by_account(aws, account, region), by_ec2(aws, ec2, region)) {
        (Answer::Got(enabled), _) | (_, Answer::Got(enabled)) => Answer::Got(enabled),
        // The one that more people may ask.
        (_, other) => other,
    }
}

async fn by_account(aws: &Aws, url: &str, region: &str) -> Answer<bool> {
    if let Some(failure) = url_problem(url) {
        return Answer::Unreachable(failure);
    }
    let request = Unsigned {
        method: "POST",
        url: format!("{}/getRegionOptStatus", url.trim_end_matches('/')),
        service: "account",
        region: HOME,
        headers: vec![("content-type", "application/json".to_owned())],
        body: json!({ "RegionName": region }).to_string(),
    };
    let recorder = aws.recorder();
    let answer = match request.sign(aws) {
        Ok(request) => request.json(&recorder).await,
        Err(error) => return Answer::NotAsked(format!("the request cannot be signed: {error}")),
    };
    match answer {
        Answer::Got(status) => match status["RegionOptStatus"].as_str() {
            Some(status) => Answer::Got(status.starts_with("ENABLED")),
            None => super::clients::not_an_answer(&recorder, "the answer has no status of the region"),
        },
        other => other.without_value("the answer was not read"),
    }
}

async fn by_ec2(aws: &Aws, url: &str, region: &str) -> Answer<bool> {
    let service = Service { url, name: "ec2", region: HOME, version: "2016-11-15" };
    let parameters =
        [("AllRegions", "true"), ("RegionName.1", region)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    service.call(aws, "DescribeRegions", &parameters, |root| opt_in_status(root, region)).await
}

/// `opted-in`, `not-opted-in` or `opt-in-not-required`, of the one region that was asked for; others may be listed too.
fn opt_in_status(root: ScopedDecoder<'_, '_>, region: &str) -> Result<bool, XmlDecodeError> {
    let mut status = None;
    each(root, |name, list| match name {
        "regionInfo" => each(list, |_, item| {
            let (mut of, mut is) = (None, None);
            each(item, |name, inside| {
                match name {
                    "regionName" => of = Some(text(inside)?),
                    "optInStatus" => is = Some(text(inside)?),
                    _ => {}
                }
                Ok(())
            })?;
            if of.as_deref() == Some(region) {
                status = is;
            }
            Ok(())
        }),
        _ => Ok(()),
    })?;
    status.map(|status| status != "not-opted-in").ok_or_else(|| XmlDecodeError::custom("no optInStatus of the region"))
}

#[cfg(test)]
mod tests {
    use aws_smithy_xml::decode::Document;

    use super::*;

    fn status(text: &str) -> Option<bool> {
        let answer = format!(
            "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>1</requestId><regionInfo><item>\
             <regionName>eu-central-2</regionName><regionEndpoint>e</regionEndpoint>{text}</item></regionInfo></DescribeRegionsResponse>"
        );
        let mut document = Document::new(&answer);
        document.root_element().and_then(|root| opt_in_status(root, "eu-central-2")).ok()
    }

    #[test]
    fn the_status_of_a_region_is_read() {
        assert_eq!(status("<optInStatus>not-opted-in</optInStatus>"), Some(false));
        assert_eq!(status("<optInStatus>opted-in</optInStatus>"), Some(true));
        assert_eq!(status("<optInStatus>opt-in-not-required</optInStatus>"), Some(true));
        assert_eq!(status(""), None);
        let another = "</item><item><regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus>";
        assert_eq!(status(&format!("<optInStatus>not-opted-in</optInStatus>{another}")), Some(false));
    }
}
