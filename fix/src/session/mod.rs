//! The FIX session layer as a state machine without socket, clock or allocation.
//!
//! In it: one [`Session`] per peer; whole messages and `now_ns` go in, answers go into a lent
//! [`Sink`], small outcomes come out. It is acceptor or initiator by its [`SessionTerms`]. Not in
//! it: framing, credentials, the store of sent messages (the caller's, seen through [`History`])
//! and anything about orders. Each concern has a file: [`logon`], [`heartbeat`], [`test_request`],
//! [`resend_request`], [`resend`], [`sequence`], [`sequence_reset`], [`logout`], [`reject`],
//! [`validate`], `deadline`; [`outbound`] writes every header.
//!
//! How the caller turns it: `on_connect` when a line is bound; `on_message` for each whole message;
//! `on_deadline` when `next_deadline_ns` has passed; `resend_step` once per turn while it does not
//! say `Idle`; `on_disconnect` when the line is gone. Messages sent while no one is logged on take
//! their number and go into the sink like others, but must not go on a wire: the peer fetches them
//! by ResendRequest(2) later.

pub mod heartbeat;
pub mod logon;
pub mod logout;
pub mod outbound;
pub mod outcome;
pub mod reject;
pub mod resend;
pub mod resend_request;
pub mod sequence;
pub mod sequence_reset;
pub mod terms;
pub mod test_request;
pub mod validate;

mod by_hand;
mod deadline;
mod fields;
mod phrase;

pub use outcome::{DisconnectReason, NoRoom, Numbers, Outcome};
pub use resend::{History, Past, ResendProgress};
pub use terms::{ApplicationTypes, MSG_SEQ_NUM_MAX, ROOM_BYTES_MIN, SeqNumReset, SessionTerms};

use crate::error::FieldError;
use crate::message::Message;
use crate::sink::Sink;
use validate::{Checked, Inbound, Kind};

/// Where a session stands with its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No line.
    Disconnected,
    /// A line without a Logon(A) from the peer; an initiator has not sent its own either.
    AwaitingLogon,
    /// Initiator: our Logon(A) is out.
    LogonSent,
    /// Both Logons are exchanged.
    LoggedOn,
    /// Our Logout(5) is out; the peer may still finish what it was saying.
    LogoutSent,
    /// The peer's Logout(5) is answered; it closes the line.
    LogoutAnswered,
    /// The caller was told to close the line; whatever still arrives is not looked at.
    Closing,
}

/// One FIX session: who, where in the conversation, and the numbers.
///
/// ```
/// use gwanmun_fix::session::{Outcome, Session, SessionTerms};
/// use gwanmun_fix::{Index, Message, MessageWriter, Sent, Sink, tag};
/// use gwanmun_market::Text;
///
/// /// What waits for the socket, behind room for one message.
/// struct Outbox(Vec<u8>, [u8; 4096]);
/// impl Sink for Outbox {
///     fn room(&mut self) -> &mut [u8] {
///         &mut self.1
///     }
///     fn commit(&mut self, sent: Sent) {
///         self.0.extend_from_slice(&self.1[..sent.length]);
///     }
/// }
///
/// # fn logon(now_ns: u64) -> Vec<u8> {
/// #     let mut bytes = vec![0; 256];
/// #     let mut writer = MessageWriter::start(&mut bytes, b"FIX.4.4");
/// #     writer.bytes(tag::MSG_TYPE, b"A").uint(tag::MSG_SEQ_NUM, 1);
/// #     writer.bytes(tag::SENDER_COMP_ID, b"MEMBER").timestamp(tag::SENDING_TIME, now_ns);
/// #     writer.bytes(tag::TARGET_COMP_ID, b"GATE");
/// #     writer.uint(tag::ENCRYPT_METHOD, 0).uint(tag::HEART_BT_INT, 30);
/// #     let length = writer.finish().unwrap();
/// #     bytes.truncate(length);
/// #     bytes
/// # }
/// let id = |text: &[u8]| Text::new(text).unwrap();
/// let mut session = Session::new(SessionTerms::new(id(b"GATE"), id(b"MEMBER"), true));
/// let mut outbox = Outbox(Vec::new(), [0; 4096]);
/// let now_ns = 1_795_392_753_000_000_000;
/// session.on_connect(now_ns);
///
/// let received = logon(now_ns);
/// let mut index = Index::new();
/// let message = Message::parse(&received, &mut index).unwrap();
/// assert_eq!(session.on_message(&message, now_ns, &mut outbox), Outcome::Answered);
/// assert_eq!(
///     outbox.0.escape_ascii().to_string().replace("\\x01", "|"),
///     "8=FIX.4.4|9=65|35=A|34=1|49=GATE|52=20261123-00:12:33.000|56=MEMBER|98=0|108=30|10=196|"
/// );
/// // Heartbeat(0) is due when we have said nothing for as long.
/// assert_eq!(session.next_deadline_ns(), Some(now_ns + 30_000_000_000));
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    terms: SessionTerms,
    phase: Phase,
    /// Invariant: both at least 1 and at most one above [`MSG_SEQ_NUM_MAX`].
    numbers: Numbers,
    /// How often the numbers went back to 1 by agreement.
    reset_count: u32,
    /// Zero where no heartbeats are agreed.
    heart_bt_int_ns: u64,
    phase_since_ns: u64,
    last_received_ns: u64,
    last_sent_ns: u64,
    test_request: test_request::TestRequests,
    /// What the peer still owes us. Invariant: its highest number is at least `next_in`.
    gap: Option<sequence::Gap>,
    /// What we still owe the peer.
    resend: Option<resend::Resend>,
}

