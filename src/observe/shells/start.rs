//! How each kind of shell is started so that it behaves as in a new terminal, and runs one command.

use std::path::{Path, PathBuf};

use crate::shell::{Mode, ShellKind};
use crate::world::{Env, World};

/// How a shell is started.
#[derive(Debug, PartialEq, Eq)]
pub struct Start {
    /// `argv[0]`, where a leading `-` is what makes a login shell.
    pub name: Option<String>,
    /// The arguments.
    pub arguments: Vec<String>,
    /// What is given on standard input to a shell whose `-c` would not be the mode that is asked for.
    pub stdin: Option<String>,
}

/// The way to start a shell of this kind in this mode; `None` where it has no such mode.
pub fn start(world: &World, kind: ShellKind, mode: Mode, command: &str) -> Option<Start> {
    let with = |flags: &[&str], command: String| {
        let arguments = flags.iter().map(|flag| (*flag).to_owned()).chain([command]).collect();
        Some(Start { name: None, arguments, stdin: None })
    };
    let flags: &[&str] = match mode {
        Mode::Interactive => &["-i", "-c"],
        Mode::Login => &["-l", "-i", "-c"],
        Mode::LoginCommand => &["-l", "-c"],
    };
    match kind {
        ShellKind::Bash | ShellKind::Zsh | ShellKind::Fish | ShellKind::Sh => with(flags, command.to_owned()),
        ShellKind::Ksh | ShellKind::Mksh | ShellKind::Yash => with(flags, command.to_owned()),
        ShellKind::Nushell => Some(nushell(world, mode, command)),
        // `![…]` says that it is a command, whatever Python makes of the line.
        ShellKind::Xonsh => with(flags, format!("![{command}]")),
        ShellKind::PowerShell => {
            let flags: &[&str] = match mode {
                Mode::Interactive => &["-NoLogo", "-Interactive", "-Command"],
                Mode::Login => &["-Login", "-NoLogo", "-Interactive", "-Command"],
                Mode::LoginCommand => &["-Login", "-NoLogo", "-Command"],
            };
            with(flags, command.to_owned())
        }
        ShellKind::Tcsh | ShellKind::Csh => match mode {
            Mode::Interactive => with(&["-i", "-c"], command.to_owned()),
            // A C shell is a login shell only by its name and without any argument.
            Mode::Login => {
                let stdin = Some(format!("{command}\nexit 0\n"));
                Some(Start { name: Some(format!("-{}", kind.name())), arguments: Vec::new(), stdin })
            }
            Mode::LoginCommand => None,
        },
        // `elvish -c` reads no rc file; without arguments and terminal it reads it, and then lines.
        ShellKind::Elvish => match mode {
            Mode::Interactive => {
                Some(Start { name: None, arguments: Vec::new(), stdin: Some(format!("{command}\nexit\n")) })
            }
            Mode::Login | Mode::LoginCommand => None,
        },
    }
}

/// The command that makes a shell tell its own alias or function `claude`, and prints nothing where there is none; `None`
/// where that was not tried with the shell. It needs no quotes, so that it stands the same way in every form above.
pub fn definition(kind: ShellKind) -> Option<&'static str> {
    match kind {
        // A function that is read when it is first called (`autoload`) is read now, and not called; then its file.
        ShellKind::Zsh => Some(
            "alias claude 2>/dev/null; [[ ${functions[claude]-} == *autoload* ]] && autoload +X claude 2>/dev/null; \
             typeset -f claude 2>/dev/null; [[ -n ${functions_source[claude]-} ]] && print -r -- \\# from $functions_source[claude]",
        ),
        ShellKind::Bash | ShellKind::Ksh | ShellKind::Mksh => {
            Some("alias claude 2>/dev/null; typeset -f claude 2>/dev/null")
        }
        ShellKind::Sh | ShellKind::Yash => Some("alias claude 2>/dev/null"),
        ShellKind::Fish => Some("functions claude 2>/dev/null"),
        ShellKind::Tcsh | ShellKind::Csh => Some("alias claude"),
        ShellKind::Nushell | ShellKind::Elvish | ShellKind::Xonsh | ShellKind::PowerShell => None,
    }
}

