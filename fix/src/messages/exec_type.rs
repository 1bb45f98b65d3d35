//! ExecType(150): the kinds of ExecutionReport(35=8).

use super::ord_status::OrdStatus;
use crate::version::Version;

/// ExecType(150): what this report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExecType {
    /// The order stands in the market.
    New = b'0',
    /// The day is over for the order.
    DoneForDay = b'3',
    /// The rest of the order was cancelled.
    Canceled = b'4',
    /// Price or quantity were changed.
    Replaced = b'5',
    /// A cancel is on its way.
    PendingCancel = b'6',
    /// The venue stopped the order.
    Stopped = b'7',
    /// The order was refused.
    Rejected = b'8',
    /// The order is suspended.
    Suspended = b'9',
    /// The order is on its way.
    PendingNew = b'A',
    /// The rest of the order ran out of time.
    Expired = b'C',
    /// The venue changed the order by itself.
    Restated = b'D',
    /// A change is on its way.
    PendingReplace = b'E',
    /// A fill, partial or full.
    Trade = b'F',
    /// A fill was corrected.
    TradeCorrect = b'G',
    /// A fill was taken back.
    TradeCancel = b'H',
    /// The answer to a status request.
    OrderStatus = b'I',
}

impl ExecType {
    /// Every kind, in the order of their values.
    pub const ALL: [ExecType; 16] = [
        ExecType::New,
        ExecType::DoneForDay,
        ExecType::Canceled,
        ExecType::Replaced,
        ExecType::PendingCancel,
        ExecType::Stopped,
        ExecType::Rejected,
        ExecType::Suspended,
        ExecType::PendingNew,
        ExecType::Expired,
        ExecType::Restated,
        ExecType::PendingReplace,
        ExecType::Trade,
        ExecType::TradeCorrect,
        ExecType::TradeCancel,
        ExecType::OrderStatus,
    ];

    /// ExecType(150) as FIX writes it.
    #[must_use]
    pub const fn to_fix(self) -> u8 {
        self as u8
    }

    /// ExecType(150) as the version writes it: in FIX 4.2 a fill, its correction and a status are
    /// told by the OrdStatus(39) that they led to, and by ExecTransType(20).
    #[must_use]
    pub const fn to_version(self, version: Version, ord_status: OrdStatus) -> u8 {
        match (version, self) {
            (
                Version::Fix42,
                ExecType::Trade
                | ExecType::TradeCorrect
                | ExecType::TradeCancel
                | ExecType::OrderStatus,
            ) => ord_status.to_fix(),
            _ => self.to_fix(),
        }
    }

    /// ExecTransType(20) of FIX 4.2: new, cancel, correct or status.
    #[must_use]
    pub const fn exec_trans_type(self) -> u8 {
        match self {
            ExecType::TradeCancel => b'1',
            ExecType::TradeCorrect => b'2',
            ExecType::OrderStatus => b'3',
            _ => b'0',
        }
    }

    /// Reads ExecType(150).
    #[must_use]
    pub fn from_fix(value: u8) -> Option<ExecType> {
        ExecType::ALL
            .into_iter()
            .find(|exec_type| exec_type.to_fix() == value)
    }
}
