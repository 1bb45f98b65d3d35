//! Why a command of an operator was refused: numbers that stand in effects, and words for people.

#[cfg(doc)]
use crate::command_path::HOLE_NUMBERS_MAX;

/// Why a command was refused. The number is the one in its effect (FORMAT.md) and does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CommandRefusal {
    /// No session has this index.
    UnknownSession = 1,
    /// Zero, or more than a sequence number may be; of outgoing ones some are kept for reports.
    NumberOutOfRange = 2,
    /// The outgoing number is beyond this one: messages stand on record under numbers from there.
    NumberUsed = 3,
    /// More numbers would be left out than [`HOLE_NUMBERS_MAX`].
    HoleTooLarge = 4,
    /// Numbers were left out too often today.
    TooManyHoles = 5,
    /// Without a reason.
    NoReason = 6,
    /// Who gives the command has asked for it himself.
    SamePerson = 7,
    /// A stop has begun.
    Stopping = 8,
    /// The bytes are no command of this version.
    Unreadable = 9,
    /// A row stands where another session is, or a new one not right behind the others.
    SessionMoved = 10,
    /// A session has a line, and what is said on it would have other terms.
    SessionBusy = 11,
    /// There is no room for so many sessions, or for another count of tables.
    NoRoom = 12,
    /// The tables have an account or an instrument more than those in force, or one less.
    TablesRows = 13,
    /// The tables have other holdings than the day began with.
    TablesHoldings = 14,
    /// No order of this OrderID is held.
    NotHeld = 30,
    /// A check refuses the order as it stands now; its member was told.
    CheckRefuses = 32,
    /// The session or the venue has no number left for another order.
    NoNumbers = 33,
    /// The account is not in the tables.
    UnknownAccount = 40,
    /// The instrument is not in the tables.
    UnknownInstrument = 41,
    /// The instrument may be sold from nothing.
    NoLedger = 42,
    /// Zero, more than one command may change, or more than a source may be.
    QuantityOutOfRange = 43,
    /// Nobody said how much one command may change.
    NoChangeLimit = 44,
    /// Nobody has asked for it.
    NoRequester = 45,
    /// More than there is of this source.
    NotSoMuch = 46,
    /// Sales of today, done or working, would not find their shares.
    WouldOversell = 47,
    /// There is no room for another position.
    LedgerFull = 48,
}

impl CommandRefusal {
    /// Every refusal, in the order of their numbers.
    pub const ALL: [CommandRefusal; 26] = [
        CommandRefusal::UnknownSession,
        CommandRefusal::NumberOutOfRange,
        CommandRefusal::NumberUsed,
        CommandRefusal::HoleTooLarge,
        CommandRefusal::TooManyHoles,
        CommandRefusal::NoReason,
        CommandRefusal::SamePerson,
        CommandRefusal::Stopping,
        CommandRefusal::Unreadable,
        CommandRefusal::SessionMoved,
        CommandRefusal::SessionBusy,
        CommandRefusal::NoRoom,
        CommandRefusal::TablesRows,
        CommandRefusal::TablesHoldings,
        CommandRefusal::UnknownAccount,
        CommandRefusal::UnknownInstrument,
        CommandRefusal::NoLedger,
        CommandRefusal::QuantityOutOfRange,
        CommandRefusal::NoChangeLimit,
        CommandRefusal::NoRequester,
        CommandRefusal::NotSoMuch,
        CommandRefusal::WouldOversell,
        CommandRefusal::LedgerFull,
        CommandRefusal::NotHeld,
        CommandRefusal::CheckRefuses,
        CommandRefusal::NoNumbers,
    ];

    /// The refusal behind a number of an effect.
    #[must_use]
    pub fn from_number(number: u8) -> Option<CommandRefusal> {
        let mut all = CommandRefusal::ALL.into_iter();
        all.find(|refusal| *refusal as u8 == number)
    }

    /// Why, for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            CommandRefusal::UnknownSession => "there is no such session",
            CommandRefusal::NumberOutOfRange => {
                "a sequence number is 1 to 2147483647; an outgoing one is at most 2130706431, \
                 since the rest is kept for reports"
            }
            CommandRefusal::NumberUsed => {
                "the outgoing number is higher: messages were sent under the numbers from there \
                 on, and a resend could not tell two of one number apart. It goes upwards only; \
                 a reset of both numbers by ResetSeqNumFlag(141) begins anew"
            }
            CommandRefusal::HoleTooLarge => "at most 4096 numbers may be left out at once",
            CommandRefusal::TooManyHoles => {
                "numbers of this session were left out eight times today"
            }
            CommandRefusal::NoReason => "a reason must be given",
            CommandRefusal::SamePerson => {
                "the operator and the requester are one person, and must be two"
            }
            CommandRefusal::Stopping => "the gateway is stopping",
            CommandRefusal::SessionMoved => {
                "sessions may be added behind the others; none may be moved, renamed or taken out"
            }
            CommandRefusal::SessionBusy => {
                "a session whose terms differ is logged on: they can change once its line is down"
            }
            CommandRefusal::NoRoom => "[limits] sessions_max has room for no more sessions",
            CommandRefusal::TablesRows => {
                "accounts and instruments may change, but none may be added or taken out while the \
                 day lasts"
            }
            CommandRefusal::TablesHoldings => {
                "holdings are what the day began with: other ones are for the next day"
            }
            CommandRefusal::NotHeld => "no order of this OrderID is held",
            CommandRefusal::CheckRefuses => {
                "a check refuses the order as the market stands now; its member was told why"
            }
            CommandRefusal::NoNumbers => {
                "the order's session or its venue has no number left for another order"
            }
            CommandRefusal::Unreadable => "this is no command of this version",
            CommandRefusal::UnknownAccount => "there is no such account in the tables",
            CommandRefusal::UnknownInstrument => "there is no such instrument in the tables",
            CommandRefusal::NoLedger => "the instrument needs no holdings to be sold",
            CommandRefusal::QuantityOutOfRange => {
                "the quantity is 1 to `change_qty_max` of the tables' [ledger]"
            }
            CommandRefusal::NoChangeLimit => "the tables have no [ledger] change_qty_max",
            CommandRefusal::NoRequester => "a requester must be named, who is not the operator",
            CommandRefusal::NotSoMuch => "there is not so much of it",
            CommandRefusal::WouldOversell => {
                "sales of today, done or working, would not find their shares: cancel or buy first"
            }
            CommandRefusal::LedgerFull => "[limits] positions_max has room for no more positions",
        }
    }
}
