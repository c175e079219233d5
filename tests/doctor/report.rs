//! What doctor said, held to its contract, and questions about it that read like sentences.

use bedrockup::cli::Cli;
use clap::Parser;
use serde_json::Value;

use crate::support::process::Output;

/// One JSON report of doctor.
pub struct Report {
    json: Value,
    output: Output,
}

/// One finding of a report.
pub struct Told<'a> {
    report: &'a Report,
    finding: &'a Value,
}

const LAYERS: [&str; 9] =
    ["shell", "client", "settings", "credentials", "region-and-models", "access", "quota", "network", "proof"];
const ROLES: [&str; 5] = ["you", "aws-admin", "org-admin", "support", "wait"];
const STATUSES: [&str; 5] = ["passed", "failed", "skipped", "timed-out", "crashed"];
const SEVERITIES: [&str; 3] = ["error", "warning", "note"];

impl Report {
    /// Reads a report and holds it to the contract: document, exit code, verdict, causes before consequences.
    #[track_caller]
    pub fn read(output: Output) -> Self {
        let report = Self { json: output.json(), output };
        report.keeps_to_the_schema();
        report.keeps_to_the_order();
        let any = |severity| report.causes().any(|finding| finding["severity"] == severity);
        let code = match report.text("/verdict") {
            "healthy" if !any("error") && !any("warning") => 0,
            "degraded" if !any("error") && any("warning") => 0,
            "broken" if any("error") => 1,
            "unknown" if !any("error") => 3,
            other => panic!("the findings are no reason for the verdict {other}: {report:?}"),
        };
        report.output.exits(code);
        report
    }

    #[track_caller]
    fn keeps_to_the_schema(&self) {
        assert_eq!(self.text("/schema"), "bedrockup.doctor/1");
        for place in ["/version", "/directory", "/route/provider", "/route/region/value", "/route/region/from"] {
            assert!(!self.text(place).is_empty(), "{place} is empty: {self:?}");
        }
        for place in ["/route/credentials/kind", "/route/credentials/from"] {
            assert!(!self.text(place).is_empty(), "{place} is empty: {self:?}");
        }
        for model in self.list("/route/models") {
            let probe = model["probe"].as_str().unwrap_or_default();
            assert!(["answered", "refused", "skipped"].contains(&probe), "{model}");
            assert!(model["id"].is_string() && model["from"].is_string() && model["role"].is_string(), "{model}");
        }
        for finding in self.list("/findings") {
            let one_of = |key: &str, words: &[&str]| words.contains(&finding[key].as_str().unwrap_or_default());
            assert!(one_of("layer", &LAYERS) && one_of("severity", &SEVERITIES), "{finding:#}");
            assert!(finding["summary"].as_str().is_some_and(|text| !text.is_empty()), "{finding:#}");
            assert!(finding["evidence"].is_array() && finding.get("because_of").is_some(), "{finding:#}");
            for fix in finding["fixes"].as_array().expect("a list of fixes") {
                assert!(ROLES.contains(&fix["who"].as_str().unwrap_or_default()), "{finding:#}");
                assert!(fix["text"].as_str().is_some_and(|text| !text.is_empty()), "{finding:#}");
                assert!(fix["command"].is_null() || fix["command"].is_string(), "{finding:#}");
                assert!(fix["automatic"].is_boolean(), "{finding:#}");
                if let Some(words) = fix["command"].as_str().filter(|command| command.starts_with("bedrockup ")) {
                    assert!(Cli::try_parse_from(words.split_whitespace()).is_ok(), "no such command: {finding:#}");
                }
            }
            let cures = finding["fixes"].as_array().map_or(0, Vec::len);
            match finding["because_of"].as_str() {
                Some(_) => assert_eq!(cures, 0, "a consequence has no fix of its own: {finding:#}"),
                None if finding["severity"] == "note" => {}
                None => assert!(cures > 0 && finding["evidence"][0].is_object(), "no fix or no evidence: {finding:#}"),
            }
        }
        for check in self.list("/checks") {
            assert!(STATUSES.contains(&check["status"].as_str().unwrap_or_default()), "{check}");
            assert!(check["name"].is_string() && check["milliseconds"].is_u64(), "{check}");
            assert_ne!(check["status"], "crashed", "a defect of ours: {check}");
            let told = check["status"] != "skipped" || check["reason"].as_str().is_some_and(|text| !text.is_empty());
            assert!(told, "skipped without a reason: {check}");
        }
    }

    /// Errors before warnings before notes, each cause directly above what follows from it.
    #[track_caller]
    fn keeps_to_the_order(&self) {
        let rank = |finding: &Value| SEVERITIES.iter().position(|name| finding["severity"] == *name);
        assert!(self.causes().is_sorted_by_key(rank), "{self:?}");
        let mut cause = None;
        for finding in self.list("/findings") {
            match finding["because_of"].as_str() {
                None => cause = finding["name"].as_str(),
                Some(owner) => assert_eq!(Some(owner), cause, "a consequence away from its cause: {self:?}"),
            }
        }
    }

    /// The machine is well: healthy, exit 0; notes are allowed.
    #[track_caller]
    pub fn stays_quiet(&self) -> &Self {
        let loud: Vec<_> = self.causes().filter(|finding| finding["severity"] != "note").collect();
        assert!(loud.is_empty(), "a false alarm: {self:?}");
        assert_eq!(self.text("/verdict"), "healthy", "{self:?}");
        self
    }

