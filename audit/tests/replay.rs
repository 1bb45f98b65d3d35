//! Replay against days that the real gateway made: the same day is identical, and every way of
//! changing what is on record, or what decides, is found.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod day;

use std::collections::BTreeSet;

use day::rewrite::{Becomes, lent, rewritten};
use day::{Day, Request, Sent, order_body, sent};
use gwanmun_audit::replay::{self, Change, Report, What, WhatIf, WhatIfError};
use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::{ChainReader, Record, RecordKind};
use gwanmun_gateway::StorageLevel;
use gwanmun_market::GateCode;

fn run(segments: &[Vec<u8>]) -> Report {
    replay::replay(&lent(segments), &mut |_, _| {}).unwrap()
}

fn what_if(day: &Day, set: &[&str]) -> WhatIf {
    let changes: Vec<Change> = set
        .iter()
        .map(|text| Change::parse(text).unwrap())
        .collect();
    replay::what_if(&day.edge.segments(), &changes, &mut |_, _| {}).unwrap()
}

fn order_of(account: &str, cl_ord_id: &str, side: char, order_qty: u32, price: i32) -> Sent {
    Sent {
        account: account.to_owned(),
        ..sent(cl_ord_id, side, order_qty, price)
    }
}

/// Orders that are passed, refused by each check, filled, canceled, replaced and rejected.
fn morning(day: &mut Day) {
    let bought = day.accepted_order(sent("C1", '1', 10, 71_400)).unwrap();
    day.executed(bought, 4, 71_400);
    day.executed(bought, 6, 71_300);
    assert_eq!(day.accepted_order(sent("C2", '2', 200_000, 71_500)), None);
    assert_eq!(day.accepted_order(sent("C3", '1', 10, 99_900)), None);
    assert_eq!(day.accepted_order(sent("C4", '1', 10, 71_450)), None);
    assert_eq!(
        day.accepted_order(order_of("ACC-3", "C5", '1', 10, 71_400)),
        None
    );
    assert_eq!(
        day.accepted_order(order_of("NONE", "C6", '1', 10, 71_400)),
        None
    );
    let resting = day
        .accepted_order(order_of("ACC-2", "C7", '1', 30, 71_000))
        .unwrap();
    // The same ClOrdID again gets no OrderID.
    let twice = day.message("D", &order_body(&order_of("ACC-2", "C7", '1', 30, 71_000)));
    day.receive(day.member, &twice);
    let body = "11=C8|41=C7|1=ACC-2|55=005930|54=1|60=20261123-00:00:00|";
    let cancel = day.message("F", body);
    day.receive_split(&cancel, 40);
    day.canceled(resting, 30);
    let moved = day.accepted_order(sent("C9", '1', 50, 71_000)).unwrap();
    day.requests();
    let body = "11=C10|41=C9|1=ACC-1|55=005930|54=1|38=60|40=2|44=71100|60=20261123-00:00:00|";
    let replace = day.message("G", body);
    day.receive(day.member, &replace);
    let Some(Request::Replace(numbers, quantity, order_id)) = day.requests().pop() else {
        panic!("the replace was not passed on");
    };
    assert_eq!(numbers.0, moved);
    day.replaced(numbers, quantity, order_id);
    day.executed(numbers.1, 60, 71_100);
    // Too late, and about an order that never was.
    for body in [
        "11=C11|41=C10|1=ACC-1|55=005930|54=1|60=20261123-00:00:00|",
        "11=C12|41=NEVER|1=ACC-1|55=005930|54=1|60=20261123-00:00:00|",
    ] {
        let cancel = day.message("F", body);
        day.receive(day.member, &cancel);
    }
    day.requests();
    day.order(sent("C13", '1', 10, 71_400));
    let Some(Request::Enter(user_ref_num, _, order_id)) = day.requests().pop() else {
        panic!("the order was not passed on");
    };
    day.rejected(user_ref_num, order_id);
}

