//! Of short sales and their ledger.

use super::assert_refused;

#[test]
fn short_sales_that_make_no_sense_are_refused() {
    assert_refused(&[
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
    ]);
}
