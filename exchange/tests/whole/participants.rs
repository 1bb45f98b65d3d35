//! The other participants, the feed's states, and that a day repeats itself byte by byte.

use std::sync::{Arc, Mutex};

use gwanmun_binary::ouch::Outbound;
use gwanmun_binary::ouch::codes::{CancelReason, RejectReason};
use gwanmun_exchange::clock::Moment;
use gwanmun_exchange::config::SeedProfile;
use gwanmun_exchange::desk::Desk;
use gwanmun_exchange::ledger::Ledger;
use gwanmun_exchange::plan::{Plan, User};
use gwanmun_exchange::random::Random;
use gwanmun_exchange::venue::{Disposition, Venue, VenueSetup};
use gwanmun_market::{MarketState, Phase, Text};

use crate::script::{cl_ord_id, price, request, setup, symbol};

/// A member's morning: orders around the market, replaces and cancels, one in ten off its limits.
pub(crate) fn morning(count: u32) -> Vec<String> {
    let mut random = Random::new(7);
    let mut day = Vec::new();
    let mut next = 1_u32;
    while day.len() < usize::try_from(count).unwrap() {
        let steps = i64::from(random.between(0, 8)) - 4;
        let won = 71_500 + 100 * steps;
        let side = if random.chance(2) { "B" } else { "S" };
        let quantity = random.between(1, 300);
        match random.between(0, 9) {
            0..=5 => {
                day.push(format!("enter {next} {side} {quantity} 005930 {won}"));
                next += 1;
            }
            6 => {
                day.push(format!("enter {next} {side} {quantity} 005930 99000"));
                next += 1;
            }
            7 => {
                let old = random.between(next.saturating_sub(8).max(1), next);
                day.push(format!("replace {old} {} {quantity} {won}", next + 1));
                next += 2;
            }
            _ => day.push(format!(
                "cancel {} 0",
                random.between(next.saturating_sub(8).max(1), next)
            )),
        }
    }
    day
}

pub(crate) fn lively(phase: Phase) -> VenueSetup {
    VenueSetup {
        seed: SeedProfile::lively(3),
        ..setup(phase)
    }
}

#[test]
fn members_meet_fills_partial_fills_rejects_and_late_cancels() {
    let mut venue = Venue::new(lively(Phase::Continuous), 0);
    venue.take_reports();
    let (mut fills, mut by_others, mut rejects, mut late, mut canceled) = (0, 0, 0, 0, 0);
    for words in morning(2_000) {
        let disposition = venue.on_message(0, &request(&words), 0);
        let reports = venue.take_reports();
        let executed = reports
            .iter()
            .filter(|r| matches!(r.message, Outbound::Executed(_)))
            .count();
        fills += executed;
        if words.starts_with("cancel") {
            by_others += executed;
            late += usize::from(disposition == Disposition::NotLive && executed > 0);
        }
        for report in &reports {
            match report.message {
                Outbound::Rejected(m) => rejects += usize::from(m.reason == RejectReason::PRICE),
                Outbound::Canceled(m) => canceled += usize::from(m.reason == CancelReason::USER),
                _ => {}
            }
        }
    }
    assert!(fills > 500, "{fills}");
    assert!(by_others > 10, "{by_others}");
    assert!(rejects > 100, "{rejects}");
    assert!(late >= 5, "{late}");
    assert!(canceled > 50, "{canceled}");
}

#[test]
fn no_order_executes_beyond_its_total() {
    let mut venue = Venue::new(lively(Phase::Continuous), 0);
    // By number: what is open and what has executed.
    let mut orders = std::collections::BTreeMap::<u32, (u32, u32)>::new();
    let mut executions = 0;
    for words in morning(3_000) {
        venue.on_message(0, &request(&words), 0);
        for report in venue.take_reports() {
            match report.message {
                Outbound::Accepted(m) => {
                    assert_eq!(orders.insert(m.user_ref_num, (m.quantity, 0)), None);
                }
                Outbound::Replaced(m) => {
                    let (open, executed) = orders.remove(&m.orig_user_ref_num).unwrap();
                    assert!(open > 0, "only a live order is replaced");
                    orders.insert(m.user_ref_num, (m.quantity - executed, executed));
                }
                Outbound::Canceled(m) => {
                    let order = orders.get_mut(&m.user_ref_num).unwrap();
                    order.0 = order.0.checked_sub(m.quantity).unwrap();
                }
                Outbound::Executed(m) => {
                    assert_eq!(report.about.cl_ord_id, cl_ord_id(m.user_ref_num));
                    let order = orders.get_mut(&m.user_ref_num).unwrap();
                    order.0 = order.0.checked_sub(m.quantity).unwrap();
                    order.1 += m.quantity;
                    executions += 1;
                }
                _ => {}
            }
        }
    }
    assert!(executions > 500, "{executions}");
}

