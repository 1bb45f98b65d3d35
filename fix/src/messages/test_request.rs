//! TestRequest(35=1): asks for a Heartbeat(35=0) with the same TestReqID(112).

use crate::encode::MessageWriter;
use crate::error::FieldError;
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"1";

/// Writes the body.
pub fn write(writer: &mut MessageWriter<'_>, test_req_id: &[u8]) {
    writer.bytes(tag::TEST_REQ_ID, test_req_id);
}

super::view! {
    /// TestRequest(35=1) as it came.
    TestRequest
}

impl<'a> TestRequest<'a> {
    /// TestReqID(112).
    ///
    /// # Errors
    /// Missing.
    pub fn test_req_id(&self) -> Result<&'a [u8], FieldError> {
        self.message.required(tag::TEST_REQ_ID)
    }
}
