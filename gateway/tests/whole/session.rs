//! The FIX session as seen through the gateway: what is wrong in messages, who is away, who begins
//! anew.

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_fix::tag;
use gwanmun_gateway::PastLines;
use gwanmun_gateway::effect::TAG_NUMBERS;

use crate::member::{Member, show};
use crate::terms::{self, text};
use crate::venue::Mood;
use crate::world::{BUY, World, ask};

#[test]
fn a_field_that_stands_twice_or_is_empty_is_rejected_and_uses_its_number_up() {
    let mut world = World::new();
    let order = ask("A", BUY, 10);
    world.say(0, "D", |writer| {
        writer
            .bytes(tag::CL_ORD_ID, b"A")
            .bytes(tag::CL_ORD_ID, b"B");
    });
    world.say(0, "0", |writer| {
        writer.bytes(tag::TEST_REQ_ID, b"1");
        writer.bytes(tag::TEST_REQ_ID, b"2");
    });
    world.say(0, "D", |writer| {
        writer.bytes(tag::CL_ORD_ID, b"A");
    });
    world.order(0, &order);
    assert_eq!(world.members[0].briefs(0), ["3", "3", "3", "8 0 0"]);
    let log = &world.members[0].log;
    let reasons: Vec<(&str, &str)> = log[1..4]
        .iter()
        .map(|seen| {
            (
                seen.get(tag::SESSION_REJECT_REASON),
                seen.get(tag::REF_TAG_ID),
            )
        })
        .collect();
    assert_eq!(reasons, [("13", "11"), ("13", "112"), ("1", "1")]);
}

