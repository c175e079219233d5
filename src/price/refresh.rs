//! AWS's price list -> rows of a table, each checked against the row that is there. Never worse than before: what is
//! incomplete or unlikely is refused, and said.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::usage_type::{self, Kind, UsageType};
use super::{Class, Rate, Rates, Row, Step, Table};

/// What the services that sell models through Bedrock end in.
pub const EDITION: &str = " (Amazon Bedrock Edition)";
/// A price that is so many times another is taken for a mistake.
const UNLIKELY: u64 = 4;

/// A product of the price list with its price on demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// `Claude Opus 5.5 (Amazon Bedrock Edition)`.
    pub service: String,
    /// Its usage type.
    pub usage_type: String,
    /// `1M tokens` or `1K tokens`.
    pub unit: String,
    /// Dollars for a unit.
    pub dollars: String,
    /// The day from which on the price holds, as far as the list says.
    pub since: Option<Date>,
}

/// What came of a price list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Rows that were taken.
    pub rows: Vec<Row>,
    /// Rows among them that say something new, as sentences.
    pub news: Vec<String>,
    /// What was not taken, and why.
    pub refused: Vec<String>,
}

type Found = BTreeMap<(String, bool), BTreeMap<UsageType, (Rate, Option<Date>)>>;

/// Reads the products of one region. `known` tells the model id of a name that the table does not have.
pub fn refresh(
    table: &Table,
    products: &[Product],
    region: &str,
    today: Date,
    known: impl Fn(&str) -> Option<String>,
) -> Refreshed {
    let mut refreshed = Refreshed::default();
    let mut found: Found = BTreeMap::new();
    for product in products {
        let Some(name) = product.service.strip_suffix(EDITION).filter(|name| name.starts_with("Claude ")) else {
            continue;
        };
        let Some(usage) = usage_type::read(&product.usage_type).filter(|usage| !usage.batch) else { continue };
        let Some(rate) = rate(product) else {
            refreshed.refused.push(format!("{name}: `{}` a `{}` is no price of tokens", product.dollars, product.unit));
            continue;
        };
        found.entry((name.to_owned(), usage.global)).or_default().insert(usage, (rate, product.since));
    }
    for ((name, global), rates) in found {
        let classes: &[Class] = match (global, region.starts_with("us-gov-")) {
            (true, _) => &[Class::Global],
            (false, true) => &[Class::Gov],
            (false, false) => &[Class::Geo, Class::InRegion],
        };
        for class in classes {
            match row(table, &name, *class, &rates, region, today, &known) {
                Ok((row, news)) => {
                    refreshed.news.extend(news);
                    refreshed.rows.push(row);
                }
                Err(why) => refreshed.refused.push(format!("{name} ({}): {why}", class.name())),
            }
        }
    }
    refreshed
}

fn rate(product: &Product) -> Option<Rate> {
    let rate: Rate = product.dollars.parse().ok()?;
    match product.unit.to_ascii_lowercase().as_str() {
        "1m tokens" => Some(rate),
        "1k tokens" => rate.scaled(1000, 1),
        _ => None,
    }
    .filter(|rate| !rate.is_zero())
}

fn row(
    table: &Table,
    name: &str,
    class: Class,
    found: &BTreeMap<UsageType, (Rate, Option<Date>)>,
    region: &str,
    today: Date,
    known: &impl Fn(&str) -> Option<String>,
) -> Result<(Row, Option<String>), String> {
    let of_name: Vec<&Row> = table.all().filter(|row| row.name == name).collect();
    let old = of_name.iter().find(|row| row.class == class && row.holds(today)).copied();
    let model = match of_name.first() {
        Some(row) => row.model.clone(),
        None => known(name).ok_or("no model of this name is known; update bedrockup")?,
    };
    let of = |kind, long| {
        found.iter().find(|(usage, _)| usage.kind == kind && usage.long == long).map(|(_, (rate, _))| *rate)
    };
    let base = rates(|kind| of(kind, false)).ok_or("the price of input or output is missing")?;
    if base.output < base.input || base.cache_read.is_some_and(|read| read >= base.input) {
        return Err("its prices are not in their usual order".to_owned());
    }
    let long = rates(|kind| of(kind, true)).filter(|long| *long != base);
    let mut steps: Vec<Step> = old.map(|old| old.steps.clone()).unwrap_or_default();
    match (long, steps.as_mut_slice()) {
        (None, []) => {}
        (Some(rates), [step]) => step.rates = rates,
        (Some(_), _) => {
            return Err("it has prices of long prompts, and from which length on is not in the list".to_owned());
        }
        (None, _) if old.is_some_and(|old| old.rates == base) => {}
        (None, _) => return Err("the prices of long prompts are missing".to_owned()),
    }
    if let Some(old) = old {
        let gone = old.rates.list().into_iter().zip(base.list()).any(|(old, new)| old.is_some() && new.is_none());
        if gone {
            return Err("a price that is known is missing in the list".to_owned());
        }
        let unlikely = |(old, new): (Rate, Rate)| old.is_beyond(new, UNLIKELY) || new.is_beyond(old, UNLIKELY);
        let pairs = old.rates.list().into_iter().zip(base.list());
        if let Some((old, new)) = pairs.filter_map(|(old, new)| Some((old?, new?))).find(|pair| unlikely(*pair)) {
            let (old, new) = (old.per_million(), new.per_million());
            return Err(format!("${new} a million tokens instead of ${old} is not believed without a second look"));
        }
    }
    let since = found.values().filter_map(|(_, since)| *since).max().filter(|since| *since <= today).unwrap_or(today);
    let is_new = old.is_none_or(|old| old.rates != base || old.steps != steps);
    let news = is_new.then(|| match old {
        Some(old) => format!(
            "{name} ({}): input ${} and output ${} a million tokens since {since}, before ${} and ${}",
            class.name(),
            base.input.per_million(),
            base.output.per_million(),
            old.rates.input.per_million(),
            old.rates.output.per_million()
        ),
        None => format!(
            "{name} ({}): new, input ${} and output ${} a million tokens",
            class.name(),
            base.input.per_million(),
            base.output.per_million()
        ),
    });
    let row = Row {
        model,
        name: name.to_owned(),
        class,
        from: Some(since),
        to: None,
        rates: base,
        batch: None,
        steps,
        checked_on: today,
        source: format!("AWS's price list, pricing:GetProducts for {region}"),
    };
    Ok((row, news))
}

