//! How the model's messages look: whole, with the header's and the session's fields in the order of
//! their tags.

use gwanmun_fix::time::{TIMESTAMP_BYTES_MAX, write_utc_timestamp};

use crate::model::{Event, Field, Model, Sent};
use crate::session_support::whole;

impl Model {
    /// Writes a message under the next number.
    pub(crate) fn say(&mut self, msg_type: &'static str, body: Vec<Field>) {
        let sent = Sent {
            msg_type,
            body,
            at_ns: self.now_ns,
        };
        let number = self.sent.len() as u64 + 1;
        let bytes = self.render(&sent, number, None);
        self.written.push(bytes);
        self.sent.push(sent);
        // What the application sends while no one is logged on is no sign of life.
        let is_for_later = matches!(msg_type, "8" | "D") && !self.is_logged_on();
        if !self.line.is_empty() && !is_for_later {
            self.note(Event::Wrote);
        }
    }

    /// Writes under a number used before.
    pub(crate) fn say_again(&mut self, sent: &Sent, number: u64, orig_ns: u64) {
        let bytes = self.render(sent, number, Some(orig_ns));
        self.written.push(bytes);
        self.note(Event::Wrote);
    }

    /// The whole message: the header's and the session's own fields stand in the order of tags.
    fn render(&self, sent: &Sent, number: u64, orig_ns: Option<u64>) -> Vec<u8> {
        let mut head = vec![
            (34, number.to_string()),
            (49, "GATE".to_owned()),
            (52, self.time(self.now_ns)),
            (56, "MEMBER".to_owned()),
        ];
        if let Some(orig_ns) = orig_ns {
            head.push((43, "Y".to_owned()));
            head.push((122, self.time(orig_ns)));
        }
        if self.terms.sends_last_msg_seq_num_processed && self.expected() > 1 {
            head.push((369, (self.expected() - 1).to_string()));
        }
        head.sort();
        let mut text = format!("35={}|", sent.msg_type);
        for (tag, value) in head.iter().chain(&sent.body) {
            text.push_str(&format!("{tag}={value}|"));
        }
        let begin_string = std::str::from_utf8(self.terms.version.begin_string()).unwrap();
        whole(begin_string, &text)
    }

    fn time(&self, ns: u64) -> String {
        let mut text = [0; TIMESTAMP_BYTES_MAX];
        let length = write_utc_timestamp(ns, self.terms.precision, &mut text);
        String::from_utf8(text[..length].to_vec()).unwrap()
    }

    /// The body of our Logon(A): an answer repeats what the peer wished.
    pub(crate) fn logon_body(
        &self,
        interval_s: u64,
        is_reset: bool,
        tells_expected: bool,
    ) -> Vec<Field> {
        let mut body = vec![(98, "0".to_owned()), (108, interval_s.to_string())];
        if is_reset {
            body.push((141, "Y".to_owned()));
        }
        if self.terms.message_bytes_max > 0 {
            body.push((383, self.terms.message_bytes_max.to_string()));
        }
        if tells_expected {
            body.push((789, self.expected().to_string()));
        }
        if self.terms.version.appl_ver_id().is_some() {
            body.push((1137, "9".to_owned()));
        }
        body
    }

    /// ResendRequest(2) for what is missing: with what follows, or the first part of it where the
    /// terms bound a request.
    pub(crate) fn ask(&mut self) {
        let begin = self.expected();
        let missing = self.highest_above().unwrap() - begin + 1;
        let part = u64::from(self.terms.resend_request_numbers_max);
        let (end, to) = if part > 0 && missing > part {
            (begin + part - 1, begin + part - 1)
        } else {
            (0, u64::MAX)
        };
        self.say("2", vec![(7, begin.to_string()), (16, end.to_string())]);
        self.note(Event::Asked(to));
    }

    pub(crate) fn say_logout(&mut self, text: &str) {
        let body = if text.is_empty() {
            Vec::new()
        } else {
            vec![(58, text.to_owned())]
        };
        self.say("5", body);
    }
}
