//! A day decided by other tables or limits: the orders that change are those that a plain filter
//! over the list of orders finds.

use std::collections::BTreeSet;

use gwanmun_audit::replay::{self, Change, WhatIf, WhatIfError};

use crate::day::{Day, sent};
use crate::whole_day::whole_day;

pub(crate) fn what_if(day: &Day, set: &[&str]) -> WhatIf {
    let changes: Vec<Change> = set
        .iter()
        .map(|text| Change::parse(text).unwrap())
        .collect();
    replay::what_if(&day.edge.segments(), &changes, &mut |_, _| {}).unwrap()
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

/// KTB, June 2013: 7,200 lots in one order, and the same in orders of a hundred.
#[test]
fn limits_of_size_and_of_the_day_refuse_what_they_are_there_for() {
    let mut day = Day::begin();
    day.accepted_order(sent("ONE", '1', 7_200, 71_500)).unwrap();
    for number in 0..72 {
        day.accepted_order(sent(&format!("H{number}"), '1', 100, 71_500));
    }
    let codes = |change: &str| {
        let changed = what_if(&day, &[change]);
        assert!(changed.is_sound());
        let all = changed.changed.iter();
        all.map(|order| (order.cl_ord_id.to_string(), order.after.name()))
            .collect::<Vec<_>>()
    };
    let one = vec![("ONE".to_owned(), "ORDER_QTY")];
    assert_eq!(codes("limit.1.share.order_qty_max=7199"), one);
    // The day's limit lets the first 7,100 pass however they come: the one, or 71 of the others.
    let of_day = codes("limit.1.share.sent_qty_max=7100");
    assert_eq!(of_day[0], ("ONE".to_owned(), "SENT_QTY"));
    assert_eq!(of_day[1..], [("H71".to_owned(), "SENT_QTY")]);
    assert!(codes("limit.1.share.sent_qty_max=14400").is_empty());
    // What would have been warned or held did not go either.
    let held = codes("limit.1.share.hold_qty=7199");
    assert_eq!(held, [("ONE".to_owned(), "ORDER_HELD")]);
    let warned = codes("limit.1.share.warn_qty=7199");
    assert_eq!(warned, [("ONE".to_owned(), "ORDER_WARNED")]);
    let won = 71_500 * 7_200;
    let by_value = codes(&format!("limit.1.share.order_value_max={}", won - 1));
    assert_eq!(by_value, [("ONE".to_owned(), "ORDER_VALUE")]);
    assert_eq!(codes("instrument.005930.restricted=true").len(), 73);
    // The same by what the account may have open, and by the cash that it has.
    let by_cash = codes(&format!("credit.*.cash={}", 2 * won - 1));
    assert_eq!(by_cash, [("H71".to_owned(), "CASH")]);
    let by_open = codes(&format!("credit.*.open_value_max={}", 2 * won - 1));
    assert_eq!(by_open, [("H71".to_owned(), "OPEN_VALUE")]);
    let by_all = codes("instrument_limit.005930.firm_qty_max=7200");
    assert_eq!(by_all.len(), 72);
    assert_eq!(by_all[0], ("H0".to_owned(), "FIRM_QTY"));
}

/// What the tables say of short sales stays what it was under any other change.
#[test]
fn short_sales_are_refused_by_what_the_tables_say_of_them_alone() {
    let mut day = Day::begin();
    day.accepted_order(sent("LONG", '2', 10, 71_500)).unwrap();
    day.accepted_order(sent("SHORT", '5', 10, 71_500)).unwrap();
    let codes = |change: &str| {
        let changed = what_if(&day, &[change]);
        let all = changed.changed.iter();
        all.map(|order| (order.cl_ord_id.to_string(), order.after.name()))
            .collect::<Vec<_>>()
    };
    let short = |code| vec![("SHORT".to_owned(), code)];
    let has_none = codes("account.ACC-1.has_balance_system=false");
    assert_eq!(has_none, short("NO_BALANCE_SYSTEM"));
    assert_eq!(codes("account.ACC-2.has_balance_system=false"), []);
    assert_eq!(
        codes("instrument.*.short_sale=banned"),
        short("SHORT_BANNED")
    );
    assert_eq!(codes("instrument.005930.short_sale=allowed"), []);
    assert_eq!(codes("limit.1.share.order_qty_max=10"), []);
    let held = codes("holding.ACC-1.005930.quantity=15");
    assert_eq!(held, short("BORROW_NEEDED"));
    for (wrong, remedy) in [
        ("account.ACC-1.has_balance_system=1", "true or false"),
        ("instrument.005930.short_sale=yes", "allowed or banned"),
    ] {
        let error = Change::parse(wrong).unwrap_err().to_string();
        assert!(error.contains(remedy), "{error}");
    }
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
