//! What each account has sent today of each kind of product.

use gwanmun_market::ProductKind;

use crate::image::{ImageReader, ImageWriter};
use crate::value::Value;

/// Sums over all orders of an account and kind that left for a venue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SentTotal {
    /// Shares or contracts.
    pub(crate) qty: i64,
    /// Their value.
    pub(crate) value: Value,
}

/// Bytes of an image: account, kind, quantity, value.
pub(crate) const SENT_TOTAL_IMAGE_BYTES: usize = 2 + 1 + 8 + 16;

const KINDS: usize = ProductKind::ALL.len();

/// All of them, by account index and kind.
pub(crate) struct SentTotals {
    rows: Box<[[SentTotal; KINDS]]>,
}

impl SentTotals {
    /// Zeros for so many accounts.
    pub(crate) fn new(accounts: usize) -> SentTotals {
        SentTotals {
            rows: vec![<[SentTotal; KINDS]>::default(); accounts].into_boxed_slice(),
        }
    }

    /// Of one account and kind; zeros for one that there is not.
    pub(crate) fn of(&self, account: u16, kind: ProductKind) -> SentTotal {
        let row = self.rows.get(usize::from(account));
        let total = row.and_then(|row| row.get(kind.index()));
        total.copied().unwrap_or_default()
    }

    /// To change; `None` for an account that there is not.
    pub(crate) fn of_mut(&mut self, account: u16, kind: ProductKind) -> Option<&mut SentTotal> {
        self.rows
            .get_mut(usize::from(account))?
            .get_mut(kind.index())
    }

    /// Those that are not zero, in the order of accounts and kinds.
    pub(crate) fn used(&self) -> impl Iterator<Item = (u16, ProductKind, SentTotal)> {
        (0..).zip(&self.rows).flat_map(|(account, row)| {
            let kinds = ProductKind::ALL.into_iter().zip(row);
            let used = kinds.filter(|(_, total)| **total != SentTotal::default());
            used.map(move |(kind, total)| (account, kind, *total))
        })
    }
}

/// Writes the image of one.
pub(crate) fn write_image(
    (account, kind, total): (u16, ProductKind, SentTotal),
    into: &mut ImageWriter<'_>,
) {
    let (high, low) = total.value.to_halves();
    into.u16(account);
    into.u8(u8::try_from(kind.index()).unwrap_or(u8::MAX));
    into.i64(total.qty);
    into.u64(high);
    into.u64(low);
}

/// Reads one back.
pub(crate) fn read_image(from: &mut ImageReader<'_>) -> Option<(u16, ProductKind, SentTotal)> {
    let (account, kind) = (from.u16()?, from.u8()?);
    let kind = *ProductKind::ALL.get(usize::from(kind))?;
    let qty = from.i64()?;
    let value = Value::from_halves((from.u64()?, from.u64()?));
    Some((account, kind, SentTotal { qty, value }))
}
