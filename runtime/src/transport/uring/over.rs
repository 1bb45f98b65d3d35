//! What the last completion of a receive says about why it is over.
//!
//! In here: the kernel's numbers sorted by what follows from each. Not in here: what does follow
//! (`receiving`).

use crate::transport::{ClosedReason, socket};

/// Why a request is over that brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Cancelled, or the kernel wants to be asked again.
    Stopped,
    /// No buffer was left.
    Shortage,
    /// The kernel does not know such requests.
    Refused,
    Ended(ClosedReason),
}

impl Over {
    pub(super) fn of(result: i32) -> Self {
        use rustix::io::Errno as Number;
        if result == 0 {
            return Self::Ended(ClosedReason::Peer);
        }
        // The kernel's numbers lie in this range; a number outside of it would be a panic.
        match Number::from_raw_os_error(result.saturating_neg().clamp(1, 4095)) {
            Number::CANCELED | Number::AGAIN | Number::INTR => Self::Stopped,
            Number::NOBUFS => Self::Shortage,
            Number::INVAL | Number::OPNOTSUPP => Self::Refused,
            other => Self::Ended(socket::reason_of(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errno::Errno;

    #[test]
    fn every_number_has_one_meaning() {
        for (result, over) in [
            (0, Over::Ended(ClosedReason::Peer)),
            (-125, Over::Stopped),
            (-11, Over::Stopped),
            (-4, Over::Stopped),
            (-105, Over::Shortage),
            (-22, Over::Refused),
            (-95, Over::Refused),
            (-104, Over::Ended(ClosedReason::Reset)),
            (-110, Over::Ended(ClosedReason::Error(Errno(110)))),
        ] {
            assert_eq!(Over::of(result), over, "{result}");
        }
    }
}
