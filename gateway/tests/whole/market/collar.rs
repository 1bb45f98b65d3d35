//! What the collar is for, from the member's bytes to the venue's: a single share that printed 30 %
//! off, a closing auction that filled a call at twice its value, and crude oil below zero.

use gwanmun_fix::tag;
use gwanmun_gateway::{Tables, Terms};
use gwanmun_market::{
    Band, GateCode, Instrument, MarketRules, MarketState, OrderLimits, Phase, Price, ProductKind,
    TickTableId, Tier,
};

use super::{KRX, NEW, NXT, terms, told, world};
use crate::member::refused;
use crate::terms::{ACCOUNT, LAST, SAMSUNG, fix_venue, open_market, text, won};
use crate::world::{Ask, BUY, SELL, World, ask};

const CALL: &str = "201R9265";
const CRUDE: &str = "CLK0";

/// With a call and a crude oil future; references are of ten at least, ten minutes old at most.
fn with_products(mut terms: Terms) -> Terms {
    let share = terms.tables.instruments()[0];
    let call = Instrument {
        symbol: text(CALL),
        kind: ProductKind::Option,
        tick_table: TickTableId::K200Option,
        base_price: price("31.05"),
        collar_bps: 2_000,
        collar_width_min: price("0.50"),
        daily_limit: Band {
            bps: 3_000,
            width_min: price("60"),
        },
        multiplier: 500_000,
        ..share
    };
    let crude = Instrument {
        symbol: text(CRUDE),
        kind: ProductKind::Spread,
        tick_table: TickTableId::Cent,
        base_price: price("18.27"),
        collar_bps: 1_000,
        collar_width_min: price("5"),
        may_be_negative: true,
        daily_limit: Band {
            bps: 3_000,
            width_min: price("100"),
        },
        multiplier: 1_000,
        ..share
    };
    let mut instruments = terms.tables.instruments().to_vec();
    instruments.extend([call, crude]);
    let holdings = terms.tables.holdings().to_vec();
    let wide = |kind| OrderLimits::wide(Tier::LOWEST, kind);
    let accounts = terms.tables.accounts().to_vec();
    let mut tables = Tables::new(accounts, instruments, holdings)
        .and_then(|tables| tables.with_limits(&ProductKind::ALL.map(wide)))
        .and_then(Tables::with_wide_conduct)
        .and_then(Tables::with_wide_exposure)
        .unwrap();
    let rules = MarketRules {
        reference_qty_min: 10,
        last_max_age_ns: 600_000_000_000,
        ..MarketRules::NONE
    };
    for symbol in [SAMSUNG, CALL, CRUDE] {
        tables = tables.with_rules(text(symbol), rules).unwrap();
    }
    terms.tables = tables;
    terms
}

fn price(text: &str) -> Price {
    Price::parse(text.as_bytes()).unwrap()
}

/// A limit order at a decimal price; what the member is told.
fn asked(world: &mut World, (name, side): (&str, u8), symbol: &str, at: &str) -> String {
    let (now_ns, from) = (world.now_ns, world.members[0].log.len());
    world.say(0, "D", |writer| {
        writer
            .bytes(tag::CL_ORD_ID, name.as_bytes())
            .bytes(tag::ACCOUNT, ACCOUNT.as_bytes())
            .bytes(tag::SYMBOL, symbol.as_bytes())
            .char(tag::SIDE, side)
            .timestamp(tag::TRANSACT_TIME, now_ns)
            .uint(tag::ORDER_QTY, 302)
            .char(tag::ORD_TYPE, b'2')
            .bytes(tag::PRICE, at.as_bytes());
    });
    world.members[0].briefs(from).join(",")
}

