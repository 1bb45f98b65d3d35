//! A server that keeps what it was told under each peer's port, peers that know how much they have
//! sent, and numbers from a seed.

use std::collections::HashMap;
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};

use gwanmun_runtime::transport::{
    ClosedReason, ConnectionId, Event, Straight, Transport, TransportTerms, Watcher, Wire,
};

use crate::support::{TURNS_MAX, byte_at};

/// A sequence of numbers from a seed (SplitMix64).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

pub(crate) fn terms() -> TransportTerms {
    TransportTerms {
        connections_max: 16,
        outbound_max: 1,
        promoted_max: 16,
        receive_bytes: 2048,
        send_bytes: 4096,
        stranger_receive_bytes: 512,
        stranger_send_bytes: 512,
        hot_max: 2,
        lent_buffers: 16,
        stranger_lent_buffers: 16,
        lent_bytes: 256,
        linger_ns: 0,
        ..TransportTerms::default()
    }
}

/// What a server knows of one connection.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) received: Vec<u8>,
    pub(crate) ends: Vec<ClosedReason>,
}

/// A transport that listens, and what it told, by the peer's own port.
pub(crate) struct Server<A, W = Straight> {
    pub(crate) transport: Transport<A, W>,
    pub(crate) address: SocketAddr,
    pub(crate) ports: HashMap<ConnectionId, u16>,
    pub(crate) ids: HashMap<u16, ConnectionId>,
    pub(crate) known: HashMap<u16, Known>,
}

/// What a server does with waiting bytes: how many it takes, and whether it wants them again.
pub(crate) type Appetite<'a> = &'a mut dyn FnMut(usize) -> (usize, bool);

pub(crate) fn all(length: usize) -> (usize, bool) {
    (length, false)
}

impl<A: Watcher> Server<A> {
    pub(crate) fn new(terms: TransportTerms, watcher: A) -> Self {
        Self::with_wire(terms, watcher, Straight)
    }
}

impl<A: Watcher, W: Wire> Server<A, W> {
    pub(crate) fn with_wire(terms: TransportTerms, watcher: A, wire: W) -> Self {
        let mut transport = Transport::with_wire(terms, watcher, wire);
        let (_, address) = transport.listen("127.0.0.1:0".parse().unwrap()).unwrap();
        Self {
            transport,
            address,
            ports: HashMap::new(),
            ids: HashMap::new(),
            known: HashMap::new(),
        }
    }

    pub(crate) fn turn(&mut self, appetite: Appetite<'_>) -> usize {
        let Self {
            transport,
            ports,
            ids,
            known,
            ..
        } = self;
        let events = transport.poll(&mut |event, sender| {
            match event {
                Event::Accepted {
                    connection, peer, ..
                } => {
                    ports.insert(connection, peer.port());
                    ids.insert(peer.port(), connection);
                    known.insert(peer.port(), Known::default());
                }
                Event::Closed {
                    connection, reason, ..
                } => {
                    let known = known.get_mut(&ports[&connection]).unwrap();
                    known.ends.push(reason);
                }
                Event::Received {
                    connection,
                    bytes,
                    fresh,
                    ..
                } => {
                    assert!(fresh <= bytes.len());
                    let known = known.get_mut(&ports[&connection]).unwrap();
                    assert!(known.ends.is_empty(), "bytes behind the end");
                    let (taken, again) = appetite(bytes.len());
                    known.received.extend_from_slice(&bytes[..taken]);
                    if again {
                        sender.deliver_again(connection);
                    }
                    return taken;
                }
                _ => {}
            }
            0
        });
        self.transport.flush(0, &mut |_, _, _, _| {});
        events
    }

    pub(crate) fn until(&mut self, what: &str, mut is_there: impl FnMut(&mut Self) -> bool) {
        for _ in 0..TURNS_MAX {
            self.turn(&mut all);
            if is_there(self) {
                return;
            }
        }
        panic!("{what} never came");
    }

    /// A new peer, accepted.
    pub(crate) fn peer(&mut self) -> (TcpStream, ConnectionId) {
        let peer = TcpStream::connect(self.address).unwrap();
        let port = peer.local_addr().unwrap().port();
        self.until("a connection", |server| server.ids.contains_key(&port));
        (peer, self.ids[&port])
    }

    /// A new peer, accepted and promoted.
    pub(crate) fn member(&mut self) -> (TcpStream, ConnectionId) {
        let (peer, connection) = self.peer();
        self.transport.sender().promote(connection);
        self.turn(&mut all);
        assert_eq!(self.transport.sender().capacity(connection), 4096);
        (peer, connection)
    }

    pub(crate) fn received(&self, peer: &TcpStream) -> &[u8] {
        &self.known[&peer.local_addr().unwrap().port()].received
    }

    /// Sends one byte and waits until it is there, so that it is one receive.
    pub(crate) fn ping(&mut self, peer: &mut TcpStream) {
        let before = self.received(peer).len();
        peer.write_all(b".").unwrap();
        self.until("a byte", |server| server.received(peer).len() > before);
    }
}

/// A peer with its place in what it sends.
pub(crate) struct Sending {
    pub(crate) stream: TcpStream,
    pub(crate) port: u16,
    pub(crate) sent: usize,
}

impl Sending {
    pub(crate) fn new(stream: TcpStream) -> Self {
        stream.set_nonblocking(true).unwrap();
        let port = stream.local_addr().unwrap().port();
        Self {
            stream,
            port,
            sent: 0,
        }
    }

    /// Sends at most `length` bytes, as the socket takes them, up to `whole` altogether.
    pub(crate) fn send(&mut self, number: usize, length: usize, whole: usize) {
        let end = whole.min(self.sent + length);
        let piece: Vec<u8> = (self.sent..end).map(|at| byte_at(number, at)).collect();
        match self.stream.write(&piece) {
            Ok(written) => self.sent += written,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
}
