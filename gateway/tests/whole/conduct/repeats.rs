//! The same order again and again, and much that trades nothing.

use gwanmun_fix::tag;
use gwanmun_market::{AccountConduct, ConductLimits, GateCode, SelfTrade};

use super::{SECOND_NS, WIDE, nobody, refused, told, world};
use crate::terms::LAST;
use crate::venue::Mood;
use crate::world::{Ask, BUY, SELL, World, ask};

const REPEATS: ConductLimits = ConductLimits {
    same_order_max: 4,
    same_order_within_ns: SECOND_NS,
    ..WIDE
};

fn send(world: &mut World, number: usize, order: Ask<'_>) -> String {
    let name = format!("N{number}");
    world.order(
        0,
        &Ask {
            cl_ord_id: &name,
            ..order
        },
    );
    told(world)
}

/// Knight's router, 2012: child orders of one parent, over and over, each right by itself. Here
/// 1,000 in ten seconds.
#[test]
fn a_router_that_does_not_stop_is_stopped() {
    let mut world = world(REPEATS, &[nobody()]);
    world.is_checked = false;
    let child = ask("", BUY, 1);
    let no = refused(GateCode::RepeatedOrder);
    let mut left = Vec::new();
    for number in 0..1_000 {
        let now_ns = world.now_ns;
        if number % 100 == 0 {
            world.tell_market(crate::terms::SAMSUNG, crate::terms::open_market());
        }
        match send(&mut world, number, child).as_str() {
            "8 0 0" => left.push(now_ns),
            other => assert_eq!(other, no),
        }
        world.now_ns += SECOND_NS / 100;
    }
    assert_eq!(left.len(), 40);
    for (first, fifth) in left.iter().zip(&left[4..]) {
        assert!(fifth - first >= SECOND_NS);
    }
    let last = world.members[0].log.iter().rev();
    let last = last.into_iter().find(|seen| seen.brief() == no).unwrap();
    assert_eq!(last.get(tag::TEXT), "REPEATED_ORDER: limit 4, observed 5");
    assert_eq!(world.entered().len(), 40);
}

#[test]
fn what_differs_is_another_order_and_what_closes_is_let_go() {
    let omnibus = AccountConduct {
        self_trade: SelfTrade::Allowed,
        ..nobody()
    };
    let mut world = world(REPEATS, &[omnibus]);
    let child = ask("", BUY, 1);
    for number in 0..4 {
        assert_eq!(send(&mut world, number, child), "8 0 0");
    }
    let no = refused(GateCode::RepeatedOrder);
    assert_eq!(send(&mut world, 4, child), no);
    // The market order of that quantity is another one, too.
    for (number, other) in [
        Ask {
            quantity: 2,
            ..child
        },
        Ask {
            price: LAST - 100,
            ..child
        },
        Ask {
            symbol: crate::terms::HYNIX,
            ..child
        },
        Ask {
            ord_type: b'1',
            ..child
        },
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(send(&mut world, 10 + number, other), "8 0 0");
    }
    let close = Ask {
        price: LAST + 100,
        ..ask("", SELL, 1)
    };
    for number in 20..40 {
        assert_eq!(send(&mut world, number, close), "8 0 0");
    }
    // Another member of the same account is the same account, and other names make nothing new.
    let from = world.members[1].log.len();
    world.order(1, &ask("M1", BUY, 1));
    assert_eq!(world.members[1].briefs(from), [no.as_str()]);
    world.now_ns += SECOND_NS;
    assert_eq!(send(&mut world, 50, child), "8 0 0");
}

/// What was refused is no order that was sent; a restart begins anew, as the rules say.
#[test]
fn only_what_passed_counts_and_a_restart_forgets() {
    let mut world = world(REPEATS, &[nobody()]);
    let wrong = Ask {
        price: LAST * 2,
        ..ask("", BUY, 1)
    };
    for number in 0..6 {
        let no = refused(GateCode::PriceCollar);
        assert_eq!(send(&mut world, number, wrong), no);
    }
    let child = ask("", BUY, 1);
    for start in [10, 20] {
        for number in start..start + 4 {
            assert_eq!(send(&mut world, number, child), "8 0 0");
        }
        let no = refused(GateCode::RepeatedOrder);
        assert_eq!(send(&mut world, start + 4, child), no);
        world.restart(false);
    }
    // A replace is no new order.
    world.replace(0, "N10", &ask("R1", BUY, 2));
    world.replace(0, "R1", &ask("R2", BUY, 1));
    assert_eq!(told(&world), "8 5 0");
}

