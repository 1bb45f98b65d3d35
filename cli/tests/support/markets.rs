//! Markets that a test's venue may have.

/// The section of a venue's file that all markets begin with, and what is in one besides.
macro_rules! market {
    ($more:literal) => {
        concat!(
            "
[seed]
seed = 7
levels = 5
quantity_min = 10
quantity_max = 200
drift_ticks = 3
refill_every = 4
",
            $more
        )
    };
}

/// A quiet market: whoever sends an order meets resting ones, and nothing else happens.
pub(crate) const QUIET: &str = market!("");

/// A market in which members' resting orders trade.
pub(crate) const TRADING: &str = market!("cross_every = 5\n");

/// The demonstration's market: fills behind the member's back, refusals, cancels that are too late.
pub(crate) const LIVELY: &str = market!(
    "cross_every = 5
late_cancel_every = 10
late_replace_every = 20

[faults]
reject_every = 40
"
);

/// The demonstration's market with a FIX port, whose line is dropped now and then.
pub(crate) const LIVELY_FIX: &str = market!(
    "cross_every = 5
late_cancel_every = 10
late_replace_every = 20

[faults]
reject_every = 40
drop_order_line_after = [20, 21, 60, 150, 400, 401, 402, 700, 1000]

[fix]
listen = \"127.0.0.1:0\"
comp_id = \"EXCH\"
[[fix.participants]]
comp_id = \"GWANMUN\"
user = \"gwan1\"
"
);
