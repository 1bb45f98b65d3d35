//! Whether a start may go on from the records of an earlier one, as the texts of both tell:
//! sessions, venues, accounts and instruments stand on record by their index alone.

use crate::recovery::RecoveryFault;
use crate::tables::Tables;
use crate::terms::{Terms, WireTerms};
use crate::terms_text::{VERSION, text};

/// The capacity for orders that an earlier start had, as its Start record tells it.
#[must_use]
pub(crate) fn orders_max(start: &str) -> Option<usize> {
    let limits = start
        .lines()
        .find_map(|line| line.strip_prefix("limits "))?;
    limits.split(' ').next()?.parse().ok()
}

/// Whether records behind an earlier Start can be taken now.
///
/// # Errors
/// [`RecoveryFault::Version`], [`RecoveryFault::Session`], [`RecoveryFault::Venue`].
pub(crate) fn goes_on(start: &str, terms: &Terms) -> Result<(), RecoveryFault> {
    if !has_this_version(start) {
        return Err(RecoveryFault::Version);
    }
    if !has_same_sessions(start, terms) {
        return Err(RecoveryFault::Session);
    }
    if !has_same_venues(start, terms) {
        return Err(RecoveryFault::Venue);
    }
    Ok(())
}

/// Whether the records behind a Start record are laid out as this version does it.
#[must_use]
pub fn has_this_version(start: &str) -> bool {
    let line = start.lines().next().unwrap_or("");
    let version = line.strip_prefix("version ").and_then(|it| it.parse().ok());
    version == Some(VERSION)
}

/// Whether the venues of an earlier start have the same indices now; new ones may have been added
/// behind them.
fn has_same_venues(start: &str, terms: &Terms) -> bool {
    let earlier = start.lines().filter_map(|line| line.strip_prefix("venue "));
    let mut now = terms.venues.iter();
    earlier.into_iter().all(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let [name, _, wire @ ..] = words.as_slice() else {
            return false;
        };
        now.next()
            .is_some_and(|venue| text(name) == Some(venue.name) && is_same_wire(wire, venue.wire))
    })
}

/// Whether a venue speaks what it spoke, as the same two parties: what its numbers on record count
/// is another thing in another protocol or session.
fn is_same_wire(earlier: &[&str], now: WireTerms) -> bool {
    match (earlier, now) {
        ([], WireTerms::Ouch50) => true,
        (["fix", _, sender, target, ..], WireTerms::Fix(session)) => {
            text(sender) == Some(session.sender_comp_id)
                && text(target) == Some(session.target_comp_id)
        }
        _ => false,
    }
}

/// Whether the sessions of an earlier start, as its Start record tells them, have the same indices
/// now: the journal knows a session by its index alone. New ones may have been added behind them.
fn has_same_sessions(start: &str, terms: &Terms) -> bool {
    let earlier = start
        .lines()
        .filter_map(|line| line.strip_prefix("member "));
    let mut now = terms.members.iter().map(|member| &member.session);
    earlier.into_iter().all(|line| {
        let mut words = line.split(' ').skip(1);
        now.next().is_some_and(|session| {
            words.next().and_then(text) == Some(session.sender_comp_id)
                && words.next().and_then(text) == Some(session.target_comp_id)
        })
    })
}

