//! What must be right about every message of the member, whatever a scenario is about: its
//! BeginString(8), CompIDs, number and times.

use gwanmun_fix::{Version, tag};

use super::line::{Line, SECOND_NS, Sent, Stop};
use super::received::Received;

/// How far SendingTime(52) may be from our clock.
const LATENCY_NS_MAX: u64 = 120 * SECOND_NS;

/// Judges the head and counts the number.
///
/// While the line is unsure nothing but the number is looked at, and taken as it is.
pub(super) fn judge(line: &mut Line<'_>, received: &Received) -> Result<(), Stop> {
    line.last_in_ns = received.at_ns;
    let is_logon = received.is(b"A");
    if is_logon {
        take_wishes(line, received)?;
    }
    if !line.is_unsure {
        judge_names(line, received)?;
        judge_times(line, received)?;
    }
    let Some(number) = received.number(tag::MSG_SEQ_NUM) else {
        return Err(wrong(received, "MsgSeqNum(34) is missing or no number"));
    };
    if is_logon && received.has_flag(tag::RESET_SEQ_NUM_FLAG) {
        line.next_in = 1;
        line.sent.clear();
    }
    let is_duplicate = received.has_flag(tag::POSS_DUP_FLAG) && number < line.next_in;
    if is_duplicate {
        return Ok(());
    }
    let is_reset = received.is(b"4") && !received.is_gap_fill();
    // QuickFIX loses a number with the Logon(A) that it tries behind a Logout(5). The gateway takes
    // such a Logon and asks; whether the member then answers is the scenario `resend`'s.
    let is_ahead = is_logon && line.has_come && number > line.next_in;
    if !line.is_unsure && !is_reset && !is_ahead && number != line.next_in {
        let what = match number < line.next_in {
            true => "lower than expected, without PossDupFlag(43)=Y",
            false => "numbers before it did not come",
        };
        let told = format!("MsgSeqNum(34)={number}, expected {}: {what}", line.next_in);
        return Err(wrong(received, &told));
    }
    count(line, received, number);
    Ok(())
}

fn count(line: &mut Line<'_>, received: &Received, number: u64) {
    let next = match received.is(b"4") {
        true => received.number(tag::NEW_SEQ_NO).unwrap_or(number + 1),
        false => number.saturating_add(1),
    };
    line.next_in = match line.is_unsure {
        true => next,
        false => line.next_in.max(next),
    };
    line.sent.push(Sent {
        msg_seq_num: number,
        sending_time_ns: received.time_ns(tag::SENDING_TIME).unwrap_or(0),
        is_administrative: received.is_administrative(),
        cl_ord_id: received.field(tag::CL_ORD_ID).map(<[u8]>::to_vec),
    });
}

/// The version and the interval, which what we say depends on.
fn take_wishes(line: &mut Line<'_>, logon: &Received) -> Result<(), Stop> {
    let begin_string = logon.field(tag::BEGIN_STRING).unwrap_or(b"");
    let Some(version) = Version::of_begin_string(begin_string) else {
        let told = "BeginString(8) is not FIX.4.2, FIX.4.4 or FIXT.1.1";
        return Err(wrong(logon, told));
    };
    let agreed = match line.has_come {
        true => Some(line.version),
        false => line.terms.version,
    };
    if let Some(agreed) = agreed.filter(|agreed| *agreed != version) {
        let told = format!("the version is not {}, as agreed", agreed.name());
        return Err(wrong(logon, &told));
    }
    line.version = version;
    line.heart_bt_int_s = logon.number(tag::HEART_BT_INT).unwrap_or(0);
    Ok(())
}

fn judge_names(line: &Line<'_>, received: &Received) -> Result<(), Stop> {
    for (tag, name, own) in [
        (
            tag::BEGIN_STRING,
            "BeginString(8)",
            line.version.begin_string(),
        ),
        (
            tag::SENDER_COMP_ID,
            "SenderCompID(49)",
            line.terms.target_comp_id.as_bytes(),
        ),
        (
            tag::TARGET_COMP_ID,
            "TargetCompID(56)",
            line.terms.sender_comp_id.as_bytes(),
        ),
    ] {
        if received.field(tag) != Some(own) {
            let told = format!("{name} is not {}", own.escape_ascii());
            return Err(wrong(received, &told));
        }
    }
    Ok(())
}

fn judge_times(line: &Line<'_>, received: &Received) -> Result<(), Stop> {
    let Some(sending_time_ns) = received.time_ns(tag::SENDING_TIME) else {
        return Err(wrong(received, "SendingTime(52) is missing or no time"));
    };
    if line.wire.now_ns().abs_diff(sending_time_ns) > LATENCY_NS_MAX {
        let told = "SendingTime(52) is more than 120 s from the gateway's clock";
        return Err(wrong(received, told));
    }
    if !received.has_flag(tag::POSS_DUP_FLAG) {
        return Ok(());
    }
    match received.time_ns(tag::ORIG_SENDING_TIME) {
        Some(orig_ns) if orig_ns > sending_time_ns => Err(wrong(
            received,
            "OrigSendingTime(122) is later than SendingTime(52)",
        )),
        None if !received.is(b"4") => Err(wrong(
            received,
            "PossDupFlag(43)=Y without OrigSendingTime(122)",
        )),
        _ => Ok(()),
    }
}

/// The message, and what is wrong with it.
pub(super) fn wrong(received: &Received, what: &str) -> Stop {
    Stop::Fail(format!("{}: {what}", received.shown()))
}
