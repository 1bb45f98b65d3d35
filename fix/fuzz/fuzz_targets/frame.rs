//! A byte stream as FIX messages: never a panic, always an end, and the same messages and the same
//! bytes dropped wherever the stream is cut. The first byte says how long the pieces are. Framing
//! and indexing at once, by every front of the scan, sees the same.
#![no_main]

use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::scan::Front;
use gwanmun_fix::{Index, Message};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 2_048;

/// What stands at the front, by both ways to ask.
fn framed(bytes: &[u8]) -> Frame {
    let framed = frame(bytes, LIMIT);
    let mut index = Index::new();
    for front in Front::ALL.into_iter().filter(|front| front.is_available()) {
        match Message::take_by(front, bytes, LIMIT, &mut index) {
            Ok((message, fault)) => {
                let length = message.bytes().len();
                assert_eq!(Frame::Whole { length }, framed, "{front:?}");
                let mut again = Index::new();
                assert_eq!(Front::Plain.scan(message.bytes(), &mut again), fault);
                assert!(message.fields().map(|(tag, _)| tag).eq(again.tags().iter().copied()));
            }
            Err(other) => assert_eq!(other, framed, "{front:?}"),
        }
    }
    framed
}

/// Where each message ends, and how many bytes were dropped; `None` behind them for a stream that
/// cannot be read on.
fn walk(stream: &[u8], piece: usize) -> (Vec<usize>, Option<usize>) {
    let (mut start, mut received, mut skipped) = (0, 0, 0);
    let mut ends = Vec::new();
    loop {
        match framed(&stream[start..received]) {
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
