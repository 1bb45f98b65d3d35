//! A line before its Logon(35=A): who is it, and what of its first message may be kept.
//!
//! What strangers send never enters the members' journal. A line enters it with its accepted Logon,
//! written anew: the values of Password(554), NewPassword(925) and RawData(96) as asterisks of
//! equal length, CheckSum(10) recomputed.

use gwanmun_fix::frame::{Frame, check_sum, frame};
use gwanmun_fix::index::Index;
use gwanmun_fix::message::Message;
use gwanmun_fix::tag;

use crate::secrets::mask_fragment;
use crate::terms::Terms;

/// What a stranger may cost in all: what he says, and what is kept to know him by.
pub const STRANGER_COST_MAX: usize = 8 * 1024;

/// The part of that for what is kept of him besides his words' own buffer: first bytes for the
/// evidence, addresses, places in lists. Whoever keeps it holds it to this.
pub const STRANGER_STATE_BYTES: usize = 1280;

/// Most bytes that a stranger may send before his Logon is whole.
pub const STRANGER_BYTES_MAX: usize = STRANGER_COST_MAX - STRANGER_STATE_BYTES;

/// Fields whose values are secrets.
const SECRET_TAGS: [u32; 3] = [tag::PASSWORD, tag::NEW_PASSWORD, tag::RAW_DATA];

/// What is known of a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger<'a> {
    /// No whole message yet.
    Waiting,
    /// Not one of ours: close the line, answer nothing.
    Refused(StrangerFault),
    /// A Logon of a session that we have; credentials are still to be judged.
    Logon {
        /// Session index.
        member: u16,
        /// Bytes of the message.
        length: usize,
        /// Username(553).
        username: Option<&'a [u8]>,
        /// Password(554); RawData(96) where there is none, since FIX.4.2 has no other field for it.
        password: Option<&'a [u8]>,
    },
}

/// Why a stranger is refused. The fault is his.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StrangerFault {
    /// The first bytes are no FIX message.
    NotFix,
    /// Too many bytes without a whole message.
    TooLong,
    /// The first message is not a Logon(35=A).
    NotALogon,
    /// BeginString(8), SenderCompID(49) or TargetCompID(56) belong to no session here, or to one
    /// that is disabled.
    UnknownSession,
    /// The session has a line already.
    AlreadyConnected,
    /// Username(553) or Password(554) are wrong.
    Credentials,
    /// No Logon came in time.
    TimedOut,
    /// His address is in no network from which the session's member may come.
    Address,
    /// The gateway is being stopped.
    Stopping,
}

impl StrangerFault {
    /// Every fault, for counters.
    pub const ALL: [StrangerFault; 9] = [
        StrangerFault::NotFix,
        StrangerFault::TooLong,
        StrangerFault::NotALogon,
        StrangerFault::UnknownSession,
        StrangerFault::AlreadyConnected,
        StrangerFault::Credentials,
        StrangerFault::TimedOut,
        StrangerFault::Address,
        StrangerFault::Stopping,
    ];

    /// A short text for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            StrangerFault::NotFix => "first bytes are not FIX",
            StrangerFault::TooLong => "too many bytes without a whole Logon",
            StrangerFault::NotALogon => "first message is not a Logon",
            StrangerFault::UnknownSession => "BeginString or CompIDs belong to no session here",
            StrangerFault::AlreadyConnected => "the session is connected already",
            StrangerFault::Credentials => "wrong Username or Password",
            StrangerFault::TimedOut => "no Logon in time",
            StrangerFault::Address => "an address that the session is not open to",
            StrangerFault::Stopping => "the gateway stops",
        }
    }
}

