//! An initiator without its socket: bytes and time in, bytes out.
//!
//! It keeps its numbers and what it sent in memory, through every line that it loses. On purpose it
//! drops lines of its own, with whatever is in flight, and comes back with numbers that make both
//! sides ask.

use std::collections::BTreeMap;

use gwanmun_fix::messages::new_order_single;
use gwanmun_fix::session::{
    ApplicationTypes, Numbers, Outcome, ResendProgress, Session, SessionTerms,
};
use gwanmun_fix::validate::{CompileError, Memo};
use gwanmun_fix::{Index, Message, Version};
use gwanmun_market::{
    AccountId, FeeClass, NewOrder, OrdType, OrderOrigin, Price, Side, Symbol, Text, TimeInForce,
    VenueName, VoiceRecordId,
};
use serde_json::{Map, Value, json};

use super::book::Book;
use super::house::Dialect;
use super::line::fate_of;
use super::sent::Outbox;
use super::stream::{Fate, Piece, Stream};

/// What an initiator does.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The version that it speaks.
    pub version: Version,
    /// Its own CompID.
    pub sender_comp_id: Text<32>,
    /// The acceptor's.
    pub target_comp_id: Text<32>,
    /// Orders to send.
    pub orders: u64,
    /// Most orders without an answer at a time.
    pub in_flight_max: u64,
    /// After so many orders the line is dropped; 0: never.
    pub drop_every: u64,
    /// After each drop of its own: so many of our numbers are passed over, and so many of theirs
    /// forgotten.
    pub gap_numbers: u64,
    /// Whether our Logon(A) tells NextExpectedMsgSeqNum(789), where the version has it.
    pub sends_next_expected_msg_seq_num: bool,
}

/// How a line is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DropWith {
    /// Nothing of what waits is written.
    Nothing,
    /// Half of it, which may end within a message.
    Half,
    /// All of it; the answers are lost.
    All,
}

/// The initiator.
pub struct Initiator {
    plan: Plan,
    session: Session,
    dialect: Dialect,
    memo: Memo,
    stream: Stream,
    index: Box<Index>,
    outbox: Outbox,
    book: Book,
    /// Messages taken, by MsgType(35).
    received: BTreeMap<Vec<u8>, u64>,
    /// Messages that the version's dictionary does not allow.
    refused: u64,
    logons: u64,
    drops: u64,
    lines_lost: u64,
    /// Lines that ended while orders were unanswered.
    lost_in_flight: u64,
    is_logged_out: bool,
}

impl Initiator {
    /// Reads the version's dictionary.
    ///
    /// # Errors
    /// A dictionary that does not compile: none of those that are built in.
    pub fn new(plan: Plan) -> Result<Initiator, CompileError> {
        let dialect = Dialect::of(plan.version)?;
        let terms = SessionTerms {
            version: plan.version,
            application_types: ApplicationTypes::All,
            sends_next_expected_msg_seq_num: plan.sends_next_expected_msg_seq_num,
            ..SessionTerms::new(plan.sender_comp_id, plan.target_comp_id, false)
        };
        Ok(Initiator {
            plan,
            session: Session::new(terms),
            memo: Memo::new(&dialect.validator),
            dialect,
            stream: Stream::default(),
            index: Box::new(Index::new()),
            outbox: Outbox::new(),
            book: Book::default(),
            received: BTreeMap::new(),
            refused: 0,
            logons: 0,
            drops: 0,
            lines_lost: 0,
            lost_in_flight: 0,
            is_logged_out: false,
        })
    }

    /// A line stands: our Logon(A) waits for it.
    pub(super) fn on_connect(&mut self, now_ns: u64) {
        self.stream = Stream::default();
        self.outbox.waiting.clear();
        self.session.on_connect(now_ns);
        // Without room there is no Logon, and the line ends by its deadline.
        let _ = self.session.logon(now_ns, &mut self.outbox, |_| {});
    }

    /// The line is gone, and what waited with it; what was sent stays. After one that we dropped
    /// ourselves each side's numbers are off by what the plan says.
    pub(super) fn on_disconnect(&mut self, is_own: bool) {
        self.session.on_disconnect();
        self.outbox.waiting.clear();
        self.lost_in_flight += u64::from(self.book.unanswered_count() > 0);
        if is_own {
            self.mislay_numbers();
        } else if !self.is_logged_out {
            self.lines_lost += 1;
        }
    }

    /// Whether everything is over, and no line is needed any more.
    pub(super) const fn is_done(&self) -> bool {
        self.is_logged_out
    }

    /// Bytes came.
    pub(super) fn on_bytes(&mut self, bytes: &[u8], now_ns: u64) -> Fate {
        let mut stream = std::mem::take(&mut self.stream);
        let fate = stream.take(bytes, |piece| match piece {
            Piece::Whole(message) => self.on_message(message, now_ns),
            Piece::Garbled => Fate::Open,
        });
        self.stream = stream;
        fate
    }

    /// When `on_time` wants to be called.
    pub(super) fn next_deadline_ns(&self) -> Option<u64> {
        self.session.next_deadline_ns()
    }

    /// Time passed.
    pub(super) fn on_time(&mut self, now_ns: u64) -> Fate {
        let outcome = self.session.on_deadline(now_ns, &mut self.outbox);
        fate_of(outcome)
    }

