//! What is held against what was sent, is open and is borne: through the gateway, from FIX bytes to
//! the venue's or to a refusal with its figures, over restarts too.

use gwanmun_fix::tag;
use gwanmun_gateway::{ExposureRows, Terms};
use gwanmun_market::{Credit, GateCode, Group, MarginMode, PartyLimits};

use crate::terms::{self, ACCOUNT, DISABLED, FUTURE, LAST, SAMSUNG, text};
use crate::world::{Ask, BUY, SELL, World, ask};

/// The world with other rows; both accounts may trade. One future is worth 71,600 won of base price
/// and 350 of price.
fn world_with(change: impl Fn(&mut ExposureRows)) -> World {
    let mut terms: Terms = terms::two_venues();
    let tables = &terms.tables;
    let mut accounts = tables.accounts().to_vec();
    for account in &mut accounts {
        account.is_enabled = true;
    }
    let (instruments, holdings) = (tables.instruments().to_vec(), tables.holdings().to_vec());
    let limits: Vec<_> = tables.limits().copied().collect();
    let mut rows = tables.exposure_rows().clone();
    change(&mut rows);
    terms.tables = gwanmun_gateway::Tables::new(accounts, instruments, holdings)
        .and_then(|tables| tables.with_limits(&limits))
        .and_then(|tables| tables.with_exposure(rows))
        .and_then(gwanmun_gateway::Tables::with_wide_conduct)
        .unwrap();
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    world
}

fn credit(rows: &mut ExposureRows, change: impl Fn(&mut Credit)) {
    rows.credits.iter_mut().for_each(change);
}

fn future(name: &str, side: u8, quantity: u32) -> Ask<'_> {
    Ask {
        symbol: FUTURE,
        price: 350,
        ..ask(name, side, quantity)
    }
}

/// Sends an order; the code, limit and observed value of its refusal, if it is one.
fn order(world: &mut World, order: &Ask<'_>) -> Option<(u64, String, String)> {
    let from = world.members[0].log.len();
    world.order(0, order);
    let answers = world.members[0].log[from..].iter();
    let mut refusals = answers.filter(|seen| !seen.get(tag::GATE_CODE).is_empty());
    let seen = refusals.next()?;
    Some((
        seen.number(tag::GATE_CODE),
        seen.get(tag::GATE_LIMIT).to_owned(),
        seen.get(tag::GATE_OBSERVED).to_owned(),
    ))
}

fn no(code: GateCode, limit: i64, observed: i64) -> Option<(u64, String, String)> {
    Some((
        code.number().into(),
        limit.to_string(),
        observed.to_string(),
    ))
}

/// at exactly five times the deposit, with orders that the venue has not answered.
#[test]
fn exposure_stops_at_five_times_the_deposit_with_orders_in_flight() {
    let deposit = 4 * i64::from(LAST);
    let mut world = world_with(|rows| credit(rows, |row| row.deposit = deposit));
    for site in &mut world.sites {
        site.is_slow = true;
    }
    let limit = 5 * deposit;
    let refused = no(GateCode::Exposure, limit, limit + i64::from(LAST));
    assert_eq!(order(&mut world, &future("A", BUY, 12)), None);
    let at_nxt = Ask {
        venue: terms::NXT,
        ..future("B", BUY, 8)
    };
    assert_eq!(order(&mut world, &at_nxt), None);
    assert_eq!(order(&mut world, &future("C", BUY, 1)), refused);
    // The other end is free up to as much.
    assert_eq!(order(&mut world, &future("D", SELL, 20)), None);
    assert_eq!(order(&mut world, &future("E", SELL, 1)), refused);
    // Filled or open is the same, at a restart too; a cancel gives back.
    for site in 0..2 {
        world.sites[site].is_slow = false;
    }
    world.run();
    let number = world.sites[0].venue.latest();
    assert_eq!(order(&mut world, &future("F", BUY, 1)), refused);
    world.restart(false);
    assert_eq!(order(&mut world, &future("G", BUY, 1)), refused);
    world.cancel(0, "X", "A", &future("A", BUY, 12));
    assert_eq!(order(&mut world, &future("H", BUY, 12)), None);
    assert_eq!(order(&mut world, &future("I", BUY, 1)), refused);
    // Twenty sold: twenty may be bought back, and then twenty more be long.
    world.sites[0].venue.execute(number, 20);
    world.run();
    assert_eq!(order(&mut world, &future("J", BUY, 20)), None);
    assert_eq!(order(&mut world, &future("K", BUY, 1)), refused);
    assert_eq!(order(&mut world, &future("L", SELL, 1)), refused);
}

