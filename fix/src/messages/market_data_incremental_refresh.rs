//! MarketDataIncrementalRefresh(35=X): what changed in one or several order books.

use super::md_entry::{INCREMENTAL_ENTRIES, MdEntries};
use crate::error::FieldError;
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"X";

super::view! {
    /// MarketDataIncrementalRefresh(35=X) as it came.
    MarketDataIncrementalRefresh
}

impl<'a> MarketDataIncrementalRefresh<'a> {
    /// MDReqID(262).
    #[must_use]
    pub fn md_req_id(&self) -> Option<&'a [u8]> {
        self.message.field(tag::MD_REQ_ID)
    }

    /// The entries of NoMDEntries(268).
    ///
    /// # Errors
    /// NoMDEntries(268) is missing or not a number of 32 bits; the iterator's errors are told at
    /// [`Groups`](crate::groups::Groups).
    pub fn entries(&self) -> Result<MdEntries<'a>, FieldError> {
        self.message.required(tag::NO_MD_ENTRIES)?;
        Ok(MdEntries::new(self.message.groups(&INCREMENTAL_ENTRIES)?))
    }
}