/// 27 March 2025: single shares at Nextrade's opening, 30 % above and below the base price.
#[test]
fn a_single_share_thirty_percent_off_moves_nothing() {
    let mut world = world(with_products(terms()));
    let no = refused(GateCode::PriceCollar);
    let printed = |whole, qty| MarketState {
        last: Some(won(whole)),
        last_qty: qty,
        last_at_ns: 1,
        ..open_market()
    };
    let at_nxt = |name, side, price| Ask {
        venue: "NXT",
        price,
        ..ask(name, side, 1)
    };
    // 30 % up, and the venue's quotes with it: 93,000 on a base of 71,600.
    let quoted = MarketState {
        best_bid: Some(won(92_900)),
        best_bid_qty: 9,
        best_ask: Some(won(93_000)),
        best_ask_qty: 1_000,
        ..printed(93_000, 1)
    };
    world.tell_market_at(NXT, SAMSUNG, quoted);
    assert_eq!(told(&mut world, &at_nxt("A", BUY, 93_000)), no);
    assert_eq!(told(&mut world, &at_nxt("B", BUY, LAST)), NEW);
    // And 30 % down, to be sold into.
    world.tell_market_at(NXT, SAMSUNG, printed(50_200, 1));
    assert_eq!(told(&mut world, &at_nxt("C", SELL, 50_200)), no);
    assert_eq!(told(&mut world, &at_nxt("D", SELL, LAST)), NEW);
    // A round lot is the market's word, and a single share behind it is not.
    world.tell_market_at(NXT, SAMSUNG, printed(80_000, 10));
    assert_eq!(told(&mut world, &at_nxt("E", BUY, 80_000)), NEW);
    world.tell_market_at(NXT, SAMSUNG, printed(93_000, 9));
    assert_eq!(told(&mut world, &at_nxt("F", BUY, 93_000)), no);
    assert_eq!(told(&mut world, &at_nxt("G", BUY, 80_100)), NEW);
    assert_eq!(world.sites[NXT].venue.entered.len(), 4);
}

/// 1 September 2014: 302 lots of a call worth 31.05 filled at 66.80 in the closing auction, where
/// the exchange's own band is off.
#[test]
fn a_closing_auction_fills_no_call_at_twice_its_value() {
    let no = refused(GateCode::PriceCollar);
    let closing = MarketState {
        phase: Phase::ClosingAuction,
        base: Some(price("31.05")),
        best_bid: None,
        best_ask: None,
        ..open_market()
    };
    let expecting = |at: &str, qty| MarketState {
        theoretical: Some(price(at)),
        theoretical_qty: qty,
        ..closing
    };
    let far_last = MarketState {
        last: Some(price("66.80")),
        last_qty: 302,
        last_at_ns: 1,
        ..closing
    };
    for (what, state) in [
        ("nothing expected yet", closing),
        ("its value expected", expecting("31.05", 50)),
        (
            "an odd lot expected at the far price",
            expecting("66.80", 1),
        ),
        ("the last trade at the far price", far_last),
    ] {
        let mut world = world(with_products(terms()));
        world.tell_market(CALL, state);
        assert_eq!(asked(&mut world, ("A", BUY), CALL, "66.80"), no, "{what}");
        assert_eq!(asked(&mut world, ("B", SELL), CALL, "0.01"), no, "{what}");
        assert_eq!(world.entered(), [], "{what}");
        assert_eq!(asked(&mut world, ("C", BUY), CALL, "31.05"), NEW, "{what}");
    }
}

