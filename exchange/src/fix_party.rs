//! One participant that speaks FIX: its session, all that it was ever sent, its orders by its own
//! names.
//!
//! In it: [`Party`]. What a participant asks goes through the desk like any other request: the same
//! book, ledger and day log. What its stream says becomes reports when they are sent; after a line
//! that is lost it finds them again by ResendRequest(2). Sessions and names live as long as the
//! process: a day that is gone on with has its orders and not its FIX sessions. Not in it: sockets
//! (see `fix_lines.rs`), requests (`fix_requests.rs`) and reports (`fix_reports.rs`).

use std::collections::BTreeMap;

use gwanmun_fix::message::Message;
use gwanmun_fix::session::{
    ApplicationTypes, History, Outcome, Past, ResendProgress, Session, SessionTerms,
};
use gwanmun_fix::{FieldError, MessageWriter, Sent, Sink};
use gwanmun_market::Text;

use crate::clock::Moment;
use crate::desk::{Desk, DeskError};
use crate::fix_reports::Shadow;

/// Room for one message: the longest report has some 400 bytes.
const MESSAGE_BYTES_MAX: usize = 4_096;
/// Steps of a resend for each time that the line has room.
const RESEND_STEPS: usize = 64;

/// A participant.
#[derive(Debug)]
pub(crate) struct Party {
    pub(crate) account: usize,
    pub(crate) session: Session,
    /// What was sent, by number from 1, and whether it is for the application.
    history: Vec<(Vec<u8>, bool)>,
    /// Number of the next message of its stream that is not told.
    pub(crate) told: u64,
    /// Every ClOrdID(11) that named an order, and the UserRefNum it stands for.
    pub(crate) names: BTreeMap<Vec<u8>, u32>,
    pub(crate) orders: BTreeMap<u32, Shadow>,
    /// ClOrdIDs of the replaces whose answers are not told, with the order's UserRefNum.
    pub(crate) replacing: BTreeMap<u32, (Vec<u8>, u32)>,
    /// ClOrdID(11) of the cancel that is being acted on.
    pub(crate) cancelling: Option<Vec<u8>>,
}

struct Kept<'a>(&'a [(Vec<u8>, bool)]);

impl History for Kept<'_> {
    fn sent(&self, msg_seq_num: u64) -> Past<'_> {
        let index = usize::try_from(msg_seq_num.saturating_sub(1)).unwrap_or(usize::MAX);
        match self.0.get(index) {
            Some((bytes, true)) => Past::Application(bytes),
            _ => Past::Administrative,
        }
    }
}

/// Takes messages for the line, and keeps the fresh ones.
pub(crate) struct Outbox<'a> {
    room: [u8; MESSAGE_BYTES_MAX],
    fresh: Vec<(Vec<u8>, bool)>,
    out: &'a mut Vec<u8>,
}

impl<'a> Outbox<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Outbox<'a> {
        Outbox {
            room: [0; MESSAGE_BYTES_MAX],
            fresh: Vec::new(),
            out,
        }
    }
}

impl Sink for Outbox<'_> {
    fn room(&mut self) -> &mut [u8] {
        &mut self.room
    }

    fn commit(&mut self, sent: Sent) {
        let bytes = &self.room[..sent.length];
        self.out.extend_from_slice(bytes);
        if !sent.is_resend {
            self.fresh.push((bytes.to_vec(), sent.is_application));
        }
    }
}

impl Party {
    pub(crate) fn new(account: usize, own: Text<32>, theirs: Text<32>) -> Party {
        let terms = SessionTerms {
            application_types: ApplicationTypes::Listed(&[b"D", b"F", b"G", b"H"]),
            ..SessionTerms::new(own, theirs, true)
        };
        Party {
            account,
            session: Session::new(terms),
            history: Vec::new(),
            told: 1,
            names: BTreeMap::new(),
            orders: BTreeMap::new(),
            replacing: BTreeMap::new(),
            cancelling: None,
        }
    }

    /// Runs the session, and keeps what it wrote.
    pub(crate) fn with<R>(
        &mut self,
        out: &mut Vec<u8>,
        call: impl FnOnce(&mut Session, &mut Outbox<'_>) -> R,
    ) -> R {
        let mut outbox = Outbox::new(out);
        let result = call(&mut self.session, &mut outbox);
        self.history.append(&mut outbox.fresh);
        result
    }

    /// Writes an application message.
    pub(crate) fn tell(
        &mut self,
        msg_type: &[u8],
        now_ns: u64,
        out: &mut Vec<u8>,
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) {
        let sent = self.with(out, |session, outbox| {
            session.send(msg_type, now_ns, outbox, body)
        });
        debug_assert!(sent.is_ok(), "a report fits its room");
    }

    /// Sends again what the peer asked for, a part at a time.
    pub(crate) fn resend(&mut self, now_ns: u64, out: &mut Vec<u8>) {
        if !self.session.is_resending() {
            return;
        }
        let history = core::mem::take(&mut self.history);
        let mut outbox = Outbox::new(out);
        for _ in 0..RESEND_STEPS {
            let past = Kept(&history);
            if self.session.resend_step(now_ns, &past, &mut outbox) == ResendProgress::Idle {
                break;
            }
        }
        let mut fresh = outbox.fresh;
        self.history = history;
        self.history.append(&mut fresh);
    }

    /// Takes a whole message; what it asks of the venue is done.
    pub(crate) fn on_message(
        &mut self,
        (message, fault): (&Message<'_>, Option<FieldError>),
        line: u32,
        desk: &mut Desk,
        now: Moment,
        out: &mut Vec<u8>,
    ) -> Result<Outcome, DeskError> {
        let outcome = self.with(out, |session, outbox| match fault {
            None => session.on_message(message, now.utc_ns, outbox),
            Some(fault) => session.on_defective(message, fault, now.utc_ns, outbox),
        });
        if outcome != Outcome::Deliver {
            return Ok(outcome);
        }
        self.report(desk, now.utc_ns, out);
        let done = match message.msg_type() {
            b"D" => self.enter(message, line, desk, now, out)?,
            b"F" => self.cancel(message, line, desk, now, out)?,
            b"G" => self.replace(message, line, desk, now, out)?,
            _ => self.status(message, now, out),
        };
        self.report(desk, now.utc_ns, out);
        self.cancelling = None;
        if let Err(error) = done {
            self.refuse_meaning(message, error, now.utc_ns, out);
        }
        Ok(outcome)
    }

    /// The order with a name.
    pub(crate) fn named(&self, name: &[u8]) -> Option<(u32, &Shadow)> {
        let number = *self.names.get(name)?;
        self.orders.get(&number).map(|order| (number, order))
    }
}
