//! OrderCancelReplaceRequest(35=G): change an order's price or total quantity.

use gwanmun_market::{ClOrdId, OrdType, Price, ReplaceRequest};

use super::order_fields;
use crate::encode::MessageWriter;
use crate::error::{FieldError, MeaningError};
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"G";

super::view! {
    /// OrderCancelReplaceRequest(35=G) as it came.
    OrderCancelReplaceRequest
}

impl OrderCancelReplaceRequest<'_> {
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

    /// The change that the message asks for.
    ///
    /// # Errors
    /// As [`NewOrderSingle::to_new_order`](super::new_order_single::NewOrderSingle::to_new_order).
    pub fn to_replace_request(&self) -> Result<ReplaceRequest, MeaningError> {
        let message = &self.message;
        let cl_ord_id = self.cl_ord_id()?;
        let orig_cl_ord_id = self.orig_cl_ord_id()?;
        let symbol = message.text(tag::SYMBOL)?;
        let side = order_fields::side(message)?;
        order_fields::locate_reqd(message, side)?;
        self.transact_time_ns()?;
        let order_qty = order_fields::order_qty(message)?;
        let ord_type = order_fields::ord_type(message)?;
        let price = match ord_type {
            OrdType::Market => Price::ZERO,
            OrdType::Limit => message.price(tag::PRICE)?,
        };
        Ok(ReplaceRequest {
            cl_ord_id,
            orig_cl_ord_id,
            symbol,
            side,
            ord_type,
            price,
            order_qty,
            ex_destination: order_fields::ex_destination(message)?,
        })
    }
}

/// Writes the body of an OrderCancelReplaceRequest(35=G).
pub fn write(writer: &mut MessageWriter<'_>, request: &ReplaceRequest, transact_time_ns: u64) {
    writer
        .bytes(tag::ORIG_CL_ORD_ID, request.orig_cl_ord_id.as_bytes())
        .bytes(tag::CL_ORD_ID, request.cl_ord_id.as_bytes())
        .char(tag::HANDL_INST, b'1')
        .bytes(tag::SYMBOL, request.symbol.as_bytes())
        .char(tag::SIDE, request.side.to_fix())
        .timestamp(tag::TRANSACT_TIME, transact_time_ns)
        .uint(tag::ORDER_QTY, request.order_qty.into())
        .char(tag::ORD_TYPE, request.ord_type.to_fix());
    if request.ord_type == OrdType::Limit {
        writer.price(tag::PRICE, request.price);
    }
    writer.bytes(tag::EX_DESTINATION, request.ex_destination.as_bytes());
}
