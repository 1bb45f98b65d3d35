//! A day at a venue that speaks FIX, cut and settled: replayed as it was, and under another limit,
//! where every number behind the first order that is not sent is another one.

use gwanmun_audit::replay::WhatIf;

use crate::day::fix_venue::{FixVenue, fix_terms};
use crate::day::{Day, Sent, sent};
use crate::what_if::what_if;

/// A day up to its lines.
fn begun() -> (Day, FixVenue) {
    let mut day = Day::of(fix_terms());
    let mut venue = FixVenue { next_out: 1 };
    day.feed_up();
    log_on(&mut day, &mut venue);
    settle(&mut day, &mut venue);
    day.member_up();
    (day, venue)
}

fn log_on(day: &mut Day, venue: &mut FixVenue) {
    day.fix_connected();
    day.fix_says(venue, "A", "98=0|108=30|");
}

/// Answers the barrier.
fn settle(day: &mut Day, venue: &mut FixVenue) {
    let told = day.told();
    let barrier = told.iter().rfind(|it| it.get("35") == "1").unwrap();
    day.fix_says(venue, "0", &format!("112={}|", barrier.get("112")));
}

/// An order that leaves; its number, and its name at the venue.
fn entered(day: &mut Day, name: &str, price: i32) -> (u64, String) {
    entered_order(day, sent(name, '1', 10, price))
}

/// A sale of all shares there are: a second one leaves only if the first is off the market.
fn sold_out(day: &mut Day, name: &str) -> (u64, String) {
    entered_order(day, sent(name, '2', 100_000, 71_500))
}

fn entered_order(day: &mut Day, order: Sent) -> (u64, String) {
    day.told();
    day.order(order);
    let told = day.told();
    let order = told.iter().find(|it| it.get("35") == "D").unwrap();
    (order.get("34").parse().unwrap(), order.get("11").to_owned())
}

fn report(id: &str, kind: &str, more: &str) -> String {
    format!("37=V|11={id}|17=1|150={kind}|55=005930|54=1|38=10|{more}")
}

/// HIGH and HIGHER, which a narrower collar refuses, are taken, and one is filled. C is in doubt
/// when the line is lost, at a venue that then asks for everything from HIGH or from C on, and
/// never had it; or it is rejected by its number, or canceled. D leaves because C never came to be.
fn day(is_cut: bool, asks_from_high: bool) -> Day {
    let (mut day, mut venue) = begun();
    let (high_number, high) = entered(&mut day, "HIGH", 73_500);
    day.fix_says(&mut venue, "8", &report(&high, "0", "39=0|14=0|151=10|"));
    let fill = "39=2|32=10|31=73500|14=10|151=0|";
    day.fix_says(&mut venue, "8", &report(&high, "F", fill));
    let (_, higher) = entered(&mut day, "HIGHER", 73_600);
    day.fix_says(&mut venue, "8", &report(&higher, "0", "39=0|14=0|151=10|"));
    let (c_number, c) = sold_out(&mut day, "C");
    if is_cut {
        day.venue_gone();
        log_on(&mut day, &mut venue);
        let from = if asks_from_high {
            high_number
        } else {
            c_number
        };
        day.fix_says(&mut venue, "2", &format!("7={from}|16=0|"));
        settle(&mut day, &mut venue);
        let told = day.told();
        let asked = told.iter().find(|it| it.get("35") == "H").unwrap();
        assert_eq!(asked.get("11"), c);
        let unknown = format!("790={}|103=5|39=8|14=0|", asked.get("790"));
        day.fix_says(&mut venue, "8", &report(&c, "I", &unknown));
    } else if asks_from_high {
        // What it asks for between two numbers was not sent in the other run.
        let range = format!("7={high_number}|16={high_number}|");
        day.fix_says(&mut venue, "2", &range);
        settle(&mut day, &mut venue);
        let told = day.told();
        let asked = told.iter().find(|it| it.get("35") == "H").unwrap();
        let live = format!("790={}|39=0|14=0|151=10|", asked.get("790"));
        day.fix_says(&mut venue, "8", &report(&c, "I", &live));
        day.fix_says(&mut venue, "8", &report(&c, "4", "39=4|14=0|151=0|"));
    } else {
        let refused = format!("45={c_number}|372=D|380=4|");
        day.fix_says(&mut venue, "j", &refused);
    }
    sold_out(&mut day, "D");
    day
}

/// ClOrdID(11), verdict before and after of each order that changes.
fn changed(would: &WhatIf) -> Vec<(String, &'static str, &'static str)> {
    let changed = would.changed.iter();
    let rows = changed.map(|it| (it.cl_ord_id.to_string(), it.before.name(), it.after.name()));
    rows.collect()
}

#[test]
fn a_fix_venues_day_is_identical_and_sound_under_another_limit() {
    for (is_cut, asks_from_high) in [(true, true), (true, false), (false, true), (false, false)] {
        let case = format!("cut {is_cut} from HIGH {asks_from_high}");
        let day = day(is_cut, asks_from_high);
        let report = day.edge.replay();
        assert_eq!(report.first_differences, [], "{case}");
        assert!(report.is_identical());
        let same = what_if(&day, &["instrument.*.collar_bps=500"]);
        assert_eq!((same.is_sound(), changed(&same)), (true, vec![]), "{case}");
        // D leaves in the other run as well: its line is up and settled.
        let would = what_if(&day, &["instrument.*.collar_bps=100"]);
        assert!(would.is_sound(), "{case}");
        let refused = |name: &str| (name.to_owned(), "PASSED", "PRICE_COLLAR");
        let expected = [refused("HIGH"), refused("HIGHER")];
        assert_eq!(changed(&would), expected, "{case}");
        assert_eq!(would.requests, [], "{case}");
    }
}

/// The same over a restart in the middle of settling.
#[test]
fn a_restart_while_settling_is_identical_and_sound() {
    let (mut day, mut venue) = begun();
    entered(&mut day, "HIGH", 73_500);
    let (number, c) = entered(&mut day, "C", 71_500);
    day.restart_without_lines();
    day.feed_up();
    log_on(&mut day, &mut venue);
    day.fix_says(&mut venue, "2", &format!("7={number}|16=0|"));
    day.told();
    day.restart_without_lines();
    day.feed_up();
    log_on(&mut day, &mut venue);
    settle(&mut day, &mut venue);
    for _ in 0..2 {
        let told = day.told();
        let asked = told.iter().find(|it| it.get("35") == "H").unwrap();
        let id = asked.get("11").to_owned();
        let unknown = format!("790={}|103=5|39=8|14=0|", asked.get("790"));
        day.fix_says(&mut venue, "8", &report(&id, "I", &unknown));
    }
    assert_eq!(day.gateway.orders_in_doubt(0), 0, "{c}");
    day.member_up();
    entered(&mut day, "D", 71_500);
    let replay = day.edge.replay();
    assert_eq!(replay.first_differences, []);
    let would = what_if(&day, &["instrument.*.collar_bps=100"]);
    assert!(would.is_sound());
    let high = ("HIGH".to_owned(), "PASSED", "PRICE_COLLAR");
    assert_eq!(changed(&would), [high]);
}
