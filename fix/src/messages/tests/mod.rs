//! Every message written and read back: what the tests share, and a message without fields.
//!
//! `orders` has the requests and what they may and may not mean, `reports` what answers them,
//! `session` the session's own messages, `versions` each version's words. `samples` is taken in by
//! `tests/no_allocation/` too.

mod orders;
mod reports;
mod samples;
mod session;
#[cfg(feature = "dictionary")]
mod versions;

use super::*;
use crate::encode::{Header, MessageWriter};
use crate::error::FieldError;
use crate::frame::{Frame, frame};
use crate::testing::{read, whole};
use crate::{Index, Message};

const NOW_NS: u64 = 1_795_392_753_123_456_789;
const HEADER_TEXT: &str = "34=7|49=GATE|52=20261123-00:12:33.123456789|56=MEMBER|";

/// Writes a message behind the header, holds it against the text, and looks at it.
fn check(
    msg_type: &[u8],
    body: impl FnOnce(&mut MessageWriter<'_>),
    expected: &str,
    look: impl FnOnce(Message<'_>),
) {
    let mut into = [0; 1_000];
    let mut writer = MessageWriter::start(&mut into, b"FIX.4.4");
    samples::header(msg_type).write(&mut writer);
    body(&mut writer);
    let length = writer.finish().unwrap();
    let bytes = &into[..length];
    assert_eq!(frame(bytes, 1_000), Frame::Whole { length });
    let msg_type = std::str::from_utf8(msg_type).unwrap();
    let expected = whole(&format!("35={msg_type}|{HEADER_TEXT}{expected}"));
    assert_eq!(
        bytes.escape_ascii().to_string(),
        expected.escape_ascii().to_string()
    );
    let mut index = Index::new();
    look(Message::parse(bytes, &mut index).unwrap());
}

#[test]
fn every_view_of_an_empty_message_only_says_what_is_missing() {
    read("35=8|", |message| {
        let view = execution_report::ExecutionReport::new(message);
        assert_eq!(view.exec_type(), Err(FieldError::missing(150)));
        assert_eq!(view.side(), Err(FieldError::missing(54).into()));
        assert_eq!(view.message().msg_type(), b"8");
    });
    read("35=2|16=-1|7=0|", |message| {
        let view = resend_request::ResendRequest::new(message);
        assert_eq!(view.begin_seq_no(), Err(FieldError::value(7)));
        assert_eq!(view.end_seq_no(), Err(FieldError::value(16)));
    });
}
