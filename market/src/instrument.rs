//! What can be traded, with the terms that checks need.

use crate::{OrderKinds, Price, Symbol, TickTableId};

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
    /// Every kind, in the order of [`Self::index`].
    pub const ALL: [ProductKind; 5] = [
        ProductKind::Share,
        ProductKind::Etf,
        ProductKind::Future,
        ProductKind::Option,
        ProductKind::Spread,
    ];

    /// Every kind by the word that tables, journals and commands have for it.
    pub const WORDS: [(&'static str, ProductKind); 5] = [
        ("share", ProductKind::Share),
        ("etf", ProductKind::Etf),
        ("future", ProductKind::Future),
        ("option", ProductKind::Option),
        ("spread", ProductKind::Spread),
    ];

    /// Place in [`Self::ALL`], for tables by kind.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether a sale needs holdings; futures, options and spreads may be sold from nothing.
    #[must_use]
    pub const fn needs_holdings_to_sell(self) -> bool {
        matches!(self, ProductKind::Share | ProductKind::Etf)
    }
}

/// How far from a reference a price may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// In basis points of the reference.
    pub bps: u32,
    /// And at least so far, in price units, so that cheap and near-zero products keep a usable one.
    pub width_min: Price,
}

impl Band {
    /// The lowest and the highest price that is no farther than allowed.
    #[must_use]
    pub fn around(self, reference: Price) -> (Price, Price) {
        // Wide arithmetic: a price near the end of the range must not wrap into a band that lets
        // everything through.
        let share = i128::from(reference.0).abs() * i128::from(self.bps) / 10_000;
        let width = share.max(i128::from(self.width_min.0));
        let clamp = |bound: i128| {
            let end = if bound < 0 { i64::MIN } else { i64::MAX };
            Price(i64::try_from(bound).unwrap_or(end))
        };
        let reference = i128::from(reference.0);
        (clamp(reference - width), clamp(reference + width))
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
    /// The venue's daily price limit around the base price (가격제한폭).
    pub daily_limit: Band,
    /// Won that one point of price is worth: of one share 1, of one contract its multiplier.
    pub multiplier: u32,
    /// The kinds of order that it takes.
    pub order_kinds: OrderKinds,
    /// On the firm's restricted list: nobody's orders of it leave.
    pub is_restricted: bool,
    /// Suspended by the venue for the day (거래정지).
    pub is_suspended: bool,
}
