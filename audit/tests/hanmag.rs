//! Hanmag: of 41,336 orders within a minute none beyond the collar reaches the venue, and
//! each group of checks alone is held against what it lets through.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use gwanmun_audit::hanmag::{self, INSTRUMENTS, MULTIPLIER, ORDERS, TierLimits, Wrong, base_of};
use gwanmun_audit::replay::{self, Alone};
use gwanmun_gateway::Group;
use gwanmun_market::{ConductLimits, GateCode, OrderLimits, ProductKind, RateLimit, Tier};

/// As the tables that come with the gateway have them for the second tier.
fn limits() -> TierLimits {
    let tier = Tier::new(2).unwrap();
    let limits = |kind, order_qty_max, order_value_max, sent_qty_max, sent_value_max| OrderLimits {
        order_qty_max,
        order_value_max,
        sent_qty_max,
        sent_value_max,
        ..OrderLimits::wide(tier, kind)
    };
    let rows = vec![
        limits(
            ProductKind::Future,
            100,
            10_000_000_000,
            2_000,
            200_000_000_000,
        ),
        limits(
            ProductKind::Option,
            1_000,
            2_000_000_000,
            20_000,
            40_000_000_000,
        ),
    ];
    TierLimits {
        tier,
        orders: rows,
        conduct: ConductLimits {
            rate: RateLimit::new(100, 200).unwrap(),
            same_order_max: 20,
            same_order_within_ns: 1_000_000_000,
            requests_per_trade_max: 500,
            canceled_percent_max: 99,
            ratio_floor: 5_000,
            ..ConductLimits::wide(tier)
        },
        session_rate: RateLimit::new(1_000, 2_000).unwrap(),
    }
}

/// Whether a price lies beyond the collar of its instrument, counted here anew: 3 percent of the
/// future, 20 of an option and at least half a point.
fn is_beyond_collar(order: &Wrong) -> bool {
    let base = base_of(order.instrument).0;
    let width = match order.instrument {
        0 => base * 3 / 100,
        _ => (base / 5).max(5_000),
    };
    (order.price.0 - base).abs() > width
}

#[test]
fn no_order_beyond_the_collar_reaches_the_venue() {
    let segments = hanmag::record(&limits()).unwrap();
    let segments: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
    let by_group = replay::by_group(&segments, &mut |_, _| {}).unwrap();
    assert!(by_group.replay.is_identical());
    assert_eq!(by_group.replay.orders, ORDERS as u64);
    let all: Vec<Wrong> = hanmag::orders().collect();
    // The ClOrdID is the order's place in the rule.
    let order = |name: &str| &all[name[1..].parse::<usize>().unwrap()];
    let through = by_group.replay.decisions.iter();
    let through: Vec<&Wrong> = through
        .filter(|decision| decision.verdict.is_passed())
        .map(|decision| order(&decision.cl_ord_id.to_string()))
        .collect();
    assert!(
        !through.is_empty() && through.len() < ORDERS / 3,
        "{}",
        through.len()
    );
    assert_eq!(
        through
            .iter()
            .filter(|order| is_beyond_collar(order))
            .count(),
        0
    );
    // What an order costs if it is executed at its own price, in won.
    let loss = |order: &Wrong| {
        let points = i128::from((order.price.0 - base_of(order.instrument).0).abs());
        points * i128::from(order.qty) * i128::from(MULTIPLIER) / 10_000
    };
    let sum = |orders: &[&Wrong]| orders.iter().map(|order| loss(order)).sum::<i128>();
    let refs: Vec<&Wrong> = all.iter().collect();
    assert!(
        sum(&through) * 15 < sum(&refs),
        "{} of {}",
        sum(&through),
        sum(&refs)
    );
    let passed = |alone: &Alone| {
        let passed = alone.orders.iter().filter(|one| one.verdict.is_passed());
        let all = passed.map(|one| order(&one.cl_ord_id.to_string()));
        all.collect::<Vec<&Wrong>>()
    };
    for alone in &by_group.alone {
        assert_eq!(alone.orders.len(), ORDERS);
        let through = passed(alone);
        let beyond = through
            .iter()
            .filter(|order| is_beyond_collar(order))
            .count();
        match alone.group {
            None | Some(Group::Reference) => assert_eq!(through.len(), ORDERS),
            Some(Group::Price) => assert_eq!(beyond, 0),
            Some(Group::Exposure) => assert!(through.len() < ORDERS / 2 && beyond > 0),
            Some(Group::Size | Group::Rate | Group::Conduct) => assert!(beyond > 0),
        }
    }
    let seen: std::collections::BTreeSet<_> = all.iter().map(|order| order.instrument).collect();
    assert_eq!(seen.len(), INSTRUMENTS);
    let collar = GateCode::PriceCollar.number();
    assert!(
        by_group
            .replay
            .decisions
            .iter()
            .any(|one| one.verdict.code == collar)
    );
}
