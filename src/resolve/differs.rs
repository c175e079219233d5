//! What a running session has otherwise than a new one would.

use crate::resolve::Route;
use crate::variables::{ROUTING, SKIP_AUTH, is_truthy};

/// The routing variables whose values in effect differ between two routes: empty counts as unset, and of a switch only
/// whether it is on.
pub fn differs(session_route: &Route, new_route: &Route) -> Vec<&'static str> {
    let same = |name: &&str| {
        let (session, new) = (session_route.value(name), new_route.value(name));
        let is_switch = name.starts_with("CLAUDE_CODE_USE_") || **name == *SKIP_AUTH;
        session == new || is_switch && session.is_some_and(is_truthy) == new.is_some_and(is_truthy)
    };
    ROUTING.into_iter().filter(|name| !same(name)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::observe::Machine;
    use crate::observe::settings::{EnvEntry, Scope, Settings, SettingsFile, SettingsState};
    use crate::resolve::resolve;

    fn machine(environment: &[(&str, &str)], settings: &[(&str, &str)]) -> Machine {
        let mut machine = Machine::empty(Timestamp::UNIX_EPOCH, "/home/u", "/home/u/project");
        machine.environment = environment.iter().copied().collect();
        let entry = |value: &str| EnvEntry { value: value.to_owned(), line: 1, is_string: true };
        let env = settings.iter().map(|(name, value)| ((*name).to_owned(), entry(value))).collect();
        machine.settings.push(SettingsFile {
            scope: Scope::User,
            path: "/home/u/.claude/settings.json".into(),
            state: SettingsState::Read(Settings { env, ..Settings::default() }),
        });
        machine
    }

    fn between(session: &Machine, new: &Machine) -> Vec<&'static str> {
        differs(&resolve(session), &resolve(new))
    }

    #[test]
    fn what_was_changed_removed_or_added_is_named_in_the_order_of_the_table() {
        let session = machine(&[("AWS_REGION", "us-east-1"), ("AWS_PROFILE", "old")], &[]);
        let new = machine(&[("AWS_REGION", "eu-west-1"), ("CLAUDE_CODE_USE_BEDROCK", "1")], &[]);
        assert_eq!(between(&session, &new), ["CLAUDE_CODE_USE_BEDROCK", "AWS_REGION", "AWS_PROFILE"]);
        assert_eq!(between(&new, &session), ["CLAUDE_CODE_USE_BEDROCK", "AWS_REGION", "AWS_PROFILE"]);
    }

    #[test]
    fn only_values_in_effect_count() {
        let settings = [("AWS_REGION", "eu-west-1")];
        let session = machine(&[("AWS_REGION", "us-east-1"), ("AWS_PROFILE", "")], &settings);
        let new = machine(&[("AWS_REGION", "us-west-2"), ("EDITOR", "vi")], &settings);
        assert_eq!(between(&session, &new), [""; 0], "settings decide both; empty is unset");
        let on = |value| machine(&[("CLAUDE_CODE_USE_BEDROCK", value)], &[]);
        assert_eq!(between(&on("1"), &on("true")), [""; 0], "both are on");
        assert_eq!(between(&on("1"), &on("enabled")), ["CLAUDE_CODE_USE_BEDROCK"]);
    }
}
