//! Messages a second, of an account and of a session.

use gwanmun_fix::tag;
use gwanmun_market::{ConductLimits, GateCode, RateLimit};

use super::{SECOND_NS, WIDE, connected, nobody, refused, told, with, world};
use crate::terms::{self, LAST};
use crate::world::{Ask, BUY, SELL, World, ask};

fn rate(per_second: u32, burst: u32) -> RateLimit {
    RateLimit::new(per_second, burst).unwrap()
}

fn limits(per_second: u32, burst: u32) -> ConductLimits {
    ConductLimits {
        rate: rate(per_second, burst),
        ..WIDE
    }
}

/// So many buy orders, each at its own price; how many were taken.
fn buys(world: &mut World, count: i32) -> usize {
    let from = world.members[0].log.len();
    for at in 0..count {
        let name = format!("B{}-{at}", world.members[0].next_out);
        let order = Ask {
            price: LAST - 100 * (at % 20),
            ..ask(&name, BUY, 1)
        };
        world.order(0, &order);
    }
    let told = world.members[0].briefs(from);
    let (taken, others): (Vec<_>, Vec<_>) = told.iter().partition(|brief| *brief == "8 0 0");
    let no = refused(GateCode::RateAccount);
    assert!(others.iter().all(|brief| **brief == no), "{others:?}");
    taken.len()
}

#[test]
fn an_account_gets_its_burst_and_then_its_rate() {
    let mut world = world(limits(50, 10), &[nobody()]);
    assert_eq!(buys(&mut world, 10), 10);
    assert_eq!(buys(&mut world, 5), 0);
    let last = world.members[0].log.last().unwrap();
    let figures = [tag::GATE_LIMIT, tag::GATE_OBSERVED].map(|tag| last.get(tag));
    assert_eq!(figures, ["10", "11"]);
    assert_eq!(last.get(tag::TEXT), "RATE_ACCOUNT: limit 10, observed 11");
    assert_eq!(last.get(tag::ORD_REJ_REASON), "99");
    world.wait_ns(SECOND_NS / 50 - 1);
    assert_eq!(buys(&mut world, 1), 0);
    world.now_ns += 1;
    assert_eq!(buys(&mut world, 3), 1);
    assert_eq!(world.entered().len(), 11);
}

/// Hanmag's loop, 689 orders a second from one account, for two seconds of its minute.
#[test]
fn a_loop_of_689_a_second_is_held_to_the_rate() {
    let mut world = world(limits(50, 50), &[nobody()]);
    world.is_checked = false;
    let mut taken = 0;
    for _ in 0..1_378 {
        taken += buys(&mut world, 1);
        world.now_ns += SECOND_NS / 689;
    }
    assert_eq!(taken, 50 + 99);
    assert_eq!(world.entered().len(), taken);
}

/// `no_check_refuses_a_cancel`, in the part that is about rates: cancels count, and pass.
#[test]
fn cancels_count_and_are_never_refused() {
    let mut world = world(limits(1, 10), &[nobody()]);
    let order = ask("A", BUY, 1);
    for name in ["A", "B", "C", "D"] {
        world.order(
            0,
            &Ask {
                cl_ord_id: name,
                ..order
            },
        );
    }
    for name in ["A", "B", "C"] {
        world.cancel(0, &format!("X{name}"), name, &order);
        assert_eq!(told(&world), "8 4 4");
    }
    // Seven messages are in the bucket.
    assert_eq!(buys(&mut world, 9), 3);
    let from = world.members[0].log.len();
    world.cancel(0, "XD", "D", &order);
    assert_eq!(world.members[0].briefs(from), ["8 4 4"]);
    // A flood of cancels of one order that nobody has is refused for that, and for nothing else.
    for at in 0..50 {
        world.cancel(0, &format!("Y{at}"), "NEVER", &order);
        assert_eq!(
            told(&world),
            format!("9 1 8 {}", GateCode::UnknownOrder.number())
        );
    }
}

