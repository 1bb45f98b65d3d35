//! `durable`: nothing leaves before it would survive a loss of power, and nothing at all once a
//! sync has failed.

use crate::support::member::new_order;
use crate::support::relay::Relay;
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, Process, World, journal, ledgers, until};

/// A SoupBinTCP heartbeat of a client, whole.
const HEARTBEAT: &[u8] = b"\x00\x01R";

/// A world whose lines to the venue are counted.
struct Watched {
    world: World,
    exchange: Process,
    orders: Relay,
    feed: Relay,
}

fn watched(name: &str) -> Watched {
    let mut world = World::new(name);
    let exchange = world.start_exchange(QUIET);
    let orders = Relay::to(world.venue.unwrap());
    let feed = Relay::to(world.feed.unwrap());
    world.venue = Some(orders.address);
    world.feed = Some(feed.address);
    Watched {
        world,
        exchange,
        orders,
        feed,
    }
}

fn durable() -> GatewayTerms {
    GatewayTerms {
        mode: "durable",
        ..GatewayTerms::default()
    }
}

#[test]
fn with_the_flusher_held_back_no_byte_leaves() {
    let Watched {
        world,
        exchange,
        orders,
        feed,
    } = watched("durable-held");
    let (mut gateway, address) = ready(world.start_broken(&durable(), ""));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    member.request("D", new_order("H1", '1', 10, "70000"));
    assert_eq!(member.answer("H1").field(150), "0");

    gateway.tell("hold");
    gateway.wait_for_event("disk", "hold");
    // What was on its way to the disk when it was held may still arrive there. A heartbeat that is
    // on record but not on the wire shows that this is past.
    let memory = world.day_in_memory();
    until("a heartbeat that stays behind", || {
        let sent_bytes = orders.forward_bytes();
        let heartbeats = journal::output_count(&memory, HEARTBEAT);
        until("one more heartbeat on record", || {
            (journal::output_count(&memory, HEARTBEAT) > heartbeats).then_some(())
        });
        (orders.forward_bytes() == sent_bytes).then_some(())
    });
    let before = (
        orders.forward_bytes(),
        feed.forward_bytes(),
        member.received_bytes,
    );
    // One order for the venue, and one that the gateway refuses at once: an answer for each line.
    member.request("D", new_order("H2", '1', 11, "70000"));
    member.request("D", new_order("H3", '1', 12, "70050"));
    until("the order on record", || {
        assert!(member.turn());
        journal::output_count(&memory, b"UO").checked_sub(2)
    });
    until("its refusal on record", || {
        assert!(member.turn());
        journal::output_count(&memory, b"\x0111=H3\x01").checked_sub(1)
    });
    // More heartbeats are due meanwhile, and stay behind too.
    let heartbeats = journal::output_count(&memory, HEARTBEAT);
    until("two more heartbeats on record", || {
        assert!(member.turn());
        (journal::output_count(&memory, HEARTBEAT) >= heartbeats + 2).then_some(())
    });
    let after = (
        orders.forward_bytes(),
        feed.forward_bytes(),
        member.received_bytes,
    );
    assert_eq!(before, after, "bytes left before they were durable");

    gateway.tell("release");
    assert_eq!(member.answer("H2").field(150), "0");
    assert_eq!(member.answer("H3").field(150), "8");
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    let joined = ledgers::assert_sound(&world, "member1-ledger.csv");
    assert_eq!(joined.accepted, 2);
    journal::assert_evidence(&world.day());
}

#[test]
fn a_failed_sync_ends_all_lines_and_nothing_more_is_sent() {
    a_disk_that_fails("fail_sync 5", &durable());
}

#[test]
fn a_failed_write_ends_all_lines_too_whatever_the_mode() {
    a_disk_that_fails("fail_write 28", &GatewayTerms::default());
}

/// The disk fails with an order on its way; then a gateway with a good disk goes on.
fn a_disk_that_fails(fault: &str, terms: &GatewayTerms) {
    let name = fault.replace(' ', "-");
    let Watched {
        world,
        exchange,
        orders,
        feed,
    } = watched(&name);
    let (mut gateway, address) = ready(world.start_broken(terms, ""));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    member.request("D", new_order("F1", '1', 10, "70000"));
    assert_eq!(member.answer("F1").field(150), "0");

    gateway.tell(fault);
    gateway.wait_for_event("disk", fault);
    if member.turn() {
        member.request("D", new_order("F2", '1', 11, "70000"));
    }
    member.wait_for_end();
    let ended = gateway.ended();
    ended.expect_code(4);
    assert!(
        ended.has_said("journal_failed"),
        "{}",
        ended.said.join("\n")
    );
    until("the end of both lines to the venue", || {
        (orders.forward_ended() == 1 && feed.forward_ended() == 1).then_some(())
    });
    if terms.mode == "durable" {
        assert_eq!(member.inbox.len(), 0, "{:?}", member.inbox);
        let ledger = std::fs::read_to_string(world.path("exchange-ledger.csv")).unwrap();
        let entered = ledger.lines().filter(|line| line.contains(",U,O,")).count();
        assert_eq!(
            entered, 1,
            "an order was sent that was not durable:\n{ledger}"
        );
    }

    let (gateway, address) = world.start_gateway(terms);
    member.log_on(address);
    if member.requested == 1 {
        member.request("D", new_order("F2", '1', 11, "70000"));
    }
    member.answer("F2");
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
}
