//! A client and a server on a wire that cuts where it likes, with a virtual clock.
//!
//! The wire delivers in pieces of a length drawn from a seed and breaks at times; packets that were
//! on their way are lost. Whatever it does, the client must see every sequenced message once and in
//! order, because it logs in again at the number it has reached.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod samples;

use gwanmun_binary::soup::packet::{self, Packet, SoupError};
use gwanmun_binary::soup::server::first_to_send;
use gwanmun_binary::soup::{
    Client, ClientDeadline, ClientEvent, Server, ServerDeadline, ServerEvent, Terms,
};
use gwanmun_market::Text;
use samples::Random;

/// What a stream holds: its packets as bytes, and the error it ends with, if any.
fn walk(stream: &[u8]) -> (Vec<Vec<u8>>, Option<SoupError>) {
    let (mut packets, mut at) = (Vec::new(), 0);
    loop {
        match Packet::parse(&stream[at..]) {
            Ok(Some((_, length))) => {
                packets.push(stream[at..at + length].to_vec());
                at += length;
            }
            Ok(None) => return (packets, None),
            Err(error) => return (packets, Some(error)),
        }
    }
}

/// The same, with the stream arriving in pieces.
fn walk_in_pieces(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Option<SoupError>) {
    let (mut packets, mut pending) = (Vec::new(), Vec::new());
    for piece in pieces {
        pending.extend_from_slice(piece);
        let (found, error) = walk(&pending);
        pending.drain(..found.iter().map(Vec::len).sum::<usize>());
        packets.extend(found);
        if error.is_some() {
            return (packets, error);
        }
    }
    (packets, None)
}

fn stream_of_packets(random: &mut Random, count: usize) -> Vec<u8> {
    let mut stream = Vec::new();
    for _ in 0..count {
        let payload = random.bytes(40);
        let packet = random.packet(&payload);
        let mut written = [0; 64];
        let length = packet.encode(&mut written).unwrap();
        assert_eq!(
            Packet::parse(&written[..length]),
            Ok(Some((packet, length)))
        );
        stream.extend_from_slice(&written[..length]);
    }
    stream
}

