//! The same inputs give the same effects, byte for byte, however they were cut on their way.

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::RecordKind;
use gwanmun_gateway::{StorageLevel, Terms};

use crate::terms::{self, HYNIX, LAST, NXT, SAMSUNG, open_market};
use crate::venue::Mood;
use crate::world::{Ask, BUY, SELL, World, ask};

/// A bit of everything that does not depend on the order of arrival between lines.
fn play(world: &mut World) {
    world.connect_all();
    world.order(0, &ask("A", BUY, 10));
    world.order(0, &ask("B", SELL, 1_001));
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.execute(number, 4);
    world.run();
    world.replace(
        0,
        "A",
        &Ask {
            price: LAST - 100,
            ..ask("C", BUY, 20)
        },
    );
    world.sites[0].venue.mood = Mood::Refuses;
    world.replace(0, "C", &ask("D", BUY, 30));
    world.cancel(0, "E", "C", &ask("A", BUY, 10));
    world.cancel(0, "F", "E", &ask("A", BUY, 10));
    let line = world.member_lines[0].unwrap();
    world.receive(line, b"8=FIX.4.4\x019=5\x0135=0\x0110=000\x01 nonsense");
    world.say(0, "1", |writer| {
        writer.bytes(gwanmun_fix::tag::TEST_REQ_ID, b"hello");
    });
    world.cut_member(0);
    world.order(1, &ask("A", SELL, 10));
    world.storage(StorageLevel::Low);
    world.order(1, &ask("G", BUY, 10));
    world.storage(StorageLevel::Normal);
    world.tell_market(HYNIX, open_market());
    world.tell_market(SAMSUNG, open_market());
    world.connect_member(0, false);
    world.wait_ns(2_000_000_000);
    world.order(0, &ask("H", BUY, 10));
    if world.sites.len() > 1 {
        let at_nxt = Ask {
            venue: NXT,
            ..ask("N", SELL, 10)
        };
        world.order(0, &at_nxt);
        let number = world.sites[1].venue.latest();
        world.sites[1].venue.execute(number, 3);
        world.run();
    }
    world.cut_venue(false);
    world.connect_venue();
    world.say(1, "5", |_| {});
}

fn played(terms: Terms, change: impl FnOnce(&mut World)) -> World {
    let mut world = World::of(terms, 1 << 20);
    world.is_checked = false;
    change(&mut world);
    play(&mut world);
    world
}

#[test]
fn the_same_inputs_give_the_same_records() {
    for terms in [terms::terms(), terms::two_venues()] {
        let one = played(terms.clone(), |_| {});
        let other = played(terms, |_| {});
        assert!(one.edge.records().len() > 100);
        assert_eq!(one.edge.records(), other.edge.records());
    }
}

/// Only where a record lies may differ: payloads of effects hold no numbers of records.
#[test]
fn every_split_is_equal() {
    for terms in [terms::terms(), terms::two_venues()] {
        let whole = played(terms.clone(), |_| {});
        let split = played(terms, |world| world.is_split = true);
        assert!(split.edge.record_count() > 3 * whole.edge.record_count());
        let (whole_effects, split_effects) = (whole.edge.effects(), split.edge.effects());
        assert_eq!(whole_effects.len(), split_effects.len());
        for (one, other) in whole_effects.iter().zip(&split_effects) {
            assert_eq!(one, other);
        }
    }
}

/// `recorded_before_sent`: what the peers got is what stands in effects, in their order, and the
/// input behind each effect stands before it.
#[test]
fn recorded_before_sent() {
    let world = played(terms::terms(), |_| {});
    let mut outputs = world.edge.outputs.iter();
    let records = world.edge.records();
    for record in records
        .iter()
        .filter(|record| record.kind == RecordKind::Effect)
    {
        let cause = records
            .iter()
            .find(|cause| cause.number == record.refers_to)
            .unwrap();
        assert!(cause.number < record.number && cause.kind.is_input());
        for entry in EffectReader::new(&record.payload) {
            if let Entry::Output {
                connection, bytes, ..
            } = entry.unwrap()
                && connection & gwanmun_gateway::effect::OFFLINE == 0
            {
                let sent = outputs.next().unwrap();
                assert_eq!((sent.connection, sent.number), (connection, record.number));
                assert_eq!(sent.bytes, bytes);
            }
        }
    }
    assert!(outputs.next().is_none());
}

/// The room lent may be larger than promised: how much a resend puts into one effect must not
/// depend on it. The edge of these tests lends the rest of its segment.
#[test]
fn effects_keep_within_the_room_promised() {
    for effect in played(terms::terms(), |_| {}).edge.effects() {
        assert!(effect.len() <= gwanmun_gateway::EFFECT_BYTES_MAX);
    }
}
