//! Fields that several order messages share, with the line between a value that FIX 4.4 lacks and
//! one that we do.

use gwanmun_market::{OrdType, Side, TimeInForce, VenueName};

use crate::error::{FieldError, MeaningError};
use crate::message::Message;
use crate::tag;

/// Side(54) of FIX 4.4.
const SIDES: &[u8] = b"123456789ABCDEFG";
/// OrdType(40) of FIX 4.4, the deprecated ones included.
const ORD_TYPES: &[u8] = b"123456789ABCDEFGHIJKLMP";
/// TimeInForce(59) of FIX 4.4.
const TIMES_IN_FORCE: &[u8] = b"01234567";

/// Side(54).
///
/// # Errors
/// Missing, not one character, or not of FIX 4.4; unsupported where it is of FIX 4.4.
pub fn side(message: &Message<'_>) -> Result<Side, MeaningError> {
    let value = message.char(tag::SIDE)?;
    Side::from_fix(value).ok_or_else(|| refuse(tag::SIDE, value, SIDES))
}

/// OrdType(40).
///
/// # Errors
/// As [`side`].
pub fn ord_type(message: &Message<'_>) -> Result<OrdType, MeaningError> {
    match message.char(tag::ORD_TYPE)? {
        b'1' => Ok(OrdType::Market),
        b'2' => Ok(OrdType::Limit),
        value => Err(refuse(tag::ORD_TYPE, value, ORD_TYPES)),
    }
}

/// TimeInForce(59); Day where it is absent, as the specification says.
///
/// # Errors
/// As [`side`].
pub fn time_in_force(message: &Message<'_>) -> Result<TimeInForce, MeaningError> {
    let value = message.optional(tag::TIME_IN_FORCE, |message, tag| message.char(tag))?;
    match value.unwrap_or(b'0') {
        b'0' => Ok(TimeInForce::Day),
        b'3' => Ok(TimeInForce::ImmediateOrCancel),
        b'4' => Ok(TimeInForce::FillOrKill),
        value => Err(refuse(tag::TIME_IN_FORCE, value, TIMES_IN_FORCE)),
    }
}

/// OrderQty(38), above zero.
pub(super) fn order_qty(message: &Message<'_>) -> Result<u32, FieldError> {
    match message.quantity(tag::ORDER_QTY)? {
        0 => Err(FieldError::value(tag::ORDER_QTY)),
        order_qty => Ok(order_qty),
    }
}

/// ExDestination(100); empty where it is absent.
///
/// # Errors
/// Not printable ASCII, longer than the 8 characters that the name of a venue has at most.
pub(super) fn ex_destination(message: &Message<'_>) -> Result<VenueName, FieldError> {
    let named = message.optional(tag::EX_DESTINATION, |message, tag| message.text(tag))?;
    Ok(named.unwrap_or(VenueName::EMPTY))
}

/// LocateReqd(114): whether the broker is to find the shares of a short sale; `None` where nothing
/// is said.
///
/// The field belongs to short sales, Side(54) 5 and 6. With another side N says nothing, and Y asks
/// for what cannot be.
///
/// # Errors
/// Neither Y nor N; unsupported where Y stands beside another side.
pub(super) fn locate_reqd(message: &Message<'_>, side: Side) -> Result<Option<bool>, MeaningError> {
    let (tag, value) = (tag::LOCATE_REQD, message.field(tag::LOCATE_REQD));
    match value {
        None => Ok(None),
        Some(b"N") => Ok(Some(false)),
        Some(b"Y") if side.is_short() => Ok(Some(true)),
        Some(b"Y") => Err(MeaningError::Unsupported { tag, value: b'Y' }),
        Some(_) => {
            message.char(tag)?;
            Err(FieldError::value(tag).into())
        }
    }
}

/// A user tag of one character with a default where it is absent.
pub(super) fn user_char<T: Default>(
    message: &Message<'_>,
    tag: u32,
    from_fix: impl FnOnce(u8) -> Option<T>,
) -> Result<T, FieldError> {
    match message.optional(tag, |message, tag| message.char(tag))? {
        None => Ok(T::default()),
        Some(value) => from_fix(value).ok_or(FieldError::value(tag)),
    }
}

fn refuse(tag: u32, value: u8, fix_44: &[u8]) -> MeaningError {
    if fix_44.contains(&value) {
        MeaningError::Unsupported { tag, value }
    } else {
        MeaningError::Field(FieldError::value(tag))
    }
}
