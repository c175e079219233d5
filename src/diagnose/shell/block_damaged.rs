//! `block-damaged`: markers of ours that do not pair up.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, words};
use crate::observe::rc_files::{BlockState, RcState};

/// Markers of ours that do not pair up.
pub const KIND: Kind = Kind {
    name: "block-damaged",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "The markers of the block do not pair up",
    page: PAGE,
    // The lines between broken markers are read as nobody's.
    owns: &["not-configured", "bedrock-left-on"],
    detect,
};

const PAGE: &str = "\
## What you see

`bedrockup setup` and `bedrockup uninstall` refuse to touch a file (exit 4), and the values are set twice, in part, or not at all.

## Why

The block stands between the lines `# >>> bedrockup >>>` and `# <<< bedrockup <<<`. One of them is missing, doubled, or inside another
pair: after a merge of dotfiles, a hand edit, or a copy of half of the block. Nobody but you knows which lines are yours, so nothing is written.

## Fix

Open the file at the line shown, delete the left-over marker and the lines of the block that belong to it, then

    bedrockup setup

## Check

`bedrockup doctor --only block-damaged` finds nothing.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut seen = Vec::new();
    let mut all = Vec::new();
    for file in &case.machine.rc_files {
        let RcState::Read { block: BlockState::Damaged(lines), .. } = &file.state else { continue };
        // One file may be listed for several shells.
        if seen.contains(&&file.path) {
            continue;
        }
        seen.push(&file.path);
        let name = words::short(case, &file.path);
        let mut found = Found::new(format!("The markers of the block in {name} do not pair up."));
        for (line, problem) in lines {
            found = found.evidence(format!("{name}:{line}"), problem.clone());
        }
        let first = lines.first().map_or(1, |(line, _)| *line);
        found = found
            .fix(hand::edit_line(
                case,
                format!("Delete the left-over marker lines in {name} by hand, with what belongs to them."),
                &file.path,
                first,
            ))
            .fix(Fix::command("Then write the block anew.", "bedrockup setup"));
        all.push(found);
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::BlockState;

    #[test]
    fn an_orphan_marker_is_shown_with_its_line() {
        let mut scene = Scene::healthy();
        scene.block(".bashrc", BlockState::Damaged(vec![(7, "begin marker without end".to_owned())]));
        let finding = scene.expect_first("block-damaged");
        assert_eq!(finding.evidence[0].place, "~/.bashrc:7");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +7 ~/.bashrc"));
    }

    #[test]
    fn it_owns_the_missing_switch() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.block(".bashrc", BlockState::Damaged(vec![(7, "end marker without begin".to_owned())]));
        scene.expect_first("block-damaged");
        assert_eq!(scene.expect("not-configured").because_of, Some("block-damaged"));
    }

    #[test]
    fn a_whole_block_is_not_damaged() {
        Scene::healthy().expect_absent("block-damaged");
    }
}
