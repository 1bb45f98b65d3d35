//! The order core never allocates once it has started; where it did, the process would be gone.

use std::os::unix::process::ExitStatusExt;

use crate::support::member::new_order;
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, World, until};

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
