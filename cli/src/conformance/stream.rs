//! Messages out of the bytes of a line, for either side.

use gwanmun_fix::{Frame, frame};

use super::house::MESSAGE_BYTES_MAX;

/// Whether a line goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Fate {
    /// It does.
    Open,
    /// Send what waits, then close it.
    Close,
}

/// What was cut from the bytes.
pub(super) enum Piece<'b> {
    /// A message.
    Whole(&'b [u8]),
    /// Bytes whose length or sum is wrong; they are skipped.
    Garbled,
}

/// Bytes that came and are no whole message yet.
#[derive(Default)]
pub(super) struct Stream {
    received: Vec<u8>,
}

impl Stream {
    /// Adds bytes and hands on every piece that is whole by now, until the line is to be closed.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        mut on_piece: impl FnMut(Piece<'_>) -> Fate,
    ) -> Fate {
        self.received.extend_from_slice(bytes);
        let mut at = 0;
        let fate = loop {
            let rest = self.received.get(at..).unwrap_or(&[]);
            let (piece, length) = match frame::frame(rest, MESSAGE_BYTES_MAX) {
                Frame::Partial => break Fate::Open,
                Frame::Unframeable(_) => break Fate::Close,
                Frame::Garbled { skip, .. } => (Piece::Garbled, skip),
                Frame::Whole { length } => {
                    (Piece::Whole(rest.get(..length).unwrap_or(&[])), length)
                }
            };
            at += length;
            if on_piece(piece) == Fate::Close {
                break Fate::Close;
            }
        };
        self.received.drain(..at);
        fate
    }
}
