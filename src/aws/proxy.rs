//! The proxy as the client chooses it (2.1.330, measured): one for every scheme, with two readings of the exemptions.
//!
//! Model calls leave by the client's own `fetch`, everything else (lists, STS, sign-in) by an SDK. Both take the first of
//! `https_proxy`, `HTTPS_PROXY`, `http_proxy`, `HTTP_PROXY`, whatever the scheme of the request; only model calls know
//! `all_proxy` too. `NO_PROXY=amazonaws.com` exempts model calls and not the rest, which needs `.amazonaws.com`.

use aws_smithy_http_client::proxy::ProxyConfig;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;

use crate::world::Env;

const FOR_ALL_CALLS: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"];
const FOR_MODEL_CALLS: [&str; 2] = ["all_proxy", "ALL_PROXY"];

/// The proxy of one route.
#[derive(Debug, Default)]
pub struct Proxies {
    proxy: Option<Proxy>,
    /// Takes everything that is not exempted.
    exempt_from_models: Option<Matcher>,
    exempt_from_others: Vec<String>,
}

#[derive(Debug)]
struct Proxy {
    url: String,
    /// `host:port`, without the user information.
    shown: String,
    /// Why nothing can go through it.
    problem: Option<&'static str>,
    password: Option<String>,
    models_only: bool,
}

impl Proxies {
    /// Reads the variables; lower case wins.
    pub fn read(env: &Env) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| env.non_empty(name)).map(str::to_owned);
        let for_all = first(&FOR_ALL_CALLS).map(|value| Proxy::new(value, false));
        let proxy = for_all.or_else(|| first(&FOR_MODEL_CALLS).map(|value| Proxy::new(value, true)));
        let lists: Vec<&str> = ["no_proxy", "NO_PROXY"].iter().filter_map(|name| env.non_empty(name)).collect();
        Self {
            proxy,
            exempt_from_models: lists.first().map(|list| exempting(list)),
            exempt_from_others: lists.into_iter().map(str::to_owned).collect(),
        }
    }

    /// How a connector that goes through the proxy is told; `None` without a proxy.
    pub fn config(&self, https: bool) -> Option<ProxyConfig> {
        let url = self.proxy.as_ref().filter(|proxy| proxy.problem.is_none())?.url.as_str();
        if https { ProxyConfig::https(url).ok() } else { ProxyConfig::http(url).ok() }
    }

    /// The proxy that a request to this address goes through, as `host:port`.
    pub fn of(&self, uri: &Uri) -> Option<&str> {
        self.on_the_way(uri).map(|proxy| proxy.shown.as_str())
    }

    /// Why a request to this address cannot go through the proxy that it is meant to take.
    pub fn problem(&self, uri: &Uri) -> Option<&str> {
        self.on_the_way(uri)?.problem
    }

    /// The proxy on the way to this address is itself spoken to by TLS.
    pub fn by_tls(&self, uri: &Uri) -> bool {
        self.on_the_way(uri)
            .is_some_and(|proxy| proxy.url.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("https:")))
    }

    /// What the proxy on the way to this address is told of user and password.
    pub fn authorization(&self, uri: &Uri) -> Option<HeaderValue> {
        let proxy = self.on_the_way(uri)?;
        Matcher::builder().all(proxy.url.as_str()).build().intercept(&without_port(uri))?.basic_auth().cloned()
    }

    /// The password in the URL, never to be shown.
    pub fn password(&self) -> Option<&str> {
        self.proxy.as_ref()?.password.as_deref()
    }

    fn on_the_way(&self, uri: &Uri) -> Option<&Proxy> {
        let models = is_model_call(uri.path());
        let proxy = self.proxy.as_ref().filter(|proxy| models || !proxy.models_only)?;
        let exempt = match models {
            true => {
                self.exempt_from_models.as_ref().is_some_and(|matcher| matcher.intercept(&without_port(uri)).is_none())
            }
            false => self.exempt_from_others.iter().any(|list| names(list, uri)),
        };
        (!exempt).then_some(proxy)
    }
}

impl Proxy {
    fn new(value: String, models_only: bool) -> Self {
        // A value without a scheme is a proxy too.
        let url = if value.contains("://") { value } else { format!("http://{value}") };
        let parsed = url.parse::<Uri>().ok().filter(|uri| uri.host().is_some());
        let problem = match parsed.as_ref().map(|uri| uri.scheme_str().unwrap_or_default()) {
            Some("http" | "https") => None,
            // The value may hold a password: it is not shown.
            Some(scheme) if scheme.starts_with("socks") => Some(
                "the proxy variable names a SOCKS proxy, which Claude Code does not speak (UnsupportedProxyProtocol)",
            ),
            _ => Some("the proxy variable does not hold a URL of a proxy (http://host:port)"),
        };
        let user =
            parsed.as_ref().and_then(Uri::authority).and_then(|it| it.as_str().rsplit_once('@')).map(|(user, _)| user);
        let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password.to_owned());
        let shown = parsed.as_ref().map_or_else(String::new, |uri| {
            let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
            format!("{}:{port}", uri.host().unwrap_or_default())
        });
        Self { url, shown, problem, password, models_only }
    }
}

/// The calls that the client makes by its own `fetch`: of the runtime and of Mantle.
fn is_model_call(path: &str) -> bool {
    path.contains("/model/") || path.contains("/v1/messages")
}

/// Entries of a list, separated by commas or blanks.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ' ', '\t', '\n']).filter(|entry| !entry.is_empty())
}

