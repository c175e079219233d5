//! Any printable value arrives as typed, in every real shell: many values per shell start, so that it is fast.

use std::collections::BTreeMap;
use std::time::Duration;

use bedrockup::shell::quote::quote;
use bedrockup::shell::{Mode, ShellKind, Syntax};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::bed::{seen, set_up, wanted, world};
use crate::support::process;
use crate::support::sandbox::Sandbox;

const NASTY: [&str; 30] = [
    "it's $HOME",
    "!",
    "!!",
    "a!b",
    "\\!",
    "a\\",
    "\\'",
    "'\\",
    "'",
    "''",
    "\"",
    "`id`",
    "$(id)",
    "${HOME}",
    "~",
    "~root",
    "*",
    "?[a-z]{b,c}",
    "# x",
    "a;b&c|d",
    "<>()",
    "^a^b",
    "%1",
    "=ls",
    "-n",
    " lead and trail ",
    "‘curly’ “quotes” ‚‛",
    "ünï 漢字 🎉",
    "a\u{a0}b",
    "\\n\\t\\x41\\u{41}",
];

/// The nasty ones, and random ones of printable characters, from simple to wild.
fn values() -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let strategies = ["\\PC{1,20}", "[ -~]{1,20}", "[!'\"\\\\$` ]{1,8}"]
        .map(|pattern| proptest::string::string_regex(pattern).expect("a pattern"));
    let mut values: Vec<String> = NASTY.map(str::to_owned).into();
    for strategy in &strategies {
        for _ in 0..60 {
            values.push(strategy.new_tree(&mut runner).expect("a value").current());
        }
    }
    values
}

fn lines(syntax: Syntax, values: &[String]) -> String {
    let line = |(index, value): (usize, &String)| {
        let literal = quote(syntax, value);
        match syntax {
            Syntax::Posix => format!("export V{index}={literal}\n"),
            Syntax::Fish => format!("set -gx V{index} {literal}\n"),
            Syntax::Csh => format!("setenv V{index} {literal}\n"),
            Syntax::Nushell => format!("$env.V{index} = {literal}\n"),
            Syntax::Elvish => format!("set-env V{index} {literal}\n"),
            Syntax::Xonsh => format!("$V{index} = {literal}\n"),
            Syntax::PowerShell => format!("$env:V{index} = {literal}\n"),
        }
    };
    values.iter().enumerate().map(line).collect()
}

fn check(kind: ShellKind, file: &str, mode: Mode) {
    let values = values();
    let sandbox = Sandbox::new().file(file, lines(kind.syntax(), &values));
    let seen = seen(&sandbox, &[("LC_ALL", "C.UTF-8")], kind, mode);
    for (index, value) in values.iter().enumerate() {
        assert_eq!(seen.get(&format!("V{index}")), Some(value), "{kind}");
    }
}

#[test]
fn in_the_posix_family() {
    check(ShellKind::Bash, ".bashrc", Mode::Interactive);
    check(ShellKind::Zsh, ".zshenv", Mode::Interactive);
    check(ShellKind::Sh, ".profile", Mode::LoginCommand);
    check(ShellKind::Ksh, ".profile", Mode::LoginCommand);
    check(ShellKind::Mksh, ".profile", Mode::LoginCommand);
    check(ShellKind::Yash, ".yash_profile", Mode::LoginCommand);
}

#[test]
fn in_zsh_with_its_other_quoting() {
    let values = values();
    let sandbox =
        Sandbox::new().file(".zshenv", format!("setopt rcquotes banghist\n{}", lines(Syntax::Posix, &values)));
    let seen = seen(&sandbox, &[("LC_ALL", "C.UTF-8")], ShellKind::Zsh, Mode::Interactive);
    for (index, value) in values.iter().enumerate() {
        assert_eq!(seen.get(&format!("V{index}")), Some(value));
    }
}

#[test]
fn in_the_csh_family() {
    for mode in [Mode::Interactive, Mode::LoginCommand] {
        check(ShellKind::Csh, ".cshrc", mode);
        check(ShellKind::Tcsh, ".cshrc", mode);
    }
}

#[test]
fn in_fish() {
    check(ShellKind::Fish, ".config/fish/config.fish", Mode::LoginCommand);
}

#[test]
fn in_nushell() {
    check(ShellKind::Nushell, ".config/nushell/config.nu", Mode::LoginCommand);
}

#[test]
fn in_xonsh() {
    check(ShellKind::Xonsh, ".xonshrc", Mode::LoginCommand);
}

#[test]
fn in_elvish() {
    let values = values();
    let sandbox = Sandbox::new().file("v.elv", format!("{}e:/usr/bin/env -0\n", lines(Syntax::Elvish, &values)));
    let mut elvish = sandbox.program("/usr/bin/elvish");
    let output = process::run(elvish.arg("-norc").arg(sandbox.path("v.elv")), Duration::from_secs(30));
    let seen: BTreeMap<String, String> = output
        .stdout
        .split(|byte| *byte == 0)
        .filter_map(|pair| {
            String::from_utf8_lossy(pair).split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
        })
        .collect();
    for (index, value) in values.iter().enumerate() {
        assert_eq!(seen.get(&format!("V{index}")), Some(value));
    }
}

#[test]
fn a_profile_with_a_hostile_name_goes_through_setup() {
    for kind in [ShellKind::Bash, ShellKind::Zsh, ShellKind::Fish, ShellKind::Tcsh] {
        for name in ["it's $HOME", "$(touch pwned) `touch pwned`; touch pwned", "\\'\"!! #"] {
            let sandbox = Sandbox::new();
            let mut wanted = wanted(&[kind]);
            wanted.profile = Some(name.parse().expect("a profile"));
            set_up(&world(&sandbox, &[]), &wanted);
            let seen = seen(&sandbox, &[], kind, Mode::LoginCommand);
            assert_eq!(seen.get("AWS_PROFILE").map(String::as_str), Some(name), "{kind}");
        }
    }
}
