//! NewOrderSingle(35=D): a new order.

use gwanmun_market::{
    AccountId, ClOrdId, FeeClass, NewOrder, OrdType, OrderOrigin, Price, Symbol, VoiceRecordId,
};

use super::order_fields;
use crate::encode::MessageWriter;
use crate::error::{FieldError, MeaningError};
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"D";

super::view! {
    /// NewOrderSingle(35=D) as it came.
    NewOrderSingle
}

impl NewOrderSingle<'_> {
    /// ClOrdID(11).
    ///
    /// # Errors
    /// Missing, not printable ASCII, longer than 32 characters.
    pub fn cl_ord_id(&self) -> Result<ClOrdId, FieldError> {
        self.message.text(tag::CL_ORD_ID)
    }

    /// Symbol(55).
    ///
    /// # Errors
    /// Missing, not printable ASCII, longer than 8 characters.
    pub fn symbol(&self) -> Result<Symbol, FieldError> {
        self.message.text(tag::SYMBOL)
    }

    /// Account(1).
    ///
    /// # Errors
    /// Missing, not printable ASCII, longer than 16 characters.
    pub fn account(&self) -> Result<AccountId, FieldError> {
        self.message.text(tag::ACCOUNT)
    }

    /// TransactTime(60), nanoseconds since the epoch.
    ///
    /// # Errors
    /// Missing, not a UTCTimestamp.
    pub fn transact_time_ns(&self) -> Result<u64, FieldError> {
        self.message.timestamp_ns(tag::TRANSACT_TIME)
    }

    /// The order that the message asks for; text becomes numbers here, signed prices included
    ///
    ///
    /// Account(1) is required here, and Price(44) of a limit order; a market order's price is not
    /// looked at. Without OrderOrigin(20101) an order is online, without FeeClass(20102) it is
    /// charged as HTS, and an emergency order always is. LocateReqd(114) is held to its
    /// values and to the side, and is no part of the order: nothing depends on what it says.
    ///
    /// # Errors
    /// The first field that is missing or wrong, or a value of FIX 4.4 that is not supported here.
    /// Numbers that are none, or do not fit, never become an order.
    pub fn to_new_order(&self) -> Result<NewOrder, MeaningError> {
        let message = &self.message;
        let cl_ord_id = self.cl_ord_id()?;
        let account = self.account()?;
        let symbol = self.symbol()?;
        let side = order_fields::side(message)?;
        order_fields::locate_reqd(message, side)?;
        self.transact_time_ns()?;
        let order_qty = order_fields::order_qty(message)?;
        let ord_type = order_fields::ord_type(message)?;
        let price = match ord_type {
            OrdType::Market => Price::ZERO,
            OrdType::Limit => message.price(tag::PRICE)?,
        };
        let time_in_force = order_fields::time_in_force(message)?;
        let origin = order_fields::user_char(message, tag::ORDER_ORIGIN, OrderOrigin::from_fix)?;
        let fee_class = order_fields::user_char(message, tag::FEE_CLASS, FeeClass::from_fix)?;
        let voice_record_id: Option<VoiceRecordId> =
            message.optional(tag::VOICE_RECORD_ID, |message, tag| message.text(tag))?;
        let ex_destination = order_fields::ex_destination(message)?;
        Ok(NewOrder {
            cl_ord_id,
            account,
            symbol,
            side,
            ord_type,
            price,
            order_qty,
            time_in_force,
            origin,
            fee_class: if origin == OrderOrigin::Emergency {
                FeeClass::Hts
            } else {
                fee_class
            },
            voice_record_id: voice_record_id.unwrap_or(VoiceRecordId::EMPTY),
            ex_destination,
        })
    }
}

/// Writes the body of a NewOrderSingle(35=D).
///
/// HandlInst(21)=1 (automated, private) is written because FIX 4.2 and some dictionaries of 4.4
/// require it.
pub fn write(writer: &mut MessageWriter<'_>, order: &NewOrder, transact_time_ns: u64) {
    writer
        .bytes(tag::CL_ORD_ID, order.cl_ord_id.as_bytes())
        .bytes(tag::ACCOUNT, order.account.as_bytes())
        .char(tag::HANDL_INST, b'1')
        .bytes(tag::SYMBOL, order.symbol.as_bytes())
        .char(tag::SIDE, order.side.to_fix())
        .timestamp(tag::TRANSACT_TIME, transact_time_ns)
        .uint(tag::ORDER_QTY, order.order_qty.into())
        .char(tag::ORD_TYPE, order.ord_type.to_fix());
    if order.ord_type == OrdType::Limit {
        writer.price(tag::PRICE, order.price);
    }
    writer
        .char(tag::TIME_IN_FORCE, order.time_in_force.to_fix())
        .bytes(tag::EX_DESTINATION, order.ex_destination.as_bytes());
    if order.origin != OrderOrigin::default() {
        writer.char(tag::ORDER_ORIGIN, order.origin.to_fix());
    }
    if order.fee_class != FeeClass::default() {
        writer.char(tag::FEE_CLASS, order.fee_class.to_fix());
    }
    writer.bytes(tag::VOICE_RECORD_ID, order.voice_record_id.as_bytes());
}
