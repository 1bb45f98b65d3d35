//! A few segments written by hand, each about one thing that a stream may do.

use gwanmun_captures::tcp_reassembly::{Ending, Toward};
use gwanmun_captures::tcp_synth::flag;

use crate::segments::{CLIENT, SERVER, reassemble, sent};

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
