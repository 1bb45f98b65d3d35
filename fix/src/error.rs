//! What is wrong with a message, in the words that FIX answers with.
//!
//! Frame errors are [`crate::frame::Garble`]; conduct of a session is the session's. Here is the
//! middle layer: fields.

/// SessionRejectReason(373); which version has which, [`crate::Version::has_reason`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum SessionRejectReason {
    /// The tag is zero, not a number or empty.
    InvalidTagNumber = 0,
    /// A required field is missing.
    RequiredTagMissing = 1,
    /// The tag is not defined for this message type.
    TagNotDefinedForThisMessageType = 2,
    /// The tag is not defined at all.
    UndefinedTag = 3,
    /// The field has no value.
    TagSpecifiedWithoutAValue = 4,
    /// The value is outside what the field may hold.
    ValueIsIncorrect = 5,
    /// The value is not of the field's data type.
    IncorrectDataFormatForValue = 6,
    /// Decryption failed.
    DecryptionProblem = 7,
    /// Signature(89) is wrong.
    SignatureProblem = 8,
    /// SenderCompID(49) or TargetCompID(56) is not the session's.
    CompIdProblem = 9,
    /// SendingTime(52) is too far from the receiver's clock, or after OrigSendingTime's limit.
    SendingTimeAccuracyProblem = 10,
    /// MsgType(35) is not one that exists.
    InvalidMsgType = 11,
    /// The XML of an embedded document is wrong.
    XmlValidationError = 12,
    /// A field outside a repeating group stands there twice.
    TagAppearsMoreThanOnce = 13,
    /// A field stands where the specification does not allow it.
    TagSpecifiedOutOfRequiredOrder = 14,
    /// Fields of a repeating group are out of order.
    RepeatingGroupFieldsOutOfOrder = 15,
    /// A group's count does not match its entries.
    IncorrectNumInGroupCount = 16,
    /// A value that is not data holds SOH.
    NonDataValueIncludesSoh = 17,
    /// ApplVerID(1128) or DefaultApplVerID(1137) names a version that is not spoken here.
    UnsupportedApplicationVersion = 18,
    /// Anything else, a limit of ours included.
    Other = 99,
}

impl SessionRejectReason {
    /// Every reason, in the order of their numbers.
    pub const ALL: [SessionRejectReason; 20] = [
        SessionRejectReason::InvalidTagNumber,
        SessionRejectReason::RequiredTagMissing,
        SessionRejectReason::TagNotDefinedForThisMessageType,
        SessionRejectReason::UndefinedTag,
        SessionRejectReason::TagSpecifiedWithoutAValue,
        SessionRejectReason::ValueIsIncorrect,
        SessionRejectReason::IncorrectDataFormatForValue,
        SessionRejectReason::DecryptionProblem,
        SessionRejectReason::SignatureProblem,
        SessionRejectReason::CompIdProblem,
        SessionRejectReason::SendingTimeAccuracyProblem,
        SessionRejectReason::InvalidMsgType,
        SessionRejectReason::XmlValidationError,
        SessionRejectReason::TagAppearsMoreThanOnce,
        SessionRejectReason::TagSpecifiedOutOfRequiredOrder,
        SessionRejectReason::RepeatingGroupFieldsOutOfOrder,
        SessionRejectReason::IncorrectNumInGroupCount,
        SessionRejectReason::NonDataValueIncludesSoh,
        SessionRejectReason::UnsupportedApplicationVersion,
        SessionRejectReason::Other,
    ];

    /// The value of SessionRejectReason(373).
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The reason behind a number, `None` for one that no version has.
    #[must_use]
    pub fn from_number(number: u64) -> Option<SessionRejectReason> {
        SessionRejectReason::ALL
            .into_iter()
            .find(|reason| u64::from(reason.number()) == number)
    }