/// Whether the rows of earlier tables, as a Table record tells them, have the same indices now: the
/// journal knows an account and an instrument by its index alone. Their terms may have changed.
pub(crate) fn has_same_rows(earlier: &str, tables: &Tables) -> bool {
    let mut accounts = tables.accounts().iter();
    let mut instruments = tables.instruments().iter();
    let are_same = earlier.lines().all(|line| {
        let mut words = line.split(' ');
        match words.next() {
            Some("account") => {
                let row = accounts.next().map(|row| row.account);
                row.is_some() && words.next().and_then(text) == row
            }
            Some("instrument") => {
                let row = instruments.next().map(|row| row.symbol);
                row.is_some() && words.next().and_then(text) == row
            }
            _ => true,
        }
    });
    are_same && accounts.next().is_none() && instruments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms_text::{read, write_start, write_tables};

    const START: &str = "version 5
prefix G1
venue KRX gw1
venue NXT gw2
limits 1 2 3 4 5
sessions_max 0
member FIX.4.4 GW M1 30 1 1 120 never 10 2 milliseconds 0 0 0 1
member FIX.4.4 GW M2 30 1 1 120 never 10 2 milliseconds 0 0 0 1
";
    const TABLES: &str = "account A 1 1
instrument 005930 share share2023 715000000 500 0 0 3000 0 1 63 0 0
";

    #[test]
    fn what_stands_by_its_index_must_stand_where_it_stood() {
        let terms = read(START, TABLES).unwrap();
        assert_eq!(write_start(&terms), START);
        let check = |from: &str, to: &str, expected| {
            let earlier = START.replacen(from, to, 1);
            assert_eq!(goes_on(&earlier, &terms), expected, "{from} as {to}");
        };
        check("", "", Ok(()));
        // Terms of a row may change, and rows may have been added since.
        check("limits 1 2 3", "limits 7 7 7", Ok(()));
        check("gw2", "gw9", Ok(()));
        check("venue NXT gw2\n", "", Ok(()));
        check(
            "member FIX.4.4 GW M2 30 1 1 120 never 10 2 milliseconds 0 0 0 1\n",
            "",
            Ok(()),
        );
        check("M2", "M3", Err(RecoveryFault::Session));
        check(
            "member FIX.4.4 GW M1 30 1 1 120 never 10 2 milliseconds 0 0 0 1\n",
            "",
            Err(RecoveryFault::Session),
        );
        check("venue KRX gw1\n", "", Err(RecoveryFault::Venue));
        check("NXT", "ATS", Err(RecoveryFault::Venue));
        check("limits", "venue BLK gw3\nlimits", Err(RecoveryFault::Venue));
        // Another protocol, or another session of it, counts other numbers.
        let fix = "venue NXT gw2 fix FIX.4.4 GW X 30 0 0 120 never 10 2 milliseconds 0 0 0 0";
        check("venue NXT gw2", fix, Err(RecoveryFault::Venue));
        let is_same = |line: &str| {
            let terms = read(&START.replace("venue NXT gw2", line), TABLES).unwrap();
            goes_on(&START.replace("venue NXT gw2", fix), &terms)
        };
        assert_eq!(is_same(fix), Ok(()));
        assert_eq!(is_same(&fix.replace("30 0", "10 0")), Ok(()));
        assert_eq!(is_same("venue NXT gw2"), Err(RecoveryFault::Venue));
        assert_eq!(
            is_same(&fix.replace("GW X", "GW Y")),
            Err(RecoveryFault::Venue)
        );
        check("version 5", "version 4", Err(RecoveryFault::Version));
        check("version 5\n", "", Err(RecoveryFault::Version));
        assert!(has_this_version(START) && !has_this_version(""));
        assert_eq!((orders_max(START), orders_max("")), (Some(1), None));
    }

    #[test]
    fn accounts_and_instruments_are_the_same_or_not() {
        let tables = read(START, TABLES).unwrap().tables;
        assert_eq!(write_tables(&tables), TABLES);
        assert!(has_same_rows(TABLES, &tables));
        assert!(has_same_rows(&TABLES.replace(" 500 ", " 900 "), &tables));
        assert!(has_same_rows(
            &format!("{TABLES}venues 005930 1\n"),
            &tables
        ));
        assert!(!has_same_rows("", &tables));
        assert!(!has_same_rows(&TABLES.replace("005930", "000660"), &tables));
        assert!(!has_same_rows(&format!("{TABLES}account B 1 1\n"), &tables));
    }
}
