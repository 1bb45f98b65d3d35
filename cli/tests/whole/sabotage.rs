//! Three gateways that betray their orders, and the two ledgers that find each of them out.

use gwanmun_audit::ledgers::{FindingKind, Joined};

use crate::support::member::{Member, new_order};
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, World, ledgers};

#[test]
fn an_honest_gateway_is_found_honest() {
    let joined = betray("");
    assert!(joined.is_clean(), "{joined:#?}");
    assert_eq!(joined.accepted, 10);
}

#[test]
fn an_order_dropped_after_its_acknowledgement_is_found() {
    let joined = betray("sabotage=drop");
    assert_eq!(joined.accepted, 10, "{joined:#?}");
    assert_eq!((joined.lost, joined.duplicated), (1, 0), "{joined:#?}");
    check(&joined, &[FindingKind::MissingAtVenue]);
}

#[test]
fn an_order_sent_twice_is_found() {
    let joined = betray("sabotage=twice");
    assert_eq!((joined.lost, joined.duplicated), (0, 1), "{joined:#?}");
    check(&joined, &[FindingKind::OrderTwice]);
}

#[test]
fn two_swapped_quantities_are_found() {
    let joined = betray("sabotage=swap");
    assert_eq!((joined.duplicated, joined.different), (0, 2), "{joined:#?}");
    check(&joined, &[FindingKind::Different, FindingKind::Different]);
}

#[track_caller]
fn check(joined: &Joined, kinds: &[FindingKind]) {
    let found: Vec<FindingKind> = joined.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(found, kinds, "{joined:#?}");
}

/// Ten resting orders, each of another quantity, through a gateway with a fault.
fn betray(faults: &str) -> Joined {
    let mut world = World::new(&format!("sabotage-{}", faults.replace('=', "-")));
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = ready(world.start_broken(&GatewayTerms::default(), faults));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    // All at once: an order that is held back for a swap waits for the next one, not for an answer.
    for number in 0..10 {
        let name = format!("S{number}");
        member.request("D", new_order(&name, '1', 10 + number, "70000"));
    }
    for number in 0..10 {
        member.answer(&format!("S{number}"));
    }
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    ledgers::joined(&world, "member1-ledger.csv")
}
