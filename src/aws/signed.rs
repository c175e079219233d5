//! Requests that are signed by hand, for services that are asked once in a while: a generated crate for each would cost more to
//! build than the rest of the program.

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;

use super::clients::{Access, Aws, system_time};
use super::raw::Raw;

/// A request before it is signed.
#[derive(Debug, Clone)]
pub struct Unsigned<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Whole URL.
    pub url: String,
    /// The name that the service signs as.
    pub service: &'a str,
    /// The region that is signed for.
    pub region: &'a str,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: String,
}

impl<'a> Unsigned<'a> {
    /// The request as this caller makes it: signed with keys, with a bearer token, or with nothing.
    pub fn sign(mut self, aws: &Aws) -> Result<Raw<'a>, String> {
        match &aws.access {
            Access::Keys(keys) => {
                let identity = Identity::from(keys.clone());
                let params = v4::SigningParams::builder()
                    .identity(&identity)
                    .region(self.region)
                    .name(self.service)
                    .time(system_time(aws.wire.clock.now()))
                    .settings(SigningSettings::default())
                    .build()
                    .map_err(|error| error.to_string())?;
                let shown = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
                let body = SignableBody::Bytes(self.body.as_bytes());
                let request = SignableRequest::new(self.method, self.url.as_str(), shown, body)
                    .map_err(|error| error.to_string())?;
                let (instructions, _) = sign(request, &params.into()).map_err(|error| error.to_string())?.into_parts();
                let signature = instructions.into_parts().0;
                self.headers.extend(signature.into_iter().map(|header| (header.name(), header.value().to_owned())));
            }
            Access::Bearer(token) => self.headers.push(("authorization", format!("Bearer {}", token.reveal()))),
            Access::Unsigned => {}
        }
        let Self { method, url, headers, body, .. } = self;
        Ok(Raw { method, url, headers, body })
    }
}
