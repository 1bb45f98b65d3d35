//! A command around the end of the process.

use super::{ask, set, terms};
use crate::support::world::{QUIET, ready};
use crate::support::{Member, World, journal, until};

/// The process dies behind an append around a command: it happened with its effect or not at all,
/// nothing that was told as done is undone, and asked again it is done.
#[test]
fn a_death_around_a_command_leaves_it_done_or_not() {
    for append in 60..64 {
        let mut world = World::new(&format!("desk-death-{append}"));
        let exchange = world.start_exchange(QUIET);
        let mut broken = world.start_broken(&terms(), &format!("abort={append}"));
        crate::support::world::listening(&mut broken);
        let (mut done, mut number) = (1, 1);
        while broken.is_running() {
            number = done + 1;
            if set(&world, "in", number).0 == 0 {
                done = number;
            }
        }
        drop(broken);
        let (gateway, _) = world.start_gateway(&terms());
        let (code, said) = ask(&world, &["status", "--session", "MEMBER1"]);
        assert_eq!(code, 0);
        let stands_at = |number: u64| said.contains(&format!(" in={number} out=1"));
        assert!(stands_at(done) || stands_at(number), "{done}: {said}");
        assert!(done > 5, "too few commands to say anything");
        eprintln!(
            "append {append}: done {done}, then {number} was {}",
            if stands_at(done) { "not done" } else { "done" }
        );
        assert_eq!(set(&world, "in", number).0, 0);
        gateway.stop().expect_code(0);
        exchange.stop().expect_code(0);
        journal::assert_evidence(&world.day());
    }
}

#[test]
fn a_gateway_that_stops_answers_or_is_gone() {
    let mut world = World::new("desk-stop");
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = ready(world.spawn_gateway(&terms()));
    // A member that does not answer the Logout(5) keeps the stop waiting.
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    gateway.ask_to_stop();
    let told = until("an answer", || {
        let (code, said) = set(&world, "in", 9);
        (code != 0).then_some((code, said))
    });
    assert!(matches!(told.0, 1 | 4), "{told:?}");
    gateway.ended().expect_code(0);
    let (code, said) = set(&world, "in", 9);
    assert!(code == 4 && said.contains("does the gateway run"), "{said}");
    exchange.stop().expect_code(0);
    journal::assert_evidence(&world.day());
}
