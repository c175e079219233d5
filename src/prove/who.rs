//! Who asks here, and whether a call in AWS's log is theirs.

use serde::Serialize;

use crate::aws::bearer;
use crate::aws::cloudtrail::Caller;

/// Who calls models from this machine, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Who {
    /// ARN of the caller.
    pub arn: Option<String>,
    /// `UserId` of STS, which CloudTrail calls `principalId`.
    pub user_id: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The access key id of now: to compare, not to tell.
    #[serde(skip)]
    pub key_id: Option<String>,
    /// The hidden IAM user of a Bedrock API key.
    pub api_key_user: Option<String>,
}

/// How a caller in the log stands to who asks here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The same user, or the same session of the same role.
    Same,
    /// Another session of the same role, named by a machine: an earlier one of one's own, most likely.
    SameRole,
    /// Somebody else.
    Other,
    /// It is not known who asks here.
    Unknown,
}

/// Roles of IAM Identity Center; their sessions are named by their people.
const OF_PEOPLE: &str = "AWSReservedSSO_";
/// Names that a machine makes hold a time or a random number.
const DIGITS: usize = 8;

impl Relation {
    /// An answer of this machine that such a caller made is taken for proof.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Same | Self::SameRole)
    }
}

impl Who {
    /// Who a Bedrock API key stands for; it cannot ask by itself.
    pub fn of_api_key(token: &str) -> Self {
        let (user, key_id) = bearer::stands_for(token);
        Self { api_key_user: user, key_id, ..Self::default() }
    }

    /// How a caller stands to this one.
    pub fn relation(&self, caller: &Caller) -> Relation {
        if *self == Self::default() {
            return Relation::Unknown;
        }
        let same = |ours: &Option<String>, theirs: &Option<String>| ours.is_some() && ours == theirs;
        if same(&self.arn, &caller.arn)
            || same(&self.user_id, &caller.principal)
            || same(&self.key_id, &caller.key_id)
            || same(&self.api_key_user, &caller.name)
        {
            return Relation::Same;
        }
        // `AROA…:session`: the part before the colon is the role.
        let (Some((ours, _)), Some((theirs, session))) = (parts(&self.user_id), parts(&caller.principal)) else {
            return Relation::Other;
        };
        let of_people = self.arn.as_deref().is_some_and(|arn| arn.contains(OF_PEOPLE));
        if ours == theirs && !of_people && is_made_by_a_machine(session) { Relation::SameRole } else { Relation::Other }
    }
}

fn parts(id: &Option<String>) -> Option<(&str, &str)> {
    id.as_deref()?.split_once(':')
}

/// `botocore-session-1764064800`, `aws-sdk-js-session-1764064800000`: nobody's own name.
fn is_made_by_a_machine(session: &str) -> bool {
    let mut digits = 0;
    session.bytes().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits >= DIGITS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn session(role: &str, name: &str) -> (String, String) {
        (format!("arn:aws:sts::1:assumed-role/{role}/{name}"), format!("AROA{role}:{name}"))
    }

    #[test]
    fn users_roles_and_sessions_are_told_apart() {
        let who = |(arn, user_id): (String, String)| Who { arn: Some(arn), user_id: Some(user_id), ..Who::default() };
        let by = |(arn, id): (String, String)| Caller { arn: Some(arn), principal: Some(id), ..Caller::default() };
        let user = |name: &str| (format!("arn:aws:iam::1:user/{name}"), format!("AIDA{name}"));
        let sso = "AWSReservedSSO_Dev_0";
        let table = [
            (user("a"), user("a"), Relation::Same),
            (user("a"), user("b"), Relation::Other),
            (session(sso, "a@example.com"), session(sso, "a@example.com"), Relation::Same),
            // A colleague with the same permission set, also where names are no mail addresses or hold digits.
            (session(sso, "a@example.com"), session(sso, "b@example.com"), Relation::Other),
            (session(sso, "alice"), session(sso, "bob"), Relation::Other),
            (session(sso, "p1000001"), session(sso, "p10000002"), Relation::Other),
            (session("Dev", "alice"), session("Dev", "bob"), Relation::Other),
            (
                session("Dev", "botocore-session-1764064800"),
                session("Dev", "botocore-session-1764060000"),
                Relation::SameRole,
            ),
            (
                session("Dev", "botocore-session-1764064800"),
                session("Ops", "botocore-session-1764060000"),
                Relation::Other,
            ),
        ];
        for (ours, theirs, expected) in table {
            assert_eq!(who(ours.clone()).relation(&by(theirs.clone())), expected, "{ours:?} {theirs:?}");
        }
        assert_eq!(Who::default().relation(&Caller::default()), Relation::Unknown);
        let key = Who { key_id: some("ASIA1"), ..Who::default() };
        assert_eq!(key.relation(&Caller { key_id: some("ASIA1"), ..Caller::default() }), Relation::Same);
    }
}
