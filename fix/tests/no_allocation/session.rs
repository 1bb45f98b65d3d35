//! The session's messages, Logon(35=A) to Reject(35=3).

use gwanmun_fix::messages::*;
use gwanmun_fix::{FieldError, tag};

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            file: "heartbeat",
            msg_type: heartbeat::MSG_TYPE,
            write: |writer| heartbeat::write(writer, b"T"),
            look: |message| heartbeat::Heartbeat::new(message).test_req_id().is_some(),
        },
        Case {
            file: "test_request",
            msg_type: test_request::MSG_TYPE,
            write: |writer| test_request::write(writer, b"T"),
            look: |message| {
                test_request::TestRequest::new(message)
                    .test_req_id()
                    .is_ok()
            },
        },
        Case {
            file: "resend_request",
            msg_type: resend_request::MSG_TYPE,
            write: |writer| resend_request::write(writer, 1, 0),
            look: |message| {
                let view = resend_request::ResendRequest::new(message);
                view.begin_seq_no().is_ok() && view.end_seq_no().is_ok()
            },
        },
        Case {
            file: "reject",
            msg_type: reject::MSG_TYPE,
            write: |writer| {
                let body = reject::Body {
                    ref_seq_num: 5,
                    ref_msg_type: b"D",
                    error: FieldError::format(44),
                    text: b"no number",
                };
                body.write(writer);
            },
            look: |message| {
                let view = reject::Reject::new(message);
                view.ref_seq_num().is_ok()
                    && view.ref_tag_id().is_ok()
                    && view.ref_msg_type().is_some()
                    && view.session_reject_reason().is_ok()
                    && !view.text().is_empty()
            },
        },
        Case {
            file: "sequence_reset",
            msg_type: sequence_reset::MSG_TYPE,
            write: |writer| sequence_reset::write(writer, 9, true),
            look: |message| {
                let view = sequence_reset::SequenceReset::new(message);
                view.new_seq_no().is_ok() && view.gap_fill_flag() == Ok(true)
            },
        },
        Case {
            file: "logout",
            msg_type: logout::MSG_TYPE,
            write: |writer| logout::write(writer, b"bye"),
            look: |message| !logout::Logout::new(message).text().is_empty(),
        },
        Case {
            file: "logon",
            msg_type: logon::MSG_TYPE,
            write: |writer| {
                let body = logon::Body {
                    heart_bt_int_s: 30,
                    reset_seq_num_flag: true,
                    username: b"user",
                    password: b"secret",
                };
                body.write(writer);
                writer.data(tag::RAW_DATA_LENGTH, tag::RAW_DATA, b"a\x01b=");
            },
            look: |message| {
                let view = logon::Logon::new(message);
                view.encrypt_method().is_ok()
                    && view.heart_bt_int_s().is_ok()
                    && view.reset_seq_num_flag().is_ok()
                    && view.next_expected_msg_seq_num().is_ok()
                    && view.max_message_size().is_ok()
                    && view.username().is_some()
                    && view.password().is_some()
                    && view.raw_data().is_some()
                    && message.data(tag::RAW_DATA_LENGTH) == Ok(b"a\x01b=")
            },
        },
    ]
}
