//! What a block says, written in each language and read back.

use std::collections::BTreeMap;

use askama::Template;

use super::Syntax;
use super::block::Separator;
use super::quote::{quote, unquote};
use crate::variables;

/// For whom a block sets its variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// For every program that the shell starts.
    #[default]
    Export,
    /// For the `claude` command alone.
    Claude,
}

/// What a block says: variables and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// Variables to values, unquoted.
    pub values: BTreeMap<String, String>,
    /// For whom.
    pub scope: Scope,
}

/// Variables in the order in which a block lists them; only these are written.
pub const WRITTEN: [&str; 6] = [
    variables::USE_BEDROCK,
    variables::REGION,
    variables::PROFILE,
    variables::OPUS_MODEL,
    variables::SONNET_MODEL,
    variables::HAIKU_MODEL,
];

/// The whole block, marker lines included.
pub fn render(content: &Content, syntax: Syntax, separator: Separator) -> Vec<u8> {
    let values: Vec<(&str, String)> = WRITTEN
        .iter()
        .filter_map(|name| content.values.get(*name).map(|value| (*name, quote(syntax, value))))
        .collect();
    let note = separator.note();
    let values = &values;
    let text = match (content.scope, syntax) {
        (Scope::Export, Syntax::Posix) => PosixExport { note, values }.render(),
        (Scope::Export, Syntax::Fish) => FishExport { note, values }.render(),
        (Scope::Export, Syntax::Csh) => CshExport { note, values }.render(),
        (Scope::Export, Syntax::Nushell) => NushellExport { note, values }.render(),
        (Scope::Export, Syntax::Elvish) => ElvishExport { note, values }.render(),
        (Scope::Export, Syntax::Xonsh) => XonshExport { note, values }.render(),
        (Scope::Export, Syntax::PowerShell) => PowershellExport { note, values }.render(),
        (Scope::Claude, Syntax::Posix) => PosixClaude { note, values }.render(),
        (Scope::Claude, Syntax::Fish) => FishClaude { note, values }.render(),
        (Scope::Claude, Syntax::Csh) => CshClaude { note, values }.render(),
        (Scope::Claude, Syntax::Nushell) => NushellClaude { note, values }.render(),
        (Scope::Claude, Syntax::Elvish) => ElvishClaude { note, values }.render(),
        (Scope::Claude, Syntax::Xonsh) => XonshClaude { note, values }.render(),
        (Scope::Claude, Syntax::PowerShell) => PowershellClaude { note, values }.render(),
    };
    // A template of strings written to a String cannot fail, and an empty block must never be taken for one.
    #[expect(clippy::expect_used, reason = "half a block in somebody's rc file would be worse than stopping here")]
    let mut text = text.expect("templates hold strings only");
    text.push('\n');
    text.into_bytes()
}

/// What the bytes of a block say, as far as its lines are literals of the language; other lines are passed over.
pub fn read(block: &[u8], syntax: Syntax) -> Content {
    let mut content = Content::default();
    for (_, scope, name, value) in assignments(block, syntax) {
        content.scope = scope;
        content.values.insert(name, value);
    }
    content
}

/// Where the bytes of a block set each variable, in lines below the begin marker.
pub fn lines(block: &[u8], syntax: Syntax) -> BTreeMap<String, usize> {
    assignments(block, syntax).into_iter().map(|(line, _, name, _)| (name, line)).collect()
}

/// The lines of a block that set a variable: line, counted from 0; for whom; name; value.
fn assignments(block: &[u8], syntax: Syntax) -> Vec<(usize, Scope, String, String)> {
    let text = String::from_utf8_lossy(block);
    let forms = forms(syntax);
    text.lines()
        .enumerate()
        .filter_map(|(number, line)| {
            forms.iter().find_map(|(scope, form)| {
                let (name, value) = form.read(line.trim(), syntax)?;
                Some((number, *scope, name, value))
            })
        })
        .collect()
}

/// Whether the bytes of a block differ from what is written for the values that it holds.
pub fn is_edited(block: &[u8], syntax: Syntax, separator: Separator) -> bool {
    let written = render(&read(block, syntax), syntax, separator);
    // An editor that strips the newline of the last line has not edited the block.
    block != written && block != &written[..written.len() - 1]
}

/// How one variable stands on a line of its own.
struct Form {
    before: &'static str,
    between: &'static str,
    after: &'static str,
}

impl Form {
    fn read(&self, line: &str, syntax: Syntax) -> Option<(String, String)> {
        let (name, value) = line.strip_prefix(self.before)?.split_once(self.between)?;
        let value = value.strip_suffix(self.after)?.trim();
        let is_name = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_uppercase())
                && name
                    .chars()
                    .all(|character| character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_')
        };
        if !is_name(name.trim()) {
            return None;
        }
        Some((name.trim().to_owned(), unquote(syntax, value)?))
    }
}

