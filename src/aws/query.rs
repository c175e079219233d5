//! Calls in the query protocol (a form in, XML out) of services that are asked once in a while: IAM and EC2.

use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

use super::answer::Answer;
use super::clients::{Access, Aws, not_an_answer, url_problem};
use super::raw::encoded;
use super::signed::Unsigned;

/// A service that speaks it.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// Where it is.
    pub url: &'a str,
    /// The name that it signs as.
    pub name: &'a str,
    /// The region that is signed for.
    pub region: &'a str,
    /// Version of its API (`2010-05-08`).
    pub version: &'a str,
}

impl Service<'_> {
    /// Calls an action with these parameters; `read` takes what is wanted out of the root of the answer.
    pub async fn call<T>(
        &self,
        aws: &Aws,
        action: &str,
        parameters: &[(String, String)],
        read: impl FnOnce(ScopedDecoder<'_, '_>) -> Result<T, XmlDecodeError>,
    ) -> Answer<T> {
        let Access::Keys(_) = &aws.access else {
            return Answer::NotAsked(format!("{} cannot be asked without access keys", self.name));
        };
        if let Some(failure) = url_problem(self.url) {
            return Answer::Unreachable(failure);
        }
        let fixed =
            [("Action", action), ("Version", self.version)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let pairs = fixed.iter().chain(parameters).map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let request = Unsigned {
            method: "POST",
            url: format!("{}/", self.url.trim_end_matches('/')),
            service: self.name,
            region: self.region,
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: pairs.collect::<Vec<_>>().join("&"),
        };
        let recorder = aws.recorder();
        let text = match request.sign(aws) {
            Ok(request) => request.text(&recorder).await,
            Err(error) => return Answer::NotAsked(format!("the request cannot be signed: {error}")),
        };
        match text {
            Answer::Got(text) => {
                let mut document = Document::new(&text);
                match document.root_element().and_then(read) {
                    Ok(value) => Answer::Got(value),
                    Err(_) => not_an_answer(&recorder, "the answer is not the XML that was expected"),
                }
            }
            other => other.without_value("the answer was not read"),
        }
    }
}

/// Shows each element below this one to `visit`; what it does not read is passed over.
pub fn each(
    mut scope: ScopedDecoder<'_, '_>,
    mut visit: impl FnMut(&str, ScopedDecoder<'_, '_>) -> Result<(), XmlDecodeError>,
) -> Result<(), XmlDecodeError> {
    while let Some(tag) = scope.next_tag() {
        let name = tag.start_el().local().to_owned();
        visit(&name, tag)?;
    }
    Ok(())
}

/// The text of an element.
pub fn text(mut scope: ScopedDecoder<'_, '_>) -> Result<String, XmlDecodeError> {
    Ok(try_data(&mut scope)?.into_owned())
}
