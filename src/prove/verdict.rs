//! The verdict: one table of rules, read from the top; the first that holds decides.

use serde::Serialize;

use super::line::{Line, Method, Status, Strength};

/// What all lines together come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// AWS's own log shows calls of this machine.
    Proven,
    /// What this machine wrote down says so, and nothing speaks against it; AWS's log does not show it (yet).
    Likely,
    /// Nothing speaks against it, and nothing that weighs speaks for it.
    Unproven,
    /// Something speaks against it.
    Contradicted,
}

/// One row of the table.
pub struct Rule {
    /// What follows.
    pub verdict: Verdict,
    /// Why, as people read it.
    pub because: &'static str,
    /// When the row holds.
    pub holds: fn(&Weighed<'_>) -> bool,
}

/// What the rules look at.
pub struct Weighed<'a> {
    /// All lines.
    pub lines: &'a [Line],
    /// A tagged call of `--canary` stands in AWS's log, made by the route of plain Bedrock.
    pub canary_seen: bool,
    /// AWS's log was read to the end of the window, and has none of this machine's answers that are old enough for it.
    pub log_has_none: bool,
}

/// The table. A line that could not be asked, was skipped or is silent never speaks against the claim, and no single
/// line but AWS's own log proves it.
pub static RULES: [Rule; 8] = [
    Rule {
        verdict: Verdict::Contradicted,
        because: "something here does not go through Bedrock",
        holds: |weighed| weighed.lines.iter().any(|line| line.status == Status::Contradicts),
    },
    Rule {
        verdict: Verdict::Proven,
        because: "answers given on this machine stand in AWS's own log, joined by request id",
        holds: |weighed| weighed.supports(Method::CloudTrail, Strength::Strong),
    },
    Rule {
        verdict: Verdict::Proven,
        because: "a tagged call by the route that claude uses here stands in AWS's own log",
        holds: |weighed| weighed.canary_seen && weighed.supports(Method::Configuration, Strength::Weak),
    },
    Rule {
        verdict: Verdict::Unproven,
        because: "AWS's log was read to the end of the window, and has none of this machine's answers",
        holds: |weighed| weighed.log_has_none,
    },
    Rule {
        verdict: Verdict::Likely,
        because: "answers given on this machine carry Bedrock's own ids; AWS's log has not confirmed them",
        holds: |weighed| weighed.supports(Method::Transcripts, Strength::Medium),
    },
    Rule {
        verdict: Verdict::Likely,
        because: "AWS's log shows calls of claude by this identity; none is joined to an answer on this machine",
        holds: |weighed| weighed.supports(Method::CloudTrail, Strength::Medium),
    },
    Rule {
        verdict: Verdict::Unproven,
        because: "claude is set up for Bedrock here, and no answer of it was seen",
        holds: |weighed| {
            weighed.supports(Method::Configuration, Strength::Weak)
                || weighed.supports(Method::Sessions, Strength::Weak)
        },
    },
    Rule {
        verdict: Verdict::Unproven,
        because: "nothing that was looked at tells of this machine's traffic",
        holds: |_| true,
    },
];

/// The first rule that holds.
pub fn verdict(weighed: &Weighed<'_>) -> &'static Rule {
    let last = &RULES[RULES.len() - 1];
    RULES.iter().find(|rule| (rule.holds)(weighed)).unwrap_or(last)
}

impl Weighed<'_> {
    /// The line of this method speaks for the claim, with at least this weight.
    fn supports(&self, method: Method, least: Strength) -> bool {
        let line = self.lines.iter().find(|line| line.name == method);
        line.is_some_and(|line| line.status == Status::Supports && line.strength >= least)
    }
}

impl Verdict {
    /// The verdict in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Likely => "likely",
            Self::Unproven => "unproven",
            Self::Contradicted => "contradicted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: Method, status: Status, strength: Strength) -> Line {
        Line {
            name,
            status,
            strength,
            found: String::new(),
            delay: "",
            could_be_faked_by: "",
            check_yourself: String::new(),
            missing_permission: None,
        }
    }

    type Told = (Method, Status, Strength);

    fn judged(lines: &[Told], canary_seen: bool) -> (Verdict, usize) {
        let lines: Vec<Line> = lines.iter().map(|(name, status, strength)| line(*name, *status, *strength)).collect();
        let weighed = Weighed { lines: &lines, canary_seen, log_has_none: false };
        let rule = verdict(&weighed);
        (rule.verdict, RULES.iter().position(|row| std::ptr::eq(row, rule)).unwrap_or(usize::MAX))
    }

    #[test]
    fn each_row_of_the_table_decides_where_it_should() {
        use Method::*;
        use Status::*;
        use Strength::*;
        let table: [(&[Told], bool, Verdict, usize); 12] = [
            (&[(CloudTrail, Supports, Strong), (Transcripts, Contradicts, Medium)], true, Verdict::Contradicted, 0),
            (&[(Configuration, Contradicts, Weak)], false, Verdict::Contradicted, 0),
            (&[(CloudTrail, Supports, Strong)], false, Verdict::Proven, 1),
            (&[(Configuration, Supports, Weak), (CloudTrail, Silent, Strong)], true, Verdict::Proven, 2),
            // A canary says nothing of a claude that is not set up.
            (&[(Configuration, Silent, Weak)], true, Verdict::Unproven, 7),
            (&[(Transcripts, Supports, Medium), (CloudTrail, CouldNotAsk, Strong)], false, Verdict::Likely, 4),
            (&[(Transcripts, Supports, Medium), (CloudTrail, Supports, Medium)], false, Verdict::Likely, 4),
            (&[(CloudTrail, Supports, Medium)], false, Verdict::Likely, 5),
            (&[(Configuration, Supports, Weak), (CloudWatch, Supports, Weak)], false, Verdict::Unproven, 6),
            (&[(Sessions, Supports, Weak)], false, Verdict::Unproven, 6),
            // The account's numbers alone say nothing of this machine.
            (&[(CloudWatch, Supports, Weak), (CostExplorer, Supports, Weak)], false, Verdict::Unproven, 7),
            (&[], false, Verdict::Unproven, 7),
        ];
        for (lines, canary, expected, row) in table {
            assert_eq!(judged(lines, canary), (expected, row), "{lines:?} canary {canary}");
        }
    }

    #[test]
    fn a_log_that_was_read_and_has_none_of_the_answers_takes_their_word_away() {
        let lines = [line(Method::Transcripts, Status::Supports, Strength::Medium)];
        let weighed = Weighed { lines: &lines, canary_seen: false, log_has_none: true };
        assert_eq!(verdict(&weighed).verdict, Verdict::Unproven);
    }

    #[test]
    fn what_could_not_be_asked_never_speaks_against_the_claim() {
        use Strength::*;
        for method in Method::ALL {
            for status in [Status::CouldNotAsk, Status::Skipped, Status::Silent] {
                let lines = [(method, status, Strong), (Method::CloudTrail, Status::Supports, Strong)];
                let lines = if method == Method::CloudTrail { &lines[..1] } else { &lines[..] };
                assert_ne!(judged(lines, false).0, Verdict::Contradicted, "{method:?} {status:?}");
            }
        }
    }
}
