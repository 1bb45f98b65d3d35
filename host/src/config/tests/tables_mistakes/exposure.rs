//! Of what exposure is held against.

use super::assert_refused;

#[test]
fn money_weights_and_limits_that_make_no_sense_are_refused() {
    assert_refused(&[
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
    ]);
}
