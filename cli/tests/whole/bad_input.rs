//! What nobody should send, over real sockets: each case ends in the answer that the specification
//! asks for, or in the end of that line, and a bystander's session notices nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use gwanmun_captures::journal::{
    Durability, NewRecord, RecordKind, SEGMENT_HEAD_BYTES, SegmentHead, SegmentWriter,
};

use crate::scene::{Scene, logon, message, now};
use crate::support::member::{Message, new_order};
use crate::support::world::QUIET;
use crate::support::{GatewayTerms, Member, PATIENCE_NS, World, journal, ledgers};

#[test]
fn garbage_on_a_session_is_skipped_and_the_session_goes_on() {
    let scene = Scene::new("bad-garbage");
    let mut member = scene.member();
    for garbage in [
        b"\x00\xff\xfe garbage \x01\x01\x01".as_slice(),
        b"8=FIX.4.4\x019=abc\x0135=D\x01",
        b"8=FIX.4.4\x0135=D\x019=5\x01",
        &[0x41; 9_000],
    ] {
        member.write_raw(garbage);
        let name = format!("G{}", member.requested);
        member.request("D", new_order(&name, '1', 10, "70000"));
        assert_eq!(member.answer(&name).field(150), "0");
    }
    scene.end(Some(member));
}

/// The secrets of a Logon on a line that has had one are on no record either, in whatever pieces it
/// comes, and those of a UserRequest; nor are those of half a Logon at a line's end.
#[test]
fn a_later_logon_is_rejected_and_its_password_is_nowhere() {
    const PASSWORD: &str = "TOP-SECRET-PASSWORD";
    let scene = Scene::new("bad-later-logon");
    let mut member = scene.member();
    let body = format!("98=0|108=30|553=member1|554={PASSWORD}|").replace('|', "\u{1}");
    for cuts in [[30, 100], [90, 95], [1, 2]] {
        member.request("A", body.clone());
        let logon = member.session.take_out();
        let (head, rest) = logon.split_at(cuts[0]);
        let (middle, tail) = rest.split_at(cuts[1] - cuts[0]);
        for piece in [head, middle, tail] {
            member.write_raw(piece);
        }
        let reject = member.wait_for("a Reject", |message| message.field(35) == "3");
        assert!(reject.field(58).contains("Logon"), "{reject:?}");
    }
    // A UserRequest has secrets too, whatever becomes of it.
    let change = format!("923=U1|924=3|553=member1|554={PASSWORD}|925={PASSWORD}|");
    member.request("BE", change.replace('|', "\u{1}"));
    let request = member.session.take_out();
    let (head, tail) = request.split_at(request.len() - 40);
    member.write_raw(head);
    member.write_raw(tail);
    let reject = member.wait_for("its answer", |message| message.field(35) == "j");
    assert_eq!(reject.field(372), "BE", "{reject:?}");
    member.request("D", new_order("L1", '1', 10, "70000"));
    assert_eq!(member.answer("L1").field(150), "0");
    member.request("A", body);
    let logon = member.session.take_out();
    member.write_raw(&logon[..logon.len() - 9]);
    member.hang_up();
    let world = scene.end(None);
    let mut masked = 0;
    for entry in std::fs::read_dir(world.day()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!journal::contains(&bytes, PASSWORD.as_bytes()));
        masked += usize::from(journal::contains(
            &bytes,
            b"\x01554=*******************\x01",
        ));
    }
    assert_eq!(masked, 2, "in the journal and in the capture");
}

/// A garbled message counts as not sent: the number behind it is a gap, which a resend fills.
fn a_garbled_message_is_fetched_again(name: &str, garble: impl Fn(&mut Vec<u8>)) {
    let scene = Scene::new(name);
    let mut member = scene.member();
    member.request("D", new_order("G1", '1', 10, "70000"));
    let mut bytes = member.session.take_out();
    garble(&mut bytes);
    member.write_raw(&bytes);
    member.request("D", new_order("G2", '1', 11, "70000"));
    assert_eq!(member.answer("G1").field(150), "0");
    assert_eq!(member.answer("G2").field(150), "0");
    scene.end(Some(member));
}

#[test]
fn a_wrong_check_sum_is_no_message() {
    a_garbled_message_is_fetched_again("bad-check-sum", |bytes| {
        let digit = bytes.len() - 2;
        bytes[digit] = if bytes[digit] == b'9' {
            b'0'
        } else {
            bytes[digit] + 1
        };
    });
}

#[test]
fn a_wrong_body_length_is_no_message() {
    a_garbled_message_is_fetched_again("bad-body-length", |bytes| {
        // Its last digit, so that the trailer is not where it should be.
        let at = bytes.iter().skip(12).position(|byte| *byte == 1).unwrap() + 11;
        bytes[at] = if bytes[at] >= b'5' {
            bytes[at] - 2
        } else {
            bytes[at] + 2
        };
    });
}

