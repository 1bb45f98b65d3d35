//! A stop in good order, by a signal: members and venue are told before the process ends.

use crate::support::member::new_order;
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, World, journal, ledgers};

#[test]
fn a_stop_says_goodbye_to_members_and_venue() {
    let mut world = World::new("stop");
    let exchange = world.start_exchange(QUIET);
    let (mut gateway, address) = ready(world.spawn_gateway(&GatewayTerms::default()));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    member.request("D", new_order("S1", '1', 10, "70000"));
    assert_eq!(member.answer("S1").field(150), "0");
    gateway.ask_to_stop();
    member.wait_for_end();
    let goodbye = member.fault.clone();
    assert!(goodbye.contains("gateway stops"), "{goodbye:?}");
    let event = gateway.wait_for_event("logout", "MEMBER1");
    assert_eq!(event["detail"], "logged out");
    gateway.ended().expect_code(0);
    let exchange = exchange.stop();
    assert!(exchange.has_said("logged out"));
    exchange.expect_code(0);
    member.finish();
    let joined = ledgers::assert_sound(&world, "member1-ledger.csv");
    assert_eq!(joined.accepted, 1);
    journal::assert_evidence(&world.day());
}

/// Silence does not keep a gateway from stopping.
#[test]
fn a_member_that_says_nothing_is_left_behind() {
    let mut world = World::new("stop-silent");
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = ready(world.spawn_gateway(&GatewayTerms::default()));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    gateway.stop().expect_code(0);
    member.wait_for_end();
    exchange.stop().expect_code(0);
    journal::assert_evidence(&world.day());
}
