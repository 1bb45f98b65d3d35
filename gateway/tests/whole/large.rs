//! Large orders: warned and confirmed by their member, held and approved by an operator.

use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command};
use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_fix::tag;
use gwanmun_gateway::effect::TAG_WARNED;
use gwanmun_gateway::image::ImageReader;
use gwanmun_gateway::{Answered, CONFIRM_NS, CommandRefusal, HOLD_NS, Tables};
use gwanmun_market::{GateCode, LargeOrder, OrderId, OrderLimits, ProductKind, Tier};

use crate::member::refused;
use crate::restart::check_ledgers;
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
    let told = world.members[0].log.last().unwrap();
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

/// Warning entries on record: whether used, the warned OrderID, the confirming one.
fn warnings(world: &World) -> Vec<(bool, String, String)> {
    let mut found = Vec::new();
    for effect in world.edge.effects() {
        for entry in EffectReader::new(&effect) {
            if let Ok(Entry::State {
                tag: TAG_WARNED,
                bytes,
            }) = entry
            {
                let mut from = ImageReader::new(bytes);
                let _ = (from.u32().unwrap(), from.u64().unwrap());
                let is_used = from.u8().unwrap() != 0;
                let ids: [OrderId; 2] = [from.text().unwrap(), from.text().unwrap()];
                let [warned, by] = ids.map(|id| id.to_string());
                found.push((is_used, warned, by));
            }
        }
    }
    found
}

#[test]
fn a_warned_order_goes_when_it_is_confirmed_and_once() {
    for is_restarted in [false, true] {
        let mut world = world();
        let warned = refused(GateCode::OrderWarned);
        let large = |name| ask(name, BUY, WARN + 1);
        let (told, id) = enter(&mut world, &large("A"));
        assert_eq!(told, warned);
        let log = world.members[0].log.last().unwrap();
        assert_eq!(
            (log.get(tag::GATE_LIMIT), log.get(tag::GATE_OBSERVED)),
            ("100", "101")
        );
        assert!(world.sites[0].venue.entered.is_empty());
        if is_restarted {
            world.restart(true);
        }
        // Without a word it is warned again, and that is a warning of its own.
        assert_eq!(enter(&mut world, &large("B")).0, warned);
        assert_eq!(confirm(&mut world, 0, &large("C"), &id), "8 0 0");
        let by = world.members[0]
            .log
            .last()
            .unwrap()
            .get(tag::ORDER_ID)
            .to_owned();
        assert_eq!(world.sites[0].venue.entered.len(), 1);
        // Both ids stand on record.
        let on_record = warnings(&world);
        assert!(on_record.contains(&(true, id.clone(), by)), "{on_record:?}");
        if is_restarted {
            world.restart(true);
        }
        let used = refused(GateCode::ConfirmUsed);
        assert_eq!(confirm(&mut world, 0, &large("D"), &id), used);
        assert_eq!(world.sites[0].venue.entered.len(), 1);
        check_ledgers(&world, &["A", "B", "C", "D"]);
    }
}

