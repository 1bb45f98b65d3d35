//! A FIX venue's line as the gateway keeps it: the session, what was asked on it lately, and how
//! far settling is.
//!
//! Only the session's two numbers outlive the line, by the effects. Of requests it is remembered
//! which MsgSeqNum(34) they had, because Reject(3) and BusinessMessageReject(j) name nothing else;
//! what a restart forgets of that is settled behind it anyway. Not in it: bytes (`fix_venue`).

use gwanmun_fix::session::{NoRoom, Session, SessionTerms};
use gwanmun_fix::{Sent, Sink, tag};
use gwanmun_market::Text;

use crate::fix_watch::Watch;
use crate::terms::VenueTerms;

/// Requests that are remembered: more than a venue leaves unread.
const SENT_MAX: usize = 4_096;

/// What a request was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestKind {
    /// NewOrderSingle(35=D).
    Enter,
    /// OrderCancelReplaceRequest(35=G).
    Replace,
    /// OrderCancelRequest(35=F).
    Cancel,
    /// OrderStatusRequest(35=H).
    Status,
}

/// A request and the UserRefNum that it named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SentRequest {
    pub(crate) msg_seq_num: u64,
    pub(crate) user_ref_num: u32,
    pub(crate) kind: RequestKind,
}

/// A request that was never sent: no message has the number 0.
const NOTHING: SentRequest = SentRequest {
    msg_seq_num: 0,
    user_ref_num: 0,
    kind: RequestKind::Status,
};

/// How far settling is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settling {
    /// No Logon(A) yet, or the session misses something: the barrier would be lost in the gap.
    Waiting,
    /// A TestRequest(1) of this name is out. Its answer stands behind everything that the venue
    /// said before it, and the venue has passed every number below its own.
    Barrier { name: BarrierName },
    /// An OrderStatusRequest(35=H) is out, about the order in this slot.
    Asking { slot: u32, user_ref_num: u32 },
    /// The venue would not answer about the order in this slot. It stays in doubt, nothing new is
    /// sent, and it is asked again when the time of an answer has passed.
    Refused { slot: u32, user_ref_num: u32 },
    /// Nothing is in doubt.
    Done,
}

/// What tells one barrier from every other, of earlier lines and processes too: when it was sent,
/// and its place among those of its line. Nothing in it depends on verdicts, so that a replay under
/// another limit takes the venue's answer for what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BarrierName {
    pub(crate) sent_ns: u64,
    pub(crate) place: u32,
}

/// Something a venue said that could not be understood; its order stays as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VenueFinding {
    /// A report about an order that is not ours, or names none.
    UnknownOrder,
    /// A report whose kind or quantity cannot be read.
    Unreadable,
    /// A fill was taken back or corrected, which is not booked.
    Busted,
    /// A fill of which CumQty(14) says that it, or a part of it, is booked already: by the sum of
    /// an earlier report. It is not booked twice.
    FillBooked,
    /// It says that an order was replaced which nobody asked it for: it is left as it was here.
    Amended,
    /// A message of ours was rejected and it is not known which.
    Rejected,
    /// OrderStatusRequest(35=H) was refused: what is in doubt cannot be settled.
    StatusRefused,
    /// It does not answer what it was asked, by settling or for what was missed, and is there.
    Unanswered,
}

impl VenueFinding {
    /// A few plain words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            VenueFinding::UnknownOrder => "a report about an order that is not known here",
            VenueFinding::Unreadable => "a report whose kind or quantity cannot be read",
            VenueFinding::Busted => "a fill was taken back or corrected, which is not booked",
            VenueFinding::FillBooked => {
                "a fill that is booked already, by the sum in an earlier report; it counts once"
            }
            VenueFinding::Amended => {
                "an order was changed there that nobody asked it to change; here it is as it was"
            }
            VenueFinding::Rejected => "a message of ours was rejected, and it is not known which",
            VenueFinding::Unanswered => {
                "it is there and does not answer what it was asked, about orders or a gap: \
                 it is asked again"
            }
            VenueFinding::StatusRefused => {
                "OrderStatusRequest was refused: what is in doubt stays in doubt, no order is sent \
                 there, and it is asked again"
            }
        }
    }
}