#[test]
fn half_a_message_and_silence_ends_a_strangers_line() {
    let mut scene = Scene::new("bad-half");
    let whole = logon("MEMBER1", "553=member1|554=pass-member1|");
    scene.stranger_is_cut(&whole[..whole.len() / 2], "no Logon in time");
    scene.stranger_is_cut(b"", "no Logon in time");
    scene.end(None);
}

#[test]
fn strangers_that_are_none_of_ours_are_cut() {
    let mut scene = Scene::new("bad-strangers");
    let ours = "553=member1|554=pass-member1|";
    scene.stranger_is_cut(b"GET / HTTP/1.1\r\n\r\n", "first bytes are not FIX");
    scene.stranger_is_cut(
        &logon("NOBODY", ours),
        "BeginString or CompIDs belong to no session here",
    );
    scene.stranger_is_cut(
        &logon("MEMBER1", "553=member1|554=guess|"),
        "wrong Username or Password",
    );
    scene.stranger_is_cut(&logon("MEMBER1", ""), "wrong Username or Password");
    scene.stranger_is_cut(
        &logon("BYSTANDER", "553=bystander|554=pass-bystander|"),
        "the session is connected already",
    );
    let order = message(&format!(
        "35=D|49=MEMBER1|56=GWANMUN|34=1|52={}|11=X|",
        now()
    ));
    scene.stranger_is_cut(&order, "first message is not a Logon");
    scene.stranger_is_cut(
        b"8=FIX.4.4\x019=1073741824\x0135=A\x01",
        "too many bytes without a whole Logon",
    );
    scene.end(None);
}

/// A stranger's buffers are small; what a Logon's own segment asks for may be more than they hold.
#[test]
fn a_logon_with_much_behind_it_gets_all_its_answers() {
    const REQUESTS: usize = 400;
    let scene = Scene::new("bad-much-behind");
    let mut line = TcpStream::connect(scene.address).unwrap();
    line.set_read_timeout(Some(Duration::from_nanos(PATIENCE_NS)))
        .unwrap();
    let mut bytes = logon("MEMBER1", "553=member1|554=pass-member1|");
    for number in 0..REQUESTS {
        bytes.extend(message(&format!(
            "35=1|49=MEMBER1|56=GWANMUN|34={}|52={}|112=are you still there, number {number}|",
            number + 2,
            now()
        )));
    }
    line.write_all(&bytes).unwrap();
    let mut answers = Vec::new();
    let last = format!("number {}\u{1}", REQUESTS - 1);
    while !journal::contains(&answers, last.as_bytes()) {
        let mut buffer = [0; 1 << 14];
        let length = line.read(&mut buffer).unwrap();
        assert_ne!(length, 0, "the line was closed");
        answers.extend_from_slice(&buffer[..length]);
    }
    drop(line);
    scene.end(None);
}

/// Garbage is journaled as it came, and garbage may be made to look like records of the journal.
#[test]
fn forged_records_stop_nobody() {
    let scene = Scene::new("bad-forged");
    let mut member = scene.member();
    let mut forged = vec![0; 1 << 16];
    let head = SegmentHead {
        segment_index: 0,
        epoch: 1,
        trading_day: 20_261_123,
        first_number: 20,
        capacity_bytes: 1 << 16,
        durability: Durability::Process,
        salt: 0,
    };
    let mut writer = SegmentWriter::start(&mut forged, head).unwrap();
    let record = NewRecord {
        kind: RecordKind::Received,
        clock_quality: 0,
        connection: 1,
        stamp_ns: 1,
        refers_to: 0,
    };
    while writer
        .append(&mut forged, record, &[b"forged, 16 bytes"])
        .is_ok()
    {}
    for round in 0..64 {
        member.write_raw(&forged[SEGMENT_HEAD_BYTES..]);
        if round % 16 == 0 {
            let name = format!("F{round}");
            member.request("D", new_order(&name, '1', 10, "70000"));
            assert_eq!(member.answer(&name).field(150), "0");
        }
    }
    scene.end(Some(member));
}

