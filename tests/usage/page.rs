//! `--html`: the page in a real browser.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::*;
use crate::support::process;

fn busy() -> Sandbox {
    let day = |number: u32| answer(number, &format!("2026-11-{:02}T10:00:00Z", number % 20 + 1));
    let mut answers: Vec<Answer> = (0..60).map(day).collect();
    answers.push(answer(90, "2026-11-03T10:00:00Z").through("us.anthropic.claude-fable-5-2", "claude-fable-5-2"));
    answers.push(Answer { project: "/work/<script>alert(1)</script>", ..answer(91, "2026-11-03T10:00:00Z") });
    home(&answers)
}

/// Chromium without a network, with a profile of its own.
fn chromium(place: &Path, arguments: &[&str], page: &Path) -> process::Output {
    let mut command = Command::new("chromium");
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--window-size=1000,1400",
        ])
        .arg(format!("--user-data-dir={}", place.join("profile").display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()));
    process::run(&mut command, Duration::from_secs(60))
}

#[test]
fn the_page_shows_in_a_browser_what_the_document_says() {
    let sandbox = busy();
    let output = run(&sandbox, &["usage", "--since", "all", "--utc", "--html", "usage.html"]);
    assert!(output.status.success(), "{output:?}");
    let page = sandbox.path("usage.html");
    let place = tempfile::tempdir().expect("a directory");
    let dom = chromium(place.path(), &["--dump-dom"], &page);
    let text = String::from_utf8_lossy(&dom.stdout);
    let document = document(&sandbox, &[]);
    let cost = format!("${:.2}", document["bedrock"]["cost"]["high"].as_f64().expect("a cost"));
    assert!(text.contains(&format!("<p class=\"sum\">{cost}</p>")), "{cost} in {text}");
    assert!(text.contains("No price for claude-fable-5-2") && text.contains("&lt;script&gt;alert(1)"), "{text}");
    let bars = text.matches("<rect class=\"s0\"").count();
    assert_eq!(bars, 20, "a bar for each day");
    for (name, scheme) in [("light.png", "1"), ("dark.png", "0")] {
        let picture = place.path().join(name);
        let shot = format!("--screenshot={}", picture.display());
        chromium(place.path(), &[&shot, &format!("--blink-settings=preferredColorScheme={scheme}")], &page);
        let bytes = std::fs::read(&picture).expect("a picture");
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 20_000, "{name}: {} bytes", bytes.len());
    }
}

#[test]
fn only_a_page_of_ours_is_written_over() {
    let sandbox = busy().file("mine.html", "<p>mine</p>");
    let refused = run(&sandbox, &["usage", "--since", "all", "--html", "mine.html"]);
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    assert_eq!(sandbox.read("mine.html"), b"<p>mine</p>");
    for _ in 0..2 {
        assert!(run(&sandbox, &["usage", "--since", "all", "--html", "ours.html"]).status.success());
    }
    let nowhere = run(&sandbox, &["usage", "--since", "all", "--html", "no/such/place.html"]);
    assert_eq!(nowhere.status.code(), Some(4), "{nowhere:?}");
}
