//! A venue that speaks FIX: orders, cancels, replaces, what it says in its own way, and what
//! becomes of everything when lines and processes die.

use gwanmun_captures::effect::{EffectReader, Entry, SECRET};
use gwanmun_captures::journal::RecordKind;
use gwanmun_fix::tag;
use gwanmun_gateway::{LineFault, VenueFinding};

use crate::fix_front::{Fields, FixFront};
use crate::restart::{REQUESTS, check_ledgers, play};
use crate::terms::LAST;
use crate::venue::Mood;
use crate::world::{Ask, BUY, SELL, World, ask};

/// Plays `script` and holds what member 0 was told about orders against `expected`.
fn check(script: impl FnOnce(&mut World), expected: &[&str]) -> World {
    let mut world = World::with_fix_venue();
    let from = world.members[0].log.len();
    script(&mut world);
    assert_eq!(world.members[0].briefs(from), expected);
    world
}

fn execute(world: &mut World, quantity: u32) {
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.execute(number, quantity);
    world.run();
}

fn front(world: &mut World) -> &mut FixFront {
    world.sites[0].venue.front.as_mut().unwrap()
}

#[test]
fn an_order_is_new_fills_in_parts_and_is_filled() {
    let mut world = check(
        |world| {
            world.order(0, &ask("A", BUY, 10));
            execute(world, 4);
            execute(world, 6);
        },
        &["8 0 0", "8 F 1", "8 F 2"],
    );
    let filled = world.members[0].log.last().unwrap();
    assert_eq!(filled.get(tag::CUM_QTY), "10");
    assert_eq!(filled.get(tag::AVG_PX), "71600");
    check_ledgers(&world, &["A"]);
    let sent = &front(&mut world).taken[0];
    assert_eq!(sent.get(11), "GW100000000001");
    assert_eq!(sent.get(526), "GW100000000001");
    assert_eq!(
        (sent.get(55), sent.get(54), sent.get(38)),
        ("005930", "1", "10")
    );
    assert_eq!(
        (sent.get(40), sent.get(44), sent.get(59)),
        ("2", "71600", "0")
    );
}

#[test]
fn cancels_and_replaces_are_answered_by_the_venue() {
    let order = ask("A", BUY, 10);
    let mut world = check(
        |world| {
            world.order(0, &order);
            let to = Ask {
                price: LAST - 100,
                ..ask("B", BUY, 20)
            };
            world.replace(0, "A", &to);
            execute(world, 5);
            world.sites[0].venue.mood = Mood::Refuses;
            world.replace(0, "B", &ask("C", BUY, 30));
            world.cancel(0, "D", "B", &order);
            world.sites[0].venue.mood = Mood::Refuses;
            world.order(0, &ask("E", BUY, 1));
            // Taken, and cancelled at once.
            world.sites[0].venue.mood = Mood::Kills;
            world.order(0, &ask("F", BUY, 1));
        },
        &[
            "8 0 0", "8 5 0", "8 F 1", "9 2 1 12", "8 4 4", "8 8 8 12", "8 0 0", "8 4 4",
        ],
    );
    let log = &world.members[0].log;
    let refused = log.iter().find(|seen| seen.msg_type == "9").unwrap();
    assert_eq!(refused.get(tag::GATE_OBSERVED), "99");
    let canceled = log.iter().find(|it| it.get(tag::CL_ORD_ID) == "D").unwrap();
    assert_eq!(canceled.get(tag::ORIG_CL_ORD_ID), "B");
    check_ledgers(&world, &["A", "B", "C", "D", "E", "F"]);
    let taken = &front(&mut world).taken;
    let ids: Vec<(&str, &str, &str)> = taken
        .iter()
        .map(|it| (it.msg_type.as_str(), it.get(11), it.get(41)))
        .collect();
    assert_eq!(ids[1], ("G", "GW100000000002", "GW100000000001"));
    let (msg_type, cancel, orig) = ids[3];
    assert_eq!((msg_type, orig), ("F", "GW100000000002"));
    assert!(cancel.starts_with("GW100000000002C"), "{cancel}");
}

