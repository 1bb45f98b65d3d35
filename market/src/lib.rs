//! The market's words and rules, shared by every wire and every decision.
//!
//! In it: prices and quantities as integers, fixed-size identifiers, orders and requests as
//! copyable values, instruments with their ticks, market state, and the stable codes of a refusal.
//! Not in it: any wire format (see `gwanmun-fix` and `gwanmun-binary`), any state that changes
//! while trading (see `gwanmun-gateway`), and any socket, clock, thread or file.
#![forbid(unsafe_code)]

pub mod account;
pub mod conduct;
pub mod exposure;
pub mod gate_code;
pub mod halts;
pub mod instrument;
pub mod market_rules;
pub mod market_state;
pub mod number;
pub mod order;
pub mod order_kinds;
pub mod order_limits;
pub mod price;
pub mod refusal;
pub mod short_sale;
pub mod side;
pub mod text;
pub mod tick;

pub use account::AccountTerms;
pub use conduct::{AccountConduct, ConductLimits, RateLimit, SelfTrade, WIDE_RATE};
pub use exposure::{
    Credit, EXPOSURE_PERCENT, Group, InstrumentLimits, Investor, MarginMode, PartyLimits,
    UnderlyingLimits,
};
pub use gate_code::GateCode;
pub use halts::{AreaName, Halt, HaltKind, HaltScope, HaltSet, HaltSides};
pub use instrument::{Band, Instrument, ProductKind};
pub use market_rules::{AccountMarks, MarketRules, VenueRule};
pub use market_state::{Board, MarketState, Phase};
pub use number::NumberError;
pub use order::{
    CancelRequest, FeeClass, NewOrder, OrdType, OrderOrigin, ReplaceRequest, TimeInForce,
};
pub use order_kinds::OrderKinds;
pub use order_limits::{LargeOrder, OrderLimits, TIERS_MAX, Tier};
pub use price::{PRICE_DECIMALS, PRICE_SCALE, Price};
pub use refusal::Refusal;
pub use short_sale::{DAY_S, HoldingSource, Phases, ShortRule};
pub use side::Side;
pub use text::Text;
pub use tick::{TickTable, TickTableId};

/// The venue's short code of up to eight characters, as in Symbol(55).
pub type Symbol = Text<8>;
/// Account(1).
pub type AccountId = Text<16>;
/// ClOrdID(11) as the member wrote it.
pub type ClOrdId = Text<32>;
/// OrderID(37), made by the gateway, 14 characters because it travels as OUCH ClOrdID.
pub type OrderId = Text<14>;
/// VoiceRecordID(20103): the key of the recording behind an emergency order.
pub type VoiceRecordId = Text<32>;
/// A venue's name as members, tables and reports say it: ExDestination(100), LastMkt(30).
pub type VenueName = Text<8>;
/// The name of linked accounts, in the tables alone.
pub type GroupName = Text<16>;
/// The name of an underlying, in the tables alone.
pub type UnderlyingName = Text<16>;
