//! `clock-skew`: the clock of this machine is wrong.

use crate::aws::told::Told;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look};

/// The clock of this machine is wrong.
pub const KIND: Kind = Kind {
    name: "clock-skew",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The clock of this machine is wrong",
    page: PAGE,
    owns: &[
        "secret-wrong",
        "keys-expired",
        "keys-unknown",
        "bearer-token-expired",
        "bearer-token-rejected",
        "aws-refused",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

`Signature expired: 20261124T080000Z is now earlier than 20261124T085500Z (20261124T090000Z - 5 min.)` or `Signature not yet current`, under the
codes `InvalidSignatureException` or `SignatureDoesNotMatch`, which are those of a wrong secret.

## Why

A signature carries the time of this machine. Bedrock refuses it from 5 minutes of difference, STS only from 15, so that
`aws sts get-caller-identity` may still answer.

## Fix

sudo timedatectl set-ntp true

In WSL `sudo hwclock -s`, on macOS `sudo sntp -sS time.apple.com`.

## Check

`date -u` agrees with any clock you trust to the minute; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let off = look::clock_off(case);
    let refusals = look::told_by(case, &Told::SignatureTime);
    if off.is_none() && refusals.is_empty() {
        return Vec::new();
    }
    let summary = match off {
        Some(off) => {
            let minutes = off.unsigned_abs().as_secs() / 60;
            let side = if off.is_positive() { "behind" } else { "ahead of" };
            format!("The clock of this machine is {minutes} minutes {side} AWS's, and signatures carry it.")
        }
        None => "The clock of this machine differs from AWS's, and signatures carry it.".to_owned(),
    };
    let mut found = look::with_refusals(Found::new(summary), &refusals);
    if let Some(off) = off {
        found = found.evidence("Date of AWS's answer", format!("AWS's clock minus this one: {} s", off.as_secs()));
    }
    let in_wsl = case.machine.environment.non_empty("WSL_DISTRO_NAME").is_some();
    let command = match (in_wsl, cfg!(target_os = "macos")) {
        (true, _) => "sudo hwclock -s",
        (_, true) => "sudo sntp -sS time.apple.com",
        _ => "sudo timedatectl set-ntp true",
    };
    vec![found.fix(Fix::command("Set the clock.", command))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    use jiff::SignedDuration;

    #[test]
    fn an_hour_behind_owns_the_signature_errors() {
        let mut scene = Scene::healthy();
        let text =
            "Signature expired: 20261124T080000Z is now earlier than 20261124T085500Z (20261124T090000Z - 5 min.)";
        scene.refuse_models(&refusal(403, "InvalidSignatureException", text));
        scene.answers.clock_offset = Some(SignedDuration::from_mins(60));
        let finding = scene.expect_first("clock-skew");
        assert!(finding.summary.contains("60 minutes behind"), "{}", finding.summary);
        assert!(scene.findings().iter().filter(|finding| finding.because_of.is_none()).count() == 1);
    }

    #[test]
    fn the_text_alone_is_enough() {
        let mut scene = Scene::healthy();
        scene.answers.clock_offset = None;
        scene.refuse_models(&refusal(
            403,
            "InvalidSignatureException",
            "Signature not yet current: 20261124T100000Z is still later than",
        ));
        scene.expect_first("clock-skew");
    }

    #[test]
    fn three_minutes_are_nothing() {
        let mut scene = Scene::healthy();
        scene.answers.clock_offset = Some(SignedDuration::from_mins(-3));
        scene.expect_absent("clock-skew");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("clock-skew");
    }
}