    /// One error, of this name, and nothing else that would be a cause of its own; exit 1.
    #[track_caller]
    pub fn error(&self, name: &str) -> Told<'_> {
        self.errors(&[name])
    }

    /// The first finding, whatever else there is.
    #[track_caller]
    pub fn first(&self) -> Told<'_> {
        Told { report: self, finding: self.causes().next().unwrap_or_else(|| panic!("nothing was found: {self:?}")) }
    }

    /// These independent errors, in this order, and no other; exit 1. Gives the first.
    #[track_caller]
    pub fn errors(&self, names: &[&str]) -> Told<'_> {
        let found: Vec<_> = self.causes().filter(|finding| finding["severity"] == "error").collect();
        let mut told: Vec<_> = found.iter().map(|finding| finding["name"].as_str().unwrap_or_default()).collect();
        told.dedup(); // one cause may be told once for each model
        assert_eq!(told, names, "{self:?}");
        Told { report: self, finding: found[0] }
    }

    /// No error, and this warning first.
    #[track_caller]
    pub fn warning(&self, name: &str) -> Told<'_> {
        let first = self.causes().next().unwrap_or(&Value::Null);
        assert!(first["severity"] == "warning" && first["name"] == name, "{name} is not first: {self:?}");
        Told { report: self, finding: first }
    }

    /// No error, no warning, and this note among the notes.
    #[track_caller]
    pub fn note(&self, name: &str) -> Told<'_> {
        self.stays_quiet();
        let note = self.causes().find(|finding| finding["name"] == name);
        Told { report: self, finding: note.unwrap_or_else(|| panic!("{name} is not noted: {self:?}")) }
    }

    /// Nothing was proven wrong, and nothing was shown to work: exit 3.
    #[track_caller]
    pub fn could_not_tell(&self) -> &Self {
        assert_eq!(self.text("/verdict"), "unknown", "{self:?}");
        self
    }

    /// A check came to this.
    #[track_caller]
    pub fn check(&self, name: &str, status: &str) -> &Self {
        let hit = self.list("/checks").iter().any(|check| check["name"] == name && check["status"] == status);
        assert!(hit, "{name} is not {status}: {self:?}");
        self
    }

    /// There is no finding of this name, not even as a consequence.
    #[track_caller]
    pub fn never_says(&self, name: &str) -> &Self {
        assert!(self.list("/findings").iter().all(|finding| finding["name"] != name), "{self:?}");
        self
    }

    /// There is no error and no warning of this name.
    #[track_caller]
    pub fn never_says_loudly(&self, name: &str) -> &Self {
        let loud = |finding: &&Value| finding["name"] == name && finding["severity"] != "note";
        assert!(self.list("/findings").iter().find(loud).is_none(), "{self:?}");
        self
    }

    /// This is told too, as a cause of its own, with this among its words.
    #[track_caller]
    pub fn also_says(&self, name: &str, part: &str) -> &Self {
        let hit = self.causes().any(|finding| finding["name"] == name && finding.to_string().contains(part));
        assert!(hit, "{name} with {part:?} is no cause here: {self:?}");
        self
    }

    /// This is told as what follows from another finding.
    #[track_caller]
    pub fn says_as_consequence(&self, name: &str) -> &Self {
        let hit =
            self.list("/findings").iter().any(|finding| finding["name"] == name && !finding["because_of"].is_null());
        assert!(hit, "{name} follows from nothing: {self:?}");
        self
    }

    /// A text at a place of the document.
    #[track_caller]
    pub fn text(&self, place: &str) -> &str {
        self.json.pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {place}: {self:?}"))
    }

    /// A list at a place of the document.
    #[track_caller]
    pub fn list(&self, place: &str) -> &[Value] {
        let list = self.json.pointer(place).and_then(Value::as_array);
        list.unwrap_or_else(|| panic!("no list at {place}: {self:?}"))
    }

    /// Findings that follow from no other.
    fn causes(&self) -> impl Iterator<Item = &Value> {
        self.list("/findings").iter().filter(|finding| finding["because_of"].is_null())
    }
}

impl Told<'_> {
    /// The first fix says this, in its words or its command.
    #[track_caller]
    pub fn fix(&self, part: &str) -> &Self {
        let fix = &self.finding["fixes"][0];
        let text = format!("{} {}", fix["text"].as_str().unwrap_or(""), fix["command"].as_str().unwrap_or(""));
        assert!(text.contains(part), "the first fix does not say {part:?}: {:#}", self.finding);
        self
    }

    /// The first fix is for this person.
    #[track_caller]
    pub fn by(&self, who: &str) -> &Self {
        assert_eq!(self.finding["fixes"][0]["who"], who, "{:#}", self.finding);
        self
    }

    /// The statement that a policy lacks, of the first fix.
    #[track_caller]
    pub fn policy(&self) -> Value {
        assert!(self.has_policy(), "no statement: {:#}", self.finding);
        self.finding["fixes"][0]["policy"].clone()
    }

    /// The first fix has a statement to paste.
    pub fn has_policy(&self) -> bool {
        self.finding["fixes"][0]["policy"].is_object()
    }

    /// Summary or evidence says this.
    #[track_caller]
    pub fn shows(&self, part: &str) -> &Self {
        let text = format!("{} {}", self.finding["summary"], self.finding["evidence"]);
        assert!(text.contains(part), "{part:?} is not shown: {:#}", self.finding);
        self
    }

    /// The report as a whole, for further questions.
    pub fn and(&self) -> &Report {
        self.report
    }
}

impl std::fmt::Debug for Report {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}\n{:#}\n--- stderr ---\n{}", self.output.status, self.json, self.output.err())
    }
}
