//! What the peer says, drawn: mostly right, with faults that hit the edges more often than chance
//! would.

use gwanmun_fix::Version;
use gwanmun_fix::session::{MSG_SEQ_NUM_MAX, Numbers, SeqNumReset, SessionTerms};

use crate::message::{Defect, Flag, Incoming, Name, Number, Time};
use crate::session_support::{Random, SECOND_NS};

/// What a draw looks at: no more than a peer could know.
pub(crate) struct Situation<'t> {
    pub(crate) terms: &'t SessionTerms,
    pub(crate) now_ns: u64,
    pub(crate) numbers: Numbers,
    pub(crate) is_logged_on: bool,
    /// A peer that seldom errs, so that sessions last.
    pub(crate) is_careful: bool,
}

fn pick<T: Copy>(random: &mut Random, from: &[T]) -> T {
    from[random.below(from.len() as u64) as usize]
}

pub(crate) fn message(random: &mut Random, at: &Situation<'_>) -> Incoming {
    let mut message = Incoming {
        msg_type: msg_type(random, at),
        msg_seq_num: Number::Is(number(random, at)),
        sending_time: Time::At(at.now_ns),
        ..Incoming::default()
    };
    head(random, at, &mut message);
    match message.msg_type {
        "A" => logon(random, at, &mut message),
        "1" => {
            message.test_req_id_bytes = match random.below(12) {
                0 => 0,
                1 => 256,
                2 => 257,
                _ => 4,
            }
        }
        "2" => {
            let begin = near(random, at.numbers.next_out / 2 + 1);
            let farther = random.below(9);
            message.begin_seq_no = odd(random, begin);
            let end = match random.below(4) {
                0 => 0,
                1 => begin.saturating_sub(1),
                _ => begin + farther,
            };
            message.end_seq_no = odd(random, end);
        }
        "4" => {
            message.gap_fill = pick(random, &[Flag::Is(true), Flag::Is(true), Flag::Is(false)]);
            if random.once_in(12) {
                message.gap_fill = pick(random, &[Flag::Absent, Flag::Wrong]);
            }
            let new = near(random, at.numbers.next_in + 1);
            message.new_seq_no = odd(random, new);
        }
        "0" | "3" | "5" => {}
        _ => message.cl_ord_id_bytes = pick(random, &[0, 1, 5, 64, 65]),
    }
    message
}

