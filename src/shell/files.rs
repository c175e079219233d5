//! Which start-up files each shell reads, and which of them a block goes into.
//!
//! Two lists, kept apart: [`all`] is every file of a shell in which a block could be found (for moving and cleaning up),
//! [`targets`] the fewest files that reach interactive, login and `-l -c` shells. Measured on bash 5.2, zsh 5.9, fish 3.6, dash,
//! ksh93u+m, mksh, yash 2.52, tcsh, bsd-csh, nu 0.108, elvish 0.19, xonsh 0.13:
//!
//! | shell | target | why these, and what they do not reach |
//! |---|---|---|
//! | bash | `.bashrc` and the login file that bash really reads: the first of `.bash_profile`, `.bash_login`, `.profile` | non-login shells read only the first, login shells only the second; a new `.bash_profile` would hide `.profile`, so `.profile` is the one that is created. One file where the login file surely reads all of `.bashrc` |
//! | zsh | `.zshenv` | the only file that all three read. With `ZDOTDIR` in the environment zsh reads it there; `~/.zshenv` too when that file is what sets it |
//! | fish | `config.fish` | every fish reads it, and after `conf.d`, so it wins |
//! | sh, dash | `.profile`, and the file that `ENV` names | without `ENV` an interactive shell reads nothing |
//! | ksh, mksh | `.profile`, and `ENV`'s file, else `.kshrc` / `.mkshrc` | |
//! | yash | `.yash_profile`, and `.yashrc` where it exists | a new `.yashrc` would hide yash's default one; then interactive shells that are not login shells are not reached |
//! | tcsh | `.tcshrc` if it exists, else `.cshrc` | every tcsh reads the first that exists; a new `.tcshrc` would hide `.cshrc` |
//! | csh | `.cshrc` | every csh reads it |
//! | Nushell | `config.nu` | interactive and login shells; plain `nu -c` reads nothing |
//! | Elvish | `rc.elv` | interactive shells; there is no login mode, and `-c` reads nothing |
//! | xonsh | `.xonshrc` or `rc.xsh`, whichever exists | all three |
//! | PowerShell | `profile.ps1` of the user | all hosts; `-NoProfile` skips it |

use std::path::{Path, PathBuf};

use super::block::{self, Parsed};
use super::reach::{Readers, login_reads_all_of_bashrc};
use super::{Mode, ShellKind, Syntax};
use crate::world::World;

/// Where a block goes for one shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    /// The files.
    pub files: Vec<Target>,
    /// What these files cannot reach, in a sentence for people.
    pub limits: Vec<&'static str>,
}

/// One file that a block goes into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The file, as its owner names it (symbolic links unresolved).
    pub path: PathBuf,
    /// Who must get to the block.
    pub readers: Readers,
}

/// Every file of a shell in which a block could be.
pub fn all(kind: ShellKind, world: &World) -> Vec<PathBuf> {
    let home = |names: &[&str]| names.iter().map(|name| world.home.join(name)).collect::<Vec<_>>();
    // A block may be left where the files were before `XDG_CONFIG_HOME` moved them.
    let configs = |names: &[&str]| {
        let directories = [config(world), world.home.join(".config")];
        directories.iter().flat_map(|directory| names.iter().map(|name| directory.join(name))).collect::<Vec<_>>()
    };
    let mut files = match kind {
        ShellKind::Bash => home(&[".bashrc", ".bash_profile", ".bash_login", ".profile", ".bash_aliases"]),
        ShellKind::Zsh => {
            let names = [".zshenv", ".zprofile", ".zshrc", ".zlogin"];
            let mut directories = vec![world.home.clone()];
            directories.extend(zdotdirs(world));
            directories.iter().flat_map(|directory| names.map(|name| directory.join(name))).collect()
        }
        ShellKind::Fish => configs(&["fish/config.fish", "fish/conf.d/bedrockup.fish"]),
        ShellKind::Sh => home(&[".profile", ".shrc"]),
        ShellKind::Ksh => home(&[".profile", ".kshrc"]),
        ShellKind::Mksh => home(&[".profile", ".mkshrc"]),
        ShellKind::Yash => home(&[".yash_profile", ".yashrc"]),
        ShellKind::Tcsh => home(&[".tcshrc", ".cshrc", ".login"]),
        ShellKind::Csh => home(&[".cshrc", ".login"]),
        ShellKind::Nushell => configs(&["nushell/config.nu", "nushell/env.nu", "nushell/login.nu"]),
        ShellKind::Elvish => [configs(&["elvish/rc.elv"]), home(&[".elvish/rc.elv"])].concat(),
        ShellKind::Xonsh => [home(&[".xonshrc"]), configs(&["xonsh/rc.xsh"])].concat(),
        ShellKind::PowerShell => configs(&["powershell/profile.ps1", "powershell/Microsoft.PowerShell_profile.ps1"]),
    };
    if matches!(kind, ShellKind::Sh | ShellKind::Ksh | ShellKind::Mksh) {
        files.extend(env_file(world));
    }
    let mut unique: Vec<PathBuf> = Vec::new();
    for file in files {
        if !unique.contains(&file) {
            unique.push(file);
        }
    }
    unique
}

