//! What the command line of a running client says.

use std::path::Path;

use crate::observe::settings::Scope;

/// First arguments that start no session, but something that ends by itself, shows sessions, or serves them (2.1.330: its
/// help, and the words and flags by which it starts itself).
const NO_SESSION: [&str; 37] = [
    "agents",
    "apply-project-settings",
    "attach",
    "auth",
    "auto-mode",
    "config",
    "daemon",
    "doctor",
    "gateway",
    "import",
    "install",
    "logs",
    "mcp",
    "migrate-installer",
    "plugin",
    "plugins",
    "purge",
    "respawn",
    "rm",
    "setup-token",
    "stop",
    "kill",
    "ultrareview",
    "update",
    "upgrade",
    "--version",
    "-v",
    "--help",
    "-h",
    "--update",
    "--upgrade",
    "--bg-pty-host",
    "--bg-spare",
    "--daemon-worker",
    "--chrome-native-host",
    "--claude-in-chrome-mcp",
    "--no-config",
];
/// Names under which the native program does the work of another tool.
const OTHER_TOOLS: [&str; 4] = ["rg", "ugrep", "bfs", "apply-seccomp"];

/// The words of a command line, the program's name first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments(Vec<String>);

impl Arguments {
    /// The command line as it is found. `None` where it cannot be known: unreadable, or written over with the process's
    /// title, as clients on Node do.
    pub fn of(words: Vec<String>) -> Option<Self> {
        let title = words.len() > 1 && words[1..].iter().all(String::is_empty);
        (!words.is_empty() && !title).then_some(Self(words))
    }

    /// What this process is instead of a session.
    pub fn no_session(&self) -> Option<&str> {
        let name = self.0.first().map_or("", String::as_str);
        let tool = Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if OTHER_TOOLS.contains(&tool) || name.starts_with("claude bg-") {
            return Some(name);
        }
        self.0.get(1).map(String::as_str).filter(|first| NO_SESSION.contains(first))
    }

    /// It was started ahead of its session, which gets its environment and its flags from another process, later.
    pub fn is_spare(&self) -> bool {
        self.has("--bg-spare")
    }

    /// The settings that are given: JSON, or a file.
    pub fn settings(&self) -> Option<&str> {
        self.value("--settings")
    }

    /// The model that is given.
    pub fn model(&self) -> Option<&str> {
        self.value("--model")
    }

    /// Settings files of this scope are read (measured with 2.1.330: an empty list of sources excludes user, project and
    /// local settings, and so does `--restricted`, or its variable; nothing excludes managed settings or `~/.claude.json`).
    pub fn reads(&self, scope: Scope, restricted: bool) -> bool {
        let word = match scope {
            Scope::User => "user",
            Scope::Project => "project",
            Scope::Local => "local",
            Scope::Managed | Scope::Flag | Scope::State => return true,
        };
        let sources = self.value("--setting-sources");
        !restricted
            && !self.has("--restricted")
            && sources.is_none_or(|sources| sources.split(',').any(|source| source.trim() == word))
    }

    /// The value of a flag, as the client looks for it: `--flag value` or `--flag=value`, the last one counts.
    fn value(&self, flag: &str) -> Option<&str> {
        let words = self.flags();
        let mut found = None;
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if let Some(value) = word.strip_prefix(flag).and_then(|rest| rest.strip_prefix('=')) {
                found = Some(value);
            } else if word == flag && at + 1 < words.len() {
                at += 1;
                found = Some(words[at].as_str());
            }
            at += 1;
        }
        found
    }

    fn has(&self, flag: &str) -> bool {
        self.flags().iter().any(|word| word == flag)
    }

    /// What stands before `--`.
    fn flags(&self) -> &[String] {
        let words = self.0.get(1..).unwrap_or_default();
        let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
        &words[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &[&str]) -> Arguments {
        Arguments::of(line.iter().map(|word| (*word).to_owned()).collect()).expect("a command line")
    }

    #[test]
    fn a_flag_may_be_two_words_or_one_and_the_last_one_counts() {
        assert_eq!(arguments(&["claude", "--settings", "{}", "hi"]).settings(), Some("{}"));
        assert_eq!(arguments(&["claude", "--settings=a", "--settings", "b"]).settings(), Some("b"));
        assert_eq!(arguments(&["claude", "--settings", "b", "--settings=a"]).settings(), Some("a"));
        assert_eq!(arguments(&["claude", "--", "--settings", "b"]).settings(), None, "after -- stands the prompt");
        assert_eq!(arguments(&["claude", "-p", "--settings"]).settings(), None);
        assert_eq!(arguments(&["claude", "--settings-x=1"]).settings(), None);
    }

    #[test]
    fn sources_that_are_not_named_are_not_read() {
        let read = |line: &[&str]| {
            let arguments = arguments(line);
            [Scope::Managed, Scope::Local, Scope::Project, Scope::User, Scope::State]
                .map(|scope| arguments.reads(scope, false))
        };
        assert_eq!(read(&["claude"]), [true; 5]);
        assert_eq!(read(&["claude", "--setting-sources", "user, local"]), [true, true, false, true, true]);
        assert_eq!(read(&["claude", "--setting-sources", ""]), [true, false, false, false, true]);
        assert_eq!(read(&["claude", "--restricted"]), [true, false, false, false, true]);
    }

    #[test]
    fn a_command_line_that_was_written_over_is_not_known() {
        let words = |line: &[&str]| Arguments::of(line.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(words(&["claude", "", "", ""]), None);
        assert_eq!(words(&[]), None);
        assert!(words(&["claude"]).is_some(), "that is how it is typed");
    }

    #[test]
    fn what_is_no_session() {
        let other = |line: &[&str]| arguments(line).no_session().map(str::to_owned);
        assert_eq!(other(&["claude", "auth", "status"]).as_deref(), Some("auth"));
        assert_eq!(other(&["/opt/claude.exe", "daemon", "run"]).as_deref(), Some("daemon"));
        assert_eq!(other(&["claude bg-pty-host", "--bg-pty-host", "x"]).as_deref(), Some("claude bg-pty-host"));
        assert_eq!(other(&["rg", "--no-config", "x"]).as_deref(), Some("rg"));
        assert_eq!(other(&["claude", "-p", "mcp"]), None);
        assert_eq!(other(&["claude", "--resume"]), None);
    }
}