#[test]
fn a_cancel_that_comes_too_late_is_answered_once_by_the_fill() {
    let order = ask("A", BUY, 10);
    let mut world = check(
        |world| {
            world.order(0, &order);
            world.sites[0].is_slow = true;
            world.cancel(0, "X", "A", &order);
            execute(world, 10);
            world.sites[0].is_slow = false;
            world.run();
        },
        &["8 0 0", "8 F 2", "9 1 2 9"],
    );
    check_ledgers(&world, &["A", "X"]);
    assert_eq!(world.gateway.take_venue_finding(0), None);
    // A live one of which the venue says that it cannot be cancelled.
    world.order(0, &ask("B", BUY, 10));
    world.sites[0].is_slow = true;
    world.cancel(0, "Y", "B", &order);
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.report_cancel_reject(number);
    world.run();
    let log = &world.members[0].log;
    assert_eq!(log.last().unwrap().brief(), "9 1 0 12");
}

/// A cancel behind a replace that is not answered names the order by both its names, and the member
/// gets one answer whichever of them the venue knows.
#[test]
fn a_cancel_may_overtake_the_answer_to_a_replace() {
    for (mood, expected) in [
        (Mood::Takes, ["8 0 0", "8 5 0", "8 4 4"]),
        (Mood::Refuses, ["8 0 0", "9 2 0 12", "8 4 4"]),
    ] {
        let order = ask("A", BUY, 10);
        let mut world = check(
            |world| {
                world.order(0, &order);
                world.sites[0].is_slow = true;
                world.replace(0, "A", &ask("B", BUY, 20));
                world.cancel(0, "X", "A", &order);
                world.sites[0].venue.mood = mood;
                world.sites[0].is_slow = false;
                world.run();
            },
            &expected,
        );
        check_ledgers(&world, &["A", "B", "X"]);
        assert_eq!(front(&mut world).taken.len(), 4);
    }
}

fn put(fields: &mut Fields, tag: u32, value: &str) {
    match fields.iter_mut().find(|field| field.0 == tag) {
        Some(field) => value.clone_into(&mut field.1),
        None => fields.push((tag, value.to_owned())),
    }
}

fn drop(fields: &mut Fields, tags: &[u32]) {
    fields.retain(|field| !tags.contains(&field.0));
}

/// How a venue may deviate from what is expected of an ExecutionReport(8).
const MANGLES: [fn(&mut Fields); 19] = [
    // Tags that nobody knows, of users and of later versions, twice, in front and behind.
    |it| {
        it.extend([
            (9_999, "x".into()),
            (25_001, "y".into()),
            (25_001, "z".into()),
        ])
    },
    |it| it.insert(5, (5_555, "?".into())),
    // A group, with members that stand elsewhere too.
    |it| {
        it.extend([
            (453, "2".into()),
            (448, "A".into()),
            (448, "B".into()),
            (54, "9".into()),
        ])
    },
    // Malformed: without a value, without a tag.
    |it| it.push((58, String::new())),
    |it| it.insert(6, (0, "nothing".into())),
    // No ClOrdID(11), and no other name either but our OrderID.
    |it| {
        let id = it.iter().find(|field| field.0 == 11).unwrap().1.clone();
        drop(it, &[11]);
        put(it, 41, &id);
    },
    |it| {
        drop(it, &[11, 41]);
        put(it, 526, "GW100000000001");
    },
    // What is told by others too.
    |it| drop(it, &[6, 17, 37, 44, 38, 54, 55, 60]),
    |it| drop(it, &[14]),
    |it| drop(it, &[32]),
    |it| drop(it, &[32, 14]),
    |it| put(it, 32, "many"),
    |it| put(it, 14, "-1"),
    |it| drop(it, &[31]),
    |it| put(it, 31, "cheap"),
    |it| drop(it, &[150]),
    // FIX 4.2: a fill by its OrdStatus(39) and ExecTransType(20).
    |it| {
        let status = it.iter().find(|field| field.0 == 39).unwrap().1.clone();
        put(it, 150, &status);
        put(it, 20, "0");
    },
    // A clock that is nowhere near ours, and a time that is none.
    |it| put(it, 52, "19990101-00:00:00"),
    |it| put(it, 52, "now"),
];

