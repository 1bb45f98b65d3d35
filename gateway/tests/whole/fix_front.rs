//! A FIX 4.4 engine in front of the tests' venue, in a few lines of its own so that the gateway's
//! does not judge itself: it numbers, keeps what it said, asks for what it missed, and turns
//! requests into the venue's and the venue's stream into reports.
//!
//! What it has not read may be lost with a line; what it has read counts for its session too.

use std::collections::{BTreeMap, VecDeque};

use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::{
    Capacity, CrossType, Display, OrderState, TimeInForce as OuchTimeInForce,
};
use gwanmun_binary::ouch::{CancelOrder, EnterOrder, Outbound, ReplaceOrder};
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::index::Index;
use gwanmun_fix::message::Message;
use gwanmun_market::{Price, Side, Text};

use crate::venue::Venue;

/// Tags and values.
pub(crate) type Fields = Vec<(u32, String)>;

/// A message as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) msg_type: String,
    pub(crate) fields: Fields,
}

impl Request {
    pub(crate) fn get(&self, tag: u32) -> &str {
        let found = self.fields.iter().find(|field| field.0 == tag);
        found.map_or("", |field| field.1.as_str())
    }

    fn number(&self, tag: u32) -> u64 {
        self.get(tag).parse().unwrap_or(0)
    }

    /// The UserRefNum in an id of the gateway's.
    fn ref_num(&self, tag: u32) -> u32 {
        let id = self.get(tag);
        assert!(id.starts_with("GW1"), "{self:?}");
        id[3..14].parse().unwrap()
    }
}

/// An order as the reports tell of it.
#[derive(Clone, Debug)]
pub(crate) struct Shadow {
    id: String,
    symbol: String,
    side: char,
    total: u32,
    cum: u32,
    value: i64,
    price: i64,
    status: char,
}

#[derive(Default)]
pub(crate) struct FixFront {
    pub(crate) next_in: u64,
    pub(crate) next_out: u64,
    /// What was said, by number: type, fields behind the header, whether it is for the application.
    pub(crate) said: BTreeMap<u64, (String, Fields, bool)>,
    pub(crate) inbox: Vec<u8>,
    pub(crate) queue: VecDeque<Request>,
    pub(crate) outbox: VecDeque<Vec<u8>>,
    pub(crate) has_logon: bool,
    pub(crate) has_asked: bool,
    pub(crate) orders: BTreeMap<u32, Shadow>,
    /// How much of the venue's stream is told.
    pub(crate) told: usize,
    /// The cancel that the next cancellation answers.
    pub(crate) cancelling: Option<String>,
    pub(crate) execs: u64,
    /// Every application message that it read in its turn.
    pub(crate) taken: Vec<Request>,
    /// Application messages that came a second time: the gateway never sends one again.
    pub(crate) again: u32,
    /// Changes a report before it is said.
    pub(crate) mangle: Option<fn(&mut Fields)>,
    /// It knows no OrderStatusRequest(35=H).
    pub(crate) refuses_status: bool,
    /// Reports are numbered and kept, and not said on this line.
    pub(crate) is_mute: bool,
}

const TIME: &str = "20261123-00:00:00.000";

fn field(tag: u32, value: impl ToString) -> (u32, String) {
    (tag, value.to_string())
}

/// Price units as FIX writes them.
fn decimal(units: i64) -> String {
    format!("{}.{:04}", units / 10_000, units % 10_000)
}

fn units(decimal: &str) -> i64 {
    let (whole, rest) = decimal.split_once('.').unwrap_or((decimal, ""));
    let rest: String = rest.chars().chain("0000".chars()).take(4).collect();
    whole.parse::<i64>().unwrap() * 10_000 + rest.parse::<i64>().unwrap()
}

fn assemble(fields: &Fields) -> Vec<u8> {
    let mut body = String::new();
    for (tag, value) in fields {
        body += &format!("{tag}={value}\u{1}");
    }
    let mut whole = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len()).into_bytes();
    let sum = whole.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    whole.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
    whole
}

impl FixFront {
    pub(crate) fn new() -> FixFront {
        FixFront {
            next_in: 1,
            next_out: 1,
            ..FixFront::default()
        }
    }

