//! What a session tells its caller: small values to copy, never text or queues.
//!
//! In it: [`Outcome`], [`DisconnectReason`], [`NoRoom`], [`Numbers`]. Not in it: the bytes of
//! answers, which are in the caller's [`Sink`](crate::Sink) by then. Next:
//! [`super::Session::on_message`].

/// What became of an inbound message, a deadline or a request to log out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// An application message in sequence; `next_in` is already behind it.
    Deliver,
    /// The session wrote something into the sink; there is nothing for the application.
    Answered,
    /// Nothing was written and there is nothing for the application.
    Ignore,
    /// Send what is in the sink, then close the line and call `on_disconnect`.
    Disconnect(DisconnectReason),
}

/// Why a session wants its line closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DisconnectReason {
    /// The first message was not a Logon(A); nothing was answered.
    FirstMessageNotLogon,
    /// No Logon(A) came in time.
    LogonTimeout,
    /// We refused the peer's Logon(A).
    LogonRefused,
    /// The peer refused our Logon(A) with a Logout(5).
    LogonRefusedByPeer,
    /// BeginString(8) is not the agreed one.
    BeginString,
    /// SenderCompID(49) or TargetCompID(56) is not the agreed one.
    CompId,
    /// SendingTime(52) is too far from our clock.
    SendingTime,
    /// MsgSeqNum(34) is missing or not a number within range.
    MsgSeqNumUnreadable,
    /// MsgSeqNum(34) is lower than expected and the message is no possible duplicate.
    MsgSeqNumTooLow,
    /// Logout(5) was exchanged.
    LoggedOut,
    /// Our Logout(5) was not answered in time, or the peer did not close after ours.
    LogoutTimeout,
    /// The peer stayed silent although a TestRequest(1) asked it to speak.
    PeerSilent,
    /// The sink had no room for an answer: the peer does not read.
    NoRoom,
}

impl DisconnectReason {
    /// A few plain words for a log or a record.
    #[must_use]
    pub const fn as_text(self) -> &'static str {
        match self {
            DisconnectReason::FirstMessageNotLogon => "first message was not a Logon",
            DisconnectReason::LogonTimeout => "no Logon in time",
            DisconnectReason::LogonRefused => "Logon refused",
            DisconnectReason::LogonRefusedByPeer => "Logon refused by the peer",
            DisconnectReason::BeginString => "BeginString not as agreed",
            DisconnectReason::CompId => "CompID not as agreed",
            DisconnectReason::SendingTime => "SendingTime too far from our clock",
            DisconnectReason::MsgSeqNumUnreadable => "MsgSeqNum missing or unreadable",
            DisconnectReason::MsgSeqNumTooLow => "MsgSeqNum too low",
            DisconnectReason::LoggedOut => "logged out",
            DisconnectReason::LogoutTimeout => "Logout not finished in time",
            DisconnectReason::PeerSilent => "peer silent",
            DisconnectReason::NoRoom => "peer does not read",
        }
    }
}

/// A message was not written, its number is not used: the sink lends too little room, or
/// [`MSG_SEQ_NUM_MAX`](super::terms::MSG_SEQ_NUM_MAX) is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// The sequence numbers that outlive a line; the caller keeps them on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Numbers {
    /// MsgSeqNum(34) expected next from the peer, from 1.
    pub next_in: u64,
    /// MsgSeqNum(34) of the next message we write, from 1.
    pub next_out: u64,
}

impl Numbers {
    /// The start of a session's life: both sides at 1.
    pub const FIRST: Numbers = Numbers {
        next_in: 1,
        next_out: 1,
    };
}