/// Looks at all that a stranger has sent so far.
#[must_use]
pub fn examine<'a>(bytes: &'a [u8], terms: &Terms, index: &'a mut Index) -> Stranger<'a> {
    let length = match frame(bytes, STRANGER_BYTES_MAX) {
        Frame::Whole { length } => length,
        Frame::Partial if bytes.len() < STRANGER_BYTES_MAX => return Stranger::Waiting,
        Frame::Partial | Frame::Unframeable(_) => {
            return Stranger::Refused(StrangerFault::TooLong);
        }
        Frame::Garbled { .. } => return Stranger::Refused(StrangerFault::NotFix),
    };
    let Some(whole) = bytes.get(..length) else {
        return Stranger::Waiting;
    };
    let (message, fault) = Message::read(whole, index);
    if fault.is_some() || message.msg_type() != b"A" {
        return Stranger::Refused(StrangerFault::NotALogon);
    }
    let is_ours = |member: &crate::terms::MemberTerms| {
        let session = &member.session;
        member.is_enabled
            && message.begin_string() == session.version.begin_string()
            && message.sender_comp_id() == Some(session.target_comp_id.as_bytes())
            && message.target_comp_id() == Some(session.sender_comp_id.as_bytes())
    };
    let member = terms
        .members
        .iter()
        .position(is_ours)
        .and_then(|at| u16::try_from(at).ok());
    let Some(member) = member else {
        return Stranger::Refused(StrangerFault::UnknownSession);
    };
    let username = message.field(tag::USERNAME);
    let password = message.field(tag::PASSWORD);
    let password = password.or_else(|| message.field(tag::RAW_DATA));
    Stranger::Logon {
        member,
        length,
        username,
        password,
    }
}

/// `10=nnn` and SOH, the end of every whole message.
const TRAILER_BYTES: usize = 7;

