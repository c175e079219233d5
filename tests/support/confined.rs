//! Runs in a namespace of their own (Linux): another hosts file, no name server, no network.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::process;

/// The network of a confined command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// That of the machine.
    Machine,
    /// None at all.
    None,
    /// Routes for IPv6 alone, which lead nowhere.
    Ipv6,
}

const LIMIT: Duration = Duration::from_secs(20);

/// Turns a command into one that sees this hosts file, a name server that refuses, and this network.
///
/// Panics with what is missing where the system has no namespaces for its users.
pub fn confine(command: &Command, place: &Path, hosts: &str, network: Network) -> Command {
    std::fs::write(place.join("hosts"), hosts).expect("a file outside the home");
    // Nobody listens there.
    std::fs::write(place.join("resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        .expect("a file outside the home");
    let routes = match network {
        Network::Ipv6 => "ip link set lo up && ip -6 route add default dev lo && ",
        Network::Machine | Network::None => "",
    };
    let files = "mount --bind \"$1/hosts\" /etc/hosts && mount --bind \"$1/resolv.conf\" /etc/resolv.conf";
    let script = format!("{routes}{files} && shift && exec \"$@\"");
    let mut confined = Command::new("unshare");
    confined.args(namespaces(network)).args(["sh", "-c", &script, "sh"]).arg(place);
    confined.arg(command.get_program()).args(command.get_args());
    confined.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = command.get_current_dir() {
        confined.current_dir(directory);
    }
    confined.stdin(std::process::Stdio::null());
    confined
}

/// Root needs no user namespace, and may have been forbidden to make one.
fn namespaces(network: Network) -> Vec<&'static str> {
    let mut flags = vec!["--mount"];
    if network != Network::Machine {
        flags.push("--net");
    }
    if !nix::unistd::geteuid().is_root() {
        flags.push("--map-root-user");
    }
    let probe = process::run(Command::new("unshare").args(&flags).arg("true"), LIMIT);
    assert!(
        probe.code() == Some(0),
        "this test needs namespaces (`unshare` of util-linux, and a kernel that lets users make them; test.sh sees to both): {probe:?}"
    );
    flags
}
