//! `gwanmun load` as a process: against a gateway and a venue of its own with faults, against an
//! acceptor that stands still, and with arguments that make no sense.
#![allow(clippy::unwrap_used, reason = "a test ends by panicking")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};

use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use serde_json::Value;

const SOH: char = '\u{1}';

fn gwanmun(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gwanmun"))
        .args(arguments)
        .output()
        .unwrap()
}

fn folder(test: &str) -> PathBuf {
    std::env::temp_dir().join(format!("gwanmun-load-{test}-{}", std::process::id()))
}

/// Bytes of standard base64.
fn base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other} in base64"),
    };
    let digits: Vec<u8> = text.trim_end_matches('=').bytes().collect();
    let mut bytes = Vec::new();
    for group in digits.chunks(4) {
        let bits = (0..4).fold(0, |bits, at| {
            bits << 6 | group.get(at).map_or(0, |b| value(*b))
        });
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}

/// Every histogram of a log, with its tag.
fn histograms(log: &[u8]) -> Vec<(String, Histogram<u64>)> {
    let mut deserializer = Deserializer::new();
    IntervalLogIterator::new(log)
        .filter_map(|entry| match entry.unwrap() {
            LogEntry::Interval(interval) => {
                let tag = interval.tag().unwrap().as_str().to_owned();
                let bytes = base64(interval.encoded_histogram());
                Some((
                    tag,
                    deserializer.deserialize(&mut bytes.as_slice()).unwrap(),
                ))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn cuts_and_stalls_lose_nothing_and_the_files_say_the_same() {
    let out = folder("faults");
    let (log, svg) = (out.with_extension("hlog"), out.with_extension("svg"));
    let output = gwanmun(&[
        "load",
        "--self",
        "--sessions",
        "8",
        "--rate",
        "400",
        "--duration",
        "4s",
        "--burst",
        "50",
        "--burst-every",
        "1s",
        "--hot-symbol",
        "50%",
        "--cut-every",
        "700ms",
        "--stall-every",
        "900ms",
        "--stall-for",
        "400ms",
        "--seed",
        "3",
        "--json",
        "--out",
        out.to_str().unwrap(),
        "--histogram",
        log.to_str().unwrap(),
        "--svg",
        svg.to_str().unwrap(),
    ]);
    let error = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}{error}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{answer}"));
    // 4 seconds of 400, and three bursts of 50.
    assert_eq!(answer["orders"], 1_750, "{answer}");
    assert_eq!(answer["answered"], 1_750, "{answer}");
    for zero in [
        "unanswered",
        "unsent",
        "rules_broken",
        "lost",
        "duplicated",
        "different",
    ] {
        assert_eq!(answer[zero], 0, "{zero}: {answer}");
    }
    assert!(
        number(&answer["cuts"]) >= 3 && number(&answer["stalls"]) >= 2,
        "{answer}"
    );
    assert!(
        number(&answer["reconnects"]) >= number(&answer["cuts"]),
        "{answer}"
    );
    assert!(
        number(&answer["fills"]) > 0 && number(&answer["compared"]) > 1_500,
        "{answer}"
    );
    assert!(
        number(&answer["gateway"]["private_bytes"]["max"]) > 0,
        "{answer}"
    );
    for code in [
        "TICK",
        "PRICE_COLLAR",
        "ACCOUNT_UNKNOWN",
        "ACCOUNT_DISABLED",
    ] {
        assert!(number(&answer["refused"][code]) > 0, "{code}: {answer}");
    }

    // The log's seconds are the whole, and the whole is what the answer says.
    let log_text = std::fs::read(&log).unwrap();
    let logged = histograms(&log_text);
    let count = |tag: &str| -> u64 {
        logged
            .iter()
            .filter(|(name, _)| name == tag)
            .map(|(_, histogram)| histogram.len())
            .sum()
    };
    let measured = number(&answer["latency_ns"]["count"]);
    assert_eq!((count("orders"), count("all-orders")), (measured, measured));
    assert_eq!(measured + count("all-under-fault"), 1_750);
    assert!(logged.iter().filter(|(name, _)| name == "orders").count() >= 4);
    let whole = &logged
        .iter()
        .find(|(name, _)| name == "all-orders")
        .unwrap()
        .1;
    assert_eq!(answer["latency_ns"]["p99"], whole.value_at_percentile(99.0));

    let plot = std::fs::read_to_string(&svg).unwrap();
    let document = roxmltree::Document::parse(&plot).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "svg");

    // The hot symbol has its half.
    let lines: Vec<String> = std::fs::read_dir(out.join("ledgers"))
        .unwrap()
        .flat_map(|entry| {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let hot = lines
        .iter()
        .filter(|line| line.contains(",D,L") && line.contains(",005930,"))
        .count();
    assert!(
        (700..1_100).contains(&hot),
        "{hot} of 1,750 and those sent again"
    );
    assert!(
        !lines.iter().any(|line| line.contains("load-member")),
        "a password in a ledger"
    );
    for file in [log, svg] {
        std::fs::remove_file(file).unwrap();
    }
    std::fs::remove_dir_all(&out).unwrap();
}

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

#[test]
fn arguments_that_make_no_sense_are_refused_before_anything_starts() {
    let out = folder("refused");
    for (arguments, told) in [
        (&["load"][..], "ADDRESS"),
        (&["load", "--self", "127.0.0.1:1"], "cannot be used with"),
        (&["load", "--self", "--sessions", "0"], "--sessions"),
        (&["load", "--self", "--sessions", "5000"], "--sessions"),
        (&["load", "--self", "--rate", "0"], "--burst"),
        (&["load", "--self", "--rate", "-5"], "-5"),
        (&["load", "--self", "--duration", "soon"], "no time"),
        (&["load", "--self", "--duration", "0s"], "no time"),
        (
            &["load", "--self", "--duration", "5s", "--orders", "5"],
            "cannot be used with",
        ),
        (&["load", "--self", "--hot-symbol", "120%"], "no share"),
        (&["load", "--self", "--names", "A B"], "no CompID"),
        (&["load", "--self", "--burst-every", "5s"], "--burst"),
        (
            &[
                "load",
                "--self",
                "--rate",
                "0",
                "--burst",
                "5",
                "--duration",
                "1s",
            ],
            "no order is due",
        ),
        (&["load", "nowhere"], "HOST:PORT"),
        (
            &["load", "127.0.0.1:1", "--sessions-file", "/nonexistent/x"],
            "/nonexistent/x",
        ),
        (&["load", "--self", "--password", "x"], "--password"),
    ] {
        let mut all = arguments.to_vec();
        all.extend(["--out", out.to_str().unwrap()]);
        let output = gwanmun(&all);
        let error = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code();
        assert!(
            code == Some(2) || code == Some(3),
            "{arguments:?}: {code:?} {error}"
        );
        assert!(error.contains(told), "{arguments:?}: {error}");
        assert!(!out.exists(), "{arguments:?}");
    }
}

#[test]
fn more_sessions_than_a_gateway_takes_are_told_with_their_bound() {
    let out = folder("many");
    let output = gwanmun(&[
        "load",
        "--self",
        "--sessions",
        "4096",
        "--out",
        out.to_str().unwrap(),
    ]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("4096 times [[session]]"), "{error}");
    std::fs::remove_dir_all(&out).unwrap();
}

#[test]
fn a_gateway_that_is_not_there_or_takes_nobody_is_told_with_its_reason() {
    // A listener that closes every line at once.
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || while listener.accept().is_ok() {});
    let out = folder("nobody");
    let output = gwanmun(&[
        "load",
        &address,
        "--sessions",
        "2",
        "--out",
        out.to_str().unwrap(),
    ]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{error}");
    assert!(error.contains("MEMBER1 is not logged on"), "{error}");
    std::fs::remove_dir_all(&out).unwrap();
}
