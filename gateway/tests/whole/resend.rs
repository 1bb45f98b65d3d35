//! Resends of a whole day, and those whose messages have left memory: the gateway says which
//! segment it wants and goes on when it is lent.

use gwanmun_captures::journal::RecordKind;
use gwanmun_fix::tag;
use gwanmun_gateway::Wanted;

use crate::terms;
use crate::world::{BUY, World, ask};

/// Orders given: their reports fill a few small segments.
const ORDERS: u32 = 200;
const SEGMENT_BYTES: usize = 48 * 1024;

/// A member's line is lost, and with it all that he was sent since his Logon.
fn hears_nothing(world: &mut World, member: usize) {
    world.cut_member(member);
    let member = &mut world.members[member];
    member.next_in = 2;
    member.log.clear();
    member.arrived.clear();
}

/// A member who has given many orders and heard nothing since his Logon.
pub(crate) fn away() -> World {
    let mut world = World::of(terms::terms(), SEGMENT_BYTES);
    world.is_checked = false;
    world.connect_all();
    for number in 0..ORDERS {
        world.order(0, &ask(&format!("A{number}"), BUY, 1));
    }
    hears_nothing(&mut world, 0);
    assert!(world.edge.segments().len() > 4);
    world
}

pub(crate) fn check_all_came(world: &World) {
    let member = &world.members[0];
    assert_eq!(member.briefs(0).len(), ORDERS as usize);
    let names: Vec<&str> = member
        .log
        .iter()
        .filter(|seen| seen.msg_type == "8")
        .map(|seen| seen.get(tag::CL_ORD_ID))
        .collect();
    let expected: Vec<String> = (0..ORDERS).map(|number| format!("A{number}")).collect();
    assert_eq!(names, expected);
    world.check();
}

/// Kinds of the records behind number `records`.
fn kinds_since(world: &World, records: u64) -> Vec<RecordKind> {
    let all = world.edge.records().into_iter();
    all.filter(|record| record.number > records)
        .map(|record| record.kind)
        .collect()
}

#[test]
fn a_whole_day_is_sent_again() {
    let mut world = away();
    world.connect_member(0, false);
    assert_eq!(world.gateway.wants(|_| false), None);
    check_all_came(&world);
}

#[test]
fn a_resend_waits_for_its_line_and_lets_live_reports_pass() {
    let mut world = away();
    world.terms.limits.queued_bytes_max = 0;
    // A gateway that lets one step wait for a member at a time.
    world.crash(true);
    world.connect_venue();
    world.connect_feed();
    world.connect_member(0, false);
    check_all_came(&world);
}

/// Whatever else is waiting for its turn waits for one step of a resend, not for as many as the
/// line has room for: here it has room for all.
#[test]
fn one_input_moves_a_resend_by_one_step() {
    let mut world = away();
    let records = world.edge.record_count();
    world.connect_member(0, false);
    check_all_came(&world);
    let kinds = kinds_since(&world, records);
    let effects = kinds.split(|kind| *kind != RecordKind::Effect);
    let most = effects.map(<[RecordKind]>::len).max();
    // The answer to a message, and one step behind it.
    assert!(most <= Some(2), "{most:?} effects of one input");
    let steps = kinds.iter().filter(|kind| **kind == RecordKind::Effect);
    assert!(steps.count() > 4, "too short a resend to say anything");
}

/// Every segment but the current one has left memory. They are lent one at a time, and each leaves
/// again when the next comes.
#[test]
fn a_segment_that_left_memory_is_asked_for_and_lent() {
    let mut world = away();
    let last = u32::try_from(world.edge.segments().len() - 1).unwrap();
    let all: Vec<u32> = (0..last).collect();
    world.edge.gone = all.clone();
    let records = world.edge.record_count();
    world.connect_member(0, false);
    let mut lent = Vec::new();
    while let Some(Wanted { member, segment }) = world.gateway.wants(|_| false) {
        assert_eq!(member, 0);
        lent.push(segment);
        assert!(lent.len() < 50, "{lent:?}");
        world.edge.gone = all
            .iter()
            .copied()
            .filter(|gone| *gone != segment)
            .collect();
        let stamp = world.stamp();
        world.call(|gateway, edge| gateway.on_segment_lent(edge, segment, stamp));
        world.run();
    }
    assert!(lent.is_sorted() && lent.len() >= all.len() - 1, "{lent:?}");
    check_all_came(&world);
    // Lending is an input, and waiting alone leaves no record.
    let kinds = kinds_since(&world, records);
    let lent_records = kinds.iter().filter(|kind| **kind == RecordKind::Lent);
    assert_eq!(lent_records.count(), lent.len());
}

/// What the first member needs cannot be read back: the second has all of his meanwhile.
#[test]
fn a_segment_out_of_reach_keeps_no_other_member_waiting() {
    const OTHERS: u32 = 50;
    let mut world = away();
    for number in 0..OTHERS {
        world.order(1, &ask(&format!("B{number}"), BUY, 1));
    }
    hears_nothing(&mut world, 1);
    let last = u32::try_from(world.edge.segments().len() - 1).unwrap();
    let all: Vec<u32> = (0..last).collect();
    world.edge.gone = all.clone();
    world.connect_member(0, false);
    world.connect_member(1, false);
    let first = world.gateway.wants(|_| false).unwrap();
    assert_eq!(first.member, 0);
    let is_out_of_reach = |segment| segment == first.segment;
    let mut lent = 0;
    while let Some(Wanted { member, segment }) = world.gateway.wants(is_out_of_reach) {
        assert_eq!(member, 1);
        lent += 1;
        assert!(lent < 50);
        world.edge.gone = all
            .iter()
            .copied()
            .filter(|gone| *gone != segment)
            .collect();
        let stamp = world.stamp();
        world.call(|gateway, edge| gateway.on_segment_lent(edge, segment, stamp));
        world.run();
    }
    assert!(lent > 0);
    assert_eq!(world.members[1].briefs(0).len(), OTHERS as usize);
    assert_eq!(world.gateway.wants(|_| false), Some(first));
    assert_eq!(world.members[0].briefs(0).len(), 0);
}

#[test]
fn live_orders_go_on_while_a_resend_waits() {
    let mut world = away();
    world.edge.gone = vec![0, 1, 2];
    world.connect_member(0, false);
    assert!(world.gateway.wants(|_| false).is_some());
    let records = world.edge.record_count();
    world.order(1, &ask("B", BUY, 1));
    assert_eq!(world.members[1].log.last().unwrap().brief(), "8 0 0");
    world.say(0, "0", |_| {});
    // Received and effect for the Heartbeat(0), nothing for the waiting.
    let mut kinds = kinds_since(&world, records);
    kinds.retain(|kind| *kind != RecordKind::SegmentEnd);
    let tail = &kinds[kinds.len() - 2..];
    assert_eq!(tail, [RecordKind::Received, RecordKind::Effect]);
    // What was lent and is gone again before it was read is hopeless only if it did not help.
    let wanted = world.gateway.wants(|_| false).unwrap();
    let stamp = world.stamp();
    world.call(|gateway, edge| gateway.on_segment_lent(edge, wanted.segment, stamp));
    world.run();
    assert_eq!(
        world.gateway.wants(|_| false),
        None,
        "asked for in vain once is enough"
    );
    // A new line asks anew.
    world.edge.gone.clear();
    world.cut_member(0);
    world.connect_member(0, false);
    assert_eq!(world.members[0].briefs(0).len(), ORDERS as usize);
}
