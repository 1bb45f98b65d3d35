//! The initiator against an acceptor made by hand, and against the session on the other side of a
//! line that drops.

use gwanmun_fix::session::{ApplicationTypes, Outcome, ResendProgress, Session, SessionTerms};
use gwanmun_fix::{Index, Message, Version};
use gwanmun_market::Text;
use serde_json::Value;

use super::echo::Echo;
use super::house::Dialect;
use super::initiator::{DropWith, Initiator, Plan};
use super::sent::Outbox;
use super::stream::{Fate, Piece, Stream};

/// 2026-01-05 00:00:00 UTC, and as SendingTime(52).
const NOW_NS: u64 = 1_767_571_200_000_000_000;
const NOW: &str = "20260105-00:00:00.000";

fn plan(version: Version, orders: u64) -> Plan {
    Plan {
        version,
        sender_comp_id: Text::new(b"A").unwrap(),
        target_comp_id: Text::new(b"B").unwrap(),
        orders,
        in_flight_max: 4,
        drop_every: 0,
        gap_numbers: 0,
        sends_next_expected_msg_seq_num: false,
    }
}

/// A message of the acceptor.
fn said(version: Version, number: u64, body: &str) -> Vec<u8> {
    let (msg_type, rest) = body.split_once('|').unwrap();
    let begin = version.begin_string().escape_ascii();
    let body = format!("35={msg_type}|49=B|56=A|34={number}|52={NOW}|{rest}").replace('|', "\u{1}");
    let mut message = format!("8={begin}\u{1}9={}\u{1}{body}", body.len());
    let sum = message.bytes().map(u32::from).sum::<u32>() % 256;
    message.push_str(&format!("10={sum:03}\u{1}"));
    message.into_bytes()
}

fn logon(version: Version) -> String {
    let appl_ver_id = match version {
        Version::Fix50Sp2 => "1137=9|",
        _ => "",
    };
    format!("A|98=0|108=30|{appl_ver_id}")
}

fn report(version: Version, cl_ord_id: &str, exec_id: &str) -> String {
    let trans_type = match version {
        Version::Fix42 => "20=0|",
        _ => "",
    };
    format!(
        "8|6=0|11={cl_ord_id}|14=0|17={exec_id}|{trans_type}37=O1|38=10|39=0|54=1|55=005930|60={NOW}|\
         150=0|151=10|"
    )
}

fn texts(output: &[u8]) -> Vec<String> {
    let output = String::from_utf8(output.to_vec()).unwrap();
    output
        .split_inclusive("\u{1}10=")
        .map(|text| text.replace('\u{1}', "|"))
        .filter(|text| text.contains("|35="))
        .collect()
}

/// Logged on, with so many orders out.
fn on_line(version: Version, orders: u64) -> Initiator {
    let mut initiator = Initiator::new(plan(version, orders)).unwrap();
    initiator.on_connect(NOW_NS);
    let first = texts(&initiator.take_output());
    assert!(
        first.len() == 1 && first[0].contains("|35=A|34=1|"),
        "{first:?}"
    );
    // Nothing leaves before the answer.
    assert_eq!(initiator.on_turn(NOW_NS), None);
    assert!(initiator.take_output().is_empty());
    let _ = initiator.on_bytes(&said(version, 1, &logon(version)), NOW_NS);
    assert_eq!(initiator.on_turn(NOW_NS), None);
    let out = texts(&initiator.take_output());
    assert_eq!(out.len() as u64, orders.min(4), "{out:?}");
    assert!(out[0].contains("|35=D|34=2|") && out[0].contains("|11=C00000001|"));
    initiator
}

fn figure(initiator: &Initiator, name: &str) -> u64 {
    initiator.to_json()[name].as_u64().unwrap()
}

#[test]
fn it_is_over_once_every_order_has_its_answer() {
    for version in Version::ALL {
        let mut initiator = on_line(version, 5);
        for number in 1..=5 {
            assert!(!initiator.is_clean() && !initiator.is_done());
            let body = report(version, &format!("C{number:08}"), &format!("E{number}"));
            let fate = initiator.on_bytes(&said(version, number + 1, &body), NOW_NS);
            assert_eq!(fate, Fate::Open);
            let _ = initiator.on_turn(NOW_NS);
        }
        let out = texts(&initiator.take_output());
        assert!(
            out.len() == 2 && out[0].contains("|11=C00000005|"),
            "{out:?}"
        );
        assert!(out[1].contains("|35=5|34=7|"), "{out:?}");
        assert!(initiator.is_clean() && !initiator.is_done());
        assert_eq!(
            initiator.on_bytes(&said(version, 7, "5|"), NOW_NS),
            Fate::Close
        );
        assert!(initiator.is_done());
        let told = initiator.to_json();
        assert_eq!(told["version"], version.name());
        assert_eq!(
            (&told["orders"], &told["unanswered"]),
            (&5.into(), &0.into())
        );
        assert_eq!(told["received"]["8"], 5);
        assert_eq!(told["sent"]["D"], 5);
        assert_eq!(told["logged_out"], Value::Bool(true));
    }
}

