//! Conversations from a seed, disturbed on their way: what comes out is what was sent, what was
//! lost is named, and a forged copy is found. A failure prints its seed.

use gwanmun_captures::input::Endpoint;
use gwanmun_captures::tcp_reassembly::{Ending, Toward};
use gwanmun_captures::tcp_synth::flag;

use crate::random::Random;
use crate::segments::{CLIENT, SERVER, Sent, reassemble, sent};

impl Random {
    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Segments of one direction, from the byte behind its SYN: split at random, some swapped, some
/// sent again whole or in part.
fn disturbed(
    random: &mut Random,
    bytes: &[u8],
    ends: (Endpoint, Endpoint),
    first: u32,
) -> Vec<Sent> {
    let mut segments = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = (1 + random.below(1460)).min(bytes.len() - at);
        let at_32 = u32::try_from(at).unwrap();
        let piece = &bytes[at..at + length];
        let flags = flag::ACK | flag::PSH;
        segments.push(sent(
            ends.0,
            ends.1,
            first.wrapping_add(at_32),
            flags,
            piece,
        ));
        if random.one_in(20) {
            // Again, from somewhere in the middle, or reaching back, or reaching forward.
            let from = at.saturating_sub(random.below(2000)) + random.below(length);
            let to = (from + 1 + random.below(3000)).min(bytes.len());
            let from_32 = u32::try_from(from).unwrap();
            let again = &bytes[from.min(to)..to];
            segments.push(sent(
                ends.0,
                ends.1,
                first.wrapping_add(from_32),
                flags,
                again,
            ));
        }
        at += length;
    }
    for at in 1..segments.len() {
        if random.one_in(15) {
            let other = at - 1 - random.below(at.min(6));
            segments.swap(at, other);
        }
    }
    segments
}

fn conversation(seed: u64) -> (Vec<Sent>, [Vec<u8>; 2]) {
    let mut random = Random(seed);
    let streams = [0, 0].map(|_| {
        let length = random.below(60_000);
        random.bytes(length)
    });
    // Every third conversation wraps its sequence numbers.
    let near = if seed.is_multiple_of(3) {
        u32::MAX - 20_000
    } else {
        0
    };
    let isn = [0, 0].map(|_| near.wrapping_add(u32::try_from(random.below(20_000)).unwrap()));
    let ends = [(CLIENT, SERVER), (SERVER, CLIENT)];
    let [to_server, to_client] = [0, 1].map(|side: usize| {
        disturbed(
            &mut random,
            &streams[side],
            ends[side],
            isn[side].wrapping_add(1),
        )
    });
    let mut segments = vec![
        sent(CLIENT, SERVER, isn[0], flag::SYN, b""),
        sent(SERVER, CLIENT, isn[1], flag::SYN | flag::ACK, b""),
    ];
    let mut sides = [
        to_server.into_iter().peekable(),
        to_client.into_iter().peekable(),
    ];
    while sides.iter_mut().any(|side| side.peek().is_some()) {
        let side = random.below(2);
        segments.extend(sides[side].next());
    }
    for side in 0..2 {
        let length = u32::try_from(streams[side].len()).unwrap();
        let last = isn[side].wrapping_add(1).wrapping_add(length);
        segments.push(sent(
            ends[side].0,
            ends[side].1,
            last,
            flag::FIN | flag::ACK,
            b"",
        ));
    }
    for (stamp, segment) in (0..).zip(&mut segments) {
        segment.stamp_ns = stamp;
    }
    (segments, streams)
}

#[test]
fn disturbed_streams_come_back_whole() {
    for seed in 0..300 {
        let (segments, [to_server, to_client]) = conversation(seed);
        let found = reassemble(&segments);
        assert_eq!(
            found.streams[&(0, Toward::Server)],
            to_server,
            "seed {seed}"
        );
        assert_eq!(
            found.streams[&(0, Toward::Client)],
            to_client,
            "seed {seed}"
        );
        assert_eq!(
            (found.gaps.len(), found.conflicts.len()),
            (0, 0),
            "seed {seed}"
        );
        assert_eq!(found.endings, [(0, Ending::Finished)], "seed {seed}");
        assert_eq!(found.counts.uncompared_bytes, 0, "seed {seed}");
    }
}

#[test]
fn dropped_segments_are_named_exactly() {
    for seed in 0..100 {
        let (mut segments, streams) = conversation(seed);
        let mut random = Random(seed ^ 0xD50F);
        let count = segments.len();
        let dropped = 2 + random.below(count.saturating_sub(4).max(1));
        segments.remove(dropped.min(count - 3));
        let found = reassemble(&segments);
        for (toward, truth) in [(Toward::Server, &streams[0]), (Toward::Client, &streams[1])] {
            let whole = &found.streams[&(0, toward)];
            assert_eq!(whole.len(), truth.len(), "seed {seed}");
        }
        let missing: u64 = found.gaps.iter().map(|(_, length)| length).sum();
        assert_eq!(missing, found.counts.gap_bytes);
        let differs = |toward, truth: &Vec<u8>| {
            let whole: &Vec<u8> = &found.streams[&(0, toward)];
            whole.iter().zip(truth).filter(|(a, b)| a != b).count() as u64
        };
        let wrong = differs(Toward::Server, &streams[0]) + differs(Toward::Client, &streams[1]);
        assert!(wrong <= missing, "seed {seed}: only the gap differs");
    }
}

#[test]
fn every_altered_repetition_is_a_finding() {
    for seed in 0..200 {
        let mut random = Random(seed);
        let bytes = random.bytes(5_000);
        let first = random.next().to_le_bytes();
        let first = u32::from_le_bytes([first[0], first[1], first[2], first[3]]);
        let mut segments = vec![sent(CLIENT, SERVER, first.wrapping_sub(1), flag::SYN, b"")];
        segments.extend(disturbed(&mut random, &bytes, (CLIENT, SERVER), first));
        // A forged copy of some bytes with one of them changed, behind the true ones.
        let at = random.below(4_000);
        let length = 2 + random.below(900);
        let mut forged = bytes[at..at + length].to_vec();
        let changed = random.below(length);
        forged[changed] ^= 0x20;
        let sequence = first.wrapping_add(u32::try_from(at).unwrap());
        segments.push(sent(CLIENT, SERVER, sequence, flag::ACK, &forged));
        let found = reassemble(&segments);
        assert_eq!(
            found.streams[&(0, Toward::Server)],
            bytes,
            "the first copy is given out"
        );
        let [(offset, old, new)] = &found.conflicts[..] else {
            panic!("seed {seed}")
        };
        assert_eq!(*offset, (at + changed) as u64);
        assert_eq!(old[..], bytes[at + changed..at + length]);
        assert_eq!(new[..], forged[changed..]);
    }
}
