//! `why`: what would be used here, and for each variable the place that wins and the places that lose.

mod document;
mod running;

use std::path::Path;

use super::{Style, tame, words};
use crate::observe::Machine;
use crate::resolve::confirmation::{Confirmation, confirm};
use crate::resolve::{Model, Provider, Route, Setting, Source, Variable};
use crate::variables::{REGION, USE_BEDROCK};

pub use document::{json, variable_document};
pub use running::Running;

/// Column at which the answers of the first part begin.
const LABEL: usize = 13;

/// The whole route, then every variable that some place sets.
pub fn text(route: &Route, machine: &Machine, running: Option<&Running>, style: Style) -> String {
    let home = machine.home.as_path();
    let mut out = style.wrap(&headline(route, machine, running), "", "");
    out.push_str("\n\n");

    let mut row = |label: &str, what: &str, note: &str| out.push_str(&line(label, what, note, style));
    row("provider", route.provider.name(), &switch(route, home));
    row("region", &region(route), &from(&route.region.source, home));
    for skipped in &route.region.skipped {
        let what = format!("{}, not shaped like a region", words::value(REGION, &skipped.value));
        row("  skipped", &what, &from(&skipped.source, home));
    }
    row("credentials", &words::credentials(&route.credentials.kind), &credentials_source(route, home));
    for hidden in &route.credentials.hidden {
        row("  not used", &words::credentials(hidden), "");
    }
    row("host", &words::value("", &route.endpoints.runtime), &host_source(route, home));
    for model in &route.models {
        row(&format!("model {}", model.role.name()), &tame(&model.id), &model_source(model, home));
    }

    out.push_str(&match running {
        Some(running) => running.rows(style),
        None => confirmation(route, machine, style),
    });
    let set: Vec<&Variable> = route.variables.iter().chain(&route.companions).collect();
    if !set.is_empty() {
        out.push_str(&format!("\n{}\n", style.bold("Variables, and who wins")));
    }
    for variable in set {
        out.push_str(&one(variable, machine, style));
    }
    out
}

/// One variable alone. `None` means that nothing sets it.
pub fn variable_text(
    name: &str,
    variable: Option<&Variable>,
    machine: &Machine,
    running: Option<&Running>,
    style: Style,
) -> String {
    let Some(variable) = variable else {
        let directory = words::path(&machine.directory, &machine.home);
        let text = match running {
            Some(_) => format!(
                "Nothing sets {name} in this session: not the environment that it was started with, no settings file that \
                 applies to {directory}."
            ),
            None => format!(
                "Nothing sets {name} here: not this environment, no settings file that applies to {directory}, no rc file."
            ),
        };
        return format!("{}\n", style.wrap(&text, "", ""));
    };
    one(variable, machine, style)
}

fn headline(route: &Route, machine: &Machine, running: Option<&Running>) -> String {
    let directory = words::path(&machine.directory, &machine.home);
    let to = match &route.provider {
        Provider::Bedrock if route.mantle() => "Amazon Bedrock, and Mantle for ids without a prefix".to_owned(),
        Provider::Bedrock => "Amazon Bedrock".to_owned(),
        Provider::Other("mantle") => "Amazon Bedrock, through Mantle".to_owned(),
        Provider::Other(name) => format!("{name}, not to Amazon Bedrock"),
        Provider::FirstParty => "Anthropic, not to Amazon Bedrock".to_owned(),
    };
    match running {
        Some(running) => {
            format!("{} in {directory}{} sends its requests to {to}.", running.name(), running.since(machine))
        }
        None => format!("Claude Code started in {directory} would send its requests to {to}."),
    }
}

/// `label  what  (note)`; the note goes to a line of its own where it does not fit.
fn line(label: &str, what: &str, note: &str, style: Style) -> String {
    let indent = " ".repeat(LABEL);
    let head = format!("{:<LABEL$}", label);
    let width = |text: &str| console::measure_text_width(text);
    let what = if width(&head) + width(what) <= style.width() {
        format!("{head}{what}")
    } else {
        style.wrap(what, &head, &indent)
    };
    let last = what.lines().last().map_or(0, width);
    if note.is_empty() {
        format!("{what}\n")
    } else if !what.contains('\n') && last + width(note) + 4 <= style.width() {
        format!("{what}  {}\n", style.dim(&format!("({note})")))
    } else {
        format!("{what}\n{}\n", style.dim(&style.wrap(note, &indent, &format!("{indent}  "))))
    }
}

