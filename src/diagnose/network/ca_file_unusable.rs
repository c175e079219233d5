//! `ca-file-unusable`: a variable names a file of certificates that holds none.

use std::path::Path;

use crate::aws::answer::{CaFile, CaProblem, Hop};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, look, words};
use crate::resolve::Source;

/// A variable names a file of certificates that holds none.
pub const KIND: Kind = Kind {
    name: "ca-file-unusable",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "A variable names a file of certificates that holds none",
    page: PAGE,
    owns: &["tls-untrusted", "ca-not-seen-by-client"],
    detect,
};

const PAGE: &str = "\
## What you see

`Warning: Ignoring extra certs from …, load failed: No such file or directory`, `Claude Code ignored all of the NODE_EXTRA_CA_CERTS file`, then
`Unable to connect to API: Self-signed certificate detected. Check your proxy or corporate SSL certificates` or `self-signed certificate in
certificate chain`, although the certificate of the company is set.

## Why

`NODE_EXTRA_CA_CERTS` or `SSL_CERT_FILE` names a file that is not there, cannot be read, or is no PEM file: a certificate in DER form (often
`.cer` or `.crt`), a PKCS 12 store, a private key. Claude Code goes on without it. In settings files `~` is not expanded.

## Fix

    openssl x509 -inform der -in company.cer -out company.pem
    export NODE_EXTRA_CA_CERTS=/path/to/company.pem

Where no certificate is needed, unset the variable.

## Check

`openssl x509 -in company.pem -noout -subject` shows the company; `bedrockup doctor` reaches AWS.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let untrusted = !look::failures(case, &[Hop::Trust]).is_empty();
    let unusable = case.answers.ca_files.iter().filter_map(|file| Some((file, file.problem.as_ref()?)));
    unusable.map(|(file, problem)| one(case, file, problem, untrusted)).collect()
}

fn one(case: &Case<'_>, file: &CaFile, problem: &CaProblem, untrusted: bool) -> Found {
    let name = file.variable;
    let path = words::short(case, &file.path);
    let source =
        local::source(case, name).map_or_else(|| "environment".to_owned(), |source| words::source(case, &source));
    let found = Found::new(format!("Nothing can be taken from the file that {name} names: {problem}."))
        .severity(if untrusted { Severity::Error } else { Severity::Warning })
        .evidence(format!("{name}, {source}"), path.clone())
        .evidence(path, problem.to_string());
    let found = found.fix(cure(case, file, problem));
    if untrusted { found } else { found.fix(hand::remove(case, name)) }
}

fn cure(case: &Case<'_>, file: &CaFile, problem: &CaProblem) -> Fix {
    let quoted = words::quote(case, &file.path.display().to_string());
    let pem = file.path.with_extension("pem");
    // The file may be called `.pem` and be none.
    let pem = if pem == file.path { file.path.with_extension("converted.pem") } else { pem };
    let new = words::quote(case, &pem.display().to_string());
    let convert = |command: String| {
        let name_it = in_settings(case, file.variable).unwrap_or_else(|| "name the new file".to_owned());
        let text = format!("Convert it to PEM, and {name_it}.");
        let set = match in_settings(case, file.variable) {
            Some(_) => String::new(),
            None => format!("\n{}", words::export(case, file.variable, &pem.display().to_string())),
        };
        Fix::command(text, format!("{command}{set}"))
    };
    match problem {
        CaProblem::Der => convert(format!("openssl x509 -inform der -in {quoted} -out {new}")),
        CaProblem::Pkcs12 => convert(format!("openssl pkcs12 -in {quoted} -cacerts -nokeys -out {new}")),
        CaProblem::Unreadable(why) if why.contains("ermission") => {
            Fix::command("Make it readable for you.", format!("sudo chmod a+r {quoted}"))
        }
        CaProblem::Unreadable(_) if in_settings(case, file.variable).is_some() => {
            let place =
                local::source(case, file.variable).map(|source| words::source(case, &source)).unwrap_or_default();
            Fix::words(
                Who::You,
                format!(
                    "Write the whole path of an existing PEM file for `{}` in {place}; `~` is not expanded there.",
                    file.variable
                ),
            )
        }
        _ => Fix::command(
            "Name an existing file with the root certificate of your company, in PEM form.",
            words::export(case, file.variable, &example(case, &file.path)),
        ),
    }
}