#[test]
fn who_has_sent_too_much_can_still_close() {
    let mut world = world(limits(1, 4), &[nobody()]);
    assert_eq!(buys(&mut world, 6), 4);
    let sell = |name| Ask {
        price: LAST + 100,
        ..ask(name, SELL, 1)
    };
    for name in ["S1", "S2", "S3", "S4"] {
        world.order(0, &sell(name));
        assert_eq!(told(&world), "8 0 0");
    }
    world.order(0, &sell("S5"));
    assert_eq!(told(&world), refused(GateCode::RateAccount));
    let last = world.members[0].log.last().unwrap();
    let figures = [tag::GATE_LIMIT, tag::GATE_OBSERVED].map(|tag| last.get(tag));
    assert_eq!(figures, ["8", "9"]);
}

#[test]
fn a_replace_counts_and_is_refused_like_an_order() {
    let mut world = world(limits(1, 3), &[nobody()]);
    let order = ask("A", BUY, 1);
    world.order(0, &order);
    for (name, orig) in [("B", "A"), ("C", "B")] {
        let to = Ask {
            price: LAST - 100,
            ..ask(name, BUY, 1)
        };
        world.replace(0, orig, &to);
        assert_eq!(told(&world), "8 5 0");
    }
    world.replace(0, "C", &ask("D", BUY, 2));
    assert_eq!(
        told(&world),
        format!("9 2 0 {}", GateCode::RateAccount.number())
    );
    // It stands as it was, and is taken off all the same.
    world.cancel(0, "E", "C", &order);
    assert_eq!(told(&world), "8 4 4");
}

/// The session's bucket is apart from the account's, which members share.
#[test]
fn a_session_has_a_rate_of_its_own() {
    let terms = with(terms::terms(), limits(1, 8), rate(1, 5), &[nobody()]);
    let mut world = connected(terms);
    for at in 0..6 {
        world.order(0, &ask(&format!("A{at}"), BUY, 1));
    }
    assert_eq!(told(&world), refused(GateCode::RateSession));
    let from = world.members[1].log.len();
    for at in 0..4 {
        world.order(1, &ask(&format!("B{at}"), BUY, 1));
    }
    let no = refused(GateCode::RateAccount);
    let expected = ["8 0 0", "8 0 0", "8 0 0", &no];
    assert_eq!(world.members[1].briefs(from), expected);
    // What is refused for the account's rate takes no room in the session's.
    world.now_ns += SECOND_NS;
    world.order(1, &ask("B5", BUY, 1));
    assert_eq!(world.members[1].briefs(from).last().unwrap(), "8 0 0");
}

#[test]
fn without_a_rate_nothing_leaves_that_increases_risk() {
    let terms = terms::terms();
    let bare = terms.tables.clone().with_conduct(&[], None, &[nobody()]);
    let mut world = connected(gwanmun_gateway::Terms {
        tables: bare.unwrap(),
        ..terms
    });
    world.order(0, &ask("A", BUY, 1));
    assert_eq!(told(&world), refused(GateCode::ConductLimitMissing));
    world.order(0, &ask("B", SELL, 1));
    assert_eq!(told(&world), "8 0 0");
    world.cancel(0, "C", "B", &ask("B", SELL, 1));
    assert_eq!(told(&world), "8 4 4");
}

/// Buckets are in no effect: a restart allows one burst more and no more than that.
#[test]
fn a_restart_gives_one_burst_and_no_second_one() {
    let mut world = world(limits(1, 5), &[nobody()]);
    assert_eq!(buys(&mut world, 9), 5);
    for _ in 0..2 {
        world.restart(false);
        assert_eq!(buys(&mut world, 9), 5);
        assert_eq!(buys(&mut world, 9), 0);
    }
    assert_eq!(world.entered().len(), 15);
}

#[test]
fn a_clock_that_goes_back_gives_nothing_and_shuts_nobody_out() {
    let mut world = world(limits(10, 10), &[nobody()]);
    assert_eq!(buys(&mut world, 7), 7);
    world.now_ns -= 3_600 * SECOND_NS;
    assert_eq!(buys(&mut world, 10), 3);
    world.now_ns += SECOND_NS / 2;
    assert_eq!(buys(&mut world, 10), 5);
}
