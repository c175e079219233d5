//! Which hosts the client calls.
//!
//! Model calls know one variable only, `ANTHROPIC_BEDROCK_BASE_URL`; `AWS_ENDPOINT_URL` and FIPS reach the control plane
//! and STS alone (measured).

use crate::resolve::data::{Gate, dns_suffix, gate};
use crate::resolve::{Endpoints, Setting, Variable};
use crate::variables::{BASE_URL, is_truthy};
use crate::version::Version;
use crate::world::Env;

/// The hosts for a region.
pub fn resolve(effective: &Env, variables: &[Variable], region: &str, version: Version) -> Endpoints {
    let suffix = dns_suffix(region);
    let base = effective.non_empty(BASE_URL).map(without_end).filter(|url| !url.is_empty());
    let general = effective.non_empty("AWS_ENDPOINT_URL").map(without_end);
    let own = |name: &str| effective.non_empty(name).map(without_end).or_else(|| general.clone());
    let fips = effective.get("AWS_USE_FIPS_ENDPOINT").is_some_and(is_truthy);

    let control = base
        .clone()
        .filter(|_| version >= gate(Gate::OneBaseUrlForBothHosts))
        .or_else(|| own("AWS_ENDPOINT_URL_BEDROCK"))
        .unwrap_or_else(|| format!("https://bedrock{}.{region}.{suffix}", if fips { "-fips" } else { "" }));
    // STS has FIPS hosts of their own name in the four commercial US regions only.
    let sts_fips = fips && region.starts_with("us-") && !region.starts_with("us-gov-");
    let sts = own("AWS_ENDPOINT_URL_STS")
        .unwrap_or_else(|| format!("https://sts{}.{region}.{suffix}", if sts_fips { "-fips" } else { "" }));
    let base_url = variables
        .iter()
        .find(|variable| variable.name == BASE_URL)
        .and_then(|variable| variable.winner.as_ref())
        .filter(|setting| !setting.value.trim().is_empty())
        .map(|setting| Setting { value: setting.value.clone(), source: setting.source.clone() });
    let mantle = effective
        .non_empty("ANTHROPIC_BEDROCK_MANTLE_BASE_URL")
        .map_or_else(|| format!("https://bedrock-mantle.{region}.api.aws/anthropic"), without_end);
    Endpoints {
        mantle,
        runtime: base.unwrap_or_else(|| format!("https://bedrock-runtime.{region}.{suffix}")),
        control,
        sts,
        base_url,
    }
}

/// The client forgives blanks around a URL and a slash at its end (measured).
fn without_end(url: &str) -> String {
    url.trim().trim_end_matches('/').to_owned()
}
