//! A byte stream as SoupBinTCP packets: never a panic, the same packets wherever it is cut, and
//! every packet reads back from its own writing. The first byte says where the cut is.
#![no_main]

use gwanmun_binary::soup::packet::{Packet, SoupError};
use libfuzzer_sys::fuzz_target;

/// Where the packets end, and the error behind the last one, if any.
fn walk(stream: &[u8], from: usize, ends: &mut Vec<usize>) -> Option<SoupError> {
    let mut at = from;
    loop {
        match Packet::parse(&stream[at..]) {
            Ok(Some((packet, length))) => {
                let mut again = vec![0; length];
                assert_eq!(packet.encode(&mut again), Some(length), "same length again");
                assert_eq!(
                    Packet::parse(&again),
                    Ok(Some((packet, length))),
                    "same packet again"
                );
                at += length;
                ends.push(at);
            }
            Ok(None) => return None,
            Err(error) => return Some(error),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&cut, stream)) = bytes.split_first() else {
        return;
    };
    let mut whole = Vec::new();
    let error = walk(stream, 0, &mut whole);

    let cut = usize::from(cut).min(stream.len());
    let mut pieces = Vec::new();
    let mut error_in_pieces = walk(&stream[..cut], 0, &mut pieces);
    if error_in_pieces.is_none() {
        let from = pieces.last().copied().unwrap_or(0);
        error_in_pieces = walk(stream, from, &mut pieces);
    }
    assert_eq!((pieces, error_in_pieces), (whole, error), "cut at {cut}");
});
