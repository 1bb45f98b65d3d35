//! OrdStatus(39): where an order stands, in ExecutionReport(35=8) and OrderCancelReject(35=9).

/// OrdStatus(39): where the order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OrdStatus {
    /// In the market, nothing executed.
    New = b'0',
    /// In the market, partly executed.
    PartiallyFilled = b'1',
    /// Executed in full.
    Filled = b'2',
    /// Done for the day.
    DoneForDay = b'3',
    /// Cancelled.
    Canceled = b'4',
    /// A cancel is on its way.
    PendingCancel = b'6',
    /// Stopped.
    Stopped = b'7',
    /// Refused.
    Rejected = b'8',
    /// Suspended.
    Suspended = b'9',
    /// On its way.
    PendingNew = b'A',
    /// Executed, its commission being worked out.
    Calculated = b'B',
    /// Ran out of time.
    Expired = b'C',
    /// Accepted for bidding.
    AcceptedForBidding = b'D',
    /// A change is on its way.
    PendingReplace = b'E',
}

impl OrdStatus {
    const ALL: [OrdStatus; 14] = [
        OrdStatus::New,
        OrdStatus::PartiallyFilled,
        OrdStatus::Filled,
        OrdStatus::DoneForDay,
        OrdStatus::Canceled,
        OrdStatus::PendingCancel,
        OrdStatus::Stopped,
        OrdStatus::Rejected,
        OrdStatus::Suspended,
        OrdStatus::PendingNew,
        OrdStatus::Calculated,
        OrdStatus::Expired,
        OrdStatus::AcceptedForBidding,
        OrdStatus::PendingReplace,
    ];

    /// OrdStatus(39) as FIX writes it.
    #[must_use]
    pub const fn to_fix(self) -> u8 {
        self as u8
    }

    /// Reads OrdStatus(39).
    #[must_use]
    pub fn from_fix(value: u8) -> Option<OrdStatus> {
        OrdStatus::ALL
            .into_iter()
            .find(|ord_status| ord_status.to_fix() == value)
    }

    /// Whether nothing more can happen to the order.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            OrdStatus::Filled | OrdStatus::Canceled | OrdStatus::Rejected | OrdStatus::Expired
        )
    }
}
