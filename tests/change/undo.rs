//! Everything comes out again, byte for byte: with and without the receipt, moved, edited around, damaged.

use std::fs;

use bedrockup::change::setup::{self, Wanted};
use bedrockup::change::{self, Receipt, Refusal, state_directory};
use bedrockup::shell::ShellKind;

use super::bed::{assert_trees, blocks, set_up, there_and_back, uninstall, wanted, world};
use crate::support::sandbox::Sandbox;

/// Contents that have cost users of other tools their files.
const CONTENTS: [&[u8]; 14] = [
    b"",
    b"\n",
    b"export A=1",
    b"export A=1\n",
    b"export A=1\n\n\n",
    b"export A=1\r\nexport B=2\r\n",
    b"export A=1\r\nexport B=2",
    b"# caf\xE9\nexport A='\xFF\xC0'\n",
    b"\xEF\xBB\xBFexport A=1\n",
    b"a\0b\n",
    b"export A=1 \\",
    b"export A=1 \\\n",
    b"echo '# >>> bedrockup >>>'\n  # <<< bedrockup <<<\n",
    b"# >>> conda initialize >>>\nx\n# <<< conda initialize <<<\n",
];

#[test]
fn every_content_comes_back_with_the_receipt() {
    for bytes in CONTENTS {
        for kind in [ShellKind::Bash, ShellKind::Zsh, ShellKind::Fish, ShellKind::Csh] {
            let sandbox = Sandbox::new()
                .file(".bashrc", bytes)
                .file(".profile", bytes)
                .file(".zshenv", bytes)
                .file(".cshrc", bytes)
                .file(".config/fish/config.fish", bytes);
            there_and_back(&sandbox, &world(&sandbox, &[]), &wanted(&[kind]));
        }
    }
}

#[test]
fn every_content_comes_back_without_the_receipt() {
    for bytes in CONTENTS.into_iter().filter(|bytes| !bytes.is_empty()) {
        let sandbox = Sandbox::new().file(".bashrc", bytes).file(".bash_profile", bytes);
        let world = world(&sandbox, &[]);
        let before = sandbox.tree();
        set_up(&world, &wanted(&[ShellKind::Bash]));
        fs::remove_dir_all(state_directory(&world)).unwrap();
        uninstall(&world).unwrap();
        assert_trees(&before, &sandbox.tree());
    }
}

#[test]
fn without_the_receipt_absent_wins_over_empty() {
    for kind in ShellKind::ALL {
        let sandbox = Sandbox::new();
        let world = world(&sandbox, &[]);
        let before = sandbox.tree();
        set_up(&world, &wanted(&[kind]));
        fs::remove_dir_all(state_directory(&world)).unwrap();
        uninstall(&world).unwrap();
        assert_trees(&before, &sandbox.tree());
    }
}

