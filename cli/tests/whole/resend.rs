//! A member is resent his whole day while another one asks whether the gateway is there: the resend
//! comes whole and in order, each ping is answered, and no heartbeat is missed by either side, or a
//! line would be cut: HeartBtInt(108) is two seconds. How much of a resend one turn may do is
//! counted in bytes of the journal.
//!
//! `GWANMUN_RESEND_REPORTS` says how many messages there are to resend (50,000 unless told). Not in
//! it: how long the bystander waits (`benches/src/bin/resend-bystander.rs`).

use std::fs;
use std::path::Path;

use gwanmun_captures::effect::{EffectReader, Entry, RESEND};
use gwanmun_captures::journal::{ChainReader, RecordKind};

use crate::support::member::new_order;
use crate::support::world::QUIET;
use crate::support::{GatewayTerms, Member, World, journal, number_from_env, until};

/// Orders under way while the day is made.
const BATCH: u64 = 200;
/// MsgSeqNum(34) of the first report: the Logon's answer is before it.
const FIRST: u64 = 2;
/// Most bytes of a resend between two inputs: what one effect holds.
const STEP_BYTES_MAX: usize = 16 * 1024;

/// A day of reports: orders off the tick, each refused and reported. The other one keeps his line
/// alive.
fn fill(member: &mut Member, other: &mut Member, reports: u64) {
    for number in 0..reports {
        member.request("D", new_order(&format!("R{number}"), '1', 1, "70001"));
        if number % BATCH == BATCH - 1 || number + 1 == reports {
            let last = member.answer(&format!("R{number}"));
            assert_eq!(last.field(150), "8", "{last:?}");
            member.inbox.clear();
            other.ping();
        }
    }
}

/// Most bytes of a resend that were put on record between two inputs, and messages of it in all.
fn largest_step(day: &Path) -> (usize, u64) {
    let segments = journal::segments(day);
    let segments: Vec<Vec<u8>> = segments.iter().map(|it| fs::read(it).unwrap()).collect();
    let (mut step, mut largest, mut messages) = (0, 0, 0);
    for record in ChainReader::new(segments.iter().map(Vec::as_slice)) {
        let record = record.unwrap().record;
        if record.head.kind != RecordKind::Effect {
            step = 0;
            continue;
        }
        for entry in EffectReader::new(record.payload) {
            if let Entry::Output { flags, bytes, .. } = entry.unwrap()
                && flags & RESEND != 0
            {
                step += bytes.len();
                messages += 1;
            }
        }
        largest = largest.max(step);
    }
    (largest, messages)
}

#[test]
fn a_long_resend_is_whole_and_a_bystander_misses_nothing() {
    let reports = number_from_env("GWANMUN_RESEND_REPORTS", 50_000);
    let mut world = World::new("resend");
    let exchange = world.start_exchange(QUIET);
    let terms = GatewayTerms {
        orders_max: reports + 100,
        segment_bytes: 16 << 20,
        ..GatewayTerms::default()
    };
    let (gateway, address) = world.start_gateway(&terms);
    let mut member = Member::beating(&world, "MEMBER1", 2);
    let mut other = Member::beating(&world, "BYSTANDER", 2);
    member.log_on(address);
    other.log_on(address);
    other.ping();
    fill(&mut member, &mut other, reports);

    // As one who has lost them all: the next message shows the gap, and is asked for as well.
    member.session.next_in = FIRST;
    member.request("1", "112=GAP\u{1}".to_owned());
    let behind = FIRST + reports;
    let (mut due, mut pings) = (FIRST, 0);
    until("the whole resend", || {
        assert!(member.turn(), "the line was cut: {}", member.fault);
        while let Some(message) = member.inbox.pop_front() {
            let told = (message.field(34), message.field(43), message.field(35));
            assert_eq!(told, (due.to_string().as_str(), "Y", "8"));
            assert_eq!(message.field(11), format!("R{}", due - FIRST));
            due += 1;
        }
        // Each waits for the answer to itself, while the resend goes on.
        if FIRST < due && due < behind {
            other.ping();
            pings += 1;
        }
        (due == behind).then_some(())
    });
    assert!(
        pings > 20,
        "{pings} pings: too short a resend to say anything"
    );
    // Heartbeats go on in both directions, behind as before.
    let before = (member.heartbeats.unasked, other.heartbeats.unasked);
    until("a Heartbeat of the gateway's own accord to both", || {
        assert!(member.turn(), "the line was cut: {}", member.fault);
        assert!(other.turn(), "the line was cut: {}", other.fault);
        let unasked = (member.heartbeats.unasked, other.heartbeats.unasked);
        (unasked.0 > before.0 && unasked.1 > before.1).then_some(())
    });
    other.ping();
    assert!(member.inbox.is_empty(), "{:?}", member.inbox);
    other.finish();
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    let (largest, messages) = largest_step(&world.day());
    assert!(messages >= reports, "{messages}");
    assert!(largest <= STEP_BYTES_MAX, "{largest} bytes by one input");
    journal::assert_evidence(&world.day());
}
