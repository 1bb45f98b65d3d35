//! One side of a connection: a transport with a record of what it told.

use std::collections::HashMap;
use std::net::SocketAddr;

use gwanmun_runtime::transport::{
    ClosedReason, ConnectionId, Event, ListenerId, Straight, Transport, TransportTerms, Watcher,
    Wire,
};

use crate::support::TURNS_MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Accepted(ListenerId, ConnectionId),
    Connected(ConnectionId, u32),
    ConnectFailed(ConnectionId, u32, i32),
    Closed(ConnectionId, ClosedReason),
    Deadline(u64),
}

/// A transport with a record of what it told, taking all bytes unless told otherwise.
pub(crate) struct Side<A, W = Straight> {
    pub(crate) transport: Transport<A, W>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) received: HashMap<ConnectionId, Vec<u8>>,
    /// Received events, and those that said full.
    pub(crate) deliveries: usize,
    pub(crate) full: usize,
    pub(crate) takes: bool,
    pub(crate) echoes: bool,
}

impl<A: Watcher, W: Wire> Side<A, W> {
    pub(crate) fn new(transport: Transport<A, W>) -> Self {
        let (seen, received) = (Vec::new(), HashMap::new());
        Self {
            transport,
            seen,
            received,
            deliveries: 0,
            full: 0,
            takes: true,
            echoes: false,
        }
    }

    pub(crate) fn turn(&mut self) {
        let Self {
            transport,
            seen,
            received,
            deliveries,
            full,
            takes,
            echoes,
        } = self;
        transport.poll(&mut |event, sender| {
            match event {
                Event::Accepted {
                    listener,
                    connection,
                    ..
                } => {
                    seen.push(Seen::Accepted(listener, connection));
                }
                Event::Connected {
                    connection, token, ..
                } => {
                    seen.push(Seen::Connected(connection, token));
                }
                Event::ConnectFailed {
                    connection,
                    token,
                    error,
                    ..
                } => {
                    seen.push(Seen::ConnectFailed(connection, token, error.0));
                }
                Event::Closed {
                    connection, reason, ..
                } => {
                    seen.push(Seen::Closed(connection, reason));
                }
                Event::Deadline { stamp } => seen.push(Seen::Deadline(stamp.ns)),
                Event::Received {
                    connection,
                    bytes,
                    is_full,
                    ..
                } => {
                    *deliveries += 1;
                    *full += usize::from(is_full);
                    if *echoes {
                        let Some(room) = sender.reserve(connection, bytes.len()) else {
                            sender.deliver_again(connection);
                            return 0;
                        };
                        room.copy_from_slice(bytes);
                        sender.commit(connection, bytes.len(), 0);
                    } else if !*takes {
                        return 0;
                    }
                    received
                        .entry(connection)
                        .or_default()
                        .extend_from_slice(bytes);
                    return bytes.len();
                }
            }
            0
        });
        self.transport.flush(0, &mut |_, _, _, _| {});
    }

    pub(crate) fn until(&mut self, what: &str, mut is_there: impl FnMut(&mut Self) -> bool) {
        for _ in 0..TURNS_MAX {
            self.turn();
            if is_there(self) {
                return;
            }
            std::thread::yield_now();
        }
        panic!("{what} never came; seen {:?}", self.seen);
    }

    pub(crate) fn send(&mut self, connection: ConnectionId, bytes: &[u8], gate: u64) {
        let sender = self.transport.sender();
        sender
            .reserve(connection, bytes.len())
            .unwrap()
            .copy_from_slice(bytes);
        sender.commit(connection, bytes.len(), gate);
    }

    pub(crate) fn accepted(&mut self) -> ConnectionId {
        let mut found = None;
        self.until("a connection", |side| {
            found = side.seen.iter().find_map(|seen| match seen {
                Seen::Accepted(_, connection) => Some(*connection),
                _ => None,
            });
            found.is_some()
        });
        found.unwrap()
    }

    pub(crate) fn closed(&mut self, connection: ConnectionId) -> ClosedReason {
        let mut found = None;
        self.until("an end", |side| {
            found = side.seen.iter().find_map(|seen| match seen {
                Seen::Closed(closed, reason) if *closed == connection => Some(*reason),
                _ => None,
            });
            found.is_some()
        });
        for _ in 0..100 {
            self.turn();
        }
        let ends = |seen: &&Seen| matches!(seen, Seen::Closed(closed, _) if *closed == connection);
        assert_eq!(
            self.seen.iter().filter(ends).count(),
            1,
            "told exactly once"
        );
        assert!(!self.transport.sender().is_open(connection));
        assert!(self.transport.sender().reserve(connection, 1).is_none());
        found.unwrap()
    }
}

pub(crate) fn terms() -> TransportTerms {
    TransportTerms {
        connections_max: 8,
        outbound_max: 2,
        promoted_max: 2,
        receive_bytes: 4096,
        send_bytes: 8192,
        stranger_receive_bytes: 512,
        stranger_send_bytes: 512,
        ..TransportTerms::default()
    }
}

pub(crate) fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// A side that listens, and its address.
pub(crate) fn listening<A: Watcher>(watcher: A) -> (Side<A>, SocketAddr) {
    let mut side = Side::new(Transport::new(terms(), watcher));
    let (listener, address) = side.transport.listen(loopback()).unwrap();
    assert_eq!(listener, ListenerId(0));
    (side, address)
}
