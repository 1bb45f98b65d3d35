//! Sessions that come, get other terms or are disabled while the gateway runs, and what restarts,
//! followers and snapshots make of it.

use gwanmun_captures::command::{Action, Command, Direction};
use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::SegmentHead;
use gwanmun_fix::tag;
use gwanmun_gateway::effect::TAG_SESSIONS;
use gwanmun_gateway::{
    Answered, CommandRefusal, Gateway, MemberTerms, PastLines, RecoveryFault, SessionsCommand,
    terms_text, write_rows,
};

use crate::member::Member;
use crate::snapshot::Restored;
use crate::terms::{self, text};
use crate::world::{BUY, World, ask};

/// A world with room for so many sessions.
fn world(sessions_max: usize) -> World {
    let mut terms = terms::terms();
    terms.limits.sessions_max = sessions_max;
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    world
}

fn payload(rows: &str) -> Vec<u8> {
    let command = Command {
        operator: b"kim",
        requester: b"",
        reason: b"a new member",
        action: Action::Sessions {
            rows: rows.as_bytes(),
        },
    };
    let mut payload = vec![0; rows.len() + 512];
    let length = command.encode(&mut payload).unwrap();
    payload.truncate(length);
    payload
}

fn give(world: &mut World, payload: &[u8]) -> Option<Answered> {
    let mut command = SessionsCommand::read(payload, world.gateway.terms()).unwrap();
    let stamp = world.stamp();
    let mut answered = None;
    // A restart now has the terms that are in force then.
    let is_checked = std::mem::take(&mut world.is_checked);
    world.call(|gateway, edge| {
        answered = Some(gateway.on_sessions(edge, &mut command, stamp)?);
        Ok(())
    });
    world.is_checked = is_checked;
    world.run();
    answered
}

/// Rows as they are now in force; the restart's configuration has them too.
fn follow(world: &mut World, rows: &[(u16, &MemberTerms)]) {
    for (index, row) in rows {
        let index = usize::from(*index);
        if index < world.terms.members.len() {
            world.terms.members[index] = (*row).clone();
        } else {
            world.terms.members.push((*row).clone());
            world
                .members
                .push(Member::new(u16::try_from(index).unwrap()));
            world.member_lines.push(None);
        }
    }
    let answered = give(world, &payload(&write_rows(rows))).unwrap();
    assert_eq!(answered.done, Ok(()));
    world.check();
}

fn new_row(world: &World, index: usize) -> MemberTerms {
    let mut row = world.terms.members[0].clone();
    row.session.target_comp_id = text(&format!("MEMBER{index}"));
    row
}

fn refusal(world: &mut World, rows: &[(u16, &MemberTerms)]) -> CommandRefusal {
    let before = terms_text::write_start(world.gateway.terms());
    let answered = give(world, &payload(&write_rows(rows))).unwrap();
    assert_eq!(terms_text::write_start(world.gateway.terms()), before);
    world.check();
    answered.done.unwrap_err()
}

