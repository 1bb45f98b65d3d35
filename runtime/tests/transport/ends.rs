//! How a connection ends, by either side, and that its end is told once and in order.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use gwanmun_runtime::transport::{ClosedReason, Plain, Transport, TransportTerms, Watcher};

use crate::side::{Seen, Side, listening, terms};
use crate::support::{TURNS_MAX, over_all};

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
    over_all!(terms(), |_, watcher| check(watcher));
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
    over_all!(terms(), |_, watcher| check(watcher));
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
    over_all!(terms(), |_, watcher| check(watcher));
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
    over_all!(terms(), |_, watcher| check(watcher));
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
    over_all!(terms(), |_, watcher| check(watcher));
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
