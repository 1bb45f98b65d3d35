//! Short sales: the ledger of what may be sold, what the borrow desk does to it, what it is asked
//! for, and what a death of the process makes of all that. `random` is the property that nothing
//! is ever oversold.

mod commands;
mod model;
mod random;
mod rules;

use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command, LedgerChange};
use gwanmun_fix::tag;
use gwanmun_gateway::{Balance, Borrow, CommandRefusal, Holding, Locate, Tables, Terms};
use gwanmun_market::{GateCode, HoldingSource};

use crate::member::refused;
use crate::terms::{self, ACCOUNT, HYNIX, KRX, NXT, SAMSUNG, text};
use crate::world::{Ask, SELL, World, ask};

const SHORT: u8 = b'5';
const EXEMPT: u8 = b'6';

/// Terms in which [`ACCOUNT`] holds so much of Samsung by source, of Hynix a hundred, at so many
/// venues; short sales are taken at any price.
fn holding(sources: &[(HoldingSource, i64)], venues: u16) -> Terms {
    let base = match venues {
        1 => terms::terms(),
        _ => terms::two_venues(),
    };
    let row = |symbol, source, quantity| Holding {
        account: text(ACCOUNT),
        symbol: text(symbol),
        quantity,
        source,
    };
    let mut holdings = vec![row(HYNIX, HoldingSource::Settled, 100)];
    let samsung = sources.iter();
    holdings.extend(samsung.map(|&(source, quantity)| row(SAMSUNG, source, quantity)));
    let (accounts, instruments) = (base.tables.accounts(), base.tables.instruments());
    let limits: Vec<_> = base.tables.limits().copied().collect();
    let tables = Tables::new(accounts.to_vec(), instruments.to_vec(), holdings)
        .and_then(|tables| tables.with_limits(&limits))
        .and_then(Tables::with_wide_exposure)
        .and_then(Tables::with_wide_conduct)
        .and_then(|tables| tables.with_short_sales(terms::short_rows(venues)));
    Terms {
        tables: tables.unwrap(),
        ..base
    }
}

fn world(terms: Terms) -> World {
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    world
}

/// A hundred held, and nothing else.
fn hundred(venues: u16) -> World {
    world(holding(&[(HoldingSource::Settled, 100)], venues))
}

fn command<'a>(change: LedgerChange, symbol: &'a str, quantity: u64) -> Command<'a> {
    Command {
        operator: b"kim",
        requester: b"lee",
        reason: b"loan L-77 confirmed",
        action: Action::Ledger {
            change,
            account: ACCOUNT.as_bytes(),
            symbol: symbol.as_bytes(),
            quantity,
        },
    }
}

fn give(world: &mut World, command: &Command<'_>) -> Option<Result<(), CommandRefusal>> {
    let mut payload = [0; COMMAND_BYTES_MAX];
    let length = command.encode(&mut payload).unwrap();
    let stamp = world.stamp();
    let mut done = None;
    world.call(|gateway, edge| {
        done = Some(gateway.on_command(edge, &payload[..length], stamp)?.done);
        Ok(())
    });
    done
}

fn change(world: &mut World, change: LedgerChange, quantity: u64) -> Result<(), CommandRefusal> {
    give(world, &command(change, SAMSUNG, quantity)).unwrap()
}

fn balance(world: &World) -> Balance {
    let balance = world
        .gateway
        .balance(ACCOUNT.as_bytes(), SAMSUNG.as_bytes());
    balance.unwrap()
}

fn borrows(world: &World) -> Vec<Borrow> {
    (0..)
        .map_while(|index| world.gateway.borrow(index))
        .collect()
}

fn briefs(world: &World) -> Vec<String> {
    world.members[0].briefs(0)
}

fn last_brief(world: &World) -> String {
    briefs(world).pop().unwrap()
}

const TAKEN: &str = "8 0 0";