#[test]
fn an_update_is_undone_to_the_first_bytes() {
    let sandbox = Sandbox::new().file(".bashrc", "export A=1");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    for region in ["us-east-1", "eu-west-1", "ap-southeast-2"] {
        set_up(&world, &Wanted { region: region.parse().unwrap(), ..wanted(&[ShellKind::Bash]) });
    }
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn what_the_user_wrote_around_the_block_stays() {
    let sandbox = Sandbox::new().file(".zshenv", "export A=1");
    let world = world(&sandbox, &[]);
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    let text = String::from_utf8(sandbox.read(".zshenv")).unwrap();
    sandbox.write(".zshenv", format!("# above\n{text}# below\n"));
    uninstall(&world).unwrap();
    assert_eq!(sandbox.read(".zshenv"), b"# above\nexport A=1\n# below\n");
}

#[test]
fn a_moved_block_is_found_in_every_file_of_the_shell() {
    let sandbox = Sandbox::new().file(".zshrc", "export A=1\n");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    let block = sandbox.read(".zshenv");
    fs::remove_file(sandbox.path(".zshenv")).unwrap();
    sandbox.write(".zshrc", [&block[..], b"export A=1\n"].concat());
    // Setup moves it back to where it reaches everything ...
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    assert_eq!(blocks(&sandbox), [".zshenv"]);
    assert_eq!(sandbox.read(".zshrc"), b"export A=1\n");
    // ... and uninstall finds it wherever it is.
    fs::rename(sandbox.path(".zshenv"), sandbox.path(".zlogin")).unwrap();
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn a_block_of_another_shell_is_left_alone() {
    let sandbox = Sandbox::new().file(".profile", "export A=1\n").file(".bash_profile", "export B=1\n");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    set_up(&world, &wanted(&[ShellKind::Ksh]));
    set_up(&world, &wanted(&[ShellKind::Bash]));
    // .profile is a file of bash, too, but ksh needs the block there.
    assert_eq!(blocks(&sandbox), [".bash_profile", ".bashrc", ".kshrc", ".profile"]);
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn an_rc_file_of_the_users_choice() {
    let sandbox = Sandbox::new().file("dotfiles/my.sh", "export A=1");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    let chosen = Wanted { rc_file: Some(sandbox.path("dotfiles/my.sh")), ..wanted(&[ShellKind::Bash]) };
    set_up(&world, &chosen);
    assert_eq!(blocks(&sandbox), ["dotfiles/my.sh"]);
    // Back to the usual files: the block moves, it is not doubled.
    set_up(&world, &wanted(&[ShellKind::Bash]));
    assert_eq!(blocks(&sandbox), [".bashrc", ".profile"]);
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn damage_refuses_everything_with_line_numbers() {
    let begin = "# >>> bedrockup >>>\n";
    let end = "# <<< bedrockup <<<\n";
    for (damaged, lines) in [
        (format!("a\n{begin}b\n"), vec![2]),
        (format!("a\n{end}"), vec![2]),
        (format!("{end}{begin}"), vec![1, 2]),
        (format!("{begin}{begin}{end}"), vec![2]),
        (format!("{begin}{end}x\n{begin}{end}"), vec![4]),
    ] {
        // The damaged file is not the first of the transaction.
        let sandbox = Sandbox::new().file(".bashrc", "a\n").file(".profile", &damaged);
        let world = world(&sandbox, &[]);
        let before = sandbox.tree();
        for refusal in [setup::plan(&world, &wanted(&[ShellKind::Bash])).unwrap_err(), uninstall(&world).unwrap_err()] {
            let Refusal::Damaged(files) = &refusal else { panic!("{refusal}") };
            assert_eq!(files[0].0, sandbox.path(".profile"));
            assert_eq!(files[0].1.iter().map(|damage| damage.line).collect::<Vec<_>>(), lines, "{refusal}");
            assert_eq!(refusal.exit_code(), 4);
            assert!(refusal.to_string().contains(&format!(".profile:{}: `# ", lines[0])), "{refusal}");
        }
        assert_trees(&before, &sandbox.tree());
    }
}

#[test]
fn utf_16_is_refused() {
    let sandbox = Sandbox::new().file(".bashrc", b"\xFF\xFEa\0\n\0");
    let world = world(&sandbox, &[]);
    let refusal = setup::plan(&world, &wanted(&[ShellKind::Bash])).unwrap_err();
    assert!(refusal.to_string().contains("UTF-16"), "{refusal}");
    assert!(refusal.paste().unwrap().contains("export AWS_REGION=us-east-1"));
}

#[test]
fn an_edited_block_is_kept_aside_when_it_is_replaced() {
    let sandbox = Sandbox::new().file(".zshenv", "");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    let text = String::from_utf8(sandbox.read(".zshenv")).unwrap();
    sandbox.write(".zshenv", text.replace("us-east-1", "us-west-2\nexport MINE=1"));
    let plan = setup::plan(&world, &wanted(&[ShellKind::Zsh])).unwrap();
    assert_eq!(plan.losses().count(), 1);
    assert!(plan.diff(|path| path.display().to_string()).contains("-export MINE=1"));
    let applied = change::apply(&world, &plan).unwrap();
    assert!(fs::read_to_string(&applied.kept[0]).unwrap().contains("export MINE=1"));
    assert_eq!(String::from_utf8(sandbox.read(".zshenv")).unwrap(), text);
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn a_block_with_crs_is_brought_back_to_health() {
    let sandbox = Sandbox::new().file(".zshenv", "export A=1\n");
    let world = world(&sandbox, &[]);
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    let text = String::from_utf8(sandbox.read(".zshenv")).unwrap();
    sandbox.write(".zshenv", text.replace('\n', "\r\n"));
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    assert_eq!(String::from_utf8(sandbox.read(".zshenv")).unwrap(), text.replacen('\n', "\r\n", 1));
}

#[test]
fn the_receipt_is_private_and_remembers_the_first_bytes() {
    let sandbox = Sandbox::new().file(".bashrc", "first\n").file(".profile", "export AWS_SECRET_ACCESS_KEY=hush\n");
    let world = world(&sandbox, &[]);
    set_up(&world, &wanted(&[ShellKind::Bash]));
    let again = Wanted { region: "eu-west-1".parse().unwrap(), ..wanted(&[ShellKind::Bash]) };
    sandbox.write(".bashrc", [&sandbox.read(".bashrc")[..], b"later\n"].concat());
    set_up(&world, &again);
    let receipt = Receipt::load(&world).unwrap();
    assert_eq!(receipt.region.as_deref(), Some("eu-west-1"));
    let entry = receipt.file(&sandbox.path(".bashrc")).unwrap();
    let copy = state_directory(&world).join("pristine").join(entry.pristine.as_ref().unwrap());
    assert_eq!(fs::read(copy).unwrap(), b"first\n");
    // No copy of a file that holds a secret, and no trace of it anywhere in the state.
    assert_eq!(receipt.file(&sandbox.path(".profile")).unwrap().pristine, None);
    let state = state_directory(&world).strip_prefix(sandbox.home()).unwrap().to_owned();
    for (path, node) in sandbox.tree().into_iter().filter(|(path, _)| path.starts_with(&state)) {
        let shown = format!("{node:?}");
        assert!(shown.starts_with("dir 700") || shown.starts_with("file 600"), "{}: {shown}", path.display());
        assert!(!shown.contains("hush"), "{}", path.display());
    }
    assert!(
        !setup::plan(&world, &wanted(&[ShellKind::Bash]))
            .unwrap()
            .diff(|path| path.display().to_string())
            .contains("hush")
    );
}

#[test]
fn nothing_to_do_touches_nothing() {
    let sandbox = Sandbox::new().file(".bashrc", "a\n");
    let world = world(&sandbox, &[]);
    set_up(&world, &wanted(&[ShellKind::Bash]));
    let time = || fs::metadata(sandbox.path(".bashrc")).unwrap().modified().unwrap();
    let (before, tree) = (time(), sandbox.tree());
    set_up(&world, &wanted(&[ShellKind::Bash]));
    assert_eq!(time(), before);
    assert_trees(&tree, &sandbox.tree());
    uninstall(&world).unwrap();
    let empty = sandbox.tree();
    assert_eq!(uninstall(&world).unwrap().changed, Vec::<std::path::PathBuf>::new());
    assert_trees(&empty, &sandbox.tree());
}

#[test]
fn a_receipt_of_another_version_or_none_that_can_be_read_is_no_obstacle() {
    for text in ["", "not json", "{\"schema\": \"bedrockup.receipt/9\", \"files\": [{\"new\": 1}], \"more\": {}}"] {
        let sandbox = Sandbox::new().file(".zshenv", "export A=1");
        let world = world(&sandbox, &[]);
        let before = sandbox.tree();
        set_up(&world, &wanted(&[ShellKind::Zsh]));
        fs::write(state_directory(&world).join("receipt.json"), text).unwrap();
        uninstall(&world).unwrap();
        assert_trees(&before, &sandbox.tree());
    }
}

#[test]
fn a_home_whose_name_is_no_utf_8() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let home = sandbox.path(std::ffi::OsStr::from_bytes(b"caf\xE9"));
    fs::create_dir(&home).unwrap();
    fs::write(home.join(".zshenv"), "").unwrap();
    let mut world = world(&sandbox, &[]);
    world.home = home.clone();
    let before = sandbox.tree();
    set_up(&world, &setup::Wanted { target: setup::Where::Both, ..wanted(&[ShellKind::Zsh]) });
    // The empty file was there: only the receipt knows, so its paths must have survived.
    assert!(Receipt::load(&world).unwrap().file(&home.join(".zshenv")).unwrap().existed);
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn what_is_worth_knowing_is_said() {
    let sandbox = Sandbox::new().file(".zshrc", "x\nalias claude=/opt/claude\n").file(".profile", "a\n");
    let world = world(&sandbox, &[]);
    let claude = Wanted { scope: bedrockup::shell::render::Scope::Claude, ..wanted(&[ShellKind::Zsh]) };
    let plan = setup::plan(&world, &claude).unwrap();
    assert!(plan.notes.iter().any(|note| note.contains("~/.zshrc:2") && note.contains("alias")), "{:?}", plan.notes);
    let hiding = Wanted { rc_file: Some(sandbox.path(".bash_profile")), ..wanted(&[ShellKind::Bash]) };
    let plan = setup::plan(&world, &hiding).unwrap();
    assert!(plan.notes.iter().any(|note| note.contains("hides ~/.profile")), "{:?}", plan.notes);
    let other = Wanted { rc_file: Some(sandbox.path("config.fish")), ..wanted(&[ShellKind::Bash]) };
    assert_eq!(setup::plan(&world, &other).unwrap_err().exit_code(), 2);
    assert_eq!(setup::plan(&world, &wanted(&[])).unwrap_err().exit_code(), 2);
}

#[test]
fn a_block_moved_to_the_top_takes_its_newline_along() {
    let sandbox = Sandbox::new().file(".zshenv", "export A=1");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    let bytes = sandbox.read(".zshenv");
    let (above, block) = bytes.split_at(b"export A=1\n".len());
    sandbox.write(".zshenv", [block, above].concat());
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}

#[test]
fn a_state_directory_that_a_killed_run_left_goes_with_its_parents() {
    let sandbox = Sandbox::new().file(".zshenv", "export A=1\n");
    let world = world(&sandbox, &[]);
    let before = sandbox.tree();
    fs::create_dir_all(state_directory(&world).join("pristine")).unwrap();
    fs::write(state_directory(&world).join("pristine/zshenv-0.new"), "export A").unwrap();
    set_up(&world, &wanted(&[ShellKind::Zsh]));
    uninstall(&world).unwrap();
    assert_trees(&before, &sandbox.tree());
}