#[test]
fn a_session_that_comes_trades_and_is_there_after_restarts() {
    let mut world = world(4);
    world.order(0, &ask("A", BUY, 10));
    let (two, three) = (new_row(&world, 2), new_row(&world, 3));
    follow(&mut world, &[(2, &two)]);
    world.connect_member(2, false);
    world.order(2, &ask("A", BUY, 10));
    assert_eq!(world.members[2].briefs(0), ["8 0 0"]);
    // Who was there before has noticed nothing.
    world.order(0, &ask("B", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 0 0", "8 0 0"]);
    follow(&mut world, &[(3, &three)]);
    world.restart(false);
    world.connect_member(2, false);
    world.connect_member(3, false);
    world.order(3, &ask("A", BUY, 10));
    world.order(2, &ask("A", BUY, 10));
    assert_eq!(world.members[3].briefs(0), ["8 0 0"]);
    assert!(world.members[2].briefs(0)[1].starts_with("8 8 8 "));
    // The next start begins with all four.
    world.restart(true);
    let start = terms_text::write_start(world.gateway.terms());
    assert_eq!(start.matches("\nmember ").count(), 4);
}

#[test]
fn a_start_without_a_session_that_came_is_refused() {
    let mut world = world(3);
    let before = world.terms.clone();
    let two = new_row(&world, 2);
    follow(&mut world, &[(2, &two)]);
    let restore = |terms: &gwanmun_gateway::Terms, follows: bool| {
        let mut gateway = Gateway::new(terms.clone(), ()).unwrap();
        if follows {
            gateway.follow_sessions(epoch_of(&world));
        }
        let mut lines = PastLines::default();
        let segments = world.edge.segments().iter().map(Vec::as_slice);
        for next in gwanmun_captures::journal::ChainReader::new(segments) {
            let next = next.unwrap();
            let restored = gateway.restore(&next.record, next.segment_index, &mut lines);
            restored.map_err(|error| error.fault)?;
        }
        Ok(gateway.snapshot(&PastLines::default()))
    };
    assert_eq!(restore(&before, false), Err(RecoveryFault::Session));
    let mut other = world.terms.clone();
    other.members[2].session.target_comp_id = text("MEMBER9");
    assert_eq!(restore(&other, false), Err(RecoveryFault::Session));
    // A follower takes it as it came: the state is the live one's.
    let live = world.gateway.snapshot(&PastLines::default());
    assert!(restore(&before, true) == Ok(live.clone()));
    assert!(restore(&world.terms, false) == Ok(live));
    let small = {
        let mut small = before.clone();
        small.limits.sessions_max = 0;
        small
    };
    assert_eq!(restore(&small, true), Err(RecoveryFault::Capacity));
}

/// The epoch that the world's journal is in.
fn epoch_of(world: &World) -> u32 {
    let segments = world.edge.segments();
    let heads = segments
        .iter()
        .map(|it| SegmentHead::parse(it).unwrap().epoch);
    heads.max().unwrap()
}

/// Rows of an earlier start say what was; the terms of a start say what is. A follower of the
/// second one that took the first one's rows would write snapshots with terms not in force.
#[test]
fn a_follower_takes_the_rows_of_its_own_epoch_alone() {
    let mut world = world(3);
    world.cut_member(0);
    let first = world.terms.members[0].clone();
    let mut second = first.clone();
    second.session.heart_bt_int_s += 7;
    follow(&mut world, &[(0, &second)]);
    // The next start's configuration has it as it was before.
    world.terms.members[0] = first.clone();
    world.restart(false);
    world.cut_member(1);
    let mut third = world.terms.members[1].clone();
    third.session.heart_bt_int_s += 9;
    let start = world.terms.clone();
    follow(&mut world, &[(1, &third)]);
    let mut follower = Gateway::new(start, ()).unwrap();
    follower.follow_sessions(epoch_of(&world));
    let mut lines = PastLines::default();
    let segments = world.edge.segments();
    for next in gwanmun_captures::journal::ChainReader::new(segments.iter().map(Vec::as_slice)) {
        let next = next.unwrap();
        let restored = follower.restore(&next.record, next.segment_index, &mut lines);
        restored.unwrap();
    }
    let heart_bt_ints = |gateway: &Gateway<()>| {
        let members = gateway.terms().members.iter();
        members
            .map(|it| it.session.heart_bt_int_s)
            .collect::<Vec<_>>()
    };
    assert_eq!(heart_bt_ints(&follower)[0], first.session.heart_bt_int_s);
    assert_eq!(heart_bt_ints(&follower), heart_bt_ints(&world.gateway));
    let live = world.gateway.snapshot(&PastLines::default());
    assert!(follower.snapshot(&PastLines::default()) == live);
}

#[test]
fn terms_change_where_nobody_is_on_the_line() {
    let mut world = world(2);
    let mut changed = world.terms.members[0].clone();
    changed.session.heart_bt_int_s += 7;
    assert_eq!(
        refusal(&mut world, &[(0, &changed)]),
        CommandRefusal::SessionBusy
    );
    world.cut_member(0);
    follow(&mut world, &[(0, &changed)]);
    world.connect_member(0, false);
    // Accounts change on a standing line: nothing of what was said depends on them.
    changed.accounts = vec![text("NONE")];
    follow(&mut world, &[(0, &changed)]);
    world.order(0, &ask("A", BUY, 10));
    assert!(world.members[0].briefs(0)[0].starts_with("8 8 8 "));
    changed.accounts.clear();
    follow(&mut world, &[(0, &changed)]);
    world.order(0, &ask("B", BUY, 10));
    assert_eq!(world.members[0].briefs(0)[1], "8 0 0");
    world.restart(false);
    world.order(0, &ask("C", BUY, 10));
    assert_eq!(world.members[0].briefs(0)[2], "8 0 0");
}

#[test]
fn a_session_that_is_disabled_is_logged_out_and_stays_away() {
    let mut world = world(2);
    world.order(0, &ask("A", BUY, 10));
    let mut row = world.terms.members[0].clone();
    row.is_enabled = false;
    follow(&mut world, &[(0, &row)]);
    let last = world.members[0].log.last().unwrap();
    assert_eq!(
        (last.msg_type.as_str(), last.get(tag::TEXT)),
        ("5", "session disabled")
    );
    world.say(0, "5", |_| {});
    assert_eq!(world.member_lines[0], None);
    let numbers = world.gateway.numbers(0);
    let records = world.edge.record_count();
    world.connect_member(0, false);
    assert_eq!(world.member_lines[0], None, "his line is closed");
    assert_eq!(world.gateway.numbers(0), numbers);
    // Connected, the credentials, Disconnected: no answer.
    assert_eq!(world.edge.record_count(), records + 3);
    world.members[0].next_out -= 1;
    // His orders live on, and their reports wait for him.
    let number = world.sites[0].venue.latest();
    world.sites[0].venue.execute(number, 4);
    world.run();
    row.is_enabled = true;
    follow(&mut world, &[(0, &row)]);
    world.connect_member(0, false);
    assert_eq!(world.members[0].briefs(0), ["8 0 0", "8 F 1"]);
}

#[test]
fn rows_that_do_not_fit_are_refused_all_together() {
    let mut world = world(3);
    let (two, three) = (new_row(&world, 2), new_row(&world, 3));
    let renamed = MemberTerms {
        session: two.session,
        ..world.terms.members[1].clone()
    };
    let first = world.terms.members[0].clone();
    for (rows, expected) in [
        (vec![(3, &two)], CommandRefusal::SessionMoved),
        (vec![(1, &renamed)], CommandRefusal::SessionMoved),
        (vec![(2, &first)], CommandRefusal::SessionMoved),
        (vec![(2, &two), (3, &three)], CommandRefusal::NoRoom),
    ] {
        assert_eq!(refusal(&mut world, &rows), expected);
    }
    follow(&mut world, &[(2, &two)]);
    assert_eq!(refusal(&mut world, &[(3, &three)]), CommandRefusal::NoRoom);
    // No rows at all: on record, and nothing changes.
    follow(&mut world, &[]);
    world.leave(gwanmun_captures::input::Leaving::Members);
    assert_eq!(refusal(&mut world, &[]), CommandRefusal::Stopping);
}

#[test]
fn what_is_no_command_about_sessions_is_not_taken_for_one() {
    let world = world(3);
    let terms = world.gateway.terms();
    let long = "x".repeat(gwanmun_gateway::ROWS_BYTES_MAX + 1);
    for rows in ["row 2\n", "row 2\nmember M\n", &long] {
        assert!(SessionsCommand::read(&payload(rows), terms).is_none());
    }
    let mut other = [0; 256];
    let number = Command {
        operator: b"kim",
        requester: b"",
        reason: b"r",
        action: Action::SetNumber {
            session: 0,
            direction: Direction::In,
            number: 1,
        },
    };
    let length = number.encode(&mut other).unwrap();
    assert!(SessionsCommand::read(&other[..length], terms).is_none());
    assert!(SessionsCommand::read(b"", terms).is_none());
}

/// An input without its effect did not happen, and the row is in the effect: a border between the
/// two, as between two segments, takes nothing away.
#[test]
fn a_session_came_as_far_as_its_effect_is_on_record() {
    for (records, came) in [(0, false), (1, false), (2, true)] {
        let mut world = world(3);
        let two = new_row(&world, 2);
        world.edge.records_left = Some(records);
        let answered = give(&mut world, &payload(&write_rows(&[(2, &two)])));
        assert_eq!(answered.is_some(), came);
        let is_on_record = world.edge.effects().iter().any(|effect| {
            EffectReader::new(effect).any(|entry| {
                matches!(
                    entry,
                    Ok(Entry::State {
                        tag: TAG_SESSIONS,
                        ..
                    })
                )
            })
        });
        assert_eq!(is_on_record, came);
        // Without it in the configuration a start goes on exactly where it did not come.
        let old = terms_without(&world, 2);
        let mut gateway = Gateway::new(old.clone(), ()).unwrap();
        let mut lines = PastLines::default();
        let segments = world.edge.segments().iter().map(Vec::as_slice);
        let restored = gwanmun_captures::journal::ChainReader::new(segments).all(|next| {
            let next = next.unwrap();
            let restored = gateway.restore(&next.record, next.segment_index, &mut lines);
            restored.is_ok()
        });
        assert_eq!(restored, !came);
        // With it, always.
        world.terms = old;
        world.terms.members.push(two);
        let _ = Restored::from_all(&world.terms, world.edge.segments());
    }
}

fn terms_without(world: &World, index: usize) -> gwanmun_gateway::Terms {
    let mut terms = world.terms.clone();
    terms.members.truncate(index);
    terms
}