/// Resends, heartbeats, garbage, low storage.
fn noon(day: &mut Day) {
    let resend = day.message("2", "7=1|16=0|");
    day.receive(day.member, &resend);
    day.receive(
        day.member,
        b"8=FIX.4.4\x019=5\x01nonsense that is no message\x01",
    );
    let test = day.message("1", "112=are you there|");
    day.receive(day.member, &test);
    day.wait(31);
    day.market(71_600);
    day.storage(StorageLevel::Low);
    assert_eq!(day.accepted_order(sent("N1", '1', 10, 71_400)), None);
    day.storage(StorageLevel::Normal);
    day.member_gone();
    day.wait(1);
    day.market(71_500);
    day.member_up();
}

/// A day with a restart while an order is in doubt.
fn whole_day() -> Day {
    let mut day = Day::begin();
    morning(&mut day);
    noon(&mut day);
    day.order(sent("DOUBT", '1', 10, 71_400));
    day.restart();
    let resend = day.message("2", "7=3|16=0|");
    day.receive(day.member, &resend);
    let bought = day.accepted_order(sent("A1", '1', 10, 71_400)).unwrap();
    day.executed(bought, 10, 71_400);
    for number in 0..150 {
        let price = 70_000 + 100 * (number % 30);
        let accepted = day.accepted_order(sent(&format!("L{number}"), '1', 5, price));
        if let Some(user_ref_num) = accepted.filter(|_| number % 3 == 0) {
            day.executed(user_ref_num, 5, price);
        }
    }
    day.leave();
    day
}

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
fn a_copy_without_change_is_identical() {
    let day = whole_day();
    let copy = rewritten(&day.edge.segments(), |_| Becomes::Itself);
    assert!(run(&copy).is_identical());
}

/// The effects of a day that carry something for a peer, by record number.
fn effects_with_outputs(day: &Day) -> Vec<u64> {
    let has_output = |record: &Record<'_>| {
        record.head.kind == RecordKind::Effect
            && EffectReader::new(record.payload)
                .flatten()
                .any(|entry| matches!(entry, Entry::Output { bytes, .. } if !bytes.is_empty()))
    };
    ChainReader::new(day.edge.segments())
        .map(|next| next.unwrap().record)
        .filter(has_output)
        .map(|record| record.head.number)
        .collect()
}

#[test]
fn one_flipped_effect_byte_is_reported() {
    let day = whole_day();
    let numbers = effects_with_outputs(&day);
    // One of every seventh effect, and in it the first, the middle and the last byte for a peer.
    for (turn, &number) in numbers.iter().enumerate().step_by(7) {
        let mut expected = None;
        let flipped = rewritten(&day.edge.segments(), |record| {
            if record.head.number != number {
                return Becomes::Itself;
            }
            let output =
                EffectReader::new(record.payload)
                    .flatten()
                    .find_map(|entry| match entry {
                        Entry::Output {
                            connection,
                            bytes,
                            offset,
                            ..
                        } if !bytes.is_empty() => Some((connection, bytes.len(), offset)),
                        _ => None,
                    });
            let (connection, length, offset) = output.unwrap();
            let at = [0, length / 2, length - 1][turn % 3];
            let mut payload = record.payload.to_vec();
            payload[offset + at] ^= 1;
            expected = Some((connection, at.min(8)));
            Becomes::With(payload)
        });
        let (connection, before) = expected.unwrap();
        let report = run(&flipped);
        assert!(!report.is_identical());
        assert_eq!(report.differences, 1, "record {number}");
        let difference = &report.first_differences[0];
        assert_eq!(
            (difference.record, difference.connection),
            (number, connection & !(1 << 31))
        );
        let What::Output {
            recorded, replayed, ..
        } = &difference.what
        else {
            panic!("{difference:?}");
        };
        assert_eq!(recorded.bytes[before] ^ 1, replayed.bytes[before]);
    }
}

#[test]
fn a_flipped_verdict_is_reported_as_one() {
    let day = whole_day();
    let mut is_done = false;
    let flipped = rewritten(&day.edge.segments(), |record| {
        let verdict = gwanmun_gateway::effect::TAG_VERDICT;
        let mut at = 0;
        for entry in EffectReader::new(record.payload).flatten() {
            let (body, head) = match entry {
                Entry::Output { bytes, .. } => (bytes.len() + 8, 8),
                Entry::State { tag, bytes } if tag == verdict && !is_done => {
                    is_done = true;
                    let mut payload = record.payload.to_vec();
                    payload[at + 8] = 120;
                    assert_eq!(bytes[0], 0, "the first order was passed");
                    return Becomes::With(payload);
                }
                Entry::State { bytes, .. } => (bytes.len(), 8),
            };
            at += head + body.next_multiple_of(8);
        }
        Becomes::Itself
    });
    let report = run(&flipped);
    assert_eq!(report.differences, 1);
    let What::Verdict {
        recorded, replayed, ..
    } = report.first_differences[0].what
    else {
        panic!("{:?}", report.first_differences);
    };
    assert_eq!(
        (recorded.name(), replayed.name()),
        ("PRICE_COLLAR", "PASSED")
    );
}

