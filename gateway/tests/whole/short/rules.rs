//! Who may sell short, of what, when, where and at which price, through the whole gateway.

use gwanmun_gateway::{ShortRows, Terms};
use gwanmun_market::{GateCode, HoldingSource, MarketState, Phase, Phases, ShortRule};

use super::{EXEMPT, SHORT, TAKEN, briefs, holding, last_brief, world};
use crate::member::refused;
use crate::terms::{HYNIX, KRX, LAST, NOW_NS, NXT, SAMSUNG, open_market, short_rows, text, won};
use crate::world::{Ask, SELL, World, ask};

/// A hundred of each held and borrowed, at two venues, with other rows about short sales.
fn with(rows: ShortRows) -> Terms {
    let sources = [(HoldingSource::Settled, 100), (HoldingSource::Borrowed, 50)];
    let terms = holding(&sources, 2);
    Terms {
        tables: terms.tables.with_short_sales(rows).unwrap(),
        ..terms
    }
}

fn sent(world: &mut World, order: &Ask<'_>) -> String {
    world.order(0, order);
    last_brief(world)
}

/// every short sale of an account without a local balance system is refused, long ones are
/// fine.
#[test]
fn an_account_without_a_balance_system_sells_long_alone() {
    let rows = ShortRows {
        balance_systems: Vec::new(),
        ..short_rows(2)
    };
    let mut world = world(with(rows));
    let no = refused(GateCode::NoBalanceSystem);
    assert_eq!(sent(&mut world, &ask("A", SHORT, 1)), no);
    assert_eq!(sent(&mut world, &ask("B", EXEMPT, 1)), no);
    assert_eq!(sent(&mut world, &ask("C", SELL, 100)), TAKEN);
    assert_eq!(sent(&mut world, &ask("D", b'1', 1)), TAKEN);
}

#[test]
fn what_is_not_allowed_to_be_sold_short_is_banned() {
    let rows = ShortRows {
        allowed: vec![text(SAMSUNG)],
        ..short_rows(2)
    };
    let mut world = world(with(rows));
    let hynix = |cl_ord_id, side| Ask {
        symbol: HYNIX,
        ..ask(cl_ord_id, side, 1)
    };
    let no = refused(GateCode::ShortBanned);
    assert_eq!(sent(&mut world, &hynix("A", SHORT)), no);
    assert_eq!(sent(&mut world, &hynix("B", EXEMPT)), no);
    assert_eq!(sent(&mut world, &hynix("C", SELL)), TAKEN);
    assert_eq!(sent(&mut world, &ask("D", SHORT, 1)), TAKEN);
}

/// One venue takes short sales in continuous trading, the other never; each from its date on.
#[test]
fn a_venue_takes_short_sales_when_its_rule_says_so() {
    let rule = ShortRule {
        from_ns: NOW_NS,
        until_ns: NOW_NS + 10_000_000_000,
        phases: Phases::NONE.with(Phase::Continuous),
        open_s: 0,
        close_s: gwanmun_market::DAY_S,
        has_price_rule: false,
        exempts_side_6: false,
    };
    let never = ShortRule {
        phases: Phases::NONE,
        ..rule
    };
    let rows = ShortRows {
        rules: vec![(0, rule), (1, never)],
        ..short_rows(2)
    };
    let mut world = world(with(rows));
    let at = |cl_ord_id, venue| Ask {
        venue,
        ..ask(cl_ord_id, SHORT, 1)
    };
    let no = refused(GateCode::ShortPhase);
    assert_eq!(sent(&mut world, &at("A", KRX)), TAKEN);
    assert_eq!(sent(&mut world, &at("B", NXT)), no);
    let auction = MarketState {
        phase: Phase::ClosingAuction,
        theoretical: Some(won(LAST)),
        ..open_market()
    };
    world.tell_market_at(0, SAMSUNG, auction);
    assert_eq!(sent(&mut world, &at("C", KRX)), no);
    let long = Ask {
        venue: KRX,
        ..ask("D", SELL, 1)
    };
    assert_eq!(sent(&mut world, &long), TAKEN);
    // A replace is asked what an order is asked.
    world.replace(0, "A", &at("E", KRX));
    let kept = format!("9 2 0 {}", GateCode::ShortPhase.number());
    assert_eq!(last_brief(&world), kept);
    // And no check keeps it from being cancelled.
    world.cancel(0, "F", "A", &at("A", KRX));
    assert_eq!(last_brief(&world), "8 4 4");
    // A day later the rule does not hold any more, and no other one is told.
    world.wait_ns(10_000_000_000);
    world.tell_market_at(0, SAMSUNG, open_market());
    let missing = refused(GateCode::ShortRuleMissing);
    assert_eq!(sent(&mut world, &at("G", KRX)), missing);
}

