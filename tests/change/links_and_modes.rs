//! Links stay links, modes and owners stay, and what is no regular file of the user's is refused.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use bedrockup::change::setup;
use bedrockup::change::{self, Refusal};
use bedrockup::shell::ShellKind;
use bedrockup::world::World;

use super::bed::{assert_trees, blocks, set_up, there_and_back, uninstall, wanted, world};
use crate::support::sandbox::Sandbox;

fn refusal(world: &World) -> Refusal {
    setup::plan(world, &wanted(&[ShellKind::Zsh])).expect_err("a plan that should have been refused")
}

/// Asserts that a `.zshenv` is refused for a reason, with the block for pasting, and that nothing was touched.
#[track_caller]
fn assert_refused(sandbox: &Sandbox, reason: &str) {
    let before = sandbox.tree();
    let refusal = refusal(&world(sandbox, &[]));
    assert!(refusal.to_string().contains(reason), "{refusal}");
    assert_eq!(refusal.to_string().lines().count(), 1, "{refusal}");
    assert_eq!(refusal.exit_code(), 4);
    assert!(refusal.paste().is_some_and(|block| block.contains("export AWS_REGION=us-east-1\n")));
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn links_stay_links() {
    let cases = [
        Sandbox::new().file("dotfiles/zshenv", "a\n").symlink("dotfiles/zshenv", ".zshenv"),
        Sandbox::new()
            .file("dotfiles/zshenv", "a")
            .symlink("zshenv", "dotfiles/b")
            .symlink("../dotfiles/b", "x/a")
            .symlink("x/a", ".zshenv"),
        Sandbox::new().dir("dotfiles").symlink("dotfiles/zshenv", ".zshenv"),
        Sandbox::new().symlink("dotfiles/deep/zshenv", ".zshenv"),
        Sandbox::new().dir("real").symlink("real", "dotfiles").symlink("dotfiles/zshenv", ".zshenv"),
    ];
    for sandbox in cases {
        let world = world(&sandbox, &[]);
        set_up(&world, &wanted(&[ShellKind::Zsh]));
        assert!(fs::symlink_metadata(sandbox.path(".zshenv")).unwrap().is_symlink());
        assert!(blocks(&sandbox)[0].contains("zshenv") && blocks(&sandbox).len() == 1, "{:?}", blocks(&sandbox));
        uninstall(&world).unwrap();
        there_and_back(&sandbox, &world, &wanted(&[ShellKind::Zsh]));
    }
}

#[test]
fn an_absolute_link_out_of_the_home() {
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("zshenv");
    fs::write(&target, "a").unwrap();
    let sandbox = Sandbox::new().symlink(&target, ".zshenv");
    let world = world(&sandbox, &[]);
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    assert!(fs::read_to_string(&target).unwrap().contains("bedrockup"));
    uninstall(&world).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"a");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

#[test]
fn one_file_under_two_names_gets_one_block() {
    let sandbox = Sandbox::new().file("shared", "a\n").symlink("shared", ".bashrc").symlink("shared", ".profile");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    set_up(&world, &wanted(&[ShellKind::Bash]));
    assert_eq!(blocks(&sandbox), ["shared"]);
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn links_that_lead_nowhere_are_refused() {
    assert_refused(&Sandbox::new().symlink("b", ".zshenv").symlink(".zshenv", "b"), "leads to itself");
    assert_refused(&Sandbox::new().dir("d").symlink("d", ".zshenv"), "is a directory");
    assert_refused(&Sandbox::new().symlink("/dev/null", ".zshenv"), "is a device");
}

#[test]
fn modes_owner_and_group_stay() {
    for mode in [0o600, 0o640, 0o644, 0o664, 0o755, 0o600 | 0o1000] {
        let sandbox = Sandbox::new().file(".zshenv", "a\n").mode(".zshenv", mode);
        if nix::unistd::geteuid().is_root() {
            // Only root may give a file to a group that it is not in.
            std::os::unix::fs::chown(sandbox.path(".zshenv"), None, Some(12)).unwrap();
        }
        let before = fs::metadata(sandbox.path(".zshenv")).unwrap();
        let world = world(&sandbox, &[]);
        set_up(&world, &wanted(&[ShellKind::Zsh]));
        let after = fs::metadata(sandbox.path(".zshenv")).unwrap();
        assert_eq!((before.mode(), before.uid(), before.gid()), (after.mode(), after.uid(), after.gid()));
        assert_ne!(before.ino(), after.ino(), "the file is replaced, not rewritten");
        uninstall(&world).unwrap();
        let after = fs::metadata(sandbox.path(".zshenv")).unwrap();
        assert_eq!((before.mode(), before.uid(), before.gid()), (after.mode(), after.uid(), after.gid()));
    }
}

#[test]
fn a_new_file_has_the_usual_mode_and_new_settings_are_private() {
    let sandbox = Sandbox::new().file("usual", "");
    let world = world(&sandbox, &[]);
    set_up(&world, &setup::Wanted { target: setup::Where::Both, ..wanted(&[ShellKind::Zsh]) });
    let mode = |name: &str| fs::metadata(sandbox.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(".zshenv"), mode("usual"));
    assert_eq!(mode(".claude/settings.json"), 0o600);
}

#[test]
fn what_may_not_be_written_is_refused() {
    assert_refused(&Sandbox::new().file(".zshenv", "a\n").mode(".zshenv", 0o444), "is read-only");
    assert_refused(&Sandbox::new().dir(".zshenv"), "is a directory");
    let sandbox = Sandbox::new()
        .file("store/zshenv", "a\n")
        .mode("store/zshenv", 0o444)
        .mode("store", 0o555)
        .symlink("store/zshenv", ".zshenv");
    assert_refused(&sandbox, "managed elsewhere");
    let sandbox = Sandbox::new().file("store/zshenv", "a\n").mode("store", 0o555).symlink("store/zshenv", ".zshenv");
    assert_refused(&sandbox, "is read-only");
    let sandbox = Sandbox::new().file("file", "").symlink("file/zshenv", ".zshenv");
    assert_eq!(refusal(&world(&sandbox, &[])).exit_code(), 4);
}

#[test]
fn pipes_and_sockets_are_refused_at_once() {
    let sandbox = Sandbox::new();
    nix::unistd::mkfifo(&sandbox.path(".zshenv"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_refused(&sandbox, "is a named pipe");
    let sandbox = Sandbox::new();
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.path(".zshenv")).unwrap();
    assert_refused(&sandbox, "is a socket");
    // One that is no target holds no block and is passed over.
    let sandbox = Sandbox::new();
    nix::unistd::mkfifo(&sandbox.path(".zshrc"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    there_and_back(&sandbox, &world(&sandbox, &[]), &wanted(&[ShellKind::Zsh]));
}

#[test]
fn hard_links_are_not_split() {
    let sandbox = Sandbox::new().file(".zshenv", "a\n");
    fs::hard_link(sandbox.path(".zshenv"), sandbox.path("twin")).unwrap();
    assert_refused(&sandbox, "2 hard links");
    assert_eq!(fs::metadata(sandbox.path(".zshenv")).unwrap().nlink(), 2);
}

#[test]
fn a_file_of_another_user_is_refused() {
    let sandbox = Sandbox::new().file(".zshenv", "a\n");
    let mut world = world(&sandbox, &[]);
    // The same question without the right to give files away: the user is another one.
    world.user.uid += 1;
    assert!(refusal(&world).to_string().contains("belongs to another user"), "{}", refusal(&world));
}

#[test]
fn root_in_somebody_elses_home_is_refused() {
    let sandbox = Sandbox::new();
    let mut world = world(&sandbox, &[]);
    if nix::unistd::geteuid().is_root() {
        std::os::unix::fs::chown(sandbox.home(), Some(12345), None).unwrap();
    }
    world.user.uid = 0;
    let refusal = refusal(&world);
    assert!(matches!(refusal, Refusal::ForeignHome { .. }), "{refusal}");
    assert!(refusal.next_step().contains("sudo -H"));
    assert!(matches!(uninstall(&world), Err(Refusal::ForeignHome { .. })));
}

#[test]
fn a_file_too_large_to_be_a_start_up_file_is_refused() {
    let sandbox = Sandbox::new().file(".zshenv", "");
    fs::File::options().write(true).open(sandbox.path(".zshenv")).unwrap().set_len(1 << 30).unwrap();
    let refusal = refusal(&world(&sandbox, &[]));
    assert!(refusal.to_string().contains("larger than"), "{refusal}");
}

#[test]
fn several_files_are_one_transaction() {
    // .bashrc comes first and could be written; the login file cannot.
    for sandbox in [
        Sandbox::new().file(".bashrc", "a\n").file(".profile", "b\n").mode(".profile", 0o444),
        Sandbox::new().file(".bashrc", "a\n").dir(".profile"),
    ] {
        let world = world(&sandbox, &[]);
        let before = sandbox.tree();
        assert_eq!(setup::plan(&world, &wanted(&[ShellKind::Bash])).unwrap_err().exit_code(), 4);
        assert_trees(&before, &sandbox.tree());
    }
    let sandbox = Sandbox::new().file(".bashrc", "a\n").file(".profile", "b\n");
    let world = world(&sandbox, &[]);
    set_up(&world, &wanted(&[ShellKind::Bash]));
    fs::set_permissions(sandbox.path(".profile"), fs::Permissions::from_mode(0o444)).unwrap();
    let before = sandbox.tree();
    assert_eq!(uninstall(&world).unwrap_err().exit_code(), 4);
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn what_changes_between_plan_and_apply_is_not_overwritten() {
    let sandbox = Sandbox::new().file(".bashrc", "a\n").file(".profile", "b\n");
    let world = world(&sandbox, &[]);
    let plan = setup::plan(&world, &wanted(&[ShellKind::Bash])).unwrap();
    sandbox.write(".profile", "mine\n");
    let before = sandbox.tree();
    assert!(matches!(change::apply(&world, &plan), Err(Refusal::Changed(_))));
    assert_trees(&before, &sandbox.tree());
    setup::now(&world, &wanted(&[ShellKind::Bash])).unwrap();
    assert!(sandbox.read(".profile").starts_with(b"mine\n# >>>"));
}

#[test]
fn what_cannot_be_read_stops_everything() {
    // Unreadable for users; for root it is read-only by its mode.
    let sandbox = Sandbox::new().file(".zshenv", "a\n").mode(".zshenv", 0o000);
    assert_eq!(refusal(&world(&sandbox, &[])).exit_code(), 4);
    let sandbox = Sandbox::new().file(".zshrc", "a\n").mode(".zshrc", 0o000);
    let plan = setup::plan(&world(&sandbox, &[]), &wanted(&[ShellKind::Zsh]));
    // A file that is no target may hold a block all the same: only who can read it may go on.
    assert_eq!(plan.is_ok(), nix::unistd::geteuid().is_root());
}
