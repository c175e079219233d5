//! Downloads: how the latest release is found, what both clients are told, and what goes wrong on the way.

use std::fs;
use std::sync::Arc;

use super::bed::{Bed, DASH, Outcome, TAG};
use super::server::{Reply, Server};

/// GitHub's behaviour over the mirror of `bed`: /latest redirects, files are served by path.
fn github(bed: &Bed, change: impl Fn(&str, Vec<u8>) -> Reply + Send + Sync + 'static) -> Server {
    let mirror = Arc::new(bed.path("mirror"));
    Server::start(move |path| match path {
        "/latest" => Reply::Redirect(format!("/tag/{TAG}")),
        _ if path == format!("/tag/{TAG}") => Reply::Body(b"<html>".to_vec()),
        _ => match fs::read(mirror.join(path.trim_start_matches('/'))) {
            Ok(bytes) => change(path, bytes),
            Err(_) => Reply::Status("404 Not Found"),
        },
    })
}

/// What a download needs besides the client.
const TOOLS: &[&str] = &[
    "awk",
    "cat",
    "chmod",
    "cmp",
    "cp",
    "cut",
    "dirname",
    "find",
    "getconf",
    "grep",
    "gzip",
    "id",
    "mkdir",
    "mktemp",
    "mv",
    "od",
    "rm",
    "rmdir",
    "sed",
    "sh",
    "sha256sum",
    "tail",
    "tar",
    "uname",
];

fn with_tools(bed: &Bed, more: &[&str], arguments: &[&str]) -> Outcome {
    let names: Vec<&str> = TOOLS.iter().chain(more).copied().collect();
    let path = bed.only_tools(&names);
    bed.command(&DASH, arguments).env("PATH", path).output().unwrap().into()
}

#[test]
fn curl_and_wget_both_find_the_latest_release_by_its_redirect() {
    for client in ["curl", "wget"] {
        let bed = Bed::new();
        let server = github(&bed, |_, bytes| Reply::Body(bytes));
        with_tools(&bed, &[client], &["--base-url", &server.url()]).exits(0);
        assert!(bed.installed().is_file(), "{client}");
        assert_eq!(server.wait_for_request(), "/latest", "{client}");
    }
}

#[test]
fn a_static_mirror_names_the_latest_release_in_a_file() {
    let bed = Bed::new();
    let mirror = bed.path("mirror");
    let server = Server::start(move |path| match fs::read(mirror.join(path.trim_start_matches('/'))) {
        Ok(bytes) => Reply::Body(bytes),
        Err(_) => Reply::Status("404 Not Found"),
    });
    bed.run(&DASH, &["--base-url", &server.url()]).exits(0);
    assert!(bed.installed().is_file());
}

#[test]
fn a_download_that_ends_early_installs_nothing() {
    for client in ["curl", "wget"] {
        let bed = Bed::new();
        let before = bed.trees();
        // A cut that the transport shows...
        let server = github(&bed, |path, bytes| match path.ends_with(".gz") {
            true => Reply::Cut(bytes.clone(), bytes.len() / 2),
            false => Reply::Body(bytes),
        });
        with_tools(&bed, &[client], &["--base-url", &server.url()]).exits(1).says_in_one_line("nothing was installed");
        // ...and one that only the checksum shows.
        let server = github(&bed, |path, bytes| match path.ends_with(".gz") {
            true => Reply::Body(bytes[..bytes.len() / 2].to_vec()),
            false => Reply::Body(bytes),
        });
        let again = bed.command(&DASH, &["--base-url", &server.url()]).env("PATH", bed.path("only")).output().unwrap();
        Outcome::from(again).exits(1).says_in_one_line("wrong checksum");
        assert_eq!(bed.trees(), before, "{client}");
    }
}

#[test]
fn a_release_that_is_not_there_is_said_with_the_clients_own_reason() {
    for client in ["curl", "wget"] {
        let bed = Bed::new();
        let before = bed.trees();
        let server = github(&bed, |_, bytes| Reply::Body(bytes));
        with_tools(&bed, &[client], &["--base-url", &server.url(), "--version=7.7.7"]).exits(1).says_in_one_line("404");
        assert_eq!(bed.trees(), before, "{client}");
    }
}

