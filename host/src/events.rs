//! What the gateway tells its operator. Small values to copy: the order core hands them over a
//! bounded queue and never waits.

use std::net::SocketAddr;

use gwanmun_fix::session::DisconnectReason;
use gwanmun_gateway::stranger::StrangerFault;
use gwanmun_gateway::{CommandRefusal, LineFault, TablesVersion, VenueFinding};
use gwanmun_runtime::finding::Finding;

use crate::config::Config;
use crate::past::PastFault;
use crate::tls::TlsFault;

/// Something an operator wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Members are awaited here.
    Listening(SocketAddr),
    /// Members are awaited here, over TLS.
    ListeningTls(SocketAddr),
    /// A member's line is bound to its session, by index.
    MemberUp {
        /// Session index.
        member: u16,
        /// Where from.
        peer: SocketAddr,
    },
    /// A member's line is gone.
    MemberDown {
        /// Session index.
        member: u16,
        /// Why, when the session ended it.
        reason: Option<DisconnectReason>,
    },
    /// A stranger was sent away.
    StrangerRefused {
        /// Where from.
        peer: SocketAddr,
        /// Why.
        fault: StrangerFault,
    },
    /// A TLS line was refused, or given up for what came on it.
    TlsRefused {
        /// Where from.
        peer: SocketAddr,
        /// Why.
        fault: TlsFault,
    },
    /// A venue's orders line is settled: orders flow. The venue by its place in the configuration.
    VenueUp(u16),
    /// A venue's orders line is gone; why, when we gave it up.
    VenueDown(u16, Option<LineFault>),
    /// A venue's feed line tells market state.
    FeedUp(u16),
    /// A venue's feed line is gone; why, when we gave it up.
    FeedDown(u16, Option<LineFault>),
    /// A venue said something that could not be understood.
    VenueFinding(u16, VenueFinding),
    /// Storage has passed its low mark, down (true) or up.
    StorageLow(bool),
    /// The host refused or lacks something; the gateway works without it.
    Finding(Finding),
    /// The journal cannot be written or made durable any more: nothing more is sent, all lines are
    /// closed.
    JournalFailed,
    /// The past was taken from the journal.
    Recovered {
        /// Records read.
        records: u64,
        /// Orders put back.
        orders: u64,
        /// The segment from which on records were read, behind a snapshot of what lies before.
        snapshot: Option<u32>,
    },
    /// A snapshot is safe on disk.
    SnapshotMade {
        /// The segment at which a start that takes it reads on.
        segment: u32,
        /// Records read for it.
        records: u64,
        /// Its length.
        bytes: u64,
    },
    /// A snapshot could not be made; the one before stays.
    SnapshotFailed {
        /// The segment at which a start would have read on.
        segment: u32,
        /// Why.
        fault: PastFault,
    },
    /// A snapshot is there and is not used.
    SnapshotRefused {
        /// The segment at which a start would have read on.
        segment: u32,
        /// Why.
        fault: PastFault,
    },
    /// An operator gave a command at the desk.
    Command {
        /// Number of its record, which says who, what and why.
        number: u64,
        /// Why it was refused; `None` where it was followed.
        refusal: Option<CommandRefusal>,
    },
    /// An operator brought tables without any account: an alarm. Those in force stay.
    AccountTableMissing,
    /// The tables file is another one than the tables that an operator put in force today, which
    /// stay; these.
    TablesKept(TablesVersion),
    /// The rest of an earlier start was torn and is not counted.
    TornTail {
        /// Segment of the day's chain.
        segment: u32,
        /// Byte offset of the torn record.
        position: u64,
        /// Bytes that are not counted.
        bytes: u64,
    },
}

