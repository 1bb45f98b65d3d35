//! A stop in good order: who is told, what is still taken, and what a restart makes of it.

use gwanmun_captures::input::Leaving;
use gwanmun_fix::tag;
use gwanmun_market::GateCode;

use crate::world::{BUY, World, ask};

fn logouts(world: &World, member: usize) -> Vec<&str> {
    let log = world.members[member].log.iter();
    log.filter(|seen| seen.msg_type == "5")
        .map(|seen| seen.get(tag::TEXT))
        .collect()
}

#[test]
fn members_are_logged_out_and_their_answers_end_the_lines() {
    let mut world = World::new();
    world.leave(Leaving::Members);
    for member in 0..2 {
        assert_eq!(logouts(&world, member), ["gateway stops"]);
    }
    assert!(!world.gateway.have_members_left());
    world.say(0, "5", |_| {});
    assert!(!world.gateway.have_members_left());
    world.say(1, "5", |_| {});
    assert!(world.gateway.have_members_left());
    assert_eq!(world.member_lines, [None, None]);
}

#[test]
fn new_orders_and_replaces_are_refused_and_a_cancel_passes() {
    let mut world = World::new();
    world.order(0, &ask("A", BUY, 10));
    world.leave(Leaving::Members);
    let from = world.members[0].log.len();
    let entered = world.entered().len();
    world.order(0, &ask("B", BUY, 10));
    world.replace(0, "A", &ask("C", BUY, 20));
    world.cancel(0, "D", "A", &ask("A", BUY, 10));
    let stopping = GateCode::Stopping.number();
    assert_eq!(
        world.members[0].briefs(from),
        [
            format!("8 8 8 {stopping}"),
            format!("9 2 0 {stopping}"),
            "8 4 4".to_owned(),
        ]
    );
    assert_eq!(world.entered().len(), entered);
}

#[test]
fn a_member_that_does_not_answer_is_parted_with_in_time() {
    let mut world = World::new();
    world.leave(Leaving::Members);
    world.wait_ns(3_000_000_000);
    assert!(world.gateway.have_members_left());
}

#[test]
fn the_venue_is_told_last_and_nothing_is_lost_over_the_restart() {
    let mut world = World::new();
    world.order(0, &ask("A", BUY, 10));
    let number = world.sites[0].venue.latest();
    world.leave(Leaving::Members);
    world.say(0, "5", |_| {});
    world.say(1, "5", |_| {});
    assert!(!world.sites[0].venue.has_logged_out);
    // A fill while nobody is logged on, and one behind our LogoutRequest, which nobody reads.
    world.sites[0].venue.execute(number, 4);
    world.run();
    world.leave(Leaving::Venues);
    assert!(world.sites[0].venue.has_logged_out);
    assert!(world.sites[0].order_line.is_none() && world.sites[0].feed_line.is_none());
    world.sites[0].venue.execute(number, 6);
    let from = world.members[0].log.len();
    world.restart(false);
    assert!(world.is_up());
    assert_eq!(world.members[0].briefs(from), ["8 F 1", "8 F 2"]);
    // The stop is over with the process: orders pass again.
    world.order(0, &ask("B", BUY, 10));
    assert_eq!(world.members[0].briefs(from).last().unwrap(), "8 0 0");
}

#[test]
fn whoever_is_already_leaving_is_not_asked_twice() {
    let mut world = World::new();
    world.say(0, "5", |_| {});
    world.leave(Leaving::Members);
    world.leave(Leaving::Members);
    assert_eq!(logouts(&world, 0), [""]);
    assert_eq!(logouts(&world, 1), ["gateway stops"]);
}