/// Writes a message anew with its secrets as asterisks of equal length and the CheckSum(10) that
/// goes with them.
///
/// In a message with a faulty field, which a later Logon may be, secrets are looked for as in bytes
/// that are no message: an index ends at the fault.
pub fn mask_secrets(message: &mut [u8], index: &mut Index) {
    let (_, fault) = Message::read(message, index);
    if fault.is_some() {
        // The SOH in front of CheckSum(10) stays, or it would be no message any more.
        let end = message.len().saturating_sub(TRAILER_BYTES + 1);
        mask_fragment(message.get_mut(..end).unwrap_or_default());
    }
    let slots = if fault.is_some() { 0 } else { index.count() };
    for slot in 0..slots {
        let secret = index
            .slot(slot)
            .filter(|(tag, ..)| SECRET_TAGS.contains(tag));
        let value = secret.and_then(|(_, start, end)| message.get_mut(start..end));
        value.unwrap_or_default().fill(b'*');
    }
    let Some(body_end) = message.len().checked_sub(TRAILER_BYTES) else {
        return;
    };
    if let Some((body, trailer)) = message.split_at_mut_checked(body_end) {
        let sum = check_sum(body);
        if let [b'1', b'0', b'=', hundreds, tens, ones, 1] = trailer {
            *hundreds = b'0' + sum / 100;
            *tens = b'0' + sum / 10 % 10;
            *ones = b'0' + sum % 10;
        }
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::encode::MessageWriter;
    use gwanmun_fix::session::SessionTerms;
    use gwanmun_market::Text;

    use super::*;
    use crate::tables::Tables;
    use crate::terms::{Limits, MemberTerms, VenueTerms};

    fn terms() -> Terms {
        let text = |text: &[u8]| Text::new(text).unwrap();
        let member = |name| MemberTerms {
            session: SessionTerms::new(text(b"GATE"), text(name), true),
            accounts: Vec::new(),
            must_authenticate: false,
            is_enabled: true,
        };
        Terms {
            members: vec![member(b"ONE"), member(b"TWO")],
            venues: vec![VenueTerms {
                name: Text::EMPTY,
                username: Text::EMPTY,
                wire: crate::WireTerms::Ouch50,
                logon_password_bytes: 0,
            }],
            limits: Limits {
                orders_max: 1,
                positions_max: 1,
                message_bytes_max: 8192,
                max_age_ns: 1,
                queued_bytes_max: 1,
                sessions_max: 0,
            },
            order_id_prefix: Text::EMPTY,
            tables: Tables::default(),
        }
    }

    fn message(
        msg_type: &[u8],
        sender: &[u8],
        more: impl FnOnce(&mut MessageWriter<'_>),
    ) -> Vec<u8> {
        let mut bytes = vec![0; 8192];
        let mut writer = MessageWriter::start(&mut bytes, b"FIX.4.4");
        writer
            .bytes(tag::MSG_TYPE, msg_type)
            .bytes(tag::SENDER_COMP_ID, sender)
            .bytes(tag::TARGET_COMP_ID, b"GATE")
            .uint(tag::MSG_SEQ_NUM, 1);
        more(&mut writer);
        let length = writer.finish().unwrap();
        bytes.truncate(length);
        bytes
    }

    fn check(bytes: &[u8], expected: Stranger<'_>) {
        let mut index = Index::new();
        assert_eq!(examine(bytes, &terms(), &mut index), expected);
    }

    #[test]
    fn strangers_are_told_apart_by_their_first_message() {
        let logon = message(b"A", b"TWO", |writer| {
            writer.bytes(tag::PASSWORD, b"secret");
        });
        let expected = Stranger::Logon {
            member: 1,
            length: logon.len(),
            username: None,
            password: Some(b"secret"),
        };
        check(&logon, expected);
        check(&[&logon[..], b"8=FIX"].concat(), expected);
        let logon = message(b"A", b"TWO", |writer| {
            writer.data(tag::RAW_DATA_LENGTH, tag::RAW_DATA, b"a\x01554=b");
        });
        let expected = Stranger::Logon {
            member: 1,
            length: logon.len(),
            username: None,
            password: Some(b"a\x01554=b"),
        };
        check(&logon, expected);
        for cut in 0..logon.len() {
            check(&logon[..cut], Stranger::Waiting);
        }
        let refused = Stranger::Refused;
        check(b"GET / HTTP/1.1", refused(StrangerFault::NotFix));
        let order = message(b"D", b"TWO", |_| {});
        check(&order, refused(StrangerFault::NotALogon));
        let unknown = message(b"A", b"THREE", |_| {});
        check(&unknown, refused(StrangerFault::UnknownSession));
        let long = message(b"A", b"TWO", |writer| {
            writer.bytes(tag::TEXT, &[b'x'; 6700]);
        });
        assert!(long.len() < STRANGER_BYTES_MAX);
        let expected = Stranger::Logon {
            member: 1,
            length: long.len(),
            username: None,
            password: None,
        };
        check(&long, expected);
        let endless = [b"8=FIX.4.4\x019=6800\x0135=A\x01".as_slice(), &[b'x'; 8000]].concat();
        check(&endless[..STRANGER_BYTES_MAX - 200], Stranger::Waiting);
        let over = b"8=FIX.4.4\x019=999999\x0135=A\x01";
        check(over, refused(StrangerFault::TooLong));
    }

    #[test]
    fn secrets_become_asterisks_of_equal_length() {
        let write = |password: &[u8], new: &[u8], raw: &[u8]| {
            message(b"A", b"ONE", |writer| {
                writer
                    .bytes(tag::USERNAME, b"name")
                    .bytes(tag::PASSWORD, password)
                    .bytes(tag::NEW_PASSWORD, new)
                    .data(tag::RAW_DATA_LENGTH, tag::RAW_DATA, raw);
            })
        };
        let mut masked = write(b"secret", b"geheim", b"a\x01554=b\x0110=");
        mask_secrets(&mut masked, &mut Index::new());
        assert_eq!(masked, write(b"******", b"******", b"***********"));
        let mut plain = message(b"A", b"ONE", |_| {});
        let before = plain.clone();
        mask_secrets(&mut plain, &mut Index::new());
        assert_eq!(plain, before);
        mask_secrets(&mut [], &mut Index::new());
    }
}
