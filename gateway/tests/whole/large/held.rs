//! Held, and approved by an operator.

use gwanmun_fix::tag;
use gwanmun_gateway::{CommandRefusal, HOLD_NS};
use gwanmun_market::GateCode;

use super::{HOLD, S, SUSPENDED, approve, enter, last_told, moved_market, world};
use crate::member::refused;
use crate::restart::check_ledgers;
use crate::terms::{SAMSUNG, open_market};
use crate::world::{BUY, SELL, ask};

#[test]
fn a_held_order_waits_holds_back_and_leaves_when_it_is_approved() {
    for is_restarted in [false, true] {
        let mut world = world();
        let (told, id) = enter(&mut world, &ask("A", SELL, 900));
        assert_eq!(told, SUSPENDED);
        let report = last_told(&world);
        assert_eq!(
            (report.get(tag::LEAVES_QTY), report.get(tag::CUM_QTY)),
            ("900", "0")
        );
        assert!(world.sites[0].venue.entered.is_empty());
        // 900 of 1,000 are held back for it.
        let over = refused(GateCode::SellableBalance);
        assert_eq!(enter(&mut world, &ask("B", SELL, 101)).0, over);
        assert_eq!(enter(&mut world, &ask("C", SELL, 100)).0, "8 0 0");
        world.replace(0, "A", &ask("R", SELL, 50));
        assert_eq!(last_told(&world).brief(), "9 2 9 144");
        if is_restarted {
            world.restart(true);
        }
        assert_eq!(
            approve(&mut world, &id, b""),
            Err(CommandRefusal::NoRequester)
        );
        assert_eq!(
            approve(&mut world, &id, b"kim"),
            Err(CommandRefusal::SamePerson)
        );
        let not_held = Err(CommandRefusal::NotHeld);
        assert_eq!(approve(&mut world, "GW100000000999", b"lee"), not_held);
        assert_eq!(approve(&mut world, &id, b"lee"), Ok(()));
        assert_eq!(last_told(&world).brief(), "8 0 0");
        assert_eq!(last_told(&world).get(tag::ORDER_ID), id);
        assert_eq!(approve(&mut world, &id, b"lee"), not_held);
        let number = world.sites[0].venue.latest();
        world.sites[0].venue.execute(number, 900);
        world.run();
        assert_eq!(last_told(&world).brief(), "8 F 2");
        check_ledgers(&world, &["B", "C", "R"]);
    }
}

#[test]
fn an_approval_asks_the_whole_list_again() {
    let mut world = world();
    let (_, id) = enter(&mut world, &ask("A", BUY, HOLD + 1));
    world.tell_market(SAMSUNG, moved_market());
    let refuses = Err(CommandRefusal::CheckRefuses);
    assert_eq!(approve(&mut world, &id, b"lee"), refuses);
    let collar = refused(GateCode::PriceCollar);
    assert_eq!(last_told(&world).brief(), collar);
    let not_held = Err(CommandRefusal::NotHeld);
    assert_eq!(approve(&mut world, &id, b"lee"), not_held);
    assert!(world.sites[0].venue.entered.is_empty());
    // Old data refuse too, and what it held back is free again.
    world.tell_market(SAMSUNG, open_market());
    let (_, id) = enter(&mut world, &ask("B", BUY, HOLD + 1));
    world.now_ns += 4 * S;
    assert_eq!(approve(&mut world, &id, b"lee"), refuses);
    world.tell_market(SAMSUNG, open_market());
    let (told, id) = enter(&mut world, &ask("C", SELL, 1_000));
    assert_eq!(told, SUSPENDED);
    assert_eq!(approve(&mut world, &id, b"lee"), Ok(()));
    assert_eq!(world.sites[0].venue.entered.len(), 1);
}

#[test]
fn a_held_order_can_always_be_cancelled() {
    let mut world = world();
    let asked = ask("A", SELL, 1_000);
    let (_, id) = enter(&mut world, &asked);
    // No venue is asked: none has to be there.
    world.cut_venue(false);
    world.cancel(0, "X", "A", &asked);
    let told = last_told(&world);
    assert_eq!(
        (told.brief().as_str(), told.get(tag::ORIG_CL_ORD_ID)),
        ("8 4 4", "A")
    );
    world.connect_venue();
    assert_eq!(
        approve(&mut world, &id, b"lee"),
        Err(CommandRefusal::NotHeld)
    );
    world.check();
}

#[test]
fn a_held_order_expires_by_a_deadline_on_record() {
    for is_restarted in [false, true] {
        let mut world = world();
        let (told, _) = enter(&mut world, &ask("A", SELL, 1_000));
        assert_eq!(told, SUSPENDED);
        let from = world.members[0].log.len();
        if is_restarted {
            world.crash(true);
        }
        let until = world.now_ns + HOLD_NS;
        while world.now_ns < until {
            assert_eq!(world.members[0].briefs(from), [""; 0]);
            let due = world.gateway.next_deadline_ns().unwrap();
            world.now_ns = world.now_ns.max(due.min(until));
            let stamp = world.stamp();
            world.call(|gateway, edge| gateway.on_deadlines(edge, stamp));
            world.run();
        }
        if is_restarted {
            world.connect_all();
        }
        let expired = refused(GateCode::HoldExpired);
        assert_eq!(world.members[0].briefs(from), [expired]);
        let mut log = world.members[0].log.iter().rev();
        let told = log.find(|seen| seen.msg_type == "8").unwrap();
        let figures = (told.get(tag::GATE_LIMIT), told.get(tag::GATE_OBSERVED));
        assert_eq!(figures, ("300", "300"));
        world.check();
    }
}
