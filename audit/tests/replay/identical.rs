//! Days whose replay is the day itself, byte for byte: over restarts, with orders in doubt, dead
//! lines, and resends of what has left memory.

use std::collections::BTreeSet;

use gwanmun_audit::replay;
use gwanmun_market::GateCode;

use crate::day::member::order_body;
use crate::day::{Day, sent};
use crate::what_if::what_if;
use crate::whole_day::whole_day;

#[test]
fn replay_is_identical() {
    let day = whole_day();
    assert!(
        day.edge.segments.len() > 4,
        "the day spans several segments"
    );
    let report = day.edge.replay();
    assert_eq!(report.first_differences, []);
    assert!(report.is_identical());
    assert_eq!(report.epochs, 2);
    assert_eq!(report.inputs, day.edge.inputs);
    assert_eq!(report.effects, day.edge.effects);
    assert_eq!(report.effects_compared, day.edge.effects);
    assert_eq!(report.bytes_compared, day.edge.output_bytes);
    assert_eq!(report.orders, day.sent.len() as u64);
    assert_eq!(report.decisions_compared, report.decisions.len() as u64);
    assert_eq!(report.undecided, []);
    let codes: BTreeSet<&str> = report
        .decisions
        .iter()
        .map(|made| made.verdict.name())
        .collect();
    for expected in [
        "PASSED",
        GateCode::SellableBalance.name(),
        GateCode::PriceCollar.name(),
        GateCode::Tick.name(),
        GateCode::AccountDisabled.name(),
        GateCode::AccountUnknown.name(),
        GateCode::DuplicateOrder.name(),
        GateCode::TooLate.name(),
        GateCode::UnknownOrder.name(),
        GateCode::VenueRejected.name(),
        GateCode::StorageLow.name(),
        GateCode::NeverArrived.name(),
    ] {
        assert!(codes.contains(expected), "{expected} in {codes:?}");
    }
}

#[test]
fn what_the_process_did_not_live_to_record_is_undecided() {
    for (effects, is_torn) in [(0, false), (0, true), (1, false), (1, true)] {
        let mut day = Day::begin();
        day.accepted_order(sent("C1", '1', 10, 71_400));
        // Two orders in one piece: the process dies before the first effect, or before the second.
        let first = day.message("D", &order_body(&sent("C2", '1', 20, 71_400)));
        let second = day.message("D", &order_body(&sent("C3", '1', 30, 71_400)));
        day.receive_and_die(day.member, &[first, second].concat(), effects);
        if !is_torn {
            day.edge.wipe_tail();
        }
        day.msg_seq_num -= 2 - effects as u64;
        day.restart();
        // The member's recovery brings again what did not happen.
        for cl_ord_id in ["C2", "C3"].iter().skip(effects) {
            day.accepted_order(sent(cl_ord_id, '1', 20, 71_400))
                .unwrap();
        }
        let report = day.edge.replay();
        assert_eq!(report.first_differences, [], "{effects} {is_torn}");
        assert!(report.is_identical());
        assert_eq!(report.undecided.len(), 1);
        assert_eq!((report.undecided[0].epoch, report.epochs), (1, 2));
        assert_eq!(report.torn.len(), usize::from(is_torn));
        let changed = what_if(&day, &["account.ACC-1.enabled=false"]);
        assert!(changed.is_sound());
        assert_eq!(changed.changed.len(), 3, "{effects}: C1, C2, C3");
    }
}

#[test]
fn a_resend_waits_for_what_has_left_memory() {
    let mut day = Day::begin();
    let mut number = 0;
    while day.edge.segments.len() < 14 {
        number += 1;
        let accepted = day.accepted_order(sent(&format!("M{number}"), '1', 5, 71_400));
        day.canceled(accepted.unwrap(), 5);
    }
    let before = day.edge.output_bytes;
    let resend = day.message("2", "7=1|16=0|");
    day.receive(day.member, &resend);
    let resent = day.edge.output_bytes - before;
    assert!(
        resent < before / 4,
        "the older part waits: {resent} of {before}"
    );
    assert!(day.edge.replay().is_identical());
}

#[test]
fn a_resend_that_pushes_out_what_it_needs_is_identical() {
    let mut day = Day::begin();
    let mut number = 0;
    while day.edge.segments.len() < 12 {
        number += 1;
        let accepted = day.accepted_order(sent(&format!("M{number}"), '1', 5, 71_400));
        day.canceled(accepted.unwrap(), 5);
    }
    // Some of these begin in the oldest segment in memory and fill a segment before they are
    // through it, so that it leaves memory under them.
    for begin in (1..2 * number).step_by(20) {
        let resend = day.message("2", &format!("7={begin}|16=0|"));
        day.receive(day.member, &resend);
        day.lend();
    }
    let report = day.edge.replay();
    assert_eq!(report.first_differences, []);
    assert!(report.is_identical());
}

#[test]
fn a_day_of_dead_lines_is_identical() {
    let mut day = Day::begin();
    day.accepted_order(sent("C1", '1', 10, 71_400)).unwrap();
    day.silence(31);
    day.silence(31);
    day.silence(31);
    assert_eq!(day.accepted_order(sent("C2", '1', 10, 71_400)), None);
    day.restart();
    day.accepted_order(sent("C3", '1', 10, 71_400)).unwrap();
    assert!(day.edge.replay().is_identical());
}

#[test]
fn progress_ends_with_everything() {
    let day = whole_day();
    let mut last = (0, 0);
    replay::replay(&day.edge.segments(), &mut |done, total| {
        last = (done, total)
    })
    .unwrap();
    assert_eq!(last, (day.edge.inputs, day.edge.inputs));
}
