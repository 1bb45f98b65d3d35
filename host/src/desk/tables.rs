//! The tables' file read again: whether a running gateway can have it in the place of the tables in
//! force, and the command that brings it.
//!
//! Accounts and instruments stand in the journal by their index, and holdings are what the day
//! began with: so rows change, and nothing else. The gateway says so too; here it is said by name.

use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command};
use gwanmun_gateway::{Tables, TablesCommand, Terms, may_follow, terms_text};

/// Names of rows that are told, at most.
const NAMES_MAX: usize = 5;
/// Room in a segment beside the command: its head, and what the segment keeps back.
const SEGMENT_SPARE_BYTES: u64 = 64 * 1024;

/// Tables on their way to the order core.
#[derive(Debug)]
pub(super) struct TablesPlan {
    /// As they will be in force.
    pub(super) tables: Tables,
    text: String,
    /// Rows that are not as they were.
    pub(super) changed: usize,
}

impl TablesPlan {
    /// Holds tables just read against those in force.
    ///
    /// # Errors
    /// Why they cannot be taken, for people.
    pub(super) fn new(now: &Tables, next: Tables) -> Result<TablesPlan, String> {
        if now.sha256() == next.sha256() {
            return Err("the tables' file is what is in force".to_owned());
        }
        let accounts = |tables: &Tables| names(tables.accounts(), |row| row.account.to_string());
        let symbols = |tables: &Tables| names(tables.instruments(), |row| row.symbol.to_string());
        same_names("account", &accounts(now), &accounts(&next))?;
        same_names("instrument", &symbols(now), &symbols(&next))?;
        // What is left: holdings.
        may_follow(now, &next).map_err(|refusal| refusal.text().to_owned())?;
        let (before, text) = (
            terms_text::write_tables(now),
            terms_text::write_tables(&next),
        );
        let known: std::collections::BTreeSet<&str> = before.lines().collect();
        let changed = text.lines().filter(|line| !known.contains(line)).count();
        let gone = before.lines().count() + changed - text.lines().count();
        Ok(TablesPlan {
            changed: changed.max(gone),
            tables: next,
            text,
        })
    }

    /// The command for the gateway.
    ///
    /// # Errors
    /// Why there is none, for people.
    pub(super) fn command(
        &self,
        (operator, requester, reason): (&str, &str, &str),
        terms: &Terms,
        segment_bytes: u64,
    ) -> Result<TablesCommand, String> {
        let room_bytes = COMMAND_BYTES_MAX + self.tables.sha256().len() + self.text.len();
        if room_bytes as u64 + SEGMENT_SPARE_BYTES > segment_bytes {
            return Err("the tables are longer than one [journal] segment takes".to_owned());
        }
        let command = Command {
            operator: operator.as_bytes(),
            requester: requester.as_bytes(),
            reason: reason.as_bytes(),
            action: Action::Tables {
                sha256: self.tables.sha256(),
                content: self.text.as_bytes(),
            },
        };
        let mut payload = vec![0; room_bytes];
        let length = command.encode(&mut payload);
        let payload = length.and_then(|length| payload.get(..length));
        payload
            .and_then(|payload| TablesCommand::read(payload, terms))
            .ok_or_else(|| "that is no command".to_owned())
    }
}

fn names<R>(rows: &[R], name: impl Fn(&R) -> String) -> Vec<String> {
    rows.iter().map(name).collect()
}

/// That both lists, each in order, have the same names.
fn same_names(kind: &str, now: &[String], next: &[String]) -> Result<(), String> {
    let missing_in = |list: &[String], from: &[String]| {
        let missing = from.iter().filter(|name| list.binary_search(name).is_err());
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        let told = missing.get(..NAMES_MAX.min(missing.len())).unwrap_or(&[]);
        let more = if missing.len() > NAMES_MAX {
            ", ..."
        } else {
            ""
        };
        (!missing.is_empty()).then(|| format!("{}{more}", told.join(", ")))
    };
    if let Some(gone) = missing_in(next, now) {
        return Err(format!(
            "{kind} {gone} is gone from the file: rows may change while the day lasts, none may \
             be taken out"
        ));
    }
    match missing_in(now, next) {
        Some(new) => Err(format!(
            "{kind} {new} is new: rows may change while the day lasts, new ones are for the next \
             day"
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Text;

    use super::*;
    use crate::config::{self, TABLES_EXAMPLE};

    fn tables(source: &str) -> Tables {
        let rows = config::Tables::parse(source, "t");
        let rows = rows.unwrap_or_else(|error| panic!("{error}"));
        crate::terms::tables(&rows, &[Text::new(b"KRX").unwrap()], None).unwrap()
    }

    fn plan(from: &str, to: &str) -> Result<TablesPlan, String> {
        assert!(TABLES_EXAMPLE.contains(from));
        let next = match from {
            "[[account]]" => TABLES_EXAMPLE.replacen(from, to, 1),
            _ => TABLES_EXAMPLE.replace(from, to),
        };
        TablesPlan::new(&tables(TABLES_EXAMPLE), tables(&next))
    }

    #[test]
    fn rows_may_change_and_nothing_else() {
        let plan = plan("collar_bps = 2000", "collar_bps = 1900").unwrap();
        assert_eq!(plan.changed, 1);
        assert!(plan.text.contains(" 1900 "));
        let check = |from: &str, to: &str, expected: &str| {
            let refused = super::tests::plan(from, to).unwrap_err();
            assert!(refused.contains(expected), "{refused}");
        };
        check("base_price", "base_price", "is what is in force");
        check("ACC-9", "ACC-8", "account ACC-9 is gone");
        check(
            "[[account]]",
            "[[account]]\nid = \"ACC-0\"\nenabled = true\n[[account]]",
            "account ACC-0 is new",
        );
        check("401W6W9S", "401W6W9X", "instrument 401W6W9S is gone");
        let holding = TABLES_EXAMPLE.lines();
        let holding = holding
            .into_iter()
            .find(|line| line.starts_with("quantity = "));
        check(holding.unwrap(), "quantity = 7", "the day began with");
    }

    #[test]
    fn tables_longer_than_a_segment_are_no_command() {
        let plan = plan("collar_bps = 2000", "collar_bps = 1900").unwrap();
        let folder = config::tests::Folder::new("tables-long");
        let config = folder.parse(config::GATEWAY_EXAMPLE);
        let rows = config::Tables::parse(TABLES_EXAMPLE, "t").unwrap();
        let terms = crate::terms::terms(&config.unwrap(), &rows).unwrap();
        let who = ("kim", "", "r");
        assert!(plan.command(who, &terms, 1 << 20).is_ok());
        let long = plan.command(who, &terms, 1 << 16).err().unwrap();
        assert!(long.contains("segment"), "{long}");
    }
}
