//! The reassembler against streams whose truth is known: late, repeated, overlapping, conflicting
//! and missing segments, from seeds that are printed when they fail.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

use std::collections::BTreeMap;

use gwanmun_captures::input::Endpoint;
use gwanmun_captures::read::TcpSegment;
use gwanmun_captures::tcp_reassembly::{
    CONNECTIONS_MAX, Counts, Ending, HELD_BYTES_MAX, REMEMBERED_BYTES_MAX, Reassembler,
    StreamEvent, Toward,
};
use gwanmun_captures::tcp_synth::flag;

/// SplitMix64: small, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// One segment that owns its bytes, and its stamp.
#[derive(Clone, Debug)]
struct Sent {
    stamp_ns: u64,
    source: Endpoint,
    target: Endpoint,
    sequence: u32,
    flags: u8,
    payload: Vec<u8>,
    missing: u32,
}

impl Sent {
    fn segment(&self) -> TcpSegment<'_> {
        TcpSegment {
            source: self.source,
            target: self.target,
            sequence: self.sequence,
            acknowledgement: None,
            flags: self.flags,
            payload: &self.payload,
            missing: self.missing,
        }
    }
}

const CLIENT: Endpoint = Endpoint::v4([10, 0, 1, 10], 40_000);
const SERVER: Endpoint = Endpoint::v4([10, 0, 2, 1], 9876);

fn sent(source: Endpoint, target: Endpoint, sequence: u32, flags: u8, payload: &[u8]) -> Sent {
    let payload = payload.to_vec();
    Sent {
        stamp_ns: 1,
        source,
        target,
        sequence,
        flags,
        payload,
        missing: 0,
    }
}

/// What came out: streams by (number, direction), gaps as (offset, length), conflicts as (offset,
/// first, second).
#[derive(Debug, Default)]
struct Found {
    streams: BTreeMap<(u32, Toward), Vec<u8>>,
    gaps: Vec<(u64, u64)>,
    conflicts: Vec<(u64, Vec<u8>, Vec<u8>)>,
    unplaced: Vec<u8>,
    endings: Vec<(u32, Ending)>,
    counts: Counts,
}

fn reassemble(segments: &[Sent]) -> Found {
    let mut found = Found::default();
    let mut reassembler = Reassembler::new();
    let mut take = |event: StreamEvent<'_>| match event {
        StreamEvent::Opened { stream, .. } => {
            found.streams.insert((stream, Toward::Server), Vec::new());
            found.streams.insert((stream, Toward::Client), Vec::new());
        }
        StreamEvent::Data {
            stream,
            toward,
            offset,
            bytes,
            ..
        } => {
            let whole = found.streams.get_mut(&(stream, toward)).unwrap();
            assert_eq!(whole.len() as u64, offset, "in order, without holes");
            whole.extend_from_slice(bytes);
        }
        StreamEvent::Gap {
            stream,
            toward,
            offset,
            length,
        } => {
            let whole = found.streams.get_mut(&(stream, toward)).unwrap();
            assert_eq!(whole.len() as u64, offset);
            whole.resize(whole.len() + usize::try_from(length).unwrap(), b'?');
            found.gaps.push((offset, length));
        }
        StreamEvent::Conflict {
            offset,
            first,
            second,
            ..
        } => {
            found
                .conflicts
                .push((offset, first.to_vec(), second.to_vec()));
        }
        StreamEvent::Unplaced { bytes, .. } => found.unplaced.extend_from_slice(bytes),
        StreamEvent::Closed { stream, how } => found.endings.push((stream, how)),
    };
    for segment in segments {
        reassembler.push(segment.stamp_ns, &segment.segment(), &mut take);
    }
    reassembler.finish(&mut take);
    found.counts = *reassembler.counts();
    found
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
        (0..length)
            .map(|_| random.next().to_le_bytes()[0])
            .collect::<Vec<u8>>()
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
        let bytes: Vec<u8> = (0..5_000).map(|_| random.next().to_le_bytes()[0]).collect();
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

#[test]
fn a_conflict_among_held_segments_is_a_finding() {
    let segments = [
        sent(CLIENT, SERVER, 99, flag::SYN, b""),
        sent(CLIENT, SERVER, 104, flag::ACK, b"EFGH"),
        sent(CLIENT, SERVER, 104, flag::ACK, b"EFXH"),
        sent(CLIENT, SERVER, 100, flag::ACK, b"ABCD"),
    ];
    let found = reassemble(&segments);
    assert_eq!(found.streams[&(0, Toward::Server)], b"ABCDEFGH");
    assert_eq!(found.conflicts, [(6, b"GH".to_vec(), b"XH".to_vec())]);
}

#[test]
fn a_capture_begun_in_the_middle_works_from_what_it_sees() {
    let segments = [
        sent(CLIENT, SERVER, 5_000, flag::ACK, b"middle"),
        sent(CLIENT, SERVER, 4_990, flag::ACK, b"long before"),
        sent(CLIENT, SERVER, 5_006, flag::ACK, b" end"),
    ];
    let found = reassemble(&segments);
    assert_eq!(found.streams[&(0, Toward::Server)], b"middle end");
    assert_eq!(found.unplaced, b"long befor");
    // The eleventh byte of the early segment is offset 0 again.
    assert_eq!(found.conflicts, [(0, b"m".to_vec(), b"e".to_vec())]);
    assert_eq!(found.endings, [(0, Ending::CaptureEnded)]);
}