fn rates(of: impl Fn(Kind) -> Option<Rate>) -> Option<Rates> {
    Some(Rates {
        input: of(Kind::Input)?,
        output: of(Kind::Output)?,
        cache_write_5m: of(Kind::Write5m),
        cache_write_1h: of(Kind::Write1h),
        cache_read: of(Kind::Read),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 12, 20);

    fn products(name: &str, global: &[&str; 5]) -> Vec<Product> {
        let kinds =
            ["input_tokens", "output_tokens", "cache_write_tokens", "cache_write_tokens_1h", "cache_read_tokens"];
        let product = |(kind, dollars): (&str, &&str)| Product {
            service: format!("{name}{EDITION}"),
            usage_type: format!("USE1-MP:USE1_{kind}_global_standard-Units"),
            unit: "1M tokens".to_owned(),
            dollars: (*dollars).to_owned(),
            since: Some(Date::constant(2026, 12, 1)),
        };
        kinds.into_iter().zip(global).map(product).collect()
    }

    fn refreshed(products: &[Product]) -> Refreshed {
        refresh(Table::built_in(), products, "us-east-1", TODAY, |name| {
            (name == "Claude Opus 6").then(|| "anthropic.claude-opus-6".to_owned())
        })
    }

    #[test]
    fn prices_that_are_the_same_are_no_news_and_a_new_one_is() {
        let same = refreshed(&products("Claude Opus 5.5", &["4.0000000000", "20", "5", "8", "0.2"]));
        assert_eq!((same.rows.len(), same.news.len(), same.refused.len()), (1, 0, 0), "{same:?}");
        let cut = refreshed(&products("Claude Opus 5.5", &["3", "15", "3.75", "6", "0.15"]));
        assert_eq!(
            cut.news,
            ["Claude Opus 5.5 (global): input $3 and output $15 a million tokens since 2026-12-01, before $4 and $20"]
        );
        let new = refreshed(&products("Claude Opus 6", &["4", "20", "5", "8", "0.2"]));
        assert_eq!(new.rows[0].model, "anthropic.claude-opus-6");
        let table = Table::parse(&crate::price::rows_text(TODAY, "", &cut.rows)).expect("a table");
        let output =
            |day| Table::built_in().with(&table).row("claude-opus-5-5", Class::Global, day).map(|row| row.rates.output);
        assert_eq!(output(TODAY).map(Rate::per_million).as_deref(), Some("15"));
        assert_eq!(output(Date::constant(2026, 11, 30)).map(Rate::per_million).as_deref(), Some("20"));
    }

    #[test]
    fn what_would_make_the_table_worse_is_refused_and_said() {
        let refusal = |products: &[Product]| {
            let refreshed = refreshed(products);
            assert!(refreshed.rows.is_empty(), "{refreshed:?}");
            refreshed.refused.join("; ")
        };
        let good = products("Claude Opus 5.5", &["4", "20", "5", "8", "0.2"]);
        assert!(refusal(&good[..4]).contains("missing in the list"));
        assert!(refusal(&good[1..]).contains("input or output is missing"));
        assert!(
            refusal(&products("Claude Opus 5.5", &["0.004", "0.02", "0.005", "0.008", "0.0002"]))
                .contains("not believed")
        );
        assert!(refusal(&products("Claude Opus 5.5", &["20", "4", "5", "8", "0.2"])).contains("usual order"));
        assert!(refusal(&products("Claude Verse 1", &["4", "20", "5", "8", "0.2"])).contains("no model of this name"));
        let haiku = products("Claude Haiku 5.5", &["0.2", "1", "0.25", "0.4", "0.02"]);
        assert!(refusal(&haiku).contains("prices of long prompts are missing"));
        let mut free = good;
        free[1].dollars = "0.0000000000".to_owned();
        assert!(refusal(&free).contains("no price of tokens"));
    }

    #[test]
    fn an_old_price_by_the_thousand_is_one_by_the_million() {
        let mut list = products("Claude Opus 5.5", &["0.004", "0.02", "0.005", "0.008", "0.0002"]);
        list.iter_mut().for_each(|product| product.unit = "1K tokens".to_owned());
        let same = refreshed(&list);
        assert_eq!((same.rows.len(), same.news.len()), (1, 0), "{same:?}");
    }
}
