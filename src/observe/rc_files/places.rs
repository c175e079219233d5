//! Which files each shell reads at its start, in the order in which it reads them.

use std::path::{Path, PathBuf};

use super::words;
use crate::observe::file;
use crate::shell::{ShellKind, files};
use crate::world::World;

/// The start-up files of a shell, system-wide ones first.
pub fn of(world: &World, shell: ShellKind) -> Vec<PathBuf> {
    let mut places = in_order(world, shell);
    // Whatever else `setup` may write to or look at.
    for file in files::all(shell, world) {
        if !places.contains(&file) {
            places.push(file);
        }
    }
    places
}

/// The file that the shell reads in place of this one, which only lies where it would be by default.
pub fn instead(world: &World, shell: ShellKind, path: &Path) -> Option<PathBuf> {
    let opened = in_order(world, shell);
    let same = |other: &&PathBuf| other.file_name() == path.file_name();
    if opened.iter().any(|other| other == path) { None } else { opened.iter().rfind(same).cloned() }
}

/// The files that the shell itself opens.
fn in_order(world: &World, shell: ShellKind) -> Vec<PathBuf> {
    let system = |names: &[&str]| names.iter().map(|name| world.system_root.join(name)).collect::<Vec<_>>();
    let home = |names: &[&str]| names.iter().map(|name| world.home.join(name)).collect::<Vec<_>>();
    let config = world.env.non_empty("XDG_CONFIG_HOME").map_or_else(|| world.home.join(".config"), PathBuf::from);
    // What `ENV` names is read by interactive POSIX shells; it may hold the shell's own syntax, which is left alone.
    let env =
        || world.env.non_empty("ENV").map(|path| path.replacen("$HOME", "~", 1)).filter(|path| !path.contains('$'));
    let env_file = |own: &str| env().map_or_else(|| world.home.join(own), |path| world.home.join(world.expand(&path)));
    let profiles = || {
        let scripts = scripts(&world.system_root.join("etc/profile.d"), "sh");
        [system(&["etc/environment", "etc/profile"]), scripts].concat()
    };
    match shell {
        ShellKind::Bash => {
            let own = home(&[".bash_profile", ".bash_login", ".profile", ".bashrc"]);
            [profiles(), system(&["etc/bash.bashrc", "etc/bashrc"]), own].concat()
        }
        ShellKind::Zsh => zsh(world),
        ShellKind::Fish => {
            let shared = world.system_root.join("etc/fish");
            let own = config.join("fish");
            let both = [vec![own.join("fish_variables")], scripts(&own.join("conf.d"), "fish")].concat();
            [both, scripts(&shared.join("conf.d"), "fish"), vec![shared.join("config.fish"), own.join("config.fish")]]
                .concat()
        }
        ShellKind::Sh => [profiles(), home(&[".profile"]), env().map(|_| env_file("")).into_iter().collect()].concat(),
        ShellKind::Ksh => [profiles(), home(&[".profile"]), vec![env_file(".kshrc")]].concat(),
        ShellKind::Mksh => [profiles(), home(&[".profile"]), vec![env_file(".mkshrc")]].concat(),
        ShellKind::Yash => home(&[".yash_profile", ".yashrc"]),
        ShellKind::Tcsh => {
            [system(&["etc/csh.cshrc", "etc/csh.login"]), home(&[".tcshrc", ".cshrc", ".login"])].concat()
        }
        ShellKind::Csh => [system(&["etc/csh.cshrc", "etc/csh.login"]), home(&[".cshrc", ".login"])].concat(),
        ShellKind::Nushell => {
            let moved = cfg!(target_os = "macos") && world.env.non_empty("XDG_CONFIG_HOME").is_none();
            let own =
                if moved { world.home.join("Library/Application Support/nushell") } else { config.join("nushell") };
            let named = ["env.nu", "config.nu", "login.nu"].map(|name| own.join(name)).to_vec();
            [named, scripts(&own.join("autoload"), "nu")].concat()
        }
        ShellKind::Elvish => vec![config.join("elvish/rc.elv"), world.home.join(".elvish/rc.elv")],
        ShellKind::Xonsh => {
            let shared =
                [system(&["etc/xonsh/xonshrc"]), scripts(&world.system_root.join("etc/xonsh/rc.d"), "xsh")].concat();
            let own = vec![config.join("xonsh/rc.xsh")];
            [shared, own, scripts(&config.join("xonsh/rc.d"), "xsh"), home(&[".xonshrc"])].concat()
        }
        ShellKind::PowerShell => ["profile.ps1", "Microsoft.PowerShell_profile.ps1"]
            .map(|name| config.join("powershell").join(name))
            .to_vec(),
    }
}

/// zsh: `ZDOTDIR` moves all but the first file, and is most often set in that one.
fn zsh(world: &World) -> Vec<PathBuf> {
    let zshenv = world.home.join(".zshenv");
    let by_itself = zdotdir_in(world, &zshenv);
    let from_outside = world.env.non_empty("ZDOTDIR").map(PathBuf::from);
    // Set before zsh starts, it moves the first file too. Where that file has to do with it, it may well come from there.
    let has_to_do = || {
        file::read(&zshenv)
            .is_ok_and(|bytes| bytes.is_some_and(|bytes| bstr::ByteSlice::contains_str(bytes.as_slice(), "ZDOTDIR")))
    };
    let passes_by = by_itself.is_none() && from_outside.is_some() && !has_to_do();
    let directory = from_outside.or(by_itself).unwrap_or_else(|| world.home.clone());
    let mut files = Vec::new();
    for name in ["zshenv", "zprofile", "zshrc", "zlogin"] {
        files.extend(["etc/zsh", "etc"].map(|place| world.system_root.join(place).join(name)));
        if name == "zshenv" && !passes_by {
            files.push(zshenv.clone());
        }
        let own = directory.join(format!(".{name}"));
        if !files.contains(&own) {
            files.push(own);
        }
    }
    files
}

/// The directory that a `ZDOTDIR=` line of a file gives, where it is a plain path below the home.
fn zdotdir_in(world: &World, path: &Path) -> Option<PathBuf> {
    let bytes = file::read(path).ok()??;
    let text = String::from_utf8_lossy(&bytes).replace("${XDG_CONFIG_HOME:-$HOME/.config}", "~/.config");
    let text = text.replace("$HOME", "~").replace("${HOME}", "~");
    let commands = text.lines().flat_map(words::commands).collect::<Vec<_>>();
    let value = commands.iter().flatten().rev().find_map(|word| word.raw.strip_prefix("ZDOTDIR="))?;
    let value = value.replace(['"', '\''], "");
    (!value.contains(['$', '`'])).then(|| world.expand(&value))
}

/// The files of a directory with this extension, by name.
fn scripts(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|own| own == extension)).collect();
    files.sort();
    files
}
