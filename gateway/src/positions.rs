//! What each account holds of each instrument, working orders included.
//!
//! A fixed open-addressing table keyed by (account, instrument). A position whose opening holding
//! is not in the tables is *unknown*: what was traded today is still counted, but nothing is
//! sellable from it and no order reduces its risk.

mod ledger;

use gwanmun_market::Side;

use crate::image::{ImageReader, ImageWriter};
use crate::ledger::ShortSums;
use crate::orders::TableFull;
use crate::tables::Tables;

/// One account's position in one instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// Account index.
    pub(crate) account: u16,
    /// Instrument index.
    pub(crate) instrument: u16,
    /// Own holding without today's trades, signed: what its sources in the ledger add up to, less
    /// loans; `None` when nobody told one.
    pub(crate) opening: Option<i64>,
    /// Bought today.
    pub(crate) bought: i64,
    /// Sold today.
    pub(crate) sold: i64,
    /// Quantity that working buy orders may still buy.
    pub(crate) working_buy: i64,
    /// Quantity that working sell orders may still sell.
    pub(crate) working_sell: i64,
    /// What short sales use; not in the image.
    pub(crate) short: ShortSums,
}

/// Bytes of a position's image.
pub(crate) const POSITION_IMAGE_BYTES: usize = 45;

impl Position {
    pub(crate) const fn empty(account: u16, instrument: u16) -> Position {
        Position {
            account,
            instrument,
            opening: None,
            bought: 0,
            sold: 0,
            working_buy: 0,
            working_sell: 0,
            short: ShortSums {
                borrowed: 0,
                sold: 0,
                working: 0,
                row: 0,
            },
        }
    }

    /// Signed position now, without working orders; `None` when unknown.
    #[must_use]
    pub(crate) const fn net(&self) -> Option<i64> {
        match self.opening {
            Some(opening) => Some(opening.saturating_add(self.bought - self.sold)),
            None => None,
        }
    }

    /// What may still be sold, long or short; `None` when unknown. A long sale finds what is own
    /// less all long sales, and no sale more than everything less all sales: see
    /// [`crate::ledger`].
    #[must_use]
    pub(crate) fn sellable(&self, is_short: bool) -> Option<i64> {
        let net = self.net()?;
        let all = net.saturating_add(self.short.borrowed - self.working_sell);
        if is_short {
            return Some(all);
        }
        let own = net.saturating_add(self.short.sold - self.working_sell + self.short.working);
        Some(own.min(all))
    }

    /// Own shares that sales of today use, done and working: long ones, and short ones as far as
    /// loans do not suffice. What was bought today is not taken off, since it is not settled.
    #[must_use]
    pub(crate) fn own_used(&self) -> i64 {
        let short = self.short.sold + self.short.working;
        let long = self.sold + self.working_sell - short;
        long + (short - self.short.borrowed).max(0)
    }

    /// Whether an order of `quantity`, filled in full together with all working orders of its side,
    /// keeps the position from passing zero. `already_reserved` is what the order itself holds back
    /// now (a replace). A short sale never does.
    #[must_use]
    pub(crate) const fn is_reduced_by(
        &self,
        side: Side,
        quantity: u32,
        already_reserved: u32,
    ) -> bool {
        let added = quantity as i64 - already_reserved as i64;
        match self.net() {
            None => false,
            // It is said to sell what is borrowed first.
            Some(_) if side.is_short() => false,
            Some(net) if side.is_sell() => {
                net > 0 && net.saturating_sub(self.working_sell + added) >= 0
            }
            Some(net) => net < 0 && net.saturating_add(self.working_buy + added) <= 0,
        }
    }

    /// Changes what working orders of a side hold back.
    pub(crate) fn reserve(&mut self, side: Side, change: i64) {
        let working = if side.is_sell() {
            &mut self.working_sell
        } else {
            &mut self.working_buy
        };
        *working += change;
        debug_assert!(*working >= 0, "more was released than was held back");
        if side.is_short() {
            self.short.working += change;
        }
    }

