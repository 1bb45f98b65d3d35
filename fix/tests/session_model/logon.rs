//! Logon(A) from the peer: 1B and 1S.

use gwanmun_fix::session::{DisconnectReason, Outcome, SeqNumReset};
use gwanmun_fix::{SessionRejectReason, Version};

use crate::faults::{Fault, MISSING, VALUE, limited, uint};
use crate::message::{Flag, Incoming, Number};
use crate::model::{Event, Model};

/// A Logon(A) that can be read.
struct Wishes {
    interval_s: u64,
    is_reset: bool,
    next_expected: Option<u64>,
}

impl Model {
    pub(crate) fn first_logon(&mut self, message: &Incoming, number: u64) -> Outcome {
        let wishes = match self.wishes(message) {
            Ok(wishes) => wishes,
            Err(fault) => return self.refuse_logon(message, number, fault),
        };
        let is_agreed = self.terms.reset != SeqNumReset::Never;
        if wishes.is_reset && !(is_agreed && number == 1) {
            return self.refuse_logon(message, number, (141, VALUE));
        }
        // An initiator has gone back to 1 with its own Logon(A), where that is agreed.
        let is_reset = self.terms.is_acceptor
            && (wishes.is_reset || self.terms.reset == SeqNumReset::EachLogon);
        let (expected, next_out) = match is_reset {
            true => (1, 1),
            false => (self.expected(), self.numbers().next_out),
        };
        if number < expected {
            return self.part_too_low(number);
        }
        if wishes.next_expected.is_some_and(|told| told > next_out) {
            return self.refuse_expected(message, number, next_out);
        }
        if is_reset {
            self.reset();
        }
        self.take_or_miss(number);
        if self.terms.is_acceptor {
            self.answer_logon(&wishes);
        }
        self.note(Event::LoggedOn(wishes.interval_s));
        // What the peer lacks is sent again up to now, the answer that came too early included.
        if let Some(told) = wishes.next_expected
            && told < next_out
        {
            self.owe(told, None);
        }
        let was_told = self.terms.is_acceptor && wishes.next_expected.is_some();
        match self.must_ask() {
            // The answer told what we lack.
            true if was_told => self.note(Event::Asked(u64::MAX)),
            true => self.ask(),
            false => {}
        }
        Outcome::Ignore
    }

    fn answer_logon(&mut self, wishes: &Wishes) {
        let tells_expected = wishes.next_expected.is_some();
        let body = self.logon_body(wishes.interval_s, wishes.is_reset, tells_expected);
        self.say("A", body);
    }

    /// With ResetSeqNumFlag(141)=Y and number 1 both begin again where that is agreed; any other is
    /// a message in its place, and refused there.
    pub(crate) fn logon_again(&mut self, message: &Incoming, number: u64) -> Outcome {
        let is_agreed = self.terms.reset != SeqNumReset::Never;
        if is_agreed && message.reset_seq_num == Flag::Is(true) && number == 1 {
            let wishes = match self.wishes(message) {
                Ok(wishes) => wishes,
                Err(fault) => return self.refuse_logon(message, number, fault),
            };
            if wishes.next_expected.is_some_and(|told| told > 1) {
                return self.refuse_expected(message, number, 1);
            }
            self.reset();
            self.take_up_to(1);
            self.answer_logon(&wishes);
            self.note(Event::LoggedOn(wishes.interval_s));
            return Outcome::Ignore;
        }
        if number < self.expected() {
            return self.too_low(message, number);
        }
        if number > self.expected() {
            return self.too_high(number);
        }
        self.take_up_to(number);
        let fault = (35, SessionRejectReason::Other);
        self.refuse(message, number, fault, "Logon(A) although logged on");
        Outcome::Ignore
    }

    fn wishes(&self, message: &Incoming) -> Result<Wishes, Fault> {
        self.check_fields(message)?;
        if uint(98, message.encrypt_method)? != 0 {
            return Err((98, VALUE));
        }
        let interval_s = uint(108, message.heart_bt_int)?;
        let (min_s, max_s) = (self.terms.heart_bt_int_s_min, self.terms.heart_bt_int_s);
        if interval_s < u64::from(min_s) || interval_s > u64::from(max_s) {
            return Err((108, VALUE));
        }
        if message.reset_seq_num == Flag::Wrong {
            return Err((141, VALUE));
        }
        // FIX.4.2 has no NextExpectedMsgSeqNum(789), and an unknown field is read over.
        let next_expected = match message.next_expected {
            Number::Absent => None,
            _ if self.terms.version == Version::Fix42 => None,
            told => Some(limited(789, told)?),
        };
        if self.terms.version == Version::Fix50Sp2 {
            match message.default_appl_ver_id {
                None => return Err((1137, MISSING)),
                Some("9") => {}
                Some(_) => {
                    return Err((1137, SessionRejectReason::UnsupportedApplicationVersion));
                }
            }
        }
        if message.max_message_size != Number::Absent && uint(383, message.max_message_size)? < 2048
        {
            return Err((383, VALUE));
        }
        Ok(Wishes {
            interval_s,
            is_reset: message.reset_seq_num == Flag::Is(true),
            next_expected,
        })
    }

    /// Reject(3) that names the field, Logout(5), end of the line.
    fn refuse_logon(&mut self, message: &Incoming, number: u64, fault: Fault) -> Outcome {
        let (min_s, max_s) = (self.terms.heart_bt_int_s_min, self.terms.heart_bt_int_s);
        let text = match fault.0 {
            98 => "EncryptMethod(98) must be 0".to_owned(),
            108 => format!("HeartBtInt(108) must be a number from {min_s} to {max_s}"),
            141 if self.terms.reset == SeqNumReset::Never => {
                "ResetSeqNumFlag(141)=Y is not agreed".to_owned()
            }
            141 => "ResetSeqNumFlag(141)=Y goes with MsgSeqNum(34)=1".to_owned(),
            383 => "MaxMessageSize(383) must be a number from 2048".to_owned(),
            1137 => "DefaultApplVerID(1137) must be 9".to_owned(),
            _ => fault.1.text().to_owned(),
        };
        self.refuse_logon_with(message, number, fault, &text)
    }

    /// The peer expects what was never sent.
    fn refuse_expected(&mut self, message: &Incoming, number: u64, next_out: u64) -> Outcome {
        let text =
            format!("NextExpectedMsgSeqNum(789) is higher than what was sent, next is {next_out}");
        self.refuse_logon_with(message, number, (789, VALUE), &text)
    }

    fn refuse_logon_with(
        &mut self,
        message: &Incoming,
        number: u64,
        fault: Fault,
        text: &str,
    ) -> Outcome {
        if number == self.expected() {
            self.take_up_to(number);
        }
        self.refuse(message, number, fault, text);
        self.say_logout(text);
        self.close(DisconnectReason::LogonRefused)
    }
}
