//! A day with a warned order that is confirmed, one that is held and approved, and one that
//! expires.

use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command};
use gwanmun_gateway::Tables;
use gwanmun_market::OrderLimits;

use crate::day::{Day, sent, terms};
use crate::what_if::what_if;

fn begun() -> Day {
    let mut terms = terms();
    let rows: Vec<OrderLimits> = terms.tables.limits().copied().collect();
    let rows: Vec<OrderLimits> = rows
        .into_iter()
        .map(|mut row| {
            row.large.warn_qty = 100;
            row.large.hold_qty = 200;
            row
        })
        .collect();
    let before = &terms.tables;
    let (accounts, instruments) = (before.accounts().to_vec(), before.instruments().to_vec());
    let tables = Tables::new(accounts, instruments, before.holdings().to_vec());
    terms.tables = tables
        .and_then(|it| it.with_limits(&rows))
        .and_then(Tables::with_wide_exposure)
        .and_then(Tables::with_wide_conduct)
        .unwrap()
        .named([7; 32]);
    let mut day = Day::of(terms);
    day.come_up();
    day
}

fn approve(day: &mut Day, order_id: &[u8]) -> bool {
    let command = Command {
        operator: b"kim",
        requester: b"lee",
        reason: b"as meant",
        action: Action::Approve { order_id },
    };
    let mut payload = [0; COMMAND_BYTES_MAX];
    let length = command.encode(&mut payload).unwrap();
    day.command(&payload[..length])
}

#[test]
fn a_day_with_large_orders_is_identical_and_sound_under_other_borders() {
    for is_restarted in [false, true] {
        let mut day = begun();
        // OrderIDs count from 1: G1000000000001 and so on.
        day.order(sent("A", '1', 150, 71_500));
        let body = crate::day::member::order_body(&sent("B", '1', 150, 71_500));
        let confirming = day.message("D", &format!("{body}20113=G1000000000001|"));
        day.receive(day.member, &confirming);
        assert_eq!(day.requests().len(), 1);
        day.order(sent("C", '1', 250, 71_500));
        day.order(sent("D", '1', 250, 71_500));
        if is_restarted {
            day.restart();
        }
        assert!(approve(&mut day, b"G1000000000003".as_slice()));
        assert!(!approve(&mut day, b"G1000000000003".as_slice()));
        assert_eq!(day.requests().len(), 1);
        day.wait_alive(day.now_s() + 301);
        day.market(71_500);
        day.accepted_order(sent("E", '1', 10, 71_500)).unwrap();
        let report = day.edge.replay();
        assert_eq!(report.first_differences, []);
        assert!(report.is_identical());
        assert_eq!(report.effects_compared, day.edge.effects);
        let would = what_if(
            &day,
            &["limit.1.share.hold_qty=1000", "limit.1.share.warn_qty=999"],
        );
        assert!(would.is_sound());
        let changed = would.changed.iter();
        let changed: Vec<_> = changed
            .map(|it| (it.cl_ord_id.to_string(), it.before.name(), it.after.name()))
            .collect();
        let expected = [
            ("A", "ORDER_WARNED"),
            ("C", "ORDER_HELD"),
            ("D", "ORDER_HELD"),
        ];
        assert_eq!(
            changed,
            expected.map(|(name, was)| (name.to_owned(), was, "PASSED"))
        );
    }
}
