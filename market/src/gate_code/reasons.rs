//! What FIX itself calls the answers.

use super::GateCode;

impl GateCode {
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
            | GateCode::OrderWarned
            | GateCode::OrderHeld
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