    /// Books an execution.
    pub(crate) fn execute(&mut self, side: Side, quantity: u32) {
        let total = if side.is_sell() {
            &mut self.sold
        } else {
            &mut self.bought
        };
        *total += i64::from(quantity);
        if side.is_short() {
            self.short.sold += i64::from(quantity);
        }
    }

    /// Writes the image.
    pub(crate) fn write_image(&self, into: &mut ImageWriter<'_>) {
        into.u16(self.account);
        into.u16(self.instrument);
        into.u8(u8::from(self.opening.is_some()));
        into.i64(self.opening.unwrap_or(0));
        into.i64(self.bought);
        into.i64(self.sold);
        into.i64(self.working_buy);
        into.i64(self.working_sell);
    }

    /// Reads an image back.
    pub(crate) fn read_image(from: &mut ImageReader<'_>) -> Option<Position> {
        let (account, instrument, is_known) = (from.u16()?, from.u16()?, from.u8()?);
        let opening = from.i64()?;
        Some(Position {
            account,
            instrument,
            opening: (is_known == 1).then_some(opening),
            bought: from.i64()?,
            sold: from.i64()?,
            working_buy: from.i64()?,
            working_sell: from.i64()?,
            short: ShortSums::default(),
        })
    }
}

/// All positions of the day.
pub(crate) struct Positions {
    /// Invariant: a power of two, at least twice `positions_max`.
    entries: Box<[Option<Position>]>,
    /// Which of them are on record: an image in an effect tells them, whatever the tables say now.
    recorded: Box<[bool]>,
    /// The ledger's rows, by [`ShortSums::row`]; at most `positions_max`, for which there is room.
    rows: Vec<ledger::Row>,
    count: usize,
    positions_max: usize,
}

impl Positions {
    /// Room for `positions_max`, with the tables' opening holdings in it.
    ///
    /// # Errors
    /// [`TableFull`] when the holdings alone are more.
    pub(crate) fn new(positions_max: usize, tables: &Tables) -> Result<Positions, TableFull> {
        let length = (positions_max.max(1) * 2).next_power_of_two();
        let mut positions = Positions {
            entries: vec![None; length].into_boxed_slice(),
            recorded: vec![false; length].into_boxed_slice(),
            rows: Vec::with_capacity(positions_max),
            count: 0,
            positions_max,
        };
        for holding in tables.holdings() {
            let account = tables.account_index(&holding.account);
            let instrument = tables.instrument_index(&holding.symbol);
            if let (Some(account), Some(instrument)) = (account, instrument) {
                let held = (holding.source, holding.quantity);
                positions.hold((account, instrument), held)?;
            }
        }
        positions.recorded.fill(false);
        Ok(positions)
    }

    /// Slots that there are, a power of two.
    pub(crate) fn slots(&self) -> usize {
        self.entries.len()
    }

    /// The slot of a position, or the free one where it would be; it keeps it all day.
    #[must_use]
    pub(crate) fn find(&self, account: u16, instrument: u16) -> Option<usize> {
        let length = self.entries.len();
        let key = (u64::from(account) << 16) | u64::from(instrument);
        let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let mut at = usize::try_from(hash).unwrap_or(0) & (length - 1);
        for _ in 0..length {
            match self.entries.get(at)? {
                Some(entry) if entry.account != account || entry.instrument != instrument => {
                    at = (at + 1) & (length - 1);
                }
                _ => return Some(at),
            }
        }
        None
    }

    /// A position, if anything is known or traded.
    #[must_use]
    pub(crate) fn position(&self, account: u16, instrument: u16) -> Option<&Position> {
        self.entries.get(self.find(account, instrument)?)?.as_ref()
    }

    /// The position in a slot.
    #[must_use]
    pub(crate) fn at(&self, slot: usize) -> Option<&Position> {
        self.entries.get(slot)?.as_ref()
    }

