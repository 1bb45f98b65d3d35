//! ExecutionReport(35=8): what became of an order.

use gwanmun_market::{FeeClass, GateCode, OrdType, OrderOrigin, Price, Refusal, Side, TimeInForce};

use super::order_fields;
use crate::encode::MessageWriter;
use crate::error::{FieldError, MeaningError};
use crate::tag;
use crate::version::Version;

pub use super::exec_type::ExecType;
pub use super::ord_status::OrdStatus;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"8";

/// The body of an ExecutionReport(35=8) to write. Empty texts and `None` write no field.
#[derive(Clone, Copy, Debug)]
pub struct Body<'v> {
    /// OrderID(37); `NONE` is written where it is empty, as the specification wants for an order
    /// that never had one.
    pub order_id: &'v [u8],
    /// ExecID(17): unique for the trading day.
    pub exec_id: &'v [u8],
    /// ExecType(150).
    pub exec_type: ExecType,
    /// OrdStatus(39).
    pub ord_status: OrdStatus,
    /// ClOrdID(11).
    pub cl_ord_id: &'v [u8],
    /// OrigClOrdID(41), on the answers to F and G.
    pub orig_cl_ord_id: &'v [u8],
    /// Account(1).
    pub account: &'v [u8],
    /// Symbol(55).
    pub symbol: &'v [u8],
    /// Side(54).
    pub side: Side,
    /// OrderQty(38).
    pub order_qty: Option<u32>,
    /// OrdType(40).
    pub ord_type: Option<OrdType>,
    /// Price(44).
    pub price: Option<Price>,
    /// TimeInForce(59).
    pub time_in_force: Option<TimeInForce>,
    /// LastQty(32) and LastPx(31) of a fill.
    pub last: Option<(u32, Price)>,
    /// LastMkt(30): the venue of a fill, or the one that has a new order.
    pub last_mkt: &'v [u8],
    /// LeavesQty(151).
    pub leaves_qty: u32,
    /// CumQty(14).
    pub cum_qty: u32,
    /// AvgPx(6); zero before the first fill.
    pub avg_px: Price,
    /// TransactTime(60), nanoseconds since the epoch.
    pub transact_time_ns: u64,
    /// ExecRefID(19), on the correction of a fill.
    pub exec_ref_id: &'v [u8],
    /// Why a gateway refused: OrdRejReason(103) on a rejection, GateCode(20110), GateLimit(20111),
    /// GateObserved(20112).
    pub refusal: Option<Refusal>,
    /// Text(58).
    pub text: &'v [u8],
    /// OrderOrigin(20101); the default is not written.
    pub origin: OrderOrigin,
    /// FeeClass(20102); the default is not written.
    pub fee_class: FeeClass,
    /// VoiceRecordID(20103).
    pub voice_record_id: &'v [u8],
}

