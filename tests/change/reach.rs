//! Fresh shells see what the block sets, in the fewest files, and nothing is hidden.

use bedrockup::change::setup::Wanted;
use bedrockup::shell::render::Scope;
use bedrockup::shell::{Mode, ShellKind, Syntax, files};

use super::bed::{blocks, run_in_copy, seen, set_up, there_and_back, uninstall, wanted, world};
use crate::support::sandbox::Sandbox;

const DEBIAN_BASHRC: &str = "# ~/.bashrc\ncase $- in\n    *i*) ;;\n      *) return;;\nesac\nalias ll='ls -l'\n";
const DEBIAN_PROFILE: &str = "# ~/.profile\nif [ -n \"$BASH_VERSION\" ]; then\n    if [ -f \"$HOME/.bashrc\" ]; then\n\t. \"$HOME/.bashrc\"\n    fi\nfi\nexport FROM_PROFILE=1\n";

fn modes(kind: ShellKind) -> &'static [Mode] {
    match kind {
        ShellKind::Sh | ShellKind::Yash => &[Mode::Login, Mode::LoginCommand],
        ShellKind::Elvish => &[Mode::Interactive],
        ShellKind::PowerShell => &[],
        _ => &Mode::ALL,
    }
}

#[track_caller]
fn assert_reached(sandbox: &Sandbox, env: &[(&str, &str)], kind: ShellKind, modes: &[Mode]) {
    for mode in modes {
        let seen = seen(sandbox, env, kind, *mode);
        assert_eq!(seen.get("AWS_REGION").map(String::as_str), Some("us-east-1"), "{kind} {mode:?}: {seen:?}");
        assert_eq!(seen.get("CLAUDE_CODE_USE_BEDROCK").map(String::as_str), Some("1"), "{kind} {mode:?}");
    }
}

/// Sets up one shell in a home, asserts the files that hold a block and what fresh shells see, and that it comes out.
#[track_caller]
fn check(sandbox: &Sandbox, env: &[(&str, &str)], kind: ShellKind, expected: &[&str]) {
    let world = world(sandbox, env);
    let before = sandbox.tree();
    set_up(&world, &wanted(&[kind]));
    assert_eq!(blocks(sandbox), expected, "{kind}");
    assert_reached(sandbox, env, kind, modes(kind));
    uninstall(&world).expect("nothing is in the way");
    super::bed::assert_trees(&before, &sandbox.tree());
}

fn empty_home(kind: ShellKind, expected: &[&str]) {
    check(&Sandbox::new(), &[], kind, expected);
}

#[test]
fn bash_in_an_empty_home() {
    empty_home(ShellKind::Bash, &[".bashrc", ".profile"]);
}

#[test]
fn zsh_in_an_empty_home() {
    empty_home(ShellKind::Zsh, &[".zshenv"]);
}

#[test]
fn fish_in_an_empty_home() {
    empty_home(ShellKind::Fish, &[".config/fish/config.fish"]);
}

#[test]
fn the_posix_family_in_an_empty_home() {
    empty_home(ShellKind::Sh, &[".profile"]);
    empty_home(ShellKind::Ksh, &[".kshrc", ".profile"]);
    empty_home(ShellKind::Mksh, &[".mkshrc", ".profile"]);
    empty_home(ShellKind::Yash, &[".yash_profile"]);
}

#[test]
fn csh_and_tcsh_in_an_empty_home() {
    empty_home(ShellKind::Csh, &[".cshrc"]);
    empty_home(ShellKind::Tcsh, &[".cshrc"]);
}

#[test]
fn elvish_in_an_empty_home() {
    empty_home(ShellKind::Elvish, &[".config/elvish/rc.elv"]);
}

#[test]
fn xonsh_in_an_empty_home() {
    empty_home(ShellKind::Xonsh, &[".xonshrc"]);
}

#[test]
fn nushell_in_an_empty_home() {
    empty_home(ShellKind::Nushell, &[".config/nushell/config.nu"]);
}

#[test]
fn powershell_is_written_where_it_reads() {
    let sandbox = Sandbox::new();
    there_and_back(&sandbox, &world(&sandbox, &[]), &wanted(&[ShellKind::PowerShell]));
}

#[test]
fn bash_with_debians_files_needs_both() {
    let sandbox = Sandbox::new().file(".bashrc", DEBIAN_BASHRC).file(".profile", DEBIAN_PROFILE);
    check(&sandbox, &[], ShellKind::Bash, &[".bashrc", ".profile"]);
}

#[test]
fn bash_without_a_guard_needs_one_file() {
    for login in [".bash_profile", ".bash_login", ".profile"] {
        let sandbox = Sandbox::new().file(".bashrc", "alias a=b\n").file(login, "[ -f ~/.bashrc ] && . ~/.bashrc\n");
        check(&sandbox, &[], ShellKind::Bash, &[".bashrc"]);
    }
}

