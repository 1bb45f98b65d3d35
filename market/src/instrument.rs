//! What can be traded, with the terms that checks need.

use crate::{Price, Symbol, TickTableId};

/// What kind of product an instrument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductKind {
    /// A KOSPI or KOSDAQ share (주식).
    Share,
    /// An exchange traded fund (상장지수펀드).
    Etf,
    /// A future (선물).
    Future,
    /// An option (옵션).
    Option,
    /// A spread or commodity contract whose price may pass below zero.
    Spread,
}

impl ProductKind {
    /// Whether a sale needs holdings; futures, options and spreads may be sold from nothing.
    #[must_use]
    pub const fn needs_holdings_to_sell(self) -> bool {
        matches!(self, ProductKind::Share | ProductKind::Etf)
    }
}

/// The terms of one instrument for one trading day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// The venue's short code.
    pub symbol: Symbol,
    /// What it is.
    pub kind: ProductKind,
    /// Which tick table its prices follow.
    pub tick_table: TickTableId,
    /// The day's base price (기준가격).
    pub base_price: Price,
    /// Price collar: how far from the reference a price may lie, in basis points of the reference.
    pub collar_bps: u32,
    /// Price collar: the least width in price units, so that cheap and near-zero products keep a
    /// usable one.
    pub collar_width_min: Price,
    /// Whether a price below zero is sensible for this product.
    pub may_be_negative: bool,
}
