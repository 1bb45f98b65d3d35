//! An answer "no" with the figures behind it.

use crate::GateCode;

/// Why an order or request was not passed on: the code, the limit and what was observed.
///
/// The unit of both figures belongs to the code: price units (1/10,000) for tick, sign and collar,
/// shares or contracts for balances, nanoseconds for ages, the venue's own reason for
/// [`GateCode::VenueRejected`], zero where a figure means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// GateCode(20110).
    pub code: GateCode,
    /// GateLimit(20111).
    pub limit: i64,
    /// GateObserved(20112).
    pub observed: i64,
}

impl Refusal {
    /// A refusal whose code says it all.
    #[must_use]
    pub const fn plain(code: GateCode) -> Refusal {
        Refusal {
            code,
            limit: 0,
            observed: 0,
        }
    }
}
