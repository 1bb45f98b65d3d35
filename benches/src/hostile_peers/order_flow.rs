//! Orders of one member at a rate, answered by the venue's end as they come, and their ledger:
//! every order is at the venue once and reported New, or refused with a code and not at the venue.
//!
//! Orders are told apart at the venue by what they say, in the order in which they were sent; what
//! was passed over on the way must be what was refused.

use std::collections::BTreeMap;

use gwanmun_fix::index::Index;
use gwanmun_fix::{Message, tag};
use gwanmun_market::GateCode;
use gwanmun_runtime::clock::cycles;

use crate::messages::LISTINGS;
use crate::wire::Fault;
use crate::wire::gateway::Gateway;
use crate::wire::member::message_length;
use crate::wire::orders::{Orders, number_of};
use crate::wire::watch::Watch;

/// How many orders go out in a tick, by its place in the turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// The same in every tick.
    Even(usize),
    /// One in the turn's first and last sixth, so many in between.
    Burst(usize),
}

impl Rate {
    /// In this tick of so many.
    #[must_use]
    pub const fn at(self, tick: usize, ticks: usize) -> usize {
        match self {
            Rate::Even(orders) => orders,
            Rate::Burst(orders) => {
                let is_between = tick >= ticks / 6 && tick < ticks - ticks / 6;
                if is_between { orders } else { 1 }
            }
        }
    }

    /// In a whole turn.
    #[must_use]
    pub fn of_turn(self, ticks: usize) -> u64 {
        let all: usize = (0..ticks).map(|tick| self.at(tick, ticks)).sum();
        all as u64
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Sent,
    AtVenue,
    New,
    /// With this GateCode(20110).
    Refused(u16),
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    sent_at: u64,
    state: State,
}

/// What became of a turn's orders, and of all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sent by the member.
    pub sent: u64,
    /// At the venue and reported New.
    pub accepted: u64,
    /// Refused by the tick check, as they had to be.
    pub refused_as_due: u64,
    /// Refused for another reason, by code.
    pub refused: BTreeMap<u16, u64>,
}

impl Counts {
    /// Whether everything sent was accepted or refused.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let refused: u64 = self.refused.values().sum();
        self.sent == self.accepted + self.refused_as_due + refused
    }
}

/// One lane's orders.
pub struct OrderFlow {
    orders: Orders,
    rate: Rate,
    /// Orders of all lanes before this turn.
    before: u64,
    turn: Vec<Sent>,
    /// How many of this turn's orders have come by at the venue, or were passed over there.
    passed: usize,
    open: usize,
    /// Orders of this tick that have not gone out yet.
    due: usize,
    /// When what the member holds was seen.
    came_at: u64,
    message: Vec<u8>,
    index: Box<Index>,
    /// So far.
    pub counts: Counts,
    /// Counts of the clock from before an order's send to its report, of the instruments that are
    /// never hot.
    pub others: Vec<u64>,
}

impl OrderFlow {
    /// Orders at this rate.
    #[must_use]
    pub fn new(orders: Orders, rate: Rate) -> OrderFlow {
        OrderFlow {
            orders,
            rate,
            before: 0,
            turn: Vec::new(),
            passed: 0,
            open: 0,
            due: 0,
            came_at: 0,
            message: Vec::new(),
            index: Box::new(Index::new()),
            counts: Counts::default(),
            others: Vec::new(),
        }
    }

    /// Before a turn.
    pub fn begin(&mut self, gateway: &Gateway) {
        self.before = gateway.sent;
        self.turn.clear();
        (self.passed, self.open, self.due) = (0, 0, 0);
    }

    /// The orders of one tick go out from now on, one at each look; tells how many they are.
    pub fn act(&mut self, (tick, ticks): (usize, usize)) -> u64 {
        let count = self.rate.at(tick, ticks);
        self.due += count;
        count as u64
    }

