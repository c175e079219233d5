//! The prices of this machine: the built-in table, and over it AWS's own list where it was asked for.

use jiff::civil::Date;

use super::Table;

/// A table, and where it comes from.
#[derive(Debug, Clone)]
pub struct Current {
    /// The table.
    pub table: Table,
    /// The day on which AWS was asked, where its answer is in the table, and how many prices are from it.
    pub refreshed: Option<(Date, usize)>,
    /// Days since the table was right.
    pub age: i32,
    /// What is wrong with the kept copy, as a sentence.
    pub problem: Option<String>,
}

impl Current {
    /// From the kept copy of AWS's list, which lies at `place`. One that is broken, or older than the built-in table, changes nothing.
    pub fn new(kept: Result<Option<String>, String>, place: &str, today: Date) -> Self {
        let built_in = Table::built_in();
        let kept =
            kept.and_then(|text| text.map(|text| Table::parse(&text).map_err(|error| error.to_string())).transpose());
        let (table, refreshed, problem) = match kept {
            Ok(Some(kept)) if kept.as_of >= built_in.as_of => {
                (built_in.with(&kept), Some((kept.as_of, kept.all().count())), None)
            }
            Ok(_) => (built_in.clone(), None, None),
            Err(why) => {
                let problem = format!(
                    "The refreshed prices in {place} cannot be used ({why}): the built-in ones are. `bedrockup models --refresh` asks again."
                );
                (built_in.clone(), None, Some(problem))
            }
        };
        let age = today.since(table.as_of).map_or(0, |span| span.get_days());
        Self { table, refreshed, age, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::{Class, Rate, rows_text};

    const TODAY: Date = Date::constant(2026, 12, 20);

    fn kept(as_of: &str) -> String {
        let as_of: Date = as_of.parse().expect("a day");
        let mut row = Table::built_in().row("claude-opus-5-5", Class::Global, TODAY).expect("a row").clone();
        row.from = Some(Date::constant(2026, 12, 1));
        row.rates.output = "18".parse().expect("a rate");
        rows_text(as_of, "", &[row])
    }

    fn output(current: &Current) -> Option<String> {
        let row = current.table.row("claude-opus-5-5", Class::Global, TODAY)?;
        Some(Rate::per_million(row.rates.output))
    }

    #[test]
    fn a_newer_copy_is_laid_over_the_table_and_says_its_age() {
        let current = Current::new(Ok(Some(kept("2026-12-10"))), "~/x", TODAY);
        assert_eq!((output(&current).as_deref(), current.age), (Some("18"), 10));
        assert_eq!(current.refreshed, Some((Date::constant(2026, 12, 10), 1)));
    }

    #[test]
    fn a_copy_that_is_old_or_broken_is_never_worse_than_none() {
        let old = Current::new(Ok(Some(kept("2026-11-01"))), "~/x", TODAY);
        assert_eq!((output(&old).as_deref(), old.problem), (Some("20"), None));
        for broken in [Ok(Some("{}".to_owned())), Ok(Some(String::new())), Err("permission denied".to_owned())] {
            let current = Current::new(broken, "~/x", TODAY);
            assert_eq!(output(&current).as_deref(), Some("20"));
            assert!(current.problem.is_some_and(|problem| problem.contains("~/x")));
        }
    }
}
