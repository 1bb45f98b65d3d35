//! The accident of 12 December 2013 as a day of the gateway: 41,336 orders of one account on one
//! KOSPI200 future and 42 options within a minute from 09:00 on, bought far above the market and
//! sold far below it, because a programme was given an interest term of a number of days over zero.
//!
//! In it: the orders, made from a rule ([`orders`]), and [`record`], which gives them to the very
//! gateway that trades, under tables like those of every day, and hands over the journal. Known of
//! the day are the count of orders, of instruments and of seconds; which price each order had is
//! not, so prices here are a rule of ours, told in [`orders`]. Not in it: what is made of the
//! journal (`replay`).

mod day;
mod orders;
mod recording;

use gwanmun_fix::session::SessionTerms;
use gwanmun_gateway::{Limits, MemberTerms, Tables, TablesError, Terms, VenueTerms, WireTerms};
use gwanmun_market::{
    AccountTerms, Band, ConductLimits, Instrument, OrderKinds, OrderLimits, Price, ProductKind,
    RateLimit, Symbol, Text, TickTableId, Tier,
};

pub use orders::{INSTRUMENTS, MULTIPLIER, ORDERS, Wrong, base_of, orders, symbol_of};

/// The account of all orders.
pub(crate) const ACCOUNT: &[u8] = b"DMA-1";
/// Bytes of one segment of the journal.
const SEGMENT_BYTES: usize = 8 << 20;
/// Room for all orders, and a few more.
const ORDERS_MAX: usize = 1 << 16;

/// Why there is no recording. Both are faults of this module, or of limits that are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HanmagError {
    /// The limits make no tables.
    Tables(TablesError),
    /// The gateway stopped, or did not do what the day says.
    Stopped,
}

/// What the account of that minute may order, and how fast.
#[derive(Clone, Debug)]
pub struct TierLimits {
    /// Its capital tier.
    pub tier: Tier,
    /// How much, by kind of product.
    pub orders: Vec<OrderLimits>,
    /// In what manner.
    pub conduct: ConductLimits,
    /// How fast its session may send.
    pub session_rate: RateLimit,
}

/// Plays the minute against a gateway with these limits for the account's tier, and with nothing
/// about exposure that stops an order. Gives the journal's segments.
///
/// # Errors
/// [`HanmagError`].
pub fn record(limits: &TierLimits) -> Result<Vec<Vec<u8>>, HanmagError> {
    let terms = terms(limits).map_err(HanmagError::Tables)?;
    day::play(terms).ok_or(HanmagError::Stopped)
}

fn terms(limits: &TierLimits) -> Result<Terms, TablesError> {
    let account = AccountTerms {
        account: text(ACCOUNT),
        is_enabled: true,
        tier: limits.tier,
    };
    let instruments = (0..INSTRUMENTS).map(instrument).collect();
    let tables = Tables::new(vec![account], instruments, Vec::new())?;
    let tables = tables.with_limits(&limits.orders)?.with_wide_exposure()?;
    let tables = tables.with_conduct(&[limits.conduct], Some(limits.session_rate), &[])?;
    Ok(Terms {
        members: vec![MemberTerms {
            session: SessionTerms::new(text(b"GWANMUN"), text(b"MEMBER1"), true),
            accounts: Vec::new(),
            must_authenticate: false,
            is_enabled: true,
        }],
        venues: vec![VenueTerms {
            name: text(b"KRX"),
            username: text(b"gwan1"),
            wire: WireTerms::Ouch50,
            logon_password_bytes: 0,
        }],
        limits: Limits {
            orders_max: ORDERS_MAX,
            positions_max: INSTRUMENTS + 1,
            message_bytes_max: 4_096,
            max_age_ns: 5_000_000_000,
            queued_bytes_max: 2 << 20,
            sessions_max: 0,
        },
        order_id_prefix: text(b"H1"),
        tables: tables.named([13; 32]),
    })
}

/// The same collars and limits of the day as the tables that come with the gateway have for a
/// future and an option of the KOSPI200.
fn instrument(index: usize) -> Instrument {
    let is_future = index == 0;
    let band = |bps, width_min| Band { bps, width_min };
    Instrument {
        symbol: symbol_of(index),
        kind: if is_future {
            ProductKind::Future
        } else {
            ProductKind::Option
        },
        tick_table: if is_future {
            TickTableId::K200Future
        } else {
            TickTableId::K200Option
        },
        base_price: base_of(index),
        collar_bps: if is_future { 300 } else { 2_000 },
        collar_width_min: Price(if is_future { 0 } else { 5_000 }),
        may_be_negative: false,
        daily_limit: if is_future {
            band(800, Price::ZERO)
        } else {
            band(2_000, Price::from_whole(5))
        },
        multiplier: MULTIPLIER,
        order_kinds: OrderKinds::ALL,
        is_restricted: false,
        is_suspended: false,
    }
}

/// A text that fits: they are all written here.
fn text<const N: usize>(bytes: &[u8]) -> Text<N> {
    Text::new(bytes).unwrap_or(Text::EMPTY)
}

/// A symbol by its text.
pub(crate) fn symbol(name: &str) -> Symbol {
    text(name.as_bytes())
}
