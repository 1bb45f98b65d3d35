//! A peer with messages made by hand, against lines without sockets.

use gwanmun_fix::Version;
use gwanmun_market::Text;

use super::house::{House, Terms};
use super::line::Line;
use super::stream::Fate;

/// 2026-01-05 00:00:00 UTC, and as SendingTime(52).
const NOW_NS: u64 = 1_767_571_200_000_000_000;
const NOW: &str = "20260105-00:00:00.000";
const SECOND_NS: u64 = 1_000_000_000;

fn text(text: &str) -> Text<32> {
    Text::new(text.as_bytes()).unwrap()
}

fn house() -> House {
    House::new(Terms {
        sender_comp_id: text("GATE"),
        target_comp_ids: vec![text("ONE"), text("TWO")],
    })
    .unwrap()
}

/// A peer on a line, in one version.
struct Peer<'h> {
    version: Version,
    name: &'static str,
    line: Line<'h>,
    msg_seq_num: u32,
    fate: Fate,
}

impl<'h> Peer<'h> {
    fn new(house: &'h House, version: Version, name: &'static str) -> Peer<'h> {
        Peer {
            version,
            name,
            line: Line::new(house, NOW_NS),
            msg_seq_num: 1,
            fate: Fate::Open,
        }
    }

    fn logged_on(house: &'h House, version: Version) -> Peer<'h> {
        let mut peer = Peer::new(house, version, "ONE");
        let answer = peer.say("A", "98=0|108=30|");
        assert!(
            answer.len() == 1 && answer[0].contains("|98=0|108=30|"),
            "{answer:?}"
        );
        peer
    }

    /// Says something under the next number and hears what comes back.
    fn say(&mut self, msg_type: &str, body: &str) -> Vec<String> {
        let body = match (self.version, msg_type) {
            (Version::Fix50Sp2, "A") if !body.contains("1137=") => format!("{body}1137=9|"),
            _ => body.to_owned(),
        };
        let head = format!(
            "35={msg_type}|34={}|49={}|52={NOW}|56=GATE|",
            self.msg_seq_num, self.name
        );
        self.msg_seq_num += 1;
        self.hear(&whole(self.version, &(head + &body)))
    }

    fn hear(&mut self, bytes: &[u8]) -> Vec<String> {
        self.fate = self.line.on_bytes(bytes, NOW_NS);
        self.output()
    }

    fn output(&mut self) -> Vec<String> {
        let output = String::from_utf8(self.line.take_output()).unwrap();
        let output = output.replace('\u{1}', "|");
        let start = format!("8={}|", self.version.begin_string().escape_ascii());
        output
            .split_inclusive(&start)
            .map(|message| message.trim_end_matches(&start).to_owned())
            .filter(|message| !message.is_empty())
            .collect()
    }

    /// An order that the version's dictionary allows.
    fn order(&self, cl_ord_id: &str) -> String {
        let hand = match self.version {
            Version::Fix42 => "21=1|",
            _ => "",
        };
        format!("11={cl_ord_id}|{hand}55=005930|54=1|60={NOW}|38=10|40=1|")
    }
}

fn whole(version: Version, body: &str) -> Vec<u8> {
    let body = body.replace('|', "\u{1}");
    let begin = version.begin_string().escape_ascii();
    let mut message = format!("8={begin}\u{1}9={}\u{1}{body}", body.len());
    let sum = message.bytes().map(u32::from).sum::<u32>() % 256;
    message.push_str(&format!("10={sum:03}\u{1}"));
    message.into_bytes()
}

#[test]
fn each_valid_message_comes_back_under_a_new_header() {
    let house = house();
    for version in Version::ALL {
        let mut peer = Peer::logged_on(&house, version);
        let order = peer.order("a");
        let answer = peer.say("D", &format!("50=DESK|{order}"));
        assert_eq!(answer.len(), 1);
        let expected = format!("35=D|34=2|49=GATE|52={NOW}|56=ONE|{order}10=");
        assert!(answer[0].contains(&expected), "{answer:?}");
        // On behalf of someone: delivered back to him.
        let routed = peer.say("D", &format!("115=DESK|128=VENUE|{}", peer.order("b")));
        assert!(
            routed[0].contains("|115=VENUE|128=DESK|11=b|"),
            "{routed:?}"
        );
        // Data may hold SOH.
        let data = peer.say("D", &format!("{}354=3|355=a\u{1}b|", peer.order("c")));
        assert!(data[0].contains("|354=3|355=a|b|10="), "{data:?}");
        assert_eq!(peer.fate, Fate::Open);
    }
}

