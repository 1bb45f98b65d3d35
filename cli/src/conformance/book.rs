//! What an initiator sent and what came of it: every order one answer, nothing told twice.

use std::collections::{BTreeMap, BTreeSet};

use gwanmun_fix::{Message, tag};
use serde_json::{Value, json};

/// Fields that the copy of a message need not have as the message had them.
const TRANSPORT: [u32; 7] = [
    tag::BEGIN_STRING,
    tag::BODY_LENGTH,
    tag::CHECK_SUM,
    tag::POSS_DUP_FLAG,
    tag::SENDING_TIME,
    tag::ORIG_SENDING_TIME,
    tag::LAST_MSG_SEQ_NUM_PROCESSED,
];

/// The account of one run.
#[derive(Default)]
pub(super) struct Book {
    sent: BTreeSet<Vec<u8>>,
    unanswered: BTreeSet<Vec<u8>>,
    /// Application messages delivered, by number: what a copy must repeat.
    bodies: BTreeMap<u64, Vec<u8>>,
    /// What was told: an ExecID(17), or a type and its ClOrdID(11).
    told: BTreeSet<Vec<u8>>,
    repeated: u64,
    doubled: u64,
    changed: u64,
    unknown: u64,
}

impl Book {
    /// An order leaves for the first time.
    pub(super) fn sent(&mut self, cl_ord_id: &[u8]) {
        self.sent.insert(cl_ord_id.to_vec());
        self.unanswered.insert(cl_ord_id.to_vec());
    }

    /// Orders sent.
    pub(super) fn sent_count(&self) -> u64 {
        self.sent.len() as u64
    }

    /// Orders without an answer.
    pub(super) fn unanswered_count(&self) -> u64 {
        self.unanswered.len() as u64
    }

    /// Whether nothing is held against the peer.
    pub(super) fn is_clean(&self) -> bool {
        self.unanswered.is_empty() && [self.doubled, self.changed, self.unknown] == [0; 3]
    }

    /// An application message that the session delivered.
    ///
    /// One whose number was delivered before, because we forgot that we had it, is a copy: it has
    /// to say the same, with PossDupFlag(43)=Y, and tells nothing new. Anything that is told a
    /// second time under a number of its own is doubled.
    pub(super) fn take(&mut self, message: &Message<'_>) {
        let body = body_of(message);
        let number = message.msg_seq_num().unwrap_or(0);
        if let Some(known) = self.bodies.get(&number) {
            if *known == body && message.poss_dup_flag() {
                self.repeated += 1;
            } else {
                self.changed += 1;
            }
            return;
        }
        self.bodies.insert(number, body);
        let cl_ord_id = message
            .field(tag::CL_ORD_ID)
            .or_else(|| message.field(tag::BUSINESS_REJECT_REF_ID))
            .unwrap_or(b"");
        let event = match message.field(tag::EXEC_ID) {
            Some(exec_id) => [b"17=", exec_id].concat(),
            None => [message.msg_type(), b" ", cl_ord_id].concat(),
        };
        if !self.told.insert(event) {
            self.doubled += 1;
        }
        if !self.sent.contains(cl_ord_id) {
            self.unknown += 1;
        }
        self.unanswered.remove(cl_ord_id);
    }

    /// The figures.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "orders": self.sent.len(),
            "unanswered": self.unanswered.len(),
            "doubled": self.doubled,
            "repeated": self.repeated,
            "changed": self.changed,
            "unknown": self.unknown,
        })
    }
}

/// Every field but those of the transport, in order.
fn body_of(message: &Message<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    for (field_tag, value) in message.fields() {
        if !TRANSPORT.contains(&field_tag) {
            body.extend_from_slice(&field_tag.to_be_bytes());
            body.extend_from_slice(value);
            body.push(0);
        }
    }
    body
}
