//! The data types of FIX values: from text to numbers, instants, times and lists.
//!
//! One file for each type or family. Every reader takes the text of one value and gives the thing
//! or a [`ValueError`] that says what is wrong and at which byte; nothing is rounded, guessed or
//! trimmed, and nothing is floating point. The getters that put the tag to it are in
//! `field_getters.rs`, those of [`Message`](crate::Message) alone in `getters.rs`. Not here: which
//! field has which type.
//!
//! | FIX data type | Reader | Gives |
//! | --- | --- | --- |
//! | int, Length, SeqNum, NumInGroup, DayOfMonth | [`integer`] | `i64`, `u64` |
//! | float, Price, Qty, Amt, Percentage | [`decimal`] | `i64` of a given scale, [`Decimal`] |
//! | char, Boolean | [`character`] | `u8`, `bool` |
//! | String, Currency, Country, Exchange | [`text`] | the bytes |
//! | MultipleValueString, MultipleCharValue | [`multiple`] | borrowed iterators |
//! | UTCTimestamp | [`utc_timestamp`] | nanoseconds since the epoch |
//! | UTCTimeOnly | [`utc_time_only`] | nanoseconds since midnight |
//! | UTCDateOnly, LocalMktDate | [`date`] | [`Date`] |
//! | MonthYear | [`month_year`] | [`MonthYear`] |
//! | TZTimestamp, TZTimeOnly | [`tz_timestamp`] | instant and offset |
//! | data | [`Message::data`](crate::Message::data) | the bytes, as many as the length field says |

pub mod character;
pub mod date;
pub mod decimal;
pub mod integer;
pub mod month_year;
pub mod multiple;
pub mod text;
pub mod tz_timestamp;
pub mod utc_time_only;
pub mod utc_timestamp;

mod field_getters;
mod getters;
#[cfg(test)]
mod twin;

pub use date::Date;
pub use decimal::Decimal;
pub use month_year::MonthYear;
pub use multiple::{Characters, Values};
pub use tz_timestamp::{TzTime, TzTimestamp};

use crate::error::{FieldError, SessionRejectReason};

/// Why a value is not what its data type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// What kind of fault.
    pub fault: ValueFault,
    /// The first byte that is wrong, counted from the value's front: the length of the value where
    /// something is missing behind it, 0 where the value as a whole is out of range. Places beyond
    /// 65,535 are told as that.
    pub at: u16,
}

/// The kinds of faults that a value can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueFault {
    /// Not of the data type's form: SessionRejectReason(373)=6.
    Format,
    /// Of the form, but outside what there is or what is held here: SessionRejectReason(373)=5.
    Range,
}

impl ValueError {
    /// Not of the form, from the byte `at` on.
    #[must_use]
    pub fn format(at: usize) -> ValueError {
        ValueError {
            fault: ValueFault::Format,
            at: place(at),
        }
    }

    /// Out of range because of the byte `at`.
    #[must_use]
    pub fn range(at: usize) -> ValueError {
        ValueError {
            fault: ValueFault::Range,
            at: place(at),
        }
    }

    /// The same fault, so many bytes further behind: for a value inside another.
    #[must_use]
    pub fn behind(self, bytes: usize) -> ValueError {
        ValueError {
            at: place(bytes.saturating_add(self.at.into())),
            ..self
        }
    }

    /// SessionRejectReason(373) that answers it.
    #[must_use]
    pub const fn reason(self) -> SessionRejectReason {
        match self.fault {
            ValueFault::Format => SessionRejectReason::IncorrectDataFormatForValue,
            ValueFault::Range => SessionRejectReason::ValueIsIncorrect,
        }
    }

    /// The error of the field that has the value.
    #[must_use]
    pub const fn of(self, tag: u32) -> FieldError {
        FieldError::new(tag, self.reason()).at(self.at)
    }
}

fn place(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// Whether the front of a text has a form, in which `0` stands for any digit and everything else
/// for itself; the text may go on behind it.
fn form(text: &[u8], wanted: &[u8]) -> Result<(), ValueError> {
    for (at, &wanted) in wanted.iter().enumerate() {
        let fits = match (text.get(at), wanted) {
            (None, _) => false,
            (Some(byte), b'0') => byte.is_ascii_digit(),
            (Some(byte), _) => *byte == wanted,
        };
        if !fits {
            return Err(ValueError::format(at));
        }
    }
    Ok(())
}

/// The error of a result whose form is wrong. The form of a whole text is looked at before any
/// value in it.
fn form_of<T>(result: &Result<T, ValueError>) -> Result<(), ValueError> {
    match result {
        Err(error) if error.fault == ValueFault::Format => Err(*error),
        _ => Ok(()),
    }
}

/// The number that at most eight digits at a place make; 0 where they are none, which `form` has
/// seen to.
fn number_at(text: &[u8], at: usize, length: usize) -> u32 {
    text.get(at..at + length)
        .and_then(crate::digits::read_short)
        .unwrap_or(0)
}