/// The price of a short sale does not push the price down; the change of the price is what the feed
/// told since its line came up.
#[test]
fn the_price_rule_follows_the_feed() {
    let mut rows = short_rows(2);
    for (_, rule) in &mut rows.rules {
        rule.has_price_rule = true;
        rule.exempts_side_6 = true;
    }
    let mut world = world(with(rows));
    let at = |cl_ord_id, side, price| Ask {
        price,
        ..ask(cl_ord_id, side, 1)
    };
    let tell = |world: &mut World, last: Option<i32>| {
        let state = MarketState {
            last: last.map(won),
            ..open_market()
        };
        for site in 0..2 {
            world.tell_market_at(site, SAMSUNG, state);
        }
    };
    let no = refused(GateCode::ShortPrice);
    // No change is known yet, which counts as a fall.
    assert_eq!(sent(&mut world, &at("A", SHORT, LAST)), no);
    assert_eq!(sent(&mut world, &at("B", SHORT, LAST + 100)), TAKEN);
    tell(&mut world, Some(LAST + 100));
    assert_eq!(sent(&mut world, &at("C", SHORT, LAST + 100)), TAKEN);
    assert_eq!(sent(&mut world, &at("D", SHORT, LAST)), no);
    let report = world.members[0].log.last().unwrap();
    let told = report.get(gwanmun_fix::tag::TEXT);
    assert_eq!(told, "SHORT_PRICE: limit 71700, observed 71600");
    assert_eq!(sent(&mut world, &at("E", EXEMPT, LAST)), TAKEN);
    let market = Ask {
        ord_type: b'1',
        ..at("F", SHORT, 0)
    };
    assert_eq!(sent(&mut world, &market), no);
    tell(&mut world, Some(LAST));
    assert_eq!(sent(&mut world, &at("G", SHORT, LAST)), no);
    assert_eq!(sent(&mut world, &at("H", SELL, LAST)), TAKEN);
    // Neither a replace downwards.
    world.replace(0, "B", &at("I", SHORT, LAST));
    let kept = format!("9 2 0 {}", GateCode::ShortPrice.number());
    assert_eq!(last_brief(&world), kept);
    tell(&mut world, None);
    let none = refused(GateCode::ShortNoLast);
    assert_eq!(sent(&mut world, &at("J", SHORT, LAST + 100)), none);
    // What the feed told before a restart counts for nothing.
    tell(&mut world, Some(LAST - 100));
    tell(&mut world, Some(LAST));
    assert_eq!(sent(&mut world, &at("K", SHORT, LAST)), TAKEN);
    world.restart(false);
    assert_eq!(sent(&mut world, &at("L", SHORT, LAST)), no);
}

/// A short sale that would reduce risk is refused all the same while the venue's word is old: who
/// holds shares can sell them long.
#[test]
fn an_old_market_refuses_short_sales_and_lets_long_ones_reduce_risk() {
    let mut world = world(with(short_rows(2)));
    for site in 0..2 {
        world.cut_feed_at(site);
    }
    world.wait_ns(4_000_000_000);
    let stale = refused(GateCode::StaleData);
    assert_eq!(sent(&mut world, &ask("A", SHORT, 1)), stale);
    assert_eq!(sent(&mut world, &ask("B", SELL, 1)), TAKEN);
    assert_eq!(briefs(&world).len(), 2);
}

/// A pre-market trades continuously and takes no short sale.
#[test]
fn a_venue_takes_short_sales_in_the_hours_of_its_rule() {
    let mut rows = short_rows(2);
    // It is nine o'clock in Korea.
    let now_s = ShortRule::kst_s(NOW_NS);
    assert_eq!(now_s, 9 * 3_600);
    rows.rules[1].1.open_s = now_s + 2;
    let mut world = world(with(rows));
    let at = |cl_ord_id, side| Ask {
        venue: NXT,
        ..ask(cl_ord_id, side, 1)
    };
    let no = refused(GateCode::ShortHours);
    assert_eq!(sent(&mut world, &at("A", SHORT)), no);
    assert_eq!(sent(&mut world, &at("B", SELL)), TAKEN);
    assert_eq!(sent(&mut world, &ask("C", SHORT, 1)), TAKEN);
    world.wait_ns(2_000_000_000);
    assert_eq!(sent(&mut world, &at("D", SHORT)), TAKEN);
}
