//! What both sides agreed before the line exists: identities, intervals, what is allowed.
//!
//! In it: [`SessionTerms`] and the limits every session obeys. Not in it: credentials and
//! addresses, which the caller checks before it binds a line to a session. Next: [`super::logon`].

use gwanmun_market::Text;

use crate::time::Precision;
use crate::version::{Dialect, Version};

/// Nanoseconds in a second.
pub(super) const SECOND_NS: u64 = 1_000_000_000;

/// Largest MsgSeqNum(34) sent or accepted: 2^31 - 1.
///
/// Many peers keep numbers in a signed 32-bit integer, and our records keep them in 32 bits. A day
/// of 2,147,483,647 messages does not occur (25,000 a second around the clock), so a larger number
/// is a fault and is refused. When our own side gets there, nothing more is sent until numbers are
/// reset.
pub const MSG_SEQ_NUM_MAX: u64 = (1 << 31) - 1;

/// Least room in bytes that a [`Sink`](crate::Sink) must lend before a session writes at all.
///
/// The largest administrative message written here carries two CompIDs of 32 bytes, TestReqID(112)
/// of [`TEST_REQ_ID_BYTES_MAX`](super::test_request::TEST_REQ_ID_BYTES_MAX) bytes or Text(58) of
/// 256 bytes, and stays under 1 KiB. Less room than this counts as none.
pub const ROOM_BYTES_MIN: usize = 2048;

/// Longest Text(58) in bytes that the session writes; a longer one is cut.
pub const TEXT_BYTES_MAX: usize = 256;

const _: () = assert!(
    8 * (32 + 8) + super::test_request::TEST_REQ_ID_BYTES_MAX + TEXT_BYTES_MAX + 512
        < ROOM_BYTES_MIN
);

/// Smallest MaxMessageSize(383) of a peer, in bytes: nothing longer is written by the session.
pub const PEER_MESSAGE_BYTES_MIN: u64 = ROOM_BYTES_MIN as u64;

/// When both sequence numbers go back to 1 within a session's life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeqNumReset {
    /// Never: a peer that asks for it is refused.
    #[default]
    Never,
    /// Acceptor: when the peer asks by ResetSeqNumFlag(141)=Y. Initiator: it asks at each Logon(A).
    OnRequest,
    /// Acceptor: at each Logon(A) that opens a line, and when asked. Initiator: as `OnRequest`.
    EachLogon,
}

/// The application messages that a session takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationTypes {
    /// These types are delivered; another one of the version is answered with
    /// BusinessMessageReject(j). The session's own types do not belong in it.
    Listed(&'static [&'static [u8]]),
    /// Every type of the version, and those that the peers made up (U...).
    All,
}

/// The terms of one session, fixed while the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTerms {
    /// The version that both sides speak.
    pub version: Version,
    /// Decimals of SendingTime(52), and of every other UTCTimestamp that we write.
    pub precision: Precision,
    /// Our CompID: SenderCompID(49) of what we send, TargetCompID(56) of what we receive.
    pub sender_comp_id: Text<32>,
    /// The peer's CompID.
    pub target_comp_id: Text<32>,
    /// Whether the peer opens the line and sends the first Logon(A).
    pub is_acceptor: bool,
    /// Largest HeartBtInt(108) accepted from the peer; the one proposed where we are the initiator.
    pub heart_bt_int_s: u32,
    /// Smallest HeartBtInt(108) accepted. With zero here a peer may ask for no heartbeats (108=0).
    pub heart_bt_int_s_min: u32,
    /// Whether SendingTime(52) is compared with our clock.
    pub check_latency: bool,
    /// Largest distance of SendingTime(52) from our clock, either way.
    pub max_latency_s: u32,
    /// When the numbers go back to 1.
    pub reset: SeqNumReset,
    /// Initiator: whether our Logon(A) tells NextExpectedMsgSeqNum(789). An acceptor tells it to a
    /// peer that does.
    pub sends_next_expected_msg_seq_num: bool,
    /// Whether our messages tell LastMsgSeqNumProcessed(369).
    pub sends_last_msg_seq_num_processed: bool,
    /// Most numbers that one ResendRequest(2) of ours asks for; 0: all that is missing, and what
    /// follows.
    pub resend_request_numbers_max: u32,
    /// MaxMessageSize(383) that our Logon(A) tells, in bytes; 0 tells none. Framing holds to it.
    pub message_bytes_max: u32,
    /// How long a line may stay without a Logon(A).
    pub logon_timeout_s: u32,
    /// How long a Logout(5) may stay unanswered, and how long the peer may take to close after
    /// ours.
    pub logout_timeout_s: u32,
    /// What is delivered.
    pub application_types: ApplicationTypes,
    /// Whether a peer's application message is delivered whatever is wrong with its fields, with a
    /// type that is not listed too, and its Reject(3) as well: for an initiator towards a venue,
    /// whose report of a fill must not be lost over a field. Its MsgSeqNum(34) and CompIDs must be
    /// right all the same.
    pub is_lenient: bool,
}

impl SessionTerms {
    /// FIX.4.4 terms with the usual intervals: 30 s heartbeats (up to 60 s for an acceptor), 120 s
    /// of clock difference, 10 s to log on, 2 s to log out, no reset on Logon, times in
    /// milliseconds.
    ///
    /// An acceptor takes orders and requests (D, F, G), an initiator takes reports (8, 9, j).
    #[must_use]
    pub fn new(sender: Text<32>, target: Text<32>, is_acceptor: bool) -> SessionTerms {
        let application_types: &'static [&'static [u8]] = if is_acceptor {
            &[b"D", b"F", b"G"]
        } else {
            &[b"8", b"9", b"j"]
        };
        SessionTerms {
            version: Version::Fix44,
            precision: Version::Fix44.precision(),
            sender_comp_id: sender,
            target_comp_id: target,
            is_acceptor,
            heart_bt_int_s: if is_acceptor { 60 } else { 30 },
            heart_bt_int_s_min: 0,
            check_latency: true,
            max_latency_s: 120,
            reset: SeqNumReset::Never,
            sends_next_expected_msg_seq_num: false,
            sends_last_msg_seq_num_processed: false,
            resend_request_numbers_max: 0,
            message_bytes_max: 0,
            logon_timeout_s: 10,
            logout_timeout_s: 2,
            application_types: ApplicationTypes::Listed(application_types),
            is_lenient: false,
        }
    }

    /// How our messages are written.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        Dialect {
            version: self.version,
            precision: self.precision,
        }
    }
}
