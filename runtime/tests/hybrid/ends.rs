//! How connections end: at any moment, told once, behind the last bytes, and forgotten by the slot.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use gwanmun_runtime::transport::{ClosedReason, TransportTerms};

use crate::server::{Draw, Sending, Server, all, terms};
use crate::support::{TURNS_MAX, byte_at, over_all};

/// Ends a peer's connection by a reset.
fn reset(peer: TcpStream) {
    rustix::net::sockopt::set_socket_linger(&peer, Some(std::time::Duration::ZERO)).unwrap();
    drop(peer);
}

#[test]
fn peers_that_leave_at_any_moment_are_told_once_and_in_order() {
    for seed in 0..40_u64 {
        over_all!(terms(), |terms, watcher| {
            let mut draw = Draw(seed);
            let mut server = Server::new(terms, watcher);
            // Who sent how much, and whether all of it has to arrive.
            let mut left: Vec<(u16, usize, bool)> = Vec::new();
            let mut here: Vec<(Sending, u32)> = Vec::new();
            for number in 0..60 {
                let peer = TcpStream::connect(server.address).unwrap();
                here.push((Sending::new(peer), number));
                for _ in 0..draw.below(12) {
                    let place = draw.below(here.len());
                    let (peer, number) = &mut here[place];
                    let id = server.ids.get(&peer.port).copied();
                    match draw.below(6) {
                        0 => drop(id.map(|id| server.transport.sender().promote(id))),
                        1 => drop(id.map(|id| server.transport.sender().keep_hot(id))),
                        2 | 3 => {
                            peer.send(*number as usize, 1 + draw.below(400), usize::MAX);
                        }
                        _ => drop(server.turn(&mut all)),
                    }
                }
                while here.len() > 12 || (!here.is_empty() && draw.one_in(3)) {
                    let (peer, _) = here.remove(draw.below(here.len()));
                    let is_orderly = draw.one_in(2);
                    left.push((peer.port, peer.sent, is_orderly));
                    if is_orderly {
                        peer.stream.shutdown(Shutdown::Both).unwrap();
                    } else {
                        reset(peer.stream);
                    }
                    if draw.one_in(2) {
                        server.turn(&mut all);
                    }
                }
            }
            for (peer, _) in here.drain(..) {
                left.push((peer.port, peer.sent, true));
            }
            let mut quiet = 0;
            server.until("quiet", |server| {
                let is_over =
                    |port: &u16| server.known.get(port).is_none_or(|it| it.ends.len() == 1);
                quiet += u32::from(left.iter().all(|(port, ..)| is_over(port)));
                quiet > 200
            });
            for (port, sent, is_orderly) in left {
                // One that was reset in the backlog, or came when all slots were taken, is unknown.
                let Some(known) = server.known.get(&port) else {
                    continue;
                };
                assert_eq!(known.ends.len(), 1, "seed {seed}");
                let length = known.received.len();
                assert!(
                    length == sent || (!is_orderly && length < sent),
                    "seed {seed}"
                );
            }
        });
    }
}

#[test]
fn a_slot_s_next_connection_hears_nothing_of_the_last() {
    let one = TransportTerms {
        connections_max: 1,
        hot_max: 1,
        lent_bytes: 8,
        ..terms()
    };
    for seed in 0..4 {
        over_all!(one, |terms, watcher| {
            let mut draw = Draw(seed);
            let mut server = Server::new(terms, watcher);
            for number in 0..150_usize {
                let refused = server.transport.counts().accepts_refused;
                let (mut peer, id) = server.peer();
                assert_eq!(server.transport.counts().accepts_refused, refused);
                if draw.one_in(3) {
                    server.transport.sender().promote(id);
                }
                let bytes: Vec<u8> = (0..200).map(|at| byte_at(number, at)).collect();
                peer.write_all(&bytes).unwrap();
                for _ in 0..draw.below(3) {
                    server.turn(&mut |length| (length, false));
                }
                // Here or there, with bytes still on their way.
                match draw.below(4) {
                    0 => server.transport.sender().close(id),
                    1 => server.transport.sender().close_after_flush(id),
                    2 => reset(peer.try_clone().unwrap()),
                    _ => peer.shutdown(Shutdown::Both).unwrap(),
                }
                let port = peer.local_addr().unwrap().port();
                drop(peer);
                server.until("its end", |server| !server.known[&port].ends.is_empty());
                let received = &server.known[&port].received;
                assert!(
                    bytes.starts_with(received),
                    "seed {seed}, connection {number}"
                );
                server.ids.clear();
                server.known.clear();
                server.turn(&mut all);
            }
        });
    }
}

#[test]
fn the_peer_of_a_watched_connection_sees_its_end() {
    over_all!(terms(), |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        for is_member in [false, true, true, true, false] {
            let (mut peer, id) = server.peer();
            if is_member {
                server.transport.sender().promote(id);
            }
            server.turn(&mut all);
            server.transport.sender().close(id);
            peer.set_nonblocking(true).unwrap();
            server.until("the end", |_| {
                peer.read(&mut [0]).is_ok_and(|length| length == 0)
            });
        }
    });
}

/// Bytes that are asked for once more, as behind a promotion, are delivered before the end that
/// came meanwhile.
#[test]
fn what_is_to_be_delivered_again_comes_before_the_end() {
    over_all!(terms(), |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        for is_promoted in [false, true] {
            let (mut peer, connection) = server.peer();
            peer.write_all(b"hello").unwrap();
            peer.shutdown(Shutdown::Write).unwrap();
            let mut looks = 0;
            for _ in 0..TURNS_MAX {
                let mut is_asking = false;
                server.turn(&mut |length| {
                    looks += 1;
                    is_asking = looks < 3 || length < 5;
                    if is_asking {
                        (0, true)
                    } else {
                        (length, false)
                    }
                });
                if is_asking && is_promoted && looks == 1 {
                    server.transport.sender().promote(connection);
                }
                let port = peer.local_addr().unwrap().port();
                if !server.known[&port].ends.is_empty() {
                    break;
                }
            }
            assert_eq!(server.received(&peer), b"hello", "promoted: {is_promoted}");
            let port = peer.local_addr().unwrap().port();
            assert_eq!(server.known[&port].ends, [ClosedReason::Peer]);
        }
    });
}
