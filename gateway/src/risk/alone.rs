//! Each check by its name, to be asked alone: for whoever measures what one of them costs.

use gwanmun_market::Refusal;

use super::{Situation, conduct, exposure, price, rate, reference, size};

/// One check.
type Check = fn(&Situation<'_>) -> Result<(), Refusal>;

/// Every check that is asked of an order that is no short sale, by the name of its file. Those of
/// exposure each work out what the order adds, which the list does once for all of them.
pub(crate) const ALONE: [(&str, Check); 24] = [
    ("account_known", reference::account_known::account_known),
    ("message_rate", rate::message_rate::message_rate),
    ("algorithm", conduct::algorithm::algorithm),
    (
        "instrument_open",
        reference::instrument_open::instrument_open,
    ),
    ("halts", reference::halts::halts),
    ("order_kind", reference::order_kind::order_kind),
    ("board_rule", reference::board_rule::board_rule),
    ("foreign_quota", reference::foreign_quota::foreign_quota),
    ("tick", price::tick::tick),
    ("price_collar", price::price_collar::price_collar),
    ("daily_limit", price::daily_limit::daily_limit),
    ("order_size", size::order_size::order_size),
    ("sent_total", exposure::alone::sent_total),
    ("instrument_total", exposure::alone::instrument_total),
    ("underlying_total", exposure::alone::underlying_total),
    ("open_value", exposure::alone::open_value),
    ("cash", exposure::alone::cash),
    ("linked", exposure::alone::linked),
    ("firm", exposure::alone::firm),
    (
        "sellable_balance",
        conduct::sellable_balance::sellable_balance,
    ),
    ("repeated_order", rate::repeated_order::repeated_order),
    ("day_ratios", rate::day_ratios::day_ratios),
    ("self_trade", conduct::self_trade::self_trade),
    ("large_order", size::large_order::large_order),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::risk::example;

    #[test]
    fn each_passes_the_example_and_stands_once() {
        let situation = example::passing();
        for (name, check) in ALONE {
            assert_eq!(check(&situation), Ok(()), "{name}");
        }
        let names: BTreeSet<&str> = ALONE.map(|(name, _)| name).into();
        assert_eq!(names.len(), ALONE.len());
    }

    /// What is asked of derivatives or of short sales alone is not among them; nothing else is
    /// left out.
    #[test]
    fn no_file_is_left_out() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/risk");
        let mut left_out = BTreeSet::new();
        for question in ["reference", "price", "size", "exposure", "rate", "conduct"] {
            for entry in std::fs::read_dir(format!("{folder}/{question}")).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let name = name.strip_suffix(".rs").filter(|name| *name != "mod");
                let is_asked = |name: &&str| ALONE.iter().any(|row| row.0 == *name);
                left_out.extend(name.filter(|name| !is_asked(name)).map(str::to_owned));
            }
        }
        let others = [
            "exposure_limit",
            "local_balance",
            "margin",
            "position_limit",
            "short_banned",
            "short_hours",
            "short_phase",
            "short_price",
        ];
        assert_eq!(left_out, others.map(str::to_owned).into());
    }
}
