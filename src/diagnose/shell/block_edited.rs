//! `block-edited`: the lines between the markers are not what `setup` writes.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, words};
use crate::observe::rc_files::{BlockState, RcState};

/// The lines between the markers are not what `setup` writes.
pub const KIND: Kind = Kind {
    name: "block-edited",
    layer: Layer::Shell,
    severity: Severity::Warning,
    title: "The block was edited by hand",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Everything may work. The next `bedrockup setup` shows lines of yours as removed.

## Why

The lines between `# >>> bedrockup >>>` and `# <<< bedrockup <<<` differ from what `setup` writes for these values: they were changed by
hand. `setup` replaces the block as a whole, `uninstall` removes it as a whole.

## Fix

Move your own lines out of the block, below it, or let setup show what would be lost and write it anew:

    bedrockup setup

## Check

`bedrockup setup --dry-run` says that there is nothing to do.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut seen = Vec::new();
    let mut all = Vec::new();
    for file in &case.machine.rc_files {
        let RcState::Read { block: BlockState::Whole { first_line, last_line, edited: true, .. }, .. } = &file.state
        else {
            continue;
        };
        if seen.contains(&&file.path) {
            continue;
        }
        seen.push(&file.path);
        let name = words::short(case, &file.path);
        let found = Found::new(format!("The block in {name} was edited by hand; the next setup would replace it."))
            .evidence(
                format!("{name}:{first_line}"),
                format!("lines {first_line} to {last_line} are not what setup writes"),
            )
            .fix(Fix::command("See what would be lost; nothing is written.", "bedrockup setup --dry-run"))
            .fix(Fix::command(
                "Write the block anew, after a diff and a yes. Or leave it as it is.",
                "bedrockup setup",
            ));
        all.push(found);
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::BlockState;

    #[test]
    fn an_edited_block_is_a_warning() {
        let mut scene = Scene::healthy();
        let values = BTreeMap::new();
        scene.block(
            ".bashrc",
            BlockState::Whole {
                first_line: 3,
                last_line: 9,
                values,
                lines: BTreeMap::new(),
                edited: true,
                claude_only: false,
            },
        );
        let finding = scene.expect("block-edited");
        assert_eq!((finding.severity, finding.evidence[0].place.as_str()), (Severity::Warning, "~/.bashrc:3"));
    }

    #[test]
    fn a_block_as_written_is_not_edited() {
        Scene::healthy().expect_absent("block-edited");
    }
}
