//! A stand-in for `claude` that only tells its version and what it resolved to.

use super::sandbox::Sandbox;

/// What a [`Sandbox::claude`] script answers.
pub struct FakeClaude<'a> {
    /// First line of `claude --version`.
    pub version: &'a str,
    /// What `claude auth status` prints.
    pub auth_status: &'a str,
    /// Exit code of `claude auth status`.
    pub auth_exit: i32,
}

impl FakeClaude<'_> {
    /// A client that resolves to Bedrock.
    pub const BEDROCK: FakeClaude<'static> = FakeClaude {
        version: "2.1.330 (Claude Code)",
        auth_status: r#"{"loggedIn":true,"authMethod":"third_party","apiProvider":"bedrock"}"#,
        auth_exit: 0,
    };
    /// A client that is not logged in and not on Bedrock.
    pub const FIRST_PARTY: FakeClaude<'static> = FakeClaude {
        version: "2.1.330 (Claude Code)",
        auth_status: r#"{"loggedIn":false,"authMethod":"none","apiProvider":"firstParty"}"#,
        auth_exit: 1,
    };
}

impl Sandbox {
    /// Puts a `claude` on the runs' `PATH` that answers `--version` and `auth status` and refuses anything else.
    pub fn claude(self, claude: &FakeClaude) -> Self {
        let text = format!(
            "#!/bin/sh\ncase \"$*\" in\n--version|-v) printf '%s\\n' {} ;;\n'auth status'*) printf '%s\\n' {}; exit {} ;;\n*) echo \"this claude only tells its version and status, not: $*\" >&2; exit 64 ;;\nesac\n",
            quote(claude.version),
            quote(claude.auth_status),
            claude.auth_exit,
        );
        self.script("claude", &text)
    }
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
