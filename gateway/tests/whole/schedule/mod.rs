//! Hours of sessions: who may log on, who is told to go, and when numbers begin anew.

mod deaths;
mod holes;
mod reports;

use gwanmun_captures::input::{Schedule, ScheduleKind};
use gwanmun_captures::journal::RecordKind;
use gwanmun_fix::Version;
use gwanmun_fix::session::SeqNumReset;
use gwanmun_fix::tag;
use gwanmun_gateway::Credential;

use crate::member::Seen;
use crate::terms::{self, NOW_NS};
use crate::world::{BUY, World, ask};

const S: u64 = 1_000_000_000;

/// The window in which [`World::new`] logs everybody on, and the one behind it.
const FIRST: (u64, u64) = (NOW_NS - 100 * S, NOW_NS + 10 * S);

const SECOND: (u64, u64) = (NOW_NS + 50 * S, NOW_NS + 90 * S);

fn told(kind: ScheduleKind, (from_ns, to_ns): (u64, u64)) -> Schedule {
    Schedule {
        session: 0,
        kind,
        from_ns,
        to_ns,
    }
}

fn window(instants: (u64, u64)) -> Schedule {
    told(ScheduleKind::Window, instants)
}

/// Everybody logged on, the first session within its window.
fn open_world() -> World {
    let mut world = World::of(terms::terms(), 1 << 20);
    world.schedule(window(FIRST));
    world.connect_all();
    world
}

fn arrived(world: &World) -> &Seen {
    world.members[0].arrived.last().unwrap()
}

/// What a host tells about the two windows at the world's time.
fn tell(world: &mut World) {
    let is_first = world.now_ns < FIRST.1;
    world.schedule(window(if is_first { FIRST } else { SECOND }));
}

/// Numbers of the first session as a restart would find them: expected next, sent next.
fn numbers(world: &World) -> (u64, u64) {
    use gwanmun_captures::effect::{EffectReader, Entry};
    use gwanmun_gateway::effect::TAG_NUMBERS;
    let mut found = (1, 1);
    for effect in world.edge.effects() {
        for entry in EffectReader::new(&effect) {
            if let Ok(Entry::State { tag, bytes }) = entry
                && tag == TAG_NUMBERS
                && bytes[..2] == [0, 0]
            {
                let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
                found = (number(2), number(10));
            }
        }
    }
    found
}

#[test]
fn a_window_ends_with_logout_and_the_numbers_begin_anew_with_the_line_gone() {
    let mut world = open_world();
    world.order(0, &ask("A", BUY, 10));
    world.now_ns = FIRST.1;
    tell(&mut world);
    assert_eq!(arrived(&world).msg_type, "5");
    assert_eq!(arrived(&world).get(tag::TEXT), "session window ends");
    // The other member has no hours and notices nothing.
    world.say(1, "1", |writer| {
        writer.bytes(tag::TEST_REQ_ID, b"hello");
    });
    assert_eq!(world.members[1].arrived.last().unwrap().msg_type, "0");
    assert!(world.gateway.is_bound(0) && numbers(&world).0 > 1);
    world.say(0, "5", |_| {});
    assert!(!world.gateway.is_bound(0) && world.member_lines[0].is_none());
    assert_eq!(numbers(&world), (1, 1));
}

#[test]
fn who_does_not_answer_the_logout_is_parted_with_in_time() {
    let mut world = open_world();
    world.now_ns = FIRST.1;
    tell(&mut world);
    world.wait_ns(3 * S);
    assert!(!world.gateway.is_bound(0));
    assert_eq!(numbers(&world), (1, 1));
}

#[test]
fn a_line_that_is_cut_after_the_end_begins_anew_too() {
    let mut world = open_world();
    world.now_ns = FIRST.1;
    tell(&mut world);
    assert!(numbers(&world).0 > 1);
    world.cut_member(0);
    assert_eq!(numbers(&world), (1, 1));
}

#[test]
fn outside_of_the_window_a_logon_is_told_when_to_come() {
    let mut world = open_world();
    world.now_ns = FIRST.1;
    tell(&mut world);
    world.say(0, "5", |_| {});
    world.members[0].begin_anew();
    world.connect_member(0, false);
    assert!(!world.gateway.is_bound(0) && world.member_lines[0].is_none());
    let refused = arrived(&world);
    assert_eq!(refused.msg_type, "5");
    assert_eq!(
        refused.get(tag::TEXT),
        "Logon(A) is taken from 20261123-00:00:50 to 20261123-00:01:30, UTC"
    );
    assert_eq!(refused.get(tag::SESSION_STATUS), "", "FIX.4.4 has none");
    // Our number counts, the Logon's does not: whoever comes back with 1 or with 2 is right.
    assert_eq!(numbers(&world), (1, 2));
    world.now_ns = SECOND.0;
    tell(&mut world);
    for next_out in [1, 2] {
        world.members[0].next_out = next_out;
        world.connect_member(0, false);
        assert!(world.gateway.is_bound(0), "with {next_out}");
        world.cut_member(0);
        if next_out == 1 {
            // Back to where the second way begins.
            assert_eq!(numbers(&world).0, 2);
        }
    }
}