#[test]
fn bash_writes_the_login_file_that_it_reads_and_hides_none() {
    let sandbox = Sandbox::new().file(".bash_login", "export FROM_LOGIN=1").file(".profile", DEBIAN_PROFILE);
    check(&sandbox, &[], ShellKind::Bash, &[".bash_login", ".bashrc"]);
    let sandbox = Sandbox::new().file(".profile", DEBIAN_PROFILE);
    check(&sandbox, &[], ShellKind::Bash, &[".bashrc"]);
    set_up(&world(&sandbox, &[]), &wanted(&[ShellKind::Bash]));
    assert_eq!(seen(&sandbox, &[], ShellKind::Bash, Mode::LoginCommand)["FROM_PROFILE"], "1");
    // A link to nothing is no file: bash passes it over, and so must the block.
    let sandbox = Sandbox::new().file(".profile", "").symlink("nowhere", ".bash_profile");
    check(&sandbox, &[], ShellKind::Bash, &[".bashrc", ".profile"]);
}

#[test]
fn bash_is_reached_behind_guards_and_other_ends() {
    for end in ["return\n", "[ -z \"$PS1\" ] && return\nalias a=b\n", "[[ $- != *i* ]] && return\n"] {
        let sandbox = Sandbox::new().file(".bashrc", end).file(".bash_profile", ". ~/.bashrc\nreturn 0\nfoo=1\n");
        check(&sandbox, &[], ShellKind::Bash, &[".bash_profile", ".bashrc"]);
    }
    // What such a shell becomes inherits the values: the block stands above the line that ends it.
    for end in ["exit 0\n", "[ -x /usr/bin/zsh ] && exec /usr/bin/zsh\n"] {
        let sandbox = Sandbox::new().file(".bashrc", end);
        set_up(&world(&sandbox, &[]), &wanted(&[ShellKind::Bash]));
        assert!(sandbox.read(".bashrc").ends_with(end.as_bytes()));
    }
}

#[test]
fn zsh_with_a_zdotdir_in_the_environment() {
    let sandbox = Sandbox::new().file("z/.zshrc", "alias a=b\n");
    let directory = sandbox.path("z").to_string_lossy().into_owned();
    check(&sandbox, &[("ZDOTDIR", &directory)], ShellKind::Zsh, &["z/.zshenv"]);
}

#[test]
fn zsh_with_a_zdotdir_set_in_zshenv() {
    let sandbox =
        Sandbox::new().file(".zshenv", "export ZDOTDIR=\"$HOME/.config/zsh\"\n").file(".config/zsh/.zshrc", "");
    check(&sandbox, &[], ShellKind::Zsh, &[".zshenv"]);
    // A terminal inside such a shell has it in the environment, a new login has not: both must work.
    let directory = sandbox.path(".config/zsh").to_string_lossy().into_owned();
    let world = world(&sandbox, &[("ZDOTDIR", &directory)]);
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    assert_reached(&sandbox, &[], ShellKind::Zsh, &Mode::ALL);
    assert_reached(&sandbox, &[("ZDOTDIR", &directory)], ShellKind::Zsh, &Mode::ALL);
}

#[test]
fn zsh_is_reached_before_a_guard() {
    let sandbox = Sandbox::new().file(".zshenv", "[[ -o interactive ]] || return\nalias a=b\n");
    check(&sandbox, &[], ShellKind::Zsh, &[".zshenv"]);
}

#[test]
fn fish_is_reached_before_a_guard_and_after_conf_d() {
    let sandbox = Sandbox::new().file(".config/fish/config.fish", "status is-interactive; or exit\nset -gx A b\n");
    check(&sandbox, &[], ShellKind::Fish, &[".config/fish/config.fish"]);
    let sandbox = Sandbox::new()
        .file(".config/fish/conf.d/aws.fish", "set -gx AWS_REGION eu-west-1\n")
        .file(".config/fish/config.fish", "if status is-interactive\n    set -gx B c\nend\n");
    check(&sandbox, &[], ShellKind::Fish, &[".config/fish/config.fish"]);
}

#[test]
fn configuration_directories_move_with_xdg() {
    for (kind, file) in [
        (ShellKind::Fish, "x/fish/config.fish"),
        (ShellKind::Nushell, "x/nushell/config.nu"),
        (ShellKind::Elvish, "x/elvish/rc.elv"),
    ] {
        let sandbox = Sandbox::new().dir("x");
        let directory = sandbox.path("x").to_string_lossy().into_owned();
        check(&sandbox, &[("XDG_CONFIG_HOME", &directory)], kind, &[file]);
    }
}

#[test]
fn tcsh_and_csh_hide_nothing_and_are_reached_before_a_guard() {
    let guard = "if (! $?prompt) exit\nsetenv FROM_CSHRC 1\n";
    for kind in [ShellKind::Tcsh, ShellKind::Csh] {
        check(&Sandbox::new().file(".cshrc", guard), &[], kind, &[".cshrc"]);
    }
    let sandbox = Sandbox::new().file(".tcshrc", "setenv A b").file(".cshrc", "setenv C d\n");
    check(&sandbox, &[], ShellKind::Tcsh, &[".tcshrc"]);
}

