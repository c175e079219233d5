//! By which means a `claude` came onto the machine, as far as its path tells.

use std::path::Path;

/// What brought an install.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The client's own installer (`~/.local/share/claude/versions`).
    Native,
    /// The client's own copy of its package (`~/.claude/local`).
    Local,
    /// npm's global folder, that of a version manager of Node included.
    Npm,
    /// Homebrew.
    Homebrew,
    /// bun.
    Bun,
    /// pnpm.
    Pnpm,
    /// yarn.
    Yarn,
    /// volta.
    Volta,
    /// A shim of asdf.
    Asdf,
    /// A shim of mise.
    Mise,
    /// Nix.
    Nix,
    /// The path does not tell.
    #[default]
    Unknown,
}

/// Parts of a path and what they tell; the first that fits counts.
const PARTS: [(&str, Origin); 20] = [
    ("/.claude/local/", Origin::Local),
    ("/share/claude/versions/", Origin::Native),
    ("/.volta/", Origin::Volta),
    ("/.bun/", Origin::Bun),
    ("/pnpm/", Origin::Pnpm),
    ("/.yarn/", Origin::Yarn),
    ("/yarn/global/", Origin::Yarn),
    ("/.asdf/shims/", Origin::Asdf),
    ("/mise/shims/", Origin::Mise),
    ("/nix/store/", Origin::Nix),
    ("/.nix-profile/", Origin::Nix),
    ("/Caskroom/", Origin::Homebrew),
    ("/Cellar/", Origin::Homebrew),
    ("/homebrew/", Origin::Homebrew),
    ("/linuxbrew/", Origin::Homebrew),
    ("/node_modules/", Origin::Npm),
    ("/.nvm/", Origin::Npm),
    ("/.npm-global/", Origin::Npm),
    ("/fnm", Origin::Npm),
    ("/.npm/", Origin::Npm),
];

/// What the path of an install and the file behind it tell.
pub fn of(path: &Path, real: &Path) -> Origin {
    let texts = [path, real].map(|path| path.to_string_lossy().into_owned());
    let fits = |part: &str| texts.iter().any(|text| text.contains(part));
    PARTS.iter().find(|(part, _)| fits(part)).map_or(Origin::Unknown, |(_, origin)| *origin)
}

impl Origin {
    /// Who brought it, in words; `None` where the path does not tell.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Native => "the native installer",
            Self::Local => "the client's own local copy",
            Self::Npm => "npm",
            Self::Homebrew => "Homebrew",
            Self::Bun => "bun",
            Self::Pnpm => "pnpm",
            Self::Yarn => "yarn",
            Self::Volta => "volta",
            Self::Asdf => "asdf",
            Self::Mise => "mise",
            Self::Nix => "Nix",
            Self::Unknown => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_who_brought_it() {
        for (path, real, origin) in [
            ("/home/ada/.local/bin/claude", "/home/ada/.local/share/claude/versions/2.1.330", Origin::Native),
            ("/home/ada/.claude/local/claude", "/home/ada/.claude/local/claude", Origin::Local),
            ("/usr/bin/claude", "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js", Origin::Npm),
            ("/home/ada/.nvm/versions/node/v22.1.0/bin/claude", "/x", Origin::Npm),
            ("/opt/homebrew/bin/claude", "/opt/homebrew/Caskroom/claude-code/2.1.330/claude", Origin::Homebrew),
            ("/home/ada/.bun/bin/claude", "/home/ada/.bun/install/global/node_modules/x/cli.js", Origin::Bun),
            ("/home/ada/.volta/bin/claude", "/home/ada/.volta/bin/volta-shim", Origin::Volta),
            ("/home/ada/.asdf/shims/claude", "/home/ada/.asdf/shims/claude", Origin::Asdf),
            ("/home/ada/.local/share/mise/shims/claude", "/usr/bin/mise", Origin::Mise),
            ("/home/ada/.local/share/pnpm/claude", "/home/ada/.local/share/pnpm/claude", Origin::Pnpm),
            ("/opt/tools/claude", "/opt/tools/claude", Origin::Unknown),
        ] {
            assert_eq!(of(Path::new(path), Path::new(real)), origin, "{path}");
        }
    }
}
