//! Other tables in the place of those in force, while the gateway trades: what follows them, what
//! is refused, and what restarts and snapshots make of it.

use gwanmun_captures::command::{Action, Command};
use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_gateway::effect::TAG_VERDICT;
use gwanmun_gateway::image::ImageReader;
use gwanmun_gateway::terms_text::{read_tables, write_tables};
use gwanmun_gateway::{
    Answered, CommandRefusal, Gateway, Tables, TablesCommand, TablesVersion, Terms,
};
use gwanmun_market::{ClOrdId, GateCode, OrderId};

use crate::snapshot::{Restored, check_every_border};
use crate::terms;
use crate::world::{BUY, World, ask};

const OF_THE_START: TablesVersion = TablesVersion { count: 1, hash: 0 };

fn payload(text: &str, reason: &[u8]) -> Vec<u8> {
    let command = Command {
        operator: b"kim",
        requester: b"lee",
        reason,
        action: Action::Tables {
            sha256: &[text.len().to_le_bytes()[0]; 32],
            content: text.as_bytes(),
        },
    };
    let mut payload = vec![0; text.len() + 512];
    let length = command.encode(&mut payload).unwrap();
    payload.truncate(length);
    payload
}

fn give(world: &mut World, payload: &[u8]) -> Option<Answered> {
    let mut command = TablesCommand::read(payload, world.gateway.terms()).unwrap();
    let stamp = world.stamp();
    let mut answered = None;
    world.call(|gateway, edge| {
        answered = Some(gateway.on_tables(edge, &mut command, stamp)?);
        Ok(())
    });
    answered
}

/// Puts tables in force that differ by one word, as the next start then has them too.
pub(crate) fn swap(world: &mut World, from: &str, to: &str) -> TablesVersion {
    let text = write_tables(&world.gateway.terms().tables);
    assert!(text.contains(from), "{text}");
    let answered = give(world, &payload(&text.replace(from, to), b"another limit"));
    assert_eq!(answered.unwrap().done, Ok(()));
    world.terms.tables = world.gateway.terms().tables.clone();
    world.gateway.tables_version()
}

/// Code and version of every verdict, in order.
fn verdicts(world: &World) -> Vec<(u16, TablesVersion)> {
    let mut all = Vec::new();
    for effect in world.edge.effects() {
        for entry in EffectReader::new(&effect) {
            if let Ok(Entry::State {
                tag: TAG_VERDICT,
                bytes,
            }) = entry
            {
                let mut image = ImageReader::new(bytes);
                let code = image.u16().unwrap();
                let (_, _) = (image.i64().unwrap(), image.i64().unwrap());
                let _: OrderId = image.text().unwrap();
                let _: ClOrdId = image.text().unwrap();
                let version = TablesVersion {
                    count: image.u16().unwrap(),
                    hash: image.u32().unwrap(),
                };
                assert!(image.is_empty());
                all.push((code, version));
            }
        }
    }
    all
}

#[test]
fn the_next_order_is_held_to_the_new_tables_and_every_verdict_says_to_which() {
    let mut world = World::new();
    world.order(0, &ask("A", BUY, 10));
    let second = swap(&mut world, "005930 share share2023 ", "005930 share cent ");
    assert_eq!(second.count, 2);
    let at_a_tick = |name| crate::world::Ask {
        price: terms::LAST - 1,
        ..ask(name, BUY, 10)
    };
    world.order(0, &at_a_tick("B"));
    let third = swap(&mut world, "005930 share cent ", "005930 share share2023 ");
    world.order(0, &at_a_tick("C"));
    world.cancel(0, "D", "A", &ask("A", BUY, 10));
    assert_eq!((third.count, third.hash == second.hash), (3, false));
    assert_eq!(
        verdicts(&world),
        [
            (0, OF_THE_START),
            (0, second),
            (GateCode::Tick.number(), third),
            (0, third)
        ]
    );
    // The next start goes on with them, and counts on.
    world.restart(false);
    assert_eq!(world.gateway.tables_version(), third);
    world.order(0, &at_a_tick("E"));
    let last = verdicts(&world).last().copied();
    assert_eq!(last, Some((GateCode::Tick.number(), third)));
    assert_eq!(swap(&mut world, " 500 ", " 400 ").count, 4);
}

