//! Halts by kind: whom they stop, that cancels pass, and that they hold until the venue lifts them.

use gwanmun_market::{AccountMarks, GateCode, Halt, HaltKind, HaltScope, HaltSides};

use super::{KRX, NEW, NXT, all, halt, marked, terms, told, world};
use crate::member::refused;
use crate::terms::{ACCOUNT, FUTURE, HYNIX, SAMSUNG, open_market, text};
use crate::world::{Ask, BUY, SELL, World, ask};

const NAMED_KRX: &str = "KRX";
const NAMED_NXT: &str = "NXT";

fn at<'a>(venue: &'a str, symbol: &'a str, order: Ask<'a>) -> Ask<'a> {
    Ask {
        venue,
        symbol,
        ..order
    }
}

/// A world whose account sends programme orders.
fn programme() -> World {
    let marks = AccountMarks {
        is_programme: true,
        is_foreign: false,
    };
    world(marked(terms(), ACCOUNT, marks))
}

/// Every kind: orders and replaces are refused by its code, risk-reducing ones too, a cancel goes
/// through, and when it is lifted orders pass.
#[test]
fn each_kind_refuses_orders_and_replaces_and_no_cancel() {
    for (kind, code) in [
        (
            HaltKind::VolatilityInterruption,
            GateCode::VolatilityInterruption,
        ),
        (HaltKind::CircuitBreaker, GateCode::CircuitBreaker),
        (HaltKind::Sidecar, GateCode::Sidecar),
        (HaltKind::MatchingGroup, GateCode::GroupHalted),
        (HaltKind::MemberSanction, GateCode::MemberSanction),
        (HaltKind::Suspension, GateCode::SuspendedNow),
    ] {
        for level in 1..=kind.level_max() {
            let mut world = programme();
            world.order(0, &ask("A", SELL, 10));
            world.order(0, &ask("B", BUY, 10));
            world.tell_halt(KRX, halt(kind, all(), level));
            let from = world.members[0].log.len();
            world.order(0, &ask("C", BUY, 1));
            world.order(0, &ask("D", SELL, 1));
            world.replace(0, "A", &ask("E", SELL, 20));
            world.replace(0, "B", &ask("F", BUY, 5));
            let no = refused(code);
            let cancel_no = format!("9 2 0 {}", code.number());
            let briefs = world.members[0].briefs(from);
            assert_eq!(
                briefs,
                [no.as_str(), &no, &cancel_no, &cancel_no],
                "{kind:?}"
            );
            assert_eq!(world.sites[KRX].venue.entered.len(), 2);
            let from = world.members[0].log.len();
            world.cancel(0, "G", "A", &ask("A", SELL, 10));
            world.cancel(0, "H", "B", &ask("B", BUY, 10));
            assert_eq!(
                world.members[0].briefs(from),
                ["8 4 4", "8 4 4"],
                "{kind:?}"
            );
            world.tell_halt(KRX, halt(kind, all(), 0));
            assert_eq!(told(&mut world, &ask("I", BUY, 1)), NEW, "{kind:?}");
        }
    }
}

/// In the third stage the venue refuses cancels: its answer, not ours, is what the member is told.
#[test]
fn a_cancel_in_the_third_stage_is_the_venues_to_refuse() {
    let mut world = programme();
    world.order(0, &ask("A", BUY, 10));
    world.tell_halt(KRX, halt(HaltKind::CircuitBreaker, all(), 3));
    world.sites[KRX].is_slow = true;
    let from = world.members[0].log.len();
    world.cancel(0, "B", "A", &ask("A", BUY, 10));
    assert_eq!(world.sites[KRX].venue.requests_waiting(), 1);
    assert_eq!(world.members[0].log.len(), from);
    let number = world.sites[KRX].venue.latest();
    world.sites[KRX].venue.report_cancel_reject(number);
    world.run();
    let code = GateCode::VenueRejected.number();
    assert_eq!(world.members[0].briefs(from), [format!("9 1 0 {code}")]);
}

