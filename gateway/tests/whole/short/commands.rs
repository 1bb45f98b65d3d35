//! What the borrow desk does, what it may not do, and what of it survives the process.

use gwanmun_captures::command::{Action, Command, LedgerChange};
use gwanmun_gateway::CommandRefusal;
use gwanmun_market::GateCode::{BalanceUnknown, BorrowNeeded, SellableBalance};
use gwanmun_market::HoldingSource;

use super::{
    EXEMPT, SHORT, TAKEN, balance, briefs, change, command, give, holding, hundred, last_brief,
    world,
};
use crate::member::refused;
use crate::terms::{ACCOUNT, FUTURE, HYNIX, SAMSUNG};
use crate::world::{BUY, SELL, World, ask};
use LedgerChange::{Loan, Recall, RecallFailed, Return, TransferIn, TransferOut};

/// Every change moves its source, in and out, and no other.
#[test]
fn every_change_moves_its_source() {
    let mut world = hundred(1);
    for (changed, quantity, source, expected) in [
        (Loan, 50, HoldingSource::Borrowed, 50),
        (Return, 20, HoldingSource::Borrowed, 30),
        (TransferIn, 5, HoldingSource::Settled, 105),
        (TransferOut, 15, HoldingSource::Settled, 90),
        (Recall, 8, HoldingSource::Recalled, 8),
        (RecallFailed, 3, HoldingSource::Recalled, 5),
    ] {
        let before = balance(&world).sources;
        assert_eq!(change(&mut world, changed, quantity), Ok(()), "{changed:?}");
        let after = balance(&world).sources;
        for of in HoldingSource::ALL {
            let expected = if of == source {
                expected
            } else {
                before.of(of)
            };
            assert_eq!(after.of(of), expected, "{changed:?} {of:?}");
        }
    }
    let sellable = (
        balance(&world).sellable_long,
        balance(&world).sellable_short,
    );
    assert_eq!(sellable, (Some(95), Some(125)));
    world.restart(true);
    assert_eq!(balance(&world).sellable_short, Some(125));
}

/// A return, a transfer and a failed recall leave what sales need, done and working: both sides of
/// each limit.
#[test]
fn nothing_goes_that_a_sale_needs() {
    // Held, sale's side and quantity, executed of it, the change, and most that may go.
    for (sources, side, (quantity, executed), changed, most) in [
        (
            &[(HoldingSource::Borrowed, 50)][..],
            SHORT,
            (30, 0),
            Return,
            20,
        ),
        (
            &[(HoldingSource::Borrowed, 50)],
            EXEMPT,
            (30, 10),
            Return,
            20,
        ),
        (
            &[(HoldingSource::Borrowed, 50)],
            SHORT,
            (30, 30),
            Return,
            20,
        ),
        // A short sale finds own shares too.
        (
            &[(HoldingSource::Borrowed, 50), (HoldingSource::Settled, 10)],
            SHORT,
            (30, 0),
            Return,
            30,
        ),
        (
            &[(HoldingSource::Settled, 100)],
            SELL,
            (30, 30),
            TransferOut,
            70,
        ),
        (
            &[(HoldingSource::Settled, 100)],
            SELL,
            (30, 0),
            TransferOut,
            70,
        ),
        // Settled shares are sold first, and those alone can go.
        (
            &[
                (HoldingSource::Settled, 100),
                (HoldingSource::Unsettled, 30),
            ],
            SELL,
            (30, 0),
            TransferOut,
            70,
        ),
        // A loan spares them.
        (
            &[(HoldingSource::Settled, 100), (HoldingSource::Borrowed, 30)],
            SHORT,
            (30, 0),
            TransferOut,
            100,
        ),
        (
            &[(HoldingSource::Settled, 100), (HoldingSource::Borrowed, 20)],
            SHORT,
            (30, 0),
            TransferOut,
            90,
        ),
        (
            &[(HoldingSource::Recalled, 40), (HoldingSource::Settled, 10)],
            SELL,
            (30, 0),
            RecallFailed,
            20,
        ),
        // Loans are no help for a long sale.
        (
            &[(HoldingSource::Recalled, 40), (HoldingSource::Borrowed, 90)],
            SELL,
            (30, 0),
            RecallFailed,
            10,
        ),
    ] {
        let mut world = world(holding(sources, 1));
        world.order(0, &ask("A", side, quantity));
        assert_eq!(last_brief(&world), TAKEN);
        if executed > 0 {
            let number = world.sites[0].venue.latest();
            world.sites[0].venue.execute(number, executed);
            world.run();
        }
        let told = format!("{sources:?} {side} {changed:?}");
        let over = change(&mut world, changed, most + 1);
        assert!(
            matches!(
                over,
                Err(CommandRefusal::WouldOversell | CommandRefusal::NotSoMuch)
            ),
            "{told}: {over:?}"
        );
        assert_eq!(change(&mut world, changed, most), Ok(()), "{told}");
    }
}

