//! Mistakes in the tables: each is told with its key.

mod conduct;
mod exposure;
mod market;
mod short_sale;

use crate::config::{TABLES_EXAMPLE, Tables};

/// Each change of the example is refused and told with its key: what is replaced, by what, the
/// key.
pub(super) fn assert_refused(changes: &[(&str, &str, &str)]) {
    for (from, to, key) in changes {
        assert!(TABLES_EXAMPLE.contains(from), "{from}");
        let source = TABLES_EXAMPLE.replacen(from, to, 1);
        let error = Tables::parse(&source, "tables.toml").expect_err(to);
        let mut problems = error.problems().iter();
        assert!(problems.any(|it| it.key == *key), "{to}: {error}");
    }
}

#[test]
fn accounts_instruments_limits_and_holdings_that_make_no_sense_are_refused() {
    assert_refused(&[
        (
            "base_price = 71500",
            "base_price = 71500.5",
            "instrument.base_price",
        ),
        (
            "base_price = 71500",
            "base_price = -71500",
            "instrument.base_price",
        ),
        (
            "base_price = 71500",
            "base_price = \"71500.00001\"",
            "instrument.base_price",
        ),
        (
            "base_price = 71500",
            "base_price = \"1e5\"",
            "instrument.base_price",
        ),
        (
            "may_be_negative = false",
            "may_be_negative = true",
            "instrument.may_be_negative",
        ),
        (
            "collar_bps = 500",
            "collar_bps = 0",
            "instrument.collar_bps",
        ),
        (
            "collar_width_min = 0",
            "collar_width_min = -1",
            "instrument.collar_width_min",
        ),
        (
            "symbol = \"000660\"",
            "symbol = \"005930\"",
            "instrument.symbol",
        ),
        (
            "symbol = \"000660\"",
            "symbol = \"000660000\"",
            "instrument.symbol",
        ),
        (
            "daily_limit_bps = 3000",
            "daily_limit_bps = 0",
            "instrument.daily_limit_bps",
        ),
        (
            "daily_limit_bps = 3000 ",
            "# ",
            "instrument.daily_limit_bps",
        ),
        (
            "daily_limit_width_min = 0",
            "daily_limit_width_min = \"-0.01\"",
            "instrument.daily_limit_width_min",
        ),
        ("multiplier = 1", "multiplier = 0", "instrument.multiplier"),
        (
            "multiplier = 1",
            "multiplier = 1e400",
            "instrument.multiplier",
        ),
        ("\"limit_fok\"]", "\"limit_gtc\"]", "instrument.order_kinds"),
        ("tier = 2 ", "tier = 0 ", "account.tier"),
        ("tier = 2 ", "tier = 10 ", "account.tier"),
        (
            "order_qty_max = 10000 ",
            "order_qty_max = nan ",
            "limit.order_qty_max",
        ),
        (
            "order_qty_max = 10000 ",
            "order_qty_max = inf ",
            "limit.order_qty_max",
        ),
        (
            "order_qty_max = 10000 ",
            "order_qty_max = 0 ",
            "limit.order_qty_max",
        ),
        (
            "order_qty_max = 10000 ",
            "order_qty_max = 100001 ",
            "limit.sent_qty_max",
        ),
        (
            "order_value_max = 1500000000 ",
            "order_value_max = 15000000001 ",
            "limit.sent_value_max",
        ),
        (
            "sent_value_max = 15000000000 ",
            "# ",
            "limit.sent_value_max",
        ),
        ("warn_qty = 100000 ", "warn_qty = 0", "limit.warn_qty"),
        ("hold_qty = 100000 ", "hold_qty = 99999", "limit.warn_qty"),
        ("hold_qty = 100000 ", "hold_qty = 100001", "limit.hold_qty"),
        (
            "warn_value = 1500000000 ",
            "warn_value = 3000000001",
            "limit.warn_value",
        ),
        (
            "hold_value = 3000000000 ",
            "hold_value = 6000000001",
            "limit.hold_value",
        ),
        (
            "hold_value = 3000000000 ",
            "hold_value = 3e9",
            "limit.hold_value",
        ),
        (
            "tier = 1\nkind = \"etf\"",
            "tier = 1\nkind = \"share\"",
            "limit.kind",
        ),
        (
            "tier = 1\nkind = \"etf\"",
            "tier = 1\nkind = \"bond\"",
            "limit.kind",
        ),
        ("id = \"ACC-2\"", "id = \"ACC-1\"", "account.id"),
        ("enabled = true", "enabled = \"yes\"", "account.enabled"),
        ("quantity = 100000", "quantity = -1", "holding.quantity"),
        (
            "account = \"ACC-1\"\nsymbol",
            "account = \"ACC-3\"\nsymbol",
            "holding.account",
        ),
        ("kind = \"share\"", "kind = \"shares\"", "instrument.kind"),
        ("# venues = [\"KRX\"]", "venues = []", "instrument.venues"),
        (
            "# venues = [\"KRX\"]",
            "venues = [\"KRX\", \"KRX\"]",
            "instrument.venues",
        ),
    ]);
}
