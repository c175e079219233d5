//! What could be had for less, in dollars of the reader's own tokens: each with its arithmetic and its catch.

use std::collections::BTreeMap;

use super::habits::{Cache, Compared, Other, Uncached};
use super::{Provider, Usage};
use crate::aws::tables;
use crate::price::{Asked, Cost, Money, Table, grouped};

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Its stable name.
    pub name: &'static str,
    /// What it would have spared in the span.
    pub saves: Cost,
    /// What to do.
    pub what: String,
    /// How the sum comes about.
    pub arithmetic: String,
    /// What it costs beside money.
    pub catch: String,
    /// A command or a line for the shell.
    pub command: Option<String>,
}

/// Everything that would have spared a cent or more, the most first. They overlap: their sums do not add up.
pub fn advice(usage: &Usage, table: &Table) -> Vec<Advice> {
    let mut merged: BTreeMap<(Other, String, String), (Compared, Asked)> = BTreeMap::new();
    for ((other, place), compared) in &usage.habits.compared {
        let (_, asked, _) = &usage.asked[*place];
        let names = match other {
            Other::Global => (String::new(), String::new()),
            _ => (asked.model.clone(), compared.model.clone()),
        };
        let (sum, _) = merged.entry((*other, names.0, names.1)).or_insert_with(|| (Compared::default(), asked.clone()));
        sum.model.clone_from(&compared.model);
        sum.messages += compared.messages;
        sum.tokens += compared.tokens;
        sum.now += compared.now;
        sum.then += compared.then;
    }
    let name = |model: &str| display_name(table, model);
    let mut list: Vec<Advice> = merged
        .into_iter()
        .map(|((other, ..), (compared, asked))| comparison(other, &compared, &asked, &name))
        .chain(longer(&usage.habits.cache))
        .chain(shorter(&usage.habits.cache))
        .chain(caching(&usage.habits.uncached))
        .filter(|advice| advice.saves.low.cents() > 0)
        .collect();
    list.sort_by_key(|advice| (std::cmp::Reverse(advice.saves.high), advice.name));
    list
}

/// `Opus 5.5` of a model that the table knows, else its name.
pub fn display_name(table: &Table, model: &str) -> String {
    table
        .rows(model)
        .first()
        .map_or_else(|| model.to_owned(), |row| row.name.strip_prefix("Claude ").unwrap_or(&row.name).to_owned())
}

impl Usage {
    /// The sums of Bedrock's answers, for who looks at money.
    pub fn bedrock(&self) -> super::Sums {
        self.totals(Some(Provider::Bedrock))
    }
}

fn comparison(other: Other, compared: &Compared, asked: &Asked, name: &impl Fn(&str) -> String) -> Advice {
    let saves = Cost {
        low: compared.now.low.less(compared.then.low).min(compared.now.high.less(compared.then.high)),
        high: compared.now.high.less(compared.then.high).max(compared.now.low.less(compared.then.low)),
    };
    let (here, there) = (name(&asked.model), name(&compared.model));
    let answers = answers(compared.messages);
    let both = |now: &str, then: &str| {
        format!("{answers} {now}: {}. The same tokens {then}: {}.", compared.now, compared.then)
    };
    let prefixed = |model: &str| {
        let row = tables::models().iter().find(|row| crate::price::model_name(row.model) == model)?;
        let before = asked.profile.as_deref()?.split_once(".anthropic.")?.0.rsplit('/').next()?;
        row.prefixes.contains(&before).then(|| format!("{before}.{}", row.model))
    };
    match other {
        Other::Global => Advice {
            name: "global-profile",
            saves,
            what: "Ask through global profiles instead of those of a geography.".to_owned(),
            arithmetic: both("at regional prices", "at global prices"),
            catch:
                "AWS may then process a request in any commercial region of the world: not where data must stay in a \
                    geography, and a policy of your organization may forbid it."
                    .to_owned(),
            command: Some("bedrockup setup --routing global".to_owned()),
        },
        Other::EarlierDefault => Advice {
            name: "earlier-default",
            saves,
            what: format!(
                "Pin {there}: {here}, which Claude Code takes by itself now, is a class above its earlier defaults."
            ),
            arithmetic: both(&format!("by {here}"), &format!("by {there}")),
            catch: format!("Another model: other answers, and other token counts.{}", end(&compared.model)),
            command: prefixed(&compared.model).map(|id| format!("bedrockup setup --pin sonnet={id}")),
        },
        Other::SmallSubagents => Advice {
            name: "small-subagents",
            saves,
            what: format!("Let subagents work with {there} instead of {here}."),
            arithmetic: both(&format!("of subagents by {here}"), &format!("by {there}")),
            catch: "A smaller model does the searching and summarizing less well; try it on a project first."
                .to_owned(),
            command: prefixed(&compared.model).map(|id| format!("export CLAUDE_CODE_SUBAGENT_MODEL={id}")),
        },
        Other::Successor => Advice {
            name: "legacy-model",
            saves,
            what: format!("Move from {here} to {there}.{}", end(&asked.model)),
            arithmetic: both(&format!("by {here}"), &format!("by {there}")),
            catch: "Another model: other answers, and its tokenizer may count more or fewer tokens.".to_owned(),
            command: Some("bedrockup models".to_owned()),
        },
    }
}

