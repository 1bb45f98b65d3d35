//! The terms of a script's session, and how a `TERMS` line changes them.

use gwanmun_fix::Version;
use gwanmun_fix::session::{ApplicationTypes, SeqNumReset, SessionTerms};
use gwanmun_fix::time::Precision;
use gwanmun_market::Text;

/// The terms of `GATE` with the peer `MEMBER`.
pub(crate) fn of(version: Version, is_acceptor: bool) -> SessionTerms {
    let text = |text: &str| Text::new(text.as_bytes()).unwrap();
    SessionTerms {
        version,
        ..SessionTerms::new(text("GATE"), text("MEMBER"), is_acceptor)
    }
}

/// Changes terms by a `TERMS` line: words, and names with numbers.
pub(crate) fn change(terms: &mut SessionTerms, rest: &str) -> Result<(), String> {
    for setting in rest.split(' ') {
        let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
        let number = value.parse().unwrap_or(0);
        match key {
            "initiator" => *terms = of(terms.version, false),
            "reset_on_logon" => terms.reset = SeqNumReset::OnRequest,
            "reset_each_logon" => terms.reset = SeqNumReset::EachLogon,
            "sends_next_expected_msg_seq_num" => terms.sends_next_expected_msg_seq_num = true,
            "sends_last_msg_seq_num_processed" => terms.sends_last_msg_seq_num_processed = true,
            "resend_request_numbers_max" => terms.resend_request_numbers_max = number,
            "message_bytes_max" => terms.message_bytes_max = number,
            "all_types" => terms.application_types = ApplicationTypes::All,
            "seconds" => terms.precision = Precision::Seconds,
            "microseconds" => terms.precision = Precision::Microseconds,
            "nanoseconds" => terms.precision = Precision::Nanoseconds,
            "heart_bt_int_s" => terms.heart_bt_int_s = number,
            "heart_bt_int_s_min" => terms.heart_bt_int_s_min = number,
            "no_latency_check" => terms.check_latency = false,
            _ => return Err(format!("no such term: {key}")),
        }
    }
    Ok(())
}
