//! What an operator asks for at the desk: one sequence number of one session, refusals, and what a
//! death of the process makes of either.

use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command, Direction};
use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::RecordKind;
use gwanmun_fix::tag;
use gwanmun_gateway::effect::TAG_COMMAND;
use gwanmun_gateway::{Answered, CommandRefusal, HOLE_NUMBERS_MAX};

use crate::world::{BUY, World, ask};

/// Longest that a number may be, and the last outgoing one that may be set.
const NUMBER_MAX: u64 = (1 << 31) - 1;
const OUT_MAX: u64 = NUMBER_MAX - (1 << 24);

fn set(session: u16, direction: Direction, number: u64) -> Command<'static> {
    Command {
        operator: b"kim",
        requester: b"lee",
        reason: b"lost its store",
        action: Action::SetNumber {
            session,
            direction,
            number,
        },
    }
}

fn give(world: &mut World, command: &Command<'_>) -> Option<Answered> {
    let mut payload = [0; COMMAND_BYTES_MAX];
    let length = command.encode(&mut payload).unwrap();
    let stamp = world.stamp();
    let mut answered = None;
    world.call(|gateway, edge| {
        answered = Some(gateway.on_command(edge, &payload[..length], stamp)?);
        Ok(())
    });
    world.run();
    answered
}

pub(crate) fn follow(world: &mut World, session: u16, direction: Direction, number: u64) {
    let answered = give(world, &set(session, direction, number)).unwrap();
    assert_eq!(answered.done, Ok(()), "{direction:?} {number}");
}

fn numbers(world: &World, session: u16) -> (u64, u64) {
    let numbers = world.gateway.numbers(session).unwrap();
    (numbers.next_in, numbers.next_out)
}

/// SequenceReset(4) that the member was sent: number and NewSeqNo(36).
pub(crate) fn fills(world: &World, member: usize) -> Vec<(u64, u64)> {
    let arrived = world.members[member].arrived.iter();
    let fills = arrived.filter(|seen| seen.msg_type == "4");
    fills
        .map(|seen| {
            assert_eq!(seen.get(tag::GAP_FILL_FLAG), "Y");
            (seen.number(tag::MSG_SEQ_NUM), seen.number(tag::NEW_SEQ_NO))
        })
        .collect()
}

#[test]
fn numbers_left_out_are_filled_when_the_member_asks() {
    for (is_away, is_restarted) in [(false, false), (true, false), (true, true)] {
        let mut world = World::new();
        world.order(0, &ask("A", BUY, 10));
        let (_, next_out) = numbers(&world, 0);
        if is_away {
            world.cut_member(0);
        }
        follow(&mut world, 0, Direction::Out, 100);
        assert_eq!(numbers(&world, 0).1, 100);
        if is_restarted {
            world.restart(false);
        } else if is_away {
            world.connect_member(0, false);
        }
        world.order(0, &ask("B", BUY, 10));
        assert_eq!(world.members[0].briefs(0), ["8 0 0", "8 0 0"]);
        // With the Logon under number 100 in it, where the member was away.
        let until = 100 + u64::from(is_away);
        assert_eq!(fills(&world, 0), [(next_out, until)]);
        // The other session is as it was.
        assert!(fills(&world, 1).is_empty());
        // All of it again, as far as it was ever sent.
        let arrived = world.members[0].arrived.len();
        world.say(0, "2", |writer| {
            writer.uint(tag::BEGIN_SEQ_NO, 1).uint(tag::END_SEQ_NO, 0);
        });
        let again = &world.members[0].arrived[arrived..];
        let kinds: Vec<&str> = again.iter().map(|seen| seen.msg_type.as_str()).collect();
        assert_eq!(kinds, ["4", "8", "4", "8"], "{is_away} {is_restarted}");
    }
}

#[test]
fn a_member_that_lost_its_numbers_is_met_where_it_is() {
    let mut world = World::new();
    world.order(0, &ask("A", BUY, 10));
    world.cut_member(0);
    // It begins at 1 again and cannot ask for a reset of both.
    world.members[0].next_out = 1;
    follow(&mut world, 0, Direction::In, 1);
    world.connect_member(0, false);
    world.order(0, &ask("B", BUY, 10));
    // What it sends under a number that was used is new, and a name stays used up.
    world.order(0, &ask("A", BUY, 10));
    let briefs = world.members[0].briefs(0);
    assert_eq!(briefs[..2], ["8 0 0", "8 0 0"]);
    assert!(briefs[2].starts_with("8 8 "), "{briefs:?}");
}

