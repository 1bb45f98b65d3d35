//! Fields at fault, and the ways to refuse a message: 2 and 14.

use gwanmun_fix::session::{DisconnectReason, MSG_SEQ_NUM_MAX, Outcome};
use gwanmun_fix::{SessionRejectReason, Version};

use crate::message::{Flag, Incoming, Number, Time};
use crate::model::Model;

/// A field at fault: RefTagID(371), 0 for none, and why.
pub(crate) type Fault = (u32, SessionRejectReason);

pub(crate) const MISSING: SessionRejectReason = SessionRejectReason::RequiredTagMissing;
pub(crate) const VALUE: SessionRejectReason = SessionRejectReason::ValueIsIncorrect;
pub(crate) const FORMAT: SessionRejectReason = SessionRejectReason::IncorrectDataFormatForValue;
pub(crate) const ACCURACY: SessionRejectReason = SessionRejectReason::SendingTimeAccuracyProblem;

impl Model {
    pub(crate) fn defect(&self, message: &Incoming) -> Option<Fault> {
        let version = message
            .appl_ver_id
            .filter(|id| self.terms.version == Version::Fix50Sp2 && *id != "9");
        let version = version.map(|_| (1128, SessionRejectReason::UnsupportedApplicationVersion));
        message.defect.map(|defect| defect.fault()).or(version)
    }

    pub(crate) fn check_fields(&self, message: &Incoming) -> Result<(), Fault> {
        if let Some(fault) = self.defect(message) {
            return Err(fault);
        }
        let sent_ns = match message.sending_time {
            Time::Absent => return Err((52, MISSING)),
            Time::Text => return Err((52, FORMAT)),
            Time::At(ns) => ns,
        };
        match (message.poss_dup, message.orig_sending_time) {
            (Flag::Wrong, _) => Err((43, VALUE)),
            (Flag::Absent | Flag::Is(false), _) => Ok(()),
            (_, Time::Text) => Err((122, FORMAT)),
            (_, Time::Absent) if message.msg_type == "4" => Ok(()),
            (_, Time::Absent) => Err((122, MISSING)),
            (_, Time::At(orig_ns)) if orig_ns > sent_ns => Err((122, ACCURACY)),
            _ => Ok(()),
        }
    }

    /// Reject(3), unless the message is one itself; where the times cannot be true (2g) we leave.
    pub(crate) fn refuse_head(&mut self, message: &Incoming, number: u64, fault: Fault) -> Outcome {
        self.refuse(message, number, fault, "");
        if fault == (122, ACCURACY) {
            let _ = self.logout(ACCURACY.text());
        }
        Outcome::Ignore
    }

    pub(crate) fn refuse(&mut self, message: &Incoming, number: u64, fault: Fault, text: &str) {
        if message.msg_type == "3" {
            return;
        }
        let (tag, reason) = fault;
        let text = if text.is_empty() { reason.text() } else { text };
        let mut body = vec![(45, number.to_string()), (58, text.to_owned())];
        if tag != 0 {
            body.push((371, tag.to_string()));
        }
        body.push((372, message.msg_type.to_owned()));
        let is_known = match self.terms.version {
            Version::Fix42 => reason.number() <= 11,
            Version::Fix44 => reason.number() <= 17 || reason.number() == 99,
            Version::Fix50Sp2 => true,
        };
        if is_known {
            body.push((373, reason.number().to_string()));
        }
        self.say("3", body);
    }

    pub(crate) fn part(&mut self, text: &str, reason: DisconnectReason) -> Outcome {
        if !self.is_mute() || reason == DisconnectReason::SendingTime {
            self.say_logout(text);
        }
        self.close(reason)
    }

    pub(crate) fn refuse_and_part(
        &mut self,
        message: &Incoming,
        number: u64,
        fault: Fault,
        reason: DisconnectReason,
    ) -> Outcome {
        let text = fault.1.text();
        // Of a stranger only one whose clock is off hears of it.
        if !self.is_mute() || reason == DisconnectReason::SendingTime {
            if number == self.expected() {
                self.take_up_to(number);
            }
            self.refuse(message, number, fault, text);
        }
        self.part(text, reason)
    }
}

pub(crate) fn seq_num(number: Number) -> Option<u64> {
    match number {
        Number::Is(number) if (1..=MSG_SEQ_NUM_MAX).contains(&number) => Some(number),
        _ => None,
    }
}

pub(crate) fn uint(tag: u32, number: Number) -> Result<u64, Fault> {
    match number {
        Number::Is(number) => Ok(number),
        Number::Below => Err((tag, VALUE)),
        Number::Absent => Err((tag, MISSING)),
        Number::Text(_) => Err((tag, FORMAT)),
    }
}

/// A sequence number within the limit.
pub(crate) fn limited(tag: u32, number: Number) -> Result<u64, Fault> {
    uint(tag, number)?;
    seq_num(number).ok_or((tag, VALUE))
}
