//! What the gateway is told once, at its start.

use gwanmun_fix::session::SessionTerms;
use gwanmun_market::{AccountId, Text};

use crate::tables::Tables;

/// One member session.
#[derive(Clone, Debug)]
pub struct MemberTerms {
    /// The FIX session's terms, ours as acceptor.
    pub session: SessionTerms,
    /// Accounts the session may use; empty means all in the table.
    pub accounts: Vec<AccountId>,
    /// Whether a Logon must carry Username(553) and Password(554).
    pub must_authenticate: bool,
}

/// The line to the venue.
#[derive(Clone, Copy, Debug)]
pub struct VenueTerms {
    /// SoupBinTCP username; the password stays with whoever runs the gateway.
    pub username: Text<6>,
}

/// Capacities and limits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Orders in a trading day, refused ones included.
    pub orders_max: usize,
    /// Positions in a trading day.
    pub positions_max: usize,
    /// Longest FIX message taken, in bytes.
    pub message_bytes_max: usize,
    /// Oldest market state that counts, in nanoseconds.
    pub max_age_ns: u64,
    /// Bytes that may wait for the venue before orders are refused. Cancels may use half as much
    /// again, so a send buffer must hold at least twice this.
    pub queued_bytes_max: usize,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Member sessions; their index is their name in the journal.
    pub members: Vec<MemberTerms>,
    /// The venue.
    pub venue: VenueTerms,
    /// Limits.
    pub limits: Limits,
    /// First characters of every OrderID(37), so that gateways of one firm never make the same.
    pub order_id_prefix: Text<3>,
    /// Tables in force.
    pub tables: Tables,
}
