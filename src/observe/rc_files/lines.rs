//! Lines of an rc file as its shell sees them.

use crate::shell::ShellKind;

/// Lines as the shell sees them: continued ones joined, here-documents left out. Each has the number of its first line.
pub fn joined(lines: &[(usize, &str)], shell: ShellKind) -> Vec<(usize, String)> {
    let has_backslash = !matches!(shell, ShellKind::PowerShell | ShellKind::Nushell | ShellKind::Elvish);
    let is_posix = !matches!(
        shell,
        ShellKind::Fish | ShellKind::PowerShell | ShellKind::Nushell | ShellKind::Elvish | ShellKind::Xonsh
    );
    let mut found = Vec::new();
    let mut lines = lines.iter();
    while let Some((number, line)) = lines.next() {
        let mut text = (*line).to_owned();
        while has_backslash && ends_open(&text) {
            text.pop();
            match lines.next() {
                Some((_, next)) => text.push_str(next),
                None => break,
            }
        }
        let end = if is_posix { here_document(&text) } else { None };
        found.push((*number, text));
        if let Some(end) = end {
            for (_, body) in lines.by_ref() {
                if body.trim_start_matches('\t').trim_end_matches('\r') == end {
                    break;
                }
            }
        }
    }
    found
}

/// Whether a line ends in an odd number of backslashes and is no comment.
fn ends_open(line: &str) -> bool {
    let backslashes = line.len() - line.trim_end_matches('\\').len();
    backslashes % 2 == 1 && !line.trim_start().starts_with('#')
}

/// The word that ends the here-document that a line begins.
fn here_document(line: &str) -> Option<String> {
    let at = line.find("<<").filter(|_| !line.trim_start().starts_with('#'))?;
    let rest = line[at + 2..].trim_start_matches('-').trim_start();
    // `<<<` is a here-string, `1 << 2` arithmetic.
    if rest.starts_with('<') {
        return None;
    }
    let word: String =
        rest.chars().take_while(|character| character.is_alphanumeric() || "_'\"\\".contains(*character)).collect();
    let word: String = word.chars().filter(|character| !"'\"\\".contains(*character)).collect();
    word.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_').then_some(word)
}