#[test]
fn a_message_of_a_type_that_is_not_taken_is_answered() {
    let mut world = World::new();
    world.say(0, "E", |writer| {
        // A list has its orders' names in a group.
        writer
            .bytes(tag::CL_ORD_ID, b"A")
            .bytes(tag::CL_ORD_ID, b"B");
    });
    world.say(0, "ZZ", |_| {});
    world.order(0, &ask("A", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["j", "3", "8 0 0"]);
}

#[test]
fn garbage_is_dropped_and_too_long_a_message_ends_the_line() {
    let mut world = World::new();
    let line = world.member_lines[0].unwrap();
    world.receive(line, b"garbage\x01 8=FOX 8=FIX.4.4\x019=x\x01");
    world.order(0, &ask("A", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 0 0"]);
    world.receive(line, b"8=FIX.4.4\x019=1073741824\x0135=D\x01");
    world.run();
    assert_eq!(world.member_lines[0], None);
    assert!(!world.gateway.is_bound(0) && world.gateway.is_bound(1));
    world.order(1, &ask("A", BUY, 10));
    assert_eq!(world.members[1].briefs(0), ["8 0 0"]);
    world.connect_member(0, false);
    world.order(0, &ask("B", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 0 0", "8 0 0"]);
}

/// Reports of the time when the member was away are on record and fetched by ResendRequest(2).
#[test]
fn what_happened_while_the_member_was_away_is_fetched() {
    let mut world = World::new();
    world.order(0, &ask("A", BUY, 10));
    world.sites[0].is_slow = true;
    world.order(0, &ask("B", BUY, 10));
    world.cut_member(0);
    world.sites[0].venue.execute(1, 10);
    world.venue_reads();
    world.sites[0].venue.execute(2, 4);
    world.run();
    assert_eq!(world.members[0].briefs(0), ["8 0 0"]);
    world.connect_member(0, false);
    assert_eq!(
        world.members[0].briefs(0),
        ["8 0 0", "8 F 2", "8 0 0", "8 F 1"]
    );
    let again: Vec<_> = world.members[0]
        .arrived
        .iter()
        .filter(|seen| seen.get(tag::POSS_DUP_FLAG) == "Y")
        .map(|seen| seen.msg_type.clone())
        .collect();
    assert_eq!(again, ["8", "8", "8", "4"]);
    assert_eq!(world.members[0].next_in, {
        let image = world.gateway.snapshot(&PastLines::default());
        let numbers = EffectReader::new(&image).find_map(|entry| match entry.unwrap() {
            Entry::State {
                tag: TAG_NUMBERS,
                bytes,
            } => Some(bytes),
            _ => None,
        });
        // Session, next_in, next_out.
        u64::from_le_bytes(numbers.unwrap()[10..18].try_into().unwrap())
    });
}

#[test]
fn a_reset_begins_both_numbers_anew_and_forgets_what_was_sent() {
    let mut world = World::new();
    for name in ["A", "B", "C"] {
        world.order(0, &ask(name, BUY, 10));
    }
    // On the same line, with everything else unchanged.
    let logon = world.members[0].logon(world.now_ns, true);
    let line = world.member_lines[0].unwrap();
    world.receive(line, &logon);
    world.run();
    assert_eq!(
        (world.members[0].next_in, world.members[0].next_out),
        (2, 2)
    );
    // Names are the day's, not the session's.
    world.order(0, &ask("A", BUY, 10));
    world.order(0, &ask("D", BUY, 10));
    let from = world.members[0].arrived.len();
    world.say(0, "2", |writer| {
        writer.uint(tag::BEGIN_SEQ_NO, 1).uint(tag::END_SEQ_NO, 0);
    });
    let again: Vec<String> = world.members[0].arrived[from..]
        .iter()
        .map(|seen| seen.brief() + " " + seen.get(tag::MSG_SEQ_NUM))
        .collect();
    assert_eq!(again, ["4 1", "8 8 8 1 2", "8 0 0 3"]);
    // And with a new line.
    world.cut_member(0);
    world.connect_member(0, true);
    world.order(0, &ask("E", BUY, 10));
    assert_eq!(world.members[0].log.last().unwrap().brief(), "8 0 0");
    world.cut_member(0);
    world.connect_member(0, false);
    world.check();
}

#[test]
fn a_second_logon_is_refused_and_the_session_stays() {
    let mut world = World::new();
    world.say(0, "A", |writer| {
        writer
            .uint(tag::ENCRYPT_METHOD, 0)
            .uint(tag::HEART_BT_INT, 30);
    });
    world.order(0, &ask("A", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["3", "8 0 0"]);
}

#[test]
fn a_second_line_of_a_session_is_closed_and_the_first_stays() {
    let mut world = World::new();
    let first = world.member_lines[0];
    let member = crate::member::Member::new(0);
    let kept = std::mem::replace(&mut world.members[0], member);
    world.connect_member(0, false);
    assert!(world.members[0].arrived.is_empty());
    world.members[0] = kept;
    world.member_lines[0] = first;
    world.order(0, &ask("A", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 0 0"]);
}

#[test]
fn a_number_too_low_ends_the_line_and_a_gap_is_asked_for() {
    let mut world = World::new();
    world.members[0].next_out += 1;
    let lost = world.members[0].next_out - 1;
    let skipped = world.members[0].next_out;
    assert_eq!((lost, skipped), (2, 3));
    // Number 2 is lost on its way and comes again when asked for.
    world.members[0].next_out = lost;
    let now_ns = world.now_ns;
    let line = world.member_lines[0].take();
    world.order(0, &ask("A", BUY, 10));
    world.member_lines[0] = line;
    world.order(0, &ask("B", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 0 0", "8 0 0"]);
    assert_eq!(world.entered().len(), 2);
    world.members[0].next_out = 1;
    let low = world.members[0].message("0", now_ns, |_| {});
    world.receive(line.unwrap(), &low);
    world.run();
    assert_eq!(world.member_lines[0], None, "{}", show(&low));
}

#[test]
fn silence_is_noticed_on_every_line() {
    let mut world = World::new();
    world.wait_ns(31_000_000_000);
    // The member was asked and spoke, the venue and the feed were not heard and were given up.
    assert!(world.gateway.is_bound(0));
    assert_eq!(world.sites[0].order_line, None);
    assert_eq!(world.sites[0].feed_line, None);
    world.cut_member(1);
    assert!(world.gateway.next_deadline_ns().is_some());
    world.connect_venue();
    assert!(world.is_up());
}

#[test]
fn a_line_of_the_venue_that_makes_no_sense_is_given_up() {
    for bytes in [
        &b"\x00\x00"[..],
        b"\x00\x01Q",
        b"\x00\x02SZ",
        b"\x00\x01Z",
        b"\x00\x01L",
    ] {
        let mut world = World::new();
        let line = world.sites[0].order_line.unwrap();
        world.receive(line, bytes);
        world.run();
        assert_eq!(world.sites[0].order_line, None, "{bytes:?}");
        assert!(world.gateway.take_venue_fault(0).is_some());
        world.order(0, &ask("A", BUY, 10));
        assert_eq!(world.members[0].briefs(0), ["8 8 8 4"]);
        world.connect_venue();
        world.sites[0].venue.mood = Mood::Takes;
        world.order(0, &ask("B", BUY, 10));
        assert_eq!(world.members[0].briefs(0), ["8 8 8 4", "8 0 0"]);
    }
}

/// Every session has its own time among hundreds: each is kept alive, the one that says nothing is
/// parted with, and a look that comes early does nothing.
#[test]
fn hundreds_of_sessions_are_each_kept_alive() {
    const SESSIONS: u16 = 512;
    let mut terms = terms::terms();
    let one = terms.members[0].clone();
    terms.members = (0..SESSIONS)
        .map(|index| {
            let mut member = one.clone();
            member.session.target_comp_id = text(&format!("MEMBER{index}"));
            member
        })
        .collect();
    let mut world = World::of(terms, 1 << 22);
    world.is_checked = false;
    world.members = (0..SESSIONS).map(Member::new).collect();
    for index in 0..usize::from(SESSIONS) {
        world.connect_member(index, false);
        world.now_ns += 7_000_000;
    }
    let silent = 300;
    let line = world.member_lines[silent].unwrap();
    world.held_sockets.push(line);
    let records = world.edge.record_count();
    let stamp = world.stamp();
    world.call(|gateway, edge| gateway.on_deadlines(edge, stamp));
    assert_eq!(world.edge.record_count(), records, "nothing was due");
    world.wait_ns(100_000_000_000);
    for index in 0..SESSIONS {
        let at = usize::from(index);
        let is_silent = at == silent;
        assert_eq!(world.gateway.is_bound(index), !is_silent, "{index}");
        let beats = world.members[at].arrived.iter();
        let beats = beats.filter(|seen| seen.msg_type == "0").count();
        assert!(is_silent || beats >= 2, "{index}: {beats}");
    }
    // A line that went and came has its time anew.
    world.held_sockets.clear();
    world.connect_member(silent, false);
    world.wait_ns(100_000_000_000);
    assert!(world.gateway.is_bound(u16::try_from(silent).unwrap()));
}
