//! What the gateway is told once, at its start.

use gwanmun_fix::session::{ApplicationTypes, SessionTerms};
use gwanmun_market::{AccountId, Text, VenueName};

use crate::tables::Tables;

/// One member session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberTerms {
    /// The FIX session's terms, ours as acceptor.
    pub session: SessionTerms,
    /// Accounts the session may use; empty means all in the table.
    pub accounts: Vec<AccountId>,
    /// Whether a Logon must carry Username(553) and Password(554).
    pub must_authenticate: bool,
    /// Whether it may log on; one that may not keeps its place and its numbers.
    pub is_enabled: bool,
}

/// Most venues of one gateway: KRX and Nextrade (넥스트레이드) are two, a third fits. Each has its
/// lines and a market state for every instrument, and an order's place in the index of UserRefNums
/// has two bits for its venue.
pub const VENUES_MAX: usize = 4;

/// A venue and our account there.
#[derive(Clone, Copy, Debug)]
pub struct VenueTerms {
    /// What members and tables call it; none has the name of another.
    pub name: VenueName,
    /// SoupBinTCP username; the password stays with whoever runs the gateway.
    pub username: Text<6>,
    /// What is spoken on the order line.
    pub wire: WireTerms,
    /// Length in bytes of Password(554) in a FIX venue's Logon(A), which goes there with
    /// Username(553); zero for neither. The password itself stays with whoever runs the gateway.
    pub logon_password_bytes: u8,
}

/// What is spoken on a venue's order line. Its market state line is the same with either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireTerms {
    /// OUCH 5.0 in SoupBinTCP 3.0, logged in by the venue's username.
    Ouch50,
    /// FIX with us as initiator: see [`WireTerms::fix`].
    Fix(SessionTerms),
}

impl WireTerms {
    /// The session towards a FIX venue, as initiator: lenient, with every type delivered, no look
    /// at the venue's clock, since a report must not be lost over one, and numbers that go on all
    /// day. Version, precision and intervals are the caller's to change.
    #[must_use]
    pub fn fix(sender: Text<32>, target: Text<32>) -> WireTerms {
        WireTerms::Fix(SessionTerms {
            application_types: ApplicationTypes::All,
            is_lenient: true,
            check_latency: false,
            ..SessionTerms::new(sender, target, false)
        })
    }
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
    /// Bytes that may wait for a venue before orders are refused. Cancels may use half as much
    /// again, so a send buffer must hold at least twice this.
    pub queued_bytes_max: usize,
    /// Sessions that there is room for, those added while running included; with a smaller number
    /// there is room for those of the start.
    pub sessions_max: usize,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Member sessions; their index is their name in the journal.
    pub members: Vec<MemberTerms>,
    /// Venues, at least one and at most [`VENUES_MAX`]; their index is their name in the journal.
    pub venues: Vec<VenueTerms>,
    /// Limits.
    pub limits: Limits,
    /// First characters of every OrderID(37), so that gateways of one firm never make the same.
    pub order_id_prefix: Text<3>,
    /// Tables in force.
    pub tables: Tables,
}

impl Terms {
    /// Sessions that there is room for.
    #[must_use]
    pub fn sessions_max(&self) -> usize {
        self.limits.sessions_max.max(self.members.len())
    }

    /// The venues where an instrument trades, the one that is tried first in front: what the tables
    /// say, or else every venue in the order of the terms.
    pub(crate) fn venues_of(&self, instrument: u16) -> &[u16] {
        const ALL: [u16; VENUES_MAX] = [0, 1, 2, 3];
        match self.tables.venue_list(instrument) {
            [] => ALL.get(..self.venues.len()).unwrap_or(&ALL),
            listed => listed,
        }
    }
}