/// a hundred held, a hundred and fifty asked for over two venues; R-99: the stop tells what
/// is missing; R-100: with the loan the order goes when it is sent again, and not before.
#[test]
fn a_hundred_and_fifty_of_a_hundred_over_two_venues_are_stopped() {
    let mut world = hundred(2);
    let at = |cl_ord_id, side, quantity, venue| Ask {
        venue,
        ..ask(cl_ord_id, side, quantity)
    };
    world.order(0, &at("A", SELL, 75, KRX));
    world.order(0, &at("B", SELL, 75, NXT));
    assert_eq!(briefs(&world), [TAKEN, &refused(GateCode::SellableBalance)]);
    let report = world.members[0].log.last().unwrap();
    assert_eq!(report.get(tag::MISSING_QTY), "50");
    let told = "SELLABLE_BALANCE: limit 25, observed 75, missing 50";
    assert_eq!(report.get(tag::TEXT), told);
    // A long sale asks for no loan: one would not help it.
    assert_eq!(borrows(&world), []);
    world.order(0, &at("C", SHORT, 75, NXT));
    assert_eq!(last_brief(&world), refused(GateCode::BorrowNeeded));
    let report = world.members[0].log.last().unwrap();
    assert_eq!(report.get(tag::MISSING_QTY), "50");
    let order_id = report.get(tag::ORDER_ID).to_owned();
    let [request] = borrows(&world)[..] else {
        panic!("one request");
    };
    assert_eq!((request.missing, request.times), (50, 1));
    assert_eq!(request.order_id, text(&order_id));
    assert_eq!(
        (request.account, request.symbol),
        (text(ACCOUNT), text(SAMSUNG))
    );
    // Not yet confirmed: it stays blocked.
    world.order(0, &at("D", SHORT, 75, NXT));
    assert_eq!(last_brief(&world), refused(GateCode::BorrowNeeded));
    assert_eq!(borrows(&world)[0].times, 2);
    // Confirmed: nothing is released by itself, and the member sends it again.
    let entered = world.sites[1].venue.entered.len();
    assert_eq!(change(&mut world, LedgerChange::Loan, 50), Ok(()));
    world.run();
    assert_eq!(world.sites[1].venue.entered.len(), entered);
    assert_eq!(borrows(&world), []);
    world.order(0, &at("E", SHORT, 76, NXT));
    assert_eq!(last_brief(&world), refused(GateCode::BorrowNeeded));
    world.order(0, &at("F", SHORT, 75, NXT));
    assert_eq!(last_brief(&world), TAKEN);
    assert_eq!(world.sold_at_most(SAMSUNG), 150);
}

#[test]
fn a_loan_in_parts_leaves_the_rest_of_the_request_open() {
    let mut world = hundred(1);
    world.order(0, &ask("A", SHORT, 150));
    assert_eq!(change(&mut world, LedgerChange::Loan, 30), Ok(()));
    assert_eq!(borrows(&world)[0].missing, 20);
    world.restart(false);
    assert_eq!(borrows(&world)[0].missing, 20);
    // Whatever comes in counts.
    assert_eq!(change(&mut world, LedgerChange::TransferIn, 20), Ok(()));
    assert_eq!(borrows(&world), []);
    world.order(0, &ask("B", SHORT, 150));
    assert_eq!(last_brief(&world), TAKEN);
}

/// A replace that would need more asks for it too, and one that is refused leaves the order as it
/// was.
#[test]
fn a_replace_that_lacks_shares_asks_for_them() {
    let mut world = hundred(1);
    world.order(0, &ask("A", SHORT, 100));
    world.replace(0, "A", &ask("B", SHORT, 130));
    let refused = format!("9 2 0 {}", GateCode::BorrowNeeded.number());
    assert_eq!(last_brief(&world), refused);
    let report = world.members[0].log.last().unwrap();
    assert_eq!(report.get(tag::MISSING_QTY), "30");
    assert_eq!(borrows(&world)[0].missing, 30);
    assert_eq!(change(&mut world, LedgerChange::Loan, 30), Ok(()));
    world.replace(0, "A", &ask("C", SHORT, 130));
    assert_eq!(last_brief(&world), "8 5 0");
    assert_eq!(balance(&world).sellable_short, Some(0));
}

