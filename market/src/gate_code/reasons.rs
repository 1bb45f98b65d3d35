//! What FIX itself calls the answers.

use super::GateCode;

impl GateCode {
    /// OrdRejReason(103) that goes with the code: one that FIX 4.4 has, 99 where it has none.
    #[must_use]
    pub const fn ord_rej_reason(self) -> u16 {
        match self {
            GateCode::UnknownSymbol => 1,
            GateCode::MarketClosed | GateCode::Halted | GateCode::Suspended => 2,
            GateCode::TooLate => 4,
            GateCode::UnknownOrder => 5,
            GateCode::DuplicateOrder => 6,
            GateCode::Unsupported | GateCode::OrderKind => 11,
            GateCode::AccountUnknown | GateCode::AccountDisabled => 15,
            GateCode::PriceCollar
            | GateCode::DailyLimit
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
            GateCode::OrderTableFull
            | GateCode::VenueDown
            | GateCode::VenueBusy
            | GateCode::Stopping
            | GateCode::UnknownVenue
            | GateCode::StorageLow
            | GateCode::AlreadyPending
            | GateCode::RequestMismatch
            | GateCode::VenueRejected
            | GateCode::Tick
            | GateCode::PriceSign
            | GateCode::CollarNoReference
            | GateCode::StaleData
            | GateCode::Restricted
            | GateCode::NoBalanceSystem
            | GateCode::ShortBanned
            | GateCode::ShortPhase
            | GateCode::ShortRuleMissing
            | GateCode::ShortPrice
            | GateCode::ShortNoLast
            | GateCode::ShortHours
            | GateCode::LimitMissing
            | GateCode::RateAccount
            | GateCode::RateSession
            | GateCode::ConductLimitMissing
            | GateCode::RepeatedOrder
            | GateCode::RequestsPerTrade
            | GateCode::CanceledPercent
            | GateCode::AlgorithmUnregistered
            | GateCode::AlgorithmUnflagged
            | GateCode::SelfTrade
            | GateCode::AccountTableMissing
            | GateCode::ConfirmUnknown
            | GateCode::ConfirmExpired
            | GateCode::ConfirmUsed
            | GateCode::ConfirmUnlike
            | GateCode::HoldExpired
            | GateCode::ExposureMissing
            | GateCode::NeverArrived => 99,
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
