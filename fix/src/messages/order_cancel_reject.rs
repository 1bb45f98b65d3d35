//! OrderCancelReject(35=9): a cancel or replace was refused.

use gwanmun_market::{GateCode, Refusal};

use super::execution_report::{OrdStatus, write_refusal};
use crate::encode::MessageWriter;
use crate::error::FieldError;
use crate::tag;
use crate::version::Version;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"9";

/// CxlRejResponseTo(434): what was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CxlRejResponseTo {
    /// OrderCancelRequest(35=F).
    OrderCancelRequest = b'1',
    /// OrderCancelReplaceRequest(35=G).
    OrderCancelReplaceRequest = b'2',
}

/// The body of an OrderCancelReject(35=9) to write.
#[derive(Clone, Copy, Debug)]
pub struct Body<'v> {
    /// OrderID(37); `NONE` is written where it is empty, as the specification wants for an unknown
    /// order.
    pub order_id: &'v [u8],
    /// ClOrdID(11) of the refused request.
    pub cl_ord_id: &'v [u8],
    /// OrigClOrdID(41) of the refused request.
    pub orig_cl_ord_id: &'v [u8],
    /// OrdStatus(39) of the order; Rejected for an unknown order.
    pub ord_status: OrdStatus,
    /// Account(1).
    pub account: &'v [u8],
    /// CxlRejResponseTo(434).
    pub response_to: CxlRejResponseTo,
    /// CxlRejReason(102), GateCode(20110), GateLimit(20111), GateObserved(20112).
    pub refusal: Refusal,
    /// TransactTime(60), nanoseconds since the epoch.
    pub transact_time_ns: u64,
    /// Text(58).
    pub text: &'v [u8],
}

impl Body<'_> {
    /// Writes the fields behind the header.
    pub fn write(&self, writer: &mut MessageWriter<'_>) {
        let reason = cxl_rej_reason(self.refusal.code, writer.version());
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
            .char(tag::ORD_STATUS, self.ord_status.to_fix())
            .bytes(tag::ACCOUNT, self.account)
            .timestamp(tag::TRANSACT_TIME, self.transact_time_ns)
            .char(tag::CXL_REJ_RESPONSE_TO, self.response_to as u8)
            .uint(tag::CXL_REJ_REASON, reason.into())
            .bytes(tag::TEXT, self.text);
        write_refusal(writer, Some(self.refusal));
    }
}

/// CxlRejReason(102) as the version has it; see the same of OrdRejReason(103) in
/// [`super::execution_report`].
const fn cxl_rej_reason(code: GateCode, version: Version) -> u16 {
    match (version, code.cxl_rej_reason()) {
        (Version::Fix42, reason @ 0..=3)
        | (Version::Fix44, reason @ 0..=6)
        | (Version::Fix50Sp2, reason) => reason,
        (Version::Fix42, _) => 2,
        (Version::Fix44, _) => 99,
    }
}

super::view! {
    /// OrderCancelReject(35=9) as it came.
    OrderCancelReject
}

impl<'a> OrderCancelReject<'a> {
    /// OrderID(37).
    ///
    /// # Errors
    /// Missing.
    pub fn order_id(&self) -> Result<&'a [u8], FieldError> {
        self.message.required(tag::ORDER_ID)
    }

    /// ClOrdID(11) of the refused request.
    ///
    /// # Errors
    /// Missing.
    pub fn cl_ord_id(&self) -> Result<&'a [u8], FieldError> {
        self.message.required(tag::CL_ORD_ID)
    }

    /// OrigClOrdID(41) of the refused request.
    ///
    /// # Errors
    /// Missing.
    pub fn orig_cl_ord_id(&self) -> Result<&'a [u8], FieldError> {
        self.message.required(tag::ORIG_CL_ORD_ID)
    }

    /// OrdStatus(39) of the order.
    ///
    /// # Errors
    /// Missing, not of FIX 4.4.
    pub fn ord_status(&self) -> Result<OrdStatus, FieldError> {
        let value = self.message.char(tag::ORD_STATUS)?;
        OrdStatus::from_fix(value).ok_or(FieldError::value(tag::ORD_STATUS))
    }

    /// CxlRejResponseTo(434).
    ///
    /// # Errors
    /// Missing, neither 1 nor 2.
    pub fn response_to(&self) -> Result<CxlRejResponseTo, FieldError> {
        match self.message.char(tag::CXL_REJ_RESPONSE_TO)? {
            b'1' => Ok(CxlRejResponseTo::OrderCancelRequest),
            b'2' => Ok(CxlRejResponseTo::OrderCancelReplaceRequest),
            _ => Err(FieldError::value(tag::CXL_REJ_RESPONSE_TO)),
        }
    }

    /// CxlRejReason(102).
    ///
    /// # Errors
    /// Not a number.
    pub fn cxl_rej_reason(&self) -> Result<Option<u64>, FieldError> {
        self.message
            .optional(tag::CXL_REJ_REASON, |message, tag| message.uint(tag))
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