#[test]
fn a_confirmation_is_refused_for_what_is_wrong_with_it() {
    let mut world = world();
    fn large(name: &str) -> Ask<'_> {
        ask(name, BUY, WARN + 1)
    }
    let (_, id) = enter(&mut world, &large("A"));
    let unknown = refused(GateCode::ConfirmUnknown);
    let unlike = refused(GateCode::ConfirmUnlike);
    let (_, small) = enter(&mut world, &ask("S", BUY, 1));
    // Another's, one that was never warned, none at all, one that is no number.
    assert_eq!(confirm(&mut world, 1, &large("A"), &id), unknown);
    for (index, named) in [&*small, "GW199999999999", "GW1", "NONE"]
        .iter()
        .enumerate()
    {
        let name = format!("N{index}");
        assert_eq!(
            confirm(&mut world, 0, &large(&name), named),
            unknown,
            "{named}"
        );
    }
    let other_terms = [
        Ask {
            quantity: WARN + 2,
            ..large("U1")
        },
        Ask {
            price: LAST - 100,
            ..large("U2")
        },
        Ask {
            symbol: terms::HYNIX,
            ..large("U3")
        },
        Ask {
            time_in_force: b'3',
            ..large("U4")
        },
        Ask {
            side: SELL,
            ..large("U5")
        },
    ];
    for (asked, tag) in other_terms.iter().zip(["38", "44", "55", "59", "54"]) {
        if asked.symbol == terms::HYNIX {
            world.tell_market(terms::HYNIX, open_market());
        }
        assert_eq!(confirm(&mut world, 0, asked, &id), unlike, "{tag}");
        let told = world.members[0].log.last().unwrap();
        assert_eq!(told.get(tag::GATE_LIMIT), tag);
    }
    // What must be approved is not confirmed, and what needs no word may have one.
    let (held, _) = enter(&mut world, &ask("H", BUY, HOLD + 1));
    assert_eq!(held, SUSPENDED);
    assert_eq!(confirm(&mut world, 0, &ask("T", BUY, WARN), &id), "8 0 0");
    // A confirmed order that cannot leave leaves the warning as it was.
    world.cut_venue(false);
    let down = refused(GateCode::VenueDown);
    assert_eq!(confirm(&mut world, 0, &large("V"), &id), down);
    world.connect_venue();
    // The list is asked again: beyond the collar as it is by now.
    let moved = gwanmun_market::MarketState {
        last: Some(terms::won(80_000)),
        best_bid: None,
        best_ask: None,
        ..open_market()
    };
    world.tell_market(SAMSUNG, moved);
    let collar = refused(GateCode::PriceCollar);
    assert_eq!(confirm(&mut world, 0, &large("W"), &id), collar);
    world.wait_ns(CONFIRM_NS / 2);
    fresh_market(&mut world);
    world.now_ns += CONFIRM_NS / 2 + 2 * S;
    fresh_market(&mut world);
    let late = refused(GateCode::ConfirmExpired);
    assert_eq!(confirm(&mut world, 0, &large("X"), &id), late);
    assert_eq!(
        world.members[0].log.last().unwrap().get(tag::GATE_LIMIT),
        "60"
    );
}

#[test]
fn a_held_order_waits_holds_back_and_leaves_when_it_is_approved() {
    for is_restarted in [false, true] {
        let mut world = world();
        let (told, id) = enter(&mut world, &ask("A", SELL, 900));
        assert_eq!(told, SUSPENDED);
        let report = world.members[0].log.last().unwrap();
        assert_eq!(
            (report.get(tag::LEAVES_QTY), report.get(tag::CUM_QTY)),
            ("900", "0")
        );
        assert!(world.sites[0].venue.entered.is_empty());
        // 900 of 1,000 are held back for it.
        let over = refused(GateCode::SellableBalance);
        assert_eq!(enter(&mut world, &ask("B", SELL, 101)).0, over);
        assert_eq!(enter(&mut world, &ask("C", SELL, 100)).0, "8 0 0");
        world.replace(0, "A", &ask("R", SELL, 50));
        assert_eq!(world.members[0].log.last().unwrap().brief(), "9 2 9 144");
        if is_restarted {
            world.restart(true);
        }
        assert_eq!(
            approve(&mut world, &id, b""),
            Err(CommandRefusal::NoRequester)
        );
        assert_eq!(
            approve(&mut world, &id, b"kim"),
            Err(CommandRefusal::SamePerson)
        );
        let not_held = Err(CommandRefusal::NotHeld);
        assert_eq!(approve(&mut world, "GW100000000999", b"lee"), not_held);
        assert_eq!(approve(&mut world, &id, b"lee"), Ok(()));
        assert_eq!(world.members[0].log.last().unwrap().brief(), "8 0 0");
        assert_eq!(world.members[0].log.last().unwrap().get(tag::ORDER_ID), id);
        assert_eq!(approve(&mut world, &id, b"lee"), not_held);
        let number = world.sites[0].venue.latest();
        world.sites[0].venue.execute(number, 900);
        world.run();
        assert_eq!(world.members[0].log.last().unwrap().brief(), "8 F 2");
        check_ledgers(&world, &["B", "C", "R"]);
    }
}

