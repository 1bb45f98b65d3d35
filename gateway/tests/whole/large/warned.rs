//! Warned, and confirmed by their member.

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_fix::tag;
use gwanmun_gateway::CONFIRM_NS;
use gwanmun_gateway::effect::TAG_WARNED;
use gwanmun_gateway::image::ImageReader;
use gwanmun_market::{GateCode, OrderId};

use super::{
    HOLD, S, SUSPENDED, WARN, confirm, enter, fresh_market, last_told, moved_market, world,
};
use crate::member::refused;
use crate::restart::check_ledgers;
use crate::terms::{self, LAST, SAMSUNG, open_market};
use crate::world::{Ask, BUY, SELL, World, ask};

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
        let log = last_told(&world);
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
        let by = last_told(&world).get(tag::ORDER_ID).to_owned();
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
        let told = last_told(&world);
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
    world.tell_market(SAMSUNG, moved_market());
    let collar = refused(GateCode::PriceCollar);
    assert_eq!(confirm(&mut world, 0, &large("W"), &id), collar);
    world.wait_ns(CONFIRM_NS / 2);
    fresh_market(&mut world);
    world.now_ns += CONFIRM_NS / 2 + 2 * S;
    fresh_market(&mut world);
    let late = refused(GateCode::ConfirmExpired);
    assert_eq!(confirm(&mut world, 0, &large("X"), &id), late);
    assert_eq!(last_told(&world).get(tag::GATE_LIMIT), "60");
}
