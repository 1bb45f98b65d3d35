//! A venue as OUCH 5.0 describes it, in a few lines of its own: numbers used once, late requests
//! ignored silently, reports in one sequenced stream that any login may ask for again.

use std::collections::{BTreeMap, VecDeque};

use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::{
    CancelReason, Capacity, CrossType, Display, LiquidityFlag, OrderState, RejectReason,
    TimeInForce,
};
use gwanmun_binary::ouch::{
    Accepted, AccountQueryResponse, CancelReject, Canceled, EnterOrder, Executed, Inbound,
    Outbound, Rejected, ReplaceOrder, Replaced,
};
use gwanmun_binary::soup::packet::{Packet, sequenced};
use gwanmun_market::{OrderId, Price, Side, Symbol};

use crate::fix_front::FixFront;

/// An order at the venue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) cl_ord_id: OrderId,
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    pub(crate) price: Price,
    pub(crate) total: u32,
    pub(crate) executed: u32,
}

/// What the venue does with the next order or replace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    #[default]
    Takes,
    Refuses,
    /// Accepts and cancels at once.
    Kills,
}

#[derive(Default)]
pub(crate) struct Venue {
    /// All that it ever said to this account.
    stream: Vec<Vec<u8>>,
    /// How much of it is said on the line there is now.
    told: usize,
    inbox: Vec<u8>,
    requests: VecDeque<Vec<u8>>,
    /// Live orders, by UserRefNum.
    pub(crate) live: BTreeMap<u32, Held>,
    /// Every order that was ever entered, whatever became of it.
    pub(crate) entered: Vec<OrderId>,
    /// Prices of all that was entered or asked for in a replace.
    pub(crate) priced: Vec<(Symbol, Price)>,
    next_user_ref_num: u32,
    /// Requests whose number was used before: a gateway that sends twice.
    pub(crate) used_numbers: u32,
    pub(crate) mood: Mood,
    pub(crate) sold: BTreeMap<Symbol, i64>,
    pub(crate) bought: BTreeMap<Symbol, i64>,
    has_login: bool,
    /// What it says about packets themselves, before the stream.
    greeting: VecDeque<Vec<u8>>,
    matches: u64,
    /// A LogoutRequest was read.
    pub(crate) has_logged_out: bool,
    /// Speaks FIX for it; OUCH is spoken where there is none.
    pub(crate) front: Option<FixFront>,
}

const SESSION: [u8; 10] = *b"DAY1      ";

impl Venue {
    pub(crate) fn new() -> Venue {
        Venue {
            next_user_ref_num: 1,
            ..Venue::default()
        }
    }

    /// A venue that speaks FIX.
    pub(crate) fn with_front() -> Venue {
        Venue {
            front: Some(FixFront::new()),
            ..Venue::new()
        }
    }

    /// The front with the venue behind it, which has none for the time.
    fn with<R>(&mut self, call: impl FnOnce(&mut FixFront, &mut Venue) -> R) -> Option<R> {
        let mut front = self.front.take()?;
        let result = call(&mut front, self);
        self.front = Some(front);
        Some(result)
    }

    /// How much it said so far.
    pub(crate) fn stream_length(&self) -> usize {
        self.stream.len()
    }

    pub(crate) fn stream_message(&self, at: usize) -> Option<Vec<u8>> {
        self.stream.get(at).cloned()
    }

    /// Acts on a request at once.
    pub(crate) fn act(&mut self, request: &[u8]) {
        self.requests.push_back(request.to_vec());
        assert!(self.step());
    }

    /// The line is gone, with or without what was on its way to the venue.
    pub(crate) fn on_cut(&mut self, are_requests_lost: bool) {
        if self
            .with(|front, venue| front.on_cut(venue, are_requests_lost))
            .is_some()
        {
            return;
        }
        if are_requests_lost {
            self.requests.clear();
        }
        while self.step() {}
        self.inbox.clear();
        self.greeting.clear();
        self.has_login = false;
    }