#[test]
fn a_possible_resend_comes_back_once() {
    let house = house();
    for version in Version::ALL {
        let mut peer = Peer::logged_on(&house, version);
        assert_eq!(peer.say("D", &format!("97=Y|{}", peer.order("a"))).len(), 1);
        assert!(
            peer.say("D", &format!("97=Y|{}", peer.order("a")))
                .is_empty()
        );
        assert_eq!(peer.say("D", &peer.order("a")).len(), 1);
    }
}

#[test]
fn what_the_dictionary_forbids_is_refused_by_name() {
    let house = house();
    for version in Version::ALL {
        let mut peer = Peer::logged_on(&house, version);
        let order = peer.order("a");
        let group = match version {
            Version::Fix42 => "78=2|79=x|80=1|",
            _ => "453=2|448=x|447=D|452=1|",
        };
        for (msg_type, body, tag, reason) in [
            ("D", format!("{order}4999=x|"), 4999, 0),
            ("D", order.replace("54=1|", ""), 54, 1),
            ("D", format!("{order}41=x|"), 41, 2),
            ("D", format!("{order}58=|"), 58, 4),
            ("D", order.replace("54=1|", "54=z|"), 54, 5),
            ("D", order.replace("38=10|", "38=ten|"), 38, 6),
            ("D", format!("{order}40=1|"), 40, 13),
            ("D", format!("{order}{group}"), 0, 16),
            ("ZZ", String::new(), 35, 11),
        ] {
            let answer = peer.say(msg_type, &body);
            assert_eq!(answer.len(), 1, "{version:?} {body}");
            let answer = &answer[0];
            let number = peer.msg_seq_num - 1;
            assert!(answer.contains(&format!("|45={number}|58=")), "{answer}");
            assert!(answer.contains(&format!("|372={msg_type}|")), "{answer}");
            let has_reason = version != Version::Fix42 || reason <= 11;
            let told = answer.contains(&format!("|373={reason}|"));
            assert_eq!(told, has_reason, "{answer}");
            assert!(
                tag == 0 || answer.contains(&format!("|371={tag}|")),
                "{answer}"
            );
        }
        // A tag of the peers' own is theirs.
        let answer = peer.say("D", &format!("{}9001=x|", peer.order("b")));
        assert!(answer[0].contains("|9001=x|"), "{answer:?}");
    }
}

#[test]
fn what_went_back_can_be_asked_for_again() {
    let house = house();
    for version in Version::ALL {
        let mut peer = Peer::logged_on(&house, version);
        for id in ["a", "b"] {
            let _ = peer.say("D", &peer.order(id));
        }
        let _ = peer.say("1", "112=x|");
        let again = peer.say("2", "7=1|16=0|");
        assert_eq!(again.len(), 4, "{again:?}");
        assert!(again[0].contains("35=4|34=1|43=Y|"), "{again:?}");
        assert!(again[0].contains("|36=2|123=Y|"), "{again:?}");
        assert!(again[1].contains("35=D|34=2|43=Y|") && again[1].contains("|11=a|"));
        assert!(again[2].contains("35=D|34=3|43=Y|") && again[2].contains("|11=b|"));
        assert!(again[3].contains("35=4|34=4|43=Y|"), "{again:?}");
        // A request that is itself too high: answered, then ours, and the numbers go on.
        peer.msg_seq_num += 1;
        let early = peer.say("2", "7=4|16=0|");
        let last = early.last().unwrap();
        assert!(
            last.contains("35=2|34=5|") && last.contains("|7=6|16=0|"),
            "{early:?}"
        );
        peer.msg_seq_num = 6;
        let rest = peer.say("4", &format!("43=Y|122={NOW}|36=8|123=Y|"));
        assert!(rest.is_empty(), "{rest:?}");
        peer.msg_seq_num = 8;
        let order = peer.say("D", &peer.order("c"));
        assert!(order[0].contains("35=D|34=6|"), "{order:?}");
        let again = peer.say("2", "7=6|16=6|");
        assert!(again[0].contains("35=D|34=6|43=Y|"), "{again:?}");
    }
}

#[test]
fn numbers_begin_at_1_with_each_logon_and_a_session_has_one_line() {
    let house = house();
    for version in Version::ALL {
        let mut first = Peer::logged_on(&house, version);
        let _ = first.say("D", &first.order("a"));
        let mut second = Peer::new(&house, version, "ONE");
        assert!(second.say("A", "98=0|108=30|").is_empty());
        assert_eq!(second.fate, Fate::Close);
        // Another peer, and the same one in another version, are others.
        let mut other = Peer::new(&house, version, "TWO");
        assert_eq!(other.say("A", "98=0|108=30|").len(), 1);
        drop(first);
        let mut again = Peer::new(&house, version, "ONE");
        let answer = again.say("A", "98=0|108=30|");
        assert!(answer[0].contains("35=A|34=1|"), "{answer:?}");
    }
}

