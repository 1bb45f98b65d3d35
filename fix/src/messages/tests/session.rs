//! The session's messages both ways, Logon(35=A) to Reject(35=3).

use super::*;
use crate::error::SessionRejectReason;

#[test]
fn session_messages_both_ways() {
    let body = logon::Body {
        heart_bt_int_s: 30,
        reset_seq_num_flag: true,
        username: b"me",
        password: b"secret",
    };
    check(
        b"A",
        |writer| body.write(writer),
        "98=0|108=30|141=Y|553=me|554=secret|",
        |message| {
            let view = logon::Logon::new(message);
            assert_eq!(
                (view.encrypt_method(), view.heart_bt_int_s()),
                (Ok(0), Ok(30))
            );
            assert_eq!(view.reset_seq_num_flag(), Ok(true));
            assert_eq!(view.next_expected_msg_seq_num(), Ok(None));
            assert_eq!(view.max_message_size(), Ok(None));
            assert_eq!(view.username(), Some(&b"me"[..]));
            assert_eq!(view.password(), Some(&b"secret"[..]));
            assert_eq!(view.raw_data(), None);
        },
    );
    read("35=A|98=0|108=-1|141=y|789=0|", |message| {
        let view = logon::Logon::new(message);
        assert_eq!(view.heart_bt_int_s(), Err(FieldError::value(108)));
        assert_eq!(view.reset_seq_num_flag(), Err(FieldError::value(141)));
        assert_eq!(
            view.next_expected_msg_seq_num(),
            Err(FieldError::value(789))
        );
    });
    check(
        b"0",
        |writer| heartbeat::write(writer, b""),
        "",
        |message| {
            assert_eq!(heartbeat::Heartbeat::new(message).test_req_id(), None);
        },
    );
    check(
        b"0",
        |writer| heartbeat::write(writer, b"T"),
        "112=T|",
        |message| {
            assert_eq!(
                heartbeat::Heartbeat::new(message).test_req_id(),
                Some(&b"T"[..])
            );
        },
    );
    check(
        b"1",
        |writer| test_request::write(writer, b"T"),
        "112=T|",
        |message| {
            assert_eq!(
                test_request::TestRequest::new(message).test_req_id(),
                Ok(&b"T"[..])
            );
        },
    );
    check(
        b"2",
        |writer| resend_request::write(writer, 3, 0),
        "7=3|16=0|",
        |message| {
            let view = resend_request::ResendRequest::new(message);
            assert_eq!((view.begin_seq_no(), view.end_seq_no()), (Ok(3), Ok(0)));
        },
    );
    check(
        b"4",
        |writer| sequence_reset::write(writer, 9, true),
        "36=9|123=Y|",
        |message| {
            let view = sequence_reset::SequenceReset::new(message);
            assert_eq!((view.new_seq_no(), view.gap_fill_flag()), (Ok(9), Ok(true)));
        },
    );
    check(
        b"4",
        |writer| sequence_reset::write(writer, 9, false),
        "36=9|",
        |message| {
            assert_eq!(
                sequence_reset::SequenceReset::new(message).gap_fill_flag(),
                Ok(false)
            );
        },
    );
    check(
        b"5",
        |writer| logout::write(writer, b"bye"),
        "58=bye|",
        |message| {
            assert_eq!(logout::Logout::new(message).text(), b"bye");
        },
    );
}

#[test]
fn reject_both_ways() {
    let body = |tag, text| reject::Body {
        ref_seq_num: 12,
        ref_msg_type: b"D",
        error: FieldError::new(tag, SessionRejectReason::RequiredTagMissing),
        text,
    };
    check(
        b"3",
        |writer| body(55, b"").write(writer),
        "45=12|58=Required tag missing|371=55|372=D|373=1|",
        |message| {
            let view = reject::Reject::new(message);
            assert_eq!(
                (view.ref_seq_num(), view.ref_tag_id()),
                (Ok(12), Ok(Some(55)))
            );
            assert_eq!(view.ref_msg_type(), Some(&b"D"[..]));
            let reason = SessionRejectReason::RequiredTagMissing;
            assert_eq!(view.session_reject_reason(), Ok(Some(reason)));
            assert_eq!(view.text(), b"Required tag missing");
        },
    );
    check(
        b"3",
        |writer| body(0, b"x").write(writer),
        "45=12|58=x|372=D|373=1|",
        |message| {
            assert_eq!(reject::Reject::new(message).ref_tag_id(), Ok(None));
        },
    );
}