#[test]
fn a_latest_that_names_no_release_is_not_followed() {
    for latest in [Reply::Body(b"<html>".to_vec()), Reply::Body(Vec::new()), Reply::Body(b"v1;rm\n".to_vec())] {
        let bed = Bed::new();
        let latest = std::sync::Mutex::new(Some(latest));
        let server = Server::start(move |_| latest.lock().unwrap().take().unwrap_or(Reply::Status("404 Not Found")));
        bed.run(&DASH, &["--base-url", &server.url()]).exits(1).says_in_one_line("names no release");
    }
}

#[test]
fn without_a_client_it_says_what_to_install() {
    let bed = Bed::new();
    let arguments = ["--base-url", "https://mirror.example/releases"];
    with_tools(&bed, &[], &arguments).exits(1).says_in_one_line("curl");
    // Busybox's wget checks no certificates, so it does not count.
    bed.program(&bed.path("only/wget"), "#!/bin/sh\necho 'wget: unrecognized option: version' >&2\nexit 1\n");
    let again = bed.command(&DASH, &arguments).env("PATH", bed.path("only")).output().unwrap();
    Outcome::from(again).exits(1).says_in_one_line("neither is here");
}

#[test]
fn clients_are_held_to_https_with_tls_1_2_and_retries() {
    for (client, wanted) in [
        ("curl", &["--proto =https", "--tlsv1.2", "-fsSL", "--retry 3"][..]),
        ("wget", &["--https-only", "--secure-protocol=TLSv1_2", "--tries=3"]),
    ] {
        let bed = Bed::new();
        let names: Vec<&str> = TOOLS.to_vec();
        let path = bed.only_tools(&names);
        let record = bed.path("arguments");
        bed.program(
            &path.join(client),
            &format!(
                "#!/bin/sh\n[ \"$1\" != --version ] || {{ echo 'GNU Wget 1.21'; exit; }}\necho \"$*\" >>'{}'\nexit 6\n",
                record.display()
            ),
        );
        let run = bed
            .command(&DASH, &["--base-url", "https://mirror.example/releases/"])
            .env("PATH", &path)
            .output()
            .unwrap();
        Outcome::from(run).exits(1).says_in_one_line("https://mirror.example/releases/latest");
        let said = fs::read_to_string(record).unwrap();
        for part in wanted {
            assert!(said.contains(part), "{client} was called without {part}: {said}");
        }
    }
}

#[test]
fn every_tool_for_checksums_is_enough_and_none_is_not() {
    for hasher in ["sha256sum", "shasum", "openssl"] {
        let bed = Bed::new();
        let names: Vec<&str> = TOOLS.iter().copied().filter(|name| *name != "sha256sum").chain([hasher]).collect();
        let path = bed.only_tools(&names);
        let run = bed.command(&DASH, &[]).env("PATH", path).output().unwrap();
        let said = Outcome::from(run).exits(0).stdout;
        assert!(said.contains("The checksum is right"), "{hasher}: {said}");
    }
    let bed = Bed::new();
    let names: Vec<&str> = TOOLS.iter().copied().filter(|name| *name != "sha256sum").collect();
    let path = bed.only_tools(&names);
    let run = bed.command(&DASH, &[]).env("PATH", path).output().unwrap();
    Outcome::from(run).exits(1).says_in_one_line("could not be checked");
    assert!(!bed.installed().exists());
}

#[test]
fn checksums_that_are_missing_or_contradict_each_other_stop_the_install() {
    let bed = Bed::new();
    let sums = bed.archive().with_file_name("SHA256SUMS");
    let good = fs::read_to_string(&sums).unwrap();
    let digit = if good.starts_with('0') { "1" } else { "0" };
    let other = format!("{digit}{}", &good[1..]);
    for bad in [String::new(), good.replace(".tar.gz", ".zip"), format!("{good}{other}"), good.replacen(' ', "z ", 1)] {
        fs::write(&sums, bad).unwrap();
        bed.run(&DASH, &[]).exits(1).says_in_one_line("no single checksum");
    }
    fs::remove_file(&sums).unwrap();
    bed.run(&DASH, &[]).exits(1).says_in_one_line("SHA256SUMS");
    // Capitals, a binary mark and Windows line ends are the same checksum.
    let (hash, name) = good.trim().split_once("  ").unwrap();
    fs::write(&sums, format!("{} *{name}\r\n", hash.to_uppercase())).unwrap();
    bed.run(&DASH, &[]).exits(0);
}
