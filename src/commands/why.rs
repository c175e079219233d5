//! `why`: for this directory, what would be used and which place decides.

use std::time::Duration;

use super::{Outcome, in_directory, running_session};
use crate::cli::WhyArgs;
use crate::exit::Exit;
use crate::observe::{self, Machine};
use crate::report::why::Running;
use crate::report::{self, Style};
use crate::resolve::{differs, resolve};
use crate::variables::{COMPANIONS, ROUTING};
use crate::world::World;

/// How long the client may take to confirm the route, and shells to say what a new session would have.
const LIMIT: Duration = Duration::from_secs(3);

/// Looks at this machine, without starting a shell, and explains. The client is asked to confirm the whole route.
pub async fn look(world: &World, args: &WhyArgs, style: Style) -> Outcome {
    if let Some(pid) = args.pid {
        return look_at_session(world, pid, args, style).await;
    }
    let world = match in_directory(world, args.directory.as_deref()) {
        Ok(world) => world,
        Err(outcome) => return outcome,
    };
    let options = observe::Options { start_shells: false, start_client: args.variable.is_none(), limit: LIMIT };
    let mut machine = observe::machine(&world, &options).await;
    if args.variable.is_none() {
        observe::confirm(&world, &mut machine, LIMIT).await;
    }
    run(&machine, args.variable.as_deref(), None, args.json, style)
}

/// Explains the route of a running session. Shells are started: what they report is what a new session would have.
async fn look_at_session(world: &World, pid: u32, args: &WhyArgs, style: Style) -> Outcome {
    let session = match running_session(world, pid).await {
        Ok(session) => session,
        Err(outcome) => return outcome,
    };
    let directory = session.directory.clone().unwrap_or_else(|| world.directory.clone());
    let there = World { directory, ..world.clone() };
    let options = observe::Options { start_shells: true, start_client: false, limit: LIMIT };
    let machine = session.machine(&observe::machine(&there, &options).await);
    let new = machine.as_of_now.as_deref().map(resolve);
    let differs = new.map(|new| differs(&resolve(&machine), &new)).unwrap_or_default();
    let running = Running { session: &session, differs };
    run(&machine, args.variable.as_deref(), Some(&running), args.json, style)
}

/// Explains the whole route, or one variable. A name that is not known is a usage error with the nearest names.
pub fn run(machine: &Machine, variable: Option<&str>, running: Option<&Running>, json: bool, style: Style) -> Outcome {
    let name = match variable.map(known) {
        Some(Err(message)) => return Outcome::failed(Exit::Usage, message),
        Some(Ok(name)) => Some(name),
        None => None,
    };
    let route = resolve(machine);
    let Some(name) = name else {
        return Outcome::well(match json {
            false => report::why::text(&route, machine, running, style),
            true => report::json_text(&report::why::json(&route, machine, running)),
        });
    };
    let found = route.variable(name);
    Outcome::well(match json {
        false => {
            // Of one variable only its own difference is worth a line.
            let stale = running.filter(|running| running.differs.contains(&name));
            let stale = stale.map(|running| Running { differs: vec![name], ..*running }.stale(style));
            report::why::variable_text(name, found, machine, running, style) + &stale.unwrap_or_default()
        }
        true => report::json_text(&report::why::variable_document(name, found, machine, running)),
    })
}