#[test]
fn a_missing_and_an_extra_effect_are_reported() {
    let day = whole_day();
    let numbers = effects_with_outputs(&day);
    for &number in [&numbers[0], &numbers[numbers.len() / 2]] {
        let is_it = |record: &Record<'_>| record.head.number == number;
        let missing = rewritten(&day.edge.segments(), |record| {
            if is_it(record) {
                Becomes::Gone
            } else {
                Becomes::Itself
            }
        });
        let report = run(&missing);
        let whats: Vec<&What> = report
            .first_differences
            .iter()
            .map(|found| &found.what)
            .collect();
        assert!(whats.contains(&&What::NotOnRecord), "{whats:?}");
        assert!(!report.is_identical());
        let extra = rewritten(&day.edge.segments(), |record| {
            if is_it(record) {
                Becomes::Twice
            } else {
                Becomes::Itself
            }
        });
        let report = run(&extra);
        let whats: Vec<&What> = report
            .first_differences
            .iter()
            .map(|found| &found.what)
            .collect();
        assert!(whats.contains(&&What::NotReplayed), "{whats:?}");
        assert!(!report.is_identical());
    }
}

#[test]
fn zero_compared_is_a_failure() {
    let day = whole_day();
    let bare = rewritten(&day.edge.segments(), |record| {
        if record.head.kind == RecordKind::Effect {
            Becomes::Gone
        } else {
            Becomes::Itself
        }
    });
    let report = run(&bare);
    assert_eq!((report.effects, report.effects_compared), (0, 0));
    assert!(!report.is_identical());
    // Nothing to compare and nothing decided is no proof either.
    let idle = rewritten(&day.edge.segments(), |record| match record.head.kind {
        RecordKind::Start | RecordKind::Table | RecordKind::TableVersion => Becomes::Itself,
        _ => Becomes::Gone,
    });
    let report = run(&idle);
    assert_eq!((report.differences, report.effects_compared), (0, 0));
    assert!(!report.is_identical());
}

