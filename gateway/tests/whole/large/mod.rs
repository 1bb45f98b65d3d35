//! Large orders: warned and confirmed by their member, held and approved by an operator.

mod held;
mod warned;

use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command};
use gwanmun_fix::tag;
use gwanmun_gateway::{Answered, CommandRefusal, Tables};
use gwanmun_market::{LargeOrder, MarketState, OrderLimits, ProductKind, Tier};

use crate::member::Seen;
use crate::terms::{self, LAST, SAMSUNG, open_market};
use crate::world::{Ask, BUY, SELL, World, ask};

const S: u64 = 1_000_000_000;
const WARN: u32 = 100;
const HOLD: u32 = 200;
const SUSPENDED: &str = "8 9 9 144";

/// Orders of more than 100 are warned, of more than 200 held.
fn world() -> World {
    let mut terms = terms::terms();
    terms.tables = with_large(&terms.tables);
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    world
}

fn with_large(tables: &Tables) -> Tables {
    let large = LargeOrder {
        warn_qty: WARN,
        hold_qty: HOLD,
        ..LargeOrder::at_most(u32::MAX, i64::MAX)
    };
    let rows = ProductKind::ALL.map(|kind| OrderLimits {
        large,
        ..OrderLimits::wide(Tier::LOWEST, kind)
    });
    let (accounts, instruments) = (tables.accounts().to_vec(), tables.instruments().to_vec());
    let tables = Tables::new(accounts, instruments, tables.holdings().to_vec());
    tables
        .and_then(|tables| tables.with_limits(&rows))
        .and_then(Tables::with_wide_conduct)
        .and_then(Tables::with_wide_exposure)
        .unwrap()
}

/// An order that confirms what has this OrderID(37); what its member is told.
fn confirm(world: &mut World, member: usize, asked: &Ask<'_>, order_id: &str) -> String {
    let now_ns = world.now_ns;
    world.say(member, "D", |writer| {
        asked.write(writer, now_ns);
        writer.bytes(tag::GATE_CONFIRM, order_id.as_bytes());
    });
    world.members[member].log.last().unwrap().brief()
}

/// An order, and its OrderID(37).
fn enter(world: &mut World, asked: &Ask<'_>) -> (String, String) {
    world.order(0, asked);
    let told = last_told(world);
    (told.brief(), told.get(tag::ORDER_ID).to_owned())
}

fn approve(world: &mut World, order_id: &str, requester: &[u8]) -> Result<(), CommandRefusal> {
    let command = Command {
        operator: b"kim",
        requester,
        reason: b"as meant",
        action: Action::Approve {
            order_id: order_id.as_bytes(),
        },
    };
    let mut payload = [0; COMMAND_BYTES_MAX];
    let length = command.encode(&mut payload).unwrap();
    let stamp = world.stamp();
    let mut answered: Option<Answered> = None;
    world.call(|gateway, edge| {
        answered = Some(gateway.on_command(edge, &payload[..length], stamp)?);
        Ok(())
    });
    world.run();
    answered.unwrap().done
}

fn fresh_market(world: &mut World) {
    world.connect_feed();
    world.tell_market(SAMSUNG, open_market());
}

/// Far from where orders stand: beyond the collar.
fn moved_market() -> MarketState {
    MarketState {
        last: Some(terms::won(80_000)),
        best_bid: None,
        best_ask: None,
        ..open_market()
    }
}

/// The latest message to member 0.
fn last_told(world: &World) -> &Seen {
    world.members[0].log.last().unwrap()
}

/// The process dies at every record around a warning, a confirmation, a hold and its approval.
#[test]
fn no_death_sends_a_large_order_twice_or_unasked() {
    let play = |world: &mut World| {
        let large = ask("B", BUY, WARN + 1);
        let (_, id) = enter(world, &ask("A", BUY, WARN + 1));
        confirm(world, 0, &large, &id);
        let (_, id) = enter(world, &ask("C", SELL, 600));
        let _ = approve(world, &id, b"lee");
    };
    let mut whole = world();
    let before = whole.edge.record_count();
    play(&mut whole);
    assert_eq!(whole.sites[0].venue.entered.len(), 2);
    let records = whole.edge.record_count() - before;
    for at in 0..=records {
        let mut world = world();
        world.is_checked = false;
        world.edge.records_left = Some(at);
        // What cannot be answered any more is not asked.
        let played = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| play(&mut world)));
        assert!(played.is_ok() || world.edge.is_stopped, "{at}");
        world.edge.records_left = None;
        world.crash(false);
        world.connect_all();
        world.check();
        assert_eq!(world.sites[0].venue.used_numbers, 0);
        assert!(world.sites[0].venue.entered.len() <= 2);
    }
}

/// A replace that makes an order large is refused; one that makes it no larger is not.
#[test]
fn a_replace_makes_no_order_large() {
    let mut world = world();
    assert_eq!(enter(&mut world, &ask("A", BUY, 90)).0, "8 0 0");
    let mut replaced = |orig: &str, to: &Ask<'_>| {
        world.replace(0, orig, to);
        last_told(&world).brief()
    };
    assert_eq!(replaced("A", &ask("B", BUY, 101)), "9 2 0 143");
    assert_eq!(replaced("A", &ask("C", BUY, 201)), "9 2 0 144");
    assert_eq!(replaced("A", &ask("D", BUY, 100)), "8 5 0");
    let (_, id) = enter(&mut world, &ask("H", BUY, 300));
    assert_eq!(approve(&mut world, &id, b"lee"), Ok(()));
    let mut replaced = |orig: &str, to: &Ask<'_>| {
        world.replace(0, orig, to);
        last_told(&world).brief()
    };
    let dearer = Ask {
        price: LAST + 100,
        ..ask("I", BUY, 250)
    };
    assert_eq!(replaced("H", &dearer), "9 2 0 144");
    assert_eq!(replaced("H", &ask("J", BUY, 250)), "8 5 0");
}