#[test]
fn an_approval_asks_the_whole_list_again() {
    let mut world = world();
    let (_, id) = enter(&mut world, &ask("A", BUY, HOLD + 1));
    let moved = gwanmun_market::MarketState {
        last: Some(terms::won(80_000)),
        best_bid: None,
        best_ask: None,
        ..open_market()
    };
    world.tell_market(SAMSUNG, moved);
    let refuses = Err(CommandRefusal::CheckRefuses);
    assert_eq!(approve(&mut world, &id, b"lee"), refuses);
    let collar = refused(GateCode::PriceCollar);
    assert_eq!(world.members[0].log.last().unwrap().brief(), collar);
    let not_held = Err(CommandRefusal::NotHeld);
    assert_eq!(approve(&mut world, &id, b"lee"), not_held);
    assert!(world.sites[0].venue.entered.is_empty());
    // Old data refuse too, and what it held back is free again.
    world.tell_market(SAMSUNG, open_market());
    let (_, id) = enter(&mut world, &ask("B", BUY, HOLD + 1));
    world.now_ns += 4 * S;
    assert_eq!(approve(&mut world, &id, b"lee"), refuses);
    world.tell_market(SAMSUNG, open_market());
    let (told, id) = enter(&mut world, &ask("C", SELL, 1_000));
    assert_eq!(told, SUSPENDED);
    assert_eq!(approve(&mut world, &id, b"lee"), Ok(()));
    assert_eq!(world.sites[0].venue.entered.len(), 1);
}

#[test]
fn a_held_order_can_always_be_cancelled() {
    let mut world = world();
    let asked = ask("A", SELL, 1_000);
    let (_, id) = enter(&mut world, &asked);
    // No venue is asked: none has to be there.
    world.cut_venue(false);
    world.cancel(0, "X", "A", &asked);
    let told = world.members[0].log.last().unwrap();
    assert_eq!(
        (told.brief().as_str(), told.get(tag::ORIG_CL_ORD_ID)),
        ("8 4 4", "A")
    );
    world.connect_venue();
    assert_eq!(
        approve(&mut world, &id, b"lee"),
        Err(CommandRefusal::NotHeld)
    );
    world.check();
}

#[test]
fn a_held_order_expires_by_a_deadline_on_record() {
    for is_restarted in [false, true] {
        let mut world = world();
        let (told, _) = enter(&mut world, &ask("A", SELL, 1_000));
        assert_eq!(told, SUSPENDED);
        let from = world.members[0].log.len();
        if is_restarted {
            world.crash(true);
        }
        let until = world.now_ns + HOLD_NS;
        while world.now_ns < until {
            assert_eq!(world.members[0].briefs(from), [""; 0]);
            let due = world.gateway.next_deadline_ns().unwrap();
            world.now_ns = world.now_ns.max(due.min(until));
            let stamp = world.stamp();
            world.call(|gateway, edge| gateway.on_deadlines(edge, stamp));
            world.run();
        }
        if is_restarted {
            world.connect_all();
        }
        let expired = refused(GateCode::HoldExpired);
        assert_eq!(world.members[0].briefs(from), [expired]);
        let mut log = world.members[0].log.iter().rev();
        let told = log.find(|seen| seen.msg_type == "8").unwrap();
        let figures = (told.get(tag::GATE_LIMIT), told.get(tag::GATE_OBSERVED));
        assert_eq!(figures, ("300", "300"));
        world.check();
    }
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
        world.members[0].log.last().unwrap().brief()
    };
    assert_eq!(replaced("A", &ask("B", BUY, 101)), "9 2 0 143");
    assert_eq!(replaced("A", &ask("C", BUY, 201)), "9 2 0 144");
    assert_eq!(replaced("A", &ask("D", BUY, 100)), "8 5 0");
    let (_, id) = enter(&mut world, &ask("H", BUY, 300));
    assert_eq!(approve(&mut world, &id, b"lee"), Ok(()));
    let mut replaced = |orig: &str, to: &Ask<'_>| {
        world.replace(0, orig, to);
        world.members[0].log.last().unwrap().brief()
    };
    let dearer = Ask {
        price: LAST + 100,
        ..ask("I", BUY, 250)
    };
    assert_eq!(replaced("H", &dearer), "9 2 0 144");
    assert_eq!(replaced("H", &ask("J", BUY, 250)), "8 5 0");
}
