//! What is sent arrives whole and in order, behind its gate, through full buffers and a promotion.

use std::io::{Read, Write};
use std::net::TcpStream;

use gwanmun_runtime::transport::{Crooked, ListenerId, Plain, Transport, Watcher};

use crate::side::{Seen, Side, listening, loopback, terms};
use crate::support::{byte_at, over_all};

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
    over_all!(terms(), |_, watcher| check(watcher));
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
    over_all!(terms(), |_, watcher| check(watcher));
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
        let whole: Vec<u8> = (0..20_000).map(|at| byte_at(0, at)).collect();
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
        let whole: Vec<u8> = (0..2_000).map(|at| byte_at(0, at)).collect();
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
    over_all!(terms(), |_, watcher| check(watcher));
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
    over_all!(terms(), |_, watcher| check(watcher));
}