    /// The specification's words for it, for Text(58) and for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            SessionRejectReason::InvalidTagNumber => "Invalid tag number",
            SessionRejectReason::RequiredTagMissing => "Required tag missing",
            SessionRejectReason::TagNotDefinedForThisMessageType => {
                "Tag not defined for this message type"
            }
            SessionRejectReason::UndefinedTag => "Undefined Tag",
            SessionRejectReason::TagSpecifiedWithoutAValue => "Tag specified without a value",
            SessionRejectReason::ValueIsIncorrect => {
                "Value is incorrect (out of range) for this tag"
            }
            SessionRejectReason::IncorrectDataFormatForValue => "Incorrect data format for value",
            SessionRejectReason::DecryptionProblem => "Decryption problem",
            SessionRejectReason::SignatureProblem => "Signature problem",
            SessionRejectReason::CompIdProblem => "CompID problem",
            SessionRejectReason::SendingTimeAccuracyProblem => "SendingTime accuracy problem",
            SessionRejectReason::InvalidMsgType => "Invalid MsgType",
            SessionRejectReason::XmlValidationError => "XML validation error",
            SessionRejectReason::TagAppearsMoreThanOnce => "Tag appears more than once",
            SessionRejectReason::TagSpecifiedOutOfRequiredOrder => {
                "Tag specified out of required order"
            }
            SessionRejectReason::RepeatingGroupFieldsOutOfOrder => {
                "Repeating group fields out of order"
            }
            SessionRejectReason::IncorrectNumInGroupCount => {
                "Incorrect NumInGroup count for repeating group"
            }
            SessionRejectReason::NonDataValueIncludesSoh => {
                "Non-data value includes field delimiter (SOH character)"
            }
            SessionRejectReason::UnsupportedApplicationVersion => {
                "Invalid/Unsupported Application Version"
            }
            SessionRejectReason::Other => "Other",
        }
    }
}

/// One field that is not as it should be: what Reject(35=3) says in RefTagID(371) and
/// SessionRejectReason(373), and where in the value the fault lies.
///
/// Two errors are equal when a peer would be answered alike: the place is for people and logs, and
/// is not compared.
#[derive(Clone, Copy, Debug)]
pub struct FieldError {
    /// RefTagID(371); 0 when the tag itself could not be read.
    pub tag: u32,
    /// SessionRejectReason(373).
    pub reason: SessionRejectReason,
    /// The first byte of the value that is wrong, counted from 0; 0 also where the value as a whole
    /// is at fault or missing, 65,535 also for everything behind.
    pub at: u16,
}

impl PartialEq for FieldError {
    fn eq(&self, other: &FieldError) -> bool {
        (self.tag, self.reason) == (other.tag, other.reason)
    }
}

impl Eq for FieldError {}

impl FieldError {
    /// An error of this field for this reason.
    #[must_use]
    pub const fn new(tag: u32, reason: SessionRejectReason) -> FieldError {
        FieldError { tag, reason, at: 0 }
    }

    /// The same error at a place in the value.
    #[must_use]
    pub const fn at(self, at: u16) -> FieldError {
        FieldError { at, ..self }
    }

    /// The field is required and not there.
    #[must_use]
    pub const fn missing(tag: u32) -> FieldError {
        FieldError::new(tag, SessionRejectReason::RequiredTagMissing)
    }

    /// The value is outside what the field may hold.
    #[must_use]
    pub const fn value(tag: u32) -> FieldError {
        FieldError::new(tag, SessionRejectReason::ValueIsIncorrect)
    }

    /// The value is not of the field's data type.
    #[must_use]
    pub const fn format(tag: u32) -> FieldError {
        FieldError::new(tag, SessionRejectReason::IncorrectDataFormatForValue)
    }
}

/// A whole message whose fields could not all be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexError {
    /// The first field that is wrong: RefTagID(371), 0 when the tag itself could not be read.
    pub ref_tag: u32,
    /// SessionRejectReason(373).
    pub reason: SessionRejectReason,
    /// MsgSeqNum(34) of the message, for RefSeqNum(45); 0 when it could not be read either.
    pub msg_seq_num: u64,
}

impl IndexError {
    /// The same without the sequence number.
    #[must_use]
    pub const fn field_error(self) -> FieldError {
        FieldError::new(self.ref_tag, self.reason)
    }
}

/// Why an application message has no meaning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeaningError {
    /// The field breaks the specification: Reject(35=3) answers.
    Field(FieldError),
    /// FIX 4.4 has this value, but it is not carried here: ExecutionReport(35=8),
    /// OrderCancelReject(35=9) or BusinessMessageReject(35=j) answers.
    Unsupported {
        /// The field.
        tag: u32,
        /// Its value, a FIX char.
        value: u8,
    },
}

impl From<FieldError> for MeaningError {
    fn from(error: FieldError) -> MeaningError {
        MeaningError::Field(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_both_ways() {
        for reason in SessionRejectReason::ALL {
            assert_eq!(
                SessionRejectReason::from_number(reason.number().into()),
                Some(reason)
            );
        }
        assert_eq!(SessionRejectReason::from_number(19), None);
        assert_eq!(SessionRejectReason::from_number(u64::MAX), None);
    }
}
