//! What can be wrong with the bytes of a message.
//!
//! The fault lies with the sender's bytes in every case. Not in it: requests that are well formed
//! and refused all the same (see [`super::Rejected`]). Next: [`super::Inbound`].

/// Why bytes are not the message they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OuchError {
    /// The bytes end within a field.
    Truncated,
    /// The bytes go on behind the message.
    TrailingBytes,
    /// The first byte names another message, or none.
    UnknownType(u8),
    /// Side is none of `B`, `S`, `T` and `E`.
    Side(u8),
    /// A field that is either `Y` or `N` is neither.
    Flag(u8),
    /// Phase of a market-state record is none that is known.
    Phase(u8),
    /// A board, stage, scope, kind, level or side of a feed's record is none that is known.
    Feed(u8),
    /// An entry of the appendage has no tag or ends behind the appendage.
    Appendage,
    /// A known tag has another width than its own, or a value that it cannot have.
    AppendageValue(u8),
}

impl OuchError {
    /// A short text for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            OuchError::Truncated => "message ends within a field",
            OuchError::TrailingBytes => "bytes behind the message",
            OuchError::UnknownType(_) => "unknown message type",
            OuchError::Side(_) => "unknown side",
            OuchError::Flag(_) => "flag neither Y nor N",
            OuchError::Phase(_) => "unknown phase",
            OuchError::Feed(_) => "unknown board, stage, scope, kind, level or side in the feed",
            OuchError::Appendage => "appendage entry without tag or beyond the message",
            OuchError::AppendageValue(_) => "appendage value of the wrong width or impossible",
        }
    }
}