impl Event {
    /// The event's name in JSON; stable.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Event::Listening(_) | Event::ListeningTls(_) => "listen",
            Event::MemberUp { .. } | Event::VenueUp(_) | Event::FeedUp(_) => "logon",
            Event::MemberDown { .. } | Event::VenueDown(..) | Event::FeedDown(..) => "logout",
            Event::StrangerRefused { .. } => "stranger_refused",
            Event::TlsRefused { .. } => "tls_refused",
            Event::StorageLow(_) => "low_space",
            Event::Finding(_) | Event::VenueFinding(..) => "finding",
            Event::JournalFailed => "journal_failed",
            Event::Recovered { .. } => "recovered",
            Event::SnapshotMade { .. } => "snapshot",
            Event::SnapshotFailed { .. } => "snapshot_failed",
            Event::SnapshotRefused { .. } => "snapshot_refused",
            Event::Command { .. } => "command",
            Event::AccountTableMissing => "account_table_missing",
            Event::TablesKept(_) => "tables_kept",
            Event::TornTail { .. } => "torn_tail",
        }
    }

    /// Whom it is about: a session's peer, a venue by its name, its feed (`KRX feed`); empty where
    /// it is about the process. Escaped for showing.
    #[must_use]
    pub fn peer(&self, config: &Config) -> String {
        match self {
            Event::MemberUp { member, .. } | Event::MemberDown { member, .. } => config
                .sessions
                .get(usize::from(*member))
                .map(|session| session.target_comp_id.to_string())
                // It came while running, by `gwanmun desk reload`.
                .unwrap_or_else(|| format!("session {member}")),
            Event::VenueUp(venue) | Event::VenueDown(venue, _) | Event::VenueFinding(venue, _) => {
                venue_name(config, *venue)
            }
            Event::FeedUp(venue) | Event::FeedDown(venue, _) => {
                format!("{} feed", venue_name(config, *venue))
            }
            Event::StrangerRefused { peer, .. } | Event::TlsRefused { peer, .. } => {
                peer.to_string()
            }
            _ => String::new(),
        }
    }

    /// What happened, in words.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Event::Listening(address) => format!("members at {address}"),
            Event::ListeningTls(address) => format!("members at {address} over TLS"),
            Event::MemberUp { peer, .. } => format!("from {peer}"),
            Event::MemberDown { reason, .. } => reason
                .map_or("line closed", DisconnectReason::as_text)
                .to_owned(),
            Event::StrangerRefused { fault, .. } => fault.text().to_owned(),
            Event::TlsRefused { fault, .. } => fault.text().to_owned(),
            Event::VenueUp(_) => "settled, orders flow".to_owned(),
            Event::FeedUp(_) => "tells market state".to_owned(),
            Event::VenueDown(_, fault) | Event::FeedDown(_, fault) => {
                fault.map_or("line closed".to_owned(), |it| format!("given up: {it:?}"))
            }
            Event::VenueFinding(_, finding) => finding.text().to_owned(),
            Event::StorageLow(true) => {
                "storage is low: only risk-reducing orders, cancels and reports".to_owned()
            }
            Event::StorageLow(false) => "storage suffices again".to_owned(),
            Event::Finding(finding) => {
                format!("{}: {}; {}", finding.what, finding.cause, finding.remedy)
            }
            Event::JournalFailed => {
                "the journal cannot be read, written or made durable: nothing more is sent, \
                 all lines are closed"
                    .to_owned()
            }
            Event::Recovered {
                records,
                orders,
                snapshot,
            } => recovered_text(*records, *orders, *snapshot),
            Event::SnapshotMade {
                segment,
                records,
                bytes,
            } => format!(
                "a start reads on from segment {segment}: {bytes} bytes, {records} records read \
                 for it"
            ),
            Event::SnapshotFailed { segment, fault } => format!(
                "no snapshot at segment {segment}: {}; the one before stays",
                fault.text()
            ),
            Event::SnapshotRefused { segment, fault } => {
                format!(
                    "the snapshot at segment {segment} is not used: {}",
                    fault.text()
                )
            }
            Event::Command { number, refusal } => command_text(*number, *refusal),
            Event::AccountTableMissing => ACCOUNT_TABLE_MISSING.to_owned(),
            Event::TablesKept(version) => format!(
                "tables {version} of today stay in force, which the tables file is not: `gwanmun \
                 desk tables` takes the file"
            ),
            Event::TornTail {
                segment,
                position,
                bytes,
            } => format!(
                "segment {segment} ends in a torn record: {bytes} bytes from byte {position} on \
                 do not count"
            ),
        }
    }
}

const ACCOUNT_TABLE_MISSING: &str = "tables without any account were brought to the desk: they \
                                     are not taken, those in force stay; is the tables file whole?";

fn command_text(number: u64, refusal: Option<CommandRefusal>) -> String {
    let outcome = refusal.map_or("followed", CommandRefusal::text);
    format!("a command at the desk, record {number}: {outcome}")
}

fn recovered_text(records: u64, orders: u64, snapshot: Option<u32>) -> String {
    match snapshot {
        None => format!("{records} records and {orders} orders of today taken from the journal"),
        Some(segment) => format!(
            "{orders} orders of today taken from the snapshot at segment {segment} and the \
             {records} records behind it"
        ),
    }
}

fn venue_name(config: &Config, venue: u16) -> String {
    let venue = config.venues.get(usize::from(venue));
    venue
        .map(|venue| venue.name.to_string())
        .unwrap_or_default()
}
