//! The FIX port from outside, by a client made of bytes: orders into the same books as OUCH, and
//! what a lost line finds again.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use gwanmun_exchange::plan::{FixPlan, Plan};
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_market::{Phase, Text};

use crate::client::Client as Ouch;
use crate::running::{Running, plan};
use crate::script::setup;

fn with_fix() -> Plan {
    Plan {
        setup: setup(Phase::Continuous),
        fix: Some(FixPlan {
            listen: ([127, 0, 0, 1], 0).into(),
            comp_id: Text::new(b"EXCH").unwrap(),
            participants: vec![(Text::new(b"FIRM").unwrap(), 0)],
        }),
        ..plan()
    }
}

/// `tag=value` pairs with `|` for SOH.
struct Seen(String);

impl Seen {
    fn get(&self, tag: u32) -> &str {
        let front = format!("|{tag}=");
        let rest = self.0.split_once(&front).map_or("", |it| it.1);
        rest.split('|').next().unwrap_or("")
    }

    fn brief(&self) -> String {
        let words = [35, 150, 39, 11, 41].map(|tag| self.get(tag));
        words.join(" ").trim_end().to_owned()
    }
}

struct Client {
    line: TcpStream,
    inbox: Vec<u8>,
    next_out: u64,
}

/// SendingTime(52) of now, as the venue compares it with its clock.
fn time() -> String {
    let mut bytes = [0; 64];
    let mut writer = gwanmun_fix::MessageWriter::start(&mut bytes, b"FIX.4.4");
    writer.timestamp(52, gwanmun_runtime::clock::wall_now_ns());
    let length = writer.finish().unwrap();
    let text = String::from_utf8(bytes[..length].to_vec()).unwrap();
    let rest = text.split_once("\u{1}52=").unwrap().1;
    rest.split('\u{1}').next().unwrap().to_owned()
}

impl Client {
    fn connect(to: SocketAddr) -> Client {
        let line = TcpStream::connect(to).unwrap();
        line.set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        Client {
            line,
            inbox: Vec::new(),
            next_out: 1,
        }
    }

    fn log_on(to: SocketAddr, next_out: u64) -> Client {
        let mut client = Client::connect(to);
        client.next_out = next_out;
        client.send("A", "98=0|108=30|");
        assert_eq!(client.next().unwrap().get(35), "A");
        client
    }

