//! Transports on loopback, each test over every way to watch where they could differ.
//!
//! Nothing here sleeps or looks at a clock to decide: a test turns its transports until what it
//! waits for is there, and gives up after a number of turns that only a hang reaches.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use gwanmun_runtime::transport::{
    Best, ClosedReason, ConnectionId, Crooked, Epoll, Event, ListenerId, Plain, Straight,
    Transport, TransportError, TransportTerms, Uring, Watcher, Wire,
};

const TURNS_MAX: u32 = 5_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Accepted(ListenerId, ConnectionId),
    Connected(ConnectionId, u32),
    ConnectFailed(ConnectionId, u32, i32),
    Closed(ConnectionId, ClosedReason),
    Deadline(u64),
}

/// A transport with a record of what it told, taking all bytes unless told otherwise.
struct Side<A, W = Straight> {
    transport: Transport<A, W>,
    seen: Vec<Seen>,
    received: HashMap<ConnectionId, Vec<u8>>,
    /// Received events, and those that said full.
    deliveries: usize,
    full: usize,
    takes: bool,
    echoes: bool,
}

impl<A: Watcher, W: Wire> Side<A, W> {
    fn new(transport: Transport<A, W>) -> Self {
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

    fn turn(&mut self) {
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

    fn until(&mut self, what: &str, mut is_there: impl FnMut(&mut Self) -> bool) {
        for _ in 0..TURNS_MAX {
            self.turn();
            if is_there(self) {
                return;
            }
            std::thread::yield_now();
        }
        panic!("{what} never came; seen {:?}", self.seen);
    }

    fn send(&mut self, connection: ConnectionId, bytes: &[u8], gate: u64) {
        let sender = self.transport.sender();
        sender
            .reserve(connection, bytes.len())
            .unwrap()
            .copy_from_slice(bytes);
        sender.commit(connection, bytes.len(), gate);
    }

    fn accepted(&mut self) -> ConnectionId {
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

    fn closed(&mut self, connection: ConnectionId) -> ClosedReason {
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

fn terms() -> TransportTerms {
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

/// A byte that is different at neighbouring places, so that a swapped piece shows.
fn scrambled(place: u32) -> u8 {
    let [.., byte] = place.wrapping_mul(2_654_435_761).to_le_bytes();
    byte
}

fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// A side that listens, and its address.
fn listening<A: Watcher>(watcher: A) -> (Side<A>, SocketAddr) {
    let mut side = Side::new(Transport::new(terms(), watcher));
    let (listener, address) = side.transport.listen(loopback()).unwrap();
    assert_eq!(listener, ListenerId(0));
    (side, address)
}

/// Runs a test over every way to watch that the host permits.
macro_rules! over_all {
    ($check:ident) => {{
        $check(Plain::new().asking_every(1));
        match Epoll::new(&terms()) {
            Ok(epoll) => $check(epoll.asking_every(1)),
            Err(finding) => assert!(!finding.remedy.is_empty()),
        }
        match Uring::new(&terms()) {
            Ok(uring) => $check(uring),
            Err(finding) => assert!(!finding.remedy.is_empty()),
        }
    }};
}

#[test]
fn bytes_go_there_and_back() {
    fn check(watcher: impl Watcher) {
        let mut server = Side::new(Transport::new(terms(), watcher));
        server.echoes = true;
        let (_, four) = server.transport.listen(loopback()).unwrap();
        let addresses = match server.transport.listen("[::1]:0".parse().unwrap()) {
            Ok((listener, six)) => {
                assert_eq!(listener, ListenerId(1));
                vec![four, six]
            }
            // A host without IPv6.
            Err(_) => vec![four],
        };
        let mut client = Side::new(Transport::new(terms(), Plain::new()));
        for (token, address) in (7..).zip(addresses) {
            let connection = client.transport.connect(address, token).unwrap();
            client.until("connected", |client| {
                client.seen.contains(&Seen::Connected(connection, token))
            });
            let (local, peer) = client.transport.sender().addresses(connection).unwrap();
            assert_eq!(peer, address);
            assert_ne!(local.port(), 0);
            client.send(connection, b"8=FIX.4.4", 0);
            client.until("the echo", |client| {
                server.turn();
                client
                    .received
                    .get(&connection)
                    .is_some_and(|bytes| bytes == b"8=FIX.4.4")
            });
            assert_eq!(client.transport.sender().sent(connection), 9);
        }
    }
    over_all!(check);
}

#[test]
fn nothing_leaves_before_its_gate() {
    fn check(watcher: impl Watcher) {
        let (mut server, address) = listening(watcher);
        let mut peer = TcpStream::connect(address).unwrap();
        peer.set_nonblocking(true).unwrap();
        let connection = server.accepted();
        server.send(connection, b"first", 5);
        server.send(connection, b"second", 6);
        let mut told = Vec::new();
        let mut note = |id, length, before, _| told.push((id, length, before));
        for _ in 0..1_000 {
            server.transport.flush(4, &mut note);
        }
        let mut bytes = [0; 64];
        assert!(peer.read(&mut bytes).is_err());
        assert_eq!(server.transport.sender().queued(connection), 11);
        server.transport.flush(5, &mut note);
        server.transport.flush(5, &mut note);
        assert_eq!(peer.read(&mut bytes).unwrap(), 5);
        server.transport.flush(6, &mut note);
        assert_eq!(peer.read(&mut bytes).unwrap(), 6);
        assert_eq!(told, [(connection, 5, 0), (connection, 6, 5)]);
    }
    over_all!(check);
}

#[test]
fn a_crooked_wire_changes_nothing_but_the_pieces() {
    for seed in 0..20_u64 {
        let piece = [1, 2, 7, 100, 5_000][usize::try_from(seed % 5).unwrap()];
        let wire = Crooked::new(seed, piece, 64);
        let mut server = Side::new(Transport::with_wire(
            terms(),
            Plain::new().asking_every(1),
            wire,
        ));
        server.echoes = true;
        let (_, address) = server.transport.listen(loopback()).unwrap();
        let wire = Crooked::new(!seed, piece, 64);
        let mut client = Side::new(Transport::with_wire(terms(), Plain::new(), wire));
        let connection = client.transport.connect(address, 0).unwrap();
        client.until("connected", |client| {
            server.turn();
            !client.seen.is_empty()
        });
        let whole: Vec<u8> = (0..20_000_u32).map(scrambled).collect();
        let mut rest = whole.as_slice();
        client.until("all of it", |client| {
            server.turn();
            let length = rest.len().min(1 + rest.len() % 700);
            if let Some(room) = client.transport.sender().reserve(connection, length) {
                room.copy_from_slice(&rest[..length]);
                client.transport.sender().commit(connection, length, 0);
                rest = &rest[length..];
            }
            client
                .received
                .get(&connection)
                .is_some_and(|bytes| bytes.len() >= whole.len())
        });
        assert!(client.received[&connection] == whole, "seed {seed}");
    }
}

#[test]
fn a_full_buffer_is_told_once_and_loses_nothing() {
    fn check(watcher: impl Watcher) {
        let (mut server, address) = listening(watcher);
        server.takes = false;
        let mut peer = TcpStream::connect(address).unwrap();
        let connection = server.accepted();
        let whole: Vec<u8> = (0..2_000_u32).map(scrambled).collect();
        peer.write_all(&whole).unwrap();
        server.until("full", |server| server.full > 0);
        let deliveries = server.deliveries;
        for _ in 0..1_000 {
            server.turn();
        }
        assert_eq!(
            server.deliveries, deliveries,
            "an unchanged full buffer is not told again"
        );
        server.takes = true;
        server.transport.sender().deliver_again(connection);
        server.until("all of it", |server| {
            server
                .received
                .get(&connection)
                .is_some_and(|bytes| *bytes == whole)
        });
    }
    over_all!(check);
}

#[test]
fn what_arrived_before_the_end_comes_before_it() {
    fn check(watcher: impl Watcher) {
        let (mut server, address) = listening(watcher);
        let mut peer = TcpStream::connect(address).unwrap();
        peer.write_all(&[b'x'; 3_000]).unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        let connection = server.accepted();
        assert_eq!(server.closed(connection), ClosedReason::Peer);
        assert_eq!(server.received[&connection].len(), 3_000);
    }
    over_all!(check);
}

#[test]
fn a_reset_is_told_as_one() {
    fn check(watcher: impl Watcher) {
        let (mut server, address) = listening(watcher);
        let mut peer = TcpStream::connect(address).unwrap();
        let connection = server.accepted();
        server.send(connection, b"unread", 0);
        server.until("sent", |server| {
            server.transport.sender().sent(connection) == 6
        });
        peer.write_all(b"last words").unwrap();
        // Closing with unread bytes makes the peer's kernel break off instead of ending in order.
        drop(peer);
        assert_eq!(server.closed(connection), ClosedReason::Reset);
        assert_eq!(server.received[&connection], b"last words");
    }
    over_all!(check);
}

#[test]
fn sending_to_one_who_left_ends_without_a_signal() {
    fn check(watcher: impl Watcher) {
        let (mut server, address) = listening(watcher);
        server.takes = false;
        let peer = TcpStream::connect(address).unwrap();
        let connection = server.accepted();
        drop(peer);
        for _ in 0..TURNS_MAX {
            let Some(room) = server.transport.sender().reserve(connection, 4) else {
                break;
            };
            room.copy_from_slice(b"more");
            server.transport.sender().commit(connection, 4, 0);
            server.transport.flush(0, &mut |_, _, _, _| {});
        }
        let reason = server.closed(connection);
        assert!(
            matches!(reason, ClosedReason::Reset | ClosedReason::Peer),
            "{reason:?}"
        );
    }
    over_all!(check);
}

#[test]
fn closing_here_is_told_once_and_drops_what_waits() {
    fn check(watcher: impl Watcher) {
        let (mut server, address) = listening(watcher);
        let mut peer = TcpStream::connect(address).unwrap();
        let connection = server.accepted();
        server.send(connection, b"never sent", 9);
        server.transport.sender().close(connection);
        server.transport.sender().close(connection);
        server.transport.sender().close_after_flush(connection);
        assert_eq!(server.closed(connection), ClosedReason::Local);
        let mut bytes = Vec::new();
        assert_eq!(peer.read_to_end(&mut bytes).unwrap(), 0);
    }
    over_all!(check);
}

#[test]
fn closing_after_the_flush_brings_the_last_bytes_over() {
    fn check(watcher: impl Watcher) {
        let (mut server, address) = listening(watcher);
        server.takes = false;
        let mut peer = TcpStream::connect(address).unwrap();
        let connection = server.accepted();
        // Unread bytes on our side: closing at once would make the kernel take our last bytes back.
        peer.write_all(&[b'x'; 2_000]).unwrap();
        server.until("full", |server| server.full > 0);
        server.send(connection, b"Logout", 3);
        server.transport.sender().close_after_flush(connection);
        for _ in 0..100 {
            server.turn();
        }
        assert_eq!(
            server.transport.sender().queued(connection),
            6,
            "the gate still holds"
        );
        server.transport.flush(3, &mut |_, _, _, _| {});
        assert_eq!(server.closed(connection), ClosedReason::Local);
        let mut bytes = Vec::new();
        peer.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"Logout");
    }
    over_all!(check);
}

#[test]
fn a_connect_that_finds_nobody_is_told() {
    let (server, address) = listening(Plain::new());
    drop(server);
    let mut client = Side::new(Transport::new(terms(), Plain::new()));
    let connection = client.transport.connect(address, 42).unwrap();
    client.until("a failure", |client| !client.seen.is_empty());
    assert_eq!(client.seen, [Seen::ConnectFailed(connection, 42, 111)]);
    // One that is closed on its way is told as closed.
    let connection = client.transport.connect(address, 43).unwrap();
    client.transport.sender().close(connection);
    assert_eq!(client.closed(connection), ClosedReason::Local);
    // Slots come back; without one it says so.
    for _ in 0..10 {
        client.transport.connect(address, 0).unwrap();
        client.transport.connect(address, 0).unwrap();
        assert_eq!(
            client.transport.connect(address, 0),
            Err(TransportError::NoSlot)
        );
        let before = client.seen.len();
        client.until("two failures", |client| client.seen.len() == before + 2);
    }
}

#[test]
fn one_too_many_is_turned_away_and_numbers_are_not_used_again() {
    fn check(watcher: impl Watcher) {
        let small = TransportTerms {
            connections_max: 2,
            ..terms()
        };
        let mut server = Side::new(Transport::new(small, watcher));
        let (_, address) = server.transport.listen(loopback()).unwrap();
        let first = TcpStream::connect(address).unwrap();
        let _second = TcpStream::connect(address).unwrap();
        let mut third = TcpStream::connect(address).unwrap();
        server.until("a refusal", |server| {
            server.transport.counts().accepts_refused == 1
        });
        assert_eq!(server.seen.len(), 2);
        let mut bytes = [0; 1];
        assert_eq!(third.read(&mut bytes).unwrap(), 0);
        drop(first);
        let Seen::Accepted(_, gone) = server.seen[0] else {
            panic!("{:?}", server.seen)
        };
        assert_eq!(server.closed(gone), ClosedReason::Peer);
        let _fourth = TcpStream::connect(address).unwrap();
        server.until("the fourth", |server| server.seen.len() == 4);
        let Seen::Accepted(_, fourth) = server.seen[3] else {
            panic!("{:?}", server.seen)
        };
        assert!(
            server.seen[..2]
                .iter()
                .all(|seen| *seen != Seen::Accepted(ListenerId(0), fourth))
        );
    }
    over_all!(check);
}

#[test]
fn a_promoted_connection_keeps_its_bytes_and_gets_room() {
    fn check(watcher: impl Watcher) {
        let (mut server, address) = listening(watcher);
        server.takes = false;
        let mut peers: Vec<_> = (0..3)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        server.until("all three", |server| server.seen.len() == 3);
        let ids: Vec<_> = server
            .seen
            .iter()
            .filter_map(|seen| match seen {
                Seen::Accepted(_, connection) => Some(*connection),
                _ => None,
            })
            .collect();
        peers[0].write_all(&[b'a'; 600]).unwrap();
        server.until("full", |server| server.full > 0);
        server.send(ids[0], b"waiting", 1);
        for &connection in &ids {
            assert_eq!(server.transport.sender().capacity(connection), 512);
            server.transport.sender().promote(connection);
        }
        server.until("promoted", |server| {
            server.transport.counts().promotions_refused == 1
        });
        let large = |server: &mut Side<_>| {
            let sender = server.transport.sender();
            ids.iter()
                .filter(|&&connection| sender.capacity(connection) == 8192)
                .count()
        };
        assert_eq!(large(&mut server), 2);
        assert_eq!(server.transport.sender().queued(ids[0]), 7);
        server.takes = true;
        server.transport.sender().deliver_again(ids[0]);
        server.until("what waited", |server| {
            server
                .received
                .get(&ids[0])
                .is_some_and(|bytes| bytes.len() == 600)
        });
        server.transport.flush(1, &mut |_, _, _, _| {});
        let mut bytes = [0; 7];
        peers[0].read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"waiting");
        // A large buffer that comes back serves the next one.
        drop(peers);
        for &connection in &ids {
            server.closed(connection);
        }
        let _next = TcpStream::connect(address).unwrap();
        let before = server.seen.len();
        server.until("the next", |server| server.seen.len() > before);
        let Some(Seen::Accepted(_, next)) = server.seen.last().copied() else {
            panic!()
        };
        server.transport.sender().promote(next);
        server.until("promoted", |server| {
            server.transport.sender().capacity(next) == 8192
        });
    }
    over_all!(check);
}

#[test]
fn the_timer_fires_once_and_not_early() {
    fn check(watcher: impl Watcher) {
        let mut side = Side::new(Transport::new(terms(), watcher));
        for (first_ns, second_ns) in [
            (0, None),
            (2_000_000, None),
            (60_000_000_000, Some(1_000_000)),
        ] {
            let now_ns = side.transport.clock().now().ns;
            side.transport.set_deadline(Some(now_ns + first_ns));
            side.turn();
            let due_ns = now_ns + second_ns.unwrap_or(first_ns);
            side.transport
                .set_deadline(Some(due_ns).filter(|_| side.seen.is_empty()));
            side.until("the deadline", |side| !side.seen.is_empty());
            assert!(matches!(side.seen[..], [Seen::Deadline(at_ns)] if at_ns >= due_ns));
            for _ in 0..1_000 {
                side.turn();
            }
            assert_eq!(side.seen.len(), 1);
            side.seen.clear();
        }
        // One that is put off, and one that is stopped.
        let now_ns = side.transport.clock().now().ns;
        side.transport.set_deadline(Some(now_ns + 500_000));
        side.turn();
        side.transport.set_deadline(Some(now_ns + 3_000_000));
        side.until("the deadline", |side| !side.seen.is_empty());
        assert!(matches!(side.seen[..], [Seen::Deadline(at_ns)] if at_ns >= now_ns + 3_000_000));
        side.seen.clear();
        side.transport.set_deadline(Some(now_ns + 4_000_000));
        side.transport.set_deadline(None);
        side.until("its moment", |side| {
            side.transport.clock().now().ns > now_ns + 6_000_000
        });
        assert!(side.seen.is_empty());
    }
    over_all!(check);
}

#[test]
fn many_come_and_go_over_one_listener() {
    fn check(watcher: impl Watcher) {
        let (mut server, address) = listening(watcher);
        server.echoes = true;
        for round in 0..50 {
            let mut peers: Vec<_> = (0..8)
                .map(|_| TcpStream::connect(address).unwrap())
                .collect();
            for peer in &mut peers {
                peer.write_all(b"ping").unwrap();
            }
            server.until("all answered", |server| {
                server.received.len() == (round + 1) * 8
            });
            for peer in &mut peers {
                let mut bytes = [0; 4];
                peer.read_exact(&mut bytes).unwrap();
                assert_eq!(&bytes, b"ping");
            }
            drop(peers);
            server.until("all gone", |server| server.seen.len() == (round + 1) * 16);
        }
        let counts = server.transport.counts();
        assert_eq!((counts.accepts_refused, counts.accepts_failed), (0, 0));
    }
    over_all!(check);
    let (best, finding) = Best::new(&terms());
    assert!(best.is_uring() || finding.is_some());
    check(best);
}

#[test]
fn a_transport_may_be_made_on_another_thread_than_it_runs_on() {
    let (best, _) = Best::new(&terms());
    let (mut server, address) = listening(best);
    let runner = std::thread::spawn(move || {
        let connection = server.accepted();
        server.closed(connection)
    });
    drop(TcpStream::connect(address).unwrap());
    assert_eq!(runner.join().unwrap(), ClosedReason::Peer);
}

/// However large its own buffers are, a peer that reads nothing is let go in the end, and one that
/// reads is not.
#[test]
fn a_peer_that_does_not_read_is_let_go() {
    let terms = TransportTerms {
        not_reading_ns: 20_000_000,
        ..TransportTerms::default()
    };
    let mut server = Side::new(Transport::new(terms, Plain::new()));
    let (_, address) = server
        .transport
        .listen("127.0.0.1:0".parse().unwrap())
        .unwrap();
    let silent = TcpStream::connect(address).unwrap();
    let mut reader = TcpStream::connect(address).unwrap();
    reader.set_nonblocking(true).unwrap();
    let mut turns = 0;
    let (mut ended, mut peers) = (Vec::new(), HashMap::new());
    let mut buffer = vec![0; 1 << 16];
    while ended.is_empty() {
        server.turn();
        for seen in &server.seen {
            match *seen {
                Seen::Accepted(_, connection) if server.transport.sender().is_open(connection) => {
                    let sender = server.transport.sender();
                    peers.insert(connection, sender.addresses(connection).unwrap().1);
                    if let Some(room) = sender.reserve(connection, 4096) {
                        room.fill(7);
                        sender.commit(connection, 4096, 0);
                    }
                }
                Seen::Closed(connection, reason) => ended.push((connection, reason)),
                _ => {}
            }
        }
        server.transport.flush(u64::MAX, &mut |_, _, _, _| {});
        while reader.read(&mut buffer).is_ok_and(|length| length > 0) {}
        turns += 1;
        assert!(turns < TURNS_MAX, "nobody was let go");
    }
    let [(connection, reason)] = ended[..] else {
        panic!("{ended:?}");
    };
    assert_eq!(reason, ClosedReason::NotReading);
    assert_eq!(peers[&connection], silent.local_addr().unwrap());
}
