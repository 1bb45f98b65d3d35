//! Of what the market asks.

use super::assert_refused;

#[test]
fn what_makes_no_sense_is_refused() {
    assert_refused(&[
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
    ]);
}
