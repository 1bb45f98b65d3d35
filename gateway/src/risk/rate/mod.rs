//! Does the account send too fast, or too much of nothing?

pub(super) mod day_ratios;
pub(super) mod message_rate;
pub(super) mod repeated_order;