/// Model calls: names with everything below them, addresses, networks (`10.0.0.0/8`), `*`; an entry with a port as one without.
fn exempting(list: &str) -> Matcher {
    let plain: Vec<&str> = entries(list)
        .map(|entry| {
            let entry = entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry);
            match entry.rsplit_once(':') {
                Some((host, port)) if port.parse::<u16>().is_ok() && !host.contains(':') => host,
                _ => entry,
            }
        })
        .collect();
    Matcher::builder().all("http://proxy.invalid").no(plain.join(",")).build()
}

fn without_port(uri: &Uri) -> Uri {
    let host = uri.host().unwrap_or_default();
    format!("{}://{host}/", uri.scheme_str().unwrap_or("https")).parse().unwrap_or_else(|_| uri.clone())
}

/// Everything else: the exact name, with or without the port, or what ends in an entry that begins with a dot; `*` alone.
fn names(list: &str, uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
    let with_port = format!("{host}:{port}");
    list.trim() == "*"
        || entries(list).map(str::to_ascii_lowercase).any(|entry| {
            entry == host
                || entry == with_port
                || (entry.starts_with('.') && (host.ends_with(&entry) || host == entry[1..]))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "https://bedrock-runtime.us-east-1.amazonaws.com/model/x/invoke";
    const LIST: &str = "https://bedrock.us-east-1.amazonaws.com/inference-profiles";
    const HTTP_MODEL: &str = "http://127.0.0.1:8100/model/x/invoke";
    const HTTP_LIST: &str = "http://127.0.0.1:8100/inference-profiles";

    fn through(pairs: &[(&str, &str)], url: &str) -> Option<String> {
        let proxies = Proxies::read(&pairs.iter().copied().collect());
        proxies.of(&url.parse().expect("a URL")).map(str::to_owned)
    }

    #[test]
    fn one_proxy_serves_both_schemes_and_lower_case_wins() {
        for name in FOR_ALL_CALLS {
            for url in [MODEL, LIST, HTTP_MODEL, HTTP_LIST] {
                assert_eq!(through(&[(name, "http://p:3128")], url).as_deref(), Some("p:3128"), "{name} {url}");
            }
        }
        let both =
            [("https_proxy", "http://lower:1"), ("HTTPS_PROXY", "http://upper:2"), ("http_proxy", "http://http:3")];
        assert_eq!(through(&both, HTTP_MODEL).as_deref(), Some("lower:1"));
        assert_eq!(through(&[("HTTPS_PROXY", ""), ("HTTP_PROXY", "p:1")], MODEL).as_deref(), Some("p:1"));
    }

    #[test]
    fn the_proxy_for_everything_takes_model_calls_alone() {
        for name in FOR_MODEL_CALLS {
            assert_eq!(through(&[(name, "http://p:3128")], MODEL).as_deref(), Some("p:3128"));
            assert_eq!(through(&[(name, "http://p:3128")], LIST), None);
        }
    }

    #[test]
    fn exemptions_are_read_in_two_ways() {
        // Entry, then whether model calls and other calls go past the proxy: measured with 2.1.330.
        for (list, models, others) in [
            ("amazonaws.com", true, false),
            (".amazonaws.com", true, true),
            ("*.amazonaws.com", true, false),
            (".AMAZONAWS.COM", true, true),
            ("us-east-1.amazonaws.com", true, false),
            ("bedrock-runtime.us-east-1.amazonaws.com:443", true, false),
            ("bedrock.us-east-1.amazonaws.com", false, true),
            ("bedrock.us-east-1.amazonaws.com:443", false, true),
            ("*", true, true),
            ("foo,*", true, false),
            ("localhost .amazonaws.com", true, true),
            ("localhost, .amazonaws.com", true, true),
            ("zonaws.com", false, false),
        ] {
            let set = [("HTTPS_PROXY", "http://p:3128"), ("NO_PROXY", list)];
            assert_eq!(through(&set, MODEL).is_none(), models, "{list}: models");
            assert_eq!(through(&set, LIST).is_none(), others, "{list}: others");
        }
        let network = [("HTTPS_PROXY", "http://p:3128"), ("NO_PROXY", "127.0.0.0/8")];
        assert_eq!(through(&network, HTTP_MODEL), None);
        assert!(through(&network, HTTP_LIST).is_some());
        let two = [("HTTPS_PROXY", "http://p:3128"), ("NO_PROXY", "*"), ("no_proxy", "localhost")];
        assert!(through(&two, MODEL).is_some() && through(&two, LIST).is_none());
    }

    #[test]
    fn what_is_no_proxy_is_a_problem_of_the_requests_that_would_take_it() {
        let socks = Proxies::read(
            &[("HTTPS_PROXY", "socks5://u:secret@p:1080"), ("NO_PROXY", ".internal")].into_iter().collect(),
        );
        let problem = |url: &str| socks.problem(&url.parse().expect("a URL")).map(str::to_owned);
        assert!(problem(MODEL).is_some_and(|problem| problem.contains("SOCKS") && !problem.contains("secret")));
        assert_eq!(problem("https://gateway.internal/model/x/invoke"), None);
        assert_eq!(socks.password(), Some("secret"));
        assert!(socks.config(true).is_none());
    }

    #[test]
    fn user_and_password_go_with_the_second_look_too() {
        let told = |url: &str| {
            let proxies = Proxies::read(&[("HTTPS_PROXY", url)].into_iter().collect());
            proxies.authorization(&LIST.parse().expect("a URL"))
        };
        assert_eq!(told("http://ada:love%20lace@p:1").expect("a header"), "Basic YWRhOmxvdmUgbGFjZQ==");
        assert_eq!(told("http://p:1"), None);
    }
}
