//! A FIX session's terms as words of a line, and back: of a member's line, and of a venue's that
//! speaks FIX.
//!
//! Not in it: the lines around them (`terms_text`).

use gwanmun_fix::Version;
use gwanmun_fix::session::{SeqNumReset, SessionTerms};
use gwanmun_fix::time::Precision;
use gwanmun_market::Text;

use crate::terms::WireTerms;
use crate::terms_text::{flag, value_of, word_of};
use crate::terms_words::{Word, text};

const RESETS: [(&str, SeqNumReset); 3] = [
    ("never", SeqNumReset::Never),
    ("on_request", SeqNumReset::OnRequest),
    ("each_logon", SeqNumReset::EachLogon),
];

const PRECISIONS: [(&str, Precision); 4] = [
    ("seconds", Precision::Seconds),
    ("milliseconds", Precision::Milliseconds),
    ("microseconds", Precision::Microseconds),
    ("nanoseconds", Precision::Nanoseconds),
];

/// A session's terms as words.
pub(crate) struct SessionWords<'a>(pub(crate) &'a SessionTerms);

impl core::fmt::Display for SessionWords<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let session = self.0;
        write!(
            f,
            "{} {} {} {} {} {} {} {} {} {} {} {} {} {}",
            Word(session.version.begin_string()),
            Word(session.sender_comp_id.as_bytes()),
            Word(session.target_comp_id.as_bytes()),
            session.heart_bt_int_s,
            session.heart_bt_int_s_min,
            u8::from(session.check_latency),
            session.max_latency_s,
            word_of(&RESETS, session.reset),
            session.logon_timeout_s,
            session.logout_timeout_s,
            word_of(&PRECISIONS, session.precision),
            u8::from(session.sends_last_msg_seq_num_processed),
            session.resend_request_numbers_max,
            session.message_bytes_max,
        )
    }
}

/// What is spoken on a venue's order line, and how long the password in its Logon(A) is.
pub(crate) fn wire_terms(words: &[&str]) -> Option<(WireTerms, u8)> {
    match words {
        [] => Some((WireTerms::Ouch50, 0)),
        ["fix", session @ .., password_bytes] => {
            let session = session_terms(session, venue_base)?;
            Some((WireTerms::Fix(session), password_bytes.parse().ok()?))
        }
        _ => None,
    }
}

/// What a member's session is where its words do not say.
pub(crate) fn member_base(sender: Text<32>, target: Text<32>) -> SessionTerms {
    SessionTerms::new(sender, target, true)
}

fn venue_base(sender: Text<32>, target: Text<32>) -> SessionTerms {
    match WireTerms::fix(sender, target) {
        WireTerms::Fix(session) => session,
        WireTerms::Ouch50 => SessionTerms::new(sender, target, false),
    }
}

/// The terms behind [`SessionWords`]; what is not in those is as in `base`.
pub(crate) fn session_terms(
    words: &[&str],
    base: fn(Text<32>, Text<32>) -> SessionTerms,
) -> Option<SessionTerms> {
    let [
        begin,
        sender,
        target,
        heart_bt_int,
        heart_bt_int_min,
        check,
        latency,
        reset,
        logon,
        logout,
        precision,
        last_processed,
        resend_request_max,
        message_bytes_max,
    ] = words
    else {
        return None;
    };
    let mut terms = base(text(sender)?, text(target)?);
    terms.version = Version::of_begin_string(text::<8>(begin)?.as_bytes())?;
    terms.heart_bt_int_s = heart_bt_int.parse().ok()?;
    terms.heart_bt_int_s_min = heart_bt_int_min.parse().ok()?;
    terms.check_latency = flag(check)?;
    terms.max_latency_s = latency.parse().ok()?;
    terms.reset = value_of(&RESETS, reset)?;
    terms.logon_timeout_s = logon.parse().ok()?;
    terms.logout_timeout_s = logout.parse().ok()?;
    terms.precision = value_of(&PRECISIONS, precision)?;
    terms.sends_last_msg_seq_num_processed = flag(last_processed)?;
    terms.resend_request_numbers_max = resend_request_max.parse().ok()?;
    terms.message_bytes_max = message_bytes_max.parse().ok()?;
    Some(terms)
}
