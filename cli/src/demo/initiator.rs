//! A FIX 4.4 initiator made by hand for the driver: the session layer of the other side.
//!
//! In it: Logon, Heartbeat, TestRequest, both directions of ResendRequest and gap fill, Logout. It
//! shares no code with `gwanmun-fix`, so that a mistake there does not meet its mirror image here.
//! Not in it: sockets, what is kept for a resend (`kept`), how a message is cut from the bytes
//! (`received`), and what orders mean.

use core::fmt::Write;

use super::kept::{Kept, Sent};
use super::received::frame;

pub use super::received::Received;
pub(crate) use super::received::timestamp;

const NS_PER_S: u64 = 1_000_000_000;

/// Who logs on, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitiatorTerms {
    /// SenderCompID(49) of what is sent.
    pub sender_comp_id: String,
    /// TargetCompID(56) of what is sent.
    pub target_comp_id: String,
    /// Username(553), with Password(554).
    pub credentials: Option<(String, String)>,
    /// HeartBtInt(108), in seconds.
    pub heart_bt_int_s: u64,
}

/// The session; it lives through reconnects.
#[derive(Debug)]
pub struct Initiator {
    terms: InitiatorTerms,
    /// MsgSeqNum(34) expected next.
    pub next_in: u64,
    /// MsgSeqNum(34) of the next message out.
    pub next_out: u64,
    kept: Kept,
    /// Whether the numbers of the session's earlier life are unknown, until the first Logon.
    is_joining: bool,
    received: Vec<u8>,
    out: Vec<u8>,
    is_logged_on: bool,
    is_asking: bool,
    last_sent_ns: u64,
    last_received_ns: u64,
    test_request_since_ns: Option<u64>,
}

/// What came of the bytes received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Go on.
    Open,
    /// The peer has logged out or broken the protocol: close the line.
    Close(String),
}

impl Initiator {
    /// A session that was never connected.
    #[must_use]
    pub fn new(terms: InitiatorTerms) -> Initiator {
        Initiator {
            terms,
            next_in: 1,
            next_out: 1,
            kept: Kept::default(),
            is_joining: false,
            received: Vec::new(),
            out: Vec::new(),
            is_logged_on: false,
            is_asking: false,
            last_sent_ns: 0,
            last_received_ns: 0,
            test_request_since_ns: None,
        }
    }

    /// Keeps at most so many messages for being sent again; older ones are filled over.
    #[must_use]
    pub fn keeping(mut self, kept_max: usize) -> Initiator {
        self.kept.limit_to(kept_max);
        self
    }

    /// Takes up a session in the middle of its day: the first Logon's numbers are taken as the
    /// gateway tells them, and nothing from before is asked for.
    #[must_use]
    pub fn joining(self) -> Initiator {
        Initiator {
            is_joining: true,
            ..self
        }
    }

    /// The message with this number needs no second sending: its answer is there, so the peer has
    /// it on record.
    pub fn settle(&mut self, number: u64) {
        self.kept.settle(number);
    }