fn msg_type(random: &mut Random, at: &Situation<'_>) -> &'static str {
    if !at.is_logged_on {
        return match random.below(if at.is_careful { 200 } else { 24 }) {
            0 => "5",
            1 => "3",
            2 => pick(random, &["0", "2", "4", "D", "ZZ"]),
            _ => "A",
        };
    }
    let own = if at.terms.is_acceptor { "D" } else { "8" };
    match random.below(16) {
        0..=3 => own,
        4 | 5 => "0",
        6 => "1",
        7..=9 => "2",
        10 | 11 => "4",
        12 if at.is_careful && !random.once_in(8) => own,
        12 => pick(random, &["5", "A", "A"]),
        13 => pick(random, &["3", "j", "F", "9"]),
        _ => pick(
            random,
            &["R", "U7", "n", "AE", "CA", "ZZ", "I", "a!", "D", "8"],
        ),
    }
}

fn number(random: &mut Random, at: &Situation<'_>) -> u64 {
    let next_in = at.numbers.next_in;
    match random.below(20) {
        3..=5 if at.is_careful => next_in,
        0 | 1 => next_in + 1,
        2 => next_in + 2 + random.below(3),
        3 => next_in.saturating_sub(1),
        4 => next_in.saturating_sub(random.below(4)),
        5 => 1,
        6 if random.once_in(20) => MSG_SEQ_NUM_MAX,
        _ => next_in,
    }
}

/// A number within two of this one, above zero.
fn near(random: &mut Random, number: u64) -> u64 {
    (number + random.below(5)).saturating_sub(2).max(1)
}

/// The number; seldom something that is none, or beyond what is allowed.
fn odd(random: &mut Random, number: u64) -> Number {
    if !random.once_in(25) {
        return Number::Is(number);
    }
    pick(
        random,
        &[
            Number::Absent,
            Number::Text("ten"),
            Number::Below,
            Number::Is(0),
            Number::Is(MSG_SEQ_NUM_MAX),
            Number::Is(MSG_SEQ_NUM_MAX + 1),
            Number::Is(u64::MAX),
        ],
    )
}

fn head(random: &mut Random, at: &Situation<'_>, message: &mut Incoming) {
    if random.once_in(5) {
        message.poss_dup = Flag::Is(true);
        message.orig_sending_time = Time::At(at.now_ns - random.below(2) * SECOND_NS);
    }
    if at.terms.version == Version::Fix50Sp2 && random.once_in(8) {
        message.appl_ver_id = Some(if random.once_in(4) { "8" } else { "9" });
    }
    if !random.once_in(if at.is_careful { 30 } else { 5 }) {
        return;
    }
    let far_ns = u64::from(at.terms.max_latency_s) * SECOND_NS;
    let early = Time::At(at.now_ns + 1 - random.below(2));
    match random.below(16) {
        0 => message.has_wrong_begin_string = random.once_in(4),
        1 => message.msg_seq_num = pick(random, &[Number::Absent, Number::Text("x")]),
        2 if random.once_in(3) => message.msg_seq_num = odd(random, 0),
        3 => message.sender = pick(random, &[Name::Right, Name::Wrong, Name::Absent]),
        4 => message.target = pick(random, &[Name::Right, Name::Wrong, Name::Absent]),
        5 => message.sending_time = pick(random, &[Time::Absent, Time::Text]),
        6 => message.sending_time = Time::At(at.now_ns + far_ns + random.below(2)),
        7 => message.sending_time = Time::At(at.now_ns - far_ns - random.below(2)),
        8 => (message.poss_dup, message.orig_sending_time) = (Flag::Is(true), early),
        9 => message.poss_dup = pick(random, &[Flag::Wrong, Flag::Is(false), Flag::Is(true)]),
        10 => {
            message.poss_dup = Flag::Is(true);
            message.orig_sending_time = pick(random, &[Time::Absent, Time::Text]);
        }
        11 => message.orig_sending_time = early,
        _ => {
            message.defect = Some(pick(
                random,
                &[
                    Defect::Empty,
                    Defect::Twice,
                    Defect::TagZero,
                    Defect::TagText,
                ],
            ));
        }
    }
    if message.defect == Some(Defect::Twice) {
        message.cl_ord_id_bytes = 0;
    }
}

fn logon(random: &mut Random, at: &Situation<'_>, message: &mut Incoming) {
    let (min_s, max_s) = (at.terms.heart_bt_int_s_min, at.terms.heart_bt_int_s);
    message.default_appl_ver_id = Some("9");
    message.encrypt_method = Number::Is(0);
    let edges = [max_s, max_s, min_s, max_s / 2 + 1];
    message.heart_bt_int = Number::Is(pick(random, &edges).into());
    if at.is_careful {
        let told = Number::Is(at.numbers.next_out - random.below(3).min(at.numbers.next_out - 1));
        message.next_expected = pick(random, &[Number::Absent, told]);
        return;
    }
    message.encrypt_method = Number::Is(u64::from(random.once_in(60)));
    if random.once_in(40) {
        message.heart_bt_int = odd(random, u64::from(max_s) + 1);
    }
    if random.once_in(60) {
        message.encrypt_method = pick(random, &[Number::Absent, Number::Text("none")]);
    }
    let is_agreed = at.terms.reset != SeqNumReset::Never;
    if random.once_in(if is_agreed { 3 } else { 20 }) {
        message.reset_seq_num = Flag::Is(!random.once_in(6));
        if random.once_in(12) {
            message.reset_seq_num = Flag::Wrong;
        } else if !random.once_in(6) {
            message.msg_seq_num = Number::Is(1);
        }
    }
    if random.once_in(3) {
        let beyond = 1 - random.below(8).min(1);
        let told = at.numbers.next_out + beyond - random.below(3).min(at.numbers.next_out - 1);
        message.next_expected = odd(random, told);
    }
    if random.once_in(8) {
        let bytes = pick(random, &[0, 2047, 2048, 4096]);
        message.max_message_size = odd(random, bytes);
    }
    message.default_appl_ver_id = match random.below(30) {
        0 => None,
        1 => Some("7"),
        _ => Some("9"),
    };
}
