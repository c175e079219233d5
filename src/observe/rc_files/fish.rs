//! Assignments in fish.

use super::Effect;
use super::assignments::{Change, pair};
use super::words::Word;

/// The changes that one command makes.
pub fn changes(command: &[Word]) -> Vec<Change> {
    const BEFORE: [&str; 8] = ["and", "or", "not", "begin", "if", "else", "builtin", "command"];
    let start = command.iter().position(|word| !BEFORE.contains(&word.raw.as_str())).unwrap_or(command.len());
    match &command[start..] {
        [first, rest @ ..] if first.raw == "set" => {
            let is_option = |word: &&Word| word.raw.starts_with('-');
            let options: Vec<&str> = rest.iter().take_while(is_option).map(|word| word.raw.as_str()).collect();
            let has = |letter: char, long: &str| {
                options.iter().any(|option| *option == long || (!option.starts_with("--") && option.contains(letter)))
            };
            let words = &rest[options.len()..];
            let Some((name, values)) = words.split_first() else {
                return Vec::new();
            };
            if has('q', "--query") || has('S', "--show") || has('n', "--names") {
                return Vec::new();
            }
            if has('e', "--erase") {
                return words.iter().map(|word| Change::new(&word.raw, None, Effect::Unset)).collect();
            }
            // `set NAME=value` and `set NAME = value` are how others write it.
            if let Some((name, value)) = name.raw.split_once('=') {
                return vec![Change::new(name, Some(value.trim_matches(['"', '\'']).to_owned()), Effect::Foreign)];
            }
            if values.first().is_some_and(|word| word.raw == "=") {
                let value = values.get(1).and_then(|word| word.value.clone());
                return vec![Change::new(&name.raw, value, Effect::Foreign)];
            }
            let effect = if has('x', "--export") { Effect::Export } else { Effect::SetOnly };
            let literal: Option<Vec<&str>> = values.iter().map(|word| word.value.as_deref()).collect();
            vec![Change::new(&name.raw, literal.map(|values| values.join(" ")), effect)]
        }
        // Both are functions that come with fish.
        [first, name, value, ..] if first.raw == "setenv" => {
            vec![Change::new(&name.raw, value.value.clone(), Effect::Export)]
        }
        [first, rest @ ..] if first.raw == "export" => {
            rest.iter().filter_map(pair).map(|(name, value)| Change::new(name, value, Effect::Export)).collect()
        }
        _ => Vec::new(),
    }
}

/// `SETUVAR --export NAME:value` of fish's own `fish_variables`.
pub fn universal(line: &str) -> Option<Change> {
    let rest = line.strip_prefix("SETUVAR ")?;
    let (options, entry) = rest.rsplit_once(' ').map_or(("", rest), |(options, entry)| (options, entry));
    let (name, value) = entry.split_once(':')?;
    let effect = if options.contains("--export") { Effect::Export } else { Effect::SetOnly };
    Some(Change::new(name, hex_escapes(value), effect))
}

/// Text with `\x2d` for what is no letter or digit.
fn hex_escapes(text: &str) -> Option<String> {
    let mut parts = text.split("\\x");
    let mut value = parts.next()?.to_owned();
    for part in parts {
        value.push(u8::from_str_radix(part.get(..2)?, 16).ok().filter(u8::is_ascii)?.into());
        value.push_str(&part[2..]);
    }
    Some(value)
}
