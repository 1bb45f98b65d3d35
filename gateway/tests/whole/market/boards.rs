//! Kinds of order by board and phase, stages of the daily limit, foreign quotas.

use gwanmun_market::{
    AccountMarks, Board, GateCode, HaltKind, MarketRules, MarketState, OrdType, OrderKinds, Phase,
    Price, TimeInForce, VenueRule,
};

use super::{KRX, NEW, NXT, all, both_enabled, halt, marked, terms, told, world};
use crate::member::refused;
use crate::terms::{ACCOUNT, DISABLED, FUTURE, LAST, SAMSUNG, open_market, text, won};
use crate::world::{Ask, BUY, SELL, World, ask};

/// Nextrade's pre-market takes limit orders alone; KRX lets orders into an interruption's auction.
fn ruled() -> World {
    let day = |set: OrderKinds, ord_type| set.with(ord_type, TimeInForce::Day);
    let limit_day = day(OrderKinds::NONE, OrdType::Limit);
    let pre = VenueRule {
        board: Board::Pre,
        order_kinds: limit_day,
        auction_order_kinds: OrderKinds::NONE,
        takes_orders_in_vi: false,
    };
    let regular = VenueRule {
        board: Board::Regular,
        order_kinds: OrderKinds::ALL,
        auction_order_kinds: day(limit_day, OrdType::Market),
        takes_orders_in_vi: true,
    };
    let mut terms = terms();
    terms.tables = terms
        .tables
        .with_venue_rule(1, pre)
        .and_then(|tables| tables.with_venue_rule(0, regular))
        .unwrap();
    world(terms)
}

#[test]
fn each_board_takes_its_kinds_at_its_venue() {
    let mut world = ruled();
    let kind = refused(GateCode::BoardOrderKind);
    let missing = refused(GateCode::VenueRuleMissing);
    let on = |board, phase| MarketState {
        board,
        phase,
        theoretical: Some(won(LAST)),
        theoretical_qty: 10,
        ..open_market()
    };
    let order = |name, venue, ord_type, time_in_force| Ask {
        venue,
        ord_type,
        time_in_force,
        ..ask(name, BUY, 1)
    };
    let (open, auction) = (Phase::Continuous, Phase::ClosingAuction);
    for (name, site, board, phase, ord_type, time_in_force, expected) in [
        ("A", NXT, Board::Pre, open, b'2', b'0', NEW),
        ("B", NXT, Board::Pre, open, b'1', b'0', &kind),
        ("C", NXT, Board::Pre, open, b'2', b'3', &kind),
        ("D", NXT, Board::Pre, auction, b'2', b'0', &kind),
        ("E", NXT, Board::After, open, b'2', b'0', &missing),
        ("F", NXT, Board::Regular, open, b'1', b'3', NEW),
        ("G", KRX, Board::Regular, open, b'2', b'4', NEW),
        ("H", KRX, Board::Regular, auction, b'2', b'4', &kind),
        ("I", KRX, Board::Regular, auction, b'1', b'0', NEW),
        ("J", KRX, Board::Pre, open, b'2', b'0', &missing),
    ] {
        world.tell_market_at(site, SAMSUNG, on(board, phase));
        let venue = ["KRX", "NXT"][site];
        let order = order(name, venue, ord_type, time_in_force);
        assert_eq!(told(&mut world, &order), expected, "{name}");
    }
    // What reduces risk is the venue's to judge where nobody said; a cancel is never asked.
    let sale = Ask {
        venue: "KRX",
        ..ask("K", SELL, 1)
    };
    assert_eq!(told(&mut world, &sale), NEW);
    world.cancel(0, "L", "G", &order("G", "KRX", b'2', b'0'));
    assert_eq!(world.members[0].log.last().unwrap().brief(), "8 4 4");
}

#[test]
fn an_interruptions_auction_takes_orders_where_the_rule_says_so() {
    let mut world = ruled();
    let no = refused(GateCode::VolatilityInterruption);
    for site in [KRX, NXT] {
        world.tell_halt(site, halt(HaltKind::VolatilityInterruption, all(), 1));
    }
    let at = |venue, name| Ask {
        venue,
        ..ask(name, BUY, 1)
    };
    assert_eq!(told(&mut world, &at("KRX", "A")), no);
    for site in [KRX, NXT] {
        let gathers = MarketState {
            phase: Phase::ClosingAuction,
            ..open_market()
        };
        world.tell_market_at(site, SAMSUNG, gathers);
    }
    assert_eq!(told(&mut world, &at("KRX", "B")), NEW);
    assert_eq!(told(&mut world, &at("NXT", "C")), no);
}

