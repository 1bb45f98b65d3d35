//! What the market asks, and rules with the days on which they hold.

use gwanmun_market::{Board, OrdType, TimeInForce};

use crate::config::{GATEWAY_EXAMPLE, TABLES_EXAMPLE, Tables, TradingDay};
use crate::terms::terms_on;

use super::Folder;

const RULE: &str = "
[[venue_rule]]
venue = \"KRX\"
board = \"after\"
order_kinds = [\"limit_day\"]
";

#[test]
fn one_rule_a_board_and_day() {
    // The example's holds from 2026-09-14 to 2027-12-31.
    for (dates, is_refused) in [
        ("", true),
        ("until = \"2026-09-13\"", false),
        ("until = \"2026-09-14\"", true),
        ("from = \"2027-12-31\"", true),
        ("from = \"2028-01-01\"", false),
        ("from = \"2027-01-01\"\nuntil = \"2027-01-01\"", true),
    ] {
        let parsed = Tables::parse(&format!("{TABLES_EXAMPLE}{RULE}{dates}\n"), "t");
        assert_eq!(parsed.is_err(), is_refused, "{dates}");
    }
    let other_board = RULE.replace("after", "pre");
    let parsed = Tables::parse(&format!("{TABLES_EXAMPLE}{other_board}"), "t");
    assert_eq!(parsed.map(|tables| tables.venue_rules.len()), Ok(2));
}

#[test]
fn the_rule_of_the_day_is_the_one_in_force() {
    let folder = Folder::new("rules");
    let config = folder.parse(GATEWAY_EXAMPLE).unwrap();
    let before = format!("{RULE}until = \"2026-09-13\"\n").replace("limit_day", "market_day");
    let tables = Tables::parse(&format!("{TABLES_EXAMPLE}{before}"), "t").unwrap();
    let kinds = |day: &str| {
        let day = TradingDay::parse(day);
        let terms = terms_on(&config, &tables, day).unwrap();
        let rule = terms.tables.venue_rule(0, Board::After).copied();
        rule.map(|rule| {
            let has = |ord_type| rule.order_kinds.has(ord_type, TimeInForce::Day);
            [OrdType::Limit, OrdType::Market].map(has)
        })
    };
    assert_eq!(kinds("2026-09-13"), Some([false, true]));
    assert_eq!(kinds("2026-09-14"), Some([true, false]));
    assert_eq!(kinds("2027-12-31"), Some([true, false]));
    assert_eq!(kinds("2028-01-01"), None);
    assert_eq!(kinds("no day"), None);

    let elsewhere = TABLES_EXAMPLE.replace("venue = \"KRX\"", "venue = \"XNXT\"");
    let elsewhere = Tables::parse(&elsewhere, "t").unwrap();
    let error = crate::check(&config, &elsewhere).unwrap_err().to_string();
    assert!(
        error.contains("XNXT") && error.contains("[[venue_rule]]"),
        "{error}"
    );
}

#[test]
fn what_is_not_said_is_what_the_example_says() {
    let tables = Tables::parse(TABLES_EXAMPLE, "t").unwrap();
    let lines = [
        "reference_qty_min",
        "last_max_age_s",
        "foreign_limit",
        "programme",
        "foreign ",
        "takes_orders_in_vi",
    ];
    let is_said = |line: &&str| !lines.iter().any(|key| line.starts_with(key));
    let without: Vec<&str> = TABLES_EXAMPLE.lines().filter(is_said).collect();
    let without = Tables::parse(&without.join("\n"), "t").unwrap();
    assert_eq!(without.market_rules, tables.market_rules);
    assert_eq!(without.account_marks, tables.account_marks);
    assert_eq!(without.venue_rules, tables.venue_rules);
    let of_future = tables.market_rules[3].1;
    assert_eq!(of_future.reference_qty_min, 1);
    assert_eq!(of_future.limit_stages_bps, [1_500, 2_000]);
}
