//! The state of our block in a file.

use std::collections::BTreeMap;

use super::{Assignment, BlockState, Effect, assignments};
use crate::shell::ShellKind;

/// The line before the block.
const BEGIN: &str = "# >>> bedrockup >>>";
/// The line after the block.
const END: &str = "# <<< bedrockup <<<";

/// The state of the block in these lines (each with its number). Markers count only as whole lines.
pub fn state(lines: &[(usize, &str)], shell: ShellKind) -> BlockState {
    let marker = |line: &str| match line.strip_suffix('\r').unwrap_or(line) {
        BEGIN => Some(true),
        END => Some(false),
        _ => None,
    };
    let markers: Vec<(usize, bool)> =
        lines.iter().filter_map(|(number, line)| marker(line).map(|is_begin| (*number, is_begin))).collect();
    match markers[..] {
        [] => BlockState::Absent,
        [(first_line, true), (last_line, false)] => {
            let inside: Vec<(usize, &str)> =
                lines.iter().copied().filter(|(line, _)| *line > first_line && *line < last_line).collect();
            let is_function = |line: &str| {
                let line = line.trim_start();
                [
                    "claude()",
                    "claude ()",
                    "function claude",
                    "def claude",
                    "def --env claude",
                    "def --wrapped claude",
                    "fn claude",
                ]
                .iter()
                .any(|start| line.starts_with(start))
            };
            BlockState::Whole {
                first_line,
                last_line,
                values: values(assignments::find(&inside, shell, false)),
                edited: false,
                claude_only: inside.iter().any(|(_, line)| is_function(line)),
            }
        }
        _ => BlockState::Damaged(damage(&markers)),
    }
}

/// What is wrong with each marker that has no partner, or comes again.
fn damage(markers: &[(usize, bool)]) -> Vec<(usize, String)> {
    let mut wrong = Vec::new();
    let mut open: Option<usize> = None;
    let mut whole = 0;
    for &(line, is_begin) in markers {
        match (is_begin, open) {
            (true, Some(_)) => wrong.push((line, "a block begins inside a block".to_owned())),
            (true, None) => {
                open = Some(line);
                if whole > 0 {
                    wrong.push((line, "a second block begins".to_owned()));
                }
            }
            (false, Some(_)) => {
                open = None;
                whole += 1;
            }
            (false, None) => wrong.push((line, "a block ends that never began".to_owned())),
        }
    }
    if let Some(line) = open {
        wrong.push((line, "a block begins and never ends".to_owned()));
    }
    wrong.sort();
    wrong
}

fn values(assignments: Vec<Assignment>) -> BTreeMap<String, String> {
    let set = assignments.into_iter().filter(|assignment| assignment.effect != Effect::Unset);
    set.filter_map(|assignment| Some((assignment.name, assignment.value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> BlockState {
        let lines: Vec<(usize, &str)> = text.split('\n').enumerate().map(|(index, line)| (index + 1, line)).collect();
        state(&lines, ShellKind::Bash)
    }

    #[test]
    fn whole_absent_and_damaged() {
        let BlockState::Whole { first_line, last_line, values, .. } =
            of("a\n# >>> bedrockup >>>\r\nexport AWS_REGION='us-east-1'\n# <<< bedrockup <<<\n")
        else {
            panic!("not whole")
        };
        assert_eq!((first_line, last_line, values["AWS_REGION"].as_str()), (2, 4, "us-east-1"));
        assert_eq!(of("echo '# >>> bedrockup >>>'\n # <<< bedrockup <<<\n"), BlockState::Absent);
        let lines = |text: &str| -> Vec<usize> {
            match of(text) {
                BlockState::Damaged(wrong) => wrong.into_iter().map(|(line, _)| line).collect(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(lines("# >>> bedrockup >>>\n"), [1]);
        assert_eq!(lines("# <<< bedrockup <<<\n# >>> bedrockup >>>\n"), [1, 2]);
        assert_eq!(lines("# >>> bedrockup >>>\n# >>> bedrockup >>>\n# <<< bedrockup <<<\n"), [2]);
        assert_eq!(lines("# >>> bedrockup >>>\n# <<< bedrockup <<<\n# >>> bedrockup >>>\n# <<< bedrockup <<<"), [3]);
    }
}
