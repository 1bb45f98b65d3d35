//! Heartbeat(35=0): a sign of life, or the answer to a TestRequest(35=1).

use crate::encode::MessageWriter;
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"0";

/// Writes the body; `test_req_id` is that of the TestRequest(35=1) answered, empty on a heartbeat
/// of one's own accord.
pub fn write(writer: &mut MessageWriter<'_>, test_req_id: &[u8]) {
    writer.bytes(tag::TEST_REQ_ID, test_req_id);
}

super::view! {
    /// Heartbeat(35=0) as it came.
    Heartbeat
}

impl<'a> Heartbeat<'a> {
    /// TestReqID(112).
    #[must_use]
    pub fn test_req_id(&self) -> Option<&'a [u8]> {
        self.message.field(tag::TEST_REQ_ID)
    }
}
