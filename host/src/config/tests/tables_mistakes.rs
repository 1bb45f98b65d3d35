//! Mistakes in the tables: each is told with its key.

use crate::config::{TABLES_EXAMPLE, Tables};

#[test]
fn tables_that_make_no_sense_are_refused() {
    for (from, to, key) in [
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
        ("cash = 10000000000 ", "cash = -1 ", "credit.cash"),
        ("cash = 10000000000 ", "cash = inf ", "credit.cash"),
        ("deposit = 100000000000 ", "# ", "credit.deposit"),
        (
            "deposit = 100000000000 ",
            "deposit = 1.5 ",
            "credit.deposit",
        ),
        (
            "exposure_percent = 500 ",
            "exposure_percent = -500 ",
            "credit.exposure_percent",
        ),
        (
            "account = \"ACC-1\"\ngroup",
            "account = \"ACC-7\"\ngroup",
            "credit.account",
        ),
        (
            "account = \"ACC-1\"\ngroup",
            "account = \"ACC-2\"\ngroup",
            "credit.account",
        ),
        (
            "group = \"CLIENT-1\"",
            "group = \"CLIENT-2\"",
            "credit.group",
        ),
        (
            "investor = \"other\"",
            "investor = \"bank\"",
            "credit.investor",
        ),
        ("margin = \"post\"", "margin = \"after\"", "credit.margin"),
        (
            "symbol = \"005930\"\n# underlying",
            "symbol = \"005931\"\n# underlying",
            "instrument_limit.symbol",
        ),
        (
            "symbol = \"005930\"\n# underlying",
            "symbol = \"000660\"\n# underlying",
            "instrument_limit.symbol",
        ),
        (
            "symbol = \"005930\"\n# underlying",
            "symbol = \"005930\"\ndelta = 1\n# underlying",
            "instrument_limit.delta",
        ),
        (
            "# underlying = \"SEC\"",
            "underlying = \"SEC\"",
            "instrument_limit.underlying",
        ),
        (
            "underlying = \"K200\" ",
            "# ",
            "instrument_limit.underlying",
        ),
        ("margin_bps = 1500 ", "# ", "instrument_limit.margin_bps"),
        (
            "margin_bps = 1500 ",
            "margin_bps = 0 ",
            "instrument_limit.margin_bps",
        ),
        ("delta = 10000 ", "# ", "instrument_limit.delta"),
        ("delta = 10000 ", "delta = nan ", "instrument_limit.delta"),
        (
            "firm_qty_max = 50000000 ",
            "firm_qty_max = 9999999 ",
            "instrument_limit.firm_qty_max",
        ),
        (
            "other_max = 20000 ",
            "other_max = 9999 ",
            "underlying.other_max",
        ),
        (
            "[[group]]",
            "[[underlying]]\nname = \"K200\"\nsent_qty_max = 1\nsent_value_max = 1\n\
             individual_max = 1\nother_max = 1\n[[group]]",
            "underlying.name",
        ),
        (
            "exposure_max = 500000000000 ",
            "exposure_max = 0 ",
            "group.exposure_max",
        ),
        ("exposure_max = 2000000000000 ", "# ", "firm.exposure_max"),
        ("[firm]", "[[firm]]", "firm"),
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
        (
            "messages_burst_max = 40 ",
            "messages_burst_max = inf ",
            "conduct.messages_burst_max",
        ),
        (
            "messages_burst_max = 40 ",
            "messages_burst_max = nan ",
            "conduct.messages_burst_max",
        ),
        (
            "messages_per_second_max = 20 ",
            "messages_per_second_max = 0 ",
            "conduct.messages_per_second_max",
        ),
        (
            "messages_per_second_max = 20 ",
            "messages_per_second_max = 1_000_000_001 ",
            "conduct.messages_per_second_max",
        ),
        (
            "messages_per_second_max = 20 ",
            "messages_per_second_max = 0.5 ",
            "conduct.messages_per_second_max",
        ),
        (
            "canceled_percent_max = 98 ",
            "canceled_percent_max = 101 ",
            "conduct.canceled_percent_max",
        ),
        ("ratio_floor = 500 ", "# ", "conduct.ratio_floor"),
        ("same_order_max = 10 ", "# ", "conduct.same_order_max"),
        (
            "same_order_within_ms = 1000 ",
            "same_order_within_ms = -1 ",
            "conduct.same_order_within_ms",
        ),
        (
            "requests_per_trade_max = 200 ",
            "requests_per_trades_max = 200 ",
            "conduct.requests_per_trades_max",
        ),
        (
            "[[conduct]]\ntier = 2\n",
            "[[conduct]]\ntier = 1\n",
            "conduct.tier",
        ),
        ("[session_rate]", "[[session_rate]]", "session_rate"),
        (
            "messages_burst_max = 2000 ",
            "# ",
            "session_rate.messages_burst_max",
        ),
        (
            "self_trade = \"refused\"",
            "self_trade = \"refuse\"",
            "account.self_trade",
        ),
        (
            "self_trade = \"refused\"",
            "self_trade_group = \"A\"\nself_trade = \"allowed\"",
            "account.self_trade_group",
        ),
        (
            "# algorithm_only = false ",
            "algorithm_only = true ",
            "account.algorithm_only",
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
        (
            "has_balance_system = true",
            "has_balance_system = 1",
            "account.has_balance_system",
        ),
        (
            "short_sale = \"allowed\"",
            "short_sale = \"yes\"",
            "instrument.short_sale",
        ),
        (
            "tick_table = \"k200_future\"",
            "tick_table = \"k200_future\"\nshort_sale = \"allowed\"",
            "instrument.short_sale",
        ),
        (
            "source = \"settled\"",
            "source = \"lent\"",
            "holding.source",
        ),
        (
            "quantity = -25",
            "quantity = -25\nsource = \"borrowed\"",
            "holding.source",
        ),
        ("venue = \"KRX\"", "# ", "short_rule.venue"),
        (
            "from = \"2025-03-31\"",
            "from = \"2025-02-29\"",
            "short_rule.from",
        ),
        (
            "# until = \"2026-12-31\"",
            "until = \"2025-03-30\"",
            "short_rule.until",
        ),
        (
            "\"continuous\", \"closing_auction\"]",
            "\"closed\"]",
            "short_rule.phases",
        ),
        (
            "\"continuous\", \"closing_auction\"]",
            "\"opening_auction\"]",
            "short_rule.phases",
        ),
        (
            "hours = \"09:00-15:30\"",
            "hours = \"15:30-09:00\"",
            "short_rule.hours",
        ),
        (
            "hours = \"09:00-15:30\"",
            "hours = \"09:00-24:01\"",
            "short_rule.hours",
        ),
        (
            "hours = \"09:00-15:30\"",
            "hours = \"09:60-15:30\"",
            "short_rule.hours",
        ),
        (
            "hours = \"09:00-15:30\"",
            "hours = \"9:00-15:30\"",
            "short_rule.hours",
        ),
        ("hours = \"09:00-15:30\"", "hours = 9", "short_rule.hours"),
        ("price_rule = true ", "# ", "short_rule.price_rule"),
        (
            "[ledger]",
            "[[short_rule]]\nvenue = \"KRX\"\nfrom = \"2027-01-04\"\nphases = []\n\
             price_rule = false\n[ledger]",
            "short_rule.from",
        ),
        (
            "change_qty_max = 1000000",
            "change_qty_max = 0",
            "ledger.change_qty_max",
        ),
        (
            "change_qty_max = 1000000",
            "change_qty_max = nan",
            "ledger.change_qty_max",
        ),
        ("change_qty_max = 1000000 ", "# ", "ledger.change_qty_max"),
    ] {
        assert!(TABLES_EXAMPLE.contains(from), "{from}");
        let source = TABLES_EXAMPLE.replacen(from, to, 1);
        let error = Tables::parse(&source, "tables.toml").expect_err(to);
        assert!(
            error.problems().iter().any(|problem| problem.key == key),
            "{to}: {error}"
        );
    }
}
