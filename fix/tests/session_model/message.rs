//! A message from the peer as a value: what it says and which of it is wrong. The session gets it
//! as bytes, the model as it stands here, so the model needs no parser.

use std::fmt::Write as _;

use gwanmun_fix::{SessionRejectReason, Version};

use crate::session_support::{timestamp, whole};

/// A field that should hold a whole number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Number {
    #[default]
    Absent,
    Is(u64),
    /// Below zero: a number, and out of range.
    Below,
    /// No number at all.
    Text(&'static str),
}

/// A field that should hold `Y` or `N`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Flag {
    #[default]
    Absent,
    Is(bool),
    /// Another character.
    Wrong,
}

/// A field that should hold a UTCTimestamp, here in nanoseconds since the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Time {
    #[default]
    Absent,
    At(u64),
    /// No time at all.
    Text,
}

/// A CompID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Name {
    #[default]
    Right,
    Wrong,
    Absent,
}

/// A field that is wrong in itself, whatever the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// Text(58) without a value.
    Empty,
    /// ClOrdID(11) twice.
    Twice,
    /// A tag that is zero.
    TagZero,
    /// A tag that is no number.
    TagText,
}

impl Defect {
    /// RefTagID(371), 0 for none, and SessionRejectReason(373).
    pub(crate) fn fault(self) -> (u32, SessionRejectReason) {
        match self {
            Defect::Empty => (58, SessionRejectReason::TagSpecifiedWithoutAValue),
            Defect::Twice => (11, SessionRejectReason::TagAppearsMoreThanOnce),
            Defect::TagZero | Defect::TagText => (0, SessionRejectReason::InvalidTagNumber),
        }
    }

    fn text(self) -> &'static str {
        match self {
            Defect::Empty => "58=|",
            Defect::Twice => "11=a|11=b|",
            Defect::TagZero => "0=x|",
            Defect::TagText => "x1=x|",
        }
    }
}

/// What the peer says; fields that a message does not have are absent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Incoming {
    pub(crate) has_wrong_begin_string: bool,
    pub(crate) msg_type: &'static str,
    pub(crate) msg_seq_num: Number,
    pub(crate) poss_dup: Flag,
    pub(crate) sender: Name,
    pub(crate) target: Name,
    pub(crate) sending_time: Time,
    pub(crate) orig_sending_time: Time,
    pub(crate) appl_ver_id: Option<&'static str>,
    pub(crate) defect: Option<Defect>,
    /// ClOrdID(11), so many bytes long.
    pub(crate) cl_ord_id_bytes: usize,
    /// TestReqID(112), so many bytes long.
    pub(crate) test_req_id_bytes: usize,
    pub(crate) encrypt_method: Number,
    pub(crate) heart_bt_int: Number,
    pub(crate) reset_seq_num: Flag,
    pub(crate) max_message_size: Number,
    pub(crate) next_expected: Number,
    pub(crate) default_appl_ver_id: Option<&'static str>,
    pub(crate) begin_seq_no: Number,
    pub(crate) end_seq_no: Number,
    pub(crate) new_seq_no: Number,
    pub(crate) gap_fill: Flag,
}

impl Incoming {
    /// The bytes of it.
    pub(crate) fn render(&self, version: Version) -> Vec<u8> {
        let mut body = String::with_capacity(256);
        let _ = write!(body, "35={}|", self.msg_type);
        self.head(&mut body);
        for (tag, value) in [(11, self.cl_ord_id_bytes), (112, self.test_req_id_bytes)] {
            if value > 0 {
                let _ = write!(body, "{tag}={}|", "i".repeat(value));
            }
        }
        number(&mut body, 98, self.encrypt_method);
        number(&mut body, 108, self.heart_bt_int);
        flag(&mut body, 141, self.reset_seq_num);
        number(&mut body, 383, self.max_message_size);
        number(&mut body, 789, self.next_expected);
        if let Some(id) = self.default_appl_ver_id {
            let _ = write!(body, "1137={id}|");
        }
        number(&mut body, 7, self.begin_seq_no);
        number(&mut body, 16, self.end_seq_no);
        number(&mut body, 36, self.new_seq_no);
        flag(&mut body, 123, self.gap_fill);
        if let Some(defect) = self.defect {
            body.push_str(defect.text());
        }
        let begin_string = if self.has_wrong_begin_string {
            "FIX.4.3"
        } else {
            std::str::from_utf8(version.begin_string()).unwrap()
        };
        whole(begin_string, &body)
    }

    fn head(&self, body: &mut String) {
        number(body, 34, self.msg_seq_num);
        flag(body, 43, self.poss_dup);
        for (tag, name, right) in [(49, self.sender, "MEMBER"), (56, self.target, "GATE")] {
            match name {
                Name::Right => _ = write!(body, "{tag}={right}|"),
                Name::Wrong => _ = write!(body, "{tag}=OTHER|"),
                Name::Absent => {}
            }
        }
        for (tag, time) in [(52, self.sending_time), (122, self.orig_sending_time)] {
            match time {
                Time::At(ns) => _ = write!(body, "{tag}={}|", timestamp(ns)),
                Time::Text => _ = write!(body, "{tag}=yesterday|"),
                Time::Absent => {}
            }
        }
        if let Some(id) = self.appl_ver_id {
            let _ = write!(body, "1128={id}|");
        }
    }
}

fn number(body: &mut String, tag: u32, number: Number) {
    match number {
        Number::Is(value) => _ = write!(body, "{tag}={value}|"),
        Number::Below => _ = write!(body, "{tag}=-1|"),
        Number::Text(text) => _ = write!(body, "{tag}={text}|"),
        Number::Absent => {}
    }
}

fn flag(body: &mut String, tag: u32, flag: Flag) {
    match flag {
        Flag::Is(true) => _ = write!(body, "{tag}=Y|"),
        Flag::Is(false) => _ = write!(body, "{tag}=N|"),
        Flag::Wrong => _ = write!(body, "{tag}=X|"),
        Flag::Absent => {}
    }
}