#[test]
fn a_side_and_a_mark_are_looked_at() {
    let sided = |kind, sides| Halt {
        sides,
        ..halt(kind, all(), 1)
    };
    for (kind, code) in [
        (HaltKind::Sidecar, GateCode::Sidecar),
        (HaltKind::MemberSanction, GateCode::MemberSanction),
    ] {
        let mut world = programme();
        world.tell_halt(KRX, sided(kind, HaltSides::Sell));
        assert_eq!(told(&mut world, &ask("A", BUY, 1)), NEW);
        assert_eq!(told(&mut world, &ask("B", SELL, 1)), refused(code));
        // The next word replaces the one before.
        world.tell_halt(KRX, sided(kind, HaltSides::Buy));
        assert_eq!(told(&mut world, &ask("C", BUY, 1)), refused(code));
        assert_eq!(told(&mut world, &ask("D", SELL, 1)), NEW);
    }
    let mut world = super::world(terms());
    world.tell_halt(KRX, sided(HaltKind::Sidecar, HaltSides::Both));
    assert_eq!(told(&mut world, &ask("A", BUY, 1)), NEW);
}

/// One word stops a group, or a market, and no other; two of them are lifted apart.
#[test]
fn a_scope_stops_what_it_names() {
    let group = HaltScope::Group(text("1"));
    let kospi = HaltScope::Market(text("KOSPI"));
    let share = HaltScope::Instrument(text(HYNIX));
    let no_such = HaltScope::Instrument(text("999999"));
    let mut world = programme();
    let mut number = 0;
    let mut stopped = |world: &mut World| {
        [SAMSUNG, HYNIX, FUTURE].map(|symbol| {
            number += 1;
            let name = format!("N{number}");
            let price = if symbol == FUTURE {
                350
            } else {
                ask("", BUY, 1).price
            };
            let order = Ask {
                price,
                ..at(NAMED_KRX, symbol, ask(&name, BUY, 1))
            };
            told(world, &order) != NEW
        })
    };
    for (kind, scope, level, expected) in [
        (HaltKind::MatchingGroup, group, 1, [true, false, false]),
        (HaltKind::CircuitBreaker, kospi, 1, [true, true, false]),
        (HaltKind::MatchingGroup, group, 0, [true, true, false]),
        (HaltKind::Suspension, share, 1, [true, true, false]),
        (HaltKind::CircuitBreaker, kospi, 0, [false, true, false]),
        (HaltKind::Suspension, no_such, 1, [false, true, false]),
        (HaltKind::Suspension, share, 0, [false, false, false]),
        (
            HaltKind::VolatilityInterruption,
            all(),
            1,
            [true, true, true],
        ),
    ] {
        world.tell_halt(KRX, halt(kind, scope, level));
        assert_eq!(stopped(&mut world), expected, "{kind:?} {scope:?} {level}");
    }
}

/// Nextrade halts with KRX where KRX says so, and with nothing else; through the loss of KRX's
/// feed and a restart, until KRX has told all anew.
#[test]
fn one_venue_halts_with_the_other() {
    let mut world = programme();
    let breaker = |level, is_everywhere| Halt {
        is_everywhere,
        ..halt(
            HaltKind::CircuitBreaker,
            HaltScope::Market(text("KOSPI")),
            level,
        )
    };
    let at_nxt = |name| at(NAMED_NXT, SAMSUNG, ask(name, BUY, 1));
    let no = refused(GateCode::CircuitBreaker);
    world.tell_halt(KRX, breaker(1, false));
    assert_eq!(told(&mut world, &at_nxt("A")), NEW);
    world.tell_halt(KRX, breaker(1, true));
    assert_eq!(told(&mut world, &at_nxt("B")), no);
    // What one venue lifts the other did not tell.
    world.tell_halt(NXT, breaker(0, true));
    assert_eq!(told(&mut world, &at_nxt("C")), no);
    world.cut_feed_at(KRX);
    assert_eq!(told(&mut world, &at_nxt("D")), no);
    // A restart with KRX still away.
    world.crash(false);
    world.connect_venue_at(NXT);
    world.connect_feed_at(NXT);
    world.tell_market_at(NXT, SAMSUNG, open_market());
    world.connect_member(0, false);
    assert_eq!(told(&mut world, &at_nxt("E")), no);
    // KRX is back and tells the halt again.
    world.connect_feed_at(KRX);
    assert_eq!(told(&mut world, &at_nxt("F")), no);
    world.tell_halt(KRX, breaker(1, true));
    world.tell_market_at(KRX, HYNIX, open_market());
    assert_eq!(told(&mut world, &at_nxt("G")), no);
    // It is back once more, with nothing to tell before its first market state.
    world.cut_feed_at(KRX);
    world.connect_feed_at(KRX);
    assert_eq!(told(&mut world, &at_nxt("H")), no);
    world.tell_market_at(KRX, HYNIX, open_market());
    assert_eq!(told(&mut world, &at_nxt("I")), NEW);
}