#[test]
fn a_changed_input_is_found_by_what_it_leads_to() {
    let day = whole_day();
    let mut is_done = false;
    let changed = rewritten(&day.edge.segments(), |record| {
        let is_order = record.head.kind == RecordKind::Received
            && record.payload.windows(6).any(|bytes| bytes == b"\x0138=10");
        if is_done || !is_order {
            return Becomes::Itself;
        }
        is_done = true;
        let text = String::from_utf8(record.payload.to_vec()).unwrap();
        let changed = text.replace("\x0138=10\x01", "\x0138=20\x01").into_bytes();
        // The sum of `38=20` is one more.
        let sum: u8 = changed[changed.len() - 4..changed.len() - 1]
            .iter()
            .fold(0, |sum: u8, digit| {
                sum.wrapping_mul(10).wrapping_add(digit - b'0')
            });
        let mut changed = changed;
        let end = changed.len();
        changed[end - 4..end - 1].copy_from_slice(format!("{:03}", sum.wrapping_add(1)).as_bytes());
        Becomes::With(changed)
    });
    assert!(is_done);
    assert!(!run(&changed).is_identical());
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
fn a_disabled_account_changes_what_a_filter_over_its_orders_says() {
    let day = whole_day();
    for account in ["ACC-1", "ACC-2"] {
        let changed = what_if(&day, &[&format!("account.{account}.enabled=false")]);
        assert!(changed.is_sound());
        assert_eq!(changed.orders, day.sent.len() as u64);
        let expected: BTreeSet<String> = day
            .sent
            .iter()
            // Storage low was said before any check was asked.
            .filter(|order| order.account == account && order.cl_ord_id != "N1")
            .map(|order| order.cl_ord_id.clone())
            .collect();
        let found: BTreeSet<String> = changed
            .changed
            .iter()
            .map(|order| order.cl_ord_id.to_string())
            .collect();
        assert_eq!(found, expected);
        for order in &changed.changed {
            assert_eq!(order.after.name(), "ACCOUNT_DISABLED");
            assert_eq!(order.session, Some(0));
        }
    }
    // What is so already changes nothing.
    let changed = what_if(
        &day,
        &[
            "account.ACC-3.enabled=false",
            "limits.max_age_ns=5000000000",
        ],
    );
    assert!(changed.is_sound());
    assert_eq!((changed.changed.len(), changed.requests.len()), (0, 0));
}

#[test]
fn a_narrower_collar_changes_what_a_filter_over_prices_says() {
    let mut day = Day::begin();
    for number in 0..60 {
        let price = 69_000 + 100 * number;
        day.accepted_order(sent(&format!("P{number}"), '1', 5, price));
    }
    let changed = what_if(&day, &["instrument.*.collar_bps=100"]);
    assert!(changed.is_sound());
    // One percent of the last trade, 71,500, and not beyond the five percent of before.
    let expected: Vec<String> = day
        .sent
        .iter()
        .filter(|order| (order.price - 71_500).abs() > 715 && (order.price - 71_500).abs() <= 3_575)
        .map(|order| order.cl_ord_id.clone())
        .collect();
    assert!(expected.len() > 40);
    let found: Vec<String> = changed
        .changed
        .iter()
        .map(|order| order.cl_ord_id.to_string())
        .collect();
    assert_eq!(found, expected);
    for order in &changed.changed {
        assert_eq!(
            (order.before.name(), order.after.name()),
            ("PASSED", "PRICE_COLLAR")
        );
    }
}

#[test]
fn what_the_venue_said_about_an_order_never_sent_does_not_count() {
    let mut day = Day::begin();
    // Sellable are 100,000, and as many more as this buys.
    let bought = day.accepted_order(sent("BUY", '1', 500, 74_000)).unwrap();
    day.executed(bought, 500, 74_000);
    day.accepted_order(sent("SELL", '2', 100_500, 71_500))
        .unwrap();
    let changed = what_if(&day, &["instrument.005930.collar_bps=100"]);
    assert!(changed.is_sound());
    let found: Vec<(String, &str)> = changed
        .changed
        .iter()
        .map(|order| (order.cl_ord_id.to_string(), order.after.name()))
        .collect();
    let expected = [("BUY", "PRICE_COLLAR"), ("SELL", "SELLABLE_BALANCE")];
    assert_eq!(
        found,
        expected.map(|(order, code)| (order.to_owned(), code))
    );
}

#[test]
fn a_change_that_the_tables_have_no_row_for_is_named() {
    let day = Day::begin();
    let change = Change::parse("account.ACC-9.enabled=false").unwrap();
    let error = replay::what_if(&day.edge.segments(), &[change], &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, WhatIfError::Change(_)));
    let text = error.to_string();
    assert!(
        text.contains("account.ACC-9.enabled") && text.contains("ACC-1"),
        "{text}"
    );
}

#[test]
fn what_is_no_whole_day_is_refused() {
    let day = whole_day();
    let segments = day.edge.segments();
    let refused = |segments: &[&[u8]]| replay::replay(segments, &mut |_, _| {}).unwrap_err();
    assert_eq!(refused(&[]), replay::ReplayError::Empty);
    assert!(matches!(
        refused(&segments[1..]),
        replay::ReplayError::NotFromTheStart { .. }
    ));
    let mut flipped = segments[0].to_vec();
    flipped[200] ^= 1;
    let mut damaged = segments.clone();
    damaged[0] = &flipped;
    assert!(matches!(refused(&damaged), replay::ReplayError::Damaged(_)));
    let garbled = rewritten(&segments, |record| {
        if record.head.kind == RecordKind::Table {
            Becomes::With([record.payload, b"nonsense\n"].concat())
        } else {
            Becomes::Itself
        }
    });
    assert!(matches!(
        refused(&lent(&garbled)),
        replay::ReplayError::Terms { .. }
    ));
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