#[test]
fn a_member_comes_from_where_it_may_and_from_nowhere_else() {
    for (networks, is_let_in) in [
        ("allow_from = [\"10.0.0.0/8\", \"127.0.0.0/8\"]", true),
        ("allow_from = [\"10.0.0.0/8\", \"127.0.0.2\"]", false),
    ] {
        let mut world = World::new("bad-address");
        let exchange = world.start_exchange(QUIET);
        let terms = GatewayTerms {
            session: networks,
            ..GatewayTerms::default()
        };
        let (mut gateway, address) = world.start_gateway(&terms);
        let mut member = Member::new(&world, "MEMBER1");
        if is_let_in {
            member.log_on(address);
        } else {
            assert!(member.connect(address));
            member.wait_for_end();
            let event = gateway.wait_for_event("stranger_refused", "");
            assert_eq!(
                event["detail"],
                "an address that the session is not open to"
            );
        }
        member.finish();
        gateway.stop().expect_code(0);
        exchange.stop().expect_code(0);
    }
}

#[test]
fn a_body_length_of_a_gibibyte_ends_the_line_and_no_more() {
    let scene = Scene::new("bad-gibibyte");
    let mut member = scene.member();
    member.write_raw(b"8=FIX.4.4\x019=1073741824\x0135=D\x01");
    member.wait_for_end();
    // The session itself is whole, and goes on where it was.
    member.log_on_again(scene.address);
    member.request("D", new_order("L1", '1', 10, "70000"));
    assert_eq!(member.answer("L1").field(150), "0");
    scene.end(Some(member));
}

/// Sends an order with one field changed; gives the session's Reject(3).
#[track_caller]
fn rejected(member: &mut Member, from: &str, to: &str) -> Message {
    let body = new_order("P", '1', 10, "70000").replace('\u{1}', "|");
    let body = format!("|{body}").replace(from, to);
    let body = body.trim_start_matches('|').replace('|', "\u{1}");
    member.request("D", body);
    member.wait_for("a Reject", |message| {
        assert!(!matches!(message.field(35), "8" | "9"), "{message:?}");
        message.field(35) == "3"
    })
}

#[test]
fn fields_that_mean_nothing_are_rejected_by_tag_and_reason() {
    let scene = Scene::new("bad-fields");
    let mut member = scene.member();
    let price = "|44=70000|";
    // The field, and SessionRejectReason(373): 5 value, 6 format.
    let cases: [(&str, &str, &str, &[&str]); 14] = [
        (price, "|44=abc|", "44", &["6"]),
        (price, "|44=NaN|", "44", &["6"]),
        (price, "|44=inf|", "44", &["6"]),
        (price, "|44=7e4|", "44", &["6"]),
        (price, "|44=|", "44", &["4"]),
        (price, "|44=70000\0|", "44", &["6"]),
        (price, "|44=99999999999999999999|", "44", &["5", "6"]),
        (price, "|44=70000.00001|", "44", &["5", "6"]),
        ("|38=10|", "|38=-10|", "38", &["5", "6"]),
        ("|38=10|", "|38=4294967296|", "38", &["5", "6"]),
        (price, "|44=70000|95=-5|96=abc|", "95", &["5", "6"]),
        (price, "|44=70000|95=999|96=abc|", "95", &["5", "6"]),
        ("|11=P|", "|11=주문|", "11", &["5", "6"]),
        ("|55=005930|", "|55=삼성|", "55", &["5", "6"]),
    ];
    for (from, to, tag, reasons) in cases {
        let reject = rejected(&mut member, from, to);
        assert_eq!(reject.field(371), tag, "{to:?}: {reject:?}");
        assert!(reasons.contains(&reject.field(373)), "{to:?}: {reject:?}");
        assert_eq!(reject.field(45), (member.session.next_out - 1).to_string());
    }
    member.request("D", new_order("P-good", '1', 10, "70000"));
    assert_eq!(member.answer("P-good").field(150), "0");
    let gateway_is_alive = member.turn();
    assert!(gateway_is_alive);
    scene.end(Some(member));
}

#[test]
fn a_burst_as_large_as_a_segment_stops_nothing() {
    let mut world = World::new("bad-burst");
    let exchange = world.start_exchange(QUIET);
    let terms = GatewayTerms {
        segment_bytes: 1 << 16,
        ..GatewayTerms::default()
    };
    let (gateway, address) = world.start_gateway(&terms);
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    member.write_raw(&vec![b'x'; 1 << 20]);
    member.request("D", new_order("U1", '1', 10, "70000"));
    assert_eq!(member.answer("U1").field(150), "0");
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
}

#[test]
fn an_unknown_key_is_refused_with_its_place_and_what_would_be_right() {
    let mut world = World::new("bad-key");
    let _exchange = world.start_exchange(QUIET);
    world.write_gateway_toml(&GatewayTerms::default());
    let path = world.path("gateway.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("idle = ", "idel = ");
    std::fs::write(&path, &text).unwrap();
    let line = 1 + text.lines().position(|line| line.contains("idel")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_gwanmun"))
        .args(["gateway", "--config"])
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    for part in ["gateway.toml", &format!(":{line}:"), "idel", "idle"] {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
}