    fn send(&mut self, msg_type: &str, body: &str) {
        let (number, time) = (self.next_out, time());
        self.next_out += 1;
        let body = format!("35={msg_type}|49=FIRM|56=EXCH|34={number}|52={time}|{body}");
        let body = body.replace('|', "\u{1}");
        let mut bytes = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len()).into_bytes();
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
        self.line.write_all(&bytes).unwrap();
    }

    /// The next message; `None` at the end of the line.
    fn next(&mut self) -> Option<Seen> {
        loop {
            if let Frame::Whole { length } = frame(&self.inbox, 1 << 16) {
                let bytes: Vec<u8> = self.inbox.drain(..length).collect();
                let text = String::from_utf8(bytes).unwrap();
                return Some(Seen(format!("|{}", text.replace('\u{1}', "|"))));
            }
            let mut chunk = [0; 4096];
            match self.line.read(&mut chunk) {
                Ok(0) => return None,
                Ok(length) => self.inbox.extend_from_slice(&chunk[..length]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[track_caller]
    fn expect(&mut self, briefs: &[&str]) -> Vec<Seen> {
        let seen: Vec<Seen> = briefs.iter().map(|_| self.next().unwrap()).collect();
        let got: Vec<String> = seen.iter().map(Seen::brief).collect();
        assert_eq!(got, briefs);
        seen
    }

    fn order(&mut self, name: &str, side: char, quantity: u32, price: &str) {
        self.send(
            "D",
            &format!(
                "11={name}|1=ACC|55=005930|54={side}|38={quantity}|40=2|44={price}|59=0|526=K{name}|\
                 60=20261123-00:00:00|"
            ),
        );
    }

    fn replace(&mut self, name: &str, orig: &str, quantity: u32, price: &str) {
        self.send(
            "G",
            &format!(
                "11={name}|41={orig}|1=ACC|55=005930|54=1|38={quantity}|40=2|44={price}|\
                 60=20261123-00:00:00|"
            ),
        );
    }

    fn ask(&mut self, msg_type: &str, name: &str, rest: &str) {
        let time = "60=20261123-00:00:00|";
        self.send(msg_type, &format!("11={name}|55=005930|54=1|{time}{rest}"));
    }
}

#[test]
fn orders_of_both_wires_meet_in_one_book() {
    let venue = Running::start(&with_fix());
    let mut fix = Client::log_on(venue.fix.unwrap(), 1);
    fix.order("A", '1', 10, "71500");
    let new = fix.expect(&["8 0 0 A"]);
    assert_eq!(
        (new[0].get(14), new[0].get(151), new[0].get(526)),
        ("0", "10", "KA")
    );
    fix.replace("B", "A", 20, "71400");
    fix.expect(&["8 5 0 B A"]);
    // Another user's OUCH order trades with it.
    let (mut ouch, _) = Ouch::log_in(venue.orders, "TWO", 1);
    ouch.send("enter 1 S 8 005930 71400");
    let trade = fix.expect(&["8 F 1 B"]);
    assert_eq!((trade[0].get(32), trade[0].get(31)), ("8", "71400"));
    assert_eq!((trade[0].get(14), trade[0].get(6)), ("8", "71400"));
    fix.ask("H", "B", "790=Q1|");
    let status = fix.expect(&["8 I 1 B"]);
    assert_eq!((status[0].get(790), status[0].get(151)), ("Q1", "12"));
    fix.ask("F", "X", "41=B|38=20|");
    fix.expect(&["8 4 4 X B"]);
    // Too late, unknown, used twice.
    fix.ask("F", "Y", "41=B|38=20|");
    let late = fix.expect(&["9  4 Y B"]);
    assert_eq!((late[0].get(102), late[0].get(434)), ("0", "1"));
    fix.replace("Z", "nobody", 1, "71500");
    assert_eq!(fix.expect(&["9  8 Z nobody"])[0].get(102), "1");
    fix.order("A", '1', 10, "71500");
    assert_eq!(fix.expect(&["8 8 8 A"])[0].get(103), "6");
    // Off tick: the venue's own rules.
    fix.order("C", '1', 10, "71501");
    fix.expect(&["8 8 8 C"]);
    fix.ask("H", "D", "790=Q2|");
    let unknown = fix.expect(&["8 I 8 D"]);
    assert_eq!((unknown[0].get(103), unknown[0].get(790)), ("5", "Q2"));
    // Fields that make no sense.
    fix.send("D", "11=E|55=005930|");
    assert_eq!(fix.next().unwrap().get(35), "3");
    fix.send("5", "");
    assert_eq!(fix.next().unwrap().get(35), "5");
    let (summary, _) = venue.stop();
    // Orders, replaces and cancels, the refused ones too; what never came to the book is none.
    assert_eq!(summary.messages, 6);
}

#[test]
fn a_line_that_is_lost_is_found_again_with_all_that_was_said() {
    let mut plan = with_fix();
    plan.drop_order_line_after = vec![2];
    let venue = Running::start(&plan);
    let to = venue.fix.unwrap();
    let mut first = Client::log_on(to, 1);
    first.order("A", '1', 10, "71500");
    first.expect(&["8 0 0 A"]);
    first.order("B", '1', 10, "71500");
    while first.next().is_some() {}
    // What was traded meanwhile is told behind the Logon(A).
    let (mut ouch, _) = Ouch::log_in(venue.orders, "TWO", 1);
    ouch.send("enter 1 S 10 005930 71500");
    let mut second = Client::log_on(to, 4);
    second.send("2", "7=1|16=0|");
    let mut kinds = Vec::new();
    while kinds.iter().filter(|it| *it == "F").count() < 1 || kinds.len() < 4 {
        let seen = second.next().unwrap();
        let kind = if seen.get(35) == "8" {
            seen.get(150)
        } else {
            seen.get(35)
        };
        kinds.push(kind.to_owned());
    }
    assert!(
        kinds.iter().filter(|it| *it == "0").count() >= 2,
        "{kinds:?}"
    );
    // A second line of the participant ends the one before, and goes on behind it.
    let next_out = second.next_out;
    let mut third = Client::log_on(to, next_out);
    while second.next().is_some() {}
    third.ask("H", "B", "790=Q|");
    while third.next().unwrap().get(790) != "Q" {}
    let (_, told) = venue.stop();
    assert!(
        told.iter().any(|it| it.contains("dropped on purpose")),
        "{told:?}"
    );
    assert!(
        told.iter().any(|it| it.contains("replaced by a new login")),
        "{told:?}"
    );
}

#[test]
fn strangers_are_cut_without_a_word() {
    let venue = Running::start(&with_fix());
    for body in ["35=A|49=WHO|56=EXCH|34=1|", "35=D|49=FIRM|56=EXCH|34=1|"] {
        let mut client = Client::connect(venue.fix.unwrap());
        let body = body.replace('|', "\u{1}");
        let mut bytes = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len()).into_bytes();
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
        client.line.write_all(&bytes).unwrap();
        assert!(client.next().is_none());
    }
    venue.stop();
}
