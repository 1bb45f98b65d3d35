//! What a FIX venue says in its own way, or wrongly: no fill is lost over it.

use gwanmun_fix::tag;
use gwanmun_gateway::VenueFinding;

use super::{execute, front};
use crate::fix_front::Fields;
use crate::restart::check_ledgers;
use crate::world::{BUY, World, ask};

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