/// A last trade of hours ago: where the quotes stand close they count, else the base price.
#[test]
fn a_stale_last_price_is_no_reference() {
    let mut world = world(with_products(terms()));
    let no = refused(GateCode::PriceCollar);
    let state = |bid: Option<&str>, ask: Option<&str>| MarketState {
        base: Some(price("31.05")),
        last: Some(price("66.80")),
        last_qty: 302,
        last_at_ns: 1,
        best_bid: bid.map(price),
        best_bid_qty: 10,
        best_ask: ask.map(price),
        best_ask_qty: 10,
        ..open_market()
    };
    world.tell_market(CALL, state(None, None));
    assert_eq!(asked(&mut world, ("A", BUY), CALL, "66.80"), NEW);
    // The feed lives and the instrument does not.
    let mut number = 0;
    let wait = |world: &mut World| {
        for _ in 0..601 {
            world.now_ns += 1_000_000_000;
            world.tell_market(SAMSUNG, open_market());
        }
        world.is_checked = true;
    };
    world.is_checked = false;
    wait(&mut world);
    for (bid, ask, at, expected) in [
        (None, None, "66.80", &no),
        (None, None, "31.05", &NEW.to_owned()),
        (Some("45.00"), Some("46.00"), "45.50", &NEW.to_owned()),
        (Some("45.00"), Some("46.00"), "31.05", &no),
        (Some("20.00"), Some("46.00"), "33.00", &NEW.to_owned()),
        (Some("20.00"), Some("46.00"), "38.00", &no),
        (None, Some("46.00"), "46.00", &no),
    ] {
        // The venue's clock went on, too.
        let record = gwanmun_binary::feed::MarketStateRecord {
            timestamp_ns: 601_000_000_000,
            symbol: text(CALL),
            state: state(bid, ask),
        };
        world.tell_record_at(KRX, |into| record.encode(into));
        number += 1;
        let name = format!("N{number}");
        let told = asked(&mut world, (&name, BUY), CALL, at);
        assert_eq!(&told, expected, "{bid:?} {ask:?} {at}");
    }
}

/// 20 April 2020: -37.63, from the member's bytes to the venue's and back, towards an OUCH and a
/// FIX venue; and for nothing else than the product that may have it.
#[test]
fn crude_oil_trades_below_zero_and_a_share_does_not() {
    for mut world in [
        world(with_products(terms())),
        world(with_products(fix_venue())),
    ] {
        let state = |last: &str| MarketState {
            base: Some(price("18.27")),
            last: Some(price(last)),
            last_qty: 100,
            best_bid: None,
            best_ask: None,
            last_at_ns: 1,
            ..open_market()
        };
        let (collar, sign) = (refused(GateCode::PriceCollar), refused(GateCode::PriceSign));
        // Through zero: the collar goes along with the market, 5.00 or 10 % to each side.
        for (name, last, at, expected) in [
            ("A", "2.00", "-3.00", NEW),
            ("B", "2.00", "-3.01", &collar),
            ("C", "-37.63", "-32.63", NEW),
            ("D", "-37.63", "-32.62", &collar),
            ("E", "-37.63", "-42.63", NEW),
            ("F", "-37.63", "-42.64", &collar),
            ("G", "-37.63", "0", &collar),
            ("H", "-0.01", "0", NEW),
            ("I", "-37.63", "-37.635", &refused(GateCode::Tick)),
        ] {
            world.tell_market(CRUDE, state(last));
            let told = asked(&mut world, (name, SELL), CRUDE, at);
            assert_eq!(told, expected, "{name}");
        }
        world.tell_market(CRUDE, state("-37.63"));
        let from = world.members[0].log.len();
        assert_eq!(asked(&mut world, ("W", BUY), CRUDE, "-37.63"), NEW);
        let number = world.sites[KRX].venue.latest();
        assert_eq!(
            world.sites[KRX].venue.priced.last().unwrap().1,
            price("-37.63")
        );
        world.sites[KRX].venue.execute(number, 302);
        world.run();
        let log = &world.members[0].log[from..];
        let filled = log.last().unwrap();
        assert_eq!(filled.brief(), "8 F 2");
        assert_eq!(log[0].get(tag::PRICE), "-37.63");
        assert_eq!(filled.get(tag::LAST_PX), "-37.63");
        assert_eq!(filled.get(tag::AVG_PX), "-37.63");
        // A share has no such price, and a call none either.
        for (name, symbol) in [("X", SAMSUNG), ("Y", CALL)] {
            let told = asked(&mut world, (name, BUY), symbol, "-37.63");
            assert_eq!(told, sign, "{symbol}");
        }
        assert_eq!(asked(&mut world, ("Z", BUY), SAMSUNG, "0"), sign);
        world.check();
    }
}
