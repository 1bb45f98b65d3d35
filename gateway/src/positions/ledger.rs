//! The ledger's rows beside the positions: which sources an opening holding is made of, and what
//! short sales use of them.
//!
//! A position without a row holds what is settled and nothing else. A row comes from the tables,
//! and is put on record when its position first is, or from a command, which puts both on record;
//! so a restart brings back what was in force, whatever the tables say by then.

use gwanmun_market::HoldingSource;

use super::{Position, Positions};
use crate::ledger::Sources;
use crate::orders::{Order, TableFull};

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    key: (u16, u16),
    sources: Sources,
    standing: Standing,
}

/// What a row stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The tables; nothing is on record of its position.
    Tables,
    /// An image on record.
    Record,
    /// Its position is on record without it, so the tables were others: all is settled.
    Nothing,
}

impl Positions {
    fn row(&self, position: &Position) -> Option<&Row> {
        let at = position.short.row.checked_sub(1)?;
        self.rows.get(usize::try_from(at).ok()?)
    }

    /// What a position's holdings are made of; nothing where they are unknown.
    pub(crate) fn sources(&self, account: u16, instrument: u16) -> Sources {
        let Some(position) = self.position(account, instrument) else {
            return Sources::default();
        };
        let plain = Sources::settled(position.opening.unwrap_or(0));
        self.row(position).map_or(plain, |row| row.sources)
    }

    /// An opening holding of the tables.
    pub(super) fn hold(
        &mut self,
        (account, instrument): (u16, u16),
        (source, quantity): (HoldingSource, i64),
    ) -> Result<(), TableFull> {
        let sources = self.sources(account, instrument);
        let sources = sources.changed(source, quantity);
        self.put_row((account, instrument), sources, Standing::Tables)
    }

    /// Holdings as an image or a command tells them; the position goes on record with them.
    ///
    /// # Errors
    /// [`TableFull`] when the position is new and there is no room.
    pub(crate) fn put_sources(
        &mut self,
        key: (u16, u16),
        sources: Sources,
    ) -> Result<(), TableFull> {
        self.put_row(key, sources, Standing::Record)
    }

    fn put_row(
        &mut self,
        key: (u16, u16),
        sources: Sources,
        standing: Standing,
    ) -> Result<(), TableFull> {
        // A position for each row, so that there is room for rows where there is for positions.
        let row = self.position_mut(key.0, key.1)?.short.row;
        let is_needed = row > 0 || !sources.is_plain() || standing == Standing::Record;
        let entry = Row {
            key,
            sources,
            standing,
        };
        let at = match row.checked_sub(1) {
            _ if !is_needed => 0,
            Some(at) => {
                let place = self.rows.get_mut(usize::try_from(at).unwrap_or(usize::MAX));
                *place.ok_or(TableFull)? = entry;
                row
            }
            None if self.rows.len() < self.positions_max => {
                self.rows.push(entry);
                u32::try_from(self.rows.len()).map_err(|_| TableFull)?
            }
            None => return Err(TableFull),
        };
        let position = self.position_mut(key.0, key.1)?;
        position.short.row = at;
        position.short.borrowed = sources.borrowed();
        position.opening = Some(sources.own());
        Ok(())
    }

    /// A position's image as the record has it, with what stands beside it: a row that is not on
    /// record is of tables that were not in force when the position was.
    pub(super) fn put_beside(&mut self, image: Position) -> Position {
        let mut short = self
            .position(image.account, image.instrument)
            .map_or_else(Default::default, |before| before.short);
        let at = short.row.checked_sub(1);
        let at = at.and_then(|at| usize::try_from(at).ok());
        if let Some(row) = at.and_then(|at| self.rows.get_mut(at))
            && row.standing != Standing::Record
        {
            row.standing = Standing::Nothing;
            row.sources = Sources::settled(image.opening.unwrap_or(0));
            short.borrowed = 0;
        }
        Position { short, ..image }
    }

    /// The row that must go on record with a position, because it is of the tables and nothing of
    /// the position is on record yet; it is from here on.
    pub(crate) fn take_unrecorded(&mut self, row: u32) -> Option<((u16, u16), Sources)> {
        let at = usize::try_from(row.checked_sub(1)?).ok()?;
        let row = self.rows.get_mut(at)?;
        if row.standing != Standing::Tables {
            return None;
        }
        row.standing = Standing::Record;
        Some((row.key, row.sources))
    }

    /// Every row on record, by account and instrument.
    pub(crate) fn recorded_rows(&self) -> Vec<((u16, u16), Sources)> {
        let is_recorded = |row: &&Row| row.standing == Standing::Record;
        let rows = self.rows.iter().filter(is_recorded);
        let mut rows: Vec<_> = rows.map(|row| (row.key, row.sources)).collect();
        rows.sort_unstable_by_key(|&(key, _)| key);
        rows
    }

    /// An order's image takes the place of another, or of none: what short sales use follows.
    ///
    /// # Errors
    /// [`TableFull`] when the position is new and there is no room.
    pub(crate) fn follow_short(
        &mut self,
        before: Option<&Order>,
        order: &Order,
    ) -> Result<(), TableFull> {
        if !order.side.is_short() {
            return Ok(());
        }
        let (sold, working) = before.map_or((0, 0), |before| (before.cum_qty, before.reserved_qty));
        let sold = i64::from(order.cum_qty) - i64::from(sold);
        let working = i64::from(order.reserved_qty) - i64::from(working);
        if sold == 0 && working == 0 {
            return Ok(());
        }
        let short = &mut self.position_mut(order.account, order.instrument)?.short;
        short.sold += sold;
        short.working += working;
        Ok(())
    }
}
