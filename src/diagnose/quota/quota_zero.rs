//! `quota-zero`: the account has no quota for this model.

use crate::aws::told::{Told, told};
use crate::diagnose::quota::limits::{Unit, applied, shown};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};

/// The account has no quota for this model.
pub const KIND: Kind = Kind {
    name: "quota-zero",
    layer: Layer::Quota,
    severity: Severity::Error,
    title: "The account has no quota for this model",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`429 Too many tokens` (or `Too many requests`) on the very first request, or `400 Your request exceeds the service quota for your account.`

## Why

New accounts, and accounts without use, get a quota of 0 for some models. Access is fine, and every request is one too many; waiting does not help.

## Fix

Open a case with AWS Support (service limit increase; model, region, request id); pin a model whose quota is not zero.

## Check

`aws service-quotas list-service-quotas --service-code bedrock` shows a value above 0.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut list = Vec::new();
    for model in &case.answers.models {
        let Some(refusal) = model.stream.refused() else {
            continue;
        };
        let said = told(refusal);
        if !matches!(said, Told::TokensPerMinute | Told::TokensPerDay | Told::Requests | Told::QuotaExceeded) {
            continue;
        }
        let units = [Unit::TokensPerMinute, Unit::TokensPerDay, Unit::RequestsPerMinute];
        let zero = units.into_iter().filter_map(|unit| applied(case, model, unit)).find(|quota| quota.value <= 0.0);
        // The 400 says it by itself.
        if zero.is_none() && said != Told::QuotaExceeded {
            continue;
        }
        let mut found = Found::new(format!("The account has no quota for {}.", model.id))
            .evidence(look::call(model), words::refusal(refusal));
        if let Some(quota) = zero {
            found = found.evidence("applied quota", shown(quota));
        }
        let other = case.answers.models.iter().find(|other| other.stream.got().is_some());
        found = found.fix(Fix::words(
            Who::Support,
            "Open a case with AWS Support: service limit increase, with the model, the region and the request id.",
        ));
        if let Some(other) = other {
            found = found.fix(Fix::words(Who::You, format!("Until then pin a model that answers: {}.", other.id)));
        }
        list.push(found);
    }
    list
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    use crate::diagnose::quota::limits::scene::{opus, throttled};

    #[test]
    fn a_quota_of_nothing() {
        let scene = throttled("Too many tokens, please wait before trying again.", opus("tokens per minute", 0.0));
        scene.expect_first("quota-zero");
        scene.expect_absent("quota-tokens-per-minute");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("quota-zero");
    }
}
