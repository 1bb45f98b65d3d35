//! The session list read again from the configuration's file: what of it is new, and whether a
//! running gateway can take it.
//!
//! Sessions stand in the journal by their index, so the rules are those of a restart within a
//! trading day: new ones behind the others, none moved or taken out, terms may change. Everything
//! else in the file takes a restart.

use std::sync::Arc;

use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command};
use gwanmun_gateway::{MemberTerms, ROWS_BYTES_MAX, SessionsCommand, Terms, write_rows};
use gwanmun_market::AccountId;

use crate::config::{Config, SessionConfig};
use crate::terms::member;

/// A session list on its way to the order core, and the one before on its way back: it is freed
/// where it was made.
pub(crate) struct Reload {
    pub(crate) command: SessionsCommand,
    pub(crate) config: Arc<Config>,
}

/// What is to change.
pub(super) struct Plan {
    /// The configuration in force, with the new list.
    pub(super) config: Arc<Config>,
    /// Sessions that are new or have other terms, by index.
    pub(super) rows: Vec<(u16, MemberTerms)>,
    /// What to tell the operator, a line each.
    pub(super) facts: String,
}

impl Plan {
    /// Holds a file just read against what is in force.
    ///
    /// # Errors
    /// Why it cannot be taken, for people.
    pub(super) fn new(old: &Config, terms: &Terms, new: &Config) -> Result<Plan, String> {
        let mut plan = Plan {
            config: Arc::new(Config {
                sessions: new.sessions.clone(),
                ..old.clone()
            }),
            rows: Vec::new(),
            facts: String::new(),
        };
        if let Some(gone) = old.sessions.get(new.sessions.len()) {
            return Err(moved(gone));
        }
        for (index, session) in (0_u16..).zip(&new.sessions) {
            let before = old.sessions.get(usize::from(index));
            if let Some(before) = before.filter(|before| !is_one(before, session)) {
                return Err(moved(before));
            }
            fits(session, before, old, terms)?;
            let row = member(session, old.limits.message_bytes_max);
            let has_other_terms = terms.members.get(usize::from(index)) != Some(&row);
            let what = match before {
                None => "is new",
                Some(before) if before == session => continue,
                Some(_) if has_other_terms => "has other terms",
                Some(_) => "logs on otherwise",
            };
            plan.facts += &format!("session {} {what}\n", name_of(session));
            if has_other_terms {
                plan.rows.push((index, row));
            }
        }
        let rest = Config {
            sessions: old.sessions.clone(),
            ..new.clone()
        };
        if rest != *old {
            plan.facts += "note what else differs in the file takes a restart\n";
        }
        Ok(plan)
    }

    /// The command for the gateway.
    ///
    /// # Errors
    /// Why there is none, for people.
    pub(super) fn command(
        &self,
        (operator, requester, reason): (&str, &str, &str),
        terms: &Terms,
    ) -> Result<SessionsCommand, String> {
        let rows: Vec<(u16, &MemberTerms)> =
            self.rows.iter().map(|(index, row)| (*index, row)).collect();
        let rows = write_rows(&rows);
        if rows.len() > ROWS_BYTES_MAX {
            return Err("so many sessions do not fit into one command: add fewer at a time".into());
        }
        let mut payload = vec![0; COMMAND_BYTES_MAX + rows.len()];
        let command = Command {
            operator: operator.as_bytes(),
            requester: requester.as_bytes(),
            reason: reason.as_bytes(),
            action: Action::Sessions {
                rows: rows.as_bytes(),
            },
        };
        let length = command.encode(&mut payload);
        let payload = length.and_then(|length| payload.get(..length));
        payload
            .and_then(|payload| SessionsCommand::read(payload, terms))
            .ok_or_else(|| "that is no command".into())
    }
}

/// Whether a running gateway can have a session. `before` is the session as it is in force.
fn fits(
    session: &SessionConfig,
    before: Option<&SessionConfig>,
    old: &Config,
    terms: &Terms,
) -> Result<(), String> {
    let is_listened = |other: &&SessionConfig| other.socket_accept == session.socket_accept;
    let hours = |session: &SessionConfig| (session.hours.clone(), session.time_zone.clone());
    let has_same_hours = match before {
        Some(before) => hours(before) == hours(session),
        None => session.hours.is_none(),
    };
    if !has_same_hours {
        return Err(format!(
            "session {} has other hours than those in force: that takes a restart",
            name_of(session)
        ));
    }
    let beside = old.sessions.iter().find(is_listened);
    if beside.is_some_and(|beside| beside.tls != session.tls) {
        return Err(format!(
            "session {} has another `tls` than {} is listened on with: that takes a restart",
            name_of(session),
            session.socket_accept
        ));
    }
    // The door of a TLS address asks from where a member comes before he says who he is.
    let is_asked_alike =
        |other: &&SessionConfig| is_listened(other) && other.allow_from == session.allow_from;
    if session.tls.is_some() && !old.sessions.iter().any(|other| is_asked_alike(&other)) {
        return Err(format!(
            "session {} has another `allow_from` than the TLS sessions at {}: that takes a restart",
            name_of(session),
            session.socket_accept
        ));
    }
    if beside.is_none() {
        return Err(format!(
            "session {} is awaited at {}, where this gateway does not listen: that takes a restart",
            name_of(session),
            session.socket_accept
        ));
    }
    let is_unknown = |account: &&AccountId| terms.tables.account_index(account).is_none();
    match session.accounts.iter().find(is_unknown) {
        None => Ok(()),
        Some(account) => Err(format!(
            "session {} may use the account {account}, which the tables in force do not have",
            name_of(session)
        )),
    }
}

