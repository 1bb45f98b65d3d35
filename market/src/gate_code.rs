//! Stable codes of every answer "no" that the gateway itself gives, GateCode(20110).

/// GateCode(20110). Numbers and names are stable: they stand in FIX replies, in the journal and in
/// audit reports, so a code is never reused and never renumbered. 1-99 are admission and routing,
/// 100-199 pre-trade checks, 200-299 recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum GateCode {
    /// ClOrdID(11) was used before on this session today.
    DuplicateOrder = 1,
    /// The order table is full.
    OrderTableFull = 2,
    /// The instrument is not in the tables.
    UnknownSymbol = 3,
    /// No line to the venue is up.
    VenueDown = 4,
    /// The venue's phase takes no orders.
    MarketClosed = 5,
    /// The instrument is halted.
    Halted = 6,
    /// Storage is below its low mark; only risk-reducing orders are taken.
    StorageLow = 7,
    /// OrigClOrdID(41) names no order of this session.
    UnknownOrder = 8,
    /// The order is already done; the request came too late.
    TooLate = 9,
    /// A cancel or replace of the order is already on its way.
    AlreadyPending = 10,
    /// A value that does not belong to the order (side, symbol, type, venue), or a quantity at or
    /// below what is executed.
    RequestMismatch = 11,
    /// The venue refused; GateObserved(20112) is its reason.
    VenueRejected = 12,
    /// A field's value is understood but not supported here.
    Unsupported = 13,
    /// The line to the venue has no room left.
    VenueBusy = 14,
    /// The gateway is being stopped; cancels pass while the venue's line stands.
    Stopping = 15,
    /// ExDestination(100) names no venue where the instrument trades.
    UnknownVenue = 16,
    /// The account is not in the table.
    AccountUnknown = 100,
    /// The account may not enter orders.
    AccountDisabled = 101,
    /// The instrument does not take OrdType(40) with this TimeInForce(59); both figures are sets
    /// as [`crate::OrderKinds::to_byte`] writes them.
    OrderKind = 102,
    /// The instrument is on the firm's restricted list.
    Restricted = 103,
    /// The venue has suspended the instrument for the day.
    Suspended = 104,
    /// A volatility interruption runs for the instrument.
    VolatilityInterruption = 106,
    /// A circuit breaker is in force; observed is its stage.
    CircuitBreaker = 107,
    /// A sidecar holds programme orders of this side; observed is Side(54).
    Sidecar = 108,
    /// The instrument's matching group takes no orders.
    GroupHalted = 109,
    /// The price is not on a tick; GateLimit(20111) is the tick.
    Tick = 110,
    /// The price has a sign that the product does not allow.
    PriceSign = 111,
    /// The price lies beyond the venue's limit of the day; GateLimit(20111) is the bound.
    DailyLimit = 112,
    /// The venue does not take this kind of order on this board in this phase; both figures are
    /// sets as [`crate::OrderKinds::to_byte`] writes them.
    BoardOrderKind = 113,
    /// Nobody said what the venue takes on the board that is open; observed is the board's place.
    VenueRuleMissing = 114,
    /// The price lies beyond the collar; GateLimit(20111) is the bound that it broke.
    PriceCollar = 120,
    /// No reference price exists for the collar.
    CollarNoReference = 121,
    /// Market state is older than `max_age_ns`; limit and observed are ages in nanoseconds.
    StaleData = 122,
    /// More is to be bought for foreign accounts than may still be; limit is what is left.
    ForeignQuota = 123,
    /// Nobody has told what foreigners may still buy.
    ForeignQuotaUnknown = 124,
    /// The venue takes no orders of this side from our firm; observed is Side(54).
    MemberSanction = 125,
    /// The venue has suspended the instrument while the day runs.
    SuspendedNow = 126,
    /// More is to be sold than is sellable; limit is what is left.
    SellableBalance = 130,
    /// No balance is known for the account and instrument.
    BalanceUnknown = 131,
    /// A short sale needs more than is held and borrowed: limit is what may be sold short. A borrow
    /// request for the rest is with the borrow desk.
    BorrowNeeded = 132,
    /// A short sale of an account without a local balance system.
    NoBalanceSystem = 133,
    /// The instrument may not be sold short.
    ShortBanned = 134,
    /// The venue takes no short sale in this phase; both figures are sets as
    /// [`crate::Phases::to_byte`] writes them.
    ShortPhase = 135,
    /// Nobody said when the venue takes short sales.
    ShortRuleMissing = 136,
    /// A short sale below the last price, or at it when the last change was not upwards;
    /// GateLimit(20111) is the last price.
    ShortPrice = 137,
    /// There is no last price to hold a short sale to.
    ShortNoLast = 138,
    /// A short sale outside of the hours at which the venue takes them; both figures are times of
    /// the Korean day, hours times 100 and minutes.
    ShortHours = 139,
    /// Nobody said how much the account's tier may order of this kind of product.
    LimitMissing = 140,
    /// One order's quantity is beyond the tier's limit.
    OrderQty = 141,
    /// One order's value is beyond the tier's limit; both figures are whole won.
    OrderValue = 142,
    /// With this order the account would have sent more today than its tier may; quantities.
    SentQty = 150,
    /// The same in value; both figures are whole won.
    SentValue = 151,
    /// The account's open orders would be worth more than its limit; whole won.
    OpenValue = 152,
    /// With this order the account would have sent more of the instrument today than it may.
    InstrumentQty = 153,
    /// The same in value; whole won.
    InstrumentValue = 154,
    /// The account would have sent more today of all that is written on the underlying.
    UnderlyingQty = 155,
    /// The same in value; whole won.
    UnderlyingValue = 156,
    /// All accounts together would have sent more of the instrument today than the firm may.
    FirmQty = 157,
    /// The same in value; whole won.
    FirmInstrumentValue = 158,
    /// The linked accounts would have sent more today than they may together; whole won.
    GroupSentValue = 159,
    /// Their open orders would be worth more than their limit; whole won.
    GroupOpenValue = 160,
    /// Their exposures would be more than their limit; whole won.
    GroupExposure = 161,
    /// All accounts would have sent more today than the firm may; whole won.
    FirmSentValue = 162,
    /// All open orders would be worth more than the firm's limit; whole won.
    FirmOpenValue = 163,
    /// All exposures would be more than the firm's limit; whole won.
    FirmExposure = 164,
    /// Bought and open to buy would be more than the account's cash and what it sold; whole won.
    Cash = 165,
    /// Margin of positions and open orders would be more than what is paid in; whole won.
    Margin = 166,
    /// The account's exposure would be more than its multiple of the deposit; whole won.
    Exposure = 167,
    /// The net position on the underlying could pass the account's limit; whole units of delta.
    PositionLimit = 168,
    /// The tables lack a row that exposure is held against; GateLimit(20111) is which: 1 the
    /// account's credit, 2 the instrument's limits, 3 its underlying, 4 the linked accounts, 5 the
    /// firm.
    ExposureMissing = 169,
    /// The request was in doubt when the line or the process broke, and the venue never had it.
    NeverArrived = 200,
}