#[test]
fn what_is_passed_over_of_the_members_numbers_is_not_asked_for() {
    let mut world = World::new();
    world.members[0].next_out += 5;
    let next_out = world.members[0].next_out;
    follow(&mut world, 0, Direction::In, next_out);
    world.order(0, &ask("A", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 0 0"]);
    let asked = world.members[0].arrived.iter();
    assert_eq!(asked.filter(|seen| seen.msg_type == "2").count(), 0);
    // Set back on a standing line, the member is asked for what it sent.
    follow(&mut world, 0, Direction::In, next_out);
    world.say(0, "0", |_| {});
    let mut asked = world.members[0].arrived.iter().rev();
    let asked = asked.find(|seen| seen.msg_type == "2").unwrap();
    assert_eq!(asked.number(tag::BEGIN_SEQ_NO), next_out);
    assert_eq!(world.members[0].briefs(0).len(), 2);
}

/// The outcomes on record, in order.
fn outcomes(world: &World) -> Vec<u8> {
    let mut outcomes = Vec::new();
    for record in world.edge.records() {
        if record.kind != RecordKind::Effect {
            continue;
        }
        for entry in EffectReader::new(&record.payload) {
            if let Entry::State {
                tag: TAG_COMMAND,
                bytes,
            } = entry.unwrap()
            {
                outcomes.push(bytes[0]);
            }
        }
    }
    outcomes
}

#[test]
fn what_may_not_be_set_is_refused_and_on_record() {
    let mut world = World::new();
    let (next_in, next_out) = numbers(&world, 0);
    let good = set(0, Direction::Out, next_out + 1);
    let cases = [
        (set(2, Direction::In, 1), CommandRefusal::UnknownSession),
        (set(0, Direction::In, 0), CommandRefusal::NumberOutOfRange),
        (set(0, Direction::Out, 0), CommandRefusal::NumberOutOfRange),
        (
            set(0, Direction::In, NUMBER_MAX + 1),
            CommandRefusal::NumberOutOfRange,
        ),
        (
            set(0, Direction::Out, OUT_MAX + 1),
            CommandRefusal::NumberOutOfRange,
        ),
        (
            set(0, Direction::Out, next_out - 1),
            CommandRefusal::NumberUsed,
        ),
        (
            set(0, Direction::Out, next_out + HOLE_NUMBERS_MAX + 1),
            CommandRefusal::HoleTooLarge,
        ),
        (
            Command {
                reason: b" ",
                ..good
            },
            CommandRefusal::NoReason,
        ),
        (
            Command {
                requester: b"kim",
                ..good
            },
            CommandRefusal::SamePerson,
        ),
        (
            Command {
                action: Action::Sessions { rows: b"" },
                ..good
            },
            CommandRefusal::Unreadable,
        ),
    ];
    for (command, refusal) in &cases {
        let answered = give(&mut world, command).unwrap();
        assert_eq!(answered.done, Err(*refusal), "{command:?}");
        assert_eq!(numbers(&world, 0), (next_in, next_out), "{command:?}");
    }
    // The largest there may be, and the number that it has: nothing to do is done.
    follow(&mut world, 0, Direction::In, NUMBER_MAX);
    follow(&mut world, 0, Direction::In, next_in);
    follow(&mut world, 0, Direction::Out, next_out);
    follow(&mut world, 0, Direction::Out, next_out + HOLE_NUMBERS_MAX);
    let mut expected: Vec<u8> = cases.iter().map(|case| case.1 as u8).collect();
    expected.extend([0; 4]);
    assert_eq!(outcomes(&world), expected);
    let records = world.edge.records();
    let commands = records
        .iter()
        .filter(|record| record.kind == RecordKind::Command);
    for command in commands {
        let effect = records.iter().find(|it| it.refers_to == command.number);
        assert_eq!(effect.unwrap().number, command.number + 1);
    }
}

#[test]
fn eight_holes_of_a_day_are_remembered_and_a_reset_forgets_them() {
    let mut world = World::of(
        {
            let mut terms = crate::terms::terms();
            terms.members[0].session.reset = gwanmun_fix::session::SeqNumReset::OnRequest;
            terms
        },
        1 << 20,
    );
    world.connect_all();
    for number in 0..8 {
        let (_, next_out) = numbers(&world, 0);
        follow(&mut world, 0, Direction::Out, next_out + 3);
        // Right behind a hole: the same one.
        follow(&mut world, 0, Direction::Out, next_out + 5);
        world.cut_member(0);
        world.connect_member(0, false);
        world.order(0, &ask(&format!("A{number}"), BUY, 1));
    }
    assert_eq!(world.members[0].briefs(0).len(), 8);
    let (_, next_out) = numbers(&world, 0);
    let one_more = set(0, Direction::Out, next_out + 1);
    let refused = give(&mut world, &one_more).unwrap().done;
    assert_eq!(refused, Err(CommandRefusal::TooManyHoles));
    follow(&mut world, 1, Direction::Out, 50);
    world.cut_member(0);
    world.connect_member(0, true);
    let (_, next_out) = numbers(&world, 0);
    assert_eq!(next_out, 2);
    follow(&mut world, 0, Direction::Out, next_out + 1);
    world.order(0, &ask("B", BUY, 1));
    assert_eq!(world.members[0].briefs(0).len(), 9);
    world.restart(true);
    world.order(0, &ask("C", BUY, 1));
    assert_eq!(world.members[0].briefs(0).len(), 10);
}

/// The numbers begin anew and stand at once where they stood before: the hole is gone all the same.
#[test]
fn a_reset_forgets_a_hole_before_the_first_message() {
    let mut world = World::of(crate::terms::terms(), 1 << 20);
    follow(&mut world, 0, Direction::Out, 2);
    world.connect_member(0, true);
    assert_eq!(numbers(&world, 0), (2, 2));
    world.check();
    for number in 0..8 {
        let (_, next_out) = numbers(&world, 0);
        follow(&mut world, 0, Direction::Out, next_out + 3);
        world.cut_member(0);
        world.connect_member(0, false);
        assert!(fills(&world, 0).len() > number);
    }
    world.restart(false);
    assert!(world.gateway.is_bound(0));
}

/// An input without its effect did not happen; with it, it did.
#[test]
fn a_command_happened_as_far_as_its_effect_is_on_record() {
    for (records, happened) in [(0, false), (1, false), (2, true)] {
        for direction in [Direction::In, Direction::Out] {
            let mut world = World::new();
            world.order(0, &ask("A", BUY, 10));
            world.cut_member(0);
            let (next_in, next_out) = numbers(&world, 0);
            world.edge.records_left = Some(records);
            let answered = give(&mut world, &set(0, direction, 40));
            assert_eq!(answered.is_some(), happened);
            world.crash(true);
            let expected = match (happened, direction) {
                (false, _) => (next_in, next_out),
                (true, Direction::In) => (40, next_out),
                (true, Direction::Out) => (next_in, 40),
            };
            assert_eq!(numbers(&world, 0), expected, "{records} {direction:?}");
            // Asked again, it is done; once more, there is nothing to do.
            for _ in 0..2 {
                follow(&mut world, 0, direction, 40);
            }
            if direction == Direction::In {
                world.members[0].next_out = 40;
            }
            world.connect_all();
            world.order(0, &ask("B", BUY, 10));
            assert_eq!(world.members[0].briefs(0).last().unwrap(), "8 0 0");
        }
    }
}

#[test]
fn a_stop_that_has_begun_takes_no_command() {
    let mut world = World::new();
    world.leave(gwanmun_captures::input::Leaving::Members);
    let refused = give(&mut world, &set(0, Direction::In, 9)).unwrap().done;
    assert_eq!(refused, Err(CommandRefusal::Stopping));
}

#[test]
fn bytes_that_are_no_command_change_nothing() {
    let mut world = World::new();
    let (before, stamp) = (numbers(&world, 0), world.stamp());
    let mut answered = None;
    world.call(|gateway, edge| {
        answered = Some(gateway.on_command(edge, b"set all", stamp)?);
        Ok(())
    });
    assert_eq!(answered.unwrap().done, Err(CommandRefusal::Unreadable));
    assert_eq!(numbers(&world, 0), before);
}

/// The largest hole between messages: a resend from 1 is whole.
#[test]
fn a_resend_goes_over_the_largest_hole() {
    let mut world = World::of(crate::terms::terms(), 1 << 20);
    world.connect_all();
    world.order(0, &ask("A", BUY, 10));
    let (_, next_out) = numbers(&world, 0);
    follow(&mut world, 0, Direction::Out, next_out + HOLE_NUMBERS_MAX);
    world.order(0, &ask("B", BUY, 10));
    let arrived = world.members[0].arrived.len();
    world.say(0, "2", |writer| {
        writer.uint(tag::BEGIN_SEQ_NO, 1).uint(tag::END_SEQ_NO, 0);
    });
    let again = &world.members[0].arrived[arrived..];
    let kinds: Vec<&str> = again.iter().map(|seen| seen.msg_type.as_str()).collect();
    assert_eq!(kinds, ["4", "8", "4", "8"]);
}