/// What a concern's function gives: the outcome, or no room for its answer.
type Answer = Result<Outcome, NoRoom>;

impl Session {
    /// A session that was never connected, both numbers at 1.
    #[must_use]
    pub const fn new(terms: SessionTerms) -> Session {
        Session {
            terms,
            phase: Phase::Disconnected,
            numbers: Numbers::FIRST,
            reset_count: 0,
            heart_bt_int_ns: 0,
            phase_since_ns: 0,
            last_received_ns: 0,
            last_sent_ns: 0,
            test_request: test_request::TestRequests::NONE,
            gap: None,
            resend: None,
        }
    }

    /// Takes the numbers from the caller's records after a restart. The line is gone by then.
    ///
    /// Numbers outside 1..=[`MSG_SEQ_NUM_MAX`] + 1 are brought into it.
    pub fn restore(&mut self, numbers: Numbers) {
        self.on_disconnect();
        self.numbers = Numbers {
            next_in: numbers.next_in.clamp(1, MSG_SEQ_NUM_MAX + 1),
            next_out: numbers.next_out.clamp(1, MSG_SEQ_NUM_MAX + 1),
        };
    }

    /// Both numbers begin anew by the calendar: the next Logon(A) is the first of a new window.
    /// The peer's is 1 then, and ours `next_out`: above 1 where messages that the peer was never
    /// sent are kept under new numbers ([`Past::Renumbered`]). What else the store holds under the
    /// old numbers must no longer be found, as after a reset by agreement:
    /// [`Self::reset_count`] grows.
    ///
    /// The line must be gone, as the peer would go on with its old numbers on it.
    pub fn begin_anew(&mut self, next_out: u64) {
        debug_assert!(self.phase == Phase::Disconnected, "its peer is still there");
        self.on_disconnect();
        self.numbers = Numbers {
            next_in: 1,
            next_out: next_out.clamp(1, MSG_SEQ_NUM_MAX + 1),
        };
        self.reset_count += 1;
    }

    /// From here on ResetSeqNumFlag(141)=Y is honoured as `reset` says: for sessions without end
    /// that agreed on a time for it.
    pub const fn set_reset(&mut self, reset: SeqNumReset) {
        self.terms.reset = reset;
    }

    /// The terms of this session.
    #[must_use]
    pub const fn terms(&self) -> &SessionTerms {
        &self.terms
    }

    /// The numbers to keep on record.
    #[must_use]
    pub const fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// How often both numbers went back to 1 by ResetSeqNumFlag(141) since `new`; when it has
    /// grown, what the store holds under the old numbers must no longer be found by [`History`].
    #[must_use]
    pub const fn reset_count(&self) -> u32 {
        self.reset_count
    }

    /// Whether messages written now belong on the wire: both Logons are exchanged and the line
    /// stands.
    #[must_use]
    pub const fn is_logged_on(&self) -> bool {
        matches!(self.phase, Phase::LoggedOn | Phase::LogoutSent)
    }

    /// Whether the peer's Logout(5) is answered and only the end of the line is awaited.
    #[must_use]
    pub const fn has_answered_logout(&self) -> bool {
        matches!(self.phase, Phase::LogoutAnswered)
    }

    /// Whether a message is missing from the peer's side of the sequence.
    #[must_use]
    pub const fn has_gap(&self) -> bool {
        self.gap.is_some()
    }

    /// Whether `resend_step` has something to do.
    #[must_use]
    pub const fn is_resending(&self) -> bool {
        self.is_logged_on() && (self.resend.is_some() || self.owes_resend_request())
    }

    /// A line is bound to this session; a Logon(A) must follow in time.
    pub fn on_connect(&mut self, now_ns: u64) {
        self.on_disconnect();
        self.enter(Phase::AwaitingLogon, now_ns);
        self.last_received_ns = now_ns;
        self.last_sent_ns = now_ns;
    }

    /// The line is gone. Numbers stay; what was being asked for or resent is asked for anew later.
    pub fn on_disconnect(&mut self) {
        self.phase = Phase::Disconnected;
        self.test_request.settle();
        self.gap = None;
        self.resend = None;
    }

