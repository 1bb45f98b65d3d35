//! More than is read, from one peer or from many: nobody else is held up, and nothing is lost.

use std::io::Write;
use std::net::TcpStream;

use gwanmun_runtime::limits::raise_descriptors;
use gwanmun_runtime::transport::{ConnectionId, TransportTerms};

use crate::server::{Sending, Server, all, terms};
use crate::support::{TURNS_MAX, byte_at, over_all};

#[test]
fn one_that_is_not_read_holds_nobody_up_and_loses_nothing() {
    const WHOLE: usize = 60_000;
    over_all!(terms(), |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let (others, _) = (server.member(), server.member());
        let (slow, slow_id) = server.member();
        let (stranger, stranger_id) = server.peer();
        let mut floods = [Sending::new(slow), Sending::new(stranger)];
        let mut nothing = |_| (0, false);
        for _ in 0..400 {
            for (number, flood) in floods.iter_mut().enumerate() {
                flood.send(number, 500, WHOLE);
            }
            server.turn(&mut nothing);
        }
        // Both are full, and a third is served as ever.
        let (mut bystander, _) = server.peer();
        let port = bystander.local_addr().unwrap().port();
        for length in 1..=50 {
            bystander.write_all(b".").unwrap();
            for _ in 0..TURNS_MAX {
                // Only the bystander ever has so little.
                server.turn(&mut |waiting| {
                    if waiting < 4 {
                        all(waiting)
                    } else {
                        (0, false)
                    }
                });
                if server.known[&port].received.len() == length {
                    break;
                }
            }
            assert_eq!(server.known[&port].received.len(), length);
        }
        for id in [slow_id, stranger_id] {
            server.transport.sender().deliver_again(id);
        }
        server.until("the rest", |server| {
            floods.iter_mut().enumerate().all(|(number, flood)| {
                flood.send(number, 5_000, WHOLE);
                server.known[&flood.port].received.len() == WHOLE
            })
        });
        for (number, flood) in floods.iter().enumerate() {
            let expected: Vec<u8> = (0..WHOLE).map(|at| byte_at(number, at)).collect();
            assert!(server.known[&flood.port].received == expected);
        }
        drop(others);
    });
}

#[test]
fn a_flood_of_strangers_leaves_members_their_bytes() {
    raise_descriptors(4096).unwrap();
    let many = TransportTerms {
        connections_max: 220,
        promoted_max: 8,
        ..terms()
    };
    over_all!(many, |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let mut members: Vec<_> = (0..5).map(|_| server.member()).collect();
        let mut strangers: Vec<Sending> = Vec::new();
        let mut said = 0;
        for round in 0..300 {
            if strangers.len() < 230 {
                strangers.push(Sending::new(TcpStream::connect(server.address).unwrap()));
            }
            for (number, stranger) in strangers.iter_mut().enumerate() {
                let piece: Vec<u8> = (0..60).map(|at| byte_at(number, at)).collect();
                // Those beyond the limit are closed.
                let _ = stranger.stream.write(&piece);
            }
            said += 1;
            let (member, _) = &mut members[round % 5];
            server.ping(member);
        }
        let received = |(peer, _): &(TcpStream, ConnectionId)| server.received(peer).len();
        assert_eq!(members.iter().map(received).sum::<usize>(), said);
        assert!(server.transport.counts().accepts_refused > 0);
    });
}

/// Bytes that one peer writes in one go, all of which the kernel takes.
const BURST: usize = 30_000;

fn fair(hot_max: usize) -> TransportTerms {
    TransportTerms {
        receive_bytes: 32 * 1024,
        turn_bytes: 500,
        hot_max,
        ..terms()
    }
}

#[test]
fn a_burst_of_one_lets_others_in_between() {
    const PINGS: usize = 12;
    for hot_max in [2, 1, 0] {
        over_all!(fair(hot_max), |terms: TransportTerms, watcher| {
            let mut server = Server::new(terms, watcher);
            let (burst, _) = server.member();
            let (mut bystander, _) = server.member();
            let mut burst = Sending::new(burst);
            server.ping(&mut bystander);
            burst.send(0, BURST, BURST);
            assert_eq!(burst.sent, BURST);
            for _ in 0..PINGS {
                let before = server.received(&burst.stream).len();
                server.ping(&mut bystander);
                let between = server.received(&burst.stream).len() - before;
                assert!(
                    between <= 4 * terms.turn_bytes,
                    "{hot_max}: {between} bytes"
                );
            }
            let so_far = server.received(&burst.stream).len();
            assert!(0 < so_far && so_far < BURST, "{hot_max}: {so_far}");
            server.until("all of the burst", |server| {
                server.received(&burst.stream).len() == BURST
            });
            let expected: Vec<u8> = (0..BURST).map(|at| byte_at(0, at)).collect();
            assert!(server.received(&burst.stream) == expected);
        });
    }
}

#[test]
fn a_burst_of_one_who_is_alone_comes_as_a_whole() {
    over_all!(fair(2), |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let (mut alone, _) = server.member();
        server.ping(&mut alone);
        let mut burst = Sending::new(alone);
        burst.send(0, BURST, BURST);
        server.turn(&mut all);
        assert_eq!(server.received(&burst.stream).len(), 1 + BURST);
        // With company it is cut up.
        let company = server.member();
        burst.send(0, BURST, 2 * BURST);
        server.turn(&mut all);
        assert_eq!(server.received(&burst.stream).len(), 1 + BURST + 500);
        drop(company);
    });
}
