//! From where on an order of a tier and kind is large, as a line behind that of its limits.

use core::fmt;

use gwanmun_market::{LargeOrder, OrderLimits, ProductKind};

use crate::terms_text::word_of;

/// `large TIER KIND WARN_QTY HOLD_QTY WARN_VALUE HOLD_VALUE`.
pub(super) struct LargeOrderLine<'a>(pub(super) &'a OrderLimits);

impl fmt::Display for LargeOrderLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OrderLimits {
            tier, kind, large, ..
        } = self.0;
        let kind = word_of(&ProductKind::WORDS, *kind);
        write!(
            f,
            "large {} {kind} {} {} {} {}",
            tier.number(),
            large.warn_qty,
            large.hold_qty,
            large.warn_value,
            large.hold_value
        )
    }
}

/// Reads the words behind `large` into the limits before it; `None` where they are those of others.
pub(super) fn take(words: &[&str], limits: &mut OrderLimits) -> Option<()> {
    let [tier, kind, warn_qty, hold_qty, warn_value, hold_value] = words else {
        return None;
    };
    let is_its = tier.parse() == Ok(limits.tier.number())
        && *kind == word_of(&ProductKind::WORDS, limits.kind);
    limits.large = LargeOrder {
        warn_qty: warn_qty.parse().ok()?,
        hold_qty: hold_qty.parse().ok()?,
        warn_value: warn_value.parse().ok()?,
        hold_value: hold_value.parse().ok()?,
    };
    is_its.then_some(())
}