impl Body<'_> {
    /// Writes the fields behind the header.
    pub fn write(&self, writer: &mut MessageWriter<'_>) {
        writer
            .bytes(
                tag::ORDER_ID,
                if self.order_id.is_empty() {
                    b"NONE"
                } else {
                    self.order_id
                },
            )
            .bytes(tag::CL_ORD_ID, self.cl_ord_id)
            .bytes(tag::ORIG_CL_ORD_ID, self.orig_cl_ord_id)
            .bytes(tag::EXEC_ID, self.exec_id)
            .bytes(tag::EXEC_REF_ID, self.exec_ref_id);
        let version = writer.version();
        if version == Version::Fix42 {
            writer.char(tag::EXEC_TRANS_TYPE, self.exec_type.exec_trans_type());
        }
        writer
            .char(
                tag::EXEC_TYPE,
                self.exec_type.to_version(version, self.ord_status),
            )
            .char(tag::ORD_STATUS, self.ord_status.to_fix());
        if let Some(refusal) = self
            .refusal
            .filter(|_| self.exec_type == ExecType::Rejected)
        {
            let reason = ord_rej_reason(refusal.code, version);
            writer.uint(tag::ORD_REJ_REASON, reason.into());
        }
        writer
            .bytes(tag::ACCOUNT, self.account)
            .bytes(tag::SYMBOL, self.symbol)
            .char(tag::SIDE, self.side.to_fix());
        if let Some(order_qty) = self.order_qty {
            writer.uint(tag::ORDER_QTY, order_qty.into());
        }
        if let Some(ord_type) = self.ord_type {
            writer.char(tag::ORD_TYPE, ord_type.to_fix());
        }
        if let Some(price) = self.price {
            writer.price(tag::PRICE, price);
        }
        if let Some(time_in_force) = self.time_in_force {
            writer.char(tag::TIME_IN_FORCE, time_in_force.to_fix());
        }
        if let Some((last_qty, last_px)) = self.last {
            writer
                .uint(tag::LAST_QTY, last_qty.into())
                .price(tag::LAST_PX, last_px);
        }
        writer
            .bytes(tag::LAST_MKT, self.last_mkt)
            .uint(tag::LEAVES_QTY, self.leaves_qty.into())
            .uint(tag::CUM_QTY, self.cum_qty.into())
            .price(tag::AVG_PX, self.avg_px)
            .timestamp(tag::TRANSACT_TIME, self.transact_time_ns)
            .bytes(tag::TEXT, self.text);
        if self.origin != OrderOrigin::default() {
            writer.char(tag::ORDER_ORIGIN, self.origin.to_fix());
        }
        if self.fee_class != FeeClass::default() {
            writer.char(tag::FEE_CLASS, self.fee_class.to_fix());
        }
        writer.bytes(tag::VOICE_RECORD_ID, self.voice_record_id);
        write_refusal(writer, self.refusal);
    }
}

/// OrdRejReason(103) as the version has it: reasons that came later, such as a price band or
/// increment, are Other(99) there, in FIX 4.2 BrokerOption(0), and an engine with a dictionary
/// refuses a report that says more. GateCode(20110) says it all the same.
const fn ord_rej_reason(code: GateCode, version: Version) -> u16 {
    match (version, code.ord_rej_reason()) {
        (Version::Fix42, reason @ 0..=8)
        | (Version::Fix44, reason @ (0..=11 | 13..=15))
        | (Version::Fix50Sp2, reason) => reason,
        (Version::Fix42, _) => 0,
        (Version::Fix44, _) => 99,
    }
}

/// GateCode(20110), GateLimit(20111) and GateObserved(20112), the same on every answer that says
/// no.
pub(super) fn write_refusal(writer: &mut MessageWriter<'_>, refusal: Option<Refusal>) {
    if let Some(refusal) = refusal {
        writer
            .uint(tag::GATE_CODE, refusal.code.number().into())
            .int(tag::GATE_LIMIT, refusal.limit)
            .int(tag::GATE_OBSERVED, refusal.observed);
    }
}

super::view! {
    /// ExecutionReport(35=8) as it came.
    ExecutionReport
}