///
#[test]
fn the_switch_from_pre_to_post_margin_changes_the_decision() {
    for (mode, expected) in [
        // 15 % of 71,600 is 10,740 won a contract.
        (MarginMode::Pre, no(GateCode::Margin, 107_400, 118_140)),
        (MarginMode::Post, None),
    ] {
        let mut world = world_with(|rows| {
            credit(rows, |row| {
                (row.margin_mode, row.deposit) = (mode, 107_400);
                row.exposure_percent = 10_000;
            });
        });
        assert_eq!(order(&mut world, &future("A", BUY, 6)), None);
        let number = world.sites[0].venue.latest();
        world.sites[0].venue.execute(number, 6);
        world.run();
        // Filled and unfilled together.
        assert_eq!(order(&mut world, &future("B", BUY, 4)), None);
        assert_eq!(order(&mut world, &future("C", BUY, 1)), expected);
        // Closing asks for none.
        assert_eq!(order(&mut world, &future("D", SELL, 6)), None);
    }
}

/// R-94, "Eclipse via KB": a client's accounts trip while the member's limit is free, and another
/// client goes on.
#[test]
fn a_client_trips_while_the_firm_is_free() {
    let mut world = world_with(|rows| {
        let limits = PartyLimits {
            exposure_max: 10 * i64::from(LAST),
            ..PartyLimits::WIDE
        };
        let name = text("ECLIPSE");
        rows.groups = vec![Group { name, limits }];
        rows.credits[0].group = name;
        rows.firm = Some(PartyLimits {
            exposure_max: 100 * i64::from(LAST),
            ..PartyLimits::WIDE
        });
    });
    let mut other = future("O", BUY, 85);
    other.account = DISABLED;
    assert_eq!(order(&mut world, &future("A", BUY, 10)), None);
    let limit = 10 * i64::from(LAST);
    let refused = no(GateCode::GroupExposure, limit, limit + i64::from(LAST));
    assert_eq!(order(&mut world, &future("B", BUY, 1)), refused);
    assert_eq!(order(&mut world, &other), None);
    // All together stop at the firm's.
    other.cl_ord_id = "P";
    other.quantity = 6;
    let limit = 100 * i64::from(LAST);
    let refused = no(GateCode::FirmExposure, limit, limit + i64::from(LAST));
    assert_eq!(order(&mut world, &other), refused);
    // No check refuses a cancel.
    let from = world.members[0].log.len();
    world.cancel(0, "X", "A", &future("A", BUY, 10));
    assert_eq!(world.members[0].briefs(from), ["8 4 4"]);
    assert_eq!(order(&mut world, &future("C", BUY, 10)), None);
}

#[test]
fn linked_accounts_count_together() {
    let mut world = world_with(|rows| {
        let limits = PartyLimits {
            open_value_max: 20 * i64::from(LAST),
            sent_value_max: 30 * i64::from(LAST),
            ..PartyLimits::WIDE
        };
        let name = text("C1");
        rows.groups = vec![Group { name, limits }];
        credit(rows, |row| row.group = name);
    });
    let of = |name, account, quantity| Ask {
        account,
        ..ask(name, BUY, quantity)
    };
    let won = |shares: i64| shares * i64::from(LAST);
    assert_eq!(order(&mut world, &of("A", ACCOUNT, 15)), None);
    let refused = no(GateCode::GroupOpenValue, won(20), won(21));
    assert_eq!(order(&mut world, &of("B", DISABLED, 6)), refused);
    assert_eq!(order(&mut world, &of("C", DISABLED, 5)), None);
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.execute(number, 5);
    world.run();
    // Filled is open no more, but was sent.
    world.restart(true);
    let refused = no(GateCode::GroupSentValue, won(30), won(31));
    assert_eq!(order(&mut world, &of("D", ACCOUNT, 11)), refused);
    let refused = no(GateCode::GroupOpenValue, won(20), won(21));
    assert_eq!(order(&mut world, &of("E", ACCOUNT, 6)), refused);
    assert_eq!(order(&mut world, &of("F", ACCOUNT, 5)), None);
}

#[test]
fn shares_are_bought_with_the_cash_there_is() {
    let won = |shares: i64| shares * i64::from(LAST);
    let mut world = world_with(|rows| credit(rows, |row| row.cash = won(10)));
    assert_eq!(order(&mut world, &ask("A", BUY, 8)), None);
    let refused = no(GateCode::Cash, won(10), won(11));
    assert_eq!(order(&mut world, &ask("B", BUY, 3)), refused);
    // A replace that asks for more, and one that does not.
    let from = world.members[0].log.len();
    world.replace(0, "A", &ask("R1", BUY, 11));
    assert_eq!(order(&mut world, &ask("C", BUY, 3)), refused);
    world.replace(0, "A", &ask("R2", BUY, 10));
    let briefs = world.members[0].briefs(from);
    let refused_replace = format!("9 {}", GateCode::Cash.number());
    assert_eq!(briefs.len(), 3, "{briefs:?} {refused_replace}");
    assert_eq!(briefs[2], "8 5 0");
    // What is sold can be spent.
    assert_eq!(order(&mut world, &ask("S", SELL, 3)), None);
    let number = world.sites[0].venue.latest();
    assert_eq!(order(&mut world, &ask("D", BUY, 1)), refused);
    world.sites[0].venue.execute(number, 3);
    world.run();
    world.restart(false);
    assert_eq!(order(&mut world, &ask("E", BUY, 3)), None);
    assert_eq!(order(&mut world, &ask("F", BUY, 1)), refused);
}