/// When a model ends, as a sentence with a blank before it; nothing where no end is announced.
fn end(model: &str) -> String {
    let row = tables::models().iter().find(|row| crate::price::model_name(row.model) == model);
    let end = row.and_then(|row| row.end_of_life);
    end.map(|day| format!(" Bedrock ends it on {day}.")).unwrap_or_default()
}

/// `1 answer`, `1,234 answers`.
pub fn answers(number: u64) -> String {
    if number == 1 { "1 answer".to_owned() } else { format!("{} answers", grouped(number.into())) }
}

fn longer(cache: &Cache) -> Option<Advice> {
    let saves = cache.hour_spares.less(cache.hour_costs);
    (saves > Money::ZERO).then(|| Advice {
        name: "one-hour-cache",
        saves: Cost::exact(saves),
        what: "Keep the prompt cache for an hour instead of five minutes.".to_owned(),
        arithmetic: format!(
            "After {} pauses of 5 to 60 minutes {} tokens were written again. Reading them instead spares {}; writing the \
             other {} for an hour costs {} more.",
            grouped(cache.gaps.into()),
            grouped(cache.again.into()),
            cache.hour_spares,
            grouped((cache.short_writes - cache.again).into()),
            cache.hour_costs,
        ),
        catch: "It pays only while you pause as you did. Needs Claude Code 2.1.132, and not every region offers it.".to_owned(),
        command: Some("export ENABLE_PROMPT_CACHING_1H=1".to_owned()),
    })
}

fn shorter(cache: &Cache) -> Option<Advice> {
    let saves = cache.short_spares.less(cache.short_costs);
    (saves > Money::ZERO).then(|| Advice {
        name: "five-minute-cache",
        saves: Cost::exact(saves),
        what: "Keep the prompt cache for five minutes instead of an hour.".to_owned(),
        arithmetic: format!(
            "Writing {} tokens for five minutes spares {}. After {} pauses of 5 to 60 minutes {} tokens would have been \
             written again, which costs {} more.",
            grouped(cache.long_writes.into()),
            cache.short_spares,
            grouped(cache.kept_gaps.into()),
            grouped(cache.kept.into()),
            cache.short_costs,
        ),
        catch: "Longer pauses make it dearer again.".to_owned(),
        command: Some("unset ENABLE_PROMPT_CACHING_1H".to_owned()),
    })
}

fn caching(uncached: &Uncached) -> Option<Advice> {
    let saves = uncached.now.less(uncached.then);
    (saves > Money::ZERO).then(|| Advice {
        name: "prompt-caching",
        saves: Cost::exact(saves),
        what: "Let Claude Code cache prompts: something keeps it from doing so.".to_owned(),
        arithmetic: format!(
            "{} read {} tokens at the full price: {}. {} of them had stood in the prompt before, not five minutes \
             earlier; with the cache: {}.",
            answers(uncached.messages),
            grouped(uncached.tokens.into()),
            uncached.now,
            grouped(uncached.repeated.into()),
            uncached.then,
        ),
        catch: "Where a variable (DISABLE_PROMPT_CACHING) was set against an old error, see that the error is gone. A \
                gateway may take the marks out as well."
            .to_owned(),
        command: Some("bedrockup doctor --offline --only prompt-caching-disabled".to_owned()),
    })
}
