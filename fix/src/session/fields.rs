//! The two field shapes of administrative messages that the codec does not judge as strictly as a
//! session must.
//!
//! In it: sequence numbers within our limit, and flags that may be absent. Not in it: everything
//! else about fields (see [`crate::message`]).

use super::terms::MSG_SEQ_NUM_MAX;
use crate::error::FieldError;
use crate::message::Message;

/// A sequence number that must be there, from 1 to [`MSG_SEQ_NUM_MAX`].
pub(super) fn seq_num(message: &Message<'_>, tag: u32) -> Result<u64, FieldError> {
    match message.seq_num(tag)? {
        number if number > MSG_SEQ_NUM_MAX => Err(FieldError::value(tag)),
        number => Ok(number),
    }
}

/// A Boolean that may be absent, which means no.
pub(super) fn flag(message: &Message<'_>, tag: u32) -> Result<bool, FieldError> {
    Ok(message
        .optional(tag, |message, tag| message.boolean(tag))?
        .unwrap_or(false))
}
