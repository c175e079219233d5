//! Cause before consequence, and the order of the path.

use super::{Finding, Found, Kind, Severity};

/// Puts what was found into the order of the report. `found` comes in the order of the catalogue.
pub fn in_order(found: Vec<(&'static Kind, Found)>) -> Vec<Finding> {
    let owners: Vec<(&'static str, Vec<&'static str>)> = found
        .iter()
        .filter(|(kind, found)| {
            found.severity.unwrap_or(kind.severity) == Severity::Error || !found.explains.is_empty()
        })
        .map(|(kind, found)| {
            let error = found.severity.unwrap_or(kind.severity) == Severity::Error;
            let always: &[&str] = if error { kind.owns } else { &[] };
            (kind.name, always.iter().chain(&found.explains).copied().collect())
        })
        .collect();
    let owner_of = |name: &str| {
        let direct = owners.iter().find(|(owner, owned)| *owner != name && owned.contains(&name));
        direct.map(|(owner, _)| *owner)
    };
    let root_of = |name: &'static str| {
        // Bounded walk, so that two findings that name each other do not turn in a circle.
        let mut root = None;
        let mut current = name;
        for _ in 0..owners.len() {
            match owner_of(current) {
                Some(owner) if owner != name => {
                    root = Some(owner);
                    current = owner;
                }
                _ => break,
            }
        }
        root
    };
    let mut causes = Vec::new();
    let mut consequences = Vec::new();
    for (kind, found) in found {
        // In a circle of owners nobody is the root: each of them then stands for itself.
        let because_of = root_of(kind.name).filter(|root| root_of(root).is_none());
        let last = found.last;
        let finding = Finding {
            name: kind.name,
            severity: found.severity.unwrap_or(kind.severity),
            layer: kind.layer,
            summary: found.summary,
            because_of,
            evidence: found.evidence,
            // What follows from another cause is cured there.
            fixes: if because_of.is_some() { Vec::new() } else { found.fixes },
        };
        if because_of.is_some() { consequences.push(finding) } else { causes.push((last, finding)) }
    }
    // Stable: within a severity the order of the path stays.
    causes.sort_by_key(|(last, finding)| (finding.severity, *last));
    let mut ordered = Vec::with_capacity(causes.len() + consequences.len());
    for (_, cause) in causes {
        let name = cause.name;
        let first_of_its_name = !ordered.iter().any(|earlier: &Finding| earlier.name == name);
        ordered.push(cause);
        if first_of_its_name {
            ordered.extend(consequences.extract_if(.., |finding| finding.because_of == Some(name)));
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::super::{Layer, Severity};
    use super::*;

    fn nothing(_: &super::super::Case<'_>) -> Vec<Found> {
        Vec::new()
    }

    const fn kind(name: &'static str, severity: Severity, owns: &'static [&'static str]) -> Kind {
        Kind { name, layer: Layer::Shell, severity, title: "", page: "", owns, detect: nothing }
    }

    static NOTE: Kind = kind("note", Severity::Note, &[]);
    static CAUSE: Kind = kind("cause", Severity::Error, &["middle"]);
    static MIDDLE: Kind = kind("middle", Severity::Error, &["end"]);
    static END: Kind = kind("end", Severity::Error, &["cause"]);
    static LATER: Kind = kind("later", Severity::Error, &[]);

    fn names(findings: &[Finding]) -> Vec<(&str, Option<&str>)> {
        findings.iter().map(|finding| (finding.name, finding.because_of)).collect()
    }

    #[test]
    fn errors_come_first_and_consequences_stand_beneath_their_root() {
        static ROOT: Kind = kind("root", Severity::Error, &["middle"]);
        static LEAF: Kind = kind("leaf", Severity::Error, &[]);
        static STEM: Kind = kind("middle", Severity::Error, &["leaf"]);
        let fix = super::super::Fix::words(super::super::Who::You, "x");
        let ordered = in_order(vec![
            (&NOTE, Found::new("n")),
            (&ROOT, Found::new("r").fix(fix.clone())),
            (&STEM, Found::new("m").fix(fix.clone())),
            (&LATER, Found::new("l").fix(fix.clone())),
            (&LEAF, Found::new("e").fix(fix)),
        ]);
        assert_eq!(
            names(&ordered),
            [("root", None), ("middle", Some("root")), ("leaf", Some("root")), ("later", None), ("note", None)]
        );
        assert!(ordered[1].fixes.is_empty(), "a consequence has no fix of its own");
        assert_eq!(ordered[3].fixes.len(), 1);
    }

    #[test]
    fn what_matters_to_fewer_comes_after_the_others_of_its_severity() {
        let ordered =
            in_order(vec![(&CAUSE, Found::new("c").last()), (&NOTE, Found::new("n")), (&LATER, Found::new("l"))]);
        assert_eq!(names(&ordered), [("later", None), ("cause", None), ("note", None)]);
    }

    #[test]
    fn a_circle_of_owners_still_ends_and_loses_nothing() {
        let ordered = in_order(vec![(&CAUSE, Found::new("c")), (&MIDDLE, Found::new("m")), (&END, Found::new("e"))]);
        assert_eq!(ordered.len(), 3);
    }

    #[test]
    fn a_warning_owns_nothing_unless_it_says_so() {
        let warned = Found::new("c").severity(Severity::Warning);
        let ordered = in_order(vec![(&CAUSE, warned.clone()), (&MIDDLE, Found::new("m"))]);
        assert_eq!(names(&ordered), [("middle", None), ("cause", None)]);
        let ordered = in_order(vec![(&CAUSE, warned.explains("middle")), (&MIDDLE, Found::new("m"))]);
        assert_eq!(names(&ordered), [("cause", None), ("middle", Some("cause"))]);
    }
}
