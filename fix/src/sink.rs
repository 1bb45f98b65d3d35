//! Where finished messages go: a buffer that the caller owns.

/// A place for whole outgoing messages, lent to the session by whoever owns the connection.
///
/// One [`Sink::room`], at most one [`Sink::commit`], and so on; bytes written and not committed are
/// forgotten.
pub trait Sink {
    /// The free room; the next message starts at its front. It may be too small for one, which the
    /// writer then says.
    fn room(&mut self) -> &mut [u8];

    /// Takes the first `sent.length` bytes of the room as one whole message.
    fn commit(&mut self, sent: Sent);
}

/// What was just written into a [`Sink`]: one whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Bytes of the message.
    pub length: usize,
    /// MsgSeqNum(34) that it carries.
    pub msg_seq_num: u64,
    /// Whether it is an application message, which a resend repeats; a gap fill replaces the
    /// others.
    pub is_application: bool,
    /// Whether it repeats an earlier message or fills a gap, and so consumed no new sequence
    /// number.
    pub is_resend: bool,
}