#[test]
fn sums_of_the_day_stop_each_by_its_own_limit() {
    type Change = fn(&mut ExposureRows);
    let won = i64::from(LAST);
    let cases: [(Change, GateCode, i64, i64); 7] = [
        (
            |rows| credit(rows, |row| row.open_value_max = 10 * i64::from(LAST)),
            GateCode::OpenValue,
            10 * won,
            11 * won,
        ),
        (
            |rows| {
                rows.instruments
                    .iter_mut()
                    .for_each(|row| row.sent_qty_max = 10)
            },
            GateCode::InstrumentQty,
            10,
            11,
        ),
        (
            |rows| {
                let rows = rows.instruments.iter_mut();
                rows.for_each(|row| row.sent_value_max = 10 * i64::from(LAST));
            },
            GateCode::InstrumentValue,
            10 * won,
            11 * won,
        ),
        (
            |rows| {
                rows.instruments
                    .iter_mut()
                    .for_each(|row| row.firm_qty_max = 10)
            },
            GateCode::FirmQty,
            10,
            11,
        ),
        (
            |rows| {
                let rows = rows.instruments.iter_mut();
                rows.for_each(|row| row.firm_value_max = 10 * i64::from(LAST));
            },
            GateCode::FirmInstrumentValue,
            10 * won,
            11 * won,
        ),
        (
            |rows| {
                rows.firm = Some(PartyLimits {
                    sent_value_max: 10 * i64::from(LAST),
                    ..PartyLimits::WIDE
                });
            },
            GateCode::FirmSentValue,
            10 * won,
            11 * won,
        ),
        (
            |rows| {
                rows.firm = Some(PartyLimits {
                    open_value_max: 10 * i64::from(LAST),
                    ..PartyLimits::WIDE
                });
            },
            GateCode::FirmOpenValue,
            10 * won,
            11 * won,
        ),
    ];
    for (change, code, limit, observed) in cases {
        let mut world = world_with(change);
        assert_eq!(order(&mut world, &ask("A", BUY, 4)), None, "{code:?}");
        assert_eq!(order(&mut world, &ask("B", BUY, 6)), None, "{code:?}");
        let refused = no(code, limit, observed);
        assert_eq!(order(&mut world, &ask("C", BUY, 1)), refused);
        world.restart(false);
        assert_eq!(order(&mut world, &ask("D", BUY, 1)), refused);
        world.check();
    }
}

#[test]
fn the_underlying_has_limits_of_its_own() {
    let mut world = world_with(|rows| {
        rows.underlyings[0].sent_qty_max = 100;
        rows.underlyings[0].other_max = 7;
    });
    assert_eq!(order(&mut world, &future("A", BUY, 7)), None);
    let refused = no(GateCode::PositionLimit, 7, 8);
    assert_eq!(order(&mut world, &future("B", BUY, 1)), refused);
    assert_eq!(order(&mut world, &future("C", SELL, 7)), None);
    assert_eq!(order(&mut world, &future("D", SELL, 1)), refused);
    let refused = no(GateCode::UnderlyingQty, 100, 101);
    assert_eq!(order(&mut world, &future("E", BUY, 87)), refused);
    assert_eq!(
        order(&mut world, &ask("S", BUY, 1_000)),
        None,
        "a share is none of it"
    );
}

/// nothing that is missing is a limit of infinity.
#[test]
fn each_row_that_is_missing_refuses_the_order() {
    type Change = fn(&mut ExposureRows);
    let cases: [(Change, &str, i64); 6] = [
        (|rows| rows.credits.clear(), FUTURE, 1),
        (|rows| rows.instruments.clear(), FUTURE, 2),
        (|rows| rows.instruments.clear(), SAMSUNG, 2),
        (|rows| rows.underlyings.clear(), FUTURE, 3),
        (
            |rows| credit(rows, |row| row.group = text("LOST")),
            FUTURE,
            4,
        ),
        (|rows| rows.firm = None, FUTURE, 5),
    ];
    for (change, symbol, which) in cases {
        let mut world = world_with(change);
        let missing = no(GateCode::ExposureMissing, which, 0);
        let buy = if symbol == FUTURE {
            future("A", BUY, 1)
        } else {
            ask("A", BUY, 1)
        };
        assert_eq!(order(&mut world, &buy), missing, "{which}");
        // A holding may be sold, whatever is missing.
        assert_eq!(order(&mut world, &ask("S", SELL, 1)), None, "{which}");
        let from = world.members[0].log.len();
        world.cancel(0, "X", "S", &ask("S", SELL, 1));
        assert_eq!(world.members[0].briefs(from), ["8 4 4"]);
    }
    let mut world = world_with(|_| ());
    assert_eq!(order(&mut world, &future("A", BUY, 1)), None);
}
