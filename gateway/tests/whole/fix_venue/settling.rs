//! A FIX venue after a loss: nothing is sent twice, and what is in doubt is asked for.

use gwanmun_gateway::VenueFinding;

use super::front;
use crate::restart::{REQUESTS, check_ledgers, play};
use crate::world::{BUY, SELL, World, ask};

#[test]
fn the_script_itself_is_in_order() {
    let mut world = World::with_fix_venue();
    play(&mut world);
    check_ledgers(&world, &REQUESTS);
    assert_eq!(world.sites[0].venue.entered.len(), 4);
}

/// `nothing_sent_twice`, towards a FIX venue: the process dies at every record, with what it had
/// committed last reaching its peers or not.
#[test]
fn nothing_sent_twice() {
    let mut world = World::with_fix_venue();
    let before = world.edge.record_count();
    play(&mut world);
    let records = world.edge.record_count() - before;
    assert!(records > 50);
    for are_outputs_lost in [false, true] {
        for at in 0..=records {
            let mut world = World::with_fix_venue();
            world.is_checked = false;
            world.edge.records_left = Some(at);
            play(&mut world);
            world.sites[0].is_slow = false;
            world.crash(are_outputs_lost);
            world.edge.records_left = Some(at % 17);
            world.connect_all();
            world.edge.records_left = None;
            if world.edge.is_stopped {
                world.crash(are_outputs_lost);
                world.connect_all();
            }
            assert!(world.is_up() && world.gateway.is_bound(0), "{at}");
            check_ledgers(&world, &REQUESTS);
            assert_eq!(front(&mut world).again, 0, "an order was sent again");
        }
    }
}

/// The line is lost behind every request, with what was on its way, or with the reports alone.
#[test]
fn a_lost_line_leaves_nothing_in_doubt() {
    for are_requests_lost in [false, true] {
        for read in 0..6 {
            let mut world = World::with_fix_venue();
            world.order(0, &ask("A", BUY, 10));
            world.order(0, &ask("B", SELL, 10));
            world.sites[0].is_slow = true;
            front(&mut world).is_mute = true;
            world.replace(0, "A", &ask("RA", BUY, 20));
            world.cancel(0, "XB", "B", &ask("B", SELL, 10));
            world.order(0, &ask("C", BUY, 7));
            world.replace(0, "B", &ask("RB", SELL, 20));
            world.cancel(0, "XA", "A", &ask("A", BUY, 10));
            for _ in 0..read {
                world.sites[0].venue.step();
                world.run();
            }
            world.cut_venue(are_requests_lost);
            front(&mut world).is_mute = false;
            world.sites[0].is_slow = false;
            world.connect_venue();
            assert!(world.is_up());
            check_ledgers(&world, &["A", "B", "C", "RA", "XB", "RB", "XA"]);
            assert_eq!(front(&mut world).again, 0, "an order was sent again");
            world.order(0, &ask("D", BUY, 1));
            check_ledgers(&world, &["D"]);
        }
    }
}

/// Orders and requests that never reached the venue are told so, each with its own answer.
#[test]
fn what_never_arrived_is_told() {
    let mut world = World::with_fix_venue();
    world.order(0, &ask("A", BUY, 10));
    world.order(0, &ask("B", BUY, 10));
    world.sites[0].is_slow = true;
    world.cancel(0, "XA", "A", &ask("A", BUY, 10));
    world.replace(0, "B", &ask("RB", BUY, 20));
    world.cancel(0, "XB", "B", &ask("B", BUY, 10));
    world.order(0, &ask("D", BUY, 10));
    let from = world.members[0].log.len();
    world.cut_venue(true);
    world.sites[0].is_slow = false;
    world.connect_venue();
    assert_eq!(
        world.members[0].briefs(from),
        ["9 1 0 200", "9 2 0 200", "9 1 0 200", "8 8 8 200"]
    );
    check_ledgers(&world, &["A", "B", "XA", "RB", "XB", "D"]);
    let statuses = front(&mut world).taken.iter();
    let asked: Vec<&str> = statuses
        .filter(|it| it.msg_type == "H")
        .map(|it| it.get(11))
        .collect();
    assert_eq!(
        asked,
        [
            "GW100000000001",
            "GW100000000003",
            "GW100000000002",
            "GW100000000004"
        ]
    );
}