    /// One piece of work: an order that is due, one at the venue's end, or one report.
    ///
    /// # Errors
    /// A line is gone, an answer is wrong or comes twice, an order is at the venue that was not
    /// sent.
    pub fn look(&mut self, gateway: &mut Gateway, watch: &mut Watch) -> Result<(), Fault> {
        // A burst does not wait for its answers.
        if self.due > 0 {
            return self.send(gateway, watch);
        }
        if let Some(length) = message_length(gateway.member.held())? {
            let bytes = gateway.member.held().get(..length).unwrap_or_default();
            self.reported(bytes, self.came_at)?;
            gateway.member.take(length);
            return Ok(());
        }
        if gateway.member.receive()? {
            self.came_at = cycles();
        }
        if let Some(came) = gateway.venue.take_any_order(watch)? {
            return self.at_venue(|orders, number| orders.expected(number) == came);
        }
        gateway.venue.line.receive().map(|_| ())
    }

    fn send(&mut self, gateway: &mut Gateway, watch: &mut Watch) -> Result<(), Fault> {
        self.due -= 1;
        gateway.sent += 1;
        let number = gateway.sent;
        // The Logon was MsgSeqNum(34) 1.
        let now_ns = watch.now_ns();
        self.orders
            .write(number, number + 1, now_ns, &mut self.message);
        let sent_at = cycles();
        gateway.member.send(&self.message, watch)?;
        let state = State::Sent;
        self.turn.push(Sent { sent_at, state });
        self.open += 1;
        Ok(())
    }

    /// The next order that is like this is at the venue.
    fn at_venue(&mut self, is_it: impl Fn(&Orders, u64) -> bool) -> Result<(), Fault> {
        while let Some(sent) = self.turn.get_mut(self.passed) {
            self.passed += 1;
            if is_it(&self.orders, self.before + self.passed as u64) {
                if sent.state != State::Sent {
                    let text = format!("an order at the venue that was answered: {sent:?}");
                    return Err(Fault(text));
                }
                sent.state = State::AtVenue;
                return Ok(());
            }
        }
        Err(Fault::new(
            "an order at the venue that was not sent, or twice",
        ))
    }

    fn reported(&mut self, bytes: &[u8], came_at: u64) -> Result<(), Fault> {
        let shown = || String::from_utf8_lossy(bytes).replace('\x01', "|");
        let wrong = |why: &str| Err(Fault::new(format!("{why}: {}", shown())));
        let Ok(message) = Message::parse(bytes, &mut self.index) else {
            return wrong("not a message");
        };
        let field = |tag| message.field(tag).unwrap_or_default();
        let number = number_of(field(tag::CL_ORD_ID)).unwrap_or(0);
        let place = number.checked_sub(self.before + 1);
        let place = place.and_then(|place| usize::try_from(place).ok());
        let Some(sent) = place.and_then(|place| self.turn.get_mut(place)) else {
            return wrong("about no order of this turn");
        };
        let expected = self.orders.expected(number);
        let code = core::str::from_utf8(field(tag::GATE_CODE)).ok();
        let code = code.and_then(|code| code.parse().ok());
        match (message.msg_type(), field(tag::EXEC_TYPE), sent.state, code) {
            (b"8", b"0", State::AtVenue, None) if !expected.is_refused => {
                sent.state = State::New;
                if expected.symbol.as_bytes() != LISTINGS[0].symbol {
                    self.others.push(came_at.saturating_sub(sent.sent_at));
                }
            }
            (b"8", b"8", State::Sent, Some(code)) => sent.state = State::Refused(code),
            _ => return wrong("a report that cannot be"),
        }
        self.open -= 1;
        Ok(())
    }

    /// Orders of this turn without an answer, those that are to go out among them.
    #[must_use]
    pub const fn unanswered(&self) -> usize {
        self.open + self.due
    }

