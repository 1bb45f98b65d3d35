//! A venue as OUCH 5.0 describes it, in a few lines of its own: numbers used once, late requests
//! ignored silently, reports in one sequenced stream that any login may ask for again.

mod requests;

use std::collections::{BTreeMap, VecDeque};

use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::RejectReason;
use gwanmun_binary::ouch::{AccountQueryResponse, Inbound, Outbound, Rejected};
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
}