#[test]
fn every_split_is_equal() {
    let mut random = Random::new(0x5011);
    for round in 0..50 {
        let mut stream = stream_of_packets(&mut random, 12);
        // Every third stream ends in something that is no packet, every other one in half a one.
        match round % 3 {
            0 => stream.extend_from_slice(b"\0\x05?data"),
            1 => stream.extend_from_slice(b"\0\x09Udata"),
            _ => {}
        }
        let whole = walk(&stream);
        assert!(whole.0.len() >= 12);
        for cut in 0..=stream.len() {
            let (front, back) = stream.split_at(cut);
            assert_eq!(walk_in_pieces(&[front, back]), whole, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(walk_in_pieces(&bytes), whole, "byte by byte");
    }
}

#[test]
fn every_cut_packet_is_none_or_an_error() {
    let mut random = Random::new(0x5012);
    for _ in 0..2_000 {
        let stream = stream_of_packets(&mut random, 1);
        for cut in 0..stream.len() {
            assert_eq!(Packet::parse(&stream[..cut]), Ok(None), "cut at {cut}");
        }
    }
}

#[test]
fn garbage_never_panics() {
    let mut random = Random::new(0x5013);
    for _ in 0..20_000 {
        let mut bytes = random.bytes(80);
        // A short length, so that a good part of the garbage is looked at beyond its head.
        if let [high, low, ..] = bytes.as_mut_slice() {
            (*high, *low) = (0, *low % 64);
        }
        let (packets, _) = walk(&bytes);
        for packet in packets {
            let (read, length) = Packet::parse(&packet).unwrap().unwrap();
            let mut again = [0; 128];
            assert_eq!(read.encode(&mut again), Some(length));
        }
    }
}

/// One direction of a connection.
#[derive(Default)]
struct Pipe {
    on_the_way: Vec<u8>,
    arrived: Vec<u8>,
}

impl Pipe {
    fn put(&mut self, bytes: &[u8]) {
        self.on_the_way.extend_from_slice(bytes);
    }

    /// Delivers a piece of what is on the way.
    fn deliver(&mut self, random: &mut Random) {
        let piece = random.index(self.on_the_way.len() + 1);
        self.arrived.extend(self.on_the_way.drain(..piece));
    }

    fn drop_all(&mut self) {
        self.on_the_way.clear();
        self.arrived.clear();
    }
}

/// Both ends, the server's store and what the client has seen.
struct Line {
    client: Client,
    server: Server,
    requests: Pipe,
    reports: Pipe,
    store: Vec<Vec<u8>>,
    seen: Vec<Vec<u8>>,
    logins: u32,
}

const TERMS: Terms = Terms {
    heartbeat_ns: 10,
    dead_ns: 150,
    login_timeout_ns: 150,
};

impl Line {
    fn connect(&mut self, now_ns: u64) {
        self.requests.drop_all();
        self.reports.drop_all();
        self.client.on_disconnect();
        self.server = Server::new(TERMS, now_ns);
        let mut room = [0; packet::CONTROL_BYTES_MAX];
        let next = u64::try_from(self.seen.len()).unwrap() + 1;
        let length = self.client.login(next, now_ns, &mut room).unwrap();
        self.requests.put(&room[..length]);
    }

    fn server_turn(&mut self, now_ns: u64) {
        let mut room = [0; 256];
        while let Some((packet, length)) = Packet::parse(&self.requests.arrived).unwrap() {
            match self.server.on_packet(&packet, now_ns) {
                ServerEvent::LoginRequested(login) => {
                    let next = u64::try_from(self.store.len()).unwrap() + 1;
                    let first = first_to_send(login.requested_sequence_number, next);
                    let session = *b"TODAY     ";
                    let written = self
                        .server
                        .accept(session, first, now_ns, &mut room)
                        .unwrap();
                    self.reports.put(&room[..written]);
                }
                ServerEvent::Unsequenced(message) => self.store.push(message.to_vec()),
                ServerEvent::Heartbeat | ServerEvent::Debug => {}
                other => panic!("unexpected at the server: {other:?}"),
            }
            self.requests.arrived.drain(..length);
        }
        while let Some(message) = usize::try_from(self.server.next_sequence_number() - 1)
            .ok()
            .filter(|_| self.server.is_logged_in())
            .and_then(|index| self.store.get(index))
        {
            let written = self
                .server
                .sequenced(now_ns, &mut room, |payload| {
                    payload.get_mut(..message.len())?.copy_from_slice(message);
                    Some(message.len())
                })
                .unwrap();
            self.reports.put(&room[..written]);
        }
        match self.server.on_deadline(now_ns, &mut room) {
            ServerDeadline::Heartbeat(written) => self.reports.put(&room[..written]),
            ServerDeadline::Nothing => {}
            other => panic!("the server gave up: {other:?}"),
        }
    }

    fn client_turn(&mut self, now_ns: u64) {
        while let Some((packet, length)) = Packet::parse(&self.reports.arrived).unwrap() {
            match self.client.on_packet(&packet, now_ns) {
                ClientEvent::LoggedIn {
                    next_sequence_number,
                    ..
                } => {
                    self.logins += 1;
                    assert_eq!(
                        next_sequence_number,
                        u64::try_from(self.seen.len()).unwrap() + 1
                    );
                }
                ClientEvent::Sequenced {
                    sequence_number,
                    message,
                } => {
                    self.seen.push(message.to_vec());
                    assert_eq!(sequence_number, u64::try_from(self.seen.len()).unwrap());
                }
                ClientEvent::Heartbeat | ClientEvent::Debug => {}
                other => panic!("unexpected at the client: {other:?}"),
            }
            self.reports.arrived.drain(..length);
        }
        let mut room = [0; 8];
        match self.client.on_deadline(now_ns, &mut room) {
            ClientDeadline::Heartbeat(written) => self.requests.put(&room[..written]),
            ClientDeadline::Nothing => {}
            other => panic!("the client gave up: {other:?}"),
        }
    }
}

#[test]
fn every_message_arrives_once_over_a_line_that_breaks() {
    let mut random = Random::new(0x5014);
    let username = Text::new(b"GATE1").unwrap();
    let password = Text::new(b"secret").unwrap();
    let mut line = Line {
        client: Client::new(username, password).with_terms(TERMS),
        server: Server::new(TERMS, 0),
        requests: Pipe::default(),
        reports: Pipe::default(),
        store: Vec::new(),
        seen: Vec::new(),
        logins: 0,
    };
    line.connect(0);
    let mut breaks = 0;
    for now_ns in 0..20_000 {
        if now_ns < 19_000 && random.below(300) == 0 {
            breaks += 1;
            line.connect(now_ns);
        }
        if line.client.is_logged_in() && now_ns < 19_000 && random.below(3) == 0 {
            let mut room = [0; 64];
            let payload = random.bytes(40);
            let written = Packet::UnsequencedData(&payload).encode(&mut room).unwrap();
            line.requests.put(&room[..written]);
            line.client.on_sent(now_ns);
        }
        if random.below(50) == 0 {
            line.requests.put(b"\0\x03+hi");
            line.reports.put(b"\0\x03+ho");
        }
        line.requests.deliver(&mut random);
        line.server_turn(now_ns);
        line.reports.deliver(&mut random);
        line.client_turn(now_ns);
    }
    assert!(
        line.seen.len() > 1_000 && breaks > 20 && line.logins > 20,
        "something happened"
    );
    assert_eq!(line.seen, line.store, "once each and in order");
}