/// The variable that is meant: letter case does not count, unless only case tells two apart (`HTTPS_PROXY`, `https_proxy`).
fn known(asked: &str) -> Result<&'static str, String> {
    let asked = asked.trim().trim_start_matches('$');
    let all = || ROUTING.into_iter().chain(COMPANIONS);
    if let Some(name) =
        all().find(|name| *name == asked).or_else(|| all().find(|name| name.eq_ignore_ascii_case(asked)))
    {
        return Ok(name);
    }
    let upper = asked.to_ascii_uppercase();
    let mut near: Vec<(usize, &str)> = all()
        .map(|name| (strsim::damerau_levenshtein(&upper, name), name))
        // A piece of the name is as good as a typing mistake.
        .filter(|(distance, name)| *distance <= 4 || (upper.len() >= 4 && name.contains(&upper)))
        .collect();
    near.sort_unstable();
    let hint = match near.iter().take(4).map(|(_, name)| *name).collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [one] => format!(" Did you mean {one}?"),
        several => format!(" Did you mean one of {}?", several.join(", ")),
    };
    Err(format!(
        "{} is no variable that decides where Claude Code sends its requests.{hint} `bedrockup why` lists those that are set.",
        report::tame(asked)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::client::AuthStatus;
    use crate::observe::settings::{EnvEntry, Scope, Settings, SettingsFile, SettingsState};

    /// A shell with a token and a region, user settings with another region.
    fn machine() -> Machine {
        let mut machine = Machine::empty(jiff::Timestamp::UNIX_EPOCH, "/home/u", "/home/u/project");
        machine.environment =
            [("CLAUDE_CODE_USE_BEDROCK", "1"), ("AWS_REGION", "us-east-1"), ("AWS_BEARER_TOKEN_BEDROCK", "ABSKhidden")]
                .into_iter()
                .collect();
        let mut settings = Settings::default();
        let entry = EnvEntry { value: "eu-west-1".to_owned(), line: 4, is_string: true };
        settings.env.insert("AWS_REGION".to_owned(), entry);
        machine.settings.push(SettingsFile {
            scope: Scope::User,
            path: "/home/u/.claude/settings.json".into(),
            state: SettingsState::Read(settings),
        });
        machine
    }

    #[test]
    fn a_variable_shows_its_winner_first_and_the_loser_as_overruled() {
        let outcome = run(&machine(), Some("AWS_REGION"), None, false, Style::PLAIN);
        assert_eq!(outcome.exit, Exit::Well);
        assert_eq!(
            outcome.out,
            "AWS_REGION\n  = eu-west-1  (from user settings, ~/.claude/settings.json:4)\n  x us-east-1  (from the environment, \
             overruled)\n"
        );
    }

    #[test]
    fn lines_of_rc_files_say_whether_they_count() {
        use crate::observe::rc_files::{Assignment, BlockState, Effect, RcFile, RcState};
        let line = |line, name: &str, value: Option<&str>| Assignment {
            line,
            text: String::new(),
            name: name.to_owned(),
            value: value.map(str::to_owned),
            effect: Effect::Export,
            literal: true,
            alone: true,
        };
        let mut machine = machine();
        let assignments = vec![
            line(3, "AWS_REGION", Some("eu-west-1")),
            line(4, "AWS_REGION", Some("sa-east-1")),
            line(5, "AWS_PROFILE", Some("work")),
            line(6, "AWS_SESSION_TOKEN", None),
        ];
        let state = RcState::Read { block: BlockState::Absent, assignments };
        machine.rc_files.push(RcFile { path: "/home/u/.zshrc".into(), shell: crate::shell::ShellKind::Zsh, state });
        let lines = |name| run(&machine, Some(name), None, false, Style::PLAIN).out;
        assert!(lines("AWS_REGION").contains("- eu-west-1  (from ~/.zshrc:3, the same)"), "{}", lines("AWS_REGION"));
        assert!(lines("AWS_REGION").contains("x sa-east-1  (from ~/.zshrc:4, overruled)"), "{}", lines("AWS_REGION"));
        assert_eq!(lines("AWS_PROFILE"), "AWS_PROFILE\n  x work  (from ~/.zshrc:5, not loaded)\n");
        let token = "AWS_SESSION_TOKEN\n  x (value not read)  (from ~/.zshrc:6, not loaded)\n";
        assert_eq!(lines("AWS_SESSION_TOKEN"), token);
    }

    #[test]
    fn the_page_fits_80_columns_and_holds_no_secret() {
        let mut machine = machine();
        machine.client.auth_status = Some(AuthStatus::Provider("firstParty".to_owned()));
        let page = run(&machine, None, None, false, Style::PLAIN).out;
        assert!(page.lines().all(|line| console::measure_text_width(line) <= 80), "{page}");
        assert!(!page.contains("ABSKhidden"), "{page}");
        assert!(page.contains("says firstParty"), "the disagreement is said:\n{page}");
        assert!(!run(&machine, None, None, true, Style::PLAIN).out.contains("ABSKhidden"));
    }

    #[test]
    fn the_document_names_places() {
        let document: serde_json::Value =
            serde_json::from_str(&run(&machine(), None, None, true, Style::PLAIN).out).expect("a JSON document");
        assert_eq!(document["schema"], "bedrockup.why/1");
        assert_eq!(document["route"]["region"]["value"], "eu-west-1");
        assert_eq!(document["route"]["region"]["from"]["file"], "/home/u/.claude/settings.json");
        assert_eq!(document["route"]["region"]["from"]["line"], 4);
        assert_eq!(document["route"]["credentials"]["kind"], "bearer-token");
        assert_eq!(document["confirmation"]["status"], "not-asked");
    }

    #[test]
    fn nothing_sets_it_is_an_answer_and_an_unknown_name_is_not() {
        let unset = run(&machine(), Some("aws_profile"), None, false, Style::PLAIN);
        assert_eq!(unset.exit, Exit::Well);
        assert!(unset.out.starts_with("Nothing sets AWS_PROFILE here"), "{}", unset.out);
        let typo = run(&machine(), Some("AWS_REGOIN"), None, false, Style::PLAIN);
        assert_eq!(typo.exit, Exit::Usage);
        assert!(typo.messages[0].contains("AWS_REGION"), "{:?}", typo.messages);
    }
}
