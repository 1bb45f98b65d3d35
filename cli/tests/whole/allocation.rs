//! The order core never allocates once it has started; where it did, the process would be gone.

use std::os::unix::process::ExitStatusExt;

use crate::support::member::new_order;
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, World, journal, ledgers, until};

#[test]
fn a_deliberate_allocation_on_the_order_core_ends_the_process() {
    let mut world = World::new("allocation");
    let _exchange = world.start_exchange(QUIET);
    // The start itself needs a few dozen records; this one comes with the orders or a heartbeat.
    let broken = world.start_broken(&GatewayTerms::default(), "allocate=60");
    let (gateway, address) = ready(broken);
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    until("the end of the gateway", || {
        let name = format!("A{}", member.requested);
        member.request("D", new_order(&name, '1', 10, "70000"));
        (!member.turn()).then_some(())
    });
    let ended = gateway.ended();
    assert_eq!(ended.status.signal(), Some(6), "{}", ended.said.join("\n"));
    assert!(ended.has_said("4321 bytes"), "{}", ended.said.join("\n"));
}

/// The guard is on all the while: a gateway that allocated would be gone. What is asked for again
/// lies in segments that left memory long ago.
#[test]
fn a_segment_change_a_reconnect_and_a_long_resend_allocate_nothing() {
    const ORDERS: usize = 1_200;
    let mut world = World::new("no-allocation");
    let exchange = world.start_exchange(QUIET);
    let terms = GatewayTerms {
        segment_bytes: 1 << 16,
        ..GatewayTerms::default()
    };
    let (gateway, address) = world.start_gateway(&terms);
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    for number in 0..ORDERS {
        member.request("D", new_order(&format!("R{number}"), '1', 10, "70000"));
        if number % 50 == 49 {
            member.answer(&format!("R{number}"));
            member.inbox.clear();
        }
    }
    let segments = journal::segments(&world.day()).len();
    assert!(segments > 16, "{segments} segments");

    member.hang_up();
    let first_free = member.session.next_in;
    // As if nothing had ever come: all of it is asked for again, behind a Logon.
    member.session.next_in = 1;
    member.log_on_again(address);
    until("everything again", || {
        assert!(
            member.turn(),
            "the line was cut at {}",
            member.session.next_in
        );
        (member.session.next_in > first_free).then_some(())
    });
    let again = member.inbox.len();
    assert_eq!(again, ORDERS, "reports that came again");
    assert!(member.inbox.iter().all(|message| message.field(43) == "Y"));
    member.request("D", new_order("R-last", '1', 10, "70000"));
    assert_eq!(member.answer("R-last").field(150), "0");
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    let status = std::fs::read_to_string(world.day().join("status.json")).unwrap();
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["allocator_guard"], true, "{status}");
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
}
