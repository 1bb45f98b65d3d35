//! Is the price one that makes sense?

pub(super) mod daily_limit;
pub(super) mod price_collar;
pub(super) mod tick;
