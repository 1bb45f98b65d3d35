//! What the reassembler keeps is bounded, and what it gave up for that is told.

use gwanmun_captures::input::Endpoint;
use gwanmun_captures::tcp_reassembly::{
    CONNECTIONS_MAX, Ending, HELD_BYTES_MAX, REMEMBERED_BYTES_MAX, Reassembler, StreamEvent,
};
use gwanmun_captures::tcp_synth::flag;

use crate::segments::{CLIENT, SERVER, reassemble, sent};

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