/// The fewest files that make every shell of a kind see what the block sets.
pub fn targets(kind: ShellKind, world: &World) -> Targets {
    let everyone = |path: PathBuf| Target { path, readers: Readers::Everyone };
    let interactive = |path: PathBuf| Target { path, readers: Readers::Interactive };
    let home = |name: &str| world.home.join(name);
    let first = |names: &[&str], otherwise: &str| {
        let found = names.iter().map(|name| home(name)).find(|path| is_file(path));
        found.unwrap_or_else(|| home(otherwise))
    };
    let mut limits = Vec::new();
    let files = match kind {
        ShellKind::Bash => {
            let login = first(&[".bash_profile", ".bash_login", ".profile"], ".profile");
            let bashrc = home(".bashrc");
            // A bashrc that is not there yet will be, with nothing but the block in it.
            let rc = if bashrc.exists() { read(&bashrc) } else { Some(Vec::new()) };
            match (read(&login).map(own), rc.map(own)) {
                (Some(login), Some(rc)) if login_reads_all_of_bashrc(&login, &rc) => vec![everyone(bashrc)],
                _ => vec![interactive(bashrc), everyone(login)],
            }
        }
        ShellKind::Zsh => zshenv_files(world).into_iter().map(everyone).collect(),
        ShellKind::Fish => vec![everyone(config(world).join("fish/config.fish"))],
        ShellKind::Sh => {
            let mut files = vec![everyone(home(".profile"))];
            match env_file(world) {
                Some(file) => files.push(interactive(file)),
                None => {
                    limits.push("sh reads a file only as a login shell; other interactive ones need ENV to name one")
                }
            }
            files
        }
        ShellKind::Ksh | ShellKind::Mksh => {
            let own = if kind == ShellKind::Ksh { ".kshrc" } else { ".mkshrc" };
            vec![everyone(home(".profile")), interactive(env_file(world).unwrap_or_else(|| home(own)))]
        }
        ShellKind::Yash => {
            let mut files = vec![everyone(home(".yash_profile"))];
            if is_file(&home(".yashrc")) {
                files.push(interactive(home(".yashrc")));
            } else {
                limits.push("yash is reached as a login shell only: a new .yashrc would hide its default one");
            }
            files
        }
        ShellKind::Tcsh => vec![everyone(first(&[".tcshrc"], ".cshrc"))],
        ShellKind::Csh => vec![everyone(home(".cshrc"))],
        ShellKind::Nushell => {
            limits.push("nu -c reads no start-up file unless it is a login shell (nu -l -c)");
            vec![everyone(config(world).join("nushell/config.nu"))]
        }
        ShellKind::Elvish => {
            limits.push("elvish has no login mode, and elvish -c reads no start-up file");
            let old = home(".elvish/rc.elv");
            vec![everyone(if is_file(&old) { old } else { config(world).join("elvish/rc.elv") })]
        }
        ShellKind::Xonsh => {
            let new = config(world).join("xonsh/rc.xsh");
            vec![everyone(if is_file(&new) && !is_file(&home(".xonshrc")) { new } else { home(".xonshrc") })]
        }
        ShellKind::PowerShell => vec![everyone(config(world).join("powershell/profile.ps1"))],
    };
    Targets { files, limits }
}

/// The shell that a file is for, where its name alone tells.
pub fn kind_by_name(path: &Path) -> Option<ShellKind> {
    ShellKind::ALL.into_iter().find(|kind| syntax_by_name(path) == Some(kind.syntax()))
}

/// Whether a block in the [`targets`] can reach a shell that is started in this way. What it cannot reach is in [`Targets::limits`].
pub fn reaches(kind: ShellKind, mode: Mode, world: &World) -> bool {
    match (kind, mode) {
        (ShellKind::Sh, Mode::Interactive) => env_file(world).is_some(),
        (ShellKind::Yash, Mode::Interactive) => is_file(&world.home.join(".yashrc")),
        (ShellKind::Elvish, Mode::Login | Mode::LoginCommand) => false,
        _ => true,
    }
}