    pub(crate) fn on_bytes(&mut self, bytes: &[u8]) {
        if self
            .with(|front, venue| front.on_bytes(venue, bytes))
            .is_some()
        {
            return;
        }
        self.inbox.extend_from_slice(bytes);
        let inbox = std::mem::take(&mut self.inbox);
        let mut rest = inbox.as_slice();
        while let Some((packet, length)) = Packet::parse(rest).unwrap() {
            rest = &rest[length..];
            match packet {
                Packet::LoginRequest(login) => {
                    assert!(self.requests.is_empty(), "an old line is read to its end");
                    assert_eq!(login.password.as_bytes(), b"**********");
                    let next = login.requested_sequence_number.max(1);
                    self.told = usize::try_from(next - 1).unwrap();
                    assert!(self.told <= self.stream.len());
                    self.has_login = true;
                    let accepted = Packet::LoginAccepted {
                        session: SESSION,
                        sequence_number: next,
                    };
                    let mut bytes = [0; 64];
                    let length = accepted.encode(&mut bytes).unwrap();
                    self.greeting.push_back(bytes[..length].to_vec());
                }
                Packet::UnsequencedData(request) => self.requests.push_back(request.to_vec()),
                Packet::ClientHeartbeat => {}
                Packet::LogoutRequest => self.has_logged_out = true,
                other => panic!("a client does not send {other:?}"),
            }
        }
        self.inbox = rest.to_vec();
    }

    /// The next packet for the gateway.
    pub(crate) fn say(&mut self) -> Option<Vec<u8>> {
        if let Some(said) = self.with(|front, venue| front.say(venue)) {
            return said;
        }
        if let Some(greeting) = self.greeting.pop_front() {
            return Some(greeting);
        }
        let message = self.stream.get(self.told).filter(|_| self.has_login)?;
        self.told += 1;
        let mut bytes = [0; 128];
        let length = sequenced(&mut bytes, |into| {
            into[..message.len()].copy_from_slice(message);
            Some(message.len())
        });
        Some(bytes[..length.unwrap()].to_vec())
    }

    pub(crate) fn requests_waiting(&self) -> usize {
        self.requests.len()
    }

