//! A venue that speaks FIX: orders, cancels, replaces, what it says in its own way, and what
//! becomes of everything when lines and processes die.

mod fills;
mod odd;
mod session;
mod settling;
mod unanswered;

use gwanmun_fix::tag;

use crate::fix_front::FixFront;
use crate::restart::check_ledgers;
use crate::terms::LAST;
use crate::venue::Mood;
use crate::world::{Ask, BUY, World, ask};

/// Plays `script` and holds what member 0 was told about orders against `expected`.
fn check(script: impl FnOnce(&mut World), expected: &[&str]) -> World {
    let mut world = World::with_fix_venue();
    let from = world.members[0].log.len();
    script(&mut world);
    assert_eq!(world.members[0].briefs(from), expected);
    world
}

fn execute(world: &mut World, quantity: u32) {
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.execute(number, quantity);
    world.run();
}

fn front(world: &mut World) -> &mut FixFront {
    world.sites[0].venue.front.as_mut().unwrap()
}

#[test]
fn an_order_is_new_fills_in_parts_and_is_filled() {
    let mut world = check(
        |world| {
            world.order(0, &ask("A", BUY, 10));
            execute(world, 4);
            execute(world, 6);
        },
        &["8 0 0", "8 F 1", "8 F 2"],
    );
    let filled = world.members[0].log.last().unwrap();
    assert_eq!(filled.get(tag::CUM_QTY), "10");
    assert_eq!(filled.get(tag::AVG_PX), "71600");
    check_ledgers(&world, &["A"]);
    let sent = &front(&mut world).taken[0];
    assert_eq!(sent.get(11), "GW100000000001");
    assert_eq!(sent.get(526), "GW100000000001");
    assert_eq!(
        (sent.get(55), sent.get(54), sent.get(38)),
        ("005930", "1", "10")
    );
    assert_eq!(
        (sent.get(40), sent.get(44), sent.get(59)),
        ("2", "71600", "0")
    );
}

#[test]
fn cancels_and_replaces_are_answered_by_the_venue() {
    let order = ask("A", BUY, 10);
    let mut world = check(
        |world| {
            world.order(0, &order);
            let to = Ask {
                price: LAST - 100,
                ..ask("B", BUY, 20)
            };
            world.replace(0, "A", &to);
            execute(world, 5);
            world.sites[0].venue.mood = Mood::Refuses;
            world.replace(0, "B", &ask("C", BUY, 30));
            world.cancel(0, "D", "B", &order);
            world.sites[0].venue.mood = Mood::Refuses;
            world.order(0, &ask("E", BUY, 1));
            // Taken, and cancelled at once.
            world.sites[0].venue.mood = Mood::Kills;
            world.order(0, &ask("F", BUY, 1));
        },
        &[
            "8 0 0", "8 5 0", "8 F 1", "9 2 1 12", "8 4 4", "8 8 8 12", "8 0 0", "8 4 4",
        ],
    );
    let log = &world.members[0].log;
    let refused = log.iter().find(|seen| seen.msg_type == "9").unwrap();
    assert_eq!(refused.get(tag::GATE_OBSERVED), "99");
    let canceled = log.iter().find(|it| it.get(tag::CL_ORD_ID) == "D").unwrap();
    assert_eq!(canceled.get(tag::ORIG_CL_ORD_ID), "B");
    check_ledgers(&world, &["A", "B", "C", "D", "E", "F"]);
    let taken = &front(&mut world).taken;
    let ids: Vec<(&str, &str, &str)> = taken
        .iter()
        .map(|it| (it.msg_type.as_str(), it.get(11), it.get(41)))
        .collect();
    assert_eq!(ids[1], ("G", "GW100000000002", "GW100000000001"));
    let (msg_type, cancel, orig) = ids[3];
    assert_eq!((msg_type, orig), ("F", "GW100000000002"));
    assert!(cancel.starts_with("GW100000000002C"), "{cancel}");
}

#[test]
fn a_cancel_that_comes_too_late_is_answered_once_by_the_fill() {
    let order = ask("A", BUY, 10);
    let mut world = check(
        |world| {
            world.order(0, &order);
            world.sites[0].is_slow = true;
            world.cancel(0, "X", "A", &order);
            execute(world, 10);
            world.sites[0].is_slow = false;
            world.run();
        },
        &["8 0 0", "8 F 2", "9 1 2 9"],
    );
    check_ledgers(&world, &["A", "X"]);
    assert_eq!(world.gateway.take_venue_finding(0), None);
    // A live one of which the venue says that it cannot be cancelled.
    world.order(0, &ask("B", BUY, 10));
    world.sites[0].is_slow = true;
    world.cancel(0, "Y", "B", &order);
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.report_cancel_reject(number);
    world.run();
    let log = &world.members[0].log;
    assert_eq!(log.last().unwrap().brief(), "9 1 0 12");
}

/// A cancel behind a replace that is not answered names the order by both its names, and the member
/// gets one answer whichever of them the venue knows.
#[test]
fn a_cancel_may_overtake_the_answer_to_a_replace() {
    for (mood, expected) in [
        (Mood::Takes, ["8 0 0", "8 5 0", "8 4 4"]),
        (Mood::Refuses, ["8 0 0", "9 2 0 12", "8 4 4"]),
    ] {
        let order = ask("A", BUY, 10);
        let mut world = check(
            |world| {
                world.order(0, &order);
                world.sites[0].is_slow = true;
                world.replace(0, "A", &ask("B", BUY, 20));
                world.cancel(0, "X", "A", &order);
                world.sites[0].venue.mood = mood;
                world.sites[0].is_slow = false;
                world.run();
            },
            &expected,
        );
        check_ledgers(&world, &["A", "B", "X"]);
        assert_eq!(front(&mut world).taken.len(), 4);
    }
}

/// FIX wants LocateReqd(114) with a short sale: what the member says of it is not passed on.
#[test]
fn a_short_sale_tells_the_venue_that_it_has_its_shares() {
    let mut world = check(
        |world| {
            let now_ns = world.now_ns;
            world.say(0, "D", |writer| {
                ask("A", b'5', 10).write(writer, now_ns);
                writer.char(tag::LOCATE_REQD, b'Y');
            });
            world.replace(0, "A", &ask("B", b'5', 20));
            world.order(0, &ask("C", b'2', 10));
        },
        &["8 0 0", "8 5 0", "8 0 0"],
    );
    let taken = front(&mut world).taken.iter();
    let said: Vec<(&str, &str)> = taken.map(|it| (it.get(54), it.get(114))).collect();
    assert_eq!(said, [("5", "N"), ("5", "N"), ("2", "")]);
}
