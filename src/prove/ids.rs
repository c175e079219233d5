//! Request ids of answers, small enough for a million of them: 16 bytes each.

use jiff::Timestamp;

/// Request ids with the moment of each answer. After the last one is added they are sealed, and can be looked for.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    /// A half of the id and the second of the answer, sorted once they are sealed.
    known: Vec<(u64, i64)>,
}

/// A request id as it is kept: ids of AWS are random UUIDs, of which 64 bits tell a million apart.
///
/// `None` for anything else, which is then no request id of Bedrock.
pub fn key(id: &str) -> Option<u64> {
    let mut value: u128 = 0;
    let mut digits = 0;
    for byte in id.bytes().filter(|byte| *byte != b'-') {
        value = value << 4 | u128::from(char::from(byte).to_digit(16)?);
        digits += 1;
    }
    // Both halves, since the first has the bits that tell the version.
    (digits == 32).then_some((value >> 64) as u64 ^ value as u64)
}

impl Ids {
    /// Keeps an id; what is no UUID is passed over.
    pub fn add(&mut self, id: &str, at: Timestamp) {
        if let Some(key) = key(id) {
            self.known.push((key, at.as_second()));
        }
    }

    /// Makes the ids ready to be looked for.
    pub fn seal(&mut self) {
        self.known.sort_unstable();
        self.known.dedup_by_key(|(key, _)| *key);
    }

    /// When the answer with this id was written down.
    pub fn find(&self, id: &str) -> Option<Timestamp> {
        let key = key(id)?;
        let place = self.known.binary_search_by_key(&key, |(known, _)| *known).ok()?;
        Timestamp::from_second(self.known[place].1).ok()
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.known.len() as u64
    }

    /// Those whose answers were written down in this time, both ends included.
    pub fn between(&self, from: Timestamp, until: Timestamp) -> u64 {
        let inside = from.as_second()..=until.as_second();
        self.known.iter().filter(|(_, at)| inside.contains(at)).count() as u64
    }

    /// When the newest answer was written down.
    pub fn newest(&self) -> Option<Timestamp> {
        let newest = self.known.iter().map(|(_, at)| *at).max()?;
        Timestamp::from_second(newest).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3fceefbd-e1a6-4c42-9840-328cc3cfa24c";

    #[test]
    fn only_uuids_are_request_ids_of_aws() {
        assert_eq!(key(ID), key(&ID.to_uppercase()));
        assert!(key(ID).is_some());
        for other in ["", "req_011CSHoEeqs5C35K2UUqR7Fy", &ID[1..], "zfceefbd-e1a6-4c42-9840-328cc3cfa24c"] {
            assert_eq!(key(other), None, "{other}");
        }
    }

    #[test]
    fn each_id_is_kept_once_with_its_moment() {
        let at: Timestamp = "2026-11-25T10:00:00Z".parse().expect("a time");
        let mut ids = Ids::default();
        ids.add(ID, at);
        ids.add(&ID.to_uppercase(), at);
        ids.add("a3b8e9f0-0000-4000-8000-000000000001", at - jiff::SignedDuration::from_hours(1));
        ids.seal();
        assert_eq!((ids.count(), ids.find(ID), ids.newest()), (2, Some(at), Some(at)));
        assert_eq!(ids.find("a3b8e9f0-0000-4000-8000-000000000002"), None);
        assert_eq!(ids.between(at, at), 1);
    }
}
