//! What hotfix tells its application, passed on in order.

use hotfix::Application;
use hotfix::Message;
use hotfix::application::{InboundDecision, OutboundDecision};
use hotfix::fix44::{BUSINESS_REJECT_REF_ID, CL_ORD_ID, EXEC_ID, EXEC_TYPE, MSG_TYPE};
use hotfix::message::Part;
use hotfix::session::Status;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::request::Request;

/// One thing that happened.
#[derive(Debug)]
pub enum Seen {
    /// The session is logged on and misses nothing.
    Active,
    /// The session has no line any more.
    Lost,
    /// An application message came.
    Answer(Answer),
}

/// The fields of an application message that matter here; empty where there is none.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// MsgType(35).
    pub msg_type: String,
    /// ClOrdID(11), or BusinessRejectRefID(379).
    pub cl_ord_id: String,
    /// ExecID(17).
    pub exec_id: String,
    /// ExecType(150).
    pub exec_type: String,
}

/// The application.
pub struct Member {
    seen: UnboundedSender<Seen>,
}

impl Member {
    /// The application, and where it tells what happens.
    pub fn new() -> (Member, UnboundedReceiver<Seen>) {
        let (seen, told) = unbounded_channel();
        (Member { seen }, told)
    }

    fn tell(&self, seen: Seen) {
        // Nobody listens any more once the run is over.
        let _ = self.seen.send(seen);
    }
}

#[async_trait::async_trait]
impl Application for Member {
    type Outbound = Request;

    async fn on_outbound_message(&self, _: &Request) -> OutboundDecision {
        OutboundDecision::Send
    }

    async fn on_inbound_message(&self, message: &Message) -> InboundDecision {
        let text = |found: Result<&str, _>| found.unwrap_or_default().to_owned();
        let msg_type = message
            .header()
            .get::<&str>(MSG_TYPE)
            .unwrap_or_default()
            .to_owned();
        let named = if msg_type == "j" {
            BUSINESS_REJECT_REF_ID
        } else {
            CL_ORD_ID
        };
        self.tell(Seen::Answer(Answer {
            cl_ord_id: text(message.get(named)),
            exec_id: text(message.get(EXEC_ID)),
            exec_type: text(message.get(EXEC_TYPE)),
            msg_type,
        }));
        InboundDecision::Accept
    }

    async fn on_logout(&mut self, _: &str) {}

    async fn on_logon(&mut self) {}

    async fn on_state_change(&self, _: &Status, to: &Status) {
        // The states alone tell all of it: `on_logout` is for a Logout(5), and `on_logon` is not
        // called when messages are missing at the Logon.
        match to {
            Status::Active => self.tell(Seen::Active),
            Status::Disconnected => self.tell(Seen::Lost),
            _ => {}
        }
    }
}
