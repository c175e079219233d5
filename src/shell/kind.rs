//! The kinds of shell that a block can be written for.

use std::fmt;
use std::path::Path;

/// A kind of shell, by its language and the files that it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShellKind {
    /// GNU bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
    /// dash and any plain POSIX `sh`.
    Sh,
    /// ksh93.
    Ksh,
    /// mksh and lksh.
    Mksh,
    /// yash.
    Yash,
    /// tcsh.
    Tcsh,
    /// csh.
    Csh,
    /// Nushell.
    Nushell,
    /// Elvish.
    Elvish,
    /// xonsh.
    Xonsh,
    /// PowerShell (`pwsh`).
    PowerShell,
}

/// How a shell is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// A new window of a terminal: interactive, not a login shell.
    Interactive,
    /// A console, SSH, or macOS terminal: interactive login shell.
    Login,
    /// What editors and launchers start to read the environment: `-l -c`.
    LoginCommand,
}

impl ShellKind {
    /// All kinds, in the order in which they are listed to people.
    pub const ALL: [ShellKind; 13] = [
        Self::Bash,
        Self::Zsh,
        Self::Fish,
        Self::Sh,
        Self::Ksh,
        Self::Mksh,
        Self::Yash,
        Self::Tcsh,
        Self::Csh,
        Self::Nushell,
        Self::Elvish,
        Self::Xonsh,
        Self::PowerShell,
    ];

    /// The name that people and `--shell` use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Sh => "sh",
            Self::Ksh => "ksh",
            Self::Mksh => "mksh",
            Self::Yash => "yash",
            Self::Tcsh => "tcsh",
            Self::Csh => "csh",
            Self::Nushell => "nushell",
            Self::Elvish => "elvish",
            Self::Xonsh => "xonsh",
            Self::PowerShell => "powershell",
        }
    }

    /// The kind that a name or the file name of a program stands for (`/usr/bin/zsh`, `-bash`, `nu`, `pwsh`).
    pub fn from_program(program: &Path) -> Option<Self> {
        let name = program.file_name()?.to_str()?;
        let name = name.strip_prefix('-').unwrap_or(name);
        let name = name.strip_suffix(".exe").unwrap_or(name);
        Some(match name {
            "bash" | "rbash" => Self::Bash,
            "zsh" => Self::Zsh,
            "fish" => Self::Fish,
            "sh" | "dash" | "ash" => Self::Sh,
            "ksh" | "ksh93" | "ksh93u+m" => Self::Ksh,
            "mksh" | "lksh" => Self::Mksh,
            "yash" => Self::Yash,
            "tcsh" => Self::Tcsh,
            "csh" | "bsd-csh" => Self::Csh,
            "nu" | "nushell" => Self::Nushell,
            "elvish" => Self::Elvish,
            "xonsh" => Self::Xonsh,
            "pwsh" | "powershell" => Self::PowerShell,
            _ => return None,
        })
    }

    /// Names under which the program of this kind is looked for on the `PATH`, best first.
    pub fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Sh => &["dash", "sh"],
            Self::Ksh => &["ksh", "ksh93"],
            Self::Nushell => &["nu"],
            Self::PowerShell => &["pwsh"],
            Self::Bash => &["bash"],
            Self::Zsh => &["zsh"],
            Self::Fish => &["fish"],
            Self::Mksh => &["mksh"],
            Self::Yash => &["yash"],
            Self::Tcsh => &["tcsh"],
            Self::Csh => &["csh"],
            Self::Elvish => &["elvish"],
            Self::Xonsh => &["xonsh"],
        }
    }
}

impl fmt::Display for ShellKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Mode {
    /// All modes.
    pub const ALL: [Mode; 3] = [Self::Interactive, Self::Login, Self::LoginCommand];

    /// The mode in a word for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Login => "login",
            Self::LoginCommand => "login-command",
        }
    }

    /// The mode in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Login => "login",
            Self::LoginCommand => "-l -c",
        }
    }
}
