//! Logout(35=5): the end of the conversation, or its confirmation.

use crate::encode::MessageWriter;
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"5";

/// Writes the body; an empty text writes none.
pub fn write(writer: &mut MessageWriter<'_>, text: &[u8]) {
    writer.bytes(tag::TEXT, text);
}

/// Why a Logon(A) is answered with Logout(5); values of SessionStatus(1409).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// 7: Logons are not allowed at this time.
    LogonsNotAllowedNow,
    /// 8: the password was right and has expired.
    PasswordExpired,
}

impl SessionStatus {
    /// The field's value.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            SessionStatus::LogonsNotAllowedNow => 7,
            SessionStatus::PasswordExpired => 8,
        }
    }
}

/// Writes the body of a Logout(5) that refuses a Logon(A): Text(58), and SessionStatus(1409) where
/// the version has it.
pub fn write_refusal(writer: &mut MessageWriter<'_>, text: &[u8], status: SessionStatus) {
    write(writer, text);
    if writer.version().has_session_status() {
        writer.uint(tag::SESSION_STATUS, status.number());
    }
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
