//! The driver against an acceptor that loses messages and drops the line: everything is answered in
//! the end, and the ledger has every byte.
#![allow(clippy::unwrap_used, reason = "a test ends by panicking")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use gwanmun_cli::demo::day::Day;
use gwanmun_cli::demo::driver::{DriverReport, DriverTerms, drive};
use gwanmun_cli::demo::initiator::InitiatorTerms;
use gwanmun_cli::demo::ledger::Ledger;
use gwanmun_runtime::signals::Termination;

const SOH: char = '\u{1}';

/// A gateway as simple as can be: acknowledges whatever comes.
struct Acceptor {
    next_in: u64,
    /// Every message sent, by its number from 1: type and body.
    sent: Vec<(String, String)>,
    /// Application messages with these numbers are not sent at first.
    lose_every: usize,
    /// After so many requests the line is dropped, once.
    drop_after: usize,
    requests: usize,
    duplicates: usize,
    seen: BTreeMap<String, ()>,
}

impl Acceptor {
    fn run(mut self, listener: &TcpListener) -> Acceptor {
        loop {
            let (mut line, _) = listener.accept().unwrap();
            if self.serve(&mut line) {
                return self;
            }
        }
    }

    /// True when the driver has logged out.
    fn serve(&mut self, line: &mut TcpStream) -> bool {
        let mut held = String::new();
        let mut buffer = [0; 4096];
        let mut is_asking = false;
        loop {
            let Ok(count @ 1..) = line.read(&mut buffer) else {
                return false;
            };
            held.push_str(core::str::from_utf8(&buffer[..count]).unwrap());
            while let Some(end) = held
                .find("\u{1}10=")
                .map(|at| at + 8)
                .filter(|at| *at <= held.len())
            {
                let message: String = held.drain(..end).collect();
                let number: u64 = field(&message, 34).parse().unwrap();
                let msg_type = field(&message, 35).to_owned();
                if number > self.next_in {
                    if msg_type == "A" {
                        self.send(line, "A", format!("98=0{SOH}108=30{SOH}"));
                    }
                    if msg_type == "2" {
                        // Answered although it is ahead, or both sides would wait.
                        self.resend(line, field(&message, 7).parse().unwrap());
                    }
                    if !is_asking {
                        is_asking = true;
                        self.send(line, "2", format!("7={}{SOH}16=0{SOH}", self.next_in));
                    }
                    continue;
                }
                if number < self.next_in {
                    assert_eq!(field(&message, 43), "Y", "{message}");
                    continue;
                }
                is_asking = false;
                self.next_in = if msg_type == "4" {
                    field(&message, 36).parse().unwrap()
                } else {
                    self.next_in.max(number + 1)
                };
                match msg_type.as_str() {
                    "A" => self.send(line, "A", format!("98=0{SOH}108=30{SOH}")),
                    "2" => self.resend(line, field(&message, 7).parse().unwrap()),
                    "5" => {
                        self.send(line, "5", String::new());
                        return true;
                    }
                    "D" | "F" | "G" => {
                        self.requests += 1;
                        if self.requests == self.drop_after {
                            // Not acted on: the number goes back, as after a crash before the
                            // record was whole.
                            self.next_in = number;
                            return false;
                        }
                        self.answer(line, &message, &msg_type);
                    }
                    _ => {}
                }
            }
        }
    }

    fn answer(&mut self, line: &mut TcpStream, request: &str, msg_type: &str) {
        let name = field(request, 11).to_owned();
        if self.seen.insert(name.clone(), ()).is_some() {
            self.duplicates += 1;
        }
        let exec_type = match msg_type {
            "D" => "0",
            "F" => "4",
            _ => "5",
        };
        let number = self.sent.len() + 1;
        let body = format!(
            "37=G{name}{SOH}17=X{number}{SOH}11={name}{SOH}150={exec_type}{SOH}39={exec_type}{SOH}"
        );
        if number.is_multiple_of(self.lose_every) {
            self.sent.push(("8".to_owned(), body));
        } else {
            self.send(line, "8", body);
        }
    }

    fn resend(&self, line: &mut TcpStream, from: usize) {
        for number in from..=self.sent.len() {
            let (msg_type, body) = &self.sent[number - 1];
            let (msg_type, body) = if msg_type == "8" {
                ("8", format!("43=Y{SOH}{body}"))
            } else {
                ("4", format!("43=Y{SOH}123=Y{SOH}36={}{SOH}", number + 1))
            };
            line.write_all(encoded(msg_type, number, &body).as_bytes())
                .unwrap();
        }
    }