/// Strict towards members, lenient towards venues: whatever else a report says, its fill counts.
#[test]
fn an_odd_report_never_costs_a_fill() {
    for (which, mangle) in MANGLES.iter().enumerate() {
        let mut world = World::with_fix_venue();
        world.order(0, &ask("A", BUY, 10));
        front(&mut world).mangle = Some(*mangle);
        execute(&mut world, 4);
        execute(&mut world, 6);
        assert_eq!(
            world.members[0].briefs(0),
            ["8 0 0", "8 F 1", "8 F 2"],
            "mangle {which}"
        );
        let filled = world.members[0].log.last().unwrap();
        assert_eq!(filled.get(tag::CUM_QTY), "10", "mangle {which}");
        assert_eq!(filled.get(tag::AVG_PX), "71600", "mangle {which}");
        assert_eq!(world.gateway.take_venue_finding(0), None, "mangle {which}");
        assert!(world.is_up(), "mangle {which}");
    }
}

/// The same for a possible duplicate whose header is odd: nothing of a resend is refused.
#[test]
fn an_odd_resend_never_costs_a_fill() {
    for (which, mangle) in MANGLES.iter().enumerate() {
        let mut world = World::with_fix_venue();
        world.order(0, &ask("A", BUY, 10));
        front(&mut world).is_mute = true;
        execute(&mut world, 4);
        front(&mut world).is_mute = false;
        front(&mut world).mangle = Some(*mangle);
        world.cut_venue(false);
        world.connect_venue();
        execute(&mut world, 6);
        assert_eq!(
            world.members[0].briefs(0),
            ["8 0 0", "8 F 1", "8 F 2"],
            "mangle {which}"
        );
        check_ledgers(&world, &["A"]);
    }
    let mut world = World::with_fix_venue();
    world.order(0, &ask("A", BUY, 10));
    front(&mut world).is_mute = true;
    execute(&mut world, 4);
    front(&mut world).is_mute = false;
    front(&mut world).mangle = Some(|it| drop(it, &[122]));
    execute(&mut world, 6);
    // The gap is seen on the same line, and filled without OrigSendingTime(122).
    assert_eq!(world.members[0].briefs(0), ["8 0 0", "8 F 1", "8 F 2"]);
    check_ledgers(&world, &["A"]);
}

#[test]
fn a_fill_that_was_told_before_counts_once_and_one_never_told_is_booked() {
    let mut world = World::with_fix_venue();
    world.order(0, &ask("A", BUY, 10));
    execute(&mut world, 4);
    let again: Fields = vec![
        (97, "Y".into()),
        (11, "GW100000000001".into()),
        (150, "F".into()),
        (39, "1".into()),
        (32, "4".into()),
        (31, "71600".into()),
        (14, "4".into()),
    ];
    let mut ahead = again.clone();
    front(&mut world).tell("8", again);
    world.run();
    assert_eq!(world.members[0].briefs(0), ["8 0 0", "8 F 1"]);
    let from = world.members[0].log.len();
    // Nine of ten are told to be done by a report about the last two.
    drop(&mut ahead, &[97]);
    put(&mut ahead, 32, "2");
    put(&mut ahead, 14, "9");
    front(&mut world).tell("8", ahead);
    world.run();
    assert_eq!(world.members[0].briefs(from), ["8 F 1", "8 F 1"]);
    let last = world.members[0].log.last().unwrap();
    assert_eq!((last.get(14), last.get(32)), ("9", "2"));
}