    /// Reads one request; tells whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        if let Some(has_read) = self.with(|front, venue| front.step(venue)) {
            return has_read;
        }
        let Some(request) = self.requests.pop_front() else {
            return false;
        };
        match Inbound::parse(&request).unwrap() {
            Inbound::EnterOrder(enter) => self.enter(&enter),
            Inbound::ReplaceOrder(replace) => self.replace(&replace),
            Inbound::CancelOrder(cancel) => {
                assert_eq!(cancel.quantity, 0);
                self.cancel(cancel.user_ref_num);
            }
            Inbound::AccountQuery(_) => {
                let answer = AccountQueryResponse {
                    timestamp_ns: 0,
                    next_user_ref_num: self.next_user_ref_num,
                    appendage: Appendage::EMPTY,
                };
                self.report(&Outbound::AccountQueryResponse(answer));
            }
            other => panic!("the gateway does not send {other:?}"),
        }
        true
    }

    fn report(&mut self, report: &Outbound<'_>) {
        let mut bytes = [0; 128];
        let length = report.encode(&mut bytes).unwrap();
        self.stream.push(bytes[..length].to_vec());
    }

    fn spend(&mut self, user_ref_num: u32) -> bool {
        if user_ref_num < self.next_user_ref_num {
            self.used_numbers += 1;
            return false;
        }
        self.next_user_ref_num = user_ref_num + 1;
        true
    }

    fn refuse(&mut self, user_ref_num: u32, cl_ord_id: OrderId) {
        self.report(&Outbound::Rejected(Rejected {
            timestamp_ns: 0,
            user_ref_num,
            reason: RejectReason::QUANTITY,
            cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
    }

    fn enter(&mut self, enter: &EnterOrder<'_>) {
        assert!(!self.entered.contains(&enter.cl_ord_id), "sent twice");
        self.entered.push(enter.cl_ord_id);
        self.priced.push((enter.symbol, enter.price));
        if !self.spend(enter.user_ref_num) {
            return;
        }
        let mood = std::mem::take(&mut self.mood);
        if mood == Mood::Refuses {
            return self.refuse(enter.user_ref_num, enter.cl_ord_id);
        }
        let order_state = if mood == Mood::Kills {
            OrderState::DEAD
        } else {
            let held = Held {
                cl_ord_id: enter.cl_ord_id,
                symbol: enter.symbol,
                side: enter.side,
                price: enter.price,
                total: enter.quantity,
                executed: 0,
            };
            self.live.insert(enter.user_ref_num, held);
            OrderState::LIVE
        };
        self.report(&Outbound::Accepted(Accepted {
            timestamp_ns: 0,
            user_ref_num: enter.user_ref_num,
            side: enter.side,
            quantity: enter.quantity,
            symbol: enter.symbol,
            price: enter.price,
            time_in_force: TimeInForce::DAY,
            display: Display::VISIBLE,
            order_reference_number: 1,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            order_state,
            cl_ord_id: enter.cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
    }

    fn replace(&mut self, replace: &ReplaceOrder<'_>) {
        if !self.spend(replace.user_ref_num) {
            return;
        }
        let Some(old) = self.live.get(&replace.orig_user_ref_num).copied() else {
            return;
        };
        self.priced.push((old.symbol, replace.price));
        if replace.quantity <= old.executed {
            self.live.remove(&replace.orig_user_ref_num);
            return self.take_off(
                replace.orig_user_ref_num,
                old.total - old.executed,
                CancelReason::USER,
            );
        }
        let mood = std::mem::take(&mut self.mood);
        if mood == Mood::Refuses {
            return self.refuse(replace.user_ref_num, replace.cl_ord_id);
        }
        self.live.remove(&replace.orig_user_ref_num);
        let order_state = if mood == Mood::Kills {
            OrderState::DEAD
        } else {
            let new = Held {
                total: replace.quantity,
                price: replace.price,
                ..old
            };
            self.live.insert(replace.user_ref_num, new);
            OrderState::LIVE
        };
        self.report(&Outbound::Replaced(Replaced {
            timestamp_ns: 0,
            orig_user_ref_num: replace.orig_user_ref_num,
            user_ref_num: replace.user_ref_num,
            side: old.side,
            quantity: replace.quantity,
            symbol: old.symbol,
            price: replace.price,
            time_in_force: TimeInForce::DAY,
            display: Display::VISIBLE,
            order_reference_number: 1,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            order_state,
            cl_ord_id: replace.cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
    }

    fn cancel(&mut self, user_ref_num: u32) {
        if let Some(held) = self.live.remove(&user_ref_num) {
            let left = held.total - held.executed;
            self.take_off(user_ref_num, left, CancelReason::USER);
        }
    }

    fn take_off(&mut self, user_ref_num: u32, quantity: u32, reason: CancelReason) {
        self.report(&Outbound::Canceled(Canceled {
            timestamp_ns: 0,
            user_ref_num,
            quantity,
            reason,
            appendage: Appendage::EMPTY,
        }));
    }

    /// The venue takes quantity off a live order by itself.
    pub(crate) fn reduce(&mut self, user_ref_num: u32, quantity: u32) {
        let held = self.live.get_mut(&user_ref_num).unwrap();
        held.total -= quantity;
        if held.total == held.executed {
            self.live.remove(&user_ref_num);
        }
        self.take_off(user_ref_num, quantity, CancelReason::SUPERVISORY);
    }

    /// A live order trades.
    pub(crate) fn execute(&mut self, user_ref_num: u32, quantity: u32) {
        let held = self.live.get_mut(&user_ref_num).unwrap();
        held.executed += quantity;
        assert!(held.executed <= held.total);
        let held = *held;
        if held.executed == held.total {
            self.live.remove(&user_ref_num);
        }
        let total = if held.side.is_sell() {
            &mut self.sold
        } else {
            &mut self.bought
        };
        *total.entry(held.symbol).or_default() += i64::from(quantity);
        self.report_execution(user_ref_num, quantity, held.price);
    }

    /// Says that something was executed, whether it makes sense or not.
    pub(crate) fn report_execution(&mut self, user_ref_num: u32, quantity: u32, price: Price) {
        self.matches += 1;
        self.report(&Outbound::Executed(Executed {
            timestamp_ns: 0,
            user_ref_num,
            quantity,
            price,
            liquidity_flag: LiquidityFlag::ADDED,
            match_number: self.matches,
            appendage: Appendage::EMPTY,
        }));
    }

    /// Refuses a cancel.
    pub(crate) fn report_cancel_reject(&mut self, user_ref_num: u32) {
        self.report(&Outbound::CancelReject(CancelReject {
            timestamp_ns: 0,
            user_ref_num,
            appendage: Appendage::EMPTY,
        }));
    }

    /// What may still be sold of a symbol, and was sold, less what was bought.
    pub(crate) fn sold_at_most(&self, symbol: &Symbol) -> i64 {
        let open = |held: &&Held| held.side.is_sell() && held.symbol == *symbol;
        let live = self.live.values().filter(open);
        let working: i64 = live.map(|held| i64::from(held.total - held.executed)).sum();
        let of = |book: &BTreeMap<Symbol, i64>| book.get(symbol).copied().unwrap_or(0);
        working + of(&self.sold) - of(&self.bought)
    }

    /// UserRefNum of the latest live order.
    pub(crate) fn latest(&self) -> u32 {
        *self.live.last_key_value().unwrap().0
    }
}
