//! What a Command record holds: what an operator asked for, who he is, and why.
//!
//! In it: the payload, written and read. Not in it: what becomes of a command, which is an effect
//! (see `effect.rs`). Byte table: `captures/FORMAT.md`, "Command".

mod ledger;

use crate::bytes::{all_zero, put, u16_at, u64_at};
use crate::input::{InputFault, TABLE_HASH_BYTES};

pub use ledger::{ACCOUNT_BYTES_MAX, LedgerChange, SYMBOL_BYTES_MAX};

/// Bytes in front of the texts.
const HEAD_BYTES: usize = 16;
/// Longest name of an operator or a requester, in bytes.
pub const PERSON_BYTES_MAX: usize = 32;
/// Longest reason, in bytes.
pub const REASON_BYTES_MAX: usize = 160;
/// Longest OrderID, in bytes.
pub const ORDER_ID_BYTES_MAX: usize = 14;
/// Longest payload of a command without rows, in bytes.
pub const COMMAND_BYTES_MAX: usize = HEAD_BYTES
    + 2 * (1 + PERSON_BYTES_MAX)
    + 1
    + REASON_BYTES_MAX
    + 1
    + ACCOUNT_BYTES_MAX
    + 1
    + SYMBOL_BYTES_MAX;

const _: () = assert!(ORDER_ID_BYTES_MAX <= 2 + ACCOUNT_BYTES_MAX + SYMBOL_BYTES_MAX);

mod at {
    pub(super) const KIND: usize = 0;
    pub(super) const DIRECTION: usize = 1;
    pub(super) const SESSION: usize = 2;
    pub(super) const RESERVED: usize = 4;
    pub(super) const NUMBER: usize = 8;
}

const _: () = assert!(at::NUMBER + 8 == HEAD_BYTES);

/// Which of a session's two sequence numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// The next that is expected from the member.
    In = 1,
    /// The next that is sent to the member.
    Out = 2,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// One sequence number of one session.
    SetNumber {
        /// Which session, by its index.
        session: u16,
        /// Which of both numbers.
        direction: Direction,
        /// What it is to be.
        number: u64,
    },
    /// Sessions that are new or have other terms.
    Sessions {
        /// Their rows, as text of the writer.
        rows: &'a [u8],
    },
    /// Other tables in the place of those in force.
    Tables {
        /// SHA-256 of their content, as that of a Table record.
        sha256: &'a [u8; TABLE_HASH_BYTES],
        /// All of them, as text of the writer.
        content: &'a [u8],
    },
    /// A held order may leave.
    Approve {
        /// OrderID(37), 1 to 14 bytes.
        order_id: &'a [u8],
    },
    /// The ledger of what an account may sell of an instrument.
    Ledger {
        /// What becomes of it.
        change: LedgerChange,
        /// Account(1); at most 16 bytes.
        account: &'a [u8],
        /// Symbol(55); at most 8 bytes.
        symbol: &'a [u8],
        /// Shares.
        quantity: u64,
    },
}

impl<'a> Action<'a> {
    /// What stands behind the texts.
    const fn rest(self) -> [&'a [u8]; 2] {
        match self {
            Action::SetNumber { .. } | Action::Ledger { .. } => [&[], &[]],
            Action::Sessions { rows } => [rows, &[]],
            Action::Tables { sha256, content } => [sha256, content],
            Action::Approve { order_id } => [order_id, &[]],
        }
    }
}

/// A command. Its texts are an operator's, not trusted to be UTF-8: escape them where they are
/// shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command<'a> {
    /// Who gave it, as the desk knows him; 1 to 32 bytes.
    pub operator: &'a [u8],
    /// Who asked for it, where that is said; at most 32 bytes.
    pub requester: &'a [u8],
    /// Why; at most 160 bytes.
    pub reason: &'a [u8],
    /// What.
    pub action: Action<'a>,
}

