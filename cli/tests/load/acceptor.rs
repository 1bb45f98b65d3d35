//! An acceptor of the test's own, which stands still, keeps an answer to itself or goes on in the
//! middle of a session's day.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use serde_json::Value;

use crate::{folder, gwanmun};

const SOH: char = '\u{1}';

/// An acceptor for one session that keeps all answers back from order `hold_from` until order
/// `hold_until` has come.
struct Acceptor {
    hold_from: usize,
    hold_until: usize,
    /// Answers to orders with these numbers never leave.
    swallows: Option<usize>,
    /// MsgSeqNum of the session's earlier life.
    next_in: u64,
    next_out: u64,
    orders: usize,
    held: Vec<String>,
}

impl Acceptor {
    fn run(mut self, listener: &TcpListener) -> usize {
        loop {
            let (mut line, _) = listener.accept().unwrap();
            if self.serve(&mut line) {
                return self.orders;
            }
        }
    }

    /// True when the session has logged out.
    fn serve(&mut self, line: &mut TcpStream) -> bool {
        let mut pending = String::new();
        let mut buffer = [0; 1 << 16];
        loop {
            let Ok(count @ 1..) = line.read(&mut buffer) else {
                return false;
            };
            pending.push_str(core::str::from_utf8(&buffer[..count]).unwrap());
            while let Some(end) = pending.find("\u{1}10=").map(|at| at + 8) {
                if end > pending.len() {
                    break;
                }
                let message: String = pending.drain(..end).collect();
                let number: u64 = field(&message, 34).parse().unwrap();
                if number < self.next_in {
                    let told = format!("58=MsgSeqNum too low, expecting {}{SOH}", self.next_in);
                    self.send(line, "5", &told);
                    return false;
                }
                self.next_in = number + 1;
                match field(&message, 35) {
                    "A" => self.send(line, "A", &format!("98=0{SOH}108=30{SOH}")),
                    "D" => self.on_order(line, field(&message, 11)),
                    "F" => {
                        let (name, orig) = (field(&message, 11), field(&message, 41));
                        let body = format!("11={name}{SOH}41={orig}{SOH}150=4{SOH}151=0{SOH}");
                        self.send(line, "8", &body);
                    }
                    "5" => {
                        self.send(line, "5", "");
                        return true;
                    }
                    _ => {}
                }
            }
        }
    }

    fn on_order(&mut self, line: &mut TcpStream, name: &str) {
        self.orders += 1;
        if self.swallows == Some(self.orders) {
            return;
        }
        let body = format!("37=G{name}{SOH}17=X{name}{SOH}11={name}{SOH}150=0{SOH}151=1{SOH}");
        self.held.push(body);
        if !(self.hold_from..self.hold_until).contains(&self.orders) {
            for body in std::mem::take(&mut self.held) {
                self.send(line, "8", &body);
            }
        }
    }

    fn send(&mut self, line: &mut TcpStream, msg_type: &str, body: &str) {
        let number = self.next_out;
        self.next_out += 1;
        let body = format!("35={msg_type}{SOH}49=G{SOH}56=M{SOH}34={number}{SOH}52=x{SOH}{body}");
        let message = format!("8=FIX.4.4{SOH}9={}{SOH}{body}", body.len());
        let sum = message
            .bytes()
            .fold(0_u8, |sum, byte| sum.wrapping_add(byte));
        line.write_all(format!("{message}10={sum:03}{SOH}").as_bytes())
            .unwrap();
    }
}

fn field(message: &str, tag: u32) -> &str {
    let wanted = format!("{tag}=");
    let found = message
        .split(SOH)
        .find_map(|field| field.strip_prefix(wanted.as_str()));
    found.unwrap_or("")
}

/// Loads an acceptor with 1,500 orders at 1,000 a second; gives the exit code and the answer.
fn load(test: &str, acceptor: Acceptor) -> (Option<i32>, Value) {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let acceptor = std::thread::spawn(move || acceptor.run(&listener));
    let out = folder(test);
    let output = gwanmun(&[
        "load",
        &address,
        "--sessions",
        "1",
        "--rate",
        "1000",
        "--orders",
        "1500",
        "--json",
        "--out",
        out.to_str().unwrap(),
    ]);
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    let answer = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{error}"));
    assert_eq!(acceptor.join().unwrap(), 1_500);
    std::fs::remove_dir_all(&out).unwrap();
    (output.status.code(), answer)
}

#[test]
fn an_acceptor_that_stands_still_delays_all_that_is_due_and_gets_it_all_the_same() {
    // A sender that waits for answers would never bring the order with which they come.
    let (code, answer) = load(
        "still",
        Acceptor {
            hold_from: 500,
            hold_until: 1_000,
            swallows: None,
            next_in: 1,
            next_out: 1,
            orders: 0,
            held: Vec::new(),
        },
    );
    assert_eq!(code, Some(0), "{answer}");
    assert_eq!(answer["latency_ns"]["count"], 1_500, "{answer}");
    // 350 of 1,500 orders were due at least 150 ms before the order that ended the hold.
    assert!(
        answer["latency_ns"]["p90"].as_u64().unwrap() > 150_000_000,
        "{answer}"
    );
    assert!(
        answer["latency_ns"]["max"].as_u64().unwrap() > 490_000_000,
        "{answer}"
    );
    assert_eq!(
        answer["lost"],
        Value::Null,
        "nobody's venue to compare with"
    );
}

#[test]
fn a_session_is_taken_up_in_its_day_and_an_unanswered_order_is_told() {
    let (code, answer) = load(
        "swallow",
        Acceptor {
            hold_from: 0,
            hold_until: 0,
            swallows: Some(700),
            next_in: 4_711,
            next_out: 815,
            orders: 0,
            held: Vec::new(),
        },
    );
    assert_eq!(code, Some(1), "{answer}");
    assert_eq!(answer["unanswered"], 1, "{answer}");
    assert_eq!(answer["answered"], 1_499, "{answer}");
}
