//! The command line of `completions`.

use clap::ValueEnum;

/// What `completions --help` shows at its end.
pub const EXAMPLES: &str = "\
Examples:
  bedrockup completions bash > ~/.local/share/bash-completion/completions/bedrockup
  bedrockup completions zsh  > ~/.zfunc/_bedrockup
  bedrockup completions fish > ~/.config/fish/completions/bedrockup.fish";

/// Shells with completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum CompletionShell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Nushell,
    Powershell,
}