/// Nothing new goes out before everything in doubt is settled.
#[test]
fn orders_are_refused_while_the_venue_settles() {
    let mut world = World::with_fix_venue();
    world.sites[0].is_slow = true;
    world.order(0, &ask("A", BUY, 10));
    world.cut_venue(true);
    world.connect_venue();
    assert_eq!(world.gateway.orders_in_doubt(0), 1);
    let mut steps = 0;
    while !world.is_up() {
        let from = world.members[0].log.len();
        let name = format!("N{steps}");
        world.order(0, &ask(&name, BUY, 1));
        assert_eq!(world.members[0].briefs(from), ["8 8 8 4"]);
        world.venue_reads();
        steps += 1;
    }
    // Our Logon(A) was too high: the gap fill, the barrier, the question.
    assert!(steps >= 3, "{steps}");
    world.sites[0].is_slow = false;
    world.run();
    world.order(0, &ask("B", BUY, 10));
    check_ledgers(&world, &["A", "B"]);
}

/// A venue that had an order when its line was lost, and refuses to tell of it.
fn refusing() -> World {
    let mut world = World::with_fix_venue();
    world.sites[0].is_slow = true;
    world.order(0, &ask("A", BUY, 10));
    world.cut_venue(true);
    world.sites[0].is_slow = false;
    front(&mut world).refuses_status = true;
    world.connect_venue();
    assert!(!world.is_up());
    world
}

const REFUSED: Option<VenueFinding> = Some(VenueFinding::StatusRefused);

/// A venue that will not tell leaves its orders in doubt, and takes no new ones.
#[test]
fn a_venue_that_does_not_tell_is_not_settled_with() {
    let mut world = refusing();
    assert_eq!(world.gateway.take_venue_finding(0), REFUSED);
    assert_eq!(world.gateway.orders_in_doubt(0), 1);
    world.order(0, &ask("B", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 8 8 4"]);
    front(&mut world).refuses_status = false;
    world.cut_venue(false);
    world.connect_venue();
    assert!(world.is_up());
    check_ledgers(&world, &["A", "B"]);
}

/// Perhaps it was not able to: it is asked again when the time of an answer has passed.
#[test]
fn a_question_that_was_refused_is_asked_again() {
    let mut world = refusing();
    for _ in 0..2 {
        assert!(!world.is_up());
        assert_eq!(world.gateway.take_venue_finding(0), REFUSED);
        world.wait_ns(25_000_000_000);
    }
    front(&mut world).refuses_status = false;
    world.wait_ns(60_000_000_000);
    assert!(world.is_up());
    assert_eq!(world.gateway.orders_in_doubt(0), 0);
    check_ledgers(&world, &["A"]);
}

/// A venue that refuses what it had taken says so by OrdStatus(39); anything less leaves the order
/// live, and what it holds back held back.
#[test]
fn a_live_order_is_not_taken_for_a_dead_one() {
    let mut world = World::with_fix_venue();
    world.order(0, &ask("A", BUY, 10));
    let from = world.members[0].log.len();
    let mut say = |msg_type: &str, fields: &[(u32, &str)]| {
        let fields = fields.iter().map(|it| (it.0, it.1.to_owned())).collect();
        front(&mut world).tell(msg_type, fields);
        world.run();
        world.members[0].briefs(from)
    };
    let id = "GW100000000001";
    assert_eq!(say("8", &[(11, id), (150, "8"), (39, "0")]), [""; 0]);
    assert_eq!(say("j", &[(379, id), (372, "D"), (380, "0")]), [""; 0]);
    assert_eq!(say("9", &[(41, id), (434, "1")]), [""; 0]);
    assert_eq!(say("8", &[(11, id), (150, "8"), (39, "8")]), ["8 4 4"]);
}

/// A report of a replace counts for the one that it names. What the venue changes by itself is told
/// to the operator, and an average with more decimals than prices have is one all the same.
#[test]
fn what_nobody_asked_for_is_a_finding_and_an_average_is_cut() {
    let mut world = World::with_fix_venue();
    world.order(0, &ask("A", BUY, 10));
    let from = world.members[0].log.len();
    let say = |world: &mut World, fields: &[(u32, &str)]| {
        let fields = fields.iter().map(|it| (it.0, it.1.to_owned())).collect();
        front(world).tell("8", fields);
        world.run();
        let briefs = world.members[0].briefs(from);
        (briefs, world.gateway.take_venue_finding(0))
    };
    let id = (11, "GW100000000001");
    let price = crate::terms::LAST.to_string();
    let as_it_is = [id, (150, "5"), (39, "0"), (38, "10"), (44, &price)];
    assert_eq!(say(&mut world, &as_it_is), (vec![], None));
    let other = [id, (150, "5"), (39, "0"), (38, "7"), (44, &price)];
    let amended = Some(VenueFinding::Amended);
    assert_eq!(say(&mut world, &other), (vec![], amended));
    let told = [id, (150, "I"), (39, "1"), (14, "3"), (6, "71433.333333")];
    let (briefs, finding) = say(&mut world, &told);
    assert_eq!((briefs.len(), finding), (1, None));
    let fill = world.members[0].log.last().unwrap();
    assert_eq!((fill.get(32), fill.get(31)), ("3", "71433.3333"));
}
