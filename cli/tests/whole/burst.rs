//! A burst of twenty times the rate, nine in ten orders on one symbol: what was sent is accepted or
//! refused with a code, each order answered once, and the two ledgers know of nothing lost. Others
//! have their turn between its orders, which is counted in bytes of the journal.
//!
//! Not in it: how long others wait meanwhile (`benches/src/bin/hostile-peers.rs`), and rates over
//! minutes (`gwanmun load`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gwanmun_captures::journal::{ChainReader, RecordKind};

use crate::support::member::{Message, new_order, settles};
use crate::support::world::QUIET;
use crate::support::{GatewayTerms, Member, World, journal, ledgers, until};

/// Orders between two looks at the line, ordinarily and in the burst.
const ORDINARY: usize = 20;
const BURST: usize = 20 * ORDINARY;
/// Rounds at the ordinary rate, of the burst, and at the ordinary rate again.
const ROUNDS: [(usize, usize); 3] = [(5, ORDINARY), (3, BURST), (5, ORDINARY)];

fn total() -> usize {
    ROUNDS.iter().map(|(rounds, each)| rounds * each).sum()
}

/// The order with this number: nine in ten name the first symbol.
fn order(number: usize) -> String {
    let body = new_order(&format!("B{number}"), '1', 1, "70000");
    if number % 10 == 9 {
        body.replace("55=005930", "55=000660")
            .replace("44=70000", "44=178000")
    } else {
        body
    }
}

/// Sends everything; gives each order's one answer by its name.
fn burst(member: &mut Member) -> BTreeMap<String, Message> {
    let mut number = 0;
    for (rounds, each) in ROUNDS {
        for _ in 0..rounds {
            for _ in 0..each {
                member.request("D", order(number));
                number += 1;
            }
            // All of them by one write: none waits for the one before.
            assert!(member.turn(), "the line was cut: {}", member.fault);
        }
    }
    let mut answers = BTreeMap::new();
    until("an answer to every order", || {
        assert!(member.turn(), "the line was cut: {}", member.fault);
        while let Some(message) = member.inbox.pop_front() {
            let name = message.field(11).to_owned();
            if settles(&message, &name) {
                let before = answers.insert(name, message);
                assert!(before.is_none(), "answered twice: {before:?}");
            }
        }
        (answers.len() == total()).then_some(())
    });
    answers
}

/// With room for so many orders; gives how many were accepted and refused.
#[track_caller]
fn counted(name: &str, orders_max: u64) -> (usize, usize) {
    let mut world = World::new(name);
    let exchange = world.start_exchange(QUIET);
    let terms = GatewayTerms {
        orders_max,
        ..GatewayTerms::default()
    };
    let (gateway, address) = world.start_gateway(&terms);
    let mut member = Member::new(&world, "MEMBER1");
    let mut other = Member::new(&world, "BYSTANDER");
    member.log_on(address);
    other.log_on(address);
    let answers = burst(&mut member);
    other.ping();
    let (accepted, refused): (Vec<_>, Vec<_>) = answers
        .values()
        .partition(|message| message.field(150) == "0");
    for message in &refused {
        assert_eq!(message.field(150), "8", "{message:?}");
        assert_eq!(message.field(20110), "2", "ORDER_TABLE_FULL: {message:?}");
    }
    let counts = (accepted.len(), refused.len());
    other.finish();
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    let joined = ledgers::assert_sound(&world, "member1-ledger.csv");
    assert_eq!(joined.accepted, counts.0 as u64, "{joined:#?}");
    let entered = ledgers::entered(&world, "exchange-ledger.csv");
    assert_eq!(entered.len(), counts.0, "what the venue was asked for");
    journal::assert_evidence(&world.day());
    counts
}

/// What the gateway may take of a burst before a bystander who spoke meanwhile has his answer: some
/// turns' worth.
const BETWEEN_BYTES_MAX: usize = 4 * 4_096;
const PING: &str = "112=BETWEEN\u{1}";

/// Bytes of the burst on record before a socket took the answer to the ping, and in all.
fn taken_before_the_answer(day: &Path) -> (usize, usize) {
    let segments = journal::segments(day);
    let segments: Vec<Vec<u8>> = segments.iter().map(|it| fs::read(it).unwrap()).collect();
    let (mut burst, mut bystander) = (None, None);
    let (mut before, mut all) = (None, 0);
    for record in ChainReader::new(segments.iter().map(Vec::as_slice)) {
        let record = record.unwrap().record;
        let line = Some(record.head.connection);
        match record.head.kind {
            RecordKind::Received if journal::contains(record.payload, PING.as_bytes()) => {
                bystander = line;
            }
            RecordKind::Received if journal::contains(record.payload, b"\x0111=B0\x01") => {
                burst = line;
                all += record.payload.len();
            }
            RecordKind::Received if line == burst => all += record.payload.len(),
            RecordKind::Accepted if line == bystander && before.is_none() => before = Some(all),
            _ => {}
        }
    }
    (before.expect("an answer to the bystander"), all)
}

/// Burst and ping are there together: the gateway stands while they are written, the burst first.
#[test]
fn a_burst_lets_a_bystander_in_between() {
    let mut world = World::new("burst-between");
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = world.start_gateway(&GatewayTerms::default());
    let mut member = Member::new(&world, "MEMBER1");
    let mut other = Member::new(&world, "BYSTANDER");
    member.log_on(address);
    other.log_on(address);
    other.ping();
    gateway.stand();
    for number in 0..BURST {
        member.request("D", order(number));
    }
    assert!(member.turn(), "the line was cut: {}", member.fault);
    other.request("1", PING.to_owned());
    assert!(other.turn(), "the line was cut: {}", other.fault);
    gateway.go_on();
    let last = member.answer(&format!("B{}", BURST - 1));
    assert_eq!(last.field(150), "0");
    until("the answer to the ping", || {
        assert!(other.turn(), "the line was cut: {}", other.fault);
        let mut answers = other.heartbeats.answers.iter();
        answers.any(|it| it == "BETWEEN").then_some(())
    });
    other.finish();
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    let (before, all) = taken_before_the_answer(&world.day());
    assert!(all > 3 * BETWEEN_BYTES_MAX, "{all}");
    assert!(before <= BETWEEN_BYTES_MAX, "{before} of {all}");
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
}

#[test]
fn a_burst_is_absorbed_where_there_is_room() {
    assert_eq!(counted("burst-absorbed", 4_096), (total(), 0));
}

#[test]
fn a_burst_beyond_the_days_room_is_refused_order_by_order_and_with_a_code() {
    const ROOM: u64 = 800;
    let (accepted, refused) = counted("burst-refused", ROOM);
    assert_eq!(accepted as u64, ROOM);
    assert_eq!(accepted + refused, total());
}
