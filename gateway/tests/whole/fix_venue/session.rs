//! The session with a FIX venue: its numbers, its silence, its password, its replay.

use gwanmun_captures::effect::{EffectReader, Entry, SECRET};
use gwanmun_captures::journal::RecordKind;
use gwanmun_gateway::LineFault;

use super::{execute, front};
use crate::fix_front::FixFront;
use crate::restart::check_ledgers;
use crate::world::{BUY, World, ask};

/// A venue that asks for our messages in the middle of the day gets a gap fill, never an order, and
/// what may be lost in it is settled.
#[test]
fn a_request_for_old_orders_is_answered_with_a_gap_fill() {
    let mut world = World::with_fix_venue();
    world.order(0, &ask("A", BUY, 10));
    execute(&mut world, 3);
    front(&mut world).tell("2", vec![(7, "1".into()), (16, "0".into())]);
    world.run();
    assert!(world.is_up());
    world.order(0, &ask("B", BUY, 10));
    check_ledgers(&world, &["A", "B"]);
    assert_eq!(front(&mut world).again, 0);
    assert_eq!(world.sites[0].venue.entered.len(), 2);
}

/// A venue whose session begins anew has lost ours, and is not talked to.
#[test]
fn a_venue_whose_numbers_begin_anew_is_given_up() {
    let mut world = World::with_fix_venue();
    world.order(0, &ask("A", BUY, 10));
    world.cut_venue(false);
    let old = front(&mut world);
    let anew = FixFront {
        next_in: old.next_in,
        told: old.told,
        ..FixFront::new()
    };
    world.sites[0].venue.front = Some(anew);
    world.connect_venue();
    assert!(!world.is_up());
    let fault = world.gateway.take_venue_fault(0);
    assert!(matches!(fault, Some(LineFault::Session(_))), "{fault:?}");
}

/// The same inputs give the same records, and however they were cut the same effects.
#[test]
fn replay_is_identical() {
    let played = |is_split: bool| {
        let mut world = World::with_fix_venue();
        world.is_checked = false;
        world.is_split = is_split;
        world.order(0, &ask("A", BUY, 10));
        execute(&mut world, 4);
        world.replace(0, "A", &ask("B", BUY, 20));
        world.cancel(0, "X", "B", &ask("A", BUY, 10));
        world.sites[0].is_slow = true;
        world.order(0, &ask("C", BUY, 10));
        world.cut_venue(true);
        world.sites[0].is_slow = false;
        world.connect_venue();
        world.order(0, &ask("D", BUY, 10));
        world
    };
    let (one, other, split) = (played(false), played(false), played(true));
    assert!(one.edge.records().len() > 50);
    assert_eq!(one.edge.records(), other.edge.records());
    assert_eq!(one.edge.effects(), split.edge.effects());
    let received = |world: &World| {
        let records = world.edge.records();
        records
            .iter()
            .filter(|it| it.kind == RecordKind::Received)
            .count()
    };
    assert!(received(&split) > 3 * received(&one));
}

/// Silence is asked about, and ends the line.
#[test]
fn a_silent_venue_is_given_up() {
    let mut world = World::with_fix_venue();
    world.sites[0].is_slow = true;
    for _ in 0..100 {
        world.wait_ns(1_000_000_000);
    }
    assert!(!world.is_up());
    assert!(world.gateway.take_venue_fault(0).is_some());
}

/// A password is never on record: the Logon(A) has asterisks of its length, and its output is
/// flagged for whoever puts the password there.
#[test]
fn a_logon_with_a_password_has_asterisks_on_record() {
    let mut terms = crate::terms::fix_venue();
    terms.venues[0].logon_password_bytes = 6;
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    assert!(world.is_up());
    let masked = b"\x01553=gw1\x01554=******\x01";
    let mut found = 0;
    for effect in world.edge.effects() {
        for entry in EffectReader::new(&effect) {
            if let Entry::Output { flags, bytes, .. } = entry.unwrap() {
                let has_it = bytes.windows(masked.len()).any(|it| it == masked);
                assert_eq!(has_it, flags & SECRET != 0 && bytes.starts_with(b"8=FIX"));
                found += usize::from(has_it);
            }
        }
    }
    assert_eq!(found, 1);
}