/// Shares bought back let a loan go, and so does a cancel.
#[test]
fn a_loan_goes_back_once_the_sale_is_covered() {
    let mut world = world(holding(&[], 1));
    assert_eq!(change(&mut world, Loan, 50), Ok(()));
    world.order(0, &ask("A", SHORT, 50));
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.execute(number, 20);
    world.run();
    let oversold = Err(CommandRefusal::WouldOversell);
    assert_eq!(change(&mut world, Return, 1), oversold);
    world.cancel(0, "C", "A", &ask("A", SHORT, 50));
    assert_eq!(change(&mut world, Return, 30), Ok(()));
    assert_eq!(change(&mut world, Return, 1), oversold);
    world.order(0, &ask("B", BUY, 20));
    assert_eq!(change(&mut world, Return, 1), oversold);
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.execute(number, 20);
    world.run();
    assert_eq!(change(&mut world, Return, 20), Ok(()));
    assert_eq!(balance(&world).sellable_short, Some(0));
    assert_eq!(
        change(&mut world, Return, 1),
        Err(CommandRefusal::NotSoMuch)
    );
}

/// What may not be is refused, changes nothing, and needs two persons.
#[test]
fn what_may_not_be_changed_is_refused() {
    let mut world = hundred(1);
    let loan = command(Loan, SAMSUNG, 10);
    let of = |account: &'static str, symbol: &'static str, quantity| Command {
        action: Action::Ledger {
            change: Loan,
            account: account.as_bytes(),
            symbol: symbol.as_bytes(),
            quantity,
        },
        ..loan
    };
    let alone = Command {
        requester: b"",
        ..loan
    };
    let same = Command {
        requester: b"kim",
        ..loan
    };
    let silent = Command {
        reason: b" ",
        ..loan
    };
    for (command, refusal) in [
        (alone, CommandRefusal::NoRequester),
        (same, CommandRefusal::SamePerson),
        (silent, CommandRefusal::NoReason),
        (of("ACC9", SAMSUNG, 1), CommandRefusal::UnknownAccount),
        (of(ACCOUNT, "999999", 1), CommandRefusal::UnknownInstrument),
        (of(ACCOUNT, FUTURE, 1), CommandRefusal::NoLedger),
        (of(ACCOUNT, SAMSUNG, 0), CommandRefusal::QuantityOutOfRange),
        (
            of(ACCOUNT, SAMSUNG, 10_001),
            CommandRefusal::QuantityOutOfRange,
        ),
        (
            of(ACCOUNT, SAMSUNG, u64::MAX),
            CommandRefusal::QuantityOutOfRange,
        ),
    ] {
        let before = balance(&world);
        assert_eq!(
            give(&mut world, &command),
            Some(Err(refusal)),
            "{command:?}"
        );
        assert_eq!(balance(&world), before);
    }
    assert_eq!(change(&mut world, Loan, 10_000), Ok(()));
    // Without a limit in the tables no command changes anything.
    let mut terms = holding(&[], 1);
    terms.tables = terms
        .tables
        .with_short_sales(gwanmun_gateway::ShortRows::default())
        .unwrap();
    let mut world = super::world(terms);
    let refusal = CommandRefusal::NoChangeLimit;
    assert_eq!(give(&mut world, &loan), Some(Err(refusal)));
}