impl<'a> Command<'a> {
    /// Writes the payload and returns its length; `None` where a text is longer than it may be or
    /// `into` is too short. [`COMMAND_BYTES_MAX`] bytes suffice without rows.
    #[must_use]
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let (kind, direction, session, number) = match self.action {
            Action::SetNumber {
                session,
                direction,
                number,
            } => (1, direction as u8, session, number),
            Action::Sessions { .. } => (2, 0, 0, 0),
            Action::Tables { .. } => (4, 0, 0, 0),
            Action::Approve { .. } => (9, 0, 0, 0),
            Action::Ledger {
                change, quantity, ..
            } => {
                let (kind, direction) = change.to_bytes();
                (kind, direction, 0, quantity)
            }
        };
        into.get_mut(..HEAD_BYTES)?.fill(0);
        put(into, at::KIND, &[kind, direction]);
        put(into, at::SESSION, &session.to_le_bytes());
        put(into, at::NUMBER, &number.to_le_bytes());
        let mut used = HEAD_BYTES;
        let names = match self.action {
            Action::Ledger {
                account, symbol, ..
            } => Some([(account, ACCOUNT_BYTES_MAX), (symbol, SYMBOL_BYTES_MAX)]),
            _ => None,
        };
        let texts = self.texts().into_iter();
        for (text, bytes_max) in texts.chain(names.into_iter().flatten()) {
            let length = u8::try_from(text.len()).ok()?;
            let is_put = put(into, used, &[length]) && put(into, used + 1, text);
            if text.len() > bytes_max || !is_put {
                return None;
            }
            used += 1 + text.len();
        }
        for part in self.action.rest() {
            if !put(into, used, part) {
                return None;
            }
            used += part.len();
        }
        Some(used)
    }

    const fn texts(&self) -> [(&'a [u8], usize); 3] {
        [
            (self.operator, PERSON_BYTES_MAX),
            (self.requester, PERSON_BYTES_MAX),
            (self.reason, REASON_BYTES_MAX),
        ]
    }

    /// Reads the payload.
    ///
    /// # Errors
    /// [`InputFault::Length`] if it ends too early or goes on too long, [`InputFault::Command`] if
    /// its kind or direction is unknown or a text is longer than it may be, and
    /// [`InputFault::Reserved`].
    pub fn parse(payload: &'a [u8]) -> Result<Self, InputFault> {
        let found = payload.len();
        let short = InputFault::Length { found };
        let (head, mut rest) = payload.split_at_checked(HEAD_BYTES).ok_or(short)?;
        let byte = |offset: usize| head.get(offset).copied().unwrap_or_default();
        let session = u16_at(head, at::SESSION).unwrap_or_default();
        let number = u64_at(head, at::NUMBER).unwrap_or_default();
        if !head.get(at::RESERVED..at::NUMBER).is_some_and(all_zero) {
            return Err(InputFault::Reserved);
        }
        let mut text = |bytes_max: usize| {
            let (&length, behind) = rest.split_first().ok_or(short)?;
            let length = usize::from(length);
            if length > bytes_max {
                return Err(InputFault::Command(byte(at::KIND)));
            }
            let (text, behind) = behind.split_at_checked(length).ok_or(short)?;
            rest = behind;
            Ok(text)
        };
        let (operator, requester) = (text(PERSON_BYTES_MAX)?, text(PERSON_BYTES_MAX)?);
        let reason = text(REASON_BYTES_MAX)?;
        let direction = match byte(at::DIRECTION) {
            1 => Some(Direction::In),
            2 => Some(Direction::Out),
            _ => None,
        };
        let action = match (byte(at::KIND), direction, rest) {
            (1, Some(direction), []) => Action::SetNumber {
                session,
                direction,
                number,
            },
            (1, Some(_), _) => return Err(short),
            (2, None, rows) if session == 0 && number == 0 => Action::Sessions { rows },
            (4, None, rest) if session == 0 && number == 0 => {
                let (sha256, content) = rest.split_first_chunk().ok_or(short)?;
                Action::Tables { sha256, content }
            }
            (9, None, order_id)
                if session == 0
                    && number == 0
                    && (1..=ORDER_ID_BYTES_MAX).contains(&order_id.len()) =>
            {
                Action::Approve { order_id }
            }
            (kind @ 5..=8, _, rest) if session == 0 => {
                let change = LedgerChange::from_bytes(kind, byte(at::DIRECTION));
                let change = change.ok_or(InputFault::Command(kind))?;
                let (account, symbol) = ledger::names(rest).ok_or(short)?;
                Action::Ledger {
                    change,
                    account,
                    symbol,
                    quantity: number,
                }
            }
            (kind, ..) => return Err(InputFault::Command(kind)),
        };
        Ok(Self {
            operator,
            requester,
            reason,
            action,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(action: Action<'_>) -> Command<'_> {
        Command {
            operator: b"kim",
            requester: b"",
            reason: b"lost its store",
            action,
        }
    }

    const SET: Action<'_> = Action::SetNumber {
        session: 513,
        direction: Direction::Out,
        number: 0x0102_0304,
    };

    #[test]
    fn golden_bytes() {
        let mut bytes = [0xFF; COMMAND_BYTES_MAX];
        let length = command(SET).encode(&mut bytes).unwrap();
        let mut expected = vec![1, 2, 1, 2, 0, 0, 0, 0, 4, 3, 2, 1, 0, 0, 0, 0, 3];
        expected.extend(b"kim\x00\x0Elost its store");
        assert_eq!(bytes[..length], expected);
        assert_eq!(Command::parse(&bytes[..length]), Ok(command(SET)));
    }

    #[test]
    fn rows_come_back() {
        let mut bytes = [0xFF; 64];
        let with_rows = command(Action::Sessions { rows: b"row 1\n" });
        let length = with_rows.encode(&mut bytes).unwrap();
        assert_eq!(Command::parse(&bytes[..length]), Ok(with_rows));
        assert_eq!(bytes[..2], [2, 0]);
    }

    #[test]
    fn tables_come_back_and_never_without_their_hash() {
        let mut bytes = [0xFF; 128];
        let with_tables = command(Action::Tables {
            sha256: &[7; TABLE_HASH_BYTES],
            content: b"account A 1 1\n",
        });
        let length = with_tables.encode(&mut bytes).unwrap();
        assert_eq!(Command::parse(&bytes[..length]), Ok(with_tables));
        assert_eq!(bytes[..2], [4, 0]);
        let behind_texts = length - 14;
        assert!(Command::parse(&bytes[..behind_texts]).is_ok());
        let found = behind_texts - 1;
        let cut = Command::parse(&bytes[..found]);
        assert_eq!(cut, Err(InputFault::Length { found }));
        assert_eq!(with_tables.encode(&mut bytes[..length - 1]), None);
    }

    #[test]
    fn an_approval_comes_back_and_names_one_order() {
        let mut bytes = [0xFF; 64];
        for order_id in [&b"G"[..], b"GW100000000042"] {
            let approval = command(Action::Approve { order_id });
            let length = approval.encode(&mut bytes).unwrap();
            assert_eq!(Command::parse(&bytes[..length]), Ok(approval));
            assert_eq!(bytes[..2], [9, 0]);
        }
        for order_id in [&b""[..], b"GW1000000000042"] {
            let approval = command(Action::Approve { order_id });
            let length = approval.encode(&mut bytes).unwrap();
            let refused = Command::parse(&bytes[..length]);
            assert_eq!(refused, Err(InputFault::Command(9)));
        }
    }

    #[test]
    fn the_longest_texts_fit_and_longer_ones_do_not() {
        let (person, reason) = ([b'p'; PERSON_BYTES_MAX + 1], [b'r'; REASON_BYTES_MAX + 1]);
        let longest = Command {
            operator: &person[1..],
            requester: &person[1..],
            reason: &reason[1..],
            action: Action::Ledger {
                change: LedgerChange::Loan,
                account: &[b'a'; ACCOUNT_BYTES_MAX],
                symbol: &[b's'; SYMBOL_BYTES_MAX],
                quantity: 1,
            },
        };
        let mut bytes = [0; COMMAND_BYTES_MAX];
        assert_eq!(longest.encode(&mut bytes), Some(COMMAND_BYTES_MAX));
        assert_eq!(Command::parse(&bytes), Ok(longest));
        assert_eq!(longest.encode(&mut bytes[1..]), None);
        let mut room = [0; 2 * COMMAND_BYTES_MAX];
        for one_over in [
            Command {
                operator: &person,
                ..longest
            },
            Command {
                requester: &person,
                ..longest
            },
            Command {
                reason: &reason,
                ..longest
            },
        ] {
            assert_eq!(one_over.encode(&mut room), None);
        }
    }

    #[test]
    fn wrong_payloads_are_named() {
        let mut bytes = [0; COMMAND_BYTES_MAX];
        let length = command(SET).encode(&mut bytes).unwrap();
        let good = bytes[..length].to_vec();
        for cut in 0..length {
            let found = cut;
            assert_eq!(
                Command::parse(&good[..cut]),
                Err(InputFault::Length { found })
            );
        }
        let longer = [&good[..], b"x"].concat();
        let found = longer.len();
        assert_eq!(Command::parse(&longer), Err(InputFault::Length { found }));
        for (at, byte, fault) in [
            (0, 9, InputFault::Command(9)),
            (1, 3, InputFault::Command(1)),
            (7, 1, InputFault::Reserved),
            (16, 33, InputFault::Command(1)),
        ] {
            let mut wrong = good.clone();
            wrong[at] = byte;
            assert_eq!(Command::parse(&wrong), Err(fault), "byte {at}");
        }
    }
}
