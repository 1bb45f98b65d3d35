//! A FIX 4.4 engine in front of the tests' venue, in a few lines of its own so that the gateway's
//! does not judge itself: it numbers, keeps what it said, asks for what it missed, and turns
//! requests into the venue's and the venue's stream into reports.
//!
//! What it has not read may be lost with a line; what it has read counts for its session too.

mod application;

use std::collections::{BTreeMap, VecDeque};

use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::index::Index;
use gwanmun_fix::message::Message;

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
    /// Messages of these types it takes and never answers; of TestRequest(1), the barriers.
    pub(crate) ignores: Vec<&'static str>,
    /// Reports are numbered and kept, and not said on this line.
    pub(crate) is_mute: bool,
}

const TIME: &str = "20261123-00:00:00.000";

fn field(tag: u32, value: impl ToString) -> (u32, String) {
    (tag, value.to_string())
}

/// Price units as FIX writes them.
fn decimal(units: i64) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let units = units.unsigned_abs();
    format!("{sign}{}.{:04}", units / 10_000, units % 10_000)
}

fn units(decimal: &str) -> i64 {
    let (sign, digits) = match decimal.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, decimal),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let rest: String = rest.chars().chain("0000".chars()).take(4).collect();
    sign * (whole.parse::<i64>().unwrap() * 10_000 + rest.parse::<i64>().unwrap())
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
        let is_ignored = self.ignores.contains(&request.msg_type.as_str());
        match request.msg_type.as_str() {
            "1" if is_ignored && request.get(112).starts_with("SETTLE") => {
                self.taken.push(request);
            }
            "2" | "H" if is_ignored => self.taken.push(request),
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
}
