//! Evidence that can be kept: a document whose hash holds, and a page that a browser shows.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::Value;

use super::{Bed, answer};
use crate::support::fake_aws::account::Account;
use crate::support::process;
use crate::support::sandbox::RUN_LIMIT;

fn kept(more: &[&str]) -> (Bed, Value, String) {
    let bed = Bed::new(Account::default()).transcript(&[answer("msg_bdrk_1", "3fceefbd-e1a6-4c42-9840-328cc3cfa24c")]);
    let arguments = ["verify", "--evidence", "proof.json", "--canary", "--wait", "60s"];
    bed.sandbox.run(arguments.iter().chain(more)).exits(0);
    let document = serde_json::from_slice(&bed.sandbox.read("work/proof.json")).expect("a JSON document");
    let page = String::from_utf8(bed.sandbox.read("work/proof.html")).expect("a page");
    (bed, document, page)
}

#[test]
fn anybody_can_check_the_hash_with_jq() {
    let (bed, document, page) = kept(&[]);
    assert_eq!(document["schema"], "bedrockup.evidence/1");
    let path = bed.sandbox.path("work/proof.json");
    assert_eq!(std::fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
    let mut shell = Command::new("sh");
    shell.args(["-c", "jq -cSj 'del(.sha256)' \"$1\" | sha256sum | cut -d' ' -f1", "sh"]).arg(&path);
    let hash = process::run(&mut shell, RUN_LIMIT).exits(0).out();
    assert_eq!(document["sha256"], hash.trim(), "the command of the page gives the hash of the document");
    assert!(page.contains(hash.trim()), "the page names the hash");
}

#[test]
fn masked_evidence_tells_no_account() {
    let (_, document, page) = kept(&["--mask"]);
    assert_eq!(document["accounts_masked"], true);
    let text = document.to_string();
    assert!(!text.contains("111122223333") && text.contains("********3333"), "{text}");
    assert!(!page.contains("111122223333"));
}

#[test]
fn a_file_of_somebody_else_is_refused_before_anything_is_asked() {
    let bed = Bed::new(Account::default()).sandbox(|sandbox| sandbox.file("work/thesis.json", "{\"chapter\": 1}"));
    let output = bed.sandbox.run(["verify", "--evidence", "thesis.json"]);
    output.exits(4);
    assert_eq!(bed.sandbox.read("work/thesis.json"), b"{\"chapter\": 1}");
    assert!(bed.aws.log().entries().is_empty());
    // An earlier document gives way to a newer one.
    bed.sandbox.run(["verify", "--evidence", "proof.json"]);
    bed.sandbox.run(["verify", "--evidence", "proof.json"]).exits(3);
}

#[test]
fn the_files_lie_where_the_caller_is_and_no_link_is_replaced() {
    let bed = Bed::new(Account::default()).sandbox(|sandbox| sandbox.file("elsewhere/notes", ""));
    let elsewhere = bed.sandbox.path("elsewhere").display().to_string();
    bed.sandbox.run(["verify", "--directory", &elsewhere, "--evidence", "proof.HTML"]).exits(3);
    assert!(bed.sandbox.path("work/proof.HTML").is_file() && bed.sandbox.path("work/proof.json").is_file());
    std::os::unix::fs::symlink(bed.sandbox.path("work/proof.json"), bed.sandbox.path("work/link.json"))
        .expect("a link");
    bed.sandbox.run(["verify", "--evidence", "link.json"]).exits(4);
    bed.sandbox.run(["verify", "--evidence", "no/such/place.json"]).exits(4);
}

#[test]
fn a_browser_shows_the_page_without_network() {
    let (bed, document, _) = kept(&[]);
    let mut browser = bed.sandbox.program("chromium");
    browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]);
    browser.args([
        "--disable-background-networking",
        "--disable-component-update",
        "--virtual-time-budget=2000",
        "--dump-dom",
    ]);
    browser.arg(format!("--user-data-dir={}", bed.sandbox.path("chromium").display()));
    browser.arg(format!("file://{}", bed.sandbox.path("work/proof.html").display()));
    let shown = process::run(&mut browser, RUN_LIMIT).exits(0).out();
    let chain = &document["chain"];
    for part in
        ["Proven".to_lowercase().as_str(), "Seven lines of evidence", chain["request_id"].as_str().unwrap_or("-")]
    {
        assert!(shown.contains(part), "{part} is missing: {shown}");
    }
    assert_eq!(shown.matches("<rect class=\"joined\"").count(), 48, "a bar for each part of the window");
    for outside in ["src=", "<script", "@import", "url(", "href="] {
        assert!(!shown.contains(outside), "the page reaches outside by {outside}");
    }
}
