//! Stable codes of every answer "no" that the gateway itself gives, GateCode(20110).

mod names;
mod reasons;

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
    /// There is no table of accounts: our own fault, not the order's.
    AccountTableMissing = 105,
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
    /// The order is large: it does not go. GateConfirm(20113) on a new one confirms it; figures are
    /// quantities, or whole won.
    OrderWarned = 143,
    /// The order is so large that it waits for an operator; figures are quantities, or whole won.
    /// A replace that would make it so is refused.
    OrderHeld = 144,
    /// GateConfirm(20113) names no order of this session that was warned.
    ConfirmUnknown = 145,
    /// What GateConfirm(20113) names was warned too long ago; both figures are seconds.
    ConfirmExpired = 146,
    /// What GateConfirm(20113) names was confirmed before.
    ConfirmUsed = 147,
    /// The order has other terms than the one that GateConfirm(20113) names; limit is the tag of
    /// the first that differs.
    ConfirmUnlike = 148,
    /// Nobody approved the order in time; both figures are seconds.
    HoldExpired = 149,
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
    /// The account sends faster than its tier may; both figures are messages of its bucket.
    RateAccount = 170,
    /// The session sends faster than sessions may; both figures are messages of its bucket.
    RateSession = 171,
    /// Nobody said how fast the session or the account's tier may send.
    ConductLimitMissing = 172,
    /// The same order was sent too often within the tier's time.
    RepeatedOrder = 173,
    /// The account sends too many requests for each order that trades.
    RequestsPerTrade = 174,
    /// Too many of the account's orders ended canceled without a trade; percent.
    CanceledPercent = 175,
    /// The order is an algorithm's and none is registered for the account.
    AlgorithmUnregistered = 176,
    /// The account is an algorithm's alone and the order does not say so.
    AlgorithmUnflagged = 177,
    /// The order could trade with a working one of the same account or group; both figures are
    /// prices, 0 of a market order.
    SelfTrade = 178,
    /// The request was in doubt when the line or the process broke, and the venue never had it.
    NeverArrived = 200,
}

impl GateCode {
    /// Every code, in the order of their numbers.
    pub const ALL: [GateCode; 88] = [
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
        GateCode::AccountTableMissing,
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
        GateCode::OrderWarned,
        GateCode::OrderHeld,
        GateCode::ConfirmUnknown,
        GateCode::ConfirmExpired,
        GateCode::ConfirmUsed,
        GateCode::ConfirmUnlike,
        GateCode::HoldExpired,
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
        GateCode::RateAccount,
        GateCode::RateSession,
        GateCode::ConductLimitMissing,
        GateCode::RepeatedOrder,
        GateCode::RequestsPerTrade,
        GateCode::CanceledPercent,
        GateCode::AlgorithmUnregistered,
        GateCode::AlgorithmUnflagged,
        GateCode::SelfTrade,
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