impl<'a> ExecutionReport<'a> {
    /// OrderID(37).
    ///
    /// # Errors
    /// Missing.
    pub fn order_id(&self) -> Result<&'a [u8], FieldError> {
        self.message.required(tag::ORDER_ID)
    }

    /// ExecID(17).
    ///
    /// # Errors
    /// Missing.
    pub fn exec_id(&self) -> Result<&'a [u8], FieldError> {
        self.message.required(tag::EXEC_ID)
    }

    /// ExecType(150).
    ///
    /// # Errors
    /// Missing, not of FIX 4.4.
    pub fn exec_type(&self) -> Result<ExecType, FieldError> {
        let value = self.message.char(tag::EXEC_TYPE)?;
        ExecType::from_fix(value).ok_or(FieldError::value(tag::EXEC_TYPE))
    }

    /// OrdStatus(39).
    ///
    /// # Errors
    /// Missing, not of FIX 4.4.
    pub fn ord_status(&self) -> Result<OrdStatus, FieldError> {
        let value = self.message.char(tag::ORD_STATUS)?;
        OrdStatus::from_fix(value).ok_or(FieldError::value(tag::ORD_STATUS))
    }

    /// ClOrdID(11); optional in FIX 4.4.
    #[must_use]
    pub fn cl_ord_id(&self) -> Option<&'a [u8]> {
        self.message.field(tag::CL_ORD_ID)
    }

    /// OrigClOrdID(41).
    #[must_use]
    pub fn orig_cl_ord_id(&self) -> Option<&'a [u8]> {
        self.message.field(tag::ORIG_CL_ORD_ID)
    }

    /// Symbol(55).
    ///
    /// # Errors
    /// Missing.
    pub fn symbol(&self) -> Result<&'a [u8], FieldError> {
        self.message.required(tag::SYMBOL)
    }

    /// Side(54).
    ///
    /// # Errors
    /// Missing, not of FIX 4.4, or not supported here.
    pub fn side(&self) -> Result<Side, MeaningError> {
        order_fields::side(&self.message)
    }

    /// OrderQty(38).
    ///
    /// # Errors
    /// Not a quantity.
    pub fn order_qty(&self) -> Result<Option<u32>, FieldError> {
        self.message
            .optional(tag::ORDER_QTY, |message, tag| message.quantity(tag))
    }

    /// Price(44).
    ///
    /// # Errors
    /// Not a price.
    pub fn price(&self) -> Result<Option<Price>, FieldError> {
        self.message
            .optional(tag::PRICE, |message, tag| message.price(tag))
    }

    /// LastQty(32).
    ///
    /// # Errors
    /// Not a quantity.
    pub fn last_qty(&self) -> Result<Option<u32>, FieldError> {
        self.message
            .optional(tag::LAST_QTY, |message, tag| message.quantity(tag))
    }

    /// LastPx(31).
    ///
    /// # Errors
    /// Not a price.
    pub fn last_px(&self) -> Result<Option<Price>, FieldError> {
        self.message
            .optional(tag::LAST_PX, |message, tag| message.price(tag))
    }

    /// LastMkt(30); empty where there is none.
    #[must_use]
    pub fn last_mkt(&self) -> &'a [u8] {
        self.message.field(tag::LAST_MKT).unwrap_or(&[])
    }

    /// LeavesQty(151).
    ///
    /// # Errors
    /// Missing, not a quantity.
    pub fn leaves_qty(&self) -> Result<u32, FieldError> {
        self.message.quantity(tag::LEAVES_QTY)
    }

    /// CumQty(14).
    ///
    /// # Errors
    /// Missing, not a quantity.
    pub fn cum_qty(&self) -> Result<u32, FieldError> {
        self.message.quantity(tag::CUM_QTY)
    }

    /// AvgPx(6).
    ///
    /// # Errors
    /// Missing, not a price.
    pub fn avg_px(&self) -> Result<Price, FieldError> {
        self.message.price(tag::AVG_PX)
    }

    /// OrdRejReason(103).
    ///
    /// # Errors
    /// Not a number.
    pub fn ord_rej_reason(&self) -> Result<Option<u64>, FieldError> {
        self.message
            .optional(tag::ORD_REJ_REASON, |message, tag| message.uint(tag))
    }

    /// GateCode(20110) by number.
    ///
    /// # Errors
    /// Not a number.
    pub fn gate_code(&self) -> Result<Option<u64>, FieldError> {
        self.message
            .optional(tag::GATE_CODE, |message, tag| message.uint(tag))
    }

    /// Text(58); empty where there is none.
    #[must_use]
    pub fn text(&self) -> &'a [u8] {
        self.message.field(tag::TEXT).unwrap_or(&[])
    }
}
