//! One line of a conformance acceptor without its socket: bytes and time in, bytes out.

use gwanmun_fix::session::{Outcome, ResendProgress, Session};
use gwanmun_fix::validate::Memo;
use gwanmun_fix::{FieldError, Index, Message, Version, tag};

use super::echo::Echo;
use super::house::{House, Seat};
use super::sent::Outbox;
use super::stream::{Fate, Piece, Stream};

/// How long a line may go without a Logon(A).
const LOGON_TIMEOUT_NS: u64 = 10_000_000_000;

/// A line, from its first byte on.
pub(super) struct Line<'h> {
    house: &'h House,
    opened_ns: u64,
    stream: Stream,
    index: Box<Index>,
    bound: Option<Bound<'h>>,
    outbox: Outbox,
}

/// A line whose session is known.
struct Bound<'h> {
    _seat: Seat<'h>,
    version: Version,
    session: Session,
    memo: Memo,
    echo: Echo,
}

impl<'h> Line<'h> {
    pub(super) fn new(house: &'h House, now_ns: u64) -> Line<'h> {
        Line {
            house,
            opened_ns: now_ns,
            stream: Stream::default(),
            index: Box::new(Index::new()),
            bound: None,
            outbox: Outbox::new(),
        }
    }

    /// What waits for the socket; it counts as sent.
    pub(super) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.outbox.waiting)
    }

    /// When `on_time` wants to be called.
    pub(super) fn next_deadline_ns(&self) -> Option<u64> {
        match &self.bound {
            None => Some(self.opened_ns.saturating_add(LOGON_TIMEOUT_NS)),
            Some(bound) => bound.session.next_deadline_ns(),
        }
    }

    /// Bytes came.
    pub(super) fn on_bytes(&mut self, bytes: &[u8], now_ns: u64) -> Fate {
        let mut stream = std::mem::take(&mut self.stream);
        let fate = stream.take(bytes, |piece| match piece {
            Piece::Whole(message) => self.on_message(message, now_ns),
            // Test cases 2d, 2t, 3b: as if it had not come. But whoever begins so is no peer.
            Piece::Garbled if self.bound.is_none() => Fate::Close,
            Piece::Garbled => Fate::Open,
        });
        self.stream = stream;
        fate
    }

    /// Time passed.
    pub(super) fn on_time(&mut self, now_ns: u64) -> Fate {
        let Some(bound) = &mut self.bound else {
            return match now_ns.saturating_sub(self.opened_ns) {
                waited if waited >= LOGON_TIMEOUT_NS => Fate::Close,
                _ => Fate::Open,
            };
        };
        let outcome = bound.session.on_deadline(now_ns, &mut self.outbox);
        fate_of(outcome)
    }

    fn on_message(&mut self, bytes: &[u8], now_ns: u64) -> Fate {
        let (message, defect) = Message::read(bytes, &mut self.index);
        if self.bound.is_none() {
            self.bound = bind(self.house, &message, now_ns);
        }
        let Some(bound) = &mut self.bound else {
            return Fate::Close;
        };
        bound.take(&message, defect, now_ns, (self.house, &mut self.outbox))
    }
}

impl Bound<'_> {
    fn take(
        &mut self,
        message: &Message<'_>,
        defect: Option<FieldError>,
        now_ns: u64,
        (house, outbox): (&House, &mut Outbox),
    ) -> Fate {
        let dialect = house.dialect(self.version);
        let defect = defect.or_else(|| dialect.validator.validate(message, &mut self.memo).err());
        let outcome = match defect {
            Some(defect) => self.session.on_defective(message, defect, now_ns, outbox),
            None => self.session.on_message(message, now_ns, outbox),
        };
        if outcome == Outcome::Deliver {
            let turn = (&mut self.session, now_ns);
            if self.echo.answer(message, dialect, turn, outbox).is_err() {
                return Fate::Close;
            }
        }
        while outbox.resend_step(&mut self.session, now_ns) == ResendProgress::More {}
        fate_of(outcome)
    }
}

/// The session that a first message is for; none where it is nobody's.
fn bind<'h>(house: &'h House, message: &Message<'_>, now_ns: u64) -> Option<Bound<'h>> {
    if message.msg_type() != b"A" {
        return None;
    }
    // A wrong DefaultApplVerID(1137) is the session's to refuse, by name.
    let version = Version::of_begin_string(message.begin_string())?;
    let (sender, target) = (
        message.field(tag::SENDER_COMP_ID)?,
        message.field(tag::TARGET_COMP_ID)?,
    );
    let (seat, terms) = house.take_seat(version, sender, target)?;
    let mut session = Session::new(terms);
    session.on_connect(now_ns);
    Some(Bound {
        _seat: seat,
        version,
        session,
        memo: Memo::new(&house.dialect(version).validator),
        echo: Echo::default(),
    })
}

/// What an outcome means for the line.
pub(super) const fn fate_of(outcome: Outcome) -> Fate {
    match outcome {
        Outcome::Disconnect(_) => Fate::Close,
        Outcome::Deliver | Outcome::Answered | Outcome::Ignore => Fate::Open,
    }
}