const RATIOS: ConductLimits = ConductLimits {
    requests_per_trade_max: 5,
    canceled_percent_max: 50,
    ratio_floor: 10,
    ..WIDE
};

#[test]
fn who_sends_and_never_trades_is_stopped_above_the_floor() {
    let mut world = world(RATIOS, &[nobody()]);
    let order = |price| Ask {
        price,
        ..ask("", BUY, 1)
    };
    // Five orders, each moved once: ten messages.
    for number in 0..5 {
        assert_eq!(send(&mut world, number, order(LAST)), "8 0 0");
        let name = format!("R{number}");
        let to = Ask {
            price: LAST - 100,
            ..ask(&name, BUY, 1)
        };
        world.replace(0, &format!("N{number}"), &to);
        assert_eq!(told(&world), "8 5 0");
    }
    let no = refused(GateCode::RequestsPerTrade);
    for round in 0..2 {
        assert_eq!(send(&mut world, 10 + round, order(LAST)), no);
        let last = world.members[0].log.last().unwrap();
        assert_eq!(
            last.get(tag::TEXT),
            "REQUESTS_PER_TRADE: limit 5, observed 11"
        );
        // A replace is asked the same, and what closes is let go.
        world.replace(0, "R0", &ask(&format!("Q{round}"), BUY, 1));
        assert_eq!(
            told(&world),
            format!("9 2 0 {}", GateCode::RequestsPerTrade.number())
        );
        // The counts are a function of the orders: a restart has them.
        world.restart(false);
    }
    // Three of them trade: 5 for each are 15.
    for number in 0..3 {
        let live = *world.sites[0].venue.live.keys().next().unwrap();
        world.sites[0].venue.execute(live, 1);
        world.run();
        assert_eq!(told(&world), "8 F 2");
        assert!(number < 3);
    }
    for number in 20..25 {
        assert_eq!(send(&mut world, number, order(LAST)), "8 0 0");
    }
    assert_eq!(send(&mut world, 30, order(LAST)), no);
    world.cancel(0, "C1", "N20", &order(LAST));
    assert_eq!(told(&world), "8 4 4");
}

#[test]
fn who_takes_everything_off_again_is_stopped_and_still_cancels() {
    let limits = ConductLimits {
        requests_per_trade_max: 1_000,
        ..RATIOS
    };
    let mut world = world(limits, &[nobody()]);
    let order = ask("", BUY, 1);
    for number in 0..10 {
        assert_eq!(send(&mut world, number, order), "8 0 0");
    }
    for number in 0..5 {
        world.cancel(0, &format!("C{number}"), &format!("N{number}"), &order);
        assert_eq!(told(&world), "8 4 4");
    }
    // Half of them is the limit, and one more is above it.
    assert_eq!(send(&mut world, 10, order), "8 0 0");
    for number in 5..7 {
        world.cancel(0, &format!("C{number}"), &format!("N{number}"), &order);
        assert_eq!(told(&world), "8 4 4");
    }
    let no = refused(GateCode::CanceledPercent);
    assert_eq!(send(&mut world, 11, order), no);
    let last = world.members[0].log.last().unwrap();
    assert_eq!(
        last.get(tag::TEXT),
        "CANCELED_PERCENT: limit 50, observed 64"
    );
    world.restart(false);
    assert_eq!(send(&mut world, 12, order), no);
    let close = Ask {
        price: LAST + 100,
        ..ask("", SELL, 1)
    };
    assert_eq!(send(&mut world, 13, close), "8 0 0");
    for number in 7..11 {
        world.cancel(0, &format!("C{number}"), &format!("N{number}"), &order);
        assert_eq!(told(&world), "8 4 4");
    }
}

/// What the venue itself refuses or kills has left, and counts as what it became.
#[test]
fn killed_orders_count_as_canceled_and_refused_ones_as_sent() {
    let limits = ConductLimits {
        requests_per_trade_max: 1_000,
        ratio_floor: 3,
        ..RATIOS
    };
    let mut world = world(limits, &[nobody()]);
    let order = ask("", BUY, 1);
    for number in 0..5 {
        let is_refused = number < 2;
        world.sites[0].venue.mood = if is_refused {
            Mood::Refuses
        } else {
            Mood::Kills
        };
        let expected = if is_refused { "8 8 8 12" } else { "8 4 4" };
        assert_eq!(send(&mut world, number, order), expected);
    }
    // Three of five.
    assert_eq!(
        send(&mut world, 5, order),
        refused(GateCode::CanceledPercent)
    );
}
