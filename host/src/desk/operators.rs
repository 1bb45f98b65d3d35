//! Who may use the desk: users of this machine, whom the kernel names.

use std::path::Path;

use gwanmun_captures::command::PERSON_BYTES_MAX;

use crate::start_error::StartError;

/// Where the machine's own users stand; users of a directory service are given by number.
const USERS: &str = "/etc/passwd";

/// The operators of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operators {
    /// Name as configured, and user number.
    listed: Vec<(String, u32)>,
    /// Every user of this machine, to know one person under two names.
    users: Vec<(String, u32)>,
}

impl Operators {
    /// Looks up the names of the configuration.
    ///
    /// # Errors
    /// [`StartError::UnknownOperator`].
    pub(crate) fn new(names: &[String]) -> Result<Operators, StartError> {
        let users = std::fs::read_to_string(Path::new(USERS)).unwrap_or_default();
        Operators::of(names, &users)
    }

    fn of(names: &[String], users: &str) -> Result<Operators, StartError> {
        let users: Vec<(String, u32)> = users.lines().filter_map(user).collect();
        let mut listed = Vec::with_capacity(names.len());
        for name in names {
            let uid = uid_of(&users, name);
            let uid = uid.ok_or_else(|| StartError::UnknownOperator(name.clone()))?;
            listed.push((name.clone(), uid));
        }
        Ok(Operators { listed, users })
    }

    /// The name of an operator, as it stands on record; `None` for everybody else.
    pub(crate) fn name_of(&self, uid: u32) -> Option<&str> {
        let found = self.listed.iter().find(|operator| operator.1 == uid);
        found.map(|operator| operator.0.as_str())
    }

    /// A requester as he stands on record: under his operator's name where he is one, so that one
    /// person with two names is not two.
    pub(crate) fn requester<'a>(&'a self, name: &'a str) -> &'a str {
        let uid = uid_of(&self.users, name);
        uid.and_then(|uid| self.name_of(uid)).unwrap_or(name)
    }
}

/// Whether a word can name an operator.
pub(crate) fn is_name(word: &str) -> bool {
    (1..=PERSON_BYTES_MAX).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_graphic())
}

fn uid_of(users: &[(String, u32)], name: &str) -> Option<u32> {
    let of_number = || name.parse().ok();
    let found = users.iter().find(|user| user.0 == name);
    found.map(|user| user.1).or_else(of_number)
}

/// A line of `/etc/passwd`: name, password, user number and more.
fn user(line: &str) -> Option<(String, u32)> {
    let mut fields = line.split(':');
    let name = fields.next()?;
    let uid = fields.nth(1)?.parse().ok()?;
    Some((name.to_owned(), uid))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/sh\n\
                         kim:x:1001:1001::/kim:/bin/sh\n\
                         kim-desk:x:1001:1001::/kim:/bin/sh\n\
                         broken line\n";

    #[test]
    fn operators_are_known_by_name_or_number_and_nobody_else_is() {
        let names = ["1001", "root", "4711"].map(str::to_owned);
        let operators = Operators::of(&names, USERS).unwrap();
        for (uid, name) in [
            (0, Some("root")),
            (1001, Some("1001")),
            (4711, Some("4711")),
            (1002, None),
        ] {
            assert_eq!(operators.name_of(uid), name, "{uid}");
        }
        let unknown = Operators::of(&["lee".to_owned()], USERS).unwrap_err();
        assert!(unknown.to_string().contains("lee") && unknown.is_configuration());
        assert!(Operators::of(&["lee".to_owned()], "").is_err());
    }

    #[test]
    fn one_person_under_another_name_is_the_same() {
        let operators = Operators::of(&["kim".to_owned()], USERS).unwrap();
        for (said, meant) in [
            ("kim", "kim"),
            ("kim-desk", "kim"),
            ("1001", "kim"),
            ("lee", "lee"),
            ("root", "root"),
            ("", ""),
        ] {
            assert_eq!(operators.requester(said), meant);
        }
    }

    #[test]
    fn names_are_short_and_plain() {
        for (word, is_one) in [
            ("kim", true),
            ("0", true),
            ("", false),
            ("a b", false),
            ("k\u{1b}", false),
        ] {
            assert_eq!(is_name(word), is_one, "{word:?}");
        }
        assert!(is_name(&"x".repeat(32)) && !is_name(&"x".repeat(33)));
    }
}
