//! Does the law let this order go?

pub(super) mod algorithm;
pub(super) mod self_trade;
pub(super) mod sellable_balance;
