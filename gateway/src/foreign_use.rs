//! What foreign accounts of ours take of each instrument's foreign-ownership quota.
//!
//! A function of positions and of the feeds' words, so it needs no record of its own: the sums move
//! by the difference of each position's old and new image. A venue tells how many shares foreigners
//! may still buy of an instrument; from that number on our own fills come off it, and so does what
//! our working buy orders may still buy. A venue that has told before one of our fills, and whose
//! report comes behind its word, has the fill come off twice until its next word: never too little.

use crate::positions::Position;
use crate::tables::Tables;

/// By instrument.
pub(crate) struct ForeignUse {
    rows: Box<[Row]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    /// What working buy orders of foreign accounts may still buy.
    working: i64,
    /// What foreign accounts bought today.
    bought: i64,
    /// The latest word of a venue, whose, and what was bought by then.
    told: Option<(u64, u16, i64)>,
}

impl ForeignUse {
    /// Nothing used, nothing told.
    pub(crate) fn new(instruments: usize) -> ForeignUse {
        ForeignUse {
            rows: vec![Row::default(); instruments].into(),
        }
    }

    /// A position has changed.
    pub(crate) fn moved(&mut self, before: Option<&Position>, after: &Position, tables: &Tables) {
        if !tables.account_marks(after.account).is_foreign {
            return;
        }
        if let Some(row) = self.rows.get_mut(usize::from(after.instrument)) {
            let was = before.map_or((0, 0), |before| (before.working_buy, before.bought));
            row.working += after.working_buy - was.0;
            row.bought += after.bought - was.1;
        }
    }

    /// Sums anew, of the accounts that are foreign by these tables. What was bought since a venue's
    /// word is what it was.
    pub(crate) fn recount<'p>(
        &mut self,
        positions: impl Iterator<Item = &'p Position>,
        tables: &Tables,
    ) {
        for row in &mut self.rows {
            row.told = row
                .told
                .map(|(room, venue, then)| (room, venue, then - row.bought));
            (row.working, row.bought) = (0, 0);
        }
        for position in positions {
            self.moved(None, position, tables);
        }
        for row in &mut self.rows {
            row.told = row
                .told
                .map(|(room, venue, then)| (room, venue, then + row.bought));
        }
    }

    /// A venue tells what may still be bought of an instrument.
    pub(crate) fn tell(&mut self, instrument: u16, room: u64, venue: u16) {
        if let Some(row) = self.rows.get_mut(usize::from(instrument)) {
            row.told = Some((room, venue, row.bought));
        }
    }

    /// A venue's word counts no more: its feed began anew.
    pub(crate) fn forget(&mut self, venue: u16) {
        for row in &mut self.rows {
            row.told = row.told.filter(|told| told.1 != venue);
        }
    }

    /// What foreign accounts may still buy of an instrument, working orders taken off; below zero
    /// where more is working than that. With the venue whose word it is, for its age.
    pub(crate) fn room(&self, instrument: u16) -> Option<(i64, u16)> {
        let row = self.rows.get(usize::from(instrument))?;
        let (room, venue, bought_then) = row.told?;
        let room = i64::try_from(room).unwrap_or(i64::MAX);
        Some((room - (row.bought - bought_then) - row.working, venue))
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{AccountId, AccountMarks, AccountTerms, Side, Tier};

    use super::*;
    use crate::risk::example::POSITION;

    fn tables() -> Tables {
        let account = |name: &[u8]| AccountTerms {
            account: AccountId::new(name).unwrap(),
            is_enabled: true,
            tier: Tier::LOWEST,
        };
        let marks = AccountMarks {
            is_foreign: true,
            ..AccountMarks::default()
        };
        Tables::new(vec![account(b"A"), account(b"B")], Vec::new(), Vec::new())
            .and_then(|tables| tables.with_marks(AccountId::new(b"B").unwrap(), marks))
            .unwrap()
    }

    #[test]
    fn fills_and_working_buys_of_foreign_accounts_come_off() {
        let (tables, mut sum) = (tables(), ForeignUse::new(2));
        assert_eq!(sum.room(1), None);
        let mut position = Position {
            account: 1,
            instrument: 1,
            ..POSITION
        };
        let mut step = |sum: &mut ForeignUse, change: &dyn Fn(&mut Position)| {
            let before = position;
            change(&mut position);
            sum.moved(Some(&before), &position, &tables);
        };
        step(&mut sum, &|position| position.reserve(Side::Buy, 30));
        sum.tell(1, 100, 1);
        assert_eq!(sum.room(1), Some((70, 1)));
        // A fill takes from what works and from what is left, so nothing comes free.
        step(&mut sum, &|position| {
            position.reserve(Side::Buy, -20);
            position.execute(Side::Buy, 20);
        });
        assert_eq!(sum.room(1), Some((70, 1)));
        // The venue's next word has the fill in it.
        sum.tell(1, 80, 1);
        assert_eq!(sum.room(1), Some((70, 1)));
        // A sale is the venue's to give back.
        step(&mut sum, &|position| position.execute(Side::Sell, 5));
        assert_eq!(sum.room(1), Some((70, 1)));
        step(&mut sum, &|position| position.reserve(Side::Buy, -10));
        assert_eq!(sum.room(1), Some((80, 1)));
        sum.recount([position].iter(), &tables);
        assert_eq!(sum.room(1), Some((80, 1)));
        sum.forget(0);
        assert_eq!(sum.room(1), Some((80, 1)));
        sum.forget(1);
        assert_eq!(sum.room(1), None);
    }

    #[test]
    fn domestic_accounts_and_other_instruments_take_nothing() {
        let (tables, mut sum) = (tables(), ForeignUse::new(2));
        sum.tell(0, 10, 0);
        for (account, instrument) in [(0, 0), (1, 1)] {
            let position = Position {
                account,
                instrument,
                bought: 7,
                working_buy: 7,
                ..POSITION
            };
            sum.moved(None, &position, &tables);
        }
        assert_eq!(sum.room(0), Some((10, 0)));
    }
}