fn is_one(one: &SessionConfig, other: &SessionConfig) -> bool {
    (one.sender_comp_id, one.target_comp_id) == (other.sender_comp_id, other.target_comp_id)
}

fn moved(session: &SessionConfig) -> String {
    format!(
        "session {} is gone from its place in the list: sessions may be added behind the others; \
         write enabled = false to take one out",
        name_of(session)
    )
}

/// A session's name as the desk says it.
pub(super) fn name_of(session: &SessionConfig) -> String {
    format!("{}/{}", session.sender_comp_id, session.target_comp_id)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::config::tests::Folder;
    use crate::config::{GATEWAY_EXAMPLE, TABLES_EXAMPLE, Tables};

    const SECOND: &str = "\n[[session]]\ntarget_comp_id = \"MEMBER2\"\naccounts = [\"ACC-1\"]\n";

    fn plan(change: impl Fn(&str) -> String) -> Result<Plan, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = Folder::new(&format!("reload-{number}"));
        let parse = |source: &str| {
            let parsed = folder.parse(source);
            parsed.unwrap_or_else(|error| panic!("{error}"))
        };
        let old = parse(GATEWAY_EXAMPLE);
        let tables = Tables::parse(TABLES_EXAMPLE, "t").unwrap();
        let terms = crate::terms::terms(&old, &tables).unwrap();
        Plan::new(&old, &terms, &parse(&change(GATEWAY_EXAMPLE)))
    }

    #[test]
    fn what_is_new_is_a_row_and_the_rest_is_none() {
        let nothing = plan(str::to_owned).unwrap();
        assert!(nothing.rows.is_empty() && nothing.facts.is_empty());
        let added = plan(|file| format!("{file}{SECOND}")).unwrap();
        assert_eq!(added.facts, "session GWANMUN/MEMBER2 is new\n");
        assert_eq!((added.rows.len(), added.rows[0].0), (1, 1));
        assert_eq!(added.config.sessions.len(), 2);
        let changed = plan(|file| file.replace("# heart_bt_int = 30", "heart_bt_int = 20"));
        let changed = changed.unwrap();
        assert_eq!(changed.facts, "session GWANMUN/MEMBER1 has other terms\n");
        assert_eq!(changed.rows[0].1.session.heart_bt_int_s, 20);
        let other = plan(|file| file.replace("\"127.0.0.0/8\"", "\"10.0.0.0/8\"")).unwrap();
        assert_eq!(other.facts, "session GWANMUN/MEMBER1 logs on otherwise\n");
        assert!(other.rows.is_empty());
        let rest = plan(|file| file.replace("# orders_max = 262144", "orders_max = 5")).unwrap();
        assert!(rest.facts.starts_with("note what else differs"));
        assert_eq!(rest.config.limits.orders_max, 262_144);
    }

    #[test]
    fn what_takes_a_restart_is_refused_by_name() {
        let check = |from: &str, to: &str, expected: &str| {
            let refused = plan(|file| file.replace(from, to)).err();
            let refused = refused.unwrap_or_else(|| panic!("{to} was taken"));
            assert!(refused.contains(expected), "{refused}");
        };
        check(
            "\"MEMBER1\"",
            "\"MEMBER9\"",
            "MEMBER1 is gone from its place",
        );
        check(
            "= 9876",
            "= 9877",
            "127.0.0.1:9877, where this gateway does not listen",
        );
        check("\"ACC-2\"]", "\"ACC-7\"]", "account ACC-7");
        check(
            "# time_zone = \"Asia/Seoul\"",
            "time_zone = \"Asia/Seoul\"\nstart_time = \"08:00:00\"\nend_time = \"17:00:00\" #",
            "other hours than those in force",
        );
        let first = plan(|file| file.replacen("\n[[session]]", &format!("{SECOND}[[session]]"), 1));
        assert!(first.err().unwrap().contains("MEMBER1 is gone"));
    }
}