/// No room for another position is no room for a loan.
#[test]
fn a_full_table_takes_no_row() {
    let mut terms = holding(&[], 1);
    terms.limits.positions_max = 1;
    let mut world = world(terms);
    let full = CommandRefusal::LedgerFull;
    let (one, other) = (command(Loan, HYNIX, 1), command(Loan, SAMSUNG, 1));
    assert_eq!(give(&mut world, &other), Some(Err(full)));
    assert_eq!(give(&mut world, &one), Some(Ok(())));
}

/// A balance of which nothing is known is known with the first command.
#[test]
fn a_loan_makes_an_unknown_balance_known() {
    let mut world = world(holding(&[], 1));
    assert_eq!(balance(&world).sellable_short, None);
    world.order(0, &ask("A", SELL, 1));
    world.order(0, &ask("B", SHORT, 1));
    assert_eq!(change(&mut world, Loan, 10), Ok(()));
    world.order(0, &ask("C", SELL, 1));
    world.order(0, &ask("D", SHORT, 10));
    world.order(0, &ask("E", SHORT, 1));
    let expected = [
        refused(BalanceUnknown),
        refused(BorrowNeeded),
        refused(SellableBalance),
        TAKEN.to_owned(),
        refused(BorrowNeeded),
    ];
    assert_eq!(briefs(&world), expected);
}

/// An input without its effect did not happen; with it, it did.
#[test]
fn a_change_happened_as_far_as_its_effect_is_on_record() {
    for (records, happened) in [(0, false), (1, false), (2, true)] {
        let mut world = hundred(1);
        world.order(0, &ask("A", SHORT, 120));
        world.edge.records_left = Some(records);
        let done = give(&mut world, &command(Loan, SAMSUNG, 20));
        assert_eq!(done.is_some(), happened);
        world.restart(true);
        assert_eq!(super::borrows(&world).is_empty(), happened);
        let borrowed = balance(&world).sources.borrowed();
        assert_eq!(borrowed, if happened { 20 } else { 0 });
        world.order(0, &ask("B", SHORT, 120));
        assert_eq!(last_brief(&world) == TAKEN, happened);
    }
}

/// Short sales that are done or working are told apart from long ones after a restart.
#[test]
fn a_restart_knows_which_sales_were_short() {
    let sources = [(HoldingSource::Settled, 100), (HoldingSource::Borrowed, 50)];
    let mut world = world(holding(&sources, 2));
    let sell = |world: &mut World, name: &str, side, venue: &'static str, executed| {
        let order = crate::world::Ask {
            venue,
            ..ask(name, side, 20)
        };
        world.order(0, &order);
        let site = usize::from(venue == crate::terms::NXT);
        let number = world.sites[site].venue.latest();
        if executed > 0 {
            world.sites[site].venue.execute(number, executed);
            world.run();
        }
    };
    sell(&mut world, "A", SHORT, crate::terms::KRX, 5);
    sell(&mut world, "B", SELL, crate::terms::NXT, 20);
    sell(&mut world, "C", EXEMPT, crate::terms::NXT, 0);
    let before = balance(&world);
    assert_eq!((before.sold, before.sold_short), (25, 5));
    assert_eq!((before.working_sell, before.working_short), (35, 35));
    assert_eq!(before.sellable_long, Some(80));
    assert_eq!(before.sellable_short, Some(90));
    for are_lost in [false, true] {
        world.restart(are_lost);
        assert_eq!(balance(&world), before);
    }
    let unknown = world.gateway.balance(b"ACC9", b"005930");
    assert_eq!(unknown, None);
}
