//! A venue that is there and does not answer: it is asked again and the operator told, and nothing
//! is held up by it but itself; and one that asks for more than one turn may take.

use gwanmun_fix::tag;
use gwanmun_gateway::{VenueFinding, WireTerms};

use super::{execute, front};
use crate::restart::check_ledgers;
use crate::terms::{self, NXT, SAMSUNG, open_market, two_venues};
use crate::world::{Ask, BUY, World, ask};

const SECOND_NS: u64 = 1_000_000_000;
const UNANSWERED: Option<VenueFinding> = Some(VenueFinding::Unanswered);

/// How often it was asked, by MsgType(35).
fn asked(world: &mut World, msg_type: &str) -> usize {
    let taken = front(world).taken.iter();
    taken.filter(|it| it.msg_type == msg_type).count()
}

/// The feeds, which were silent meanwhile, tell of markets again.
fn open_markets(world: &mut World) {
    for site in 0..2 {
        world.connect_feed_at(site);
        world.tell_market_at(site, SAMSUNG, open_market());
    }
}

/// The venue ignores one kind of question behind a lost line with an order in doubt.
fn ignoring(msg_type: &'static str) -> World {
    let mut terms = two_venues();
    terms.venues[0].wire = terms::fix_venue().venues[0].wire;
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    world.sites[0].is_slow = true;
    world.order(0, &ask("A", BUY, 10));
    world.cut_venue(true);
    world.sites[0].is_slow = false;
    front(&mut world).ignores.push(msg_type);
    world.connect_venue();
    assert!(!world.is_up());
    world
}

#[test]
fn a_question_without_an_answer_is_asked_again_and_told() {
    for msg_type in ["1", "H"] {
        let mut world = ignoring(msg_type);
        assert_eq!(asked(&mut world, msg_type), 1);
        world.wait_ns(9 * SECOND_NS);
        assert_eq!(world.gateway.take_venue_finding(0), None, "{msg_type}");
        // After 10 seconds, and after 20 and 40 more.
        for (seconds, times) in [(1, 2), (19, 2), (1, 3), (39, 3), (1, 4)] {
            world.wait_ns(seconds * SECOND_NS);
            assert_eq!(asked(&mut world, msg_type), times, "{msg_type} {seconds}");
            let is_told = seconds == 1;
            let finding = UNANSWERED.filter(|_| is_told);
            assert_eq!(world.gateway.take_venue_finding(0), finding, "{msg_type}");
        }
        // It is settling, and the other venue trades.
        open_markets(&mut world);
        world.connect_venue_at(1);
        let to = |name, venue| Ask {
            venue,
            ..ask(name, BUY, 10)
        };
        let from = world.members[0].log.len();
        world.order(0, &to("B", terms::KRX));
        world.order(0, &to("C", NXT));
        assert_eq!(world.members[0].briefs(from), ["8 8 8 4", "8 0 0"]);
        assert_eq!(world.gateway.orders_in_doubt(0), 1);
        front(&mut world).ignores.clear();
        world.wait_ns(81 * SECOND_NS);
        assert!(world.is_up(), "{msg_type}");
        open_markets(&mut world);
        assert_eq!(world.gateway.orders_in_doubt(0), 0);
        world.order(0, &to("D", terms::KRX));
        check_ledgers(&world, &["A", "B", "C", "D"]);
        assert_eq!(front(&mut world).again, 0);
    }
}

/// The same question is asked, so that the answer to any of them is one.
#[test]
fn a_late_answer_to_the_first_question_settles() {
    let mut world = ignoring("1");
    world.wait_ns(11 * SECOND_NS);
    let barriers: Vec<String> = front(&mut world)
        .taken
        .iter()
        .filter(|it| it.msg_type == "1")
        .map(|it| it.get(tag::TEST_REQ_ID).to_owned())
        .collect();
    assert_eq!(barriers.len(), 2);
    assert_eq!(barriers[0], barriers[1]);
    front(&mut world).tell("0", vec![(112, barriers[0].clone())]);
    world.run();
    assert!(world.is_up());
    check_ledgers(&world, &["A"]);
    // A barrier of an earlier line is none of a later one.
    world.cut_venue(false);
    world.connect_venue();
    let settled = asked(&mut world, "H");
    front(&mut world).tell("0", vec![(112, barriers[0].clone())]);
    world.run();
    assert!(!world.is_up());
    assert_eq!(asked(&mut world, "H"), settled);
}

/// What was missed is asked for and never comes: on a line that begins, and on one that is up.
#[test]
fn a_gap_that_is_not_filled_is_told() {
    for is_cut in [true, false] {
        let mut world = World::with_fix_venue();
        world.order(0, &ask("A", BUY, 10));
        front(&mut world).is_mute = true;
        execute(&mut world, 4);
        front(&mut world).is_mute = false;
        front(&mut world).ignores.push("2");
        if is_cut {
            world.cut_venue(false);
            world.connect_venue();
        } else {
            execute(&mut world, 1);
        }
        assert_eq!(asked(&mut world, "2"), 1);
        world.wait_ns(9 * SECOND_NS);
        assert_eq!(world.gateway.take_venue_finding(0), None);
        world.wait_ns(SECOND_NS);
        assert_eq!(world.gateway.take_venue_finding(0), UNANSWERED, "{is_cut}");
        assert_eq!(world.members[0].briefs(0), ["8 0 0"]);
    }
}

/// A venue that asks for a hundred thousand numbers gets a gap fill for each 16,384, one for each
/// time that its socket has accepted something.
#[test]
fn a_gap_fill_over_a_day_takes_one_step_for_each_input() {
    const MANY: u64 = 100_000;
    let mut world = World::with_fix_venue();
    world.is_checked = false;
    for _ in 0..MANY {
        front(&mut world).tell("1", vec![(112, "X".into())]);
        if front(&mut world).outbox.len() == 500 {
            world.run();
        }
    }
    world.run();
    let line = world.sites[0].order_line.unwrap();
    let fills = |world: &World| {
        let outputs = world.edge.outputs.iter();
        let fill = b"\x0135=4\x01";
        let is_fill = |bytes: &[u8]| bytes.windows(fill.len()).any(|it| it == fill);
        outputs.filter(|it| is_fill(&it.bytes)).count()
    };
    let before = fills(&world);
    world.held_sockets.push(line);
    front(&mut world).tell("2", vec![(7, "1".into()), (16, "0".into())]);
    world.run();
    assert_eq!(fills(&world) - before, 1);
    assert!(!world.is_up());
    // Whoever else is there has his turn in between.
    let from = world.members[0].log.len();
    world.order(0, &ask("A", BUY, 1));
    assert_eq!(world.members[0].briefs(from), ["8 8 8 4"]);
    world.release(line);
    assert_eq!(fills(&world) - before, 7);
    assert!(world.is_up());
    world.order(0, &ask("B", BUY, 1));
    assert_eq!(world.members[0].log.last().unwrap().brief(), "8 0 0");
    assert_eq!(front(&mut world).again, 0);
    assert!(matches!(world.terms.venues[0].wire, WireTerms::Fix(_)));
}