#[test]
fn an_auction_has_a_theoretical_price_and_no_best() {
    let mut venue = Venue::new(lively(Phase::OpeningAuction), 0);
    assert_eq!(venue.take_changed().len(), venue.instrument_count());
    assert_eq!(venue.take_changed(), []);
    let (name, state) = venue.market_state(0).unwrap();
    assert_eq!(name, symbol("005930"));
    let base = Some(price("71500"));
    assert!(state.theoretical.is_some());
    let best = (state.best_bid, state.best_ask, state.last, state.base);
    assert_eq!(best, (None, None, None, base));
}

#[test]
fn every_change_of_the_market_is_told_once() {
    let mut venue = Venue::new(setup(Phase::Continuous), 0);
    venue.take_changed();
    let expect = MarketState {
        phase: Phase::Continuous,
        is_halted: false,
        base: Some(price("71500")),
        limit_stage_low: 1,
        limit_stage_high: 1,
        ..MarketState::default()
    };
    venue.on_message(0, &request("enter 1 S 100 005930 71600"), 0);
    assert_eq!(venue.take_changed(), [0]);
    let state = venue.market_state(0).unwrap().1;
    assert_eq!(
        state,
        MarketState {
            best_ask: Some(price("71600")),
            best_ask_qty: 100,
            ..expect
        }
    );
    venue.on_message(0, &request("enter 2 S 100 005930 71700"), 0);
    assert_eq!(venue.take_changed(), [], "the best offer is the same");
    venue.on_message(0, &request("enter 3 B 200 005930 71600"), 0);
    assert_eq!(venue.take_changed(), [0]);
    let state = venue.market_state(0).unwrap().1;
    assert_eq!(
        (state.last, state.best_bid, state.best_ask),
        (
            Some(price("71600")),
            Some(price("71600")),
            Some(price("71700"))
        )
    );
}

#[test]
fn one_new_order_in_so_many_is_refused_when_the_fault_says_so() {
    let mut venue = Venue::new(
        VenueSetup {
            reject_every: 3,
            ..setup(Phase::Continuous)
        },
        0,
    );
    venue.take_reports();
    let mut refused = Vec::new();
    for number in 1..=9 {
        venue.on_message(0, &request(&format!("enter {number} B 1 005930 71500")), 0);
        for report in venue.take_reports() {
            if let Outbound::Rejected(m) = report.message {
                assert_eq!(m.reason, RejectReason::SHARES_THRESHOLD);
                refused.push(m.user_ref_num);
            }
        }
    }
    assert_eq!(refused, [3, 6, 9]);
}

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn whole_day() -> (Vec<Vec<u8>>, Vec<u8>) {
    let plan = Plan {
        order_listen: ([127, 0, 0, 1], 0).into(),
        feed_listen: ([127, 0, 0, 1], 0).into(),
        session: *b"KRX0000001",
        trading_day: String::new(),
        users: vec![User {
            name: Text::new(b"U").unwrap(),
            password: Text::new(b"p").unwrap(),
        }],
        setup: lively(Phase::Continuous),
        fix: None,
        drop_order_line_after: Vec::new(),
        ledger: None,
        day_log: None,
        feed_heartbeat_ns: 1,
    };
    let page = Page::default();
    let ledger = Ledger::start(Box::new(page.clone())).unwrap();
    let now = Moment::default();
    let mut desk = Desk::with_ledger(&plan, Some(ledger), now).unwrap();
    for words in morning(2_000) {
        let message = request(&words);
        let mut packet = vec![0, 0, b'U'];
        packet.extend(&message);
        desk.record(1, Some(0), &packet, now).unwrap();
        desk.on_message(0, &message, now).unwrap();
    }
    let stream = desk.stream(0);
    let sent = (1..stream.next_number())
        .map(|n| stream.message(n).unwrap().to_vec())
        .collect();
    let ledger = page.0.lock().unwrap().clone();
    (sent, ledger)
}

#[test]
fn the_same_messages_give_the_same_day() {
    let first = whole_day();
    assert_eq!(first, whole_day());
    assert!(first.0.len() > 2_000);
    // The ledger has every frame and every report, and its own head.
    let lines = first.1.iter().filter(|&&byte| byte == b'\n').count();
    assert_eq!(lines, 1 + 2_000 + first.0.len());
}