#[test]
fn what_cannot_be_understood_is_told_and_changes_nothing() {
    let mut world = World::with_fix_venue();
    world.order(0, &ask("A", BUY, 10));
    let mut say = |msg_type: &str, fields: &[(u32, &str)], expected| {
        let fields = fields.iter().map(|it| (it.0, it.1.to_owned())).collect();
        front(&mut world).tell(msg_type, fields);
        world.run();
        assert_eq!(world.gateway.take_venue_finding(0), expected);
        assert!(world.is_up());
    };
    let unknown = Some(VenueFinding::UnknownOrder);
    let unreadable = Some(VenueFinding::Unreadable);
    let busted = Some(VenueFinding::Busted);
    say("8", &[(150, "F"), (32, "1")], unknown);
    say(
        "8",
        &[(11, "GW100000000009"), (150, "F"), (32, "1")],
        unknown,
    );
    say("8", &[(11, "somebody"), (150, "F"), (32, "1")], unknown);
    say("8", &[(11, "GW100000000001"), (150, "F")], unreadable);
    say("8", &[(11, "GW100000000001")], unreadable);
    say("8", &[(11, "GW100000000001"), (150, "?")], unreadable);
    say(
        "8",
        &[(11, "GW100000000001"), (150, "H"), (32, "1")],
        busted,
    );
    say("3", &[(45, "99999")], Some(VenueFinding::Rejected));
    say("j", &[(372, "D")], Some(VenueFinding::Rejected));
    // Messages about other things, standard and not.
    say("h", &[(336, "1"), (340, "2")], None);
    say("U7", &[(58, "hello")], None);
    say("zz", &[(58, "hello")], None);
    assert_eq!(world.members[0].briefs(0), ["8 0 0"]);
    execute(&mut world, 10);
    check_ledgers(&world, &["A"]);
}

/// Reject(3) and BusinessMessageReject(j) name our message by its number, or by its id.
#[test]
fn rejected_messages_answer_their_requests() {
    for (msg_type, by_number) in [("3", true), ("j", true), ("j", false)] {
        let mut world = World::with_fix_venue();
        world.order(0, &ask("A", BUY, 10));
        world.sites[0].is_slow = true;
        world.order(0, &ask("B", BUY, 10));
        world.replace(0, "A", &ask("R", BUY, 20));
        world.cancel(0, "X", "A", &ask("A", BUY, 10));
        let from = world.members[0].log.len();
        let last = front(&mut world).next_in + 3;
        for (number, id, ref_type) in [
            (last - 3, "GW100000000002", "D"),
            (last - 2, "GW100000000003", "G"),
            (last - 1, "GW100000000001C9", "F"),
        ] {
            let mut fields: Fields = vec![(372, ref_type.into()), (380, "4".into())];
            if by_number {
                fields.push((45, number.to_string()));
            } else {
                fields.push((379, id.into()));
            }
            front(&mut world).tell(msg_type, fields);
            world.run();
        }
        assert_eq!(
            world.members[0].briefs(from),
            ["8 8 8 12", "9 2 0 12", "9 1 0 12"],
            "{msg_type} {by_number}"
        );
        assert_eq!(world.gateway.take_venue_finding(0), None);
    }
}

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

/// A venue that will not tell leaves its orders in doubt, and takes no new ones.
#[test]
fn a_venue_that_does_not_tell_is_not_settled_with() {
    let mut world = World::with_fix_venue();
    world.sites[0].is_slow = true;
    world.order(0, &ask("A", BUY, 10));
    world.cut_venue(true);
    world.sites[0].is_slow = false;
    front(&mut world).refuses_status = true;
    world.connect_venue();
    assert!(!world.is_up());
    let refused = Some(VenueFinding::StatusRefused);
    assert_eq!(world.gateway.take_venue_finding(0), refused);
    assert_eq!(world.gateway.orders_in_doubt(0), 1);
    world.order(0, &ask("B", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 8 8 4"]);
    front(&mut world).refuses_status = false;
    world.cut_venue(false);
    world.connect_venue();
    assert!(world.is_up());
    check_ledgers(&world, &["A", "B"]);
}

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

/// OrderCancelReject(9) that names no request of ours: the order and what it answers are told.
#[test]
fn a_cancel_reject_without_a_name_answers_what_it_says() {
    for (response_to, expected) in [("2", "9 2 0 12"), ("1", "9 1 0 12")] {
        let mut world = World::with_fix_venue();
        world.order(0, &ask("A", BUY, 10));
        world.sites[0].is_slow = true;
        world.replace(0, "A", &ask("R", BUY, 20));
        world.cancel(0, "X", "A", &ask("A", BUY, 10));
        let from = world.members[0].log.len();
        let fields = vec![(11, "odd".into()), (41, "GW100000000001".into())];
        let answer = vec![(434, response_to.to_owned()), (102, "2".into())];
        front(&mut world).tell("9", [fields, answer].concat());
        world.run();
        assert_eq!(world.members[0].briefs(from), [expected]);
    }
}
