//! What shares that may be sold are made of, source by source, and the sums that decide a sale.
//!
//! In it: [`Sources`], as the tables and the borrow desk make them, and [`ShortSums`], what short
//! sales have used of them. Not in it: who may change them (`command_path/ledger`), and where they
//! are kept (`positions/ledger`).
//!
//! A long sale uses own shares alone: settled, bought today, unsettled, rights, recalled, in that
//! order. A short sale uses borrowed ones first, then own ones that long sales leave. Whether each
//! finds enough is two sums ([`crate::positions::Position::sellable`]): long sales against what is
//! own, all sales against everything. Which share a sale takes changes neither.

use gwanmun_market::HoldingSource;

use crate::image::{ImageReader, ImageWriter};

/// Most of one source. A thousand times the largest number of shares that any Korean company has
/// issued; the sum of all sources and of everything that a day can trade is far from overflow.
pub(crate) const SOURCE_QTY_MAX: i64 = 1_000_000_000_000_000;

const COUNT: usize = HoldingSource::ALL.len();

/// How much there is of each source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sources([i64; COUNT]);

/// Bytes of an image: account, instrument, each source.
pub(crate) const SOURCES_IMAGE_BYTES: usize = 4 + 8 * COUNT;

impl Sources {
    /// Nothing but what is held and settled; of contracts the signed position.
    #[must_use]
    pub(crate) const fn settled(quantity: i64) -> Sources {
        Sources([quantity, 0, 0, 0, 0])
    }

    /// Of one source.
    #[must_use]
    pub const fn of(&self, source: HoldingSource) -> i64 {
        let [settled, unsettled, rights, recalled, borrowed] = self.0;
        match source {
            HoldingSource::Settled => settled,
            HoldingSource::Unsettled => unsettled,
            HoldingSource::Rights => rights,
            HoldingSource::Recalled => recalled,
            HoldingSource::Borrowed => borrowed,
        }
    }

    /// The seller's own.
    #[must_use]
    pub const fn own(&self) -> i64 {
        let [settled, unsettled, rights, recalled, _] = self.0;
        settled.saturating_add(unsettled.saturating_add(rights.saturating_add(recalled)))
    }

    /// Confirmed loans.
    #[must_use]
    pub const fn borrowed(&self) -> i64 {
        self.of(HoldingSource::Borrowed)
    }

    /// The same with a source changed by so much.
    #[must_use]
    pub(crate) fn changed(mut self, source: HoldingSource, by: i64) -> Sources {
        if let Some(place) = self.0.get_mut(source.index()) {
            *place = place.saturating_add(by);
        }
        self
    }

    /// Whether all there is is settled, so that the sum says everything.
    #[must_use]
    pub(crate) const fn is_plain(&self) -> bool {
        matches!(self.0, [_, 0, 0, 0, 0])
    }

    /// Writes the image of one account's sources of one instrument.
    pub(crate) fn write_image(&self, (account, instrument): (u16, u16), into: &mut ImageWriter) {
        into.u16(account);
        into.u16(instrument);
        for quantity in self.0 {
            into.i64(quantity);
        }
    }

    /// Reads it back.
    pub(crate) fn read_image(from: &mut ImageReader<'_>) -> Option<((u16, u16), Sources)> {
        let key = (from.u16()?, from.u16()?);
        let mut sources = Sources::default();
        for place in &mut sources.0 {
            *place = from.i64()?;
        }
        Some((key, sources))
    }
}

/// What a position needs to know of short sales. It is a function of the orders' images and of the
/// ledger's, so a position's own image does not have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ShortSums {
    /// Confirmed loans.
    pub(crate) borrowed: i64,
    /// What was sold short today, of all that was sold.
    pub(crate) sold: i64,
    /// What working short sales may still sell, of all that working sales may.
    pub(crate) working: i64,
    /// Row of the ledger, from 1; zero where the opening holding is settled and nothing else.
    pub(crate) row: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_add_up_to_what_is_own_and_what_is_borrowed() {
        let mut sources = Sources::settled(100);
        assert!(sources.is_plain());
        for (source, by) in [
            (HoldingSource::Unsettled, 20),
            (HoldingSource::Rights, 3),
            (HoldingSource::Recalled, 4),
            (HoldingSource::Borrowed, 1_000),
            (HoldingSource::Borrowed, -1),
        ] {
            sources = sources.changed(source, by);
        }
        assert_eq!((sources.own(), sources.borrowed()), (127, 999));
        assert!(!sources.is_plain());
        let mut bytes = [0; SOURCES_IMAGE_BYTES];
        let mut writer = ImageWriter::new(&mut bytes);
        sources.write_image((3, 4), &mut writer);
        assert_eq!(writer.finish(), Some(SOURCES_IMAGE_BYTES));
        let mut reader = ImageReader::new(&bytes);
        assert_eq!(Sources::read_image(&mut reader), Some(((3, 4), sources)));
        let mut cut = ImageReader::new(&bytes[1..]);
        assert_eq!(Sources::read_image(&mut cut), None);
    }
}
