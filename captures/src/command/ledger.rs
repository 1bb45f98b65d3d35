//! Changes of the ledger of what may be sold, as a Command record holds them: behind the three
//! texts of every command the account and the symbol, each with a length byte in front.

/// Longest name of an account, in bytes.
pub const ACCOUNT_BYTES_MAX: usize = 16;
/// Longest symbol, in bytes.
pub const SYMBOL_BYTES_MAX: usize = 8;

/// What becomes of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerChange {
    /// Shares are borrowed: a loan is confirmed.
    Loan,
    /// Settled shares come in from elsewhere.
    TransferIn,
    /// Settled shares go elsewhere.
    TransferOut,
    /// Borrowed shares go back to their lender.
    Return,
    /// Shares that are lent out are called back, and certain to return.
    Recall,
    /// Shares that were called back do not return after all.
    RecallFailed,
}

impl LedgerChange {
    /// Every change.
    pub const ALL: [LedgerChange; 6] = [
        LedgerChange::Loan,
        LedgerChange::TransferIn,
        LedgerChange::TransferOut,
        LedgerChange::Return,
        LedgerChange::Recall,
        LedgerChange::RecallFailed,
    ];

    /// The action's number and its direction: 1 in, 2 out, 0 for those that have but one.
    #[must_use]
    pub const fn to_bytes(self) -> (u8, u8) {
        match self {
            LedgerChange::Loan => (5, 0),
            LedgerChange::TransferIn => (6, 1),
            LedgerChange::TransferOut => (6, 2),
            LedgerChange::Return => (7, 0),
            LedgerChange::Recall => (8, 1),
            LedgerChange::RecallFailed => (8, 2),
        }
    }

    /// Reads both.
    #[must_use]
    pub fn from_bytes(kind: u8, direction: u8) -> Option<LedgerChange> {
        let bytes = (kind, direction);
        LedgerChange::ALL
            .into_iter()
            .find(|change| change.to_bytes() == bytes)
    }

    /// What it is, for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            LedgerChange::Loan => "loan confirmed",
            LedgerChange::TransferIn => "transferred in",
            LedgerChange::TransferOut => "transferred out",
            LedgerChange::Return => "loan returned",
            LedgerChange::Recall => "recalled",
            LedgerChange::RecallFailed => "recall failed",
        }
    }
}

/// Takes both names off the rest of a payload; `None` where they are not all there is.
pub(super) fn names(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (account, rest) = name(rest, ACCOUNT_BYTES_MAX)?;
    let (symbol, rest) = name(rest, SYMBOL_BYTES_MAX)?;
    rest.is_empty().then_some((account, symbol))
}

fn name(rest: &[u8], bytes_max: usize) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = rest.split_first()?;
    let length = Some(usize::from(length)).filter(|&length| length <= bytes_max)?;
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::super::{Action, COMMAND_BYTES_MAX, Command};
    use super::*;
    use crate::input::InputFault;

    fn command(change: LedgerChange) -> Command<'static> {
        Command {
            operator: b"kim",
            requester: b"lee",
            reason: b"confirmed",
            action: Action::Ledger {
                change,
                account: b"ACC1",
                symbol: b"005930",
                quantity: 0x0102,
            },
        }
    }

    #[test]
    fn golden_bytes() {
        let mut bytes = [0xFF; COMMAND_BYTES_MAX];
        let transfer = command(LedgerChange::TransferOut);
        let length = transfer.encode(&mut bytes).unwrap();
        let mut expected = vec![6, 2, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0];
        expected.extend(b"\x03kim\x03lee\x09confirmed\x04ACC1\x06005930");
        assert_eq!(bytes[..length], expected);
    }

    #[test]
    fn every_change_reads_back_and_a_cut_one_does_not() {
        for change in LedgerChange::ALL {
            let mut bytes = [0; COMMAND_BYTES_MAX];
            let length = command(change).encode(&mut bytes).unwrap();
            assert_eq!(Command::parse(&bytes[..length]), Ok(command(change)));
            for cut in 0..length {
                assert!(Command::parse(&bytes[..cut]).is_err(), "{cut}");
            }
            assert!(Command::parse(&bytes[..=length]).is_err());
            // A direction that the change has not.
            bytes[1] ^= 3;
            if !matches!(
                change,
                LedgerChange::TransferIn
                    | LedgerChange::TransferOut
                    | LedgerChange::Recall
                    | LedgerChange::RecallFailed
            ) {
                let kind = bytes[0];
                let wrong = Command::parse(&bytes[..length]);
                assert_eq!(wrong, Err(InputFault::Command(kind)));
            }
        }
    }

    #[test]
    fn names_have_a_longest_length() {
        let (account, symbol) = ([b'a'; ACCOUNT_BYTES_MAX + 1], [b's'; SYMBOL_BYTES_MAX + 1]);
        let mut bytes = [0; 2 * COMMAND_BYTES_MAX];
        for (account_bytes, symbol_bytes, is_right) in [
            (ACCOUNT_BYTES_MAX, SYMBOL_BYTES_MAX, true),
            (ACCOUNT_BYTES_MAX + 1, 1, false),
            (1, SYMBOL_BYTES_MAX + 1, false),
        ] {
            let mut long = command(LedgerChange::Loan);
            long.action = Action::Ledger {
                change: LedgerChange::Loan,
                account: &account[..account_bytes],
                symbol: &symbol[..symbol_bytes],
                quantity: u64::MAX,
            };
            assert_eq!(long.encode(&mut bytes).is_some(), is_right);
        }
    }
}
