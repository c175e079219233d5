//! The languages that a block can be written in.

use super::ShellKind;

/// A language; several shells share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Syntax {
    /// bash, zsh, sh, dash, ksh, mksh, yash.
    Posix,
    /// fish.
    Fish,
    /// csh and tcsh.
    Csh,
    /// Nushell.
    Nushell,
    /// Elvish.
    Elvish,
    /// xonsh.
    Xonsh,
    /// PowerShell.
    PowerShell,
}

impl Syntax {
    /// All languages.
    pub const ALL: [Syntax; 7] =
        [Self::Posix, Self::Fish, Self::Csh, Self::Nushell, Self::Elvish, Self::Xonsh, Self::PowerShell];
}

impl ShellKind {
    /// The language of the shell's start-up files.
    pub fn syntax(self) -> Syntax {
        match self {
            Self::Bash | Self::Zsh | Self::Sh | Self::Ksh | Self::Mksh | Self::Yash => Syntax::Posix,
            Self::Fish => Syntax::Fish,
            Self::Tcsh | Self::Csh => Syntax::Csh,
            Self::Nushell => Syntax::Nushell,
            Self::Elvish => Syntax::Elvish,
            Self::Xonsh => Syntax::Xonsh,
            Self::PowerShell => Syntax::PowerShell,
        }
    }
}
