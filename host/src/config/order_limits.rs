//! `[[limit]]` of the tables file: what an account may order, by tier and kind of product; and the
//! kinds of order that an instrument takes.

use gwanmun_market::{
    LargeOrder, OrdType, OrderKinds, OrderLimits, ProductKind, TIERS_MAX, Tier, TimeInForce,
};
use toml::de::DeValue;

use super::error::Problem;
use super::read::{self, Expected, Section};
use super::values::{Word, word_of};

/// The keys of the section.
pub(super) const KEYS: &[&str] = &[
    "tier",
    "kind",
    "order_qty_max",
    "order_value_max",
    "sent_qty_max",
    "sent_value_max",
    "warn_qty",
    "hold_qty",
    "warn_value",
    "hold_value",
];

/// A thousand times the won that all listed companies together are worth; a sum of one more order
/// is far from overflow.
pub(super) const WON_MAX: i64 = 4_000_000_000_000_000_000;

/// One kind of order as the file says it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct OrderKind(OrdType, TimeInForce);

impl Word for OrderKind {
    const WORDS: &'static [(&'static str, OrderKind)] = &[
        ("limit_day", OrderKind(OrdType::Limit, TimeInForce::Day)),
        (
            "limit_ioc",
            OrderKind(OrdType::Limit, TimeInForce::ImmediateOrCancel),
        ),
        (
            "limit_fok",
            OrderKind(OrdType::Limit, TimeInForce::FillOrKill),
        ),
        ("market_day", OrderKind(OrdType::Market, TimeInForce::Day)),
        (
            "market_ioc",
            OrderKind(OrdType::Market, TimeInForce::ImmediateOrCancel),
        ),
        (
            "market_fok",
            OrderKind(OrdType::Market, TimeInForce::FillOrKill),
        ),
    ];
}

/// An array of kinds of order.
pub(super) fn order_kinds(value: &DeValue<'_>) -> Result<OrderKinds, Expected> {
    let expected = || {
        let words: Vec<&str> = OrderKind::WORDS.iter().map(|(word, _)| *word).collect();
        format!("an array of one or more of {}", words.join(", "))
    };
    let DeValue::Array(array) = value else {
        return Err(expected());
    };
    let mut kinds = OrderKinds::NONE;
    for kind in array {
        let OrderKind(ord_type, time_in_force) =
            read::word(kind.get_ref()).map_err(|_| expected())?;
        kinds = kinds.with(ord_type, time_in_force);
    }
    Some(kinds)
        .filter(|&kinds| kinds != OrderKinds::NONE)
        .ok_or_else(expected)
}

/// A tier by its number.
pub(super) fn tier(value: &DeValue<'_>) -> Result<Tier, Expected> {
    let most = i64::try_from(TIERS_MAX).unwrap_or(i64::MAX);
    let number: u8 = read::integer(1..=most, "")(value)?;
    Ok(Tier::new(number).unwrap_or(Tier::LOWEST))
}

/// One row; every limit must be there and finite.
pub(super) fn limits(section: &Section<'_>, problems: &mut Vec<Problem>) -> OrderLimits {
    let before = problems.len();
    let row = OrderLimits {
        tier: section
            .required("tier", problems, tier)
            .unwrap_or(Tier::LOWEST),
        kind: section
            .required("kind", problems, read::word)
            .unwrap_or(ProductKind::Share),
        order_qty_max: section
            .required(
                "order_qty_max",
                problems,
                read::integer(1..=i64::from(u32::MAX), ""),
            )
            .unwrap_or(0),
        order_value_max: won(section, "order_value_max", problems),
        sent_qty_max: won(section, "sent_qty_max", problems),
        sent_value_max: won(section, "sent_value_max", problems),
        large: LargeOrder::at_most(0, 0),
    };
    let large = large_order(section, &row, problems);
    let row = OrderLimits { large, ..row };
    if problems.len() == before {
        refuse_inverted(&row, section, problems);
        refuse_inverted_large(&row, section, problems);
    }
    row
}

/// From where on an order is warned or held. What is not said is the largest that one order may
/// have: beyond that it is refused, so nothing goes without a limit.
fn large_order(
    section: &Section<'_>,
    row: &OrderLimits,
    problems: &mut Vec<Problem>,
) -> LargeOrder {
    let mut quantity = |key, most| {
        let range = read::integer(1..=i64::from(u32::MAX), "");
        section.optional(key, problems, range).unwrap_or(most)
    };
    let hold_qty = quantity("hold_qty", row.order_qty_max);
    let warn_qty = quantity("warn_qty", hold_qty);
    let mut value = |key, most| {
        let range = read::integer(1..=WON_MAX, "");
        section.optional(key, problems, range).unwrap_or(most)
    };
    let hold_value = value("hold_value", row.order_value_max);
    let warn_value = value("warn_value", hold_value);
    LargeOrder {
        warn_qty,
        hold_qty,
        warn_value,
        hold_value,
    }
}

/// A limit in won, or a quantity.
pub(super) fn won(section: &Section<'_>, key: &str, problems: &mut Vec<Problem>) -> i64 {
    section
        .required(key, problems, read::integer(1..=WON_MAX, ""))
        .unwrap_or(0)
}

/// A border above the next one would never be met.
fn refuse_inverted_large(row: &OrderLimits, section: &Section<'_>, problems: &mut Vec<Problem>) {
    let large = row.large;
    let quantities = [large.warn_qty, large.hold_qty, row.order_qty_max].map(i64::from);
    let values = [large.warn_value, large.hold_value, row.order_value_max];
    for (keys, [warn, hold, most]) in [
        (["warn_qty", "hold_qty", "order_qty_max"], quantities),
        (["warn_value", "hold_value", "order_value_max"], values),
    ] {
        for (low, high, what, limit) in [
            (warn, hold, keys[0], keys[1]),
            (hold, most, keys[1], keys[2]),
        ] {
            if low > high {
                let message = format!("{low} is above `{limit}`, which is {high}");
                section.refuse(what, message, &format!("at most `{limit}`"), problems);
            }
        }
    }
}

/// A limit of the day below that of one order would make the latter a lie.
fn refuse_inverted(row: &OrderLimits, section: &Section<'_>, problems: &mut Vec<Problem>) {
    let kind = word_of(row.kind);
    for (day, of_day, order, of_order) in [
        (
            "sent_qty_max",
            row.sent_qty_max,
            "order_qty_max",
            i64::from(row.order_qty_max),
        ),
        (
            "sent_value_max",
            row.sent_value_max,
            "order_value_max",
            row.order_value_max,
        ),
    ] {
        if of_day < of_order {
            let number = row.tier.number();
            section.refuse(
                day,
                format!(
                    "tier {number} may send {of_day} a day of {kind}, and {of_order} in one order"
                ),
                &format!("at least `{order}`"),
                problems,
            );
        }
    }
}