/// The language of a file that the user named, by its name; `None` leaves it to the shell.
pub fn syntax_by_name(path: &Path) -> Option<Syntax> {
    match path.extension()?.to_str()? {
        "fish" => Some(Syntax::Fish),
        "nu" => Some(Syntax::Nushell),
        "elv" => Some(Syntax::Elvish),
        "xsh" => Some(Syntax::Xonsh),
        "ps1" => Some(Syntax::PowerShell),
        _ => None,
    }
}

/// `$XDG_CONFIG_HOME`, else `~/.config`; a relative value does not count, by its specification.
fn config(world: &World) -> PathBuf {
    match world.env.non_empty("XDG_CONFIG_HOME").map(PathBuf::from) {
        Some(path) if path.is_absolute() => path,
        _ => world.home.join(".config"),
    }
}

/// The file that `ENV` names, if it can be told without running a shell.
fn env_file(world: &World) -> Option<PathBuf> {
    expand(world.env.non_empty("ENV")?, world)
}

/// The `.zshenv` files that zsh reads: in this environment, and in one that `~/.zshenv` makes.
fn zshenv_files(world: &World) -> Vec<PathBuf> {
    let home = world.home.join(".zshenv");
    let named = world.env.non_empty("ZDOTDIR").and_then(|directory| expand(directory, world));
    match named.or_else(|| system_zdotdir(world)) {
        Some(directory) if directory != world.home => {
            let sets_it = read(&home).is_some_and(|bytes| zdotdir_in(&bytes, world).is_some());
            let mut files = vec![directory.join(".zshenv")];
            files.extend(sets_it.then_some(home));
            files
        }
        _ => vec![home],
    }
}

/// Every directory that zsh may take for `ZDOTDIR`.
fn zdotdirs(world: &World) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = Vec::new();
    directories.extend(world.env.non_empty("ZDOTDIR").and_then(|directory| expand(directory, world)));
    directories.extend(system_zdotdir(world));
    directories.extend(read(&world.home.join(".zshenv")).and_then(|bytes| zdotdir_in(&bytes, world)));
    directories
}

fn system_zdotdir(world: &World) -> Option<PathBuf> {
    ["etc/zshenv", "etc/zsh/zshenv"].iter().find_map(|file| zdotdir_in(&read(&world.system_root.join(file))?, world))
}

/// What the last plain assignment of `ZDOTDIR` in a file gives.
fn zdotdir_in(bytes: &[u8], world: &World) -> Option<PathBuf> {
    let text = String::from_utf8_lossy(bytes);
    let assigned = text.lines().rev().find_map(|line| {
        let line = line.trim();
        let line = line.strip_prefix("export ").or_else(|| line.strip_prefix("typeset -gx ")).unwrap_or(line);
        line.trim_start().strip_prefix("ZDOTDIR=")
    })?;
    let value = assigned.split(['#', ';']).next().unwrap_or(assigned).trim().replace(['"', '\''], "");
    expand(&value, world)
}

/// A path with a leading `~`, `$HOME` or `$XDG_CONFIG_HOME` made absolute; `None` when it stays relative or holds more.
fn expand(text: &str, world: &World) -> Option<PathBuf> {
    let text = text.trim();
    let home_config = [
        "${XDG_CONFIG_HOME:-$HOME/.config}",
        "${XDG_CONFIG_HOME:-~/.config}",
        "${XDG_CONFIG_HOME:-${HOME}/.config}",
        "${XDG_CONFIG_HOME}",
        "$XDG_CONFIG_HOME",
    ];
    let starts = home_config
        .iter()
        .map(|start| (*start, config(world)))
        .chain(["${HOME}", "$HOME", "~"].map(|start| (start, world.home.clone())));
    for (start, directory) in starts {
        match text.strip_prefix(start) {
            Some("") => return Some(directory),
            Some(rest) if rest.starts_with('/') && !rest.contains('$') => {
                return Some(directory.join(rest.trim_start_matches('/')));
            }
            _ => {}
        }
    }
    Some(PathBuf::from(text)).filter(|path| path.is_absolute() && !text.contains('$'))
}

/// The bytes that are the user's own: without a block of ours.
fn own(bytes: Vec<u8>) -> Vec<u8> {
    match block::parse(&bytes) {
        Parsed::Whole(found) => block::remove(&bytes, &found),
        _ => bytes,
    }
}

fn is_file(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// The bytes of a regular file of a sane size, to look at; every problem with it is reported where it is written.
fn read(path: &Path) -> Option<Vec<u8>> {
    let metadata = std::fs::metadata(path).ok()?;
    if metadata.is_file() && metadata.len() < 16 << 20 { std::fs::read(path).ok() } else { None }
}
