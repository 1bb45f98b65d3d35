//! What a message from the peer leads to, rule by rule, as the specification's test cases and the
//! page for members tell it. A rule that applies ends the matter; the numbers are those of the
//! test cases.

use gwanmun_fix::session::{ApplicationTypes, DisconnectReason, MSG_SEQ_NUM_MAX, Outcome};
use gwanmun_fix::{SessionRejectReason, Version};

use crate::faults::{ACCURACY, MISSING, VALUE, limited, seq_num, uint};
use crate::message::{Flag, Incoming, Name, Time};
use crate::model::{Event, Model};
use crate::session_support::SECOND_NS;

impl Model {
    /// Takes a message; what is written stands in `written` afterwards.
    pub(crate) fn receive(&mut self, message: &Incoming) -> Outcome {
        if self.is_deaf() {
            return Outcome::Ignore;
        }
        if !self.has_room {
            return self.close(DisconnectReason::NoRoom);
        }
        let outcome = self.judge(message);
        match outcome {
            Outcome::Deliver | Outcome::Disconnect(_) => outcome,
            _ if self.written.is_empty() => Outcome::Ignore,
            _ => Outcome::Answered,
        }
    }

    /// Who listens for a Logon(A) and nothing else, and has said nothing.
    pub(crate) fn is_mute(&self) -> bool {
        !self.has(Event::OurLogon) && !self.is_logged_on()
    }

    fn judge(&mut self, message: &Incoming) -> Outcome {
        // 1S: the first message is a Logon(A), and the initiator's comes first.
        let is_logon = message.msg_type == "A";
        if self.is_mute() && !(is_logon && self.terms.is_acceptor) {
            return self.close(DisconnectReason::FirstMessageNotLogon);
        }
        // 2i, 2k, 2m: faults that end the session; to a stranger nothing is said.
        if message.has_wrong_begin_string {
            return self.part("Incorrect BeginString", DisconnectReason::BeginString);
        }
        let Some(number) = seq_num(message.msg_seq_num) else {
            let text =
                format!("MsgSeqNum(34) is missing or not a number from 1 to {MSG_SEQ_NUM_MAX}");
            return self.part(&text, DisconnectReason::MsgSeqNumUnreadable);
        };
        if message.sender != Name::Right || message.target != Name::Right {
            let tag = if message.sender == Name::Right {
                56
            } else {
                49
            };
            let fault = (tag, SessionRejectReason::CompIdProblem);
            let reason = DisconnectReason::CompId;
            return self.refuse_and_part(message, number, fault, reason);
        }
        if let Time::At(at_ns) = message.sending_time
            && self.terms.check_latency
            && at_ns.abs_diff(self.now_ns) > u64::from(self.terms.max_latency_s) * SECOND_NS
        {
            let reason = DisconnectReason::SendingTime;
            return self.refuse_and_part(message, number, (52, ACCURACY), reason);
        }
        self.note(Event::Heard);
        if !self.is_logged_on() {
            return self.before_logon(message, number);
        }
        if is_logon {
            return self.logon_again(message, number);
        }
        if message.msg_type == "4" && message.gap_fill != Flag::Is(true) {
            return self.sequence_reset(message, number);
        }
        self.in_sequence(message, number)
    }

    /// An initiator waits for the answer to its Logon(A), or an acceptor has got one.
    fn before_logon(&mut self, message: &Incoming, number: u64) -> Outcome {
        match message.msg_type {
            "A" => self.first_logon(message, number),
            "3" | "5" => {
                if number == self.expected() {
                    self.take_up_to(number);
                }
                if message.msg_type == "3" {
                    return Outcome::Ignore;
                }
                self.close(DisconnectReason::LogonRefusedByPeer)
            }
            _ => self.close(DisconnectReason::FirstMessageNotLogon),
        }
    }

    // Where the number stands: 2, 10.

    fn in_sequence(&mut self, message: &Incoming, number: u64) -> Outcome {
        if number < self.expected() {
            return self.too_low(message, number);
        }
        if number > self.expected() {
            return match message.msg_type {
                // 20: answered although it is early, and before we ask ourselves.
                "2" => {
                    self.note(Event::Above(number));
                    match self.check_fields(message) {
                        Ok(()) => self.resend_request(message, number),
                        Err(fault) => self.refuse_head(message, number, fault),
                    }
                }
                // 13: no one waits for a peer that leaves.
                "5" => self.logout_from_peer(),
                _ => self.too_high(number),
            };
        }
        if let Err(fault) = self.check_fields(message) {
            self.take_up_to(number);
            return self.refuse_head(message, number, fault);
        }
        if message.msg_type == "4" {
            return self.gap_fill(message, number);
        }
        self.take_up_to(number);
        self.act(message, number)
    }

    pub(crate) fn take_or_miss(&mut self, number: u64) {
        if number == self.expected() {
            self.take_up_to(number);
        } else {
            self.note(Event::Above(number));
        }
    }

    /// 2b: asked for once, and again where nothing moved for an interval.
    pub(crate) fn too_high(&mut self, number: u64) -> Outcome {
        let stands_ns = self
            .highest_above()
            .and_then(|_| self.moved_ns())
            .map(|moved_ns| self.now_ns - moved_ns);
        self.note(Event::Above(number));
        if stands_ns.is_none_or(|stands_ns| stands_ns >= self.patience_ns()) {
            self.ask();
        }
        Outcome::Ignore
    }

