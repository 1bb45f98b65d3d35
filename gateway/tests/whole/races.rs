//! Requests and executions that cross on their way: the venue reads only when the test says so.

use gwanmun_fix::tag;
use gwanmun_market::GateCode;

use crate::terms::{SAMSUNG, won};
use crate::venue::Mood;
use crate::world::{BUY, SELL, World, ask};

/// Sells 100 as `A`, then plays `script` with a slow venue, which at the end reads all there is.
/// Holds what the member was told after New against `expected`.
fn check(script: impl FnOnce(&mut World), expected: &[&str]) -> World {
    let mut world = World::new();
    world.order(0, &ask("A", SELL, 100));
    let from = world.members[0].log.len();
    world.sites[0].is_slow = true;
    script(&mut world);
    while world.sites[0].venue.requests_waiting() > 0 {
        world.venue_reads();
    }
    world.run();
    assert_eq!(world.members[0].briefs(from), expected);
    world.check();
    world
}

fn executes(world: &mut World, quantity: u32) {
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.execute(number, quantity);
    world.run();
}

const LATE_CANCEL: &str = "9 1 2 9";
const LATE_REPLACE: &str = "9 2 2 9";

#[test]
fn a_fill_crosses_a_cancel() {
    check(
        |world| {
            world.cancel(0, "C", "A", &ask("A", SELL, 100));
            executes(world, 100);
        },
        &["8 F 2", LATE_CANCEL],
    );
    check(
        |world| {
            world.cancel(0, "C", "A", &ask("A", SELL, 100));
            executes(world, 99);
        },
        &["8 F 1", "8 4 4"],
    );
}

#[test]
fn a_fill_crosses_a_replace_to_more_and_to_less() {
    for (to, fill, expected) in [
        (150, 100, &["8 F 2", LATE_REPLACE][..]),
        (150, 40, &["8 F 1", "8 5 1"]),
        (60, 40, &["8 F 1", "8 5 1"]),
        // To what is executed by then or less: the venue takes off the rest.
        (60, 60, &["8 F 1", "8 4 4", "9 2 4 9"]),
        (60, 70, &["8 F 1", "8 4 4", "9 2 4 9"]),
        (60, 100, &["8 F 2", LATE_REPLACE]),
    ] {
        let world = check(
            |world| {
                world.replace(0, "A", &ask("B", SELL, to));
                executes(world, fill);
            },
            expected,
        );
        assert!(world.sold_at_most(SAMSUNG) <= 150, "{to} {fill}");
    }
}

#[test]
fn until_the_venue_has_spoken_the_larger_quantity_is_held_back() {
    for (to, mood, left) in [
        (150, Mood::Takes, 850),
        (150, Mood::Refuses, 900),
        (60, Mood::Takes, 940),
        (60, Mood::Refuses, 900),
    ] {
        let mut world = World::new();
        world.order(0, &ask("A", SELL, 100));
        world.sites[0].is_slow = true;
        world.replace(0, "A", &ask("B", SELL, to));
        let held = 100.max(to);
        world.order(0, &ask("X", SELL, 1_001 - held));
        let refused = world.members[0].log.last().unwrap();
        assert_eq!(refused.get(tag::GATE_CODE), "130", "{to} {mood:?}");
        world.sites[0].venue.mood = mood;
        world.venue_reads();
        world.order(0, &ask("Y", SELL, left + 1));
        let refused = world.members[0].log.last().unwrap();
        assert_eq!(refused.get(tag::GATE_CODE), "130", "{to} {mood:?}");
        assert_eq!(refused.get(tag::GATE_LIMIT), left.to_string());
    }
}

/// What a decrement takes off, a replace under way may bring back: it must stay held back.
#[test]
fn a_part_taken_off_while_a_replace_is_under_way_stays_held_back() {
    let world = check(
        |world| {
            world.replace(0, "A", &ask("B", SELL, 150));
            let number = world.sites[0].venue.latest();
            world.sites[0].venue.reduce(number, 30);
            world.run();
            world.order(0, &ask("X", SELL, 851));
            world.order(0, &ask("Y", SELL, 850));
        },
        &["8 D 0", "8 8 8 130", "8 5 0", "8 0 0"],
    );
    assert_eq!(world.sold_at_most(SAMSUNG), 1_000);
}

#[test]
fn the_venue_refuses_a_replace() {
    check(
        |world| {
            world.replace(0, "A", &ask("B", SELL, 150));
            world.sites[0].venue.mood = Mood::Refuses;
            world.venue_reads();
            // The order goes by its old name; the name of the request is used up.
            world.cancel(0, "C", "B", &ask("A", SELL, 100));
            world.cancel(0, "D", "A", &ask("A", SELL, 100));
        },
        &["9 2 0 12", "9 1 0 8", "8 4 4"],
    );
}

#[test]
fn an_unanswered_order_is_canceled_and_the_venue_refuses_the_order() {
    let mut world = World::new();
    world.sites[0].is_slow = true;
    let order = ask("A", BUY, 10);
    world.order(0, &order);
    world.replace(0, "A", &ask("B", BUY, 20));
    world.cancel(0, "C", "A", &order);
    world.cancel(0, "D", "A", &order);
    world.sites[0].venue.mood = Mood::Refuses;
    world.sites[0].is_slow = false;
    world.run();
    assert_eq!(
        world.members[0].briefs(0),
        ["9 2 0 10", "9 1 0 10", "8 8 8 12", "9 1 8 9"]
    );
    // And the other way: the venue takes it, and then the cancel.
    let mut world = World::new();
    world.sites[0].is_slow = true;
    world.order(0, &order);
    world.cancel(0, "C", "A", &order);
    world.sites[0].is_slow = false;
    world.run();
    assert_eq!(world.members[0].briefs(0), ["8 0 0", "8 4 4"]);
}

