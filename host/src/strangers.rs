//! Lines before their Logon: a bounded list, a deadline each, and counters of why they were sent
//! away.
//!
//! What strangers say never reaches the members' journal. Their first bytes wait here, bounded, for
//! the end of the line; then they go to the store (see `stranger_store.rs`).

use std::net::SocketAddr;
use std::sync::mpsc::SyncSender;

use gwanmun_gateway::stranger::{STRANGER_STATE_BYTES, StrangerFault};
use gwanmun_runtime::transport::{ConnectionId, ListenerId};

use crate::stranger_store::{FIRST_BYTES_MAX, StrangerNote};

/// A line before its Logon.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StrangerLine {
    pub(crate) connection: ConnectionId,
    pub(crate) listener: ListenerId,
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) since_ns: u64,
    /// His Logon was recognised and the large buffers were asked for.
    pub(crate) is_promoted: bool,
}

/// A stranger and what he said.
struct Heard {
    line: StrangerLine,
    total: usize,
    first: [u8; FIRST_BYTES_MAX],
}

// Half is for the transport's places in its lists; a test of whole processes holds the sum to what
// is promised.
const _: () = assert!(size_of::<Heard>() <= STRANGER_STATE_BYTES / 2);

/// All of them.
pub(crate) struct Strangers {
    /// Invariant: never more than its capacity, so that pushing never allocates.
    lines: Vec<Heard>,
    /// Their connections in the same order: what is searched lies close together, since every
    /// message of a venue looks in here too.
    connections: Vec<ConnectionId>,
    /// Nobody here came before that: without it every look at deadlines would go through all.
    none_before_ns: u64,
    time_max_ns: u64,
    refused: [u64; StrangerFault::ALL.len()],
    notes: SyncSender<StrangerNote>,
    /// Notes for which the queue had no room.
    dropped: u64,
}

impl Strangers {
    /// Room for so many.
    pub(crate) fn new(
        connections_max: usize,
        time_max_ns: u64,
        notes: SyncSender<StrangerNote>,
    ) -> Strangers {
        let refused = [0; StrangerFault::ALL.len()];
        Strangers {
            lines: Vec::with_capacity(connections_max),
            connections: Vec::with_capacity(connections_max),
            none_before_ns: u64::MAX,
            time_max_ns,
            refused,
            notes,
            dropped: 0,
        }
    }

    /// A new one; `false` when there is no room.
    pub(crate) fn add(&mut self, line: StrangerLine) -> bool {
        let has_room = self.lines.len() < self.lines.capacity();
        if has_room {
            self.none_before_ns = self.none_before_ns.min(line.since_ns);
            self.connections.push(line.connection);
            self.lines.push(Heard {
                line,
                total: 0,
                first: [0; FIRST_BYTES_MAX],
            });
        }
        has_room
    }

    /// The stranger on a connection.
    pub(crate) fn find(&self, connection: ConnectionId) -> Option<StrangerLine> {
        let heard = self.lines.get(self.place(connection)?)?;
        Some(heard.line)
    }

    /// He is about to have the large buffers.
    pub(crate) fn promoted(&mut self, connection: ConnectionId) {
        if let Some(at) = self.place(connection)
            && let Some(heard) = self.lines.get_mut(at)
        {
            heard.line.is_promoted = true;
        }
    }

    /// Keeps what there is room for of all that a stranger has sent so far.
    pub(crate) fn hear(&mut self, connection: ConnectionId, bytes: &[u8]) {
        if let Some(at) = self.place(connection)
            && let Some(heard) = self.lines.get_mut(at)
        {
            let known = heard.total.min(FIRST_BYTES_MAX);
            let fresh = bytes.iter().zip(heard.first.iter_mut()).skip(known);
            for (from, to) in fresh {
                *to = *from;
            }
            heard.total = bytes.len();
        }
    }

    fn place(&self, connection: ConnectionId) -> Option<usize> {
        self.connections.iter().position(|&its| its == connection)
    }

