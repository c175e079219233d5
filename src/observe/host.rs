//! Where this session runs: a container, an instance of EC2, with a browser, with the AWS CLI, on which network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};

use crate::version::Version;
use crate::world::World;

/// What a sign-in, or the metadata service, would find here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    /// The mark of a container that was found: a file of its engine.
    pub container: Option<PathBuf>,
    /// What says that this is an instance of EC2, or a container on one.
    pub ec2: Option<PathBuf>,
    /// A program that opens a browser window.
    pub browser: Option<PathBuf>,
    /// The version of the AWS CLI, as far as its place on the disk tells it.
    pub aws_cli: Option<Version>,
    /// The ways out of this machine; `None` where nobody looked.
    pub ways_out: Option<WaysOut>,
}

/// Whether the system has a route to the internet, which is no word about what comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaysOut {
    /// For IPv4.
    pub v4: bool,
    /// For IPv6.
    pub v6: bool,
}

/// Programs that open a browser, of desktops and of WSL. Those that run in a terminal cannot take the answer of a sign-in.
const BROWSERS: [&str; 12] = [
    "xdg-open",
    "x-www-browser",
    "sensible-browser",
    "gnome-open",
    "kde-open",
    "wslview",
    "firefox",
    "google-chrome",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "brave-browser",
];

/// Looks around. Programs are looked for in `paths`, values of PATH; none is started.
pub fn observe(world: &World, paths: &[String]) -> Host {
    let find = |name: &str| paths.iter().find_map(|path| which::which_in(name, Some(path), &world.directory).ok());
    let browser = match cfg!(target_os = "macos") {
        true => find("open"),
        false => BROWSERS.into_iter().find_map(find),
    };
    let aws_cli = find("aws").and_then(|path| version(&path.canonicalize().unwrap_or(path)));
    let ways_out = Some(WaysOut { v4: has_route(V4), v6: has_route(V6) });
    Host { container: container(world), ec2: ec2(world), browser, aws_cli, ways_out }
}

/// Addresses that nobody has, for which the default route is taken.
const V4: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 443);
const V6: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 1)), 443);

/// The system knows where it would send a packet to this address. None is sent: connecting a socket of UDP looks a route up.
fn has_route(address: SocketAddr) -> bool {
    let own: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    UdpSocket::bind((own, 0)).and_then(|socket| socket.connect(address)).is_ok()
}

/// The mark that a container engine leaves.
fn container(world: &World) -> Option<PathBuf> {
    let marks = [".dockerenv", "run/.containerenv"].into_iter().map(|name| world.system_root.join(name));
    marks.into_iter().find(|path| path.exists())
}

/// The maker that the machine's firmware names; a container sees that of its host.
fn ec2(world: &World) -> Option<PathBuf> {
    let files =
        ["sys/class/dmi/id/board_vendor", "sys/class/dmi/id/sys_vendor"].map(|name| world.system_root.join(name));
    let says_so = |path: &PathBuf| std::fs::read_to_string(path).is_ok_and(|text| text.contains("Amazon EC2"));
    files.into_iter().find(says_so)
}

/// The version in the path of the program: `…/aws-cli/v2/2.22.35/…`, `…/Cellar/awscli/2.15.0/…`.
fn version(path: &Path) -> Option<Version> {
    let parts = path.components().map(|part| part.as_os_str().to_string_lossy());
    parts.filter(|part| part.starts_with(|first: char| first.is_ascii_digit())).find_map(|part| part.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_aws_cli_tells_its_version() {
        for (path, expected) in [
            ("/usr/local/aws-cli/v2/2.22.35/dist/aws", Some(Version(2, 22, 35))),
            ("/opt/homebrew/Cellar/awscli/2.15.0/libexec/bin/aws", Some(Version(2, 15, 0))),
            ("/nix/store/0f1-awscli2-2.17.18/bin/aws", None),
            ("/usr/bin/aws", None),
        ] {
            assert_eq!(version(Path::new(path)), expected, "{path}");
        }
    }
}
