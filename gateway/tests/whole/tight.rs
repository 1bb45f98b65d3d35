//! Everything that runs out or goes silent: what is refused then, and what still passes.

use gwanmun_fix::session::MSG_SEQ_NUM_MAX;
use gwanmun_fix::tag;
use gwanmun_gateway::{StorageLevel, Terms};
use gwanmun_market::{GateCode, MarketState, Phase};

use crate::member::refused;
use crate::terms::{self, HYNIX, SAMSUNG, open_market};
use crate::world::{Ask, BUY, SELL, World, ask};

fn with_limits(change: impl FnOnce(&mut Terms)) -> World {
    let mut terms = terms::terms();
    change(&mut terms);
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    world
}

/// A sale and a purchase after `prepare`; a sale reduces what the account holds.
fn check(prepare: impl FnOnce(&mut World), sale: &str, purchase: &str) -> World {
    let mut world = World::new();
    world.order(0, &ask("W", SELL, 10));
    prepare(&mut world);
    let from = world.members[0].log.len();
    world.order(0, &ask("S", SELL, 10));
    world.order(0, &ask("B", BUY, 10));
    assert_eq!(world.members[0].briefs(from), [sale, purchase]);
    // `no_check_refuses_a_cancel`.
    world.cancel(0, "C", "W", &ask("W", SELL, 10));
    assert_eq!(world.members[0].log.last().unwrap().brief(), "8 4 4");
    world
}

#[test]
fn a_silent_feed_refuses_what_increases_risk_and_nothing_else() {
    let stale = refused(GateCode::StaleData);
    check(|world| world.wait_ns(3_000_000_000), "8 0 0", "8 0 0");
    let world = check(|world| world.wait_ns(3_000_000_001), "8 0 0", &stale);
    let told = &world.members[0].log;
    let told = told.iter().find(|seen| seen.brief() == stale).unwrap();
    assert_eq!(told.get(tag::GATE_LIMIT), "3000000000");
    assert_eq!(told.get(tag::GATE_OBSERVED), "3000000001");
    // A word about another instrument, or a heartbeat, is a word of the line.
    check(
        |world| {
            world.wait_ns(2_000_000_000);
            world.tell_market(HYNIX, open_market());
            world.wait_ns(2_000_000_000);
        },
        "8 0 0",
        "8 0 0",
    );
    // What the line told before it was cut ages alike; a new line has told nothing yet.
    check(World::cut_feed, "8 0 0", "8 0 0");
    check(
        |world| {
            world.cut_feed();
            world.connect_feed();
        },
        "8 0 0",
        &stale,
    );
}

#[test]
fn halts_and_closed_phases_stop_orders_and_replaces_and_no_cancel() {
    for (state, code) in [
        (
            MarketState {
                is_halted: true,
                ..open_market()
            },
            GateCode::Halted,
        ),
        (
            MarketState {
                phase: Phase::Closed,
                ..open_market()
            },
            GateCode::MarketClosed,
        ),
    ] {
        let no = refused(code);
        check(|world| world.tell_market(SAMSUNG, state), &no, &no);
        let mut world = World::new();
        world.order(0, &ask("A", SELL, 10));
        world.tell_market(SAMSUNG, state);
        world.replace(0, "A", &ask("B", SELL, 5));
        let told = world.members[0].log.last().unwrap();
        assert_eq!(told.brief(), format!("9 2 0 {}", code.number()));
    }
}

#[test]
fn low_storage_takes_what_reduces_risk() {
    let low = refused(GateCode::StorageLow);
    check(|world| world.storage(StorageLevel::Low), "8 0 0", &low);
    check(
        |world| {
            world.storage(StorageLevel::Low);
            world.storage(StorageLevel::Normal);
        },
        "8 0 0",
        "8 0 0",
    );
}

