//! The state of our block in a file, by the one parser that `setup` and `uninstall` use too.

use super::BlockState;
use crate::shell::block::{self, Parsed};
use crate::shell::{ShellKind, files, render};

/// The state of the block in the bytes of a file.
pub fn state(bytes: &[u8], path: &std::path::Path, shell: ShellKind) -> BlockState {
    match block::parse(bytes) {
        Parsed::Absent => BlockState::Absent,
        Parsed::Damaged(damage) => BlockState::Damaged(
            damage.into_iter().map(|damage| (damage.line, damage.problem.words().to_owned())).collect(),
        ),
        Parsed::Whole(found) => {
            let syntax = files::syntax_by_name(path).unwrap_or(shell.syntax());
            let bytes = &bytes[found.span.clone()];
            let content = render::read(bytes, syntax);
            BlockState::Whole {
                first_line: found.first_line,
                last_line: found.last_line,
                edited: render::is_edited(bytes, syntax, found.separator),
                claude_only: content.scope == render::Scope::Claude,
                values: content.values.into_iter().collect(),
                lines: render::lines(bytes, syntax)
                    .into_iter()
                    .map(|(name, line)| (name, found.first_line + line))
                    .collect(),
            }
        }
    }
}