/// `nu -c` reads no start-up file unless it is told to be a login shell, so what a prompt would read is named.
fn nushell(world: &World, mode: Mode, command: &str) -> Start {
    let directory = world.env.non_empty("XDG_CONFIG_HOME").map_or_else(
        || {
            if cfg!(target_os = "macos") {
                world.home.join("Library/Application Support")
            } else {
                world.home.join(".config")
            }
        },
        PathBuf::from,
    );
    let directory = directory.join("nushell");
    let mut arguments = Vec::new();
    if mode == Mode::Interactive {
        for (flag, file) in [("--env-config", "env.nu"), ("--config", "config.nu")] {
            let file = directory.join(file);
            if file.is_file() {
                arguments.extend([flag.to_owned(), file.to_string_lossy().into_owned()]);
            }
        }
    } else {
        arguments.push("-l".to_owned());
    }
    let mut text = String::new();
    if mode != Mode::LoginCommand {
        let entries = std::fs::read_dir(directory.join("autoload")).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "nu"));
        files.sort();
        let plain = |file: &String| !file.contains(['"', '\\', '$']);
        for file in files.iter().map(|file| file.to_string_lossy().into_owned()).filter(plain) {
            text.push_str(&format!("source \"{file}\"\n"));
        }
    }
    text.push_str(&format!("^{command}"));
    arguments.extend(["-c".to_owned(), text]);
    Start { name: None, arguments, stdin: None }
}

/// Variables that send a shell's own data, caches and histories to a directory that goes away afterwards.
///
/// Only for shells that write there by themselves: in the others, a plugin manager of the rc file that keeps its
/// plugins there would start to fetch them anew.
pub fn throwaway_places(world: &World, kind: ShellKind, directory: &Path) -> Env {
    let place = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let mut places = Env::default();
    places.set("HISTFILE", place("history"));
    let is_first_start = || {
        let data =
            world.env.non_empty("XDG_DATA_HOME").map_or_else(|| world.home.join(".local/share"), |path| path.into());
        !data.join("fish").exists()
    };
    match kind {
        ShellKind::Nushell | ShellKind::Elvish | ShellKind::Xonsh => {}
        // Its data directory also holds snippets of other programs that it runs: kept where it is there already.
        ShellKind::Fish if is_first_start() => {
            // Without this directory, an interactive fish starts to read all manual pages in the background.
            let _ = std::fs::create_dir_all(directory.join("data/fish/generated_completions"));
        }
        ShellKind::Fish => {
            places.set("fish_history", "");
            return places;
        }
        _ => return places,
    }
    for (name, below) in [("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache"), ("XDG_STATE_HOME", "state")] {
        let _ = std::fs::create_dir_all(directory.join(below));
        places.set(name, place(below));
    }
    match kind {
        ShellKind::Xonsh => {
            places.set("XONSH_DATA_DIR", place("data/xonsh"));
            places.set("XONSH_CACHE_DIR", place("cache/xonsh"));
            places.set("XONSH_HISTORY_FILE", place("history.json"));
        }
        ShellKind::Fish => places.set("fish_history", ""),
        _ => {}
    }
    places
}

/// Standard error without the lines in which shells complain that we gave them no terminal.
pub fn without_terminal_complaints(stderr: &[u8], most: usize) -> String {
    const COMPLAINTS: [&str; 8] = [
        "cannot set terminal process group",
        "no job control in this shell",
        "can't access tty",
        "can't find tty fd",
        "won't have full job control",
        "cannot open file `/dev/tty'",
        "disabling job control",
        "no access to tty",
    ];
    let text = String::from_utf8_lossy(&stderr[..stderr.len().min(most)]);
    let lines = text.lines().filter(|line| !COMPLAINTS.iter().any(|complaint| line.contains(complaint)));
    lines.collect::<Vec<_>>().join("\n")
}
