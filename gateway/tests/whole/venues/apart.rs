//! What is each venue's own, be it prices, numbers, settling, buffers or lines, and the one thing
//! that is not: the shares that can be sold.

use gwanmun_captures::input::Leaving;
use gwanmun_fix::tag;
use gwanmun_market::{GateCode, MarketState};

use super::{AT_KRX, AT_NXT, at, goes};
use crate::member::refused;
use crate::restart::check_ledgers;
use crate::terms::{self, KRX, LAST, NXT, SAMSUNG, open_market, two_venues, won};
use crate::world::{Ask, BUY, SELL, World, ask};

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