#[test]
fn the_venue_takes_the_order_off_while_requests_are_under_way() {
    check(
        |world| {
            world.replace(0, "A", &ask("B", SELL, 150));
            let number = world.sites[0].venue.latest();
            world.sites[0].venue.reduce(number, 100);
            world.run();
        },
        &["8 4 4", "9 2 4 9"],
    );
    // A cancel under way is answered by whatever takes the order off.
    let world = check(
        |world| {
            world.cancel(0, "C", "A", &ask("A", SELL, 100));
            let number = world.sites[0].venue.latest();
            world.sites[0].venue.reduce(number, 100);
            world.run();
        },
        &["8 4 4"],
    );
    assert_eq!(
        world.members[0].log.last().unwrap().get(tag::CL_ORD_ID),
        "C"
    );
}

/// `no_check_refuses_a_cancel`: a replace under way does not either, whichever way it ends.
#[test]
fn a_cancel_does_not_wait_for_a_replace() {
    let order = ask("A", SELL, 100);
    for (orig, mood, expected) in [
        ("A", Mood::Takes, ["8 5 0", "8 4 4"]),
        ("B", Mood::Takes, ["8 5 0", "8 4 4"]),
        ("A", Mood::Refuses, ["9 2 0 12", "8 4 4"]),
        ("B", Mood::Refuses, ["9 2 0 12", "8 4 4"]),
        ("A", Mood::Kills, ["8 5 0", "8 4 4"]),
    ] {
        let world = check(
            |world| {
                world.replace(0, "A", &ask("B", SELL, 150));
                world.cancel(0, "C", orig, &order);
                world.sites[0].venue.mood = mood;
            },
            &expected,
        );
        assert!(world.sites[0].venue.live.is_empty(), "{orig} {mood:?}");
        assert_eq!(
            world.members[0].log.last().unwrap().get(tag::CL_ORD_ID),
            "C"
        );
    }
    // A fill beats both.
    check(
        |world| {
            world.replace(0, "A", &ask("B", SELL, 150));
            world.cancel(0, "C", "A", &order);
            executes(world, 100);
        },
        &["8 F 2", LATE_REPLACE, LATE_CANCEL],
    );
    // A replace to what is executed by then: the venue cancels, which answers the cancel.
    check(
        |world| {
            world.replace(0, "A", &ask("B", SELL, 60));
            world.cancel(0, "C", "A", &order);
            executes(world, 60);
        },
        &["8 F 1", "8 4 4", "9 2 4 9"],
    );
    // Nothing goes behind a cancel.
    let pending = format!("9 2 0 {}", GateCode::AlreadyPending.number());
    check(
        |world| {
            world.cancel(0, "C", "A", &order);
            world.replace(0, "A", &ask("B", SELL, 150));
            world.replace(0, "C", &ask("D", SELL, 150));
        },
        &[&pending, &pending, "8 4 4"],
    );
}

#[test]
fn the_venue_refuses_a_cancel() {
    check(
        |world| {
            world.cancel(0, "C", "A", &ask("A", SELL, 100));
            let number = world.sites[0].venue.latest();
            world.sites[0].venue.report_cancel_reject(number);
            world.run();
            assert_eq!(world.members[0].briefs(2), ["9 1 0 12"]);
        },
        &["9 1 0 12", "8 4 4"],
    );
}

/// What the venue says was executed is executed, also when the order was over.
#[test]
fn an_execution_of_an_order_that_is_over_is_booked_and_told() {
    for state in ["4", "8"] {
        let mut world = World::new();
        if state == "8" {
            world.sites[0].venue.mood = Mood::Refuses;
        }
        world.order(0, &ask("A", SELL, 100));
        world.cancel(0, "C", "A", &ask("A", SELL, 100));
        world.sites[0].venue.report_execution(1, 30, won(71_600));
        world.run();
        let told = world.members[0].log.last().unwrap();
        assert_eq!(told.brief(), format!("8 F {state}"));
        assert_eq!(told.get(tag::CUM_QTY), "30");
        assert_eq!(told.get(tag::LEAVES_QTY), "0");
        let images = world.images();
        assert!(
            images
                .positions
                .values()
                .any(|position| position.sold == 30)
        );
        world.check();
    }
}

/// An order that the gateway refused has no number at the venue: what is said about the number that
/// it used up belongs to someone else.
#[test]
fn nothing_is_booked_on_an_order_that_was_never_sent() {
    let mut world = World::new();
    world.order(0, &ask("A", SELL, 1_001));
    world.sites[0].venue.report_execution(1, 30, won(71_600));
    world.sites[0].venue.report_execution(999, 30, won(71_600));
    world.run();
    assert_eq!(world.members[0].briefs(0), ["8 8 8 130"]);
    let images = world.images();
    assert!(images.positions.values().all(|position| position.sold == 0));
}
