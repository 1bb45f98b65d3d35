//! Orders that could trade with one's own. R-124.

use gwanmun_fix::tag;
use gwanmun_gateway::Terms;
use gwanmun_market::{AccountConduct, GateCode, SelfTrade, WIDE_RATE};

use super::{WIDE, connected, nobody, refused, told, with, world};
use crate::tables::swap;
use crate::terms::{self, DISABLED, FUTURE, HYNIX, KRX, LAST, NXT, text};
use crate::world::{Ask, BUY, SELL, World, ask};

const MARKET: u8 = b'1';

fn at(price: i32, order: Ask<'_>) -> Ask<'_> {
    Ask { price, ..order }
}

fn market(order: Ask<'_>) -> Ask<'_> {
    Ask {
        ord_type: MARKET,
        ..order
    }
}

fn send(world: &mut World, order: Ask<'_>) -> String {
    world.order(0, &order);
    told(world)
}

#[test]
fn the_newest_goes_and_the_one_that_works_stays() {
    let no = refused(GateCode::SelfTrade);
    for (works, comes, expected) in [
        (ask("A", BUY, 5), ask("B", SELL, 5), no.as_str()),
        (ask("A", SELL, 5), ask("B", BUY, 5), &no),
        (ask("A", SELL, 5), ask("B", b'1', 5), &no),
        (ask("A", BUY, 5), ask("B", b'5', 5), &no),
        (at(LAST - 100, ask("A", BUY, 5)), ask("B", SELL, 5), "8 0 0"),
        (ask("A", BUY, 5), at(LAST + 100, ask("B", SELL, 5)), "8 0 0"),
        (at(LAST + 100, ask("A", BUY, 5)), ask("B", SELL, 5), &no),
        (
            market(ask("A", BUY, 5)),
            at(LAST + 500, ask("B", SELL, 5)),
            &no,
        ),
        (ask("A", SELL, 5), market(ask("B", BUY, 5)), &no),
        (ask("A", SELL, 5), ask("B", SELL, 5), "8 0 0"),
        (
            ask("A", SELL, 5),
            Ask {
                symbol: HYNIX,
                ..ask("B", BUY, 5)
            },
            "8 0 0",
        ),
    ] {
        let mut world = world(WIDE, &[nobody()]);
        assert_eq!(send(&mut world, works), "8 0 0");
        assert_eq!(send(&mut world, comes), expected, "{works:?} {comes:?}");
        // Once the first is off the market, the second may come.
        world.cancel(0, "X", "A", &works);
        assert_eq!(told(&world), "8 4 4");
        let again = Ask {
            cl_ord_id: "C",
            ..comes
        };
        assert_eq!(send(&mut world, again), "8 0 0");
    }
}

#[test]
fn the_refusal_names_both_prices() {
    let mut world = world(WIDE, &[nobody()]);
    send(&mut world, at(LAST - 100, ask("A", BUY, 5)));
    send(&mut world, ask("B", BUY, 5));
    send(&mut world, at(LAST - 200, ask("C", SELL, 5)));
    let last = world.members[0].log.last().unwrap();
    assert_eq!(
        last.get(tag::TEXT),
        "SELF_TRADE: limit 71600, observed 71400"
    );
    let figures = [tag::GATE_LIMIT, tag::GATE_OBSERVED].map(|tag| last.get(tag));
    assert_eq!(figures, ["716000000", "714000000"]);
    send(&mut world, market(ask("D", SELL, 5)));
    let last = world.members[0].log.last().unwrap();
    assert_eq!(last.get(tag::TEXT), "SELF_TRADE: limit 71600, observed 0");
    assert_eq!(world.entered().len(), 2);
}

/// At another venue, from another session, not yet answered, half filled: it works.
#[test]
fn what_works_is_seen_wherever_it_is() {
    let no = refused(GateCode::SelfTrade);
    let terms = with(terms::two_venues(), WIDE, WIDE_RATE, &[nobody()]);
    let mut world = connected(terms);
    world.sites[1].is_slow = true;
    let there = Ask {
        venue: NXT,
        ..ask("A", BUY, 10)
    };
    // Nothing is told before the venue answers.
    world.order(0, &there);
    let here = |name| Ask {
        venue: KRX,
        ..ask(name, SELL, 1)
    };
    assert_eq!(send(&mut world, here("B")), no);
    world.sites[1].is_slow = false;
    world.run();
    let from = world.members[1].log.len();
    world.order(1, &here("M1"));
    assert_eq!(world.members[1].briefs(from), [no.as_str()]);
    let number = world.sites[1].venue.latest();
    world.sites[1].venue.execute(number, 9);
    world.run();
    assert_eq!(send(&mut world, here("C")), no);
    world.sites[1].venue.execute(number, 1);
    world.run();
    assert_eq!(send(&mut world, here("D")), "8 0 0");
}

#[test]
fn a_replace_is_asked_and_both_its_prices_count_until_it_is_answered() {
    let mut world = world(WIDE, &[nobody()]);
    send(&mut world, at(LAST - 200, ask("A", BUY, 5)));
    send(&mut world, at(LAST + 200, ask("S", SELL, 5)));
    world.replace(0, "A", &at(LAST + 200, ask("B", BUY, 5)));
    assert_eq!(
        told(&world),
        format!("9 2 0 {}", GateCode::SelfTrade.number())
    );
    world.sites[0].is_slow = true;
    // Down from 400 above: whichever way the answer falls, a buy at 300 above may meet it.
    let number = world.sites[0].venue.latest();
    assert!(number > 0);
    world.replace(0, "S", &at(LAST + 400, ask("T", SELL, 5)));
    let no = refused(GateCode::SelfTrade);
    assert_eq!(send(&mut world, at(LAST + 300, ask("C", BUY, 5))), no);
    world.sites[0].is_slow = false;
    world.run();
    assert_eq!(told(&world), "8 5 0");
    assert_eq!(send(&mut world, at(LAST + 300, ask("D", BUY, 5))), "8 0 0");
    // Its own side never stands in a replace's way.
    world.replace(0, "T", &at(LAST + 500, ask("U", SELL, 7)));
    assert_eq!(told(&world), "8 5 0");
}

/// The books are a function of the orders: a restart, from a snapshot too, has them.
#[test]
fn a_restart_knows_what_works() {
    let mut world = world(WIDE, &[nobody()]);
    send(&mut world, ask("A", BUY, 5));
    send(&mut world, at(LAST - 100, ask("B", BUY, 5)));
    let no = refused(GateCode::SelfTrade);
    for (round, lost) in [(0, false), (1, true)] {
        world.restart(lost);
        let name = format!("S{round}");
        assert_eq!(send(&mut world, ask(&name, SELL, 1)), no);
    }
    world.cancel(0, "C", "A", &ask("A", BUY, 5));
    world.restart(false);
    assert_eq!(send(&mut world, ask("D", SELL, 1)), "8 0 0");
    assert_eq!(send(&mut world, at(LAST - 100, ask("E", SELL, 1))), no);
}

fn two_accounts(conduct: [SelfTrade; 2]) -> World {
    let terms = terms::terms();
    let mut accounts = terms.tables.accounts().to_vec();
    for account in &mut accounts {
        account.is_enabled = true;
    }
    let (instruments, holdings) = (terms.tables.instruments(), terms.tables.holdings());
    let tables = gwanmun_gateway::Tables::new(accounts, instruments.to_vec(), holdings.to_vec());
    let limits: Vec<_> = terms.tables.limits().copied().collect();
    let tables = tables
        .and_then(|tables| tables.with_limits(&limits))
        .and_then(gwanmun_gateway::Tables::with_wide_exposure);
    let [one, other] = conduct.map(|self_trade| AccountConduct {
        self_trade,
        ..nobody()
    });
    let other = AccountConduct {
        account: text(DISABLED),
        ..other
    };
    let bare = Terms {
        tables: tables.unwrap(),
        ..terms
    };
    connected(with(bare, WIDE, WIDE_RATE, &[one, other]))
}

#[test]
fn a_group_is_as_one_account_and_an_omnibus_account_may() {
    let group = |name: &str| SelfTrade::Group(text(name));
    let no = refused(GateCode::SelfTrade);
    for (conduct, with_other, with_own) in [
        ([SelfTrade::Own; 2], "8 0 0", no.as_str()),
        ([group("X"); 2], &no, &no),
        ([group("X"), group("Y")], "8 0 0", &no),
        ([SelfTrade::Allowed; 2], "8 0 0", "8 0 0"),
        ([SelfTrade::Own, SelfTrade::Allowed], "8 0 0", &no),
    ] {
        let mut world = two_accounts(conduct);
        let future = |name, side| Ask {
            symbol: FUTURE,
            price: 350,
            ..ask(name, side, 1)
        };
        assert_eq!(send(&mut world, future("A", BUY)), "8 0 0");
        let other = Ask {
            account: DISABLED,
            ..future("B", SELL)
        };
        assert_eq!(send(&mut world, other), with_other, "{conduct:?}");
        assert_eq!(send(&mut world, future("C", SELL)), with_own, "{conduct:?}");
    }
}

/// What works already is put to the groups of other tables while the day runs.
#[test]
fn other_tables_group_the_orders_that_work() {
    let no = refused(GateCode::SelfTrade);
    let grouped = AccountConduct {
        self_trade: SelfTrade::Group(text("DESK")),
        ..nobody()
    };
    let mut world = world(WIDE, &[grouped]);
    assert_eq!(send(&mut world, ask("A", BUY, 5)), "8 0 0");
    assert_eq!(send(&mut world, ask("B", SELL, 5)), no);
    swap(&mut world, " DESK ", " %allowed ");
    assert_eq!(send(&mut world, ask("C", SELL, 5)), "8 0 0");
    swap(&mut world, " %allowed ", " OTHER ");
    for (name, side) in [("D", SELL), ("E", BUY)] {
        assert_eq!(send(&mut world, ask(name, side, 5)), no, "{name}");
    }
}