    fn write(&self, msg_type: &str, number: u64, is_again: bool, fields: &Fields) -> Vec<u8> {
        let mut all = vec![
            field(35, msg_type),
            field(49, "EXCH"),
            field(56, "GATE"),
            field(34, number),
            field(52, TIME),
        ];
        if is_again {
            all.extend([field(43, "Y"), field(122, TIME)]);
        }
        all.extend(fields.iter().cloned());
        if let Some(mangle) = self.mangle.filter(|_| matches!(msg_type, "8" | "9")) {
            mangle(&mut all);
        }
        assemble(&all)
    }

    pub(crate) fn tell(&mut self, msg_type: &str, fields: Fields) {
        let number = self.next_out;
        self.next_out += 1;
        let bytes = self.write(msg_type, number, false, &fields);
        let is_application = !matches!(msg_type, "0" | "1" | "2" | "4" | "5" | "A");
        self.said
            .insert(number, (msg_type.to_owned(), fields, is_application));
        if self.has_logon && !(self.is_mute && is_application) {
            self.outbox.push_back(bytes);
        }
    }

    pub(crate) fn on_cut(&mut self, venue: &mut Venue, are_requests_lost: bool) {
        if are_requests_lost {
            self.queue.clear();
        }
        while self.step(venue) {}
        self.inbox.clear();
        self.outbox.clear();
        self.has_logon = false;
        self.has_asked = false;
    }

    pub(crate) fn on_bytes(&mut self, venue: &mut Venue, bytes: &[u8]) {
        self.inbox.extend_from_slice(bytes);
        loop {
            let length = match frame(&self.inbox, 1 << 16) {
                Frame::Whole { length } => length,
                Frame::Partial => return,
                other => panic!("the gateway wrote {other:?}"),
            };
            let message: Vec<u8> = self.inbox.drain(..length).collect();
            let mut index = Index::new();
            let message = Message::parse(&message, &mut index).unwrap();
            assert_eq!(message.duplicate_tag(), None);
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            let request = Request {
                msg_type: text(message.msg_type()),
                fields: message
                    .fields()
                    .map(|(tag, value)| (tag, text(value)))
                    .collect(),
            };
            if request.msg_type == "A" {
                assert!(self.queue.is_empty(), "an old line is read to its end");
                self.on_logon(venue, &request);
            } else {
                self.queue.push_back(request);
            }
        }
    }

    fn on_logon(&mut self, venue: &Venue, logon: &Request) {
        // What happened while nobody was there has its numbers already.
        self.report(venue);
        let number = logon.number(34);
        assert!(number >= self.next_in, "numbers went back: {logon:?}");
        assert_eq!((logon.get(49), logon.get(56)), ("GATE", "EXCH"));
        self.has_logon = true;
        self.tell("A", vec![field(98, 0), field(108, logon.get(108))]);
        if number == self.next_in {
            self.next_in += 1;
        } else {
            self.ask();
        }
    }

    fn ask(&mut self) {
        if !std::mem::replace(&mut self.has_asked, true) {
            self.tell("2", vec![field(7, self.next_in), field(16, 0)]);
        }
    }

    /// The next message for the gateway.
    pub(crate) fn say(&mut self, venue: &Venue) -> Option<Vec<u8>> {
        self.report(venue);
        self.outbox.pop_front()
    }

    /// Reads one message; tells whether there was one.
    pub(crate) fn step(&mut self, venue: &mut Venue) -> bool {
        let Some(request) = self.queue.pop_front() else {
            return false;
        };
        self.report(venue);
        let number = request.number(34);
        let is_request = matches!(request.msg_type.as_str(), "D" | "F" | "G" | "H");
        if request.get(43) == "Y" && is_request {
            self.again += 1;
        }
        if number < self.next_in {
            assert_eq!(request.get(43), "Y", "used twice: {request:?}");
            return true;
        }
        if number > self.next_in {
            if request.msg_type == "2" {
                self.resend(&request);
            }
            self.ask();
            return true;
        }
        self.next_in += 1;
        match request.msg_type.as_str() {
            "4" => {
                self.next_in = request.number(36);
                self.has_asked = false;
            }
            "1" => self.tell("0", vec![field(112, request.get(112))]),
            "2" => self.resend(&request),
            "5" => {
                venue.has_logged_out = true;
                self.tell("5", Vec::new());
            }
            "0" => {}
            "D" | "F" | "G" | "H" => {
                self.taken.push(request.clone());
                self.act(venue, &request);
            }
            other => panic!("the gateway does not send {other}: {request:?}"),
        }
        true
    }

