//! `completions`: the completion script for a shell.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::Outcome;
use crate::cli::{Cli, CompletionShell};

/// The script, as text.
pub fn run(shell: CompletionShell) -> Outcome {
    let mut command = Cli::command();
    let mut script = Vec::new();
    let mut write = |shell: Shell| generate(shell, &mut command, "bedrockup", &mut script);
    match shell {
        CompletionShell::Bash => write(Shell::Bash),
        CompletionShell::Zsh => write(Shell::Zsh),
        CompletionShell::Fish => write(Shell::Fish),
        CompletionShell::Elvish => write(Shell::Elvish),
        CompletionShell::Powershell => write(Shell::PowerShell),
        CompletionShell::Nushell => generate(clap_complete_nushell::Nushell, &mut command, "bedrockup", &mut script),
    }
    Outcome::well(String::from_utf8_lossy(&script))
}
