//! Does the law let this order go?

pub(super) mod sellable_balance;