impl GateCode {
    /// Every code, in the order of their numbers.
    pub const ALL: [GateCode; 71] = [
        GateCode::DuplicateOrder,
        GateCode::OrderTableFull,
        GateCode::UnknownSymbol,
        GateCode::VenueDown,
        GateCode::MarketClosed,
        GateCode::Halted,
        GateCode::StorageLow,
        GateCode::UnknownOrder,
        GateCode::TooLate,
        GateCode::AlreadyPending,
        GateCode::RequestMismatch,
        GateCode::VenueRejected,
        GateCode::Unsupported,
        GateCode::VenueBusy,
        GateCode::Stopping,
        GateCode::UnknownVenue,
        GateCode::AccountUnknown,
        GateCode::AccountDisabled,
        GateCode::OrderKind,
        GateCode::Restricted,
        GateCode::Suspended,
        GateCode::VolatilityInterruption,
        GateCode::CircuitBreaker,
        GateCode::Sidecar,
        GateCode::GroupHalted,
        GateCode::Tick,
        GateCode::PriceSign,
        GateCode::DailyLimit,
        GateCode::BoardOrderKind,
        GateCode::VenueRuleMissing,
        GateCode::PriceCollar,
        GateCode::CollarNoReference,
        GateCode::StaleData,
        GateCode::ForeignQuota,
        GateCode::ForeignQuotaUnknown,
        GateCode::MemberSanction,
        GateCode::SuspendedNow,
        GateCode::SellableBalance,
        GateCode::BalanceUnknown,
        GateCode::BorrowNeeded,
        GateCode::NoBalanceSystem,
        GateCode::ShortBanned,
        GateCode::ShortPhase,
        GateCode::ShortRuleMissing,
        GateCode::ShortPrice,
        GateCode::ShortNoLast,
        GateCode::ShortHours,
        GateCode::LimitMissing,
        GateCode::OrderQty,
        GateCode::OrderValue,
        GateCode::SentQty,
        GateCode::SentValue,
        GateCode::OpenValue,
        GateCode::InstrumentQty,
        GateCode::InstrumentValue,
        GateCode::UnderlyingQty,
        GateCode::UnderlyingValue,
        GateCode::FirmQty,
        GateCode::FirmInstrumentValue,
        GateCode::GroupSentValue,
        GateCode::GroupOpenValue,
        GateCode::GroupExposure,
        GateCode::FirmSentValue,
        GateCode::FirmOpenValue,
        GateCode::FirmExposure,
        GateCode::Cash,
        GateCode::Margin,
        GateCode::Exposure,
        GateCode::PositionLimit,
        GateCode::ExposureMissing,
        GateCode::NeverArrived,
    ];