    fn resend(&mut self, request: &Request) {
        let last = match request.number(16) {
            0 => self.next_out - 1,
            end => end,
        };
        for number in request.number(7)..=last {
            let (msg_type, fields, is_application) = self.said[&number].clone();
            let bytes = if is_application {
                self.write(&msg_type, number, true, &fields)
            } else {
                let fill = vec![field(123, "Y"), field(36, number + 1)];
                self.write("4", number, true, &fill)
            };
            self.outbox.push_back(bytes);
        }
    }

    fn act(&mut self, venue: &mut Venue, request: &Request) {
        let (number, before) = (request.ref_num(11), venue.stream_length());
        let mut bytes = [0; 128];
        match request.msg_type.as_str() {
            "H" => return self.on_status(number, request),
            "D" => {
                let shadow = Shadow {
                    id: request.get(11).to_owned(),
                    symbol: request.get(55).to_owned(),
                    side: request.get(54).chars().next().unwrap(),
                    total: u32::try_from(request.number(38)).unwrap(),
                    cum: 0,
                    value: 0,
                    price: units(request.get(44)),
                    status: '0',
                };
                let enter = EnterOrder {
                    user_ref_num: number,
                    side: if shadow.side == '1' {
                        Side::Buy
                    } else {
                        Side::Sell
                    },
                    quantity: shadow.total,
                    symbol: Text::new(shadow.symbol.as_bytes()).unwrap(),
                    price: Price(shadow.price),
                    time_in_force: OuchTimeInForce::DAY,
                    display: Display::VISIBLE,
                    capacity: Capacity::AGENCY,
                    inter_market_sweep: false,
                    cross_type: CrossType::CONTINUOUS,
                    cl_ord_id: Text::new(request.get(526).as_bytes()).unwrap(),
                    appendage: Appendage::EMPTY,
                };
                let length = enter.encode(&mut bytes).unwrap();
                assert!(self.orders.insert(number, shadow).is_none(), "sent twice");
                venue.act(&bytes[..length]);
            }
            "G" => {
                let replace = ReplaceOrder {
                    orig_user_ref_num: request.ref_num(41),
                    user_ref_num: number,
                    quantity: u32::try_from(request.number(38)).unwrap(),
                    price: Price(units(request.get(44))),
                    time_in_force: OuchTimeInForce::DAY,
                    display: Display::VISIBLE,
                    inter_market_sweep: false,
                    cl_ord_id: Text::new(request.get(526).as_bytes()).unwrap(),
                    appendage: Appendage::EMPTY,
                };
                let length = replace.encode(&mut bytes).unwrap();
                venue.act(&bytes[..length]);
            }
            _ => {
                assert_eq!(request.ref_num(11), request.ref_num(41));
                let cancel = CancelOrder {
                    user_ref_num: number,
                    quantity: 0,
                    appendage: Appendage::EMPTY,
                };
                let length = cancel.encode(&mut bytes).unwrap();
                self.cancelling = Some(request.get(11).to_owned());
                venue.act(&bytes[..length]);
            }
        }
        if venue.stream_length() == before {
            self.refuse(request, 0);
        }
        self.report(venue);
        self.cancelling = None;
    }

    /// OrderCancelReject(9).
    fn refuse(&mut self, request: &Request, reason: u32) {
        let is_replace = request.msg_type == "G";
        self.tell(
            "9",
            vec![
                field(37, "V"),
                field(11, request.get(11)),
                field(41, request.get(41)),
                field(39, '0'),
                field(434, if is_replace { 2 } else { 1 }),
                field(102, reason),
            ],
        );
    }

    fn on_status(&mut self, number: u32, request: &Request) {
        if self.refuses_status {
            let fields = vec![field(45, request.get(34)), field(372, "H"), field(380, 3)];
            return self.tell("j", fields);
        }
        let tail = vec![field(790, request.get(790))];
        match self.orders.get(&number) {
            Some(shadow) if shadow.status != '5' => self.tell_order(number, 'I', tail),
            _ => {
                let mut fields = vec![
                    field(37, "NONE"),
                    field(11, request.get(11)),
                    field(17, 0),
                    field(150, 'I'),
                    field(39, '8'),
                    field(103, 5),
                    field(55, request.get(55)),
                    field(54, request.get(54)),
                ];
                fields.extend(tail);
                self.tell("8", fields);
            }
        }
    }

