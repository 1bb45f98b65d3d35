//! Checks of how an account sells, of algorithms, and of trades with oneself.

pub(super) mod algorithm;
pub(super) mod local_balance;
pub(super) mod self_trade;
pub(super) mod sellable_balance;
pub(super) mod short_banned;
pub(super) mod short_hours;
pub(super) mod short_phase;
pub(super) mod short_price;