#[test]
fn what_is_told_twice_or_never_or_wrongly_is_counted() {
    let version = Version::Fix44;
    let again = |body: &str| body.replacen('|', &format!("|43=Y|122={NOW}|"), 1);
    let new = report(version, "C00000001", "E1");
    for (name, second, third) in [
        (
            "doubled",
            (3, new.clone()),
            (4, report(version, "C00000002", "E2")),
        ),
        (
            "unknown",
            (3, report(version, "X", "E3")),
            (4, report(version, "C00000002", "E2")),
        ),
        ("unanswered", (3, "0|".to_owned()), (4, "0|".to_owned())),
        (
            "refused",
            (3, report(version, "C00000002", "E2")),
            (4, new.replace("39=0|", "")),
        ),
    ] {
        let mut initiator = on_line(version, 2);
        let _ = initiator.on_bytes(&said(version, 2, &new), NOW_NS);
        for (number, body) in [second, third] {
            let _ = initiator.on_bytes(&said(version, number, &body), NOW_NS);
        }
        assert_eq!(
            figure(&initiator, name),
            1,
            "{name}: {}",
            initiator.to_json()
        );
        assert!(!initiator.is_clean(), "{name}");
    }
    // What was forgotten comes again: the same, or something else under the old number.
    for (body, name, is_clean) in [
        (again(&new), "repeated", true),
        (again(&new.replace("37=O1", "37=O2")), "changed", false),
        (new.clone(), "changed", false),
    ] {
        let mut initiator = Initiator::new(Plan {
            gap_numbers: 1,
            ..plan(version, 1)
        })
        .unwrap();
        initiator.on_connect(NOW_NS);
        let _ = initiator.on_bytes(&said(version, 1, &logon(version)), NOW_NS);
        let _ = initiator.on_turn(NOW_NS);
        let _ = initiator.on_bytes(&said(version, 2, &new), NOW_NS);
        initiator.on_disconnect(true);
        initiator.on_connect(NOW_NS);
        // Our numbers passed one over, theirs went back by one.
        let out = texts(&initiator.take_output());
        assert!(out[0].contains("|35=A|34=4|"), "{out:?}");
        let _ = initiator.on_bytes(&said(version, 3, &logon(version)), NOW_NS);
        let out = texts(&initiator.take_output());
        assert!(
            out[0].contains("|35=2|34=5|") && out[0].contains("|7=2|16=0|"),
            "{out:?}"
        );
        let _ = initiator.on_bytes(&said(version, 2, &body), NOW_NS);
        assert_eq!(
            figure(&initiator, name),
            1,
            "{body}: {}",
            initiator.to_json()
        );
        assert_eq!(initiator.is_clean(), is_clean, "{body}");
    }
}

/// The acceptor's side: it keeps its numbers, and sends each order back.
struct Peer {
    session: Session,
    stream: Stream,
    outbox: Outbox,
    dialect: Dialect,
    echo: Echo,
}

impl Peer {
    fn new(plan: &Plan) -> Peer {
        let terms = SessionTerms {
            version: plan.version,
            application_types: ApplicationTypes::All,
            ..SessionTerms::new(plan.target_comp_id, plan.sender_comp_id, true)
        };
        Peer {
            session: Session::new(terms),
            stream: Stream::default(),
            outbox: Outbox::new(),
            dialect: Dialect::of(plan.version).unwrap(),
            echo: Echo::default(),
        }
    }

    fn on_connect(&mut self) {
        self.stream = Stream::default();
        self.outbox.waiting.clear();
        self.session.on_connect(NOW_NS);
    }

    fn on_bytes(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = std::mem::take(&mut self.stream);
        let _ = stream.take(bytes, |piece| {
            if let Piece::Whole(message) = piece {
                self.on_message(message);
            }
            Fate::Open
        });
        self.stream = stream;
        std::mem::take(&mut self.outbox.waiting)
    }

    fn on_message(&mut self, bytes: &[u8]) {
        let mut index = Index::new();
        let (message, _) = Message::read(bytes, &mut index);
        if self.session.on_message(&message, NOW_NS, &mut self.outbox) == Outcome::Deliver {
            let turn = (&mut self.session, NOW_NS);
            let room = self
                .echo
                .answer(&message, &self.dialect, turn, &mut self.outbox);
            assert!(room.is_ok());
        }
        while self.outbox.resend_step(&mut self.session, NOW_NS) == ResendProgress::More {}
    }
}

/// One line from Logon to its end; whether it was dropped on purpose.
fn hold(initiator: &mut Initiator, peer: &mut Peer) -> bool {
    initiator.on_connect(NOW_NS);
    peer.on_connect();
    for _ in 0..1_000 {
        let drop_with = initiator.on_turn(NOW_NS);
        let output = initiator.take_output();
        let count = match drop_with {
            None | Some(DropWith::All) => output.len(),
            Some(DropWith::Half) => output.len() / 2,
            Some(DropWith::Nothing) => 0,
        };
        let answers = peer.on_bytes(&output[..count]);
        if drop_with.is_some() {
            return true;
        }
        let _ = initiator.on_bytes(&answers, NOW_NS);
        if initiator.is_done() {
            return false;
        }
    }
    panic!("the two wait for each other: {}", initiator.to_json());
}

#[test]
fn nothing_is_lost_or_doubled_over_lines_that_drop() {
    for version in Version::ALL {
        for (drop_every, gap_numbers, sends_next_expected_msg_seq_num) in
            [(7, 0, false), (7, 0, true), (5, 3, false), (1, 2, false)]
        {
            let plan = Plan {
                drop_every,
                gap_numbers,
                sends_next_expected_msg_seq_num,
                ..plan(version, 100)
            };
            let mut initiator = Initiator::new(plan).unwrap();
            let mut peer = Peer::new(&plan);
            while hold(&mut initiator, &mut peer) {
                initiator.on_disconnect(true);
                peer.session.on_disconnect();
            }
            let told = initiator.to_json();
            assert!(initiator.is_clean(), "{told}");
            assert_eq!(figure(&initiator, "drops"), 100 / drop_every, "{told}");
            assert_eq!(figure(&initiator, "orders"), 100, "{told}");
            assert_eq!(
                figure(&initiator, "repeated") > 0,
                gap_numbers > 0,
                "{told}"
            );
            assert!(told["sent_again"]["D"].as_u64() > Some(0), "{told}");
        }
    }
}