    /// Messages that were given up unanswered, because too many later ones followed.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.kept.forgotten
    }

    /// Bytes made and not yet taken.
    #[must_use]
    pub fn out_bytes(&self) -> usize {
        self.out.len()
    }

    /// Whether application messages may go out.
    #[must_use]
    pub fn is_logged_on(&self) -> bool {
        self.is_logged_on
    }

    /// A line is up: Logon(35=A) goes out.
    pub fn on_connect(&mut self, now_ns: u64) {
        self.received.clear();
        self.out.clear();
        self.is_logged_on = false;
        self.is_asking = false;
        self.test_request_since_ns = None;
        self.last_received_ns = now_ns;
        let mut body = format!("98=0\u{1}108={}\u{1}", self.terms.heart_bt_int_s);
        if let Some((username, password)) = &self.terms.credentials {
            let _ = write!(body, "553={username}\u{1}554={password}\u{1}");
        }
        self.send_administrative("A", &body, now_ns);
    }

    /// Sends an application message; returns its MsgSeqNum(34). `body` is fields, each with its SOH
    /// behind.
    pub fn send(&mut self, msg_type: &'static str, body: String, now_ns: u64) -> u64 {
        let sending_time = timestamp(now_ns);
        let number = self.next_out;
        self.write(msg_type, number, &sending_time, None, &body, now_ns);
        self.keep(Some(Sent {
            msg_type,
            sending_time,
            body,
        }));
        number
    }

    /// Begins a logout.
    pub fn logout(&mut self, now_ns: u64) {
        self.send_administrative("5", "", now_ns);
    }

    /// Bytes to send, and forgets them.
    pub fn take_out(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.out)
    }

    /// Heartbeats, when they are due; a peer that stays silent is asked, and given up after that.
    pub fn on_time(&mut self, now_ns: u64) -> Turn {
        let interval_ns = self.terms.heart_bt_int_s * NS_PER_S;
        if self.is_logged_on && now_ns.saturating_sub(self.last_sent_ns) >= interval_ns {
            self.send_administrative("0", "", now_ns);
        }
        let silence_ns = now_ns.saturating_sub(self.last_received_ns);
        match self.test_request_since_ns {
            Some(since_ns) if now_ns.saturating_sub(since_ns) >= interval_ns => {
                Turn::Close("the gateway answers no TestRequest".into())
            }
            None if silence_ns >= interval_ns + interval_ns / 5 => {
                self.test_request_since_ns = Some(now_ns);
                self.send_administrative("1", "112=driver\u{1}", now_ns);
                Turn::Open
            }
            _ => Turn::Open,
        }
    }

    /// Takes received bytes; application messages in sequence go to `deliver`.
    pub fn on_bytes(
        &mut self,
        bytes: &[u8],
        now_ns: u64,
        deliver: &mut impl FnMut(Received<'_>),
    ) -> Turn {
        self.last_received_ns = now_ns;
        self.test_request_since_ns = None;
        self.received.extend_from_slice(bytes);
        let received = core::mem::take(&mut self.received);
        let mut rest = received.as_slice();
        let mut turn = Turn::Open;
        while turn == Turn::Open {
            match frame(rest) {
                Ok(None) => break,
                Ok(Some(length)) => {
                    turn = self.on_message(Received(&rest[..length]), now_ns, deliver);
                    rest = &rest[length..];
                }
                Err(reason) => turn = Turn::Close(reason.into()),
            }
        }
        self.received = rest.to_vec();
        turn
    }

    fn on_message(
        &mut self,
        message: Received<'_>,
        now_ns: u64,
        deliver: &mut impl FnMut(Received<'_>),
    ) -> Turn {
        let number = message.number(34);
        let msg_type = message.field(35);
        if self.is_joining {
            return self.join(message);
        }
        if msg_type == "4" && message.field(123) != "Y" {
            // Reset mode: the number of this message does not count.
            self.next_in = self.next_in.max(message.number(36));
            return Turn::Open;
        }
        if number > self.next_in {
            return self.on_gap(message, now_ns);
        }
        if number < self.next_in {
            return if message.is_poss_dup() {
                Turn::Open
            } else {
                Turn::Close(format!(
                    "MsgSeqNum {number} where {} is expected",
                    self.next_in
                ))
            };
        }
        self.next_in += 1;
        self.is_asking = false;
        match msg_type {
            "A" => self.is_logged_on = true,
            "0" => {}
            "1" => self.answer_test_request(message, now_ns),
            "2" => self.resend(message, now_ns),
            "4" => self.next_in = self.next_in.max(message.number(36)),
            "5" => return self.on_logout(message, now_ns),
            _ => deliver(message),
        }
        Turn::Open
    }

    /// The first word of a gateway that may know the session from earlier.
    fn join(&mut self, message: Received<'_>) -> Turn {
        let text = message.field(58);
        match message.field(35) {
            "A" => {
                self.is_joining = false;
                self.is_logged_on = true;
                self.next_in = message.number(34) + 1;
                Turn::Open
            }
            "5" => {
                // A number too low is told with the one that is expected, by every engine known.
                let told = text.split_once("expecting ").and_then(|(_, behind)| {
                    behind
                        .split(|c: char| !c.is_ascii_digit())
                        .next()?
                        .parse()
                        .ok()
                });
                if let Some(expected) = told.filter(|expected| *expected > self.next_out) {
                    self.kept.begin_at(expected);
                    self.next_out = expected;
                }
                Turn::Close(format!("logged out: {text}"))
            }
            // A ResendRequest for what an earlier life has sent is met after the Logon.
            _ => Turn::Open,
        }
    }

    /// A number too high: what is missing is asked for, once; the message itself will come again.
    fn on_gap(&mut self, message: Received<'_>, now_ns: u64) -> Turn {
        match message.field(35) {
            // A Logon counts although its number is ahead, and a ResendRequest is answered, or both
            // sides would wait.
            "A" => self.is_logged_on = true,
            "2" => self.resend(message, now_ns),
            "5" => return self.on_logout(message, now_ns),
            _ => {}
        }
        if !self.is_asking {
            self.is_asking = true;
            let body = format!("7={}\u{1}16=0\u{1}", self.next_in);
            self.send_administrative("2", &body, now_ns);
        }
        Turn::Open
    }

    fn answer_test_request(&mut self, message: Received<'_>, now_ns: u64) {
        let body = format!("112={}\u{1}", message.field(112));
        self.send_administrative("0", &body, now_ns);
    }

    fn on_logout(&mut self, message: Received<'_>, now_ns: u64) -> Turn {
        if self.is_logged_on {
            self.is_logged_on = false;
            self.send_administrative("5", "", now_ns);
        }
        Turn::Close(format!("logged out: {}", message.field(58)))
    }

    /// Answers a ResendRequest: application messages again, administrative ones as gap fill.
    fn resend(&mut self, request: Received<'_>, now_ns: u64) {
        let last = match request.number(16) {
            0 => self.next_out - 1,
            end => end.min(self.next_out - 1),
        };
        let mut number = request.number(7).max(1);
        while number <= last {
            let first = number;
            while number <= last && self.kept.at(number).is_none() {
                number += 1;
            }
            if number > first {
                let body = format!("123=Y\u{1}36={number}\u{1}");
                let time = timestamp(now_ns);
                self.write("4", first, &time, Some(&time), &body, now_ns);
            }
            if let Some(sent) = self.kept.at(number).cloned().filter(|_| number <= last) {
                let time = timestamp(now_ns);
                let original = Some(sent.sending_time.as_str());
                self.write(sent.msg_type, number, &time, original, &sent.body, now_ns);
                number += 1;
            }
        }
    }

    /// Keeps the message that has just taken the next number.
    fn keep(&mut self, sent: Option<Sent>) {
        self.kept.push(sent);
        self.next_out += 1;
    }

    fn send_administrative(&mut self, msg_type: &'static str, body: &str, now_ns: u64) {
        let time = timestamp(now_ns);
        self.write(msg_type, self.next_out, &time, None, body, now_ns);
        self.keep(None);
    }

    fn write(
        &mut self,
        msg_type: &str,
        number: u64,
        sending_time: &str,
        original: Option<&str>,
        body: &str,
        now_ns: u64,
    ) {
        let InitiatorTerms {
            sender_comp_id,
            target_comp_id,
            ..
        } = &self.terms;
        let mut counted = format!(
            "35={msg_type}\u{1}49={sender_comp_id}\u{1}56={target_comp_id}\u{1}34={number}\u{1}\
             52={sending_time}\u{1}"
        );
        if let Some(original) = original {
            let _ = write!(counted, "43=Y\u{1}122={original}\u{1}");
        }
        counted.push_str(body);
        let start = self.out.len();
        self.out.extend_from_slice(
            format!("8=FIX.4.4\u{1}9={}\u{1}{counted}", counted.len()).as_bytes(),
        );
        let sum = self.out[start..]
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        self.out
            .extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
        self.last_sent_ns = now_ns;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session that is logged on, with nothing to send.
    fn logged_on() -> Initiator {
        let mut session = Initiator::new(InitiatorTerms {
            sender_comp_id: "M".to_owned(),
            target_comp_id: "G".to_owned(),
            credentials: None,
            heart_bt_int_s: 30,
        });
        session.on_connect(1);
        let _ = receive(&mut session, "35=A|34=1|");
        assert!(session.is_logged_on());
        session
    }

    /// What the session says to a message of the gateway, with `|` for SOH.
    fn receive(session: &mut Initiator, body: &str) -> String {
        let body = body.replace('|', "\u{1}");
        let message = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len());
        let sum = message
            .bytes()
            .fold(0_u8, |sum, byte| sum.wrapping_add(byte));
        let message = format!("{message}10={sum:03}\u{1}");
        session.take_out();
        let turn = session.on_bytes(message.as_bytes(), 2, &mut |_| {});
        assert_eq!(turn, Turn::Open);
        String::from_utf8(session.take_out())
            .unwrap()
            .replace('\u{1}', "|")
    }

    /// MsgType(35) and MsgSeqNum(34) of every message, and NewSeqNo(36) where there is one.
    fn outline(text: &str) -> Vec<String> {
        let message = |message: &str| {
            let field = |name: &str| {
                let found = message
                    .split('|')
                    .find_map(|field| field.strip_prefix(name));
                found.unwrap_or("").to_owned()
            };
            format!("{} {} {}", field("35="), field("34="), field("36="))
        };
        text.split("8=FIX.4.4").skip(1).map(message).collect()
    }

    #[test]
    fn what_is_answered_is_filled_over_and_the_rest_is_sent_again() {
        let mut session = logged_on();
        for _ in 0..4 {
            session.send("D", "11=A\u{1}".to_owned(), 2);
        }
        session.settle(3);
        let all = receive(&mut session, "35=2|34=2|7=1|16=0|");
        assert_eq!(
            outline(&all),
            ["4 1 2", "D 2 ", "4 3 4", "D 4 ", "D 5 "],
            "{all}"
        );
        for number in [2, 4, 5] {
            session.settle(number);
        }
        assert!(session.kept.is_empty(), "nothing has to be kept");
        let all = receive(&mut session, "35=2|34=3|7=1|16=0|");
        assert_eq!(outline(&all), ["4 1 6"], "{all}");
    }

    #[test]
    fn no_more_is_kept_than_was_asked_for_and_what_is_lost_is_counted() {
        let mut session = logged_on().keeping(3);
        for _ in 0..5 {
            session.send("D", "11=A\u{1}".to_owned(), 2);
        }
        assert_eq!((session.kept.count(), session.forgotten()), (3, 2));
        let all = receive(&mut session, "35=2|34=2|7=2|16=0|");
        assert_eq!(outline(&all), ["4 2 4", "D 4 ", "D 5 ", "D 6 "], "{all}");
    }
}
