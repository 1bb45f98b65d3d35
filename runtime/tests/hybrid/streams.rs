//! Every byte arrives, and in order: many streams, a crooked wire, buffers that run out, and a
//! session that changes places in the middle of a message.

use std::io::Write;
use std::net::TcpStream;

use gwanmun_runtime::limits::raise_descriptors;
use gwanmun_runtime::transport::{Crooked, TransportTerms, Uring, Watcher, Wire};

use crate::server::{Draw, Sending, Server, all, terms};
use crate::support::{TURNS_MAX, byte_at, over_all};

/// Many peers send pieces of random length, some of them in bursts, to a server that takes what it
/// likes, and every stream arrives byte for byte.
fn streams<A: Watcher, W: Wire>(
    seed: u64,
    (count, whole): (usize, usize),
    server: &mut Server<A, W>,
) {
    let mut draw = Draw(seed);
    let mut peers: Vec<Sending> = Vec::new();
    while peers.len() < count {
        peers.push(Sending::new(TcpStream::connect(server.address).unwrap()));
        server.turn(&mut all);
    }
    server.until("all of them", |server| server.ids.len() == count);
    let mut busy = 0;
    for turn in 0..TURNS_MAX {
        if draw.one_in(40) {
            busy = draw.below(count);
        }
        for _ in 0..draw.below(8) {
            let number = if draw.one_in(2) {
                busy
            } else {
                draw.below(count)
            };
            let longest = if draw.one_in(8) { 3_000 } else { 90 };
            let length = 1 + draw.below(longest);
            peers[number].send(number, length, whole);
        }
        if draw.one_in(3) {
            let connection = server.ids[&peers[draw.below(count)].port];
            server.transport.sender().promote(connection);
        }
        if draw.one_in(4) {
            let connection = server.ids[&peers[draw.below(count)].port];
            server.transport.sender().deliver_again(connection);
        }
        server.turn(&mut |length| {
            // What is left over is asked for again, or nobody would ask once a stream is over.
            let taken = if draw.one_in(3) {
                draw.below(length + 1)
            } else {
                length
            };
            (taken, taken < length)
        });
        let is_over = |peer: &Sending| server.known[&peer.port].received.len() == whole;
        if turn.is_multiple_of(64) && peers.iter().all(is_over) {
            break;
        }
    }
    for (number, peer) in peers.iter().enumerate() {
        let expected: Vec<u8> = (0..whole).map(|at| byte_at(number, at)).collect();
        let known = &server.known[&peer.port];
        assert!(known.received == expected, "peer {number}, seed {seed}");
        assert!(known.ends.is_empty(), "peer {number}, seed {seed}");
    }
}

#[test]
fn streams_of_64_arrive_byte_for_byte() {
    raise_descriptors(4096).unwrap();
    for seed in 0..6 {
        let many = TransportTerms {
            connections_max: 64,
            promoted_max: 48,
            ..terms()
        };
        over_all!(many, |terms, watcher| {
            let mut server = Server::new(terms, watcher);
            streams(seed, (64, 9_000), &mut server);
            let counts = server.transport.counts();
            assert!(counts.heated > 10 && counts.cooled > 8, "{counts:?}");
        });
    }
}

#[test]
fn streams_of_512_arrive_byte_for_byte() {
    raise_descriptors(4096).unwrap();
    let many = TransportTerms {
        connections_max: 512,
        promoted_max: 500,
        hot_max: 8,
        ..terms()
    };
    over_all!(many, |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        streams(0x512, (512, 2_500), &mut server);
        assert!(server.transport.counts().cooled > 0);
    });
}

#[test]
fn a_crooked_wire_cuts_watched_streams_as_well() {
    for seed in 0..10_u64 {
        let piece = [1, 3, 64, 300, 5_000][usize::try_from(seed % 5).unwrap()];
        over_all!(terms(), |terms, watcher| {
            let wire = Crooked::new(seed, piece, 64);
            let mut server = Server::with_wire(terms, watcher, wire);
            streams(seed, (12, 2_000), &mut server);
        });
    }
}

#[test]
fn buffers_that_run_out_lose_nothing() {
    let tiny = TransportTerms {
        connections_max: 64,
        promoted_max: 48,
        lent_buffers: 2,
        stranger_lent_buffers: 1,
        lent_bytes: 32,
        ..terms()
    };
    for seed in 20..24 {
        over_all!(tiny, |terms, watcher| {
            streams(seed, (64, 3_000), &mut Server::new(terms, watcher));
        });
        if let Ok(uring) = Uring::new(&tiny) {
            let mut server = Server::new(tiny, uring);
            streams(seed, (64, 3_000), &mut server);
            assert!(server.transport.watcher().shortages() > 0, "seed {seed}");
        }
    }
}

#[test]
fn a_message_may_be_cut_anywhere_while_its_session_changes_places() {
    const LENGTH: usize = 48;
    let one = TransportTerms {
        hot_max: 1,
        ..terms()
    };
    over_all!(one, |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let (mut first, first_id) = server.member();
        let (mut second, _) = server.member();
        let mut expected = Vec::new();
        let mut cooled = 0;
        for cut in 1..LENGTH {
            let message: Vec<u8> = (0..LENGTH).map(|at| byte_at(cut, at)).collect();
            // Hot by speaking alone, cooled in the middle of a message by another's speaking.
            (0..9).for_each(|_| server.ping(&mut first));
            expected.extend_from_slice(&[b'.'; 9]);
            assert!(server.transport.is_hot(first_id));
            first.write_all(&message[..cut]).unwrap();
            for turn in 0..9 {
                // Some cuts are read before the passage, the others after it.
                if cut % 2 == 0 || turn > 0 {
                    server.ping(&mut second);
                }
            }
            server.ping(&mut second);
            cooled += u32::from(!server.transport.is_hot(first_id));
            first.write_all(&message[cut..]).unwrap();
            expected.extend_from_slice(&message);
            server.until("the message", |server| {
                server.received(&first).len() >= expected.len()
            });
            assert!(server.received(&first) == expected, "cut at {cut}");
        }
        assert!(cooled > 40, "{cooled}");
    });
}
