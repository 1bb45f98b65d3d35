//! Which venue an order goes to: by its instruction, by the tables, by which venue is there.

use gwanmun_fix::tag;
use gwanmun_gateway::Terms;
use gwanmun_market::{GateCode, MarketState, Phase};

use super::{AT_KRX, AT_NXT, at, goes};
use crate::member::refused;
use crate::terms::{HYNIX, KRX, NXT, SAMSUNG, open_market, text, two_venues};
use crate::world::{Ask, BUY, SELL, World, ask};

fn closed() -> MarketState {
    MarketState {
        phase: Phase::Closed,
        ..open_market()
    }
}

fn halted() -> MarketState {
    MarketState {
        is_halted: true,
        ..open_market()
    }
}

/// The tables send Samsung to NXT first and keep Hynix at KRX.
fn listed() -> Terms {
    let mut terms = two_venues();
    let tables = terms.tables.clone().with_venues(text(SAMSUNG), &[1, 0]);
    let tables = tables.unwrap().with_venues(text(HYNIX), &[0]);
    terms.tables = tables.unwrap();
    terms
}

type Change = fn(&mut World);

const NOTHING: Change = |_| {};
const KRX_DOWN: Change = |world| world.cut_venue_at(AT_KRX, false);
const NXT_DOWN: Change = |world| world.cut_venue_at(AT_NXT, false);
const BOTH_DOWN: Change = |world| {
    world.cut_venue_at(AT_KRX, false);
    world.cut_venue_at(AT_NXT, false);
};
const KRX_SETTLING: Change = |world| {
    world.cut_venue_at(AT_KRX, false);
    world.sites[AT_KRX].is_slow = true;
    world.connect_venue_at(AT_KRX);
    assert!(!world.is_up_at(AT_KRX));
};
const KRX_FEED_DOWN: Change = |world| world.cut_feed_at(AT_KRX);
const KRX_FEED_NEW: Change = |world| {
    world.cut_feed_at(AT_KRX);
    world.connect_feed_at(AT_KRX);
};
const KRX_CLOSED: Change = |world| world.tell_market_at(AT_KRX, SAMSUNG, closed());
const NXT_CLOSED: Change = |world| world.tell_market_at(AT_NXT, SAMSUNG, closed());
const BOTH_CLOSED: Change = |world| {
    world.tell_market_at(AT_KRX, SAMSUNG, closed());
    world.tell_market_at(AT_NXT, SAMSUNG, closed());
};
const KRX_HALTED: Change = |world| world.tell_market_at(AT_KRX, SAMSUNG, halted());
const KRX_STALE: Change = |world| {
    world.wait_ns(2_000_000_000);
    world.tell_market_at(AT_NXT, HYNIX, open_market());
    world.wait_ns(1_000_000_001);
};

#[test]
fn where_an_order_goes() {
    let down = refused(GateCode::VenueDown);
    let is_closed = refused(GateCode::MarketClosed);
    let is_halted = refused(GateCode::Halted);
    let stale = refused(GateCode::StaleData);
    let unknown = refused(GateCode::UnknownVenue);
    // What happened, then where an order goes that names no venue, KRX, NXT.
    let rows: [(&str, Change, [&str; 3]); 13] = [
        ("nothing", NOTHING, [KRX, KRX, NXT]),
        ("KRX down", KRX_DOWN, [NXT, &down, NXT]),
        ("NXT down", NXT_DOWN, [KRX, KRX, &down]),
        ("both down", BOTH_DOWN, [&down, &down, &down]),
        ("KRX settling", KRX_SETTLING, [NXT, &down, NXT]),
        // Without a new word market state only grows older, and it is young enough.
        ("KRX feed down", KRX_FEED_DOWN, [NXT, KRX, NXT]),
        ("KRX feed new", KRX_FEED_NEW, [NXT, &stale, NXT]),
        ("KRX closed", KRX_CLOSED, [NXT, &is_closed, NXT]),
        ("NXT closed", NXT_CLOSED, [KRX, KRX, &is_closed]),
        ("both closed", BOTH_CLOSED, [&is_closed; 3]),
        // A halt and old data are verdicts, no absence: the order does not slip round them.
        ("KRX halted", KRX_HALTED, [&is_halted, &is_halted, NXT]),
        ("KRX stale", KRX_STALE, [&stale, &stale, NXT]),
        (
            "KRX closed, NXT down",
            |world| {
                KRX_CLOSED(world);
                NXT_DOWN(world);
            },
            [&is_closed, &is_closed, &down],
        ),
    ];
    for (what, change, expected) in rows {
        for (venue, expected) in ["", KRX, NXT].into_iter().zip(expected) {
            let mut world = World::with_two_venues();
            change(&mut world);
            let went = goes(&mut world, &at(venue, ask("A", BUY, 1)));
            assert_eq!(went, expected, "{what}, to `{venue}`");
        }
    }
    for venue in ["XKRX", "krx", "KR", "KRXX"] {
        let went = goes(&mut World::with_two_venues(), &at(venue, ask("A", BUY, 1)));
        assert_eq!(went, unknown, "{venue}");
    }
}