#[test]
fn probes_are_no_conflict() {
    let segments = [
        sent(CLIENT, SERVER, 99, flag::SYN, b""),
        sent(CLIENT, SERVER, 100, flag::ACK, b"abc"),
        sent(CLIENT, SERVER, 102, flag::ACK, b"\0"),
        sent(SERVER, CLIENT, 499, flag::SYN | flag::ACK, b""),
        sent(SERVER, CLIENT, 499, flag::ACK, b"\0"),
    ];
    let found = reassemble(&segments);
    assert_eq!((found.conflicts.len(), found.unplaced.len()), (0, 0));
}

#[test]
fn ports_used_again_are_a_new_stream() {
    let segments = [
        sent(CLIENT, SERVER, 99, flag::SYN, b""),
        sent(CLIENT, SERVER, 100, flag::ACK, b"one"),
        sent(CLIENT, SERVER, 99, flag::SYN, b""),
        sent(CLIENT, SERVER, 700, flag::SYN, b""),
        sent(CLIENT, SERVER, 701, flag::ACK, b"two"),
        sent(SERVER, CLIENT, 0, flag::RST | flag::ACK, b""),
        sent(CLIENT, SERVER, 9_000, flag::SYN, b"three"),
    ];
    let found = reassemble(&segments);
    assert_eq!(found.streams[&(0, Toward::Server)], b"one");
    assert_eq!(found.streams[&(1, Toward::Server)], b"two");
    assert_eq!(found.streams[&(2, Toward::Server)], b"three");
    let expected = [
        (0, Ending::Replaced),
        (1, Ending::Reset),
        (2, Ending::CaptureEnded),
    ];
    assert_eq!(found.endings, expected);
}

#[test]
fn what_a_short_snap_length_cut_off_is_a_gap() {
    let mut cut = sent(CLIENT, SERVER, 100, flag::ACK, b"abcd");
    cut.missing = 6;
    let segments = [
        sent(CLIENT, SERVER, 99, flag::SYN, b""),
        cut,
        sent(CLIENT, SERVER, 110, flag::ACK, b"klm"),
    ];
    let found = reassemble(&segments);
    assert_eq!(found.streams[&(0, Toward::Server)], b"abcd??????klm");
    assert_eq!(found.gaps, [(4, 6)]);
}

#[test]
fn a_lost_byte_holds_up_no_more_than_the_limit() {
    let mut segments = vec![sent(CLIENT, SERVER, 99, flag::SYN, b"")];
    let piece = vec![7; 10_000];
    let count = HELD_BYTES_MAX / piece.len() + 50;
    for index in 0..count {
        let sequence = 101 + u32::try_from(index * piece.len()).unwrap();
        segments.push(sent(CLIENT, SERVER, sequence, flag::ACK, &piece));
    }
    let mut seen = 0;
    let mut reassembler = Reassembler::new();
    let mut early = 0;
    for segment in &segments {
        reassembler.push(1, &segment.segment(), &mut |event| {
            if let StreamEvent::Data { bytes, .. } = event {
                seen += bytes.len();
            }
        });
        early += usize::from(seen == 0);
    }
    assert_eq!(
        seen,
        count * piece.len(),
        "given out before the capture ended"
    );
    assert!(early * piece.len() <= HELD_BYTES_MAX + 2 * piece.len());
    assert_eq!(
        (reassembler.counts().gaps, reassembler.counts().gap_bytes),
        (1, 1)
    );
}

#[test]
fn more_connections_than_fit_end_the_idlest() {
    let mut opened = 0;
    let mut evicted = 0;
    let mut reassembler = Reassembler::new();
    let total = u32::try_from(CONNECTIONS_MAX * 3).unwrap();
    for index in 0..total {
        let [a, b, c, d] = index.to_be_bytes();
        let client = Endpoint::v4([a, b, c, d], 1);
        let syn = sent(client, SERVER, index, flag::SYN, b"");
        reassembler.push(1, &syn.segment(), &mut |event| match event {
            StreamEvent::Opened { .. } => opened += 1,
            StreamEvent::Closed {
                how: Ending::Evicted,
                ..
            } => evicted += 1,
            other => panic!("{other:?}"),
        });
        assert!(opened - evicted <= CONNECTIONS_MAX);
    }
    assert_eq!(reassembler.counts().evicted, evicted as u64);
    assert!(opened - evicted >= CONNECTIONS_MAX / 8 * 7);
}

#[test]
fn repetitions_beyond_memory_are_counted() {
    let old = vec![1; REMEMBERED_BYTES_MAX * 3];
    let mut segments = vec![sent(CLIENT, SERVER, 99, flag::SYN, b"")];
    for (index, piece) in old.chunks(50_000).enumerate() {
        let sequence = 100 + u32::try_from(index * 50_000).unwrap();
        segments.push(sent(CLIENT, SERVER, sequence, flag::ACK, piece));
    }
    segments.push(sent(CLIENT, SERVER, 100, flag::ACK, &[2; 1_000]));
    let found = reassemble(&segments);
    assert_eq!(
        (found.counts.repeated_bytes, found.counts.uncompared_bytes),
        (1_000, 1_000)
    );
    assert_eq!(found.conflicts, []);
}
