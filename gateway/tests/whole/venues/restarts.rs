//! Both venues over deaths of the process, at every record and with a venue more behind them.

use gwanmun_market::GateCode;

use super::{AT_KRX, AT_NXT, at, goes};
use crate::member::refused;
use crate::restart::check_ledgers;
use crate::terms::{KRX, NXT, two_venues};
use crate::venue::Mood;
use crate::world::{BUY, SELL, Site, World, ask};

/// D, F and G of the script below.
const REQUESTS: [&str; 10] = ["A", "B", "C", "D", "E", "R1", "R2", "X1", "F", "X2"];

/// Orders in many states at both venues, whose answers cross.
fn play(world: &mut World) {
    let step = |world: &mut World, site: usize| {
        if world.sites[site].venue.step() {
            world.run();
        }
    };
    for site in &mut world.sites {
        site.is_slow = true;
    }
    world.order(0, &at(KRX, ask("A", BUY, 10)));
    world.order(0, &at(NXT, ask("B", SELL, 100)));
    step(world, AT_NXT);
    world.order(0, &ask("C", SELL, 901));
    world.order(0, &at(KRX, ask("D", SELL, 900)));
    step(world, AT_KRX);
    step(world, AT_KRX);
    if world.sites[AT_NXT].venue.live.len() == 1 {
        let number = world.sites[AT_NXT].venue.latest();
        world.sites[AT_NXT].venue.execute(number, 40);
        world.run();
    }
    world.replace(0, "B", &ask("R1", SELL, 90));
    world.replace(0, "A", &ask("R2", BUY, 30));
    world.cancel(0, "X1", "D", &ask("D", SELL, 900));
    step(world, AT_KRX);
    world.sites[AT_NXT].venue.mood = Mood::Refuses;
    step(world, AT_NXT);
    world.order(0, &at("NONE", ask("E", BUY, 10)));
    world.order(0, &at(NXT, ask("F", BUY, 5)));
    world.cancel(0, "X2", "R2", &ask("A", BUY, 10));
    for site in &mut world.sites {
        site.venue.mood = Mood::Takes;
        site.is_slow = false;
    }
    world.run();
}

#[test]
fn the_script_of_two_venues_is_in_order() {
    let mut world = World::with_two_venues();
    play(&mut world);
    check_ledgers(&world, &REQUESTS);
    assert_eq!(world.sites[AT_KRX].venue.entered.len(), 2);
    assert_eq!(world.sites[AT_NXT].venue.entered.len(), 2);
}

/// `nothing_sent_twice` at both venues, whichever record the process dies at.
#[test]
fn nothing_is_sent_twice_to_either_venue() {
    let mut world = World::with_two_venues();
    let before = world.edge.record_count();
    play(&mut world);
    let records = world.edge.record_count() - before;
    assert!(records > 50);
    for are_outputs_lost in [false, true] {
        for at in 0..=records {
            let mut world = World::with_two_venues();
            world.is_checked = false;
            world.edge.records_left = Some(at);
            play(&mut world);
            world.crash(are_outputs_lost);
            world.edge.records_left = Some(at % 17);
            world.connect_all();
            world.edge.records_left = None;
            if world.edge.is_stopped {
                world.crash(are_outputs_lost);
                world.connect_all();
            }
            assert!(world.is_up_at(AT_KRX) && world.is_up_at(AT_NXT));
            check_ledgers(&world, &REQUESTS);
        }
    }
}

/// A venue that is added behind the others goes on from a day that did not know it.
#[test]
fn a_venue_may_be_added_within_the_day() {
    let mut world = World::new();
    world.order(0, &ask("A", SELL, 600));
    world.terms = two_venues();
    world
        .sites
        .push(Site::new(gwanmun_gateway::WireTerms::Ouch50));
    world.restart(false);
    let over = refused(GateCode::SellableBalance);
    assert_eq!(goes(&mut world, &at(NXT, ask("B", SELL, 401))), over);
    assert_eq!(goes(&mut world, &at(NXT, ask("C", SELL, 400))), NXT);
    world.cancel(0, "X", "A", &ask("A", SELL, 600));
    check_ledgers(&world, &["A", "B", "C", "X"]);
    world.restart(true);
    assert_eq!(goes(&mut world, &at(KRX, ask("D", SELL, 600))), KRX);
    check_ledgers(&world, &["A", "B", "C", "X", "D"]);
}
