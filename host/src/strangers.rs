//! Lines before their Logon: a bounded list, a deadline each, and counters of why they were sent
//! away.
//!
//! What strangers say never reaches the members' journal; only these counters and the operator's
//! log tell of them.

use std::net::SocketAddr;

use gwanmun_gateway::stranger::StrangerFault;
use gwanmun_runtime::transport::{ConnectionId, ListenerId};

/// A line before its Logon.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StrangerLine {
    pub(crate) connection: ConnectionId,
    pub(crate) listener: ListenerId,
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) since_ns: u64,
}

/// All of them.
pub(crate) struct Strangers {
    /// Invariant: never more than its capacity, so that pushing never allocates.
    lines: Vec<StrangerLine>,
    time_max_ns: u64,
    refused: [u64; StrangerFault::ALL.len()],
}

impl Strangers {
    /// Room for so many.
    pub(crate) fn new(connections_max: usize, time_max_ns: u64) -> Strangers {
        let refused = [0; StrangerFault::ALL.len()];
        Strangers {
            lines: Vec::with_capacity(connections_max),
            time_max_ns,
            refused,
        }
    }

    /// A new one; `false` when there is no room.
    pub(crate) fn add(&mut self, line: StrangerLine) -> bool {
        let has_room = self.lines.len() < self.lines.capacity();
        if has_room {
            self.lines.push(line);
        }
        has_room
    }

    /// The stranger on a connection.
    pub(crate) fn find(&self, connection: ConnectionId) -> Option<StrangerLine> {
        self.lines
            .iter()
            .find(|line| line.connection == connection)
            .copied()
    }

    /// Forgets one: gone, refused, or a member now.
    pub(crate) fn forget(&mut self, connection: ConnectionId) -> Option<StrangerLine> {
        let at = self
            .lines
            .iter()
            .position(|line| line.connection == connection)?;
        Some(self.lines.swap_remove(at))
    }

    /// Counts a refusal.
    pub(crate) fn count(&mut self, fault: StrangerFault) {
        if let Some(count) = self.refused.get_mut(fault as usize) {
            *count += 1;
        }
    }

    /// How many were sent away, by fault.
    pub(crate) fn refused(&self) -> [u64; StrangerFault::ALL.len()] {
        self.refused
    }

    /// The next one whose time is up.
    pub(crate) fn overdue(&self, now_ns: u64) -> Option<StrangerLine> {
        let is_overdue =
            |line: &&StrangerLine| now_ns.saturating_sub(line.since_ns) > self.time_max_ns;
        self.lines.iter().find(is_overdue).copied()
    }
}

/// Connections that are on record: their end must be, too.
pub(crate) struct Journaled {
    /// Invariant: never more than its capacity.
    connections: Vec<ConnectionId>,
}

impl Journaled {
    /// Room for so many.
    pub(crate) fn new(connections_max: usize) -> Journaled {
        Journaled {
            connections: Vec::with_capacity(connections_max),
        }
    }

    /// Whether all that began has ended.
    pub(crate) fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }

    /// A connection whose beginning is on record.
    pub(crate) fn add(&mut self, connection: ConnectionId) {
        debug_assert!(self.connections.len() < self.connections.capacity());
        if self.connections.len() < self.connections.capacity() {
            self.connections.push(connection);
        }
    }

    /// Its end; `false` when its beginning was not on record.
    pub(crate) fn remove(&mut self, connection: ConnectionId) -> bool {
        let at = self.connections.iter().position(|&its| its == connection);
        at.map(|at| self.connections.swap_remove(at)).is_some()
    }
}