fn forms(syntax: Syntax) -> [(Scope, Form); 2] {
    let form = |before, between, after| Form { before, between, after };
    let (export, claude) = match syntax {
        Syntax::Posix => (form("export ", "=", ""), form("", "=", " \\")),
        Syntax::Fish => (form("set -gx ", " ", ""), form("set -lx ", " ", "")),
        Syntax::Csh => (form("setenv ", " ", ""), form("set bedrockup_claude = ( $bedrockup_claude:q ", "=", " )")),
        Syntax::Nushell => (form("$env.", "=", ""), form("", ":", "")),
        Syntax::Elvish => (form("set-env ", " ", ""), form("", "=", " ^")),
        Syntax::Xonsh => (form("$", "=", ""), form("'", "': ", ",")),
        Syntax::PowerShell => (form("$env:", "=", ""), form("'", "=' + ", "")),
    };
    [(Scope::Export, export), (Scope::Claude, claude)]
}

macro_rules! templates {
    ($($name:ident $path:literal)*) => { $(
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        struct $name<'a> {
            note: Option<&'static str>,
            values: &'a [(&'a str, String)],
        }
    )* };
}

templates! {
    PosixExport "shell/posix_export.txt"
    FishExport "shell/fish_export.txt"
    CshExport "shell/csh_export.txt"
    NushellExport "shell/nushell_export.txt"
    ElvishExport "shell/elvish_export.txt"
    XonshExport "shell/xonsh_export.txt"
    PowershellExport "shell/powershell_export.txt"
    PosixClaude "shell/posix_claude.txt"
    FishClaude "shell/fish_claude.txt"
    CshClaude "shell/csh_claude.txt"
    NushellClaude "shell/nushell_claude.txt"
    ElvishClaude "shell/elvish_claude.txt"
    XonshClaude "shell/xonsh_claude.txt"
    PowershellClaude "shell/powershell_claude.txt"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shell::block::{self, Parsed};

    fn content(profile: &str, scope: Scope) -> Content {
        let values = [(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1"), (variables::PROFILE, profile)];
        Content { values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(), scope }
    }

    #[test]
    fn the_block_is_what_the_documentation_shows() {
        let mut plain = content("x", Scope::Export);
        plain.values.remove(variables::PROFILE);
        assert_eq!(
            String::from_utf8_lossy(&render(&plain, Syntax::Posix, Separator::None)),
            "# >>> bedrockup >>>\n\
             # Routes Claude Code through Amazon Bedrock. Change it with `bedrockup setup`, remove it with `bedrockup uninstall`.\n\
             export CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1\n# <<< bedrockup <<<\n"
        );
    }

    #[test]
    fn every_language_and_scope_as_people_see_it() {
        let mut all = String::new();
        for scope in [Scope::Export, Scope::Claude] {
            for syntax in Syntax::ALL {
                let block = render(&content("it's $HOME", scope), syntax, Separator::None);
                all.push_str(&format!("--- {syntax:?} {scope:?}\n{}", String::from_utf8_lossy(&block)));
            }
        }
        insta::assert_snapshot!(all);
    }

    #[test]
    fn an_edit_is_seen_and_its_values_are_read() {
        let block = render(&content("work", Scope::Export), Syntax::Posix, Separator::None);
        assert!(!is_edited(&block, Syntax::Posix, Separator::None));
        assert!(!is_edited(&block[..block.len() - 1], Syntax::Posix, Separator::None));
        let text = String::from_utf8_lossy(&block).replace("AWS_REGION=us-east-1", "AWS_REGION=\"eu-west-1\"");
        assert!(is_edited(text.as_bytes(), Syntax::Posix, Separator::None));
        assert_eq!(read(text.as_bytes(), Syntax::Posix).values[variables::REGION], "eu-west-1");
        let more = String::from_utf8_lossy(&block).replace("export AWS_PROFILE", "export OTHER=1\nexport AWS_PROFILE");
        assert!(is_edited(more.as_bytes(), Syntax::Posix, Separator::None));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(profile in "\\PC+", claude: bool) {
            prop_assume!(!profile.trim().is_empty());
            let wanted = content(&profile, if claude { Scope::Claude } else { Scope::Export });
            for syntax in Syntax::ALL {
                let block = render(&wanted, syntax, Separator::Newline);
                prop_assert_eq!(read(&block, syntax), wanted.clone(), "{:?}", syntax);
                prop_assert!(!is_edited(&block, syntax, Separator::Newline));
                prop_assert!(matches!(block::parse(&block), Parsed::Whole(_)));
            }
        }
    }
}
