//! What doctor tells people to type is there to be typed.

use bedrockup::cli::Cli;
use bedrockup::diagnose::catalogue;
use clap::Parser;

use super::*;

/// Every `bedrockup …` of a text, up to the end of the quotation or of the line.
fn named(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("bedrockup ") {
        let quoted = text[..at].ends_with('`');
        let alone = text[..at].rsplit('\n').next().is_some_and(|line| line.len() >= 4 && line.trim().is_empty());
        let end = if quoted { '`' } else { '\n' };
        if quoted || alone {
            found.push(text[at..].split([end, ';', '|', '>']).next().unwrap_or_default().trim().to_owned());
        }
    }
    found
}

#[test]
fn every_command_of_ours_on_a_page_exists() {
    let (mut count, mut missing) = (0, Vec::new());
    for kind in catalogue::ALL {
        for command in named(kind.page) {
            let words = command.split_whitespace().map(|word| match word {
                // Placeholders in capitals, as the pages write them.
                "R" | "REGION" | "NEAREST" => "us-east-1",
                "PID" => "4711",
                other => other,
            });
            if Cli::try_parse_from(words).is_err() {
                missing.push(format!("{}: {command}", kind.name));
            }
            count += 1;
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(count > 50, "the pages name commands: {count}");
}

#[test]
fn the_list_of_models_is_what_the_account_has() {
    let ready = healthy().ready();
    let words = |more: &[&str]| ["models"].iter().chain(more).map(|&word| word.to_owned()).collect::<Vec<_>>();
    let listed = ready.run(words(&[]));
    let listed = listed.exits(0).out();
    assert!([OPUS, SONNET, HAIKU].iter().all(|id| listed.contains(*id)), "{listed}");
    let document = ready.run(words(&["--region", "eu-central-1", "--json"])).exits(0).json();
    assert_eq!(
        (document["schema"].as_str(), document["region"].as_str()),
        (Some("bedrockup.models/1"), Some("eu-central-1"))
    );
    let ids = document["models"].as_array().expect("a list");
    assert!(ids.iter().any(|model| model["id"] == "eu.anthropic.claude-opus-4-8"), "{document}");
    assert!(ready.run(words(&["--region", "us-east-1; rm -rf ~"])).exits(2).err().contains("region"));
}

#[test]
fn models_that_cannot_be_told_are_not_made_up() {
    let ready = healthy().no_aws_files().ready();
    let output = ready.run(["models".to_owned()]);
    assert!(output.exits(3).err().contains("bedrockup doctor"), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}
