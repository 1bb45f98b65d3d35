//! What each state entry of an effect is, by its tag. A number is never used for anything else;
//! 16 was what an account had sent, until version 4.

/// Sequence numbers of a member session: session u16, next_in u64, next_out u64.
pub const TAG_NUMBERS: u8 = 2;
/// An order: slot u32, then its image.
pub const TAG_ORDER: u8 = 3;
/// A position's image.
pub const TAG_POSITION: u8 = 4;
/// The line to a venue: venue u16, next sequence number u64, open AccountQueries u32, its session's
/// name as text.
pub const TAG_VENUE: u8 = 5;
/// The gateway's counters: next OrderID u64, next ExecID u64, and of one venue its index u16 and
/// its next UserRefNum u32.
pub const TAG_COUNTERS: u8 = 6;
/// A verdict: GateCode u16 (zero: passed), limit i64, observed i64, OrderID and ClOrdID as texts,
/// and the tables that it was given by: count u16, and the first four bytes of their hash.
pub const TAG_VERDICT: u8 = 7;
/// A ClOrdID used up: session u16, slot u32, text.
pub const TAG_CL_ORD_ID: u8 = 8;
/// A session's window: session u16, phase u8, from u64, to u64.
pub const TAG_WINDOW: u8 = 9;
/// A session's numbers begin anew, before they are told: session u16, the first number whose
/// message is kept for the new window u64.
pub const TAG_BEGUN: u8 = 10;
/// What became of an operator's command: u8, zero where it was followed, else the number of its
/// [`crate::CommandRefusal`].
pub const TAG_COMMAND: u8 = 11;
// The capture tells people what became of a command, and so knows this one tag.
const _: () = assert!(TAG_COMMAND == gwanmun_captures::desk::OUTCOME_TAG);
/// Numbers left out of a session's outgoing sequence: session u16, from u64, until u64, without it.
pub const TAG_HOLE: u8 = 12;
/// Sessions that came or got other terms: their rows, as the command has them.
pub const TAG_SESSIONS: u8 = 13;
/// Tables in force from here on: count u16, SHA-256 of their text, which the command has.
pub const TAG_TABLES: u8 = 18;
/// What shares that may be sold are made of: account u16, instrument u16, then settled, unsettled,
/// rights, recalled and borrowed as i64 each.
pub const TAG_LEDGER: u8 = 20;
/// What the borrow desk is asked for: account u16, instrument u16, missing i64 (zero: closed),
/// times u32, since u64, LocateReqd(114) u8 (1 Y, 2 N, 0 nothing said), OrderID(37) as text.
pub const TAG_BORROW: u8 = 21;
/// What a venue's feed told of halts of one scope: venue u16, scope u8, its name as text, then
/// three sets u16: what stops it at the venue, what stops it everywhere, and what of these is in
/// doubt.
pub const TAG_HALT: u8 = 22;
/// A venue's feed began anew or has told all its halts: venue u16, then u8: 0 every halt it told is
/// in doubt, 1 those in doubt are over.
pub const TAG_HALTS_TOLD: u8 = 23;
/// A warning: slot u32, when u64, whether it is used up u8, its OrderID and the OrderID of the
/// order that used it up as texts, the latter empty before.
pub const TAG_WARNED: u8 = 26;
/// An order that is held: slot u32, since when u64, whether it still is u8.
pub const TAG_HELD: u8 = 27;
/// A FIX venue's sequence numbers: venue u16, next_in u64, next_out u64.
pub const TAG_VENUE_NUMBERS: u8 = 32;