    /// Behind a turn: enters it into the counts.
    pub fn end(&mut self) {
        self.counts.sent += self.turn.len() as u64;
        for (number, sent) in (self.before + 1..).zip(&self.turn) {
            match sent.state {
                State::New => self.counts.accepted += 1,
                State::Refused(code) if code == GateCode::Tick as u16 => {
                    // Only what stands off the tick is refused by that check.
                    let is_due = self.orders.expected(number).is_refused;
                    self.counts.refused_as_due += u64::from(is_due);
                }
                State::Refused(code) => *self.counts.refused.entry(code).or_default() += 1,
                State::Sent | State::AtVenue => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::encode::MessageWriter;

    use super::*;
    use crate::messages::{GATE, whole};
    use crate::wire::orders::cl_ord_id;

    fn flow(sent: usize) -> OrderFlow {
        let mut flow = OrderFlow::new(Orders::default(), Rate::Even(1));
        flow.before = 30;
        let state = State::Sent;
        flow.turn = vec![Sent { sent_at: 1, state }; sent];
        flow.open = sent;
        flow
    }

    fn report(number: u64, exec_type: u8, code: Option<u64>) -> Vec<u8> {
        whole(b"8", (GATE, b"M"), 2, |writer: &mut MessageWriter<'_>| {
            writer
                .bytes(tag::CL_ORD_ID, &cl_ord_id(number))
                .char(tag::EXEC_TYPE, exec_type);
            if let Some(code) = code {
                writer.uint(tag::GATE_CODE, code);
            }
        })
    }

    fn reaches_venue(flow: &mut OrderFlow, number: u64) -> Result<(), Fault> {
        let came = flow.orders.expected(number);
        flow.at_venue(|orders, number| orders.expected(number) == came)
    }

    #[test]
    fn all_is_sound_where_each_order_is_accepted_or_refused() {
        let mut flow = flow(8);
        // Number 37 stands off the tick; 33 is refused for lack of room.
        for number in [31, 32, 34, 35, 36, 38] {
            reaches_venue(&mut flow, number).unwrap();
            flow.reported(&report(number, b'0', None), 9).unwrap();
        }
        flow.reported(&report(33, b'8', Some(7)), 9).unwrap();
        assert_eq!(flow.unanswered(), 1);
        let tick = Some(GateCode::Tick as u64);
        flow.reported(&report(37, b'8', tick), 9).unwrap();
        flow.end();
        assert!(flow.counts.is_sound(), "{:?}", flow.counts);
        assert_eq!((flow.counts.accepted, flow.counts.refused_as_due), (6, 1));
        assert_eq!(flow.counts.refused, BTreeMap::from([(7, 1)]));
    }

    #[test]
    fn what_is_lost_doubled_or_made_up_is_found() {
        let mut lost = flow(2);
        reaches_venue(&mut lost, 31).unwrap();
        lost.end();
        assert!(!lost.counts.is_sound() && lost.unanswered() == 2);
        let mut doubled = flow(1);
        reaches_venue(&mut doubled, 31).unwrap();
        assert!(reaches_venue(&mut doubled, 31).is_err());
        let mut twice = flow(1);
        reaches_venue(&mut twice, 31).unwrap();
        twice.reported(&report(31, b'0', None), 9).unwrap();
        assert!(twice.reported(&report(31, b'0', None), 9).is_err());
        // New without the venue's word, refused behind it, refused without a code, of another turn.
        let mut early = flow(3);
        assert!(early.reported(&report(31, b'0', None), 9).is_err());
        assert!(early.reported(&report(32, b'8', None), 9).is_err());
        assert!(early.reported(&report(30, b'8', Some(7)), 9).is_err());
        reaches_venue(&mut early, 33).unwrap();
        assert!(early.reported(&report(33, b'8', Some(7)), 9).is_err());
        // An order passed over that is refused for the tick although it stands on it.
        early
            .reported(&report(31, b'8', Some(GateCode::Tick as u64)), 9)
            .unwrap();
        early.end();
        assert!(!early.counts.is_sound());
    }

    #[test]
    fn a_burst_is_so_many_times_the_rate_and_most_of_the_turn() {
        assert_eq!(Rate::Even(4).of_turn(10), 40);
        assert_eq!(Rate::Burst(20).of_turn(600), 100 + 400 * 20 + 100);
        assert_eq!(Rate::Burst(20).at(0, 600), 1);
        assert_eq!(Rate::Burst(20).at(100, 600), 20);
        assert_eq!(Rate::Burst(20).at(499, 600), 20);
        assert_eq!(Rate::Burst(20).at(500, 600), 1);
    }
}
