//! Of rates and conduct.

use super::assert_refused;

#[test]
fn rates_and_conduct_that_make_no_sense_are_refused() {
    assert_refused(&[
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
    ]);
}
