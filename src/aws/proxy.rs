//! The proxy as the client chooses it: by the environment that it ends up with, per scheme.

use aws_smithy_http_client::proxy::ProxyConfig;
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use crate::world::Env;

/// The proxies of one route.
#[derive(Debug)]
pub struct Proxies {
    http: Choice,
    https: Choice,
}

#[derive(Debug)]
struct Choice {
    config: ProxyConfig,
    matcher: Option<Matcher>,
    /// `host:port`, without the user information.
    shown: Option<String>,
    problem: Option<String>,
    password: Option<String>,
}

impl Proxies {
    /// Reads the variables; lower case wins, as in the client and in curl. `https` falls back to the proxy of `http`, as in the client.
    pub fn read(env: &Env) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| env.non_empty(name)).map(str::to_owned);
        let exempt = first(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
        let http = first(&["http_proxy", "HTTP_PROXY"]);
        let https = first(&["https_proxy", "HTTPS_PROXY"]).or_else(|| http.clone());
        Self { http: Choice::new(http, &exempt, false), https: Choice::new(https, &exempt, true) }
    }

    /// How the connector of the scheme is told.
    pub fn config(&self, https: bool) -> ProxyConfig {
        self.choice(https).config.clone()
    }

    /// The proxy that a request to this address goes through, as `host:port`.
    pub fn of(&self, uri: &Uri) -> Option<&str> {
        let choice = self.choice(uri.scheme_str() == Some("https"));
        choice.matcher.as_ref()?.intercept(uri)?;
        choice.shown.as_deref()
    }

    /// Why the variable for this scheme names no proxy, though it is set.
    pub fn problem(&self, https: bool) -> Option<&str> {
        self.choice(https).problem.as_deref()
    }

    /// Passwords in the URLs, never to be shown.
    pub fn passwords(&self) -> impl Iterator<Item = &str> {
        [&self.http, &self.https].into_iter().filter_map(|choice| choice.password.as_deref())
    }

    fn choice(&self, https: bool) -> &Choice {
        if https { &self.https } else { &self.http }
    }
}

impl Choice {
    fn new(value: Option<String>, exempt: &str, https: bool) -> Self {
        let none =
            |problem| Self { config: ProxyConfig::disabled(), matcher: None, shown: None, problem, password: None };
        let Some(value) = value else { return none(None) };
        // A value without a scheme is a proxy too.
        let url = if value.contains("://") { value } else { format!("http://{value}") };
        let parsed = url.parse::<Uri>().ok().filter(|uri| uri.host().is_some());
        let made = if https { ProxyConfig::https(url.as_str()) } else { ProxyConfig::http(url.as_str()) };
        match (parsed, made) {
            (Some(uri), Ok(config)) => {
                let builder = Matcher::builder().no(exempt);
                let matcher = if https { builder.https(url) } else { builder.http(url) }.build();
                let user =
                    uri.authority().and_then(|authority| authority.as_str().rsplit_once('@')).map(|(user, _)| user);
                let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password.to_owned());
                let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
                let shown = format!("{}:{port}", uri.host().unwrap_or_default());
                Self {
                    config: config.no_proxy(exempt),
                    matcher: Some(matcher),
                    shown: Some(shown),
                    problem: None,
                    password,
                }
            }
            // The value may hold a password: it is not shown.
            _ => none(Some("the proxy variable does not hold a URL of a proxy (http://host:port)".to_owned())),
        }
    }
}