    /// The code's number, as GateCode(20110) and the journal carry it.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The code behind a number.
    #[must_use]
    pub fn from_number(number: u16) -> Option<GateCode> {
        GateCode::ALL
            .into_iter()
            .find(|code| code.number() == number)
    }

    /// The code's name in reports and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            GateCode::DuplicateOrder => "DUPLICATE_ORDER",
            GateCode::OrderTableFull => "ORDER_TABLE_FULL",
            GateCode::UnknownSymbol => "UNKNOWN_SYMBOL",
            GateCode::VenueDown => "VENUE_DOWN",
            GateCode::MarketClosed => "MARKET_CLOSED",
            GateCode::Halted => "HALTED",
            GateCode::StorageLow => "STORAGE_LOW",
            GateCode::UnknownOrder => "UNKNOWN_ORDER",
            GateCode::TooLate => "TOO_LATE",
            GateCode::AlreadyPending => "ALREADY_PENDING",
            GateCode::RequestMismatch => "REQUEST_MISMATCH",
            GateCode::VenueRejected => "VENUE_REJECTED",
            GateCode::Unsupported => "UNSUPPORTED",
            GateCode::VenueBusy => "VENUE_BUSY",
            GateCode::Stopping => "STOPPING",
            GateCode::UnknownVenue => "UNKNOWN_VENUE",
            GateCode::AccountUnknown => "ACCOUNT_UNKNOWN",
            GateCode::AccountDisabled => "ACCOUNT_DISABLED",
            GateCode::OrderKind => "ORDER_KIND",
            GateCode::Restricted => "RESTRICTED",
            GateCode::Suspended => "SUSPENDED",
            GateCode::VolatilityInterruption => "VOLATILITY_INTERRUPTION",
            GateCode::CircuitBreaker => "CIRCUIT_BREAKER",
            GateCode::Sidecar => "SIDECAR",
            GateCode::GroupHalted => "GROUP_HALTED",
            GateCode::Tick => "TICK",
            GateCode::PriceSign => "PRICE_SIGN",
            GateCode::DailyLimit => "DAILY_LIMIT",
            GateCode::BoardOrderKind => "BOARD_ORDER_KIND",
            GateCode::VenueRuleMissing => "VENUE_RULE_MISSING",
            GateCode::PriceCollar => "PRICE_COLLAR",
            GateCode::CollarNoReference => "COLLAR_NO_REFERENCE",
            GateCode::StaleData => "STALE_DATA",
            GateCode::ForeignQuota => "FOREIGN_QUOTA",
            GateCode::ForeignQuotaUnknown => "FOREIGN_QUOTA_UNKNOWN",
            GateCode::MemberSanction => "MEMBER_SANCTION",
            GateCode::SuspendedNow => "SUSPENDED_NOW",
            GateCode::SellableBalance => "SELLABLE_BALANCE",
            GateCode::BalanceUnknown => "BALANCE_UNKNOWN",
            GateCode::BorrowNeeded => "BORROW_NEEDED",
            GateCode::NoBalanceSystem => "NO_BALANCE_SYSTEM",
            GateCode::ShortBanned => "SHORT_BANNED",
            GateCode::ShortPhase => "SHORT_PHASE",
            GateCode::ShortRuleMissing => "SHORT_RULE_MISSING",
            GateCode::ShortPrice => "SHORT_PRICE",
            GateCode::ShortNoLast => "SHORT_NO_LAST",
            GateCode::ShortHours => "SHORT_HOURS",
            GateCode::LimitMissing => "LIMIT_MISSING",
            GateCode::OrderQty => "ORDER_QTY",
            GateCode::OrderValue => "ORDER_VALUE",
            GateCode::NeverArrived => "NEVER_ARRIVED",
            _ => self.exposure_name(),
        }
    }

    /// The same of those about exposure.
    const fn exposure_name(self) -> &'static str {
        match self {
            GateCode::SentQty => "SENT_QTY",
            GateCode::SentValue => "SENT_VALUE",
            GateCode::OpenValue => "OPEN_VALUE",
            GateCode::InstrumentQty => "INSTRUMENT_QTY",
            GateCode::InstrumentValue => "INSTRUMENT_VALUE",
            GateCode::UnderlyingQty => "UNDERLYING_QTY",
            GateCode::UnderlyingValue => "UNDERLYING_VALUE",
            GateCode::FirmQty => "FIRM_QTY",
            GateCode::FirmInstrumentValue => "FIRM_INSTRUMENT_VALUE",
            GateCode::GroupSentValue => "GROUP_SENT_VALUE",
            GateCode::GroupOpenValue => "GROUP_OPEN_VALUE",
            GateCode::GroupExposure => "GROUP_EXPOSURE",
            GateCode::FirmSentValue => "FIRM_SENT_VALUE",
            GateCode::FirmOpenValue => "FIRM_OPEN_VALUE",
            GateCode::FirmExposure => "FIRM_EXPOSURE",
            GateCode::Cash => "CASH",
            GateCode::Margin => "MARGIN",
            GateCode::Exposure => "EXPOSURE",
            GateCode::PositionLimit => "POSITION_LIMIT",
            GateCode::ExposureMissing => "EXPOSURE_MISSING",
            _ => "",
        }
    }

    /// OrdRejReason(103) that goes with the code: one that FIX 4.4 has, 99 where it has none.
    #[must_use]
    pub const fn ord_rej_reason(self) -> u16 {
        match self {
            GateCode::UnknownSymbol => 1,
            GateCode::MarketClosed
            | GateCode::Halted
            | GateCode::Suspended
            | GateCode::VolatilityInterruption
            | GateCode::CircuitBreaker
            | GateCode::Sidecar
            | GateCode::GroupHalted
            | GateCode::SuspendedNow => 2,
            GateCode::TooLate => 4,
            GateCode::UnknownOrder => 5,
            GateCode::DuplicateOrder => 6,
            GateCode::Unsupported | GateCode::OrderKind | GateCode::BoardOrderKind => 11,
            GateCode::AccountUnknown | GateCode::AccountDisabled => 15,
            GateCode::PriceCollar
            | GateCode::DailyLimit
            | GateCode::ForeignQuota
            | GateCode::SellableBalance
            | GateCode::BalanceUnknown
            | GateCode::BorrowNeeded
            | GateCode::OrderQty
            | GateCode::OrderValue
            | GateCode::SentQty
            | GateCode::SentValue
            | GateCode::OpenValue
            | GateCode::InstrumentQty
            | GateCode::InstrumentValue
            | GateCode::UnderlyingQty
            | GateCode::UnderlyingValue
            | GateCode::FirmQty
            | GateCode::FirmInstrumentValue
            | GateCode::GroupSentValue
            | GateCode::GroupOpenValue
            | GateCode::GroupExposure
            | GateCode::FirmSentValue
            | GateCode::FirmOpenValue
            | GateCode::FirmExposure
            | GateCode::Cash
            | GateCode::Margin
            | GateCode::Exposure
            | GateCode::PositionLimit => 3,
            _ => 99,
        }
    }

    /// CxlRejReason(102) that goes with the code when it answers a cancel or replace; 99 where FIX
    /// 4.4 has none.
    #[must_use]
    pub const fn cxl_rej_reason(self) -> u16 {
        match self {
            GateCode::TooLate => 0,
            GateCode::UnknownOrder => 1,
            GateCode::AlreadyPending => 3,
            GateCode::DuplicateOrder => 6,
            _ => 99,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_and_name_is_its_own() {
        for (index, code) in GateCode::ALL.iter().enumerate() {
            assert_eq!(GateCode::from_number(code.number()), Some(*code));
            assert!(!code.name().is_empty(), "{code:?}");
            for other in &GateCode::ALL[..index] {
                assert!(other.number() < code.number());
                assert_ne!(other.name(), code.name());
            }
        }
    }
}
