//! A byte stream as FIX messages: never a panic, always an end, and the same messages and the same
//! bytes dropped wherever the stream is cut. The first byte says how long the pieces are.
#![no_main]

use gwanmun_fix::frame::{Frame, frame};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 2_048;

/// Where each message ends, and how many bytes were dropped; `None` behind them for a stream that
/// cannot be read on.
fn walk(stream: &[u8], piece: usize) -> (Vec<usize>, Option<usize>) {
    let (mut start, mut received, mut skipped) = (0, 0, 0);
    let mut ends = Vec::new();
    loop {
        match frame(&stream[start..received], LIMIT) {
            Frame::Whole { length } => {
                assert!(length <= LIMIT && start + length <= received);
                start += length;
                ends.push(start);
            }
            Frame::Garbled { skip, .. } => {
                assert!(skip > 0 && start + skip <= received);
                start += skip;
                skipped += skip;
            }
            Frame::Unframeable(_) => return (ends, None),
            Frame::Partial => {
                assert!(received - start < LIMIT);
                if received == stream.len() {
                    return (ends, Some(skipped));
                }
                received = (received + piece).min(stream.len());
            }
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&piece, stream)) = bytes.split_first() else {
        return;
    };
    let expected = walk(stream, stream.len().max(1));
    assert_eq!(walk(stream, 1), expected);
    assert_eq!(walk(stream, usize::from(piece).max(1)), expected);
});