#[test]
fn the_tables_say_where_an_instrument_trades_and_in_which_order() {
    let unknown = refused(GateCode::UnknownVenue);
    let down = refused(GateCode::VenueDown);
    let rows: [(Change, &str, [&str; 3]); 5] = [
        (NOTHING, SAMSUNG, [NXT, KRX, NXT]),
        (NXT_DOWN, SAMSUNG, [KRX, KRX, &down]),
        (
            NXT_CLOSED,
            SAMSUNG,
            [KRX, KRX, &refused(GateCode::MarketClosed)],
        ),
        (NOTHING, HYNIX, [KRX, KRX, &unknown]),
        // It trades at KRX alone, so it waits for KRX.
        (KRX_DOWN, HYNIX, [&down, &down, &unknown]),
    ];
    for (change, symbol, expected) in rows {
        for (venue, expected) in ["", KRX, NXT].into_iter().zip(expected) {
            let mut world = World::of(listed(), 1 << 20);
            world.connect_all();
            change(&mut world);
            let order = Ask {
                symbol,
                ..at(venue, ask("A", BUY, 1))
            };
            assert_eq!(goes(&mut world, &order), expected, "{symbol} to `{venue}`");
        }
    }
}

/// A refused order has used its name and an OrderID(37) and holds nothing back; a name that is too
/// long to be one is a wrong field.
#[test]
fn an_unknown_venue_is_refused_like_an_unknown_symbol() {
    let mut world = World::with_two_venues();
    world.order(0, &at("XKRX", ask("A", SELL, 1_000)));
    world.order(0, &at(KRX, ask("A", SELL, 1)));
    world.order(0, &at(NXT, ask("B", SELL, 1_000)));
    world.order(0, &at("TOO-LONG-A-NAME", ask("C", SELL, 1)));
    let unknown = refused(GateCode::UnknownVenue);
    let twice = refused(GateCode::DuplicateOrder);
    assert_eq!(
        world.members[0].briefs(0),
        [unknown.as_str(), twice.as_str(), "8 0 0", "3"]
    );
    let log = &world.members[0].log;
    let told = log.iter().filter(|seen| seen.msg_type == "8");
    let ids: Vec<&str> = told.map(|seen| seen.get(tag::ORDER_ID)).collect();
    assert_eq!(ids, ["GW100000000001", "NONE", "GW100000000002"]);
    assert_eq!(log.last().unwrap().get(tag::REF_TAG_ID), "100");
    // It spent no UserRefNum of any venue.
    assert_eq!(world.sites[AT_NXT].venue.latest(), 1);
}

#[test]
fn replaces_and_cancels_go_where_the_order_is() {
    let mut world = World::with_two_venues();
    world.order(0, &at(NXT, ask("A", BUY, 10)));
    world.order(0, &at(KRX, ask("B", BUY, 10)));
    let from = world.members[0].log.len();
    world.replace(0, "A", &ask("C", BUY, 20));
    world.replace(0, "C", &at(NXT, ask("D", BUY, 30)));
    world.replace(0, "D", &at(KRX, ask("E", BUY, 40)));
    let other = format!("9 2 0 {}", GateCode::RequestMismatch.number());
    assert_eq!(world.members[0].briefs(from), ["8 5 0", "8 5 0", &other]);
    let held = &world.sites[AT_NXT].venue.live;
    assert_eq!(
        held.values().map(|held| held.total).collect::<Vec<_>>(),
        [30]
    );
    // KRX away stops nothing at NXT, and NXT's line takes nothing that is KRX's.
    world.cut_venue_at(AT_KRX, false);
    let from = world.members[0].log.len();
    world.cancel(0, "F", "B", &ask("B", BUY, 10));
    world.cancel(0, "G", "D", &ask("D", BUY, 10));
    let down = format!("9 1 0 {}", GateCode::VenueDown.number());
    assert_eq!(world.members[0].briefs(from), [&down, "8 4 4"]);
    assert!(world.sites[AT_NXT].venue.live.is_empty());
    assert_eq!(world.sites[AT_KRX].venue.live.len(), 1);
}