fn one(variable: &Variable, machine: &Machine, style: Style) -> String {
    let mut out = format!("{}\n", style.bold(variable.name));
    if let Some(winner) = &variable.winner {
        let blank = winner.value.is_empty();
        out.push_str(&setting(
            variable.name,
            winner,
            if blank { ", blanks the rest" } else { "" },
            Look::Wins,
            machine,
            style,
        ));
    }
    for loser in &variable.losers {
        let in_rc_file = matches!(loser.source, Source::RcFile(_));
        let (note, look) = match &variable.winner {
            _ if loser.value.is_empty() && !in_rc_file => ("", Look::Beside),
            None => (", not loaded", Look::Loses),
            Some(winner) if winner.value == loser.value => (", the same", Look::Beside),
            Some(_) => (", overruled", Look::Loses),
        };
        out.push_str(&setting(variable.name, loser, note, look, machine, style));
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Wins,
    Loses,
    Beside,
}

fn setting(name: &str, setting: &Setting, note: &str, look: Look, machine: &Machine, style: Style) -> String {
    // The value of an rc line may be computed, or be a secret: then there is none to show.
    let unknown = setting.value.is_empty() && matches!(setting.source, Source::RcFile(_));
    let value = if unknown { "(value not read)".to_owned() } else { words::value(name, &setting.value) };
    let from = format!("{}{note}", words::source(&setting.source, &machine.home));
    let (mark, shown) = match look {
        Look::Wins => (style.green("= "), style.green(&value)),
        Look::Loses => (style.dim("x "), style.struck(&value)),
        Look::Beside => (style.dim("- "), style.dim(&value)),
    };
    let paint = |text: &str| if look == Look::Wins { text.to_owned() } else { style.dim(text) };
    let width = |text: &str| console::measure_text_width(text);
    let fits = 4 + width(&value) + 9 + width(&from) <= style.width();
    if fits {
        format!("  {mark}{shown}  {}\n", paint(&format!("(from {from})")))
    } else {
        format!("  {mark}{shown}\n{}\n", paint(&style.wrap(&format!("from {from}"), "      ", "        ")))
    }
}

fn confirmation(route: &Route, machine: &Machine, style: Style) -> String {
    let text = match confirm(route, machine) {
        Confirmation::Agrees => return line("confirmed", "by `claude auth status`", "", style),
        Confirmation::NotAsked(reason) => return line("unconfirmed", &tame(&reason), "", style),
        Confirmation::OlderEnvironment { client } => format!(
            "`claude auth status` says {} in this terminal, which was started before: a new one has the values above.",
            tame(&client)
        ),
        Confirmation::Disagrees { client } => format!(
            "`claude auth status` says {}, and this page says {}. Trust the client, update it (`claude update`), and if it \
             stays so, report it with `bedrockup why --json`.",
            tame(&client),
            route.provider.name()
        ),
    };
    format!("{}\n", style.yellow(&style.wrap(&text, &format!("{:<LABEL$}", "disagrees"), &" ".repeat(LABEL))))
}

fn region(route: &Route) -> String {
    let region = &route.region;
    if region.as_written == region.name {
        words::value(REGION, &region.name)
    } else {
        format!("{} (written {})", tame(&region.name), words::value(REGION, &region.as_written))
    }
}

fn switch_winner(route: &Route) -> Option<(&'static str, &Setting)> {
    let name = match &route.provider {
        Provider::Other(name) => crate::variables::OTHER_PROVIDERS.iter().find(|(_, known)| known == name)?.0,
        Provider::Bedrock | Provider::FirstParty => USE_BEDROCK,
    };
    let winner = route.variable(name)?.winner.as_ref()?;
    Some((name, winner))
}

fn switch(route: &Route, home: &Path) -> String {
    switch_winner(route)
        .map(|(name, winner)| format!("{name}={} {}", words::value(name, &winner.value), from(&winner.source, home)))
        .unwrap_or_else(|| format!("no switch is set: {USE_BEDROCK} is missing"))
}

fn host_source(route: &Route, home: &Path) -> String {
    route.endpoints.base_url.as_ref().map_or_else(
        || "the region's own".to_owned(),
        |setting| format!("ANTHROPIC_BEDROCK_BASE_URL {}", from(&setting.source, home)),
    )
}

fn model_source(model: &Model, home: &Path) -> String {
    model.pinned_by.map_or("unpinned".to_owned(), |name| format!("{name} {}", from(&model.source, home)))
}

fn credentials_source(route: &Route, home: &Path) -> String {
    match &route.credentials.source {
        // The last links of the chain are nobody's choice.
        Source::ClientDefault => String::new(),
        source => from(source, home),
    }
}

fn from(source: &Source, home: &Path) -> String {
    format!("from {}", words::source(source, home))
}
