//! Any bytes as a capture file: reader, segments, reassembler and verifier neither panic nor turn
//! for ever.
#![no_main]

use gwanmun_captures::read::{CaptureReader, tcp_segment};
use gwanmun_captures::tcp_reassembly::{Reassembler, StreamEvent, Toward};
use gwanmun_captures::verify::verify;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    assert!(verify(std::iter::empty(), file).is_err());
    let Ok(reader) = CaptureReader::new(file) else {
        return;
    };
    let mut reassembler = Reassembler::new();
    let mut ends = std::collections::BTreeMap::<(u32, Toward), u64>::new();
    let mut take = |event: StreamEvent<'_>| {
        let (key, offset, length) = match event {
            StreamEvent::Data {
                stream,
                toward,
                offset,
                bytes,
                ..
            } => ((stream, toward), offset, bytes.len() as u64),
            StreamEvent::Gap {
                stream,
                toward,
                offset,
                length,
            } => ((stream, toward), offset, length),
            _ => return,
        };
        let end = ends.entry(key).or_default();
        assert_eq!(*end, offset, "in order, without holes");
        assert!(length > 0);
        *end += length;
    };
    for packet in reader.flatten() {
        if let Ok(segment) = tcp_segment(&packet) {
            reassembler.push(packet.stamp_ns, &segment, &mut take);
        }
    }
    reassembler.finish(&mut take);
});
