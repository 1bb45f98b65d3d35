//! A number set by hand, numbers that begin anew and a snapshot, all three of one session: what was
//! never sent is filled, what was is sent again, whichever of them came first.

use gwanmun_captures::command::Direction;
use gwanmun_fix::tag;

use super::{FIRST, SECOND, numbers, tell, window};
use crate::commands::{fills, follow};
use crate::snapshot::check_every_border;
use crate::terms;
use crate::world::{BUY, World, ask};

/// Small, so that borders lie between all that happens.
const SEGMENT_BYTES: usize = 40 << 10;

/// Numbers left out: more than two pieces of the index.
const LEFT_OUT: u64 = 600;

/// The world's session 0 away, with a report on either side of a hole in its numbers.
fn with_a_hole() -> World {
    let mut world = World::of(terms::terms(), SEGMENT_BYTES);
    world.schedule(window(FIRST));
    world.connect_all();
    // Numbers move down by whole pieces of the index, so that more than one must be used.
    world.is_checked = false;
    for _ in 0..400 {
        world.say(0, "1", |writer| {
            writer.bytes(tag::TEST_REQ_ID, b"hello");
        });
    }
    world.is_checked = true;
    world.order(0, &ask("A", BUY, 10));
    let number = world.sites[0].venue.latest();
    world.cut_member(0);
    world.sites[0].venue.execute(number, 1);
    world.run();
    let (_, next_out) = numbers(&world);
    follow(&mut world, 0, Direction::Out, next_out + LEFT_OUT);
    world.sites[0].venue.execute(number, 4);
    world.run();
    world
}

/// Others trade, until so many segments more are full.
fn fill_segments(world: &mut World, count: usize) {
    let until = world.edge.segments().len() + count;
    let mut number = 0;
    while world.edge.segments().len() < until {
        number += 1;
        let name = format!("{until}-{number}");
        world.order(1, &ask(&name, BUY, 1));
    }
}

#[test]
fn a_hole_a_renumbering_and_a_snapshot_are_one_history() {
    for is_snapshot_before in [true, false] {
        let mut world = with_a_hole();
        fill_segments(&mut world, 1);
        if is_snapshot_before {
            world.snapshot_border = Some(world.edge.segments().len() - 1);
            world.crash(false);
            world.schedule(window(FIRST));
        }
        world.now_ns = FIRST.1;
        tell(&mut world);
        // Both reports are kept, under the first numbers of the next window, with the hole between.
        let (next_in, next_out) = numbers(&world);
        assert_eq!(next_in, 1);
        assert!((LEFT_OUT..LEFT_OUT + 300).contains(&next_out), "{next_out}");
        if !is_snapshot_before {
            fill_segments(&mut world, 1);
            world.snapshot_border = Some(world.edge.segments().len() - 1);
            world.crash(false);
            tell(&mut world);
        }
        check_every_border(&world.terms, world.edge.segments());
        let from = world.members[0].log.len();
        let before = fills(&world, 0).len();
        world.members[0].begin_anew();
        world.now_ns = SECOND.0;
        tell(&mut world);
        world.connect_all();
        assert_eq!(world.members[0].briefs(from), ["8 F 1", "8 F 1"]);
        let log = world.members[0].log[from..].iter();
        let told: Vec<(u64, &str)> = log
            .filter(|seen| seen.msg_type == "8")
            .map(|seen| (seen.number(tag::MSG_SEQ_NUM), seen.get(tag::CUM_QTY)))
            .collect();
        assert_eq!((told[0].1, told[1].1), ("1", "5"));
        assert_eq!(
            (told[0].0, told[1].0),
            (next_out - LEFT_OUT - 2, next_out - 1)
        );
        // Between the two one gap fill, over exactly what was left out.
        let fills = &fills(&world, 0)[before..];
        assert!(
            fills.contains(&(told[0].0 + 1, told[1].0)),
            "{fills:?} {told:?}"
        );
        check_every_border(&world.terms, world.edge.segments());
    }
}