#[test]
fn session_status_is_told_where_the_version_has_it() {
    for (credential, status, text) in [
        (Credential::Passed, "7", "Logon(A) is taken from "),
        (Credential::Expired, "8", "password has expired"),
    ] {
        let mut terms = terms::terms();
        terms.members[0].session.version = Version::Fix50Sp2;
        let mut world = World::of(terms, 1 << 20);
        world.schedule(window(SECOND));
        world.credential = credential;
        world.connect_member(0, false);
        let refused = arrived(&world);
        assert_eq!(refused.get(8), "FIXT.1.1");
        assert_eq!(refused.get(tag::SESSION_STATUS), status);
        assert!(refused.get(tag::TEXT).starts_with(text));
    }
}

#[test]
fn an_expired_password_is_told_and_the_line_goes() {
    let mut world = World::new();
    world.cut_member(0);
    world.credential = Credential::Expired;
    world.connect_member(0, false);
    assert!(!world.gateway.is_bound(0) && world.member_lines[0].is_none());
    assert_eq!(arrived(&world).get(tag::TEXT), "password has expired");
    // With a new password he goes on where both are.
    world.credential = Credential::Passed;
    world.connect_member(0, false);
    world.order(0, &ask("A", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 0 0"]);
}

#[test]
fn windows_that_follow_each_other_at_once_reset_in_between() {
    let mut world = open_world();
    world.now_ns = FIRST.1;
    world.schedule(window((FIRST.1, FIRST.1 + 100 * S)));
    assert_eq!(arrived(&world).msg_type, "5");
    world.say(0, "5", |_| {});
    assert_eq!(numbers(&world), (1, 1));
    world.members[0].begin_anew();
    world.connect_member(0, false);
    assert!(world.gateway.is_bound(0));
}

/// Sessions whose hours were taken out of the configuration are open again.
#[test]
fn hours_that_are_gone_close_nobody_out() {
    let mut world = open_world();
    world.crash(false);
    assert!(world.gateway.has_window(0) && !world.gateway.has_window(1));
    world.schedule(told(ScheduleKind::Always, (0, 0)));
    assert!(!world.gateway.has_window(0));
    world.now_ns = FIRST.1 + S;
    world.connect_all();
    assert!(world.gateway.is_bound(0));
    world.crash(false);
    assert!(!world.gateway.has_window(0));
}

#[test]
fn a_session_without_end_is_reset_at_its_time_alone() {
    let mut terms = terms::terms();
    terms.members[0].session.reset = SeqNumReset::Never;
    let mut world = World::of(terms, 1 << 20);
    let time = (NOW_NS + 10 * S, NOW_NS + 20 * S);
    world.schedule(told(ScheduleKind::ResetTime, time));
    world.connect_all();
    world.order(0, &ask("A", BUY, 10));
    let reset = |world: &mut World| {
        world.members[0].begin_anew();
        world.say(0, "A", |writer| {
            writer
                .uint(tag::ENCRYPT_METHOD, 0)
                .uint(tag::HEART_BT_INT, 30)
                .boolean(tag::RESET_SEQ_NUM_FLAG, true);
        });
    };
    // At its time, on the line that stands, which goes on.
    world.now_ns = time.0;
    world.schedule(told(ScheduleKind::ResetTime, time));
    reset(&mut world);
    assert_eq!(arrived(&world).msg_type, "A");
    assert_eq!(arrived(&world).get(tag::MSG_SEQ_NUM), "1");
    assert_eq!(numbers(&world), (2, 2));
    world.cancel(0, "X", "A", &ask("A", BUY, 10));
    assert_eq!(world.members[0].briefs(0).last().unwrap(), "8 4 4");
    // Behind it no more: the line ends and the numbers stay.
    world.now_ns = time.1;
    world.schedule(told(ScheduleKind::ResetTime, (time.1 + S, time.1 + 2 * S)));
    let before = numbers(&world);
    reset(&mut world);
    assert_eq!(arrived(&world).msg_type, "5");
    assert!(!world.gateway.is_bound(0));
    assert_eq!(numbers(&world).0, before.0);
}

#[test]
fn each_schedule_is_on_record_before_what_follows_from_it() {
    let world = open_world();
    let records = world.edge.records();
    let at = records
        .iter()
        .position(|record| record.kind == RecordKind::Schedule);
    let record = &records[at.unwrap()];
    assert_eq!(Schedule::parse(&record.payload), Ok(window(FIRST)));
    assert_eq!(records[at.unwrap() + 1].refers_to, record.number);
}