    /// Every position with its slot, in the order of the table.
    pub(crate) fn all(&self) -> impl Iterator<Item = (usize, &Position)> {
        let entries = self.entries.iter().enumerate();
        entries.filter_map(|(slot, entry)| Some((slot, entry.as_ref()?)))
    }

    /// Positions known or traded.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Every position on record, in the order of the table.
    pub(crate) fn recorded(&self) -> impl Iterator<Item = &Position> {
        let entries = self.entries.iter().zip(&self.recorded);
        entries.filter_map(|(entry, is_recorded)| entry.as_ref().filter(|_| *is_recorded))
    }

    /// Whether the position exists or could be made.
    #[must_use]
    pub(crate) fn has_room_for(&self, account: u16, instrument: u16) -> bool {
        self.count < self.positions_max || self.position(account, instrument).is_some()
    }

    /// The slot of a position to change, made now if it is new; it goes on record with the change.
    ///
    /// # Errors
    /// [`TableFull`] when it is new and there is no room.
    pub(crate) fn slot_of(&mut self, account: u16, instrument: u16) -> Result<usize, TableFull> {
        let slot = self.find(account, instrument).ok_or(TableFull)?;
        let entry = self.entries.get_mut(slot).ok_or(TableFull)?;
        if entry.is_none() {
            if self.count >= self.positions_max {
                return Err(TableFull);
            }
            self.count += 1;
            *entry = Some(Position::empty(account, instrument));
        }
        if let Some(is_recorded) = self.recorded.get_mut(slot) {
            *is_recorded = true;
        }
        Ok(slot)
    }

    /// A position to change, as [`Positions::slot_of`] found it.
    pub(crate) fn at_mut(&mut self, slot: usize) -> Option<&mut Position> {
        self.entries.get_mut(slot)?.as_mut()
    }

    /// A position to change.
    ///
    /// # Errors
    /// As [`Positions::slot_of`].
    pub(crate) fn position_mut(
        &mut self,
        account: u16,
        instrument: u16,
    ) -> Result<&mut Position, TableFull> {
        let slot = self.slot_of(account, instrument)?;
        self.at_mut(slot).ok_or(TableFull)
    }

    /// Puts a position back as an image tells it.
    ///
    /// # Errors
    /// [`TableFull`] when there is no room.
    pub(crate) fn put(&mut self, position: Position) -> Result<(), TableFull> {
        let position = self.put_beside(position);
        *self.position_mut(position.account, position.instrument)? = position;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn risk_reducing_is_measured_against_zero() {
        let mut position = Position {
            opening: Some(100),
            ..Position::empty(1, 2)
        };
        for (side, quantity, expected) in [
            (Side::Sell, 100, true),
            (Side::Sell, 101, false),
            (Side::SellShort, 100, false),
            (Side::SellShortExempt, 100, false),
            (Side::Buy, 1, false),
        ] {
            assert_eq!(
                position.is_reduced_by(side, quantity, 0),
                expected,
                "{side:?} {quantity}"
            );
        }
        position.reserve(Side::Sell, 40);
        assert!(position.is_reduced_by(Side::Sell, 60, 0));
        assert!(!position.is_reduced_by(Side::Sell, 61, 0));
        assert!(position.is_reduced_by(Side::Sell, 100, 40));
        position.opening = Some(-10);
        position.working_sell = 0;
        assert!(position.is_reduced_by(Side::Buy, 10, 0));
        assert!(!position.is_reduced_by(Side::Buy, 11, 0));
        position.opening = None;
        assert!(!position.is_reduced_by(Side::Buy, 1, 0));
    }

    #[test]
    fn image_reads_back() {
        let position = Position {
            opening: Some(-5),
            bought: 7,
            ..Position::empty(3, 4)
        };
        let mut bytes = [0; POSITION_IMAGE_BYTES];
        let mut writer = ImageWriter::new(&mut bytes);
        position.write_image(&mut writer);
        assert_eq!(writer.finish(), Some(POSITION_IMAGE_BYTES));
        assert_eq!(
            Position::read_image(&mut ImageReader::new(&bytes)),
            Some(position)
        );
    }
}