    /// ExecutionReport(8) about an order as it stands.
    fn tell_order(&mut self, number: u32, exec_type: char, tail: Fields) {
        self.execs += 1;
        let order = self.orders[&number].clone();
        let is_live = matches!(order.status, '0' | '1');
        let has_id = tail.iter().any(|field| field.0 == 11);
        let mut fields = vec![field(37, format!("V{number}"))];
        if !has_id {
            fields.push(field(11, &order.id));
        }
        fields.extend(tail);
        let average = order.value.checked_div(i64::from(order.cum)).unwrap_or(0);
        fields.extend([
            field(17, self.execs),
            field(150, exec_type),
            field(39, order.status),
            field(55, order.symbol),
            field(54, order.side),
            field(38, order.total),
            field(44, decimal(order.price)),
            field(151, if is_live { order.total - order.cum } else { 0 }),
            field(14, order.cum),
            field(6, decimal(average)),
            field(60, TIME),
        ]);
        self.tell("8", fields);
    }

    /// Tells what the venue has said since.
    fn report(&mut self, venue: &Venue) {
        while let Some(message) = venue.stream_message(self.told) {
            self.told += 1;
            match Outbound::parse(&message).unwrap() {
                Outbound::Accepted(it) => {
                    self.tell_order(it.user_ref_num, '0', Vec::new());
                    if it.order_state == OrderState::DEAD {
                        self.cancel(it.user_ref_num, None);
                    }
                }
                Outbound::Executed(it) => self.execute(it.user_ref_num, it.quantity, it.price.0),
                Outbound::Canceled(it) => {
                    let order = self.orders.get_mut(&it.user_ref_num).unwrap();
                    if it.quantity < order.total - order.cum {
                        order.total -= it.quantity;
                        self.tell_order(it.user_ref_num, 'D', Vec::new());
                    } else {
                        let id = self.cancelling.take();
                        self.cancel(it.user_ref_num, id);
                    }
                }
                Outbound::Replaced(it) => {
                    let old = self.orders.get_mut(&it.orig_user_ref_num).unwrap();
                    let orig = old.id.clone();
                    let new = Shadow {
                        id: format!("GW1{:011}", it.user_ref_num),
                        total: it.quantity,
                        price: it.price.0,
                        ..old.clone()
                    };
                    old.status = '5';
                    self.orders.insert(it.user_ref_num, new);
                    self.tell_order(it.user_ref_num, '5', vec![field(41, orig)]);
                    if it.order_state == OrderState::DEAD {
                        self.cancel(it.user_ref_num, None);
                    }
                }
                Outbound::Rejected(it) => self.reject(it.user_ref_num),
                Outbound::CancelReject(it) => {
                    let id = format!("GW1{:011}", it.user_ref_num);
                    let fields = vec![field(11, format!("{id}C1")), field(41, id), field(102, 0)];
                    self.tell("9", fields);
                }
                other => panic!("not a report about an order: {other:?}"),
            }
        }
    }

    fn reject(&mut self, number: u32) {
        match self.orders.get_mut(&number) {
            Some(order) => {
                order.status = '8';
                self.tell_order(number, '8', vec![field(103, 99)]);
            }
            None => {
                let id = format!("GW1{number:011}");
                self.tell("9", vec![field(11, id), field(434, 2), field(102, 99)]);
            }
        }
    }

    fn cancel(&mut self, number: u32, id: Option<String>) {
        let order = self.orders.get_mut(&number).unwrap();
        order.status = '4';
        let orig = order.id.clone();
        let tail = id.map(|id| vec![field(11, id), field(41, orig)]);
        self.tell_order(number, '4', tail.unwrap_or_default());
    }

    fn execute(&mut self, number: u32, quantity: u32, price: i64) {
        let order = self.orders.get_mut(&number).unwrap();
        order.cum += quantity;
        order.value += i64::from(quantity) * price;
        order.status = if order.cum >= order.total { '2' } else { '1' };
        let tail = vec![field(32, quantity), field(31, decimal(price))];
        self.tell_order(number, 'F', tail);
    }
}
