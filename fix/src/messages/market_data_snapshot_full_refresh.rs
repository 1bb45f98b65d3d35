//! MarketDataSnapshotFullRefresh(35=W): an order book as a whole.

use gwanmun_market::Text;

use super::md_entry::{FULL_REFRESH_ENTRIES, MdEntries};
use crate::error::FieldError;
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"W";

super::view! {
    /// MarketDataSnapshotFullRefresh(35=W) as it came.
    MarketDataSnapshotFullRefresh
}

impl<'a> MarketDataSnapshotFullRefresh<'a> {
    /// MDReqID(262).
    #[must_use]
    pub fn md_req_id(&self) -> Option<&'a [u8]> {
        self.message.field(tag::MD_REQ_ID)
    }

    /// Symbol(55), at most `N` bytes.
    ///
    /// # Errors
    /// Missing, not printable ASCII, longer than `N`.
    pub fn symbol<const N: usize>(&self) -> Result<Text<N>, FieldError> {
        self.message.text(tag::SYMBOL)
    }

    /// The entries of NoMDEntries(268).
    ///
    /// # Errors
    /// NoMDEntries(268) is missing or not a number of 32 bits; the iterator's errors are told at
    /// [`Groups`](crate::groups::Groups).
    pub fn entries(&self) -> Result<MdEntries<'a>, FieldError> {
        self.message.required(tag::NO_MD_ENTRIES)?;
        Ok(MdEntries::new(self.message.groups(&FULL_REFRESH_ENTRIES)?))
    }
}