/// What the member says of a loan is no loan: the verdict is the same, and what he said is
/// with the request.
#[test]
fn locate_reqd_decides_nothing() {
    for (quantity, expected) in [
        (100, TAKEN.to_owned()),
        (101, refused(GateCode::BorrowNeeded)),
    ] {
        for side in [SHORT, EXEMPT] {
            for (said, locate) in [
                (None, Locate::Unsaid),
                (Some(b'Y'), Locate::Required),
                (Some(b'N'), Locate::NotRequired),
            ] {
                let mut world = hundred(1);
                order_saying(&mut world, &ask("A", side, quantity), said);
                assert_eq!(briefs(&world), [expected.as_str()], "{said:?}");
                let asked: Vec<Locate> = borrows(&world).iter().map(|it| it.locate).collect();
                let is_asked = quantity > 100;
                assert_eq!(asked, if is_asked { vec![locate] } else { vec![] });
            }
        }
    }
}

/// The field is a short sale's: Y beside another side is refused, N says nothing there.
#[test]
fn locate_reqd_beside_another_side_is_refused_where_it_asks_for_something() {
    let mut world = hundred(1);
    for (cl_ord_id, side, said, expected) in [
        ("A", SELL, b'N', TAKEN.to_owned()),
        ("B", b'1', b'N', TAKEN.to_owned()),
        ("C", SELL, b'Y', refused(GateCode::Unsupported)),
        ("D", b'1', b'Y', refused(GateCode::Unsupported)),
        ("E", SHORT, b'X', "3".to_owned()),
    ] {
        order_saying(&mut world, &ask(cl_ord_id, side, 1), Some(said));
        assert_eq!(last_brief(&world), expected, "{cl_ord_id}");
    }
    let contradicted = world.members[0].log.iter().rev().nth(1).unwrap();
    assert_eq!(
        contradicted.get(tag::TEXT),
        "UNSUPPORTED: LocateReqd(114)=Y"
    );
}

fn order_saying(world: &mut World, order: &Ask<'_>, locate_reqd: Option<u8>) {
    let now_ns = world.now_ns;
    world.say(0, "D", |writer| {
        order.write(writer, now_ns);
        if let Some(said) = locate_reqd {
            writer.char(tag::LOCATE_REQD, said);
        }
    });
}

/// Every source counts, and none for the wrong kind of sale.
#[test]
fn a_sale_finds_the_sources_that_are_its_own() {
    let sources = [
        (HoldingSource::Settled, 100),
        (HoldingSource::Unsettled, 20),
        (HoldingSource::Rights, 3),
        (HoldingSource::Recalled, 4),
        (HoldingSource::Borrowed, 50),
    ];
    for (side, most, code) in [
        (SELL, 127, GateCode::SellableBalance),
        (SHORT, 177, GateCode::BorrowNeeded),
        (EXEMPT, 177, GateCode::BorrowNeeded),
    ] {
        let mut world = world(holding(&sources, 1));
        world.order(0, &ask("A", side, most + 1));
        world.order(0, &ask("B", side, most));
        assert_eq!(briefs(&world), [refused(code).as_str(), TAKEN]);
        for (source, quantity) in sources {
            assert_eq!(balance(&world).sources.of(source), quantity);
        }
    }
}

/// What is on record of the sources stays, whatever the tables say at the next start: the opening
/// holdings of a position that was touched are those of the day's start.
#[test]
fn other_tables_do_not_change_a_touched_position() {
    let sources = [(HoldingSource::Settled, 100), (HoldingSource::Borrowed, 50)];
    let others = [(HoldingSource::Settled, 7), (HoldingSource::Borrowed, 9)];
    let plain = [(HoldingSource::Settled, 300)];
    for (first, second) in [
        (&sources[..], &others[..]),
        (&sources[..], &plain[..]),
        (&plain[..], &sources[..]),
    ] {
        for is_touched in [false, true] {
            let mut world = world(holding(first, 1));
            if is_touched {
                world.order(0, &ask("A", b'1', 1));
            }
            let before = balance(&world);
            world.terms = holding(second, 1);
            world.restart(false);
            let after = balance(&world);
            assert_eq!(before == after, is_touched, "{first:?} {second:?}");
            if is_touched {
                continue;
            }
            let of = |source| after.sources.of(source);
            for &(source, quantity) in second {
                assert_eq!(of(source), quantity);
            }
        }
    }
}
