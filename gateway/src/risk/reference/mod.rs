//! Is this account allowed to send this kind of order for this instrument at all?

pub(super) mod account_known;
pub(super) mod board_rule;
pub(super) mod foreign_quota;
pub(super) mod halts;
pub(super) mod instrument_open;
pub(super) mod order_kind;