    /// Forgets one who is a member now.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.take(connection);
    }

    fn take(&mut self, connection: ConnectionId) -> Option<Heard> {
        let at = self.place(connection)?;
        self.connections.swap_remove(at);
        Some(self.lines.swap_remove(at))
    }

    /// Forgets one who is gone or sent away, and hands on what he said. `false` when there is none.
    pub(crate) fn end(
        &mut self,
        connection: ConnectionId,
        fault: Option<StrangerFault>,
        now_ns: u64,
    ) -> bool {
        let Some(Heard { line, total, first }) = self.take(connection) else {
            return false;
        };
        if let Some(count) = fault.and_then(|fault| self.refused.get_mut(fault as usize)) {
            *count += 1;
        }
        let note = StrangerNote {
            since_ns: line.since_ns,
            until_ns: now_ns,
            peer: line.peer,
            local: line.local,
            fault,
            total: total as u64,
            first,
        };
        if self.notes.try_send(note).is_err() {
            self.dropped += 1;
        }
        true
    }

    /// How many were sent away, by fault.
    pub(crate) fn refused(&self) -> [u64; StrangerFault::ALL.len()] {
        self.refused
    }

    /// How many left without a note, as the queue was full.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The next one whose time is up.
    pub(crate) fn overdue(&mut self, now_ns: u64) -> Option<StrangerLine> {
        let is_overdue = |since_ns| now_ns.saturating_sub(since_ns) > self.time_max_ns;
        if !is_overdue(self.none_before_ns) {
            return None;
        }
        let lines = self.lines.iter().map(|heard| heard.line);
        let oldest = lines.min_by_key(|line| line.since_ns);
        self.none_before_ns = oldest.map_or(u64::MAX, |line| line.since_ns);
        oldest.filter(|line| is_overdue(line.since_ns))
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    fn line(number: u32) -> StrangerLine {
        StrangerLine {
            connection: ConnectionId(number),
            listener: ListenerId(0),
            peer: SocketAddr::from(([127, 0, 0, 1], 1)),
            local: SocketAddr::from(([127, 0, 0, 1], 2)),
            since_ns: 10,
            is_promoted: false,
        }
    }

    /// By the obvious twin: a list that is searched from its front.
    #[test]
    fn the_longest_waiting_goes_first_and_nobody_before_his_time() {
        let (notes, _noted) = sync_channel(1);
        let mut strangers = Strangers::new(8, 100, notes);
        assert!(strangers.overdue(u64::MAX).is_none());
        let mut twin: Vec<StrangerLine> = Vec::new();
        let mut number = 0;
        for now_ns in 0..2_000_u64 {
            if now_ns % 17 == 0 {
                number += 1;
                let came = StrangerLine {
                    since_ns: now_ns,
                    ..line(number)
                };
                assert_eq!(strangers.add(came), twin.len() < 8);
                if twin.len() < 8 {
                    twin.push(came);
                }
            }
            if now_ns % 29 == 0 && twin.len() > 3 {
                // One becomes a member, one leaves by himself.
                strangers.forget(twin.remove(1).connection);
                assert!(strangers.end(twin.remove(0).connection, None, now_ns));
            }
            let mut gone = 0;
            while let Some(overdue) = strangers.overdue(now_ns) {
                let first = twin.remove(0);
                assert_eq!(overdue.connection, first.connection, "at {now_ns}");
                assert!(now_ns - first.since_ns > 100);
                assert!(strangers.end(first.connection, None, now_ns));
                gone += 1;
            }
            let is_late = |line: &StrangerLine| now_ns - line.since_ns > 100;
            assert!(!twin.iter().any(is_late), "{gone} at {now_ns}");
            for line in &twin {
                let found = strangers.find(line.connection).map(|it| it.since_ns);
                assert_eq!(found, Some(line.since_ns));
            }
        }
        assert!(number > 100);
    }

    #[test]
    fn what_was_heard_leaves_with_the_line_or_is_counted() {
        let (notes, noted) = sync_channel(1);
        let mut strangers = Strangers::new(3, 5, notes);
        for number in 1..=3 {
            assert!(strangers.add(line(number)));
        }
        assert!(!strangers.add(line(4)), "no room");
        // Bytes come in pieces, each time with all before them, and beyond what is kept.
        let all: Vec<u8> = (0..=255).cycle().take(600).collect();
        for end in [0, 1, 300, 511, 512, 513, 600] {
            strangers.hear(ConnectionId(2), &all[..end]);
        }
        strangers.hear(ConnectionId(3), b"Logon");
        strangers.forget(ConnectionId(3));
        assert!(!strangers.end(ConnectionId(3), None, 20), "a member now");
        let fault = Some(StrangerFault::TooLong);
        assert!(strangers.end(ConnectionId(2), fault, 20));
        assert!(strangers.end(ConnectionId(1), None, 20));
        let note = noted.try_recv().unwrap();
        assert_eq!((note.total, note.fault), (600, fault));
        assert_eq!((note.since_ns, note.until_ns), (10, 20));
        assert_eq!(note.first, all[..FIRST_BYTES_MAX]);
        assert!(noted.try_recv().is_err());
        assert_eq!(strangers.dropped(), 1, "the queue had room for one");
        assert_eq!(strangers.refused().iter().sum::<u64>(), 1);
    }
}
