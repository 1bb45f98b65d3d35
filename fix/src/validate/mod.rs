//! Messages held against a dictionary: which fields stand where, how often, and what is in them.
//!
//! [`Validator::new`] compiles a [`Dictionary`] into flat tables
//! once; [`Validator::validate`] then looks at an indexed [`Message`] and allocates nothing. The
//! answer names the tag and SessionRejectReason(373), as a Reject(35=3) wants them. [`Checks`] says
//! which mistakes count.
//!
//! Fields are looked at in wire order, and the first mistake is the answer. For each field:
//!
//! 1. *Unknown*: the dictionary has no such tag (InvalidTagNumber, as in the specification's test
//!    case 14a).
//! 2. *Undefined*: this message may not hold it (TagNotDefinedForThisMessageType). It belongs to
//!    the innermost repeating group open here that still has a place for it, else to the message.
//! 3. Groups that it thereby closes: a required member that the last entry lacks
//!    (RequiredTagMissing), a count that is not that of the entries (IncorrectNumInGroupCount).
//! 4. *Order* of header, body and trailer (TagSpecifiedOutOfRequiredOrder), *repeated*
//!    (TagAppearsMoreThanOnce); in a group, an entry that does not begin with the group's first
//!    field, or fields not in the dictionary's order (RepeatingGroupFieldsOutOfOrder), and a
//!    required member that the entry before lacks.
//! 5. *Empty* (TagSpecifiedWithoutAValue), *format* (IncorrectDataFormatForValue), *value*
//!    (ValueIsIncorrect). A value that the dictionary lists is right whatever its type.
//!
//! At the end groups are closed as in 3, and the message's required fields must have been there.
//! What is required within an optional component is not required, since no rule says when the
//! component is there; within an entry of a group it is. Before all this MsgType(35) must be known
//! (InvalidMsgType), and 8, 9 and 35 must be the first three fields. BeginString(8), CompIDs and
//! sequence numbers are the session's, framing is [`crate::frame`]'s.
//!
//! Counterparties send the same few sequences of tags over and over. A [`Memo`] keeps those that
//! were right: a message whose tags are equal, one by one, and whose counts are, is right but for
//! its values, and those alone are looked at. Anything else goes the whole way, so that a memo
//! never changes an answer.
//!
//! ```
//! use gwanmun_fix::dictionary::{Dictionary, Standard};
//! use gwanmun_fix::validate::{Checks, Memo, Validator};
//! use gwanmun_fix::{FieldError, Index, Message};
//!
//! let dictionary = Dictionary::standard(Standard::Fix44);
//! let validator = Validator::new(&dictionary, Checks::ALL)?;
//! let mut memo = Memo::new(&validator);
//!
//! let bytes = b"8=FIX.4.4\x019=51\x0135=1\x0149=A\x0156=B\x0134=7\x01\
//!     52=20261126-09:00:00\x01112=x\x01112=y\x0110=000\x01";
//! let mut index = Index::new();
//! let message = Message::parse(bytes, &mut index).unwrap();
//! let error = validator.validate(&message, &mut memo).unwrap_err();
//! assert_eq!((error.tag, error.reason.number()), (112, 13));
//! # Ok::<(), gwanmun_fix::validate::CompileError>(())
//! ```

mod compile;
mod memo;
mod tables;
mod text;
mod value;
mod walk;

#[cfg(test)]
mod tests;

use crate::dictionary::Dictionary;
use crate::error::FieldError;
use crate::message::Message;
use tables::Tables;

pub use compile::CompileError;
pub use memo::Memo;

/// Which mistakes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// MsgType(35) must be the dictionary's. Off: a message of another type is not looked at.
    pub msg_type: bool,
    /// Tags must be the dictionary's. Off: others are looked over wherever they stand.
    pub unknown: bool,
    /// Fields must be of the message's type. Off: others are looked over wherever they stand.
    pub undefined: bool,
    /// User-defined tags, 5000 to 9999 and from 20000 on, are subject to the two checks above. Off:
    /// those that the message does not have are looked over.
    pub user_defined: bool,
    /// Required fields must be there.
    pub required: bool,
    /// Fields must have a value.
    pub empty: bool,
    /// Values must be of the field's data type.
    pub format: bool,
    /// Values must be in the field's range, and one of those listed where there is a list.
    pub value: bool,
    /// Header, body and trailer must follow each other.
    pub order: bool,
    /// A field must not stand twice in one place. Off: the later ones count as fields too.
    pub repeated: bool,
    /// The number of entries must be as NumInGroup says.
    pub group_count: bool,
    /// An entry's fields must stand in the dictionary's order. Off: in any, and an entry begins
    /// with the field that began the first.
    pub group_order: bool,
}

impl Checks {
    /// All of them.
    pub const ALL: Checks = Checks {
        msg_type: true,
        unknown: true,
        undefined: true,
        user_defined: true,
        required: true,
        empty: true,
        format: true,
        value: true,
        order: true,
        repeated: true,
        group_count: true,
        group_order: true,
    };

    /// What a message needs to be understood: unknown and foreign fields, new values in lists and
    /// members of groups in another order are let by.
    pub const TOLERANT: Checks = Checks {
        unknown: false,
        undefined: false,
        user_defined: false,
        value: false,
        group_order: false,
        ..Checks::ALL
    };
}

/// A dictionary's rules as flat tables.
#[derive(Debug)]
pub struct Validator {
    tables: Tables,
    checks: Checks,
}

impl Validator {
    /// Compiles a dictionary. This takes milliseconds and some megabytes; the validator is read
    /// alone afterwards and can be shared.
    ///
    /// # Errors
    /// The dictionary is larger than the tables can be.
    pub fn new(dictionary: &Dictionary, checks: Checks) -> Result<Validator, CompileError> {
        let tables = compile::compile(dictionary)?;
        Ok(Validator { tables, checks })
    }

    /// Which mistakes count.
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.checks
    }

    /// Bytes that the tables take.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        self.tables.bytes()
    }

    /// Looks at a message; see the [module](self) for what is looked at and in which order.
    ///
    /// `memo` must have been made for this validator: with another's the answer may be wrong, yet
    /// nothing worse. Fields that [`Message::read`] could not read are not there.
    ///
    /// # Errors
    /// The first mistake: its tag and SessionRejectReason(373).
    pub fn validate(&self, message: &Message<'_>, memo: &mut Memo) -> Result<(), FieldError> {
        let msg_type = message.msg_type();
        let known = self.tables.message(msg_type);
        if let Some(level) = known
            && memo.knows(self, level, message)
        {
            return Ok(());
        }
        walk::walk(self, known, message, memo)
    }
}

/// Whether a tag is one of those that two parties agree on between themselves.
const fn is_user_defined(tag: u32) -> bool {
    matches!(tag, 5_000..=9_999 | 20_000..)
}
