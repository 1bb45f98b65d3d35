//! Files that are cut short, malformed or have a byte changed: an answer, never a panic.

use gwanmun_captures::read::{CaptureReader, ReadError, ReadFault, tcp_segment};
use gwanmun_captures::tcp_reassembly::Reassembler;

use crate::files::{frames, pcap, pcapng, word};

/// A block that says it is shorter than its own frame, of every type there is: found by fuzzing,
/// where the library under this reader panicked over process information.
#[test]
fn a_block_shorter_than_its_frame_is_malformed() {
    for big in [false, true] {
        let file = pcapng(big, 1, &[], &frames()[..1], |stamp| stamp / 1_000);
        let types = (0..16).chain([0x0A0D_0D0A, 0x0BAD, 0x8000_0001, 0x4000_0BAD]);
        for block_type in types {
            for length in 0..12 {
                let mut file = file.clone();
                file.extend(word(block_type, big));
                file.extend(word(length, big));
                file.extend([0; 16]);
                let last = CaptureReader::new(&file).unwrap().last().unwrap();
                assert!(last.is_err(), "type {block_type:#x}, length {length}");
            }
        }
    }
}

#[test]
fn a_file_cut_short_gives_all_whole_packets_first() {
    let packets = frames();
    let options = [9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0];
    for file in [
        pcap(0xA1B2_3C4D, false, 1, &packets),
        pcapng(false, 1, &options, &packets, |stamp| stamp),
    ] {
        for length in 1..file.len() {
            let Ok(reader) = CaptureReader::new(&file[..length]) else {
                assert!(length < 28, "length {length}");
                continue;
            };
            let mut whole = Vec::new();
            let mut error = None;
            for packet in reader {
                match packet {
                    Ok(packet) => whole.push((packet.stamp_ns, packet.bytes.to_vec())),
                    Err(found) => error = Some(found),
                }
            }
            assert_eq!(whole[..], packets[..whole.len()]);
            if let Some(ReadError { offset, fault }) = error {
                assert_eq!(fault, ReadFault::CutShort, "length {length}");
                assert!(offset < length as u64);
            }
        }
    }
    assert_eq!(
        CaptureReader::new(b"8=FIX.4.4 is no capture file")
            .unwrap_err()
            .fault,
        ReadFault::NotACapture
    );
    assert_eq!(
        CaptureReader::new(b"").unwrap_err().fault,
        ReadFault::NotACapture
    );
}

/// Any byte of a file changed: no panic, no endless loop.
#[test]
fn no_flipped_byte_hurts() {
    let packets = frames();
    for file in [
        pcap(0xA1B2_C3D4, true, 1, &packets),
        pcapng(
            false,
            113,
            &[9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0],
            &packets,
            |stamp| stamp,
        ),
    ] {
        for at in 0..file.len() {
            for change in [0x01, 0x80, 0xFF] {
                let mut changed = file.clone();
                changed[at] ^= change;
                let Ok(reader) = CaptureReader::new(&changed) else {
                    continue;
                };
                let mut reassembler = Reassembler::new();
                for packet in reader.flatten() {
                    if let Ok(segment) = tcp_segment(&packet) {
                        reassembler.push(packet.stamp_ns, &segment, &mut |_| ());
                    }
                }
                reassembler.finish(&mut |_| ());
            }
        }
    }
}
