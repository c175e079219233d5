//! Whether this machine can reach the internet at all, as its own routes tell.

use crate::diagnose::{Case, Fix, Found, Who, look};
use crate::observe::host::WaysOut;

/// The system knows no way to any host of the internet. A proxy is on a network that needs no such way, and what was answered
/// came by one.
pub fn is_missing(case: &Case<'_>) -> bool {
    let none = case.machine.host.ways_out == Some(WaysOut { v4: false, v6: false });
    none && look::proxy(case).is_none() && !look::anything_answered(case)
}

/// The system knows a way by IPv6 alone.
pub fn is_ipv6_alone(case: &Case<'_>) -> bool {
    case.machine.host.ways_out == Some(WaysOut { v4: false, v6: true })
}

/// Shows that there is no way out, and how there will be one.
pub fn shown(case: &Case<'_>, found: Found) -> Found {
    let found = found.evidence("routes of this machine", "none to the internet, by IPv4 or by IPv6");
    match &case.machine.host.container {
        Some(mark) => found.evidence("container", mark.display().to_string()).fix(Fix::words(
            Who::You,
            "Give this container a network (`docker run` without `--network none`, or the setting of the sandbox that lets it out).",
        )),
        None => found.fix(Fix::words(
            Who::You,
            "Connect this machine to a network, or join the VPN; a container or sandbox needs a network of its own.",
        )),
    }
}