/// 8, 15 and 20 % of 350.00, with a collar that does not reach so far in.
#[test]
fn the_limits_stage_is_the_one_that_the_venue_told() {
    let mut terms = terms();
    let symbol = text(FUTURE);
    let mut instruments = terms.tables.instruments().to_vec();
    for row in &mut instruments {
        row.daily_limit.bps = 800;
        row.daily_limit.width_min = Price::ZERO;
        row.collar_bps = 3_000;
    }
    let rules = MarketRules {
        limit_stages_bps: [1_500, 2_000],
        ..MarketRules::NONE
    };
    let accounts = terms.tables.accounts().to_vec();
    let limits: Vec<_> = terms.tables.limits().copied().collect();
    terms.tables = gwanmun_gateway::Tables::new(accounts, instruments, Vec::new())
        .and_then(|tables| tables.with_limits(&limits))
        .and_then(gwanmun_gateway::Tables::with_wide_conduct)
        .and_then(gwanmun_gateway::Tables::with_wide_exposure)
        .and_then(|tables| tables.with_rules(symbol, rules))
        .unwrap();
    let mut world = world(terms);
    let no = refused(GateCode::DailyLimit);
    let state = |low, high| MarketState {
        base: Some(won(350)),
        last: Some(won(350)),
        limit_stage_low: low,
        limit_stage_high: high,
        ..open_market()
    };
    // 378, 402.50 and 420 upwards, 322, 297.50 and 280 downwards.
    for (name, stages, price, expected) in [
        ("A", (1, 1), 378, NEW),
        ("B", (1, 1), 379, &no),
        ("C", (0, 0), 379, &no),
        ("D", (1, 2), 402, NEW),
        ("E", (1, 2), 403, &no),
        ("F", (1, 2), 321, &no),
        ("G", (1, 3), 420, NEW),
        ("H", (1, 3), 421, &no),
        ("I", (3, 1), 280, NEW),
        ("J", (3, 1), 279, &no),
    ] {
        world.tell_market(FUTURE, state(stages.0, stages.1));
        let order = Ask {
            symbol: FUTURE,
            price,
            ..ask(name, BUY, 1)
        };
        assert_eq!(told(&mut world, &order), expected, "{name}");
    }
    // The figures are prices, and Text(58) shows them so.
    let text = world.members[0].log.last().unwrap().get(58).to_owned();
    assert_eq!(text, "DAILY_LIMIT: limit 280, observed 279");
}

/// two foreign accounts and one quota of 100.
#[test]
fn foreign_accounts_share_what_the_venue_told() {
    let foreign = AccountMarks {
        is_foreign: true,
        is_programme: false,
    };
    let limited = MarketRules {
        has_foreign_limit: true,
        ..MarketRules::NONE
    };
    let mut terms = both_enabled();
    for account in [ACCOUNT, DISABLED] {
        terms = marked(terms, account, foreign);
    }
    terms.tables = terms.tables.with_rules(text(SAMSUNG), limited).unwrap();
    let mut world = world(terms);
    let (no, unknown) = (
        refused(GateCode::ForeignQuota),
        refused(GateCode::ForeignQuotaUnknown),
    );
    let room = |room| MarketState {
        foreign_room: Some(room),
        ..open_market()
    };
    let of = |account, name, qty| Ask {
        account,
        ..ask(name, BUY, qty)
    };
    assert_eq!(told(&mut world, &of(ACCOUNT, "A", 1)), unknown);
    world.tell_market(SAMSUNG, room(100));
    assert_eq!(told(&mut world, &of(ACCOUNT, "B", 60)), NEW);
    assert_eq!(told(&mut world, &of(DISABLED, "C", 41)), no);
    let limit = world.members[0].log.last().unwrap().get(20_111).to_owned();
    assert_eq!(limit, "40");
    assert_eq!(told(&mut world, &of(DISABLED, "D", 40)), NEW);
    // A fill takes room for good, a cancel gives it back, at either venue.
    let number = world.sites[KRX].venue.latest();
    world.sites[KRX].venue.execute(number, 30);
    world.run();
    assert_eq!(told(&mut world, &of(ACCOUNT, "E", 1)), no);
    world.cancel(0, "F", "D", &of(DISABLED, "D", 40));
    let at_nxt = |name, qty| Ask {
        venue: "NXT",
        ..of(ACCOUNT, name, qty)
    };
    assert_eq!(told(&mut world, &at_nxt("G", 11)), no);
    assert_eq!(told(&mut world, &at_nxt("H", 10)), NEW);
    // A replace counts with what it adds.
    let from = world.members[0].log.len();
    world.replace(0, "B", &of(ACCOUNT, "I", 61));
    world.replace(0, "B", &of(ACCOUNT, "J", 60));
    let code = GateCode::ForeignQuota.number();
    let briefs = world.members[0].briefs(from);
    assert_eq!(briefs, [format!("9 2 0 {code}"), "8 5 0".to_owned()]);
    // Sales are no matter of the quota.
    assert_eq!(told(&mut world, &ask("K", SELL, 500)), NEW);
    // After a restart what works counts as before, and the quota is told anew.
    world.crash(false);
    for site in [KRX, NXT] {
        world.connect_venue_at(site);
        world.connect_feed_at(site);
        world.tell_market_at(site, SAMSUNG, open_market());
    }
    world.connect_member(0, false);
    assert_eq!(told(&mut world, &of(ACCOUNT, "L", 1)), unknown);
    world.tell_market(SAMSUNG, room(80));
    assert_eq!(told(&mut world, &of(ACCOUNT, "M", 11)), no);
    assert_eq!(told(&mut world, &of(ACCOUNT, "N", 10)), NEW);
}
