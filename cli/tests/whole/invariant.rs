//! A broken invariant of our own stops the shard, drops its lines and leaves a last record; the
//! next start goes on from what is on record.

use gwanmun_captures::journal::{ChainReader, RecordKind};

use crate::support::member::new_order;
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, World, journal, ledgers, until};

#[test]
fn a_broken_invariant_stops_the_shard_and_leaves_a_last_record() {
    let mut world = World::new("invariant");
    let exchange = world.start_exchange(QUIET);
    let terms = GatewayTerms::default();
    let (gateway, address) = ready(world.start_broken(&terms, "panic=60"));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    until("the end of the line", || {
        let name = format!("I{}", member.requested);
        member.request("D", new_order(&name, '1', 10, "70000"));
        (!member.turn()).then_some(())
    });
    gateway.ended().expect_code(70);
    let segments: Vec<Vec<u8>> = journal::segments(&world.day())
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    let last = ChainReader::new(segments.iter().map(Vec::as_slice)).last();
    let last = last.unwrap().unwrap().record;
    assert_eq!(last.head.kind, RecordKind::Last);
    let text = String::from_utf8_lossy(last.payload).into_owned();
    assert!(text.contains("broken on purpose"), "{text}");

    let (gateway, address) = world.start_gateway(&terms);
    member.log_on(address);
    member.request("D", new_order("I-after", '1', 10, "70000"));
    assert_eq!(member.answer("I-after").field(150), "0");
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
}