/// A matching group halts with orders on their way, the process dies at whichever record, the group
/// goes on: nothing goes out a second time, and nothing by itself.
#[test]
fn a_group_resumes_without_duplicates() {
    let group = |level| halt(HaltKind::MatchingGroup, HaltScope::Group(text("1")), level);
    let play = |world: &mut World| {
        world.order(0, &ask("A", BUY, 10));
        world.sites[KRX].is_slow = true;
        world.order(0, &ask("B", BUY, 10));
        world.tell_halt(KRX, group(1));
        world.order(0, &ask("C", BUY, 10));
        world.cancel(0, "X", "A", &ask("A", BUY, 10));
        world.sites[KRX].is_slow = false;
        world.run();
    };
    let mut whole = programme();
    let before = whole.edge.record_count();
    play(&mut whole);
    let records = whole.edge.record_count() - before;
    assert!(records > 10);
    let mut halted = 0;
    for at in 0..=records {
        let mut world = programme();
        world.is_checked = false;
        world.edge.records_left = Some(at);
        play(&mut world);
        world.crash(at % 2 == 0);
        world.edge.records_left = None;
        for site in [KRX, NXT] {
            world.connect_venue_at(site);
        }
        world.connect_member(0, false);
        world.connect_feed_at(NXT);
        world.connect_feed_at(KRX);
        // KRX's feed is back: in doubt or told again, the halt holds until it is lifted.
        world.tell_halt(KRX, group(1));
        world.tell_market_at(KRX, SAMSUNG, open_market());
        let entered = world.sites[KRX].venue.entered.len();
        assert_eq!(
            told(&mut world, &ask("D", BUY, 10)),
            refused(GateCode::GroupHalted)
        );
        world.tell_halt(KRX, group(0));
        // Nothing of what was refused, or never arrived, goes out by itself.
        assert_eq!(world.sites[KRX].venue.entered.len(), entered);
        // Nor under its old name, which is used up where the order was on record.
        let again = told(&mut world, &ask("D", BUY, 10));
        assert_eq!(again, refused(GateCode::DuplicateOrder));
        assert_eq!(told(&mut world, &ask("E", BUY, 10)), NEW);
        let entered = &world.sites[KRX].venue.entered;
        let mut ids: Vec<_> = entered.clone();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), entered.len(), "sent twice, record {at}");
        halted += 1;
        world.check();
    }
    assert_eq!(halted, records + 1);
}

/// More areas than there is room for: the line is given up, so that nothing of it is taken for
/// fresh.
#[test]
fn more_areas_than_there_is_room_for_cost_the_line() {
    let mut world = programme();
    for number in 0..64 {
        let scope = HaltScope::Group(text(&format!("G{number}")));
        world.tell_halt(KRX, halt(HaltKind::MatchingGroup, scope, 1));
        assert!(world.gateway.feed_tells(0), "{number}");
    }
    // A word on one of them takes no room, and a lifted one gives it back.
    let first = HaltScope::Group(text("G0"));
    world.tell_halt(KRX, halt(HaltKind::MatchingGroup, first, 0));
    world.tell_halt(
        KRX,
        halt(HaltKind::MatchingGroup, HaltScope::Group(text("H")), 1),
    );
    assert!(world.gateway.feed_tells(0));
    world.tell_halt(KRX, halt(HaltKind::MatchingGroup, first, 1));
    assert!(!world.gateway.feed_tells(0));
    assert!(world.gateway.take_feed_fault(0).is_some());
    // The other venue has room of its own.
    world.tell_halt(NXT, halt(HaltKind::MatchingGroup, first, 1));
    assert!(world.gateway.feed_tells(1));
}