#[test]
fn tables_that_do_not_fit_change_nothing() {
    let mut world = World::new();
    let text = write_tables(&world.gateway.terms().tables);
    let without = |word: &str| {
        let mut lines = text.lines().filter(|row| !row.contains(word));
        lines
            .by_ref()
            .fold(String::new(), |all, row| all + row + "\n")
    };
    let no_accounts = without(" ACC");
    for (text, reason, expected) in [
        (
            format!("{text}account ACC3 1 1\n"),
            "r",
            CommandRefusal::TablesRows,
        ),
        (without(" ACC2 "), "r", CommandRefusal::TablesRows),
        (no_accounts, "r", CommandRefusal::TablesRows),
        (
            text.replace("ACC2", "ACC0"),
            "r",
            CommandRefusal::TablesRows,
        ),
        (without(" 101W6000 "), "r", CommandRefusal::TablesRows),
        (
            text.replace("101W6000", "101W9000"),
            "r",
            CommandRefusal::TablesRows,
        ),
        (
            text.replace("holding ACC1 005930 1000", "holding ACC1 005930 1001"),
            "r",
            CommandRefusal::TablesHoldings,
        ),
        (
            without("holding ACC1 000660"),
            "r",
            CommandRefusal::TablesHoldings,
        ),
        (text.clone(), " ", CommandRefusal::NoReason),
    ] {
        let answered = give(&mut world, &payload(&text, reason.as_bytes()));
        assert_eq!(answered.unwrap().done, Err(expected), "{text}");
    }
    assert_eq!(write_tables(&world.gateway.terms().tables), text);
    assert_eq!(world.gateway.tables_version(), OF_THE_START);
    for no_tables in [
        "account ACC1\n",
        "venues 005930 1\n",
        "limit 1 share 1 1 1\n",
    ] {
        let payload = payload(&format!("{text}{no_tables}"), b"r");
        assert!(TablesCommand::read(&payload, world.gateway.terms()).is_none());
        // Given as any command, it is on record and refused.
        let (stamp, mut done) = (world.stamp(), None);
        world.call(|gateway, edge| {
            done = Some(gateway.on_command(edge, &payload, stamp)?.done);
            Ok(())
        });
        assert_eq!(done, Some(Err(CommandRefusal::Unreadable)));
    }
}

/// An input without its effect did not happen. What a command brought is on record before its
/// effect, and a border between segments may lie between the two.
#[test]
fn tables_are_in_force_as_far_as_their_effect_is_on_record() {
    for (records, is_in_force) in [(0, false), (1, false), (2, true)] {
        let mut world = World::new();
        let text = write_tables(&world.terms.tables).replace(" 500 ", " 400 ");
        world.edge.records_left = Some(records);
        let answered = give(&mut world, &payload(&text, b"r"));
        assert_eq!(answered.is_some(), is_in_force);
        let segments = world.edge.segments();
        let restored = Restored::from_all(&world.terms, segments).gateway;
        let tables = write_tables(&restored.terms().tables);
        assert_eq!(tables == text, is_in_force);
        let count = restored.tables_version().count;
        assert_eq!(count, if is_in_force { 2 } else { 1 });
    }
}

#[test]
fn a_snapshot_knows_which_tables_are_in_force_at_every_border() {
    // So small that the text of the tables, and its effect, come to lie on all sides of borders.
    let mut borders = 0;
    for orders in 0..12 {
        let mut world = World::of(terms::terms(), 24 * 1024);
        world.is_checked = false;
        world.connect_all();
        let before = world.terms.clone();
        for number in 0..orders {
            world.order(0, &ask(&format!("A{number}"), BUY, 1));
        }
        swap(&mut world, " 500 ", " 400 ");
        world.order(0, &ask("B", BUY, 1));
        swap(&mut world, " 400 ", " 300 ");
        world.order(0, &ask("C", BUY, 1));
        for terms in [&before, &world.terms] {
            borders += check_every_border(terms, world.edge.segments()).borders;
            let restored = Restored::from_all(terms, world.edge.segments()).gateway;
            assert_eq!(
                write_tables(&restored.terms().tables),
                write_tables(&world.terms.tables)
            );
            assert_eq!(restored.tables_version(), world.gateway.tables_version());
        }
    }
    assert!(borders > 40, "{borders}");
}

#[test]
fn a_gateway_without_accounts_says_that_the_fault_is_its_own() {
    let mut terms: Terms = terms::terms();
    let text = write_tables(&terms.tables);
    let rows = text.lines().filter(|row| !row.contains(" ACC"));
    let rows = rows.fold(String::new(), |all, row| all + row + "\n");
    terms.tables = read_tables(&rows, 1).unwrap();
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    world.order(0, &ask("A", BUY, 10));
    let codes: Vec<u16> = verdicts(&world).iter().map(|verdict| verdict.0).collect();
    assert_eq!(codes, [GateCode::AccountTableMissing.number()]);
    let empty: Tables = Tables::default();
    assert!(
        Gateway::new(
            Terms {
                tables: empty,
                ..terms::terms()
            },
            ()
        )
        .is_ok()
    );
}