#[test]
fn ksh_and_sh_follow_env() {
    for kind in [ShellKind::Ksh, ShellKind::Mksh, ShellKind::Sh] {
        let sandbox = Sandbox::new().file(".shrc", "alias a=b\n");
        let file = sandbox.path(".shrc").to_string_lossy().into_owned();
        let env = [("ENV", file.as_str())];
        check(&sandbox, &env, kind, &[".profile", ".shrc"]);
        set_up(&world(&sandbox, &env), &wanted(&[kind]));
        assert_reached(&sandbox, &env, kind, &Mode::ALL);
    }
}

#[test]
fn yash_keeps_its_default_rc() {
    let sandbox = Sandbox::new();
    assert!(files::targets(ShellKind::Yash, &world(&sandbox, &[])).limits[0].contains(".yashrc"));
    let sandbox = Sandbox::new().file(".yashrc", "alias a=b\n");
    check(&sandbox, &[], ShellKind::Yash, &[".yash_profile", ".yashrc"]);
    set_up(&world(&sandbox, &[]), &wanted(&[ShellKind::Yash]));
    assert_reached(&sandbox, &[], ShellKind::Yash, &Mode::ALL);
}

#[test]
fn elvish_and_xonsh_with_files_of_their_own() {
    check(&Sandbox::new().file(".elvish/rc.elv", ""), &[], ShellKind::Elvish, &[".elvish/rc.elv"]);
    check(&Sandbox::new().file(".config/xonsh/rc.xsh", "a = 1\n"), &[], ShellKind::Xonsh, &[".config/xonsh/rc.xsh"]);
}

#[test]
fn the_block_survives_strict_shells_and_starts_no_process() {
    for scope in [Scope::Export, Scope::Claude] {
        let sandbox = Sandbox::new();
        let wanted =
            Wanted { scope, profile: Some("it's $HOME".parse().expect("a profile")), ..wanted(&[ShellKind::Bash]) };
        set_up(&world(&sandbox, &[]), &wanted);
        for shell in ["bash", "zsh", "dash", "ksh", "mksh", "yash"] {
            let mut command = sandbox.program(format!("/usr/bin/{shell}"));
            // With an empty PATH, a process that the block started would fail, and -e would end the shell.
            command.env("PATH", "").args(["-e", "-u", "-c", ". \"$HOME/.profile\"; echo reached"]);
            let output = crate::support::process::run(&mut command, std::time::Duration::from_secs(20));
            assert_eq!((output.out().as_str(), output.err().as_str()), ("reached\n", ""), "{shell} {scope:?}");
        }
    }
}

#[test]
fn scope_claude_reaches_claude_alone() {
    for kind in ShellKind::ALL.into_iter().filter(|kind| *kind != ShellKind::PowerShell) {
        let sandbox = Sandbox::new().script("claude", "#!/bin/sh\nprintf '%s|' \"$@\"\nprintf '%s|%s|%s\\n' \"$CLAUDE_CODE_USE_BEDROCK\" \"$AWS_REGION\" \"$AWS_PROFILE\"\n");
        let profile = "it's $HOME!";
        let wanted =
            Wanted { scope: Scope::Claude, profile: Some(profile.parse().expect("a profile")), ..wanted(&[kind]) };
        let before = sandbox.tree();
        let world = world(&sandbox, &[]);
        set_up(&world, &wanted);
        let command = match kind {
            ShellKind::Nushell => "claude --print 'a  b' -x; ^/usr/bin/env; exit",
            // /etc/profile sets the PATH anew, without the sandbox's programs.
            _ if kind.syntax() == Syntax::Posix => {
                &format!("PATH={}; claude --print 'a  b' -x; /usr/bin/env", sandbox.bin().display())
            }
            _ => "claude --print 'a  b' -x; /usr/bin/env",
        };
        for mode in modes(kind) {
            let out = String::from_utf8_lossy(&run_in_copy(&sandbox, &[], kind, *mode, command)).into_owned();
            assert!(out.contains(&format!("--print|a  b|-x|1|us-east-1|{profile}\n")), "{kind} {mode:?}: {out}");
            assert!(out.contains("HOME=") && !out.contains("AWS_REGION="), "{kind} {mode:?}: {out}");
        }
        uninstall(&world).expect("nothing is in the way");
        super::bed::assert_trees(&before, &sandbox.tree());
    }
}

#[test]
fn an_alias_of_the_users_does_not_break_the_function() {
    for (kind, file) in [(ShellKind::Bash, ".bashrc"), (ShellKind::Zsh, ".zshrc")] {
        let alias = "alias claude='claude --flag'\n";
        let sandbox = Sandbox::new().file(file, alias).file(if file == ".zshrc" { ".zshenv" } else { ".other" }, alias);
        let world = world(&sandbox, &[]);
        set_up(&world, &Wanted { scope: Scope::Claude, ..wanted(&[kind]) });
        let out = run_in_copy(&sandbox, &[], kind, Mode::Interactive, "typeset -f claude; typeset -f bedrockup_claude");
        let out = String::from_utf8_lossy(&out).into_owned();
        assert!(out.contains("bedrockup_claude \"$@\"") && out.contains("AWS_REGION=us-east-1"), "{kind}: {out}");
    }
}