    /// Takes one whole, parsed message.
    ///
    /// With less than [`ROOM_BYTES_MIN`] of room in the sink the message is not looked at and the
    /// outcome is `Disconnect(NoRoom)`: a caller that prefers to wait keeps the message until there
    /// is room.
    pub fn on_message(
        &mut self,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Outcome {
        self.on_inbound(message, None, now_ns, sink)
    }

    /// Takes one whole message in which a field is wrong in itself, as `Message::read` or
    /// `Message::duplicate_tag` found it: when it is the message's turn it is answered with
    /// Reject(3) and its number is used up.
    ///
    /// Otherwise as `on_message`; never `Deliver`.
    pub fn on_defective(
        &mut self,
        message: &Message<'_>,
        defect: FieldError,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Outcome {
        self.on_inbound(message, Some(defect), now_ns, sink)
    }

    fn on_inbound(
        &mut self,
        message: &Message<'_>,
        defect: Option<FieldError>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Outcome {
        if matches!(
            self.phase,
            Phase::Disconnected | Phase::LogoutAnswered | Phase::Closing
        ) {
            return Outcome::Ignore;
        }
        if sink.room().len() < ROOM_BYTES_MIN {
            return self.close(DisconnectReason::NoRoom);
        }
        let next_in_before = self.numbers.next_in;
        let reset_count_before = self.reset_count;
        let outcome = match self.take(message, defect, now_ns, sink) {
            Ok(outcome) => outcome,
            Err(NoRoom) => self.close(DisconnectReason::NoRoom),
        };
        debug_assert!(
            self.numbers.next_in >= next_in_before || self.reset_count != reset_count_before
        );
        debug_assert!(
            self.gap
                .is_none_or(|gap| gap.highest >= self.numbers.next_in)
        );
        outcome
    }

    /// The order of judgement: head of the message, then its number, then what it says.
    fn take(
        &mut self,
        message: &Message<'_>,
        defect: Option<FieldError>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let inbound = match self.check_head(message, defect, now_ns, sink)? {
            Checked::Fit(inbound) => inbound,
            Checked::Answered(outcome) => return Ok(outcome),
        };
        self.last_received_ns = now_ns;
        self.test_request.settle();
        if !self.is_logged_on() {
            return self.take_before_logon(&inbound, message, now_ns, sink);
        }
        match inbound.kind {
            Kind::Logon => return self.on_logon_again(&inbound, message, now_ns, sink),
            Kind::SequenceReset if !sequence_reset::is_gap_fill(message) => {
                return self.on_reset(&inbound, message, now_ns, sink);
            }
            _ => {}
        }
        if inbound.msg_seq_num < self.numbers.next_in {
            return self.on_too_low(&inbound, message, now_ns, sink);
        }
        if inbound.msg_seq_num > self.numbers.next_in {
            return match inbound.kind {
                Kind::ResendRequest => self.on_early_request(&inbound, message, now_ns, sink),
                Kind::Logout => self.on_logout(now_ns, sink),
                _ => self.on_too_high(&inbound, now_ns, sink),
            };
        }
        if let Err(error) = inbound.check_fields(message)
            && !self.takes_anyway(&inbound)
        {
            self.consume(inbound.msg_seq_num, now_ns);
            return self.refuse_field(&inbound, error, now_ns, sink);
        }
        self.take_expected(&inbound, message, now_ns, sink)
    }

    /// A message with the number expected and a sound head.
    fn take_expected(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        debug_assert_eq!(inbound.msg_seq_num, self.numbers.next_in);
        if inbound.kind != Kind::SequenceReset {
            self.consume(inbound.msg_seq_num, now_ns);
        }
        if self.takes_anyway(inbound) {
            return Ok(Outcome::Deliver);
        }
        match inbound.kind {
            Kind::Application => Ok(Outcome::Deliver),
            Kind::Heartbeat | Kind::Reject => Ok(Outcome::Ignore),
            Kind::TestRequest => self.on_test_request(inbound, message, now_ns, sink),
            Kind::ResendRequest => self.on_resend_request(inbound, message, now_ns, sink),
            Kind::SequenceReset => self.on_gap_fill(inbound, message, now_ns, sink),
            Kind::Logout => self.on_logout(now_ns, sink),
            Kind::Logon => self.on_logon_again(inbound, message, now_ns, sink),
            Kind::Unsupported => self.on_unsupported(inbound, message, now_ns, sink),
            Kind::Unknown => self.on_unknown_type(inbound, now_ns, sink),
        }
    }

    /// Whether a message of the peer's is delivered whatever it is like, as `is_lenient` has it.
    const fn takes_anyway(&self, inbound: &Inbound<'_>) -> bool {
        let is_told = matches!(
            inbound.kind,
            Kind::Application | Kind::Unsupported | Kind::Unknown | Kind::Reject
        );
        self.terms.is_lenient && is_told
    }

    fn enter(&mut self, phase: Phase, now_ns: u64) {
        self.phase = phase;
        self.phase_since_ns = now_ns;
    }

    /// Nothing more is said or heard on this line.
    fn close(&mut self, reason: DisconnectReason) -> Outcome {
        self.phase = Phase::Closing;
        self.gap = None;
        self.resend = None;
        Outcome::Disconnect(reason)
    }
}