/// The line.
pub(crate) struct FixLine {
    pub(crate) session: Session,
    pub(crate) settling: Settling,
    /// Since when `settling` waits.
    pub(crate) watch: Watch,
    /// Barriers sent on this line.
    pub(crate) barriers: u32,
    /// Username(553) and the length of Password(554) in our Logon(A); zero for neither.
    credentials: (Text<6>, usize),
    /// By MsgSeqNum(34), in a ring.
    sent: Box<[SentRequest]>,
}

impl FixLine {
    /// A line before the first record of the day.
    pub(crate) fn new(session: SessionTerms, venue: &VenueTerms) -> FixLine {
        FixLine {
            session: Session::new(session),
            credentials: (venue.username, venue.logon_password_bytes.into()),
            settling: Settling::Waiting,
            watch: Watch::default(),
            barriers: 0,
            sent: vec![NOTHING; SENT_MAX].into_boxed_slice(),
        }
    }

    /// Sends our Logon(A), a password in it as asterisks: whoever puts the bytes on the line puts
    /// it there.
    ///
    /// # Errors
    /// As [`Session::logon`].
    pub(crate) fn log_on(&mut self, now_ns: u64, sink: &mut impl Sink) -> Result<Sent, NoRoom> {
        let (username, password_bytes) = self.credentials;
        let masked = [b'*'; u8::MAX as usize];
        self.session.logon(now_ns, sink, |writer| {
            if let Some(masked) = masked.get(..password_bytes)
                && password_bytes > 0
            {
                writer
                    .bytes(tag::USERNAME, username.as_bytes())
                    .bytes(tag::PASSWORD, masked);
            }
        })
    }

    /// Whether our Logon(A) has a password.
    pub(crate) const fn has_password(&self) -> bool {
        self.credentials.1 > 0
    }

    /// The line is gone.
    pub(crate) fn on_disconnect(&mut self) {
        self.session.on_disconnect();
        self.settling = Settling::Waiting;
        self.barriers = 0;
    }

    /// Settling goes on to its next step.
    pub(crate) fn settle(&mut self, settling: Settling, now_ns: u64) {
        self.settling = settling;
        self.watch = Watch::from(now_ns);
    }

    /// Remembers a request.
    pub(crate) fn note_sent(&mut self, request: SentRequest) {
        let at = place_of(request.msg_seq_num);
        if let Some(place) = self.sent.get_mut(at) {
            *place = request;
        }
    }

    /// The request that had a number, if it is remembered.
    pub(crate) fn sent(&self, msg_seq_num: u64) -> Option<SentRequest> {
        let request = self.sent.get(place_of(msg_seq_num)).copied();
        request.filter(|request| request.msg_seq_num == msg_seq_num && msg_seq_num != 0)
    }
}

fn place_of(msg_seq_num: u64) -> usize {
    usize::try_from(msg_seq_num).unwrap_or(0) % SENT_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::WireTerms;

    #[test]
    fn the_latest_requests_are_found_by_their_numbers() {
        let WireTerms::Fix(terms) = WireTerms::fix(Text::EMPTY, Text::EMPTY) else {
            panic!("FIX was asked for");
        };
        let venue = VenueTerms {
            name: Text::EMPTY,
            username: Text::EMPTY,
            wire: WireTerms::Fix(terms),
            logon_password_bytes: 0,
        };
        let mut line = FixLine::new(terms, &venue);
        assert_eq!(line.sent(0), None);
        let request = |msg_seq_num| SentRequest {
            msg_seq_num,
            user_ref_num: 7,
            kind: RequestKind::Cancel,
        };
        let many = SENT_MAX as u64;
        for number in 1..=many + 3 {
            line.note_sent(request(number));
        }
        assert_eq!(line.sent(3), None);
        assert_eq!(line.sent(4), Some(request(4)));
        assert_eq!(line.sent(many + 3), Some(request(many + 3)));
        assert_eq!(line.sent(many + 4), None);
    }
}
