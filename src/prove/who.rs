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
    /// Another session of the same role: maybe a colleague's, maybe an earlier one of one's own.
    SameRole,
    /// Somebody else.
    Other,
}

impl Relation {
    /// An answer of this machine that such a caller made is taken for proof.
    pub fn is_ours(self) -> bool {
        self != Self::Other
    }
}

impl Who {
    /// Who a Bedrock API key stands for; it cannot ask by itself.
    pub fn of_api_key(token: &str) -> Self {
        let (user, key_id) = bearer::stands_for(token);
        Self { api_key_user: user, key_id, ..Self::default() }
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// How a caller stands to this one. What is not known is never the same.
    pub fn relation(&self, caller: &Caller) -> Relation {
        let same = |ours: &Option<String>, theirs: &Option<String>| ours.is_some() && ours == theirs;
        if same(&self.arn, &caller.arn)
            || same(&self.user_id, &caller.principal)
            || same(&self.key_id, &caller.key_id)
            || same(&self.api_key_user, &caller.name)
        {
            return Relation::Same;
        }
        // `AROA…:session`: the part before the colon is the role.
        let parts = |id: &'_ Option<String>| {
            id.as_deref().and_then(|id| id.split_once(':')).map(|(role, session)| (role.to_owned(), session.to_owned()))
        };
        match (parts(&self.user_id), parts(&caller.principal)) {
            // Sessions of Identity Center are named by their people: another name is another person.
            (Some((ours, _)), Some((theirs, session))) if ours == theirs && !session.contains('@') => {
                Relation::SameRole
            }
            _ => Relation::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn users_roles_and_sessions_are_told_apart() {
        let user = Who { arn: some("arn:aws:iam::1:user/a"), user_id: some("AIDA1"), ..Who::default() };
        let session = Who {
            arn: some("arn:aws:sts::1:assumed-role/AWSReservedSSO_Dev_0/a@example.com"),
            user_id: some("AROA1:a@example.com"),
            ..Who::default()
        };
        let by =
            |arn: &str, principal: &str| Caller { arn: some(arn), principal: some(principal), ..Caller::default() };
        let table = [
            (&user, by("arn:aws:iam::1:user/a", "AIDA1"), Relation::Same),
            (&user, by("arn:aws:iam::1:user/b", "AIDA2"), Relation::Other),
            (&session, by("arn:aws:sts::1:assumed-role/AWSReservedSSO_Dev_0/a@example.com", "x"), Relation::Same),
            (
                &session,
                by("arn:aws:sts::1:assumed-role/AWSReservedSSO_Dev_0/b@example.com", "AROA1:b@example.com"),
                Relation::Other,
            ),
            (
                &session,
                by("arn:aws:sts::1:assumed-role/Dev/botocore-session-2", "AROA1:botocore-session-2"),
                Relation::SameRole,
            ),
            (&session, by("arn:aws:sts::1:assumed-role/Other/a@example.com", "AROA2:a@example.com"), Relation::Other),
            (&Who::default(), Caller::default(), Relation::Other),
        ];
        for (who, caller, expected) in table {
            assert_eq!(who.relation(&caller), expected, "{caller:?}");
        }
    }
}
