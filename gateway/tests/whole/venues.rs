//! Two venues: which of them an order goes to, and that each is by itself in everything but the
//! holdings.

use gwanmun_captures::input::Leaving;
use gwanmun_fix::tag;
use gwanmun_gateway::Terms;
use gwanmun_market::{GateCode, MarketState, Phase};

use crate::restart::check_ledgers;
use crate::terms::{self, HYNIX, KRX, LAST, NXT, SAMSUNG, open_market, text, two_venues, won};
use crate::venue::Mood;
use crate::world::{Ask, BUY, SELL, World, ask};

const AT_KRX: usize = 0;
const AT_NXT: usize = 1;

fn at<'a>(venue: &'a str, order: Ask<'a>) -> Ask<'a> {
    Ask { venue, ..order }
}

fn refused(code: GateCode) -> String {
    format!("8 8 8 {}", code.number())
}

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

/// Where the next order of `asked` goes: the venue's name, or what the member is told instead.
fn goes(world: &mut World, asked: &Ask<'_>) -> String {
    let entered = |world: &World| {
        let of = |site: usize| world.sites[site].venue.entered.len();
        [of(AT_KRX), of(AT_NXT)]
    };
    let (before, from) = (entered(world), world.members[0].log.len());
    world.order(0, asked);
    let after = entered(world);
    let told = world.members[0].log[from..].to_vec();
    assert_eq!(told.len(), 1, "{told:?}");
    let is_new = told[0].brief() == "8 0 0";
    let name = match (after[0] - before[0], after[1] - before[1]) {
        (1, 0) => KRX,
        (0, 1) => NXT,
        (0, 0) => {
            assert!(!is_new);
            assert_eq!(told[0].get(tag::LAST_MKT), "");
            return told[0].brief();
        }
        twice => panic!("at both: {twice:?}"),
    };
    assert!(is_new, "{told:?}");
    assert_eq!(told[0].get(tag::LAST_MKT), name);
    // FIX 4.4 has none in a report.
    assert_eq!(told[0].get(tag::EX_DESTINATION), "");
    name.to_owned()
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

/// reference prices are each venue's own.
#[test]
fn the_collar_measures_by_the_prices_of_the_orders_venue() {
    let mut world = World::with_two_venues();
    let dearer = MarketState {
        last: Some(won(80_000)),
        best_bid: None,
        best_ask: None,
        ..open_market()
    };
    world.tell_market_at(AT_NXT, SAMSUNG, dearer);
    let priced = |name, venue, price| Ask {
        price,
        ..at(venue, ask(name, BUY, 1))
    };
    let collar = refused(GateCode::PriceCollar);
    for (name, venue, price, expected) in [
        ("A", NXT, 80_000, NXT),
        ("B", KRX, 80_000, &collar),
        ("C", NXT, LAST, &collar),
        ("D", KRX, LAST, KRX),
        ("E", "", 80_000, &collar),
    ] {
        let went = goes(&mut world, &priced(name, venue, price));
        assert_eq!(went, expected, "{name}");
    }
    // A replace is measured where the order is.
    let from = world.members[0].log.len();
    world.replace(0, "A", &priced("F", "", 80_100));
    world.replace(0, "D", &priced("G", "", 80_100));
    assert_eq!(
        world.members[0].briefs(from),
        [
            "8 5 0".to_owned(),
            format!("9 2 0 {}", GateCode::PriceCollar.number())
        ]
    );
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

/// Both venues count from 1: what one says about a number is about its own order.
#[test]
fn the_numbers_of_one_venue_say_nothing_about_the_other() {
    let mut world = World::with_two_venues();
    world.order(0, &at(KRX, ask("A", BUY, 10)));
    world.order(0, &at(NXT, ask("B", SELL, 20)));
    world.order(0, &at(NXT, ask("C", SELL, 30)));
    for site in &world.sites {
        assert!(site.venue.live.contains_key(&1));
    }
    let from = world.members[0].log.len();
    world.sites[AT_NXT].venue.execute(1, 5);
    world.sites[AT_KRX].venue.execute(1, 10);
    world.sites[AT_NXT].venue.execute(2, 30);
    world.run();
    let mut told: Vec<_> = world.members[0].log[from..]
        .iter()
        .map(|seen| {
            let venue = seen.get(tag::LAST_MKT).to_owned();
            (seen.get(tag::CL_ORD_ID).to_owned(), seen.brief(), venue)
        })
        .collect();
    told.sort();
    let expected = [
        ("A", "8 F 2", KRX),
        ("B", "8 F 1", NXT),
        ("C", "8 F 2", NXT),
    ];
    let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
    assert_eq!(told, expected);
    // A number that only the other venue gave out is no order of this one.
    let from = world.members[0].log.len();
    world.sites[AT_KRX].venue.report_execution(2, 30, won(LAST));
    world.sites[AT_KRX].venue.report_cancel_reject(2);
    world.run();
    assert_eq!(world.members[0].log.len(), from);
    world.check();
}

/// One position: what works at one venue is not there to be sold at the other.
#[test]
fn the_same_shares_cannot_be_sold_at_both_venues() {
    let mut world = World::with_two_venues();
    let over = refused(GateCode::SellableBalance);
    assert_eq!(goes(&mut world, &at(KRX, ask("A", SELL, 600))), KRX);
    assert_eq!(goes(&mut world, &at(NXT, ask("B", SELL, 401))), over);
    let left = world.members[0]
        .log
        .last()
        .unwrap()
        .get(tag::GATE_LIMIT)
        .to_owned();
    assert_eq!(left, "400");
    assert_eq!(goes(&mut world, &at(NXT, ask("C", SELL, 400))), NXT);
    assert_eq!(goes(&mut world, &at(KRX, ask("D", SELL, 1))), over);
    assert_eq!(goes(&mut world, &at(NXT, ask("E", SELL, 1))), over);
    // Sold at one: gone at both. Bought at one: there at the other. Canceled at one: free again.
    world.sites[AT_KRX].venue.execute(1, 600);
    world.run();
    assert_eq!(goes(&mut world, &at(NXT, ask("F", SELL, 1))), over);
    assert_eq!(goes(&mut world, &at(NXT, ask("G", BUY, 50))), NXT);
    let bought = world.sites[AT_NXT].venue.latest();
    world.sites[AT_NXT].venue.execute(bought, 50);
    world.run();
    assert_eq!(goes(&mut world, &at(KRX, ask("H", SELL, 51))), over);
    assert_eq!(goes(&mut world, &at(KRX, ask("I", SELL, 50))), KRX);
    world.cancel(0, "J", "C", &ask("C", SELL, 400));
    assert_eq!(goes(&mut world, &at(KRX, ask("K", SELL, 401))), over);
    assert_eq!(goes(&mut world, &at(KRX, ask("L", SELL, 400))), KRX);
    assert!(world.sold_at_most(SAMSUNG) <= terms::HOLDING);
}

/// A venue's reports after its line came back are about its own orders; the other one, whose orders
/// are unanswered too, is not settled with them and goes on meanwhile.
#[test]
fn a_venue_settles_by_itself() {
    let mut world = World::with_two_venues();
    for site in &mut world.sites {
        site.is_slow = true;
    }
    world.order(0, &at(KRX, ask("A", BUY, 10)));
    world.order(0, &at(NXT, ask("B", BUY, 10)));
    world.cut_venue_at(AT_KRX, true);
    world.connect_venue_at(AT_KRX);
    assert!(!world.is_up_at(AT_KRX) && world.is_up_at(AT_NXT));
    // While KRX settles NXT trades: by choice and by instruction.
    world.order(0, &ask("C", BUY, 10));
    world.order(0, &at(NXT, ask("D", BUY, 10)));
    world.order(0, &at(KRX, ask("E", BUY, 10)));
    assert_eq!(world.sites[AT_NXT].venue.requests_waiting(), 3);
    let from = world.members[0].log.len() - 1;
    world.sites[AT_KRX].is_slow = false;
    world.run();
    assert!(world.is_up_at(AT_KRX));
    let never = refused(GateCode::NeverArrived);
    let down = refused(GateCode::VenueDown);
    assert_eq!(world.members[0].briefs(from), [down, never]);
    world.sites[AT_NXT].is_slow = false;
    world.run();
    assert_eq!(world.members[0].briefs(from + 2), ["8 0 0"; 3]);
    assert_eq!(goes(&mut world, &ask("F", BUY, 10)), KRX);
    check_ledgers(&world, &["A", "B", "C", "D", "E", "F"]);
    // And the other way round.
    world.sites[AT_NXT].is_slow = true;
    world.order(0, &at(NXT, ask("G", BUY, 10)));
    world.sites[AT_KRX].is_slow = true;
    world.order(0, &at(KRX, ask("H", BUY, 10)));
    world.cut_venue_at(AT_NXT, true);
    world.sites[AT_NXT].is_slow = false;
    let from = world.members[0].log.len();
    world.connect_venue_at(AT_NXT);
    assert_eq!(
        world.members[0].briefs(from),
        [refused(GateCode::NeverArrived)]
    );
    world.sites[AT_KRX].is_slow = false;
    world.run();
    check_ledgers(&world, &["A", "B", "C", "D", "E", "F", "G", "H"]);
}

/// Send buffers are each venue's own.
#[test]
fn a_venue_that_does_not_read_is_busy_and_the_other_is_not() {
    let mut terms = two_venues();
    terms.limits.queued_bytes_max = 256;
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    let line = world.sites[AT_KRX].order_line.unwrap();
    world.held_sockets.push(line);
    let names: Vec<String> = (0..8).map(|number| format!("A{number}")).collect();
    for name in &names {
        world.order(0, &at(KRX, ask(name, BUY, 1)));
    }
    let busy = refused(GateCode::VenueBusy);
    assert_eq!(world.members[0].log.last().unwrap().brief(), busy);
    assert_eq!(goes(&mut world, &at(NXT, ask("B", BUY, 1))), NXT);
    world.release(line);
    let told = goes(&mut world, &at(KRX, ask("C", BUY, 1)));
    assert_eq!(told, KRX);
}

#[test]
fn a_stop_logs_out_of_every_venue_that_is_there() {
    for is_one_away in [false, true] {
        let mut world = World::with_two_venues();
        if is_one_away {
            world.cut_venue_at(AT_KRX, false);
        }
        world.leave(Leaving::Members);
        world.say(0, "5", |_| {});
        world.say(1, "5", |_| {});
        world.leave(Leaving::Venues);
        let told: Vec<bool> = world
            .sites
            .iter()
            .map(|site| site.venue.has_logged_out)
            .collect();
        assert_eq!(told, [!is_one_away, true]);
        for site in &world.sites {
            assert!(site.order_line.is_none() && site.feed_line.is_none());
        }
    }
}

/// A fault of one venue's line is that venue's.
#[test]
fn a_line_given_up_is_told_of_its_venue_alone() {
    let mut world = World::with_two_venues();
    let line = world.sites[AT_NXT].order_line.unwrap();
    world.receive(line, b"\x00\x05Qnope");
    world.run();
    assert_eq!(world.sites[AT_NXT].order_line, None);
    assert!(world.is_up_at(AT_KRX) && !world.is_up_at(AT_NXT));
    assert!(world.gateway.take_venue_fault(0).is_none());
    assert!(world.gateway.take_venue_fault(1).is_some());
    let feed = world.sites[AT_KRX].feed_line.unwrap();
    world.receive(feed, b"\x00\x05Qnope");
    world.run();
    assert!(world.gateway.take_feed_fault(0).is_some());
    assert!(world.gateway.take_feed_fault(1).is_none());
    assert!(!world.gateway.feed_tells(0) && world.gateway.feed_tells(1));
    world.connect_feed_at(AT_KRX);
    assert!(!world.gateway.feed_tells(0));
    world.tell_market_at(AT_KRX, SAMSUNG, open_market());
    assert!(world.gateway.feed_tells(0));
    assert!(world.is_up_at(AT_KRX));
}

/// D, F and G of the script below.
const REQUESTS: [&str; 10] = ["A", "B", "C", "D", "E", "R1", "R2", "X1", "F", "X2"];

/// Orders in many states at both venues, whose answers cross.
fn play(world: &mut World) {
    let step = |world: &mut World, site: usize| {
        if world.sites[site].venue.step() {
            world.run();
        }
    };
    for site in &mut world.sites {
        site.is_slow = true;
    }
    world.order(0, &at(KRX, ask("A", BUY, 10)));
    world.order(0, &at(NXT, ask("B", SELL, 100)));
    step(world, AT_NXT);
    world.order(0, &ask("C", SELL, 901));
    world.order(0, &at(KRX, ask("D", SELL, 900)));
    step(world, AT_KRX);
    step(world, AT_KRX);
    if world.sites[AT_NXT].venue.live.len() == 1 {
        let number = world.sites[AT_NXT].venue.latest();
        world.sites[AT_NXT].venue.execute(number, 40);
        world.run();
    }
    world.replace(0, "B", &ask("R1", SELL, 90));
    world.replace(0, "A", &ask("R2", BUY, 30));
    world.cancel(0, "X1", "D", &ask("D", SELL, 900));
    step(world, AT_KRX);
    world.sites[AT_NXT].venue.mood = Mood::Refuses;
    step(world, AT_NXT);
    world.order(0, &at("NONE", ask("E", BUY, 10)));
    world.order(0, &at(NXT, ask("F", BUY, 5)));
    world.cancel(0, "X2", "R2", &ask("A", BUY, 10));
    for site in &mut world.sites {
        site.venue.mood = Mood::Takes;
        site.is_slow = false;
    }
    world.run();
}

#[test]
fn the_script_of_two_venues_is_in_order() {
    let mut world = World::with_two_venues();
    play(&mut world);
    check_ledgers(&world, &REQUESTS);
    assert_eq!(world.sites[AT_KRX].venue.entered.len(), 2);
    assert_eq!(world.sites[AT_NXT].venue.entered.len(), 2);
}

/// `nothing_sent_twice` at both venues, whichever record the process dies at.
#[test]
fn nothing_is_sent_twice_to_either_venue() {
    let mut world = World::with_two_venues();
    let before = world.edge.record_count();
    play(&mut world);
    let records = world.edge.record_count() - before;
    assert!(records > 50);
    for are_outputs_lost in [false, true] {
        for at in 0..=records {
            let mut world = World::with_two_venues();
            world.is_checked = false;
            world.edge.records_left = Some(at);
            play(&mut world);
            world.crash(are_outputs_lost);
            world.edge.records_left = Some(at % 17);
            world.connect_all();
            world.edge.records_left = None;
            if world.edge.is_stopped {
                world.crash(are_outputs_lost);
                world.connect_all();
            }
            assert!(world.is_up_at(AT_KRX) && world.is_up_at(AT_NXT));
            check_ledgers(&world, &REQUESTS);
        }
    }
}

/// A venue that is added behind the others goes on from a day that did not know it.
#[test]
fn a_venue_may_be_added_within_the_day() {
    let mut world = World::new();
    world.order(0, &ask("A", SELL, 600));
    world.terms = two_venues();
    world.sites.push(crate::world::Site::new());
    world.restart(false);
    let over = refused(GateCode::SellableBalance);
    assert_eq!(goes(&mut world, &at(NXT, ask("B", SELL, 401))), over);
    assert_eq!(goes(&mut world, &at(NXT, ask("C", SELL, 400))), NXT);
    world.cancel(0, "X", "A", &ask("A", SELL, 600));
    check_ledgers(&world, &["A", "B", "C", "X"]);
    world.restart(true);
    assert_eq!(goes(&mut world, &at(KRX, ask("D", SELL, 600))), KRX);
    check_ledgers(&world, &["A", "B", "C", "X", "D"]);
}
