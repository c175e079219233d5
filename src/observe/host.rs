//! Where this session runs: a container, an instance of EC2, with a browser, with the AWS CLI.

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
    Host { container: container(world), ec2: ec2(world), browser, aws_cli }
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
