//! What the codes are called.

use super::GateCode;

/// Each code's name, in the order of their numbers.
const NAMES: [(GateCode, &str); GateCode::ALL.len()] = [
    (GateCode::DuplicateOrder, "DUPLICATE_ORDER"),
    (GateCode::OrderTableFull, "ORDER_TABLE_FULL"),
    (GateCode::UnknownSymbol, "UNKNOWN_SYMBOL"),
    (GateCode::VenueDown, "VENUE_DOWN"),
    (GateCode::MarketClosed, "MARKET_CLOSED"),
    (GateCode::Halted, "HALTED"),
    (GateCode::StorageLow, "STORAGE_LOW"),
    (GateCode::UnknownOrder, "UNKNOWN_ORDER"),
    (GateCode::TooLate, "TOO_LATE"),
    (GateCode::AlreadyPending, "ALREADY_PENDING"),
    (GateCode::RequestMismatch, "REQUEST_MISMATCH"),
    (GateCode::VenueRejected, "VENUE_REJECTED"),
    (GateCode::Unsupported, "UNSUPPORTED"),
    (GateCode::VenueBusy, "VENUE_BUSY"),
    (GateCode::Stopping, "STOPPING"),
    (GateCode::UnknownVenue, "UNKNOWN_VENUE"),
    (GateCode::AccountUnknown, "ACCOUNT_UNKNOWN"),
    (GateCode::AccountDisabled, "ACCOUNT_DISABLED"),
    (GateCode::OrderKind, "ORDER_KIND"),
    (GateCode::Restricted, "RESTRICTED"),
    (GateCode::Suspended, "SUSPENDED"),
    (GateCode::AccountTableMissing, "ACCOUNT_TABLE_MISSING"),
    (GateCode::VolatilityInterruption, "VOLATILITY_INTERRUPTION"),
    (GateCode::CircuitBreaker, "CIRCUIT_BREAKER"),
    (GateCode::Sidecar, "SIDECAR"),
    (GateCode::GroupHalted, "GROUP_HALTED"),
    (GateCode::Tick, "TICK"),
    (GateCode::PriceSign, "PRICE_SIGN"),
    (GateCode::DailyLimit, "DAILY_LIMIT"),
    (GateCode::BoardOrderKind, "BOARD_ORDER_KIND"),
    (GateCode::VenueRuleMissing, "VENUE_RULE_MISSING"),
    (GateCode::PriceCollar, "PRICE_COLLAR"),
    (GateCode::CollarNoReference, "COLLAR_NO_REFERENCE"),
    (GateCode::StaleData, "STALE_DATA"),
    (GateCode::ForeignQuota, "FOREIGN_QUOTA"),
    (GateCode::ForeignQuotaUnknown, "FOREIGN_QUOTA_UNKNOWN"),
    (GateCode::MemberSanction, "MEMBER_SANCTION"),
    (GateCode::SuspendedNow, "SUSPENDED_NOW"),
    (GateCode::SellableBalance, "SELLABLE_BALANCE"),
    (GateCode::BalanceUnknown, "BALANCE_UNKNOWN"),
    (GateCode::BorrowNeeded, "BORROW_NEEDED"),
    (GateCode::NoBalanceSystem, "NO_BALANCE_SYSTEM"),
    (GateCode::ShortBanned, "SHORT_BANNED"),
    (GateCode::ShortPhase, "SHORT_PHASE"),
    (GateCode::ShortRuleMissing, "SHORT_RULE_MISSING"),
    (GateCode::ShortPrice, "SHORT_PRICE"),
    (GateCode::ShortNoLast, "SHORT_NO_LAST"),
    (GateCode::ShortHours, "SHORT_HOURS"),
    (GateCode::LimitMissing, "LIMIT_MISSING"),
    (GateCode::OrderQty, "ORDER_QTY"),
    (GateCode::OrderValue, "ORDER_VALUE"),
    (GateCode::OrderWarned, "ORDER_WARNED"),
    (GateCode::OrderHeld, "ORDER_HELD"),
    (GateCode::ConfirmUnknown, "CONFIRM_UNKNOWN"),
    (GateCode::ConfirmExpired, "CONFIRM_EXPIRED"),
    (GateCode::ConfirmUsed, "CONFIRM_USED"),
    (GateCode::ConfirmUnlike, "CONFIRM_UNLIKE"),
    (GateCode::HoldExpired, "HOLD_EXPIRED"),
    (GateCode::SentQty, "SENT_QTY"),
    (GateCode::SentValue, "SENT_VALUE"),
    (GateCode::OpenValue, "OPEN_VALUE"),
    (GateCode::InstrumentQty, "INSTRUMENT_QTY"),
    (GateCode::InstrumentValue, "INSTRUMENT_VALUE"),
    (GateCode::UnderlyingQty, "UNDERLYING_QTY"),
    (GateCode::UnderlyingValue, "UNDERLYING_VALUE"),
    (GateCode::FirmQty, "FIRM_QTY"),
    (GateCode::FirmInstrumentValue, "FIRM_INSTRUMENT_VALUE"),
    (GateCode::GroupSentValue, "GROUP_SENT_VALUE"),
    (GateCode::GroupOpenValue, "GROUP_OPEN_VALUE"),
    (GateCode::GroupExposure, "GROUP_EXPOSURE"),
    (GateCode::FirmSentValue, "FIRM_SENT_VALUE"),
    (GateCode::FirmOpenValue, "FIRM_OPEN_VALUE"),
    (GateCode::FirmExposure, "FIRM_EXPOSURE"),
    (GateCode::Cash, "CASH"),
    (GateCode::Margin, "MARGIN"),
    (GateCode::Exposure, "EXPOSURE"),
    (GateCode::PositionLimit, "POSITION_LIMIT"),
    (GateCode::ExposureMissing, "EXPOSURE_MISSING"),
    (GateCode::RateAccount, "RATE_ACCOUNT"),
    (GateCode::RateSession, "RATE_SESSION"),
    (GateCode::ConductLimitMissing, "CONDUCT_LIMIT_MISSING"),
    (GateCode::RepeatedOrder, "REPEATED_ORDER"),
    (GateCode::RequestsPerTrade, "REQUESTS_PER_TRADE"),
    (GateCode::CanceledPercent, "CANCELED_PERCENT"),
    (GateCode::AlgorithmUnregistered, "ALGORITHM_UNREGISTERED"),
    (GateCode::AlgorithmUnflagged, "ALGORITHM_UNFLAGGED"),
    (GateCode::SelfTrade, "SELF_TRADE"),
    (GateCode::NeverArrived, "NEVER_ARRIVED"),
];

impl GateCode {
    /// The code's name in reports and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        let row = NAMES.iter().find(|row| row.0 == self);
        row.map_or("", |row| row.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_name() {
        assert_eq!(NAMES.map(|row| row.0), GateCode::ALL);
        assert!(NAMES.iter().all(|row| row.0.name() == row.1));
    }
}