    /// 2c, 2e, 2f, 2g: a possible duplicate is dropped, unless its head is wrong.
    pub(crate) fn too_low(&mut self, message: &Incoming, number: u64) -> Outcome {
        if message.poss_dup == Flag::Is(true) {
            return match self.check_fields(message) {
                Ok(()) => Outcome::Ignore,
                Err(fault) => self.refuse_head(message, number, fault),
            };
        }
        // 12: the answer to our Logout(5) may have any number.
        if message.msg_type == "5" && self.has(Event::OurLogout) {
            return self.logout_from_peer();
        }
        self.part_too_low(number)
    }

    pub(crate) fn part_too_low(&mut self, number: u64) -> Outcome {
        let expected = self.expected();
        self.say_logout(&format!(
            "MsgSeqNum too low, expecting {expected} but received {number}"
        ));
        self.close(DisconnectReason::MsgSeqNumTooLow)
    }

    // What it says: 4, 7, 8, 10, 11, 13, 2o, 2p.

    fn act(&mut self, message: &Incoming, number: u64) -> Outcome {
        match message.msg_type {
            "0" | "3" => {}
            "1" => match message.test_req_id_bytes {
                0 => self.refuse(message, number, (112, MISSING), ""),
                257.. => self.refuse(message, number, (112, VALUE), "TestReqID(112) too long"),
                bytes => self.say("0", vec![(112, "i".repeat(bytes))]),
            },
            "2" => return self.resend_request(message, number),
            "5" => return self.logout_from_peer(),
            msg_type => return self.application(message, msg_type, number),
        }
        Outcome::Ignore
    }

    fn application(&mut self, message: &Incoming, msg_type: &'static str, number: u64) -> Outcome {
        let is_known = is_known(self.terms.version, msg_type);
        let is_taken = match self.terms.application_types {
            ApplicationTypes::All => is_known,
            ApplicationTypes::Listed(types) => types.contains(&msg_type.as_bytes()),
        };
        if is_taken {
            return Outcome::Deliver;
        }
        if !is_known {
            let fault = (35, SessionRejectReason::InvalidMsgType);
            self.refuse(message, number, fault, "");
        } else if msg_type != "j" {
            let mut body = vec![
                (45, number.to_string()),
                (58, "Unsupported Message Type".to_owned()),
                (372, msg_type.to_owned()),
            ];
            if message.cl_ord_id_bytes > 0 {
                body.push((379, "i".repeat(message.cl_ord_id_bytes.min(64))));
            }
            body.push((380, "3".to_owned()));
            self.say("j", body);
        }
        Outcome::Ignore
    }

    fn resend_request(&mut self, message: &Incoming, number: u64) -> Outcome {
        let last = self.sent.len() as u64;
        let range = limited(7, message.begin_seq_no)
            .and_then(|begin| Ok((begin, uint(16, message.end_seq_no)?)));
        match range {
            Err(fault) => self.refuse(message, number, fault, ""),
            Ok((begin, end)) if end != 0 && end < begin => {
                self.refuse(message, number, (16, VALUE), "");
            }
            Ok((begin, _)) if begin > last => {
                let text =
                    format!("BeginSeqNo(7) is higher than the last MsgSeqNum(34) sent, {last}");
                self.refuse(message, number, (7, VALUE), &text);
            }
            Ok((begin, end)) => self.owe(begin, Some(end).filter(|end| *end > 0 && *end <= last)),
        }
        Outcome::Ignore
    }

    /// Joins what is owed with more: back where that begins earlier, on to the farther end.
    pub(crate) fn owe(&mut self, begin: u64, end: Option<u64>) {
        self.owed = Some(match self.owed {
            None => (begin, end),
            Some((from, to)) => (begin.min(from), to.zip(end).map(|(a, b)| a.max(b))),
        });
    }

    fn gap_fill(&mut self, message: &Incoming, number: u64) -> Outcome {
        match limited(36, message.new_seq_no) {
            Ok(new) if new > number => self.take_up_to(new - 1),
            wrong => {
                self.take_up_to(number);
                let fault = wrong.err().unwrap_or((36, VALUE));
                self.refuse(message, number, fault, "");
            }
        }
        Outcome::Ignore
    }

    /// 11: heard whatever its number; raises what is expected, never lowers it.
    fn sequence_reset(&mut self, message: &Incoming, number: u64) -> Outcome {
        let wrong = match (self.defect(message), limited(36, message.new_seq_no)) {
            (Some(fault), _) | (None, Err(fault)) => fault,
            (None, Ok(new)) if new < self.expected() => (36, VALUE),
            (None, Ok(new)) => {
                self.take_up_to(new - 1);
                self.note(Event::Level);
                return Outcome::Ignore;
            }
        };
        self.refuse(message, number, wrong, "");
        Outcome::Ignore
    }

    fn logout_from_peer(&mut self) -> Outcome {
        if self.has(Event::OurLogout) {
            return self.close(DisconnectReason::LoggedOut);
        }
        self.say_logout("");
        self.note(Event::AnsweredLogout);
        Outcome::Ignore
    }
}

/// The message types that are drawn, by the versions that have them.
fn is_known(version: Version, msg_type: &str) -> bool {
    match msg_type {
        "D" | "F" | "G" | "8" | "9" | "j" | "R" | "U7" => true,
        "n" | "AE" => version != Version::Fix42,
        "CA" => version == Version::Fix50Sp2,
        "ZZ" | "I" | "a!" => false,
        _ => panic!("{msg_type} is not in the list"),
    }
}
