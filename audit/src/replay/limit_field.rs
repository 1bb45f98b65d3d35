//! The fields of `[[limit]]` that a change may name. What a change is: `change`.

use gwanmun_market::{OrderLimits, ProductKind, Tier};

/// The fields by the names that the tables file gives them.
pub(super) const LIMITS: [(&str, LimitField); 8] = [
    ("order_qty_max", LimitField::OrderQty),
    ("order_value_max", LimitField::OrderValue),
    ("sent_qty_max", LimitField::SentQty),
    ("sent_value_max", LimitField::SentValue),
    ("warn_qty", LimitField::WarnQty),
    ("hold_qty", LimitField::HoldQty),
    ("warn_value", LimitField::WarnValue),
    ("hold_value", LimitField::HoldValue),
];

/// A field of a `[[limit]]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitField {
    OrderQty,
    OrderValue,
    SentQty,
    SentValue,
    WarnQty,
    HoldQty,
    WarnValue,
    HoldValue,
}

impl LimitField {
    /// Whether the field can have it.
    pub(super) fn fits(self, limit: i64) -> bool {
        let is_narrow = matches!(
            self,
            LimitField::OrderQty | LimitField::WarnQty | LimitField::HoldQty
        );
        !is_narrow || u32::try_from(limit).is_ok()
    }

    /// Puts it there.
    pub(super) fn put(self, limit: i64, row: &mut OrderLimits) {
        // It fits: it was read so.
        let narrow = u32::try_from(limit).unwrap_or(0);
        match self {
            LimitField::OrderQty => row.order_qty_max = narrow,
            LimitField::WarnQty => row.large.warn_qty = narrow,
            LimitField::HoldQty => row.large.hold_qty = narrow,
            LimitField::WarnValue => row.large.warn_value = limit,
            LimitField::HoldValue => row.large.hold_value = limit,
            LimitField::OrderValue => row.order_value_max = limit,
            LimitField::SentQty => row.sent_qty_max = limit,
            LimitField::SentValue => row.sent_value_max = limit,
        }
    }
}

/// `TIER.KIND` and a field.
pub(super) fn limit_row(row: &str, field: &str) -> Option<(Tier, ProductKind, LimitField)> {
    let (tier, kind) = row.split_once('.')?;
    let tier = Tier::new(tier.parse().ok()?)?;
    let kind = ProductKind::WORDS.iter().find(|pair| pair.0 == kind)?.1;
    let field = LIMITS.iter().find(|pair| pair.0 == field)?.1;
    Some((tier, kind, field))
}