#[test]
fn strangers_hear_nothing() {
    let house = house();
    let fix44 = |body: &str| whole(Version::Fix44, body);
    let logon = |sender: &str, target: &str| {
        format!("35=A|34=1|49={sender}|52={NOW}|56={target}|98=0|108=30|")
    };
    let other_version = {
        let message = fix44(&logon("ONE", "GATE"));
        let text = String::from_utf8(message).unwrap();
        let text = text.replace("FIX.4.4", "FIX.4.3");
        let (start, _) = text.split_at(text.len() - 7);
        let sum = start.bytes().map(u32::from).sum::<u32>() % 256;
        format!("{start}10={sum:03}\u{1}").into_bytes()
    };
    for bytes in [
        fix44(&logon("THREE", "GATE")),
        fix44(&logon("ONE", "GATES")),
        fix44(&format!("35=0|34=1|49=ONE|52={NOW}|56=GATE|")),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        b"8=FIX.4.4\x019=5\x0135=A\x0110=000\x01".to_vec(),
        other_version,
    ] {
        let mut line = Line::new(&house, NOW_NS);
        let fate = line.on_bytes(&bytes, NOW_NS);
        assert_eq!(fate, Fate::Close, "{}", bytes.escape_ascii());
        assert!(line.take_output().is_empty());
    }
    let mut silent = Line::new(&house, NOW_NS);
    assert_eq!(silent.on_bytes(b"8=FIX.4", NOW_NS), Fate::Open);
    let deadline_ns = silent.next_deadline_ns().unwrap();
    assert_eq!(silent.on_time(deadline_ns - 1), Fate::Open);
    assert_eq!(silent.on_time(deadline_ns), Fate::Close);
}

#[test]
fn another_application_version_is_refused_by_name() {
    let house = house();
    let mut peer = Peer::new(&house, Version::Fix50Sp2, "ONE");
    let answer = peer.say("A", "98=0|108=30|1137=7|");
    assert_eq!(answer.len(), 2, "{answer:?}");
    assert!(answer[0].contains("|371=1137|372=A|373=18|"), "{answer:?}");
    assert!(answer[1].contains("35=5|"), "{answer:?}");
    assert_eq!(peer.fate, Fate::Close);
}

#[test]
fn a_silent_peer_is_asked_and_then_cut() {
    let house = house();
    for version in Version::ALL {
        let mut peer = Peer::logged_on(&house, version);
        let mut said = Vec::new();
        let mut now_ns = NOW_NS;
        while peer.fate == Fate::Open && now_ns < NOW_NS + 100 * SECOND_NS {
            now_ns = peer.line.next_deadline_ns().unwrap();
            peer.fate = peer.line.on_time(now_ns);
            said.extend(peer.output());
        }
        assert_eq!(now_ns, NOW_NS + 72 * SECOND_NS);
        let types: Vec<_> = said
            .iter()
            .map(|message| message.split_once("35=").unwrap().1.get(..1).unwrap())
            .collect();
        assert_eq!(types, ["0", "1", "0"], "{said:?}");
    }
}

#[test]
fn the_same_answers_however_the_bytes_are_cut() {
    let house = house();
    for version in Version::ALL {
        let mut bytes = Vec::new();
        let mut model = Peer::new(&house, version, "ONE");
        let order = model.order("a");
        let logon = match version {
            Version::Fix50Sp2 => "98=0|108=30|1137=9|",
            _ => "98=0|108=30|",
        };
        for (number, (msg_type, body)) in [("A", logon), ("D", &order), ("1", "112=x|")]
            .into_iter()
            .enumerate()
        {
            let head = format!("35={msg_type}|34={}|49=ONE|52={NOW}|56=GATE|", number + 1);
            bytes.extend(whole(version, &(head + body)));
        }
        let expected = model.hear(&bytes);
        assert_eq!(expected.len(), 3);
        drop(model);
        for cut in 1..bytes.len() {
            let mut peer = Peer::new(&house, version, "ONE");
            let mut answers = peer.hear(&bytes[..cut]);
            answers.extend(peer.hear(&bytes[cut..]));
            assert_eq!(answers, expected, "cut at {cut}");
        }
    }
}
