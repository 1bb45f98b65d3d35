//! BusinessMessageReject(35=j): a sound message that the application cannot take.

use gwanmun_market::Refusal;

use super::execution_report::write_refusal;
use crate::encode::MessageWriter;
use crate::error::FieldError;
use crate::tag;
use crate::version::Version;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"j";

/// BusinessRejectReason(380).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BusinessRejectReason {
    /// Anything else.
    Other = 0,
    /// An id that is not known.
    UnknownId = 1,
    /// An instrument that is not known.
    UnknownSecurity = 2,
    /// A message type that is not supported here.
    UnsupportedMessageType = 3,
    /// The application cannot take it now.
    ApplicationNotAvailable = 4,
    /// A field that is required here, in this case.
    ConditionallyRequiredFieldMissing = 5,
    /// Not allowed to this sender.
    NotAuthorized = 6,
    /// DeliverToCompID(128) is not reachable now.
    DeliverToFirmNotAvailable = 7,
}

impl BusinessRejectReason {
    /// Every reason, in the order of their numbers.
    pub const ALL: [BusinessRejectReason; 8] = [
        BusinessRejectReason::Other,
        BusinessRejectReason::UnknownId,
        BusinessRejectReason::UnknownSecurity,
        BusinessRejectReason::UnsupportedMessageType,
        BusinessRejectReason::ApplicationNotAvailable,
        BusinessRejectReason::ConditionallyRequiredFieldMissing,
        BusinessRejectReason::NotAuthorized,
        BusinessRejectReason::DeliverToFirmNotAvailable,
    ];

    /// BusinessRejectReason(380) as the version has it: FIX 4.2 ends at 5, and what came later is
    /// Other(0) there.
    #[must_use]
    pub const fn to_version(self, version: Version) -> u8 {
        match (version, self.number()) {
            (Version::Fix42, 6..) => 0,
            (_, number) => number,
        }
    }

    /// BusinessRejectReason(380) as FIX writes it.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// The body of a BusinessMessageReject(35=j) to write.
#[derive(Clone, Copy, Debug)]
pub struct Body<'v> {
    /// RefSeqNum(45): MsgSeqNum(34) of the refused message.
    pub ref_seq_num: u64,
    /// RefMsgType(372).
    pub ref_msg_type: &'v [u8],
    /// BusinessRejectRefID(379): the refused message's own id, its ClOrdID(11) for example; empty
    /// writes none.
    pub business_reject_ref_id: &'v [u8],
    /// BusinessRejectReason(380).
    pub reason: BusinessRejectReason,
    /// GateCode(20110), GateLimit(20111), GateObserved(20112), where a gate refused.
    pub refusal: Option<Refusal>,
    /// Text(58).
    pub text: &'v [u8],
}

impl Body<'_> {
    /// Writes the fields behind the header.
    pub fn write(&self, writer: &mut MessageWriter<'_>) {
        let reason = self.reason.to_version(writer.version());
        writer
            .uint(tag::REF_SEQ_NUM, self.ref_seq_num)
            .bytes(tag::TEXT, self.text)
            .bytes(tag::REF_MSG_TYPE, self.ref_msg_type)
            .bytes(tag::BUSINESS_REJECT_REF_ID, self.business_reject_ref_id)
            .uint(tag::BUSINESS_REJECT_REASON, reason.into());
        write_refusal(writer, self.refusal);
    }
}

super::view! {
    /// BusinessMessageReject(35=j) as it came.
    BusinessMessageReject
}

impl<'a> BusinessMessageReject<'a> {
    /// RefSeqNum(45); optional in FIX 4.4.
    ///
    /// # Errors
    /// Not a sequence number.
    pub fn ref_seq_num(&self) -> Result<Option<u64>, FieldError> {
        self.message
            .optional(tag::REF_SEQ_NUM, |message, tag| message.seq_num(tag))
    }

    /// RefMsgType(372).
    ///
    /// # Errors
    /// Missing.
    pub fn ref_msg_type(&self) -> Result<&'a [u8], FieldError> {
        self.message.required(tag::REF_MSG_TYPE)
    }

    /// BusinessRejectRefID(379).
    #[must_use]
    pub fn business_reject_ref_id(&self) -> Option<&'a [u8]> {
        self.message.field(tag::BUSINESS_REJECT_REF_ID)
    }

    /// BusinessRejectReason(380).
    ///
    /// # Errors
    /// Missing, not a number.
    pub fn business_reject_reason(&self) -> Result<u64, FieldError> {
        self.message.uint(tag::BUSINESS_REJECT_REASON)
    }

    /// Text(58); empty where there is none.
    #[must_use]
    pub fn text(&self) -> &'a [u8] {
        self.message.field(tag::TEXT).unwrap_or(&[])
    }
}
