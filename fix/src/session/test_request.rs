//! TestRequest(1): asking a silent peer to speak, and speaking when asked.
//!
//! In it: TestReqID(112) both ways. Any message from the peer settles our question, not only the
//! Heartbeat(0) that repeats the TestReqID(112): all it has to prove is that the peer is there. Not
//! in it: when to ask (see [`super::heartbeat`]).

use super::outcome::{NoRoom, Outcome};
use super::validate::Inbound;
use super::{Answer, Session};
use crate::error::FieldError;
use crate::message::Message;
use crate::messages::test_request;
use crate::sink::Sink;
use crate::tag;

/// Longest TestReqID(112) in bytes that is repeated; a longer one is refused.
pub const TEST_REQ_ID_BYTES_MAX: usize = 256;

/// TestReqID(112) of our own. One is enough: at most one is outstanding, and any message settles
/// it.
const TEST_REQ_ID: &[u8] = b"TEST";

/// Our own test requests on this line.
#[derive(Clone, Copy, Debug)]
pub(super) struct TestRequests {
    /// When the one was sent that is not answered yet.
    outstanding_since_ns: Option<u64>,
}

impl TestRequests {
    pub(super) const NONE: TestRequests = TestRequests {
        outstanding_since_ns: None,
    };

    pub(super) const fn outstanding_since_ns(self) -> Option<u64> {
        self.outstanding_since_ns
    }

    /// The clock was set back to here.
    pub(super) const fn follow_clock(&mut self, now_ns: u64) {
        if let Some(since_ns) = &mut self.outstanding_since_ns
            && *since_ns > now_ns
        {
            *since_ns = now_ns;
        }
    }

    /// The peer spoke, or is gone.
    pub(super) const fn settle(&mut self) {
        self.outstanding_since_ns = None;
    }
}

impl Session {
    /// Asks the peer to speak. It counts as asked also without room, see `watch`.
    pub(super) fn write_test_request(
        &mut self,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<(), NoRoom> {
        self.test_request.outstanding_since_ns = Some(now_ns);
        self.administer(test_request::MSG_TYPE, now_ns, sink, |writer| {
            test_request::write(writer, TEST_REQ_ID);
        })?;
        Ok(())
    }

    /// The peer asks: Heartbeat(0) with its TestReqID(112).
    pub(super) fn on_test_request(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let test_req_id = match message.required(tag::TEST_REQ_ID) {
            Ok(test_req_id) if test_req_id.len() > TEST_REQ_ID_BYTES_MAX => {
                let error = FieldError::value(tag::TEST_REQ_ID);
                return self.refuse(inbound, error, b"TestReqID(112) too long", now_ns, sink);
            }
            Ok(test_req_id) => test_req_id,
            Err(error) => return self.refuse(inbound, error, b"", now_ns, sink),
        };
        self.write_heartbeat(test_req_id, now_ns, sink)?;
        Ok(Outcome::Answered)
    }
}
