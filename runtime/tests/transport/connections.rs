//! Connections come, are refused and leave their slots to the next, on whichever thread.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;

use gwanmun_runtime::transport::{
    Best, ClosedReason, Event, ListenerId, Plain, Transport, TransportError, TransportTerms,
    Watcher,
};

use crate::side::{Seen, Side, listening, loopback, terms};
use crate::support::over_all;

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
    over_all!(terms(), |_, watcher| check(watcher));
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
    over_all!(terms(), |_, watcher| check(watcher));
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

/// The near end of a relay is a connection like any other, with the addresses that it was given.
#[test]
fn a_stream_that_somebody_else_accepted_is_adopted() {
    fn check(watcher: impl Watcher) {
        let small = TransportTerms {
            connections_max: 2,
            ..terms()
        };
        let mut server = Side::new(Transport::new(small, watcher));
        server.echoes = true;
        let ends = (
            SocketAddr::from(([10, 0, 0, 1], 1)),
            SocketAddr::from(([10, 9, 8, 7], 6)),
        );
        let mut pairs = Vec::new();
        for number in 0..3 {
            let (near, far) = UnixStream::pair().unwrap();
            near.set_nonblocking(true).unwrap();
            far.set_nonblocking(true).unwrap();
            let mut seen = None;
            let listener = ListenerId(7);
            let adopted = server
                .transport
                .adopt(listener, near.into(), ends, &mut |event, _| {
                    if let Event::Accepted {
                        listener,
                        connection,
                        peer,
                        local,
                        ..
                    } = event
                    {
                        assert_eq!((listener, (local, peer)), (ListenerId(7), ends));
                        seen = Some(connection);
                    }
                    0
                });
            assert_eq!(adopted, seen);
            assert_eq!(adopted.is_some(), number < 2, "there are two slots");
            pairs.push((adopted, far));
        }
        assert_eq!(server.transport.counts().accepts_refused, 1);
        let (_, mut refused) = pairs.pop().unwrap();
        assert_eq!(refused.read(&mut [0; 1]).unwrap(), 0);
        for (adopted, mut far) in pairs {
            let connection = adopted.unwrap();
            assert_eq!(server.transport.sender().addresses(connection), Some(ends));
            far.write_all(b"there and back").unwrap();
            let mut back = Vec::new();
            server.until("an echo", |_| {
                let mut bytes = [0; 64];
                if let Ok(length) = far.read(&mut bytes) {
                    back.extend_from_slice(&bytes[..length]);
                }
                back.len() == 14
            });
            assert_eq!(back, b"there and back");
            drop(far);
            assert_eq!(server.closed(connection), ClosedReason::Peer);
        }
    }
    over_all!(terms(), |_, watcher| check(watcher));
}
