//! Hot and watched connections of one transport: bytes, ends and slots, whichever way they are
//! watched and however they go from one to the other.
//!
//! What is random comes from a seed that a failure prints. Nothing sleeps or looks at a clock.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use gwanmun_runtime::idle::{Idle, Idler};
use gwanmun_runtime::limits::raise_descriptors;
use gwanmun_runtime::transport::{
    ClosedReason, ConnectionId, Crooked, Epoll, Event, Plain, Straight, Transport, TransportTerms,
    Uring, Watcher, Wire,
};

const TURNS_MAX: u32 = 5_000_000;

/// A sequence of numbers from a seed (SplitMix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// The byte at a place of a peer's stream: another one for every peer and neighbouring place.
fn byte_at(peer: usize, place: usize) -> u8 {
    let number = u32::try_from(peer * 1_000_003 + place).unwrap();
    let [.., byte] = number.wrapping_mul(2_654_435_761).to_le_bytes();
    byte
}

fn terms() -> TransportTerms {
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

/// Runs a test over every way to watch that the host permits.
macro_rules! over_all {
    ($terms:expr, $check:expr) => {{
        let terms: TransportTerms = $terms;
        $check(terms, Plain::new().asking_every(1));
        match Epoll::new(&terms) {
            Ok(epoll) => $check(terms, epoll.asking_every(1)),
            Err(finding) => assert!(!finding.remedy.is_empty()),
        }
        match Uring::new(&terms) {
            Ok(uring) => $check(terms, uring),
            Err(finding) => assert!(!finding.remedy.is_empty()),
        }
    }};
}

/// What a server knows of one connection.
#[derive(Default)]
struct Known {
    received: Vec<u8>,
    ends: Vec<ClosedReason>,
}

/// A transport that listens, and what it told, by the peer's own port.
struct Server<A, W = Straight> {
    transport: Transport<A, W>,
    address: SocketAddr,
    ports: HashMap<ConnectionId, u16>,
    ids: HashMap<u16, ConnectionId>,
    known: HashMap<u16, Known>,
}

/// What a server does with waiting bytes: how many it takes, and whether it wants them again.
type Appetite<'a> = &'a mut dyn FnMut(usize) -> (usize, bool);

fn all(length: usize) -> (usize, bool) {
    (length, false)
}

impl<A: Watcher> Server<A> {
    fn new(terms: TransportTerms, watcher: A) -> Self {
        Self::with_wire(terms, watcher, Straight)
    }
}

impl<A: Watcher, W: Wire> Server<A, W> {
    fn with_wire(terms: TransportTerms, watcher: A, wire: W) -> Self {
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

    fn turn(&mut self, appetite: Appetite<'_>) -> usize {
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

    fn until(&mut self, what: &str, mut is_there: impl FnMut(&mut Self) -> bool) {
        for _ in 0..TURNS_MAX {
            self.turn(&mut all);
            if is_there(self) {
                return;
            }
        }
        panic!("{what} never came");
    }

    /// A new peer, accepted.
    fn peer(&mut self) -> (TcpStream, ConnectionId) {
        let peer = TcpStream::connect(self.address).unwrap();
        let port = peer.local_addr().unwrap().port();
        self.until("a connection", |server| server.ids.contains_key(&port));
        (peer, self.ids[&port])
    }

    /// A new peer, accepted and promoted.
    fn member(&mut self) -> (TcpStream, ConnectionId) {
        let (peer, connection) = self.peer();
        self.transport.sender().promote(connection);
        self.turn(&mut all);
        assert_eq!(self.transport.sender().capacity(connection), 4096);
        (peer, connection)
    }

    fn received(&self, peer: &TcpStream) -> &[u8] {
        &self.known[&peer.local_addr().unwrap().port()].received
    }

    /// Sends one byte and waits until it is there, so that it is one receive.
    fn ping(&mut self, peer: &mut TcpStream) {
        let before = self.received(peer).len();
        peer.write_all(b".").unwrap();
        self.until("a byte", |server| server.received(peer).len() > before);
    }
}

/// A peer with its place in what it sends.
struct Sending {
    stream: TcpStream,
    port: u16,
    sent: usize,
}

impl Sending {
    fn new(stream: TcpStream) -> Self {
        stream.set_nonblocking(true).unwrap();
        let port = stream.local_addr().unwrap().port();
        Self {
            stream,
            port,
            sent: 0,
        }
    }

    /// Sends at most `length` bytes, as the socket takes them, up to `whole` altogether.
    fn send(&mut self, number: usize, length: usize, whole: usize) {
        let end = whole.min(self.sent + length);
        let piece: Vec<u8> = (self.sent..end).map(|at| byte_at(number, at)).collect();
        match self.stream.write(&piece) {
            Ok(written) => self.sent += written,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
}

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

#[test]
fn sessions_that_take_turns_stay_where_they_are() {
    let one = TransportTerms {
        hot_max: 1,
        ..terms()
    };
    over_all!(one, |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let (mut first, first_id) = server.member();
        let (mut second, second_id) = server.member();
        assert!(server.transport.is_hot(first_id), "there was room");
        for _ in 0..100 {
            server.ping(&mut first);
            server.ping(&mut second);
        }
        assert!(server.transport.is_hot(first_id));
        assert_eq!(server.transport.counts().cooled, 0);
        server.ping(&mut first);
        for _ in 0..8 {
            assert!(server.transport.is_hot(first_id));
            server.ping(&mut second);
        }
        assert!(server.transport.is_hot(second_id) && !server.transport.is_hot(first_id));
        assert_eq!(server.transport.counts().cooled, 1);
        // One that stays does so however the other speaks, and there is room for no second one.
        server.transport.sender().keep_hot(first_id);
        server.turn(&mut all);
        assert!(server.transport.is_hot(first_id) && !server.transport.is_hot(second_id));
        for _ in 0..40 {
            server.ping(&mut second);
        }
        server.transport.sender().keep_hot(second_id);
        server.turn(&mut all);
        assert!(server.transport.is_hot(first_id) && !server.transport.is_hot(second_id));
        assert_eq!(server.transport.counts().hot_refused, 1);
        // Its end makes room.
        drop(first);
        server.until("its end", |server| {
            !server.transport.sender().is_open(first_id)
        });
        (0..8).for_each(|_| server.ping(&mut second));
        assert!(server.transport.is_hot(second_id));
    });
}

#[test]
fn who_is_silent_while_others_speak_is_not_read_in_every_turn() {
    over_all!(terms(), |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let (mut silent, silent_id) = server.member();
        let (mut speaker, speaker_id) = server.member();
        let (kept, kept_id) = server.member();
        let is_hot = |server: &Server<_>, id| server.transport.is_hot(id);
        assert!(is_hot(&server, silent_id) && is_hot(&server, speaker_id));
        (0..100).for_each(|_| server.ping(&mut speaker));
        assert!(is_hot(&server, silent_id), "not yet");
        (0..100).for_each(|_| server.ping(&mut speaker));
        assert!(!is_hot(&server, silent_id) && is_hot(&server, speaker_id));
        // One that is kept stays; while all are silent nobody changes places.
        server.transport.sender().keep_hot(kept_id);
        (0..200).for_each(|_| server.ping(&mut speaker));
        for _ in 0..1_000 {
            server.turn(&mut all);
        }
        assert!(is_hot(&server, kept_id) && is_hot(&server, speaker_id));
        // It takes more than a word to come back, and no more than eight where there is room.
        drop(kept);
        server.until("its end", |server| {
            !server.transport.sender().is_open(kept_id)
        });
        for _ in 0..7 {
            server.ping(&mut silent);
            assert!(!is_hot(&server, silent_id));
        }
        server.ping(&mut silent);
        assert!(is_hot(&server, silent_id));
    });
}

#[test]
fn strangers_and_outbound_lines_do_not_count_among_the_hot() {
    over_all!(terms(), |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let (mut stranger, stranger_id) = server.peer();
        for _ in 0..20 {
            server.ping(&mut stranger);
        }
        assert!(!server.transport.is_hot(stranger_id));
        server.transport.sender().keep_hot(stranger_id);
        server.turn(&mut all);
        assert!(!server.transport.is_hot(stranger_id));
        let venue = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = venue.local_addr().unwrap();
        let outbound = server.transport.connect(address, 0).unwrap();
        server.until("the venue", |server| {
            server.transport.sender().is_open(outbound)
        });
        let members = [server.member(), server.member(), server.member()];
        let is_hot = |id: &ConnectionId| server.transport.is_hot(*id);
        assert!(is_hot(&outbound));
        let hot = members.iter().filter(|(_, id)| is_hot(id)).count();
        assert_eq!(hot, 2);
    });
}

#[test]
fn a_ring_is_not_entered_for_nothing() {
    let Ok(uring) = Uring::new(&terms()) else {
        return;
    };
    let mut server = Server::new(terms(), uring);
    let mut hot = [server.member(), server.member()];
    let mut watched = server.member();
    let strangers = [server.peer(), server.peer()];
    assert!(hot.iter().all(|(_, id)| server.transport.is_hot(*id)));
    server.until("quiet", |server| {
        let before = server.transport.watcher().enters();
        (0..1_000).all(|_| server.turn(&mut all) == 0)
            && before == server.transport.watcher().enters()
    });
    let before = server.transport.watcher().enters();
    for _ in 0..200 {
        for (peer, _) in &mut hot {
            server.ping(peer);
        }
    }
    let enters = server.transport.watcher().enters();
    assert_eq!(enters, before, "hot sessions have nothing to do with it");
    server.ping(&mut watched.0);
    let spent = server.transport.watcher().enters() - enters;
    assert!((1..=4).contains(&spent), "{spent} enters for one message");
    drop(strangers);
}

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

#[test]
fn what_a_watched_peer_sends_is_noticed_out_of_every_kind_of_idleness() {
    for idle in [Idle::Spin, Idle::Yield, Idle::Park] {
        over_all!(terms(), |terms, watcher| {
            let mut server = Server::new(terms, watcher);
            let (mut peer, _) = server.peer();
            let mut idler = Idler::new(idle);
            for length in 1..=3 {
                for _ in 0..300 {
                    let worked = server.turn(&mut all) > 0;
                    idler.turn(worked);
                }
                peer.write_all(b".").unwrap();
                server.until("a byte", |server| {
                    idler.turn(false);
                    server.received(&peer).len() == length
                });
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
