//! Numbers begin anew once, whatever dies around the end of a window.

use gwanmun_fix::tag;

use super::{FIRST, S, SECOND, numbers, open_world, tell, window};
use crate::world::{BUY, World, ask};

#[test]
fn a_restart_in_the_same_window_resets_nothing_and_one_behind_it_once() {
    let mut world = open_world();
    world.order(0, &ask("A", BUY, 10));
    world.crash(false);
    tell(&mut world);
    world.connect_all();
    world.order(0, &ask("B", BUY, 10));
    let before = numbers(&world);
    assert!(before.0 > 3);
    // A whole window passes while no process runs.
    world.crash(false);
    world.now_ns = SECOND.1 + 10 * S;
    let third = (SECOND.1, SECOND.1 + 100 * S);
    world.schedule(window(third));
    assert_eq!(numbers(&world), (1, 1));
    let effects = world.edge.effects().len();
    world.schedule(window(third));
    assert_eq!(world.edge.effects().len(), effects, "told twice, done once");
    world.members[0].begin_anew();
    world.connect_all();
    world.crash(false);
    world.schedule(window(third));
    assert_eq!(numbers(&world).0, 2, "the Logon is on record");
}

/// The flow around a boundary, with two members, a fill in the gap and a refused Logon.
fn play(world: &mut World) {
    world.order(0, &ask("A", BUY, 10));
    world.now_ns = FIRST.1;
    tell(world);
    world.say(0, "5", |_| {});
    if let Some(number) = world.sites[0].venue.live.keys().next().copied() {
        world.sites[0].venue.execute(number, 4);
        world.run();
    }
    world.now_ns = SECOND.0;
    tell(world);
}

/// The process dies at every record around the boundary: the numbers are those of the second
/// window, begun once, and what the venue has is told.
#[test]
fn a_death_at_any_record_neither_resets_twice_nor_forgets() {
    let mut world = open_world();
    let before = world.edge.record_count();
    play(&mut world);
    let records = world.edge.record_count() - before;
    assert!(records > 15, "{records}");
    for at in 0..=records {
        let mut world = open_world();
        world.is_checked = false;
        world.edge.records_left = Some(at);
        play(&mut world);
        let has_begun = numbers(&world) == (1, 1);
        let sent_anew = numbers(&world).1;
        world.now_ns = world.now_ns.max(FIRST.1 + S);
        world.crash(false);
        tell(&mut world);
        let begun = numbers(&world);
        assert_eq!(begun.0, 1, "after {at}");
        if has_begun {
            assert_eq!(begun.1, sent_anew, "begun twice after {at}");
        }
        world.now_ns = SECOND.0;
        tell(&mut world);
        // Once more, and nothing has changed.
        world.crash(false);
        tell(&mut world);
        assert_eq!(numbers(&world), begun, "after {at}");
        world.members[0].begin_anew();
        let from = world.members[0].log.len();
        world.connect_all();
        assert!(world.gateway.is_bound(0), "after {at}");
        if world.sites[0].venue.bought.values().sum::<i64>() > 0 {
            assert_eq!(world.members[0].briefs(from).last().unwrap(), "8 F 1");
        }
        world.order(0, &ask("Z", BUY, 1));
        let briefs = world.members[0].briefs(from);
        assert_eq!(briefs.last().unwrap(), "8 0 0", "after {at}");
    }
}

/// The same for one who is away: each fill is told, whenever the process dies.
#[test]
fn a_death_at_any_record_loses_no_report_of_one_who_is_away() {
    let play = |world: &mut World| {
        let number = world.sites[0].venue.latest();
        world.cut_member(0);
        world.sites[0].venue.execute(number, 3);
        world.run();
        world.now_ns = FIRST.1;
        tell(world);
        world.sites[0].venue.execute(number, 2);
        world.run();
        world.now_ns = SECOND.0;
        tell(world);
    };
    let with_order = || {
        let mut world = open_world();
        world.is_checked = false;
        world.order(0, &ask("A", BUY, 10));
        world
    };
    let mut world = with_order();
    let before = world.edge.record_count();
    play(&mut world);
    let records = world.edge.record_count() - before;
    assert!(records > 8, "{records}");
    for at in 0..=records {
        let mut world = with_order();
        world.edge.records_left = Some(at);
        play(&mut world);
        world.crash(false);
        tell(&mut world);
        world.members[0].begin_anew();
        let from = world.members[0].log.len();
        world.connect_all();
        let log = world.members[0].log[from..].iter();
        let reports = log.filter(|seen| seen.msg_type == "8");
        let quantities: Vec<_> = reports.map(|seen| seen.get(tag::CUM_QTY)).collect();
        assert_eq!(quantities, ["3", "5"], "after {at}");
        world.check();
    }
}
