//! Logout(35=5): the end of the conversation, or its confirmation.

use crate::encode::MessageWriter;
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"5";

/// Writes the body; an empty text writes none.
pub fn write(writer: &mut MessageWriter<'_>, text: &[u8]) {
    writer.bytes(tag::TEXT, text);
}

super::view! {
    /// Logout(35=5) as it came.
    Logout
}

impl<'a> Logout<'a> {
    /// Text(58); empty where there is none.
    #[must_use]
    pub fn text(&self) -> &'a [u8] {
        self.message.field(tag::TEXT).unwrap_or(&[])
    }
}