/// What to change where a settings file gives the variable.
fn in_settings(case: &Case<'_>, name: &str) -> Option<String> {
    match local::source(case, name)? {
        source @ Source::Settings { .. } => {
            Some(format!("name the new file for `{name}` in {}", words::source(case, &source)))
        }
        _ => None,
    }
}

/// A path to write: that of a file which other programs are told of, where its certificates would do.
fn example(case: &Case<'_>, present: &Path) -> String {
    let cure = case.answers.hosts.iter().find_map(|look| look.cure.as_ref()).filter(|cure| cure.path != present);
    cure.map_or_else(|| "/path/to/company-root.pem".to_owned(), |cure| cure.path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::diagnose::testing::*;
    use crate::observe::settings::Scope;

    fn unusable(path: &str, problem: CaProblem) -> Scene {
        let mut scene = Scene::healthy();
        scene.set("NODE_EXTRA_CA_CERTS", path);
        let file = CaFile { variable: "NODE_EXTRA_CA_CERTS", path: PathBuf::from(path), problem: Some(problem) };
        scene.answers.ca_files = vec![file];
        scene
    }

    fn untrusted(mut scene: Scene) -> Scene {
        scene.unreachable(Hop::Trust, "invalid peer certificate: UnknownIssuer");
        scene
    }

    #[test]
    fn a_der_file_is_converted() {
        let finding = untrusted(unusable("/etc/corp root.cer", CaProblem::Der)).expect_first("ca-file-unusable");
        let command = finding.fixes[0].command.clone().unwrap_or_default();
        assert_eq!(
            command,
            "openssl x509 -inform der -in '/etc/corp root.cer' -out '/etc/corp root.pem'\nexport NODE_EXTRA_CA_CERTS='/etc/corp root.pem'"
        );
    }

    #[test]
    fn a_file_called_pem_that_is_none_is_not_written_over() {
        let finding = untrusted(unusable("/etc/corp.pem", CaProblem::Pkcs12)).expect("ca-file-unusable");
        let command = finding.fixes[0].command.clone().unwrap_or_default();
        assert!(command.contains("-out '/etc/corp.converted.pem'"), "{command}");
    }

    #[test]
    fn where_tls_works_without_it_it_is_a_warning() {
        let finding = unusable("/etc/gone.pem", CaProblem::Unreadable("No such file or directory".to_owned()))
            .expect_first("ca-file-unusable");
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.fixes.iter().any(|fix| fix.command.as_deref() == Some("unset NODE_EXTRA_CA_CERTS")));
    }

    #[test]
    fn in_settings_a_tilde_is_no_home() {
        let mut scene = unusable("~/corp.pem", CaProblem::Unreadable("No such file or directory".to_owned()));
        scene.unset("NODE_EXTRA_CA_CERTS");
        scene.settings_env(Scope::User, &[("NODE_EXTRA_CA_CERTS", "~/corp.pem")]);
        let finding = untrusted(scene).expect_first("ca-file-unusable");
        assert!(finding.fixes[0].text.contains("`~` is not expanded"), "{finding:?}");
    }

    #[test]
    fn the_certificate_that_is_not_trusted_follows_from_it() {
        let findings = untrusted(unusable("/etc/corp.cer", CaProblem::Der)).findings();
        let follows = findings.iter().find(|finding| finding.name == "tls-untrusted").expect("a consequence");
        assert_eq!(follows.because_of, Some("ca-file-unusable"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("ca-file-unusable");
    }
}