    /// Sends what may be sent now: orders, and a Logout(5) where all of them are answered. Says how
    /// to drop the line where it is time to.
    pub(super) fn on_turn(&mut self, now_ns: u64) -> Option<DropWith> {
        if !self.session.is_logged_on() {
            return None;
        }
        while self.book.sent_count() < self.plan.orders
            && self.book.unanswered_count() < self.plan.in_flight_max
        {
            if !self.send_order(now_ns) {
                break;
            }
            let sent = self.book.sent_count();
            if self.plan.drop_every > 0 && sent.is_multiple_of(self.plan.drop_every) {
                return Some(self.drop_line());
            }
        }
        let is_sent = self.book.sent_count() == self.plan.orders;
        if is_sent && self.book.unanswered_count() == 0 && !self.session.has_gap() {
            let _ = self.session.logout(b"", now_ns, &mut self.outbox);
        }
        None
    }

    /// What waits for the socket; it counts as sent.
    pub(super) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.outbox.waiting)
    }

    /// Whether every order was sent and has one answer, and nothing was told twice.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.book.is_clean() && self.book.sent_count() == self.plan.orders && self.refused == 0
    }

    /// What was sent and what came of it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut figures = self.book.to_json();
        let of = |is_resend: bool| -> Map<String, Value> {
            let kinds = self.outbox.written.iter();
            kinds
                .filter(|((_, resend), _)| *resend == is_resend)
                .map(|((kind, _), count)| (kind.escape_ascii().to_string(), json!(count)))
                .collect()
        };
        let received: Map<String, Value> = self
            .received
            .iter()
            .map(|(kind, count)| (kind.escape_ascii().to_string(), json!(count)))
            .collect();
        let more = json!({
            "version": self.plan.version.name(),
            "logons": self.logons,
            "drops": self.drops,
            "lines_lost": self.lines_lost,
            "lost_in_flight": self.lost_in_flight,
            "logged_out": self.is_logged_out,
            "refused": self.refused,
            "sent": of(false),
            "sent_again": of(true),
            "received": received,
        });
        if let (Some(figures), Value::Object(more)) = (figures.as_object_mut(), more) {
            figures.extend(more);
        }
        figures
    }

    fn on_message(&mut self, bytes: &[u8], now_ns: u64) -> Fate {
        let (message, defect) = Message::read(bytes, &mut self.index);
        *self
            .received
            .entry(message.msg_type().to_vec())
            .or_default() += 1;
        let validator = &self.dialect.validator;
        let defect = defect.or_else(|| validator.validate(&message, &mut self.memo).err());
        let was_logged_on = self.session.is_logged_on();
        let outcome = match defect {
            Some(defect) => {
                self.refused += 1;
                self.session
                    .on_defective(&message, defect, now_ns, &mut self.outbox)
            }
            None => self.session.on_message(&message, now_ns, &mut self.outbox),
        };
        if outcome == Outcome::Deliver {
            self.book.take(&message);
        }
        self.logons += u64::from(!was_logged_on && self.session.is_logged_on());
        while self.outbox.resend_step(&mut self.session, now_ns) == ResendProgress::More {}
        let is_asked = self.book.sent_count() == self.plan.orders && self.book.is_clean();
        if message.msg_type() == b"5" && was_logged_on && is_asked {
            self.is_logged_out = true;
        }
        fate_of(outcome)
    }

    fn send_order(&mut self, now_ns: u64) -> bool {
        let number = self.book.sent_count() + 1;
        let Some(order) = order(number) else {
            return false;
        };
        let msg_type = new_order_single::MSG_TYPE;
        let sent = self
            .session
            .send(msg_type, now_ns, &mut self.outbox, |writer| {
                new_order_single::write(writer, &order, now_ns);
            });
        if sent.is_ok() {
            self.book.sent(order.cl_ord_id.as_bytes());
        }
        sent.is_ok()
    }

    fn mislay_numbers(&mut self) {
        let Numbers { next_in, next_out } = self.session.numbers();
        let gap = self.plan.gap_numbers;
        self.session.restore(Numbers {
            next_in: next_in.saturating_sub(gap).max(1),
            next_out: next_out + gap,
        });
        self.outbox.skip(usize::try_from(gap).unwrap_or(0));
    }

    /// Each way in turn.
    fn drop_line(&mut self) -> DropWith {
        self.drops += 1;
        match self.drops % 3 {
            0 => DropWith::Half,
            1 => DropWith::All,
            _ => DropWith::Nothing,
        }
    }
}

/// The order with this number; none where a text is too long for its field.
fn order(number: u64) -> Option<NewOrder> {
    let side = if number.is_multiple_of(2) {
        Side::Sell
    } else {
        Side::Buy
    };
    Some(NewOrder {
        cl_ord_id: Text::new(format!("C{number:08}").as_bytes())?,
        account: AccountId::new(b"ACC-1")?,
        symbol: Symbol::new(b"005930")?,
        side,
        ord_type: OrdType::Limit,
        price: Price::from_whole(75_000),
        order_qty: 10,
        time_in_force: TimeInForce::Day,
        origin: OrderOrigin::default(),
        fee_class: FeeClass::default(),
        voice_record_id: VoiceRecordId::EMPTY,
        ex_destination: VenueName::EMPTY,
    })
}
