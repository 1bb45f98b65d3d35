//! Mistakes in what the market asks, each told with its key, and rules with the days on which they
//! hold.

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
fn what_makes_no_sense_is_refused() {
    for (from, to, key) in [
        ("programme = false", "programme = 1", "account.programme"),
        ("foreign = false", "foreign = \"no\"", "account.foreign"),
        (
            "matching_group = \"1\"",
            "matching_group = 1",
            "instrument.matching_group",
        ),
        (
            "market_segment = \"KOSPI\"",
            "market_segment = \"THE KOSPI\"",
            "instrument.market_segment",
        ),
        (
            "reference_qty_min = 10",
            "reference_qty_min = 0",
            "instrument.reference_qty_min",
        ),
        (
            "reference_qty_min = 10",
            "reference_qty_min = inf",
            "instrument.reference_qty_min",
        ),
        (
            "last_max_age_s = 600",
            "last_max_age_s = 0",
            "instrument.last_max_age_s",
        ),
        (
            "last_max_age_s = 600",
            "last_max_age_s = nan",
            "instrument.last_max_age_s",
        ),
        (
            "last_max_age_s = 600",
            "last_max_age_s = 172801",
            "instrument.last_max_age_s",
        ),
        (
            "foreign_limit = false",
            "foreign_limit = 0",
            "instrument.foreign_limit",
        ),
        ("[1500, 2000]", "[]", "instrument.limit_stages_bps"),
        ("[1500, 2000]", "[800, 2000]", "instrument.limit_stages_bps"),
        (
            "[1500, 2000]",
            "[2000, 1500]",
            "instrument.limit_stages_bps",
        ),
        (
            "[1500, 2000]",
            "[1500, 2000, 3000]",
            "instrument.limit_stages_bps",
        ),
        (
            "[1500, 2000]",
            "[1500.5, 2000]",
            "instrument.limit_stages_bps",
        ),
        (
            "[1500, 2000]",
            "[1500, 10001]",
            "instrument.limit_stages_bps",
        ),
        (
            "board = \"after\"",
            "board = \"afters\"",
            "venue_rule.board",
        ),
        (
            "venue = \"KRX\"                      # the name of",
            "# no venue",
            "venue_rule.venue",
        ),
        (
            "from = \"2026-09-14\"",
            "from = \"2026-02-30\"",
            "venue_rule.from",
        ),
        (
            "from = \"2026-09-14\"",
            "from = \"2028-01-01\"",
            "venue_rule.until",
        ),
        (
            "order_kinds = [\"limit_day\"]        #",
            "order_kinds = [] #",
            "venue_rule.order_kinds",
        ),
        (
            "auction_order_kinds = [\"limit_day\"]",
            "auction_order_kinds = [\"limit_gtc\"]",
            "venue_rule.auction_order_kinds",
        ),
        (
            "takes_orders_in_vi = false",
            "takes_orders_in_vi = 0",
            "venue_rule.takes_orders_in_vi",
        ),
        (
            "auction_order_kinds = [\"limit_day\"] # kinds while orders are gathered for one price \
             (default: none)\ntakes_orders_in_vi = false",
            "takes_orders_in_vi = true",
            "venue_rule.takes_orders_in_vi",
        ),
        (
            "takes_orders_in_vi = false",
            "takes_order = false",
            "venue_rule.takes_order",
        ),
    ] {
        assert!(TABLES_EXAMPLE.contains(from), "{from}");
        let source = TABLES_EXAMPLE.replacen(from, to, 1);
        let error = Tables::parse(&source, "t").unwrap_err();
        let is_its = |problem: &super::super::error::Problem| problem.key == key;
        assert!(error.problems().iter().any(is_its), "{to}: {error}");
    }
}

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