    fn send(&mut self, line: &mut TcpStream, msg_type: &str, body: String) {
        let message = encoded(msg_type, self.sent.len() + 1, &body);
        self.sent.push((msg_type.to_owned(), body));
        // The driver may be gone by now; then this is one of the messages it asks for later.
        let _ = line.write_all(message.as_bytes());
    }
}

fn encoded(msg_type: &str, number: usize, body: &str) -> String {
    let body = format!("35={msg_type}{SOH}49=G{SOH}56=M{SOH}34={number}{SOH}52=x{SOH}{body}");
    let message = format!("8=FIX.4.4{SOH}9={}{SOH}{body}", body.len());
    let sum = message
        .bytes()
        .fold(0_u8, |sum, byte| sum.wrapping_add(byte));
    format!("{message}10={sum:03}{SOH}")
}

fn field(message: &str, tag: u32) -> &str {
    let wanted = format!("{tag}=");
    message
        .split(SOH)
        .find_map(|field| field.strip_prefix(wanted.as_str()))
        .unwrap_or("")
}

/// Drives a small day; gives the report, the ledger's lines and the acceptor.
fn check(lose_every: usize, drop_after: usize) -> (DriverReport, Vec<String>, Acceptor) {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = Acceptor {
        next_in: 1,
        sent: Vec::new(),
        lose_every,
        drop_after,
        requests: 0,
        duplicates: 0,
        seen: BTreeMap::new(),
    };
    let acceptor = std::thread::spawn(move || acceptor.run(&listener));
    let terms = DriverTerms {
        address,
        session: InitiatorTerms {
            sender_comp_id: "M".to_owned(),
            target_comp_id: "G".to_owned(),
            credentials: Some(("user".to_owned(), "top-secret".to_owned())),
            heart_bt_int_s: 30,
        },
        in_flight_max: 16,
    };
    let mut ledger = Ledger::new(Vec::new()).unwrap();
    let day = Day::generate(3, 1_000);
    let report = drive(
        &day,
        &terms,
        &mut ledger,
        &Termination::default(),
        &mut |_| {},
    )
    .unwrap();
    let text = String::from_utf8(ledger.finish(0).unwrap()).unwrap();
    let acceptor = acceptor.join().unwrap();
    assert_eq!(u64::try_from(day.steps.len()).unwrap(), requests(&report));
    (report, text.lines().map(str::to_owned).collect(), acceptor)
}

fn requests(report: &DriverReport) -> u64 {
    report.tally.orders + report.tally.cancels + report.tally.replaces
}

#[test]
fn a_quiet_line_carries_the_day() {
    let (report, lines, acceptor) = check(usize::MAX, usize::MAX);
    assert_eq!(
        (report.unanswered, report.unsent, report.reconnects),
        (0, 0, 0)
    );
    assert_eq!(report.tally.accepted, 1_000);
    assert_eq!(acceptor.duplicates, 0);
    let of = |direction: &str, msg_type: &str| {
        let cells = lines.iter().map(|line| line.split(',').collect::<Vec<_>>());
        cells
            .filter(|cells| cells[1] == direction && cells[3] == msg_type)
            .count()
    };
    assert_eq!(of("out", "D"), 1_000);
    assert_eq!(of("out", "A"), 1);
    assert_eq!(of("in", "5"), 1);
    assert!(!lines.iter().any(|line| line.contains("top-secret")));
}

#[test]
fn lost_messages_are_asked_for_and_a_dropped_line_is_made_again() {
    let (report, lines, acceptor) = check(50, 400);
    assert_eq!(
        (report.unanswered, report.unsent, report.reconnects),
        (0, 0, 1)
    );
    assert_eq!(report.tally.accepted, 1_000);
    assert_eq!(acceptor.duplicates, 0, "a request was acted on twice");
    assert!(
        lines
            .iter()
            .any(|line| line.contains(",out,") && line.contains(",2,,,,"))
    );
    assert!(
        lines
            .iter()
            .any(|line| line.contains(",in,") && line.contains(",Y,"))
    );
    // What was in flight when the line dropped went out again, marked as a possible duplicate.
    assert!(
        lines
            .iter()
            .any(|line| line.contains(",out,") && line.contains(",D,") && line.contains(",Y,"))
    );
}