#[test]
fn a_full_order_table_refuses_orders_and_lets_requests_pass() {
    let mut world = with_limits(|terms| terms.limits.orders_max = 2);
    let full = refused(GateCode::OrderTableFull);
    world.order(0, &ask("A", BUY, 10));
    world.order(0, &ask("B", BUY, 10_000_000));
    world.order(0, &ask("C", BUY, 10));
    world.order(1, &ask("C", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 0 0", "8 0 0", &full]);
    assert_eq!(world.members[1].briefs(0), [full]);
    world.replace(0, "A", &ask("D", BUY, 20));
    world.cancel(0, "E", "D", &ask("A", BUY, 10));
    assert_eq!(world.members[0].briefs(4), ["8 5 0", "8 4 4"]);
}

/// `no_check_refuses_a_cancel`: not even a full index of names.
#[test]
fn a_full_index_of_names_refuses_everything_but_cancels() {
    let mut world = with_limits(|terms| terms.limits.orders_max = 2);
    let order = ask("A", BUY, 10);
    world.order(0, &order);
    let mut name = "A".to_owned();
    for round in 0..3 {
        let next = format!("R{round}");
        world.replace(0, &name, &ask(&next, BUY, 11 + round));
        name = next;
    }
    let from = world.members[0].log.len();
    world.replace(0, &name, &ask("R9", BUY, 30));
    world.order(0, &ask("B", BUY, 10));
    world.cancel(0, "C1", "NOWHERE", &order);
    world.cancel(0, "C2", &name, &order);
    assert_eq!(
        world.members[0].briefs(from),
        ["9 2 0 2", "8 8 8 2", "9 1 8 8", "8 4 4"]
    );
    assert_eq!(
        world.members[0].log.last().unwrap().get(tag::CL_ORD_ID),
        "C2"
    );
    // Its name was used and not remembered.
    world.cancel(0, "C3", "C2", &order);
    assert_eq!(world.members[0].log.last().unwrap().brief(), "9 1 8 8");
}

#[test]
fn a_full_position_table_refuses_new_positions_alone() {
    // The two holdings fill it.
    let mut world = with_limits(|terms| terms.limits.positions_max = 2);
    let future = Ask {
        symbol: terms::FUTURE,
        price: 350,
        ..ask("A", BUY, 1)
    };
    world.order(0, &future);
    world.order(0, &ask("B", BUY, 1));
    assert_eq!(world.members[0].briefs(0), ["8 8 8 2", "8 0 0"]);
    let told = &world.members[0].log[1];
    assert_eq!(
        (told.get(tag::GATE_LIMIT), told.get(tag::GATE_OBSERVED)),
        ("2", "2")
    );
}

#[test]
fn a_venue_that_does_not_read_is_spared_orders_first_and_cancels_last() {
    let mut world = with_limits(|terms| terms.limits.queued_bytes_max = 500);
    let order = ask("W0", BUY, 1);
    let names: Vec<String> = (0..80).map(|number| format!("W{number}")).collect();
    for name in &names {
        world.order(0, &ask(name, BUY, 1));
    }
    let line = world.sites[0].order_line.unwrap();
    world.held_sockets.push(line);
    let busy = refused(GateCode::VenueBusy);
    let from = world.members[0].log.len();
    for number in 0..20 {
        world.order(0, &ask(&format!("X{number}"), BUY, 1));
    }
    let told = world.members[0].briefs(from);
    let passed = told.len();
    assert!(passed > 1 && passed < 20, "{told:?}");
    assert!(told.iter().all(|brief| *brief == busy));
    // Cancels have half as much room again, and then there is none.
    let (mut canceled, mut refused_cancels) = (0, 0);
    for name in &names {
        let from = world.members[0].log.len();
        world.cancel(0, &format!("C{name}"), name, &order);
        match world.members[0].briefs(from).as_slice() {
            [] => canceled += 1,
            [no] if no == "9 1 0 14" => refused_cancels += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(canceled >= 10 && refused_cancels > 0, "{canceled}");
    world.release(line);
    world.order(0, &ask("Y", BUY, 1));
    assert_eq!(world.members[0].log.last().unwrap().brief(), "8 0 0");
}

#[test]
fn without_a_line_to_the_venue_everything_is_refused() {
    let mut world = World::new();
    let order = ask("A", BUY, 10);
    world.order(0, &order);
    world.cut_venue(false);
    world.order(0, &ask("B", BUY, 10));
    world.cancel(0, "C", "A", &order);
    world.replace(0, "A", &ask("D", BUY, 20));
    assert_eq!(
        world.members[0].briefs(0),
        ["8 0 0", "8 8 8 4", "9 1 0 4", "9 2 0 4"]
    );
    world.connect_venue();
    world.cancel(0, "E", "A", &order);
    assert_eq!(world.members[0].log.last().unwrap().brief(), "8 4 4");
}

/// Near the end of its numbers a session takes no more orders, and what it gave is reported on.
#[test]
fn near_the_end_of_its_numbers_a_session_takes_no_orders() {
    let mut world = World::new();
    let order = ask("A", BUY, 10);
    world.order(0, &order);
    // The answer to the Logon takes one more.
    world.set_numbers(0, MSG_SEQ_NUM_MAX - (1 << 24) - 1);
    world.order(0, &ask("B", BUY, 10));
    world.order(0, &ask("C", BUY, 10));
    world.replace(0, "A", &ask("D", BUY, 20));
    world.cancel(0, "E", "A", &order);
    assert_eq!(
        world.members[0].briefs(1),
        ["8 0 0", "8 0 0", "8 8 8 2", "9 2 0 2", "8 4 4"]
    );
    // At the very end nothing can be said any more; what happens is still booked.
    world.set_numbers(0, MSG_SEQ_NUM_MAX - 1);
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.execute(number, 4);
    world.sites[0].venue.execute(number, 6);
    world.run();
    let bought: i64 = world.images().positions.values().map(|p| p.bought).sum();
    assert_eq!(bought, 10);
}
