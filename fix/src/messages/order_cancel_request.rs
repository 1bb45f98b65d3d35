//! OrderCancelRequest(35=F): take the rest of an order off the market.

use gwanmun_market::{CancelRequest, ClOrdId};

use super::order_fields;
use crate::encode::MessageWriter;
use crate::error::{FieldError, MeaningError};
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"F";

super::view! {
    /// OrderCancelRequest(35=F) as it came.
    OrderCancelRequest
}

impl OrderCancelRequest<'_> {
    /// ClOrdID(11) of the request.
    ///
    /// # Errors
    /// Missing, not printable ASCII, longer than 32 characters.
    pub fn cl_ord_id(&self) -> Result<ClOrdId, FieldError> {
        self.message.text(tag::CL_ORD_ID)
    }

    /// OrigClOrdID(41): the order's latest accepted ClOrdID(11).
    ///
    /// # Errors
    /// Missing, not printable ASCII, longer than 32 characters.
    pub fn orig_cl_ord_id(&self) -> Result<ClOrdId, FieldError> {
        self.message.text(tag::ORIG_CL_ORD_ID)
    }

    /// TransactTime(60), nanoseconds since the epoch.
    ///
    /// # Errors
    /// Missing, not a UTCTimestamp.
    pub fn transact_time_ns(&self) -> Result<u64, FieldError> {
        self.message.timestamp_ns(tag::TRANSACT_TIME)
    }

    /// The cancel that the message asks for. OrderQty(38) is not looked at: all that is left is
    /// cancelled.
    ///
    /// # Errors
    /// The first field that is missing or wrong, or a Side(54) of FIX 4.4 that is not supported
    /// here.
    pub fn to_cancel_request(&self) -> Result<CancelRequest, MeaningError> {
        let cl_ord_id = self.cl_ord_id()?;
        let orig_cl_ord_id = self.orig_cl_ord_id()?;
        let symbol = self.message.text(tag::SYMBOL)?;
        let side = order_fields::side(&self.message)?;
        self.transact_time_ns()?;
        Ok(CancelRequest {
            cl_ord_id,
            orig_cl_ord_id,
            symbol,
            side,
        })
    }
}

/// Writes the body of an OrderCancelRequest(35=F). `order_qty` is the order's OrderQty(38), which
/// FIX 4.4 requires.
pub fn write(
    writer: &mut MessageWriter<'_>,
    request: &CancelRequest,
    order_qty: u32,
    transact_time_ns: u64,
) {
    writer
        .bytes(tag::ORIG_CL_ORD_ID, request.orig_cl_ord_id.as_bytes())
        .bytes(tag::CL_ORD_ID, request.cl_ord_id.as_bytes())
        .bytes(tag::SYMBOL, request.symbol.as_bytes())
        .char(tag::SIDE, request.side.to_fix())
        .timestamp(tag::TRANSACT_TIME, transact_time_ns)
        .uint(tag::ORDER_QTY, order_qty.into());
}
