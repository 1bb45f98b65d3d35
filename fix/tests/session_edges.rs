//! Ring 1 for the session: edges of its interface that no message from a peer reaches.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on fails"
)]

mod session_support;

use gwanmun_fix::session::{
    History, MSG_SEQ_NUM_MAX, NoRoom, Numbers, Outcome, Past, ResendProgress, SeqNumReset, Session,
    SessionTerms,
};
use gwanmun_fix::{Index, Message, tag};
use gwanmun_market::Text;
use session_support::{Outbox, START_NS, timestamp, whole};

fn session(is_acceptor: bool) -> Session {
    let text = |name: &[u8]| Text::new(name).unwrap();
    Session::new(SessionTerms::new(
        text(b"GATE"),
        text(b"MEMBER"),
        is_acceptor,
    ))
}

fn receive(session: &mut Session, outbox: &mut Outbox, body: &str) -> Outcome {
    let head = format!("49=MEMBER|56=GATE|52={}|", timestamp(START_NS));
    let (msg_type, rest) = body.split_once('|').unwrap();
    let bytes = whole("FIX.4.4", &format!("{msg_type}|{head}{rest}"));
    let mut index = Index::new();
    let message = Message::parse(&bytes, &mut index).unwrap();
    session.on_message(&message, START_NS, outbox)
}

fn logged_on(outbox: &mut Outbox) -> Session {
    let mut session = session(true);
    session.on_connect(START_NS);
    let outcome = receive(&mut session, outbox, "35=A|34=1|98=0|108=30");
    assert_eq!(outcome, Outcome::Answered);
    assert!(session.is_logged_on());
    session
}

#[test]
fn numbers_end_at_the_limit() {
    let mut session = session(true);
    let mut outbox = Outbox::new();
    session.restore(Numbers {
        next_in: 1,
        next_out: MSG_SEQ_NUM_MAX,
    });
    let sent = session.send(b"8", START_NS, &mut outbox, |_| {}).unwrap();
    assert_eq!(sent.msg_seq_num, MSG_SEQ_NUM_MAX);
    assert_eq!(
        session.send(b"8", START_NS, &mut outbox, |_| {}),
        Err(NoRoom)
    );
    assert_eq!(session.numbers().next_out, MSG_SEQ_NUM_MAX + 1);
    session.restore(Numbers {
        next_in: 0,
        next_out: u64::MAX,
    });
    assert_eq!(
        session.numbers(),
        Numbers {
            next_in: 1,
            next_out: MSG_SEQ_NUM_MAX + 1
        }
    );
}

#[test]
fn a_message_that_does_not_fit_uses_no_number() {
    let mut session = session(true);
    let mut outbox = Outbox::new();
    outbox.room_bytes = 2048;
    let too_long = [b'x'; 2048];
    let result = session.send(b"8", START_NS, &mut outbox, |writer| {
        writer.bytes(tag::TEXT, &too_long);
    });
    assert_eq!(result, Err(NoRoom));
    outbox.room_bytes = 2047;
    assert_eq!(
        session.send(b"8", START_NS, &mut outbox, |_| {}),
        Err(NoRoom)
    );
    assert_eq!(session.numbers(), Numbers::FIRST);
    assert!(outbox.messages.is_empty());
}

#[test]
fn the_largest_answers_fit_the_least_room() {
    let name = [b'N'; 32];
    let text = |name: &[u8]| Text::new(name).unwrap();
    let mut session = Session::new(SessionTerms::new(text(&name), text(&name), true));
    session.restore(Numbers {
        next_in: MSG_SEQ_NUM_MAX,
        next_out: MSG_SEQ_NUM_MAX - 3,
    });
    let mut outbox = Outbox::new();
    outbox.room_bytes = 2048;
    let long = [b'x'; 4000];
    let error = gwanmun_fix::FieldError::value(u32::MAX);
    session
        .reject(MSG_SEQ_NUM_MAX, error, &long, &long, START_NS, &mut outbox)
        .unwrap();
    let body = gwanmun_fix::messages::business_message_reject::Body {
        ref_seq_num: MSG_SEQ_NUM_MAX,
        ref_msg_type: &long,
        business_reject_ref_id: &long,
        reason: gwanmun_fix::messages::business_message_reject::BusinessRejectReason::Other,
        refusal: None,
        text: &long,
    };
    session
        .business_reject(&body, START_NS, &mut outbox)
        .unwrap();
    assert!(outbox.messages.iter().all(|(sent, _)| sent.length < 1024));
}

#[test]
fn only_an_initiator_on_a_fresh_line_logs_on() {
    let mut outbox = Outbox::new();
    let mut acceptor = session(true);
    acceptor.on_connect(START_NS);
    assert_eq!(acceptor.logon(START_NS, &mut outbox, |_| {}), Err(NoRoom));
    let mut initiator = session(false);
    assert_eq!(initiator.logon(START_NS, &mut outbox, |_| {}), Err(NoRoom));
    initiator.on_connect(START_NS);
    initiator.logon(START_NS, &mut outbox, |_| {}).unwrap();
    assert_eq!(initiator.logon(START_NS, &mut outbox, |_| {}), Err(NoRoom));
    assert_eq!(
        initiator.numbers(),
        Numbers {
            next_in: 1,
            next_out: 2
        }
    );
}

#[test]
fn a_logon_without_room_leaves_the_numbers() {
    let text = |name: &[u8]| Text::new(name).unwrap();
    let mut terms = SessionTerms::new(text(b"GATE"), text(b"MEMBER"), false);
    terms.reset = SeqNumReset::OnRequest;
    let mut session = Session::new(terms);
    session.restore(Numbers {
        next_in: 5,
        next_out: 9,
    });
    session.on_connect(START_NS);
    let mut outbox = Outbox::new();
    outbox.room_bytes = 100;
    assert_eq!(session.logon(START_NS, &mut outbox, |_| {}), Err(NoRoom));
    assert_eq!(
        session.numbers(),
        Numbers {
            next_in: 5,
            next_out: 9
        }
    );
    assert_eq!(session.reset_count(), 0);
}

/// A history that gives the same bytes for every number.
struct Always<'a>(Past<'a>);

impl History for Always<'_> {
    fn sent(&self, _msg_seq_num: u64) -> Past<'_> {
        self.0
    }
}

#[test]
fn bytes_that_are_not_the_message_asked_for_are_never_sent_again() {
    let mut outbox = Outbox::new();
    let mut session = logged_on(&mut outbox);
    session.send(b"8", START_NS, &mut outbox, |_| {}).unwrap();
    session.send(b"8", START_NS, &mut outbox, |_| {}).unwrap();
    let messages = outbox.take();
    let right = &messages[1].1;
    let _ = receive(&mut session, &mut outbox, "35=2|34=2|7=2|16=3");
    let no_time = whole("FIX.4.4", "35=8|34=2|49=GATE|56=MEMBER|");
    for wrong in [
        b"".as_slice(),
        b"garbage",
        &messages[2].1,
        &right[..20],
        &no_time,
    ] {
        let history = Always(Past::Application(wrong));
        let progress = session.resend_step(START_NS, &history, &mut outbox);
        assert_eq!(progress, ResendProgress::Waiting { msg_seq_num: 2 });
        assert!(outbox.messages.is_empty());
    }
    let progress = session.resend_step(START_NS, &Always(Past::Application(right)), &mut outbox);
    assert_eq!(progress, ResendProgress::Waiting { msg_seq_num: 3 });
    assert_eq!(outbox.take().len(), 1);
}

#[test]
fn a_long_run_is_walked_over_in_steps_and_becomes_a_few_gap_fills() {
    let mut outbox = Outbox::new();
    let mut session = session(true);
    session.restore(Numbers {
        next_in: 1,
        next_out: 1_000_001,
    });
    session.on_connect(START_NS);
    let _ = receive(&mut session, &mut outbox, "35=A|34=1|98=0|108=30");
    let _ = receive(&mut session, &mut outbox, "35=2|34=2|7=1|16=0");
    outbox.take();
    let mut steps = 0;
    while session.resend_step(START_NS, &Always(Past::Administrative), &mut outbox)
        != ResendProgress::Idle
    {
        steps += 1;
    }
    assert!(steps > 1_000, "{steps}");
    let messages = outbox.take();
    // No step is silent for more than 16,384 numbers, and no number is left out.
    assert_eq!(messages.len(), 62);
    let mut next = 1;
    for (_, bytes) in &messages {
        let mut index = Index::new();
        let message = Message::parse(bytes, &mut index).unwrap();
        assert_eq!(message.msg_seq_num(), Ok(next));
        let new_seq_no = message.uint(tag::NEW_SEQ_NO).unwrap();
        assert!(new_seq_no > next && new_seq_no - next <= 16_384);
        next = new_seq_no;
    }
    assert_eq!(next, 1_000_002);
}

#[test]
fn data_fields_and_user_fields_are_repeated_as_they_were() {
    let mut outbox = Outbox::new();
    let mut session = logged_on(&mut outbox);
    outbox.take();
    session
        .send(b"8", START_NS, &mut outbox, |writer| {
            writer.bytes(tag::GATE_CODE, b"TICK");
            writer.data(
                tag::ENCODED_TEXT_LEN,
                tag::ENCODED_TEXT,
                b"a\x01b=\x0110=000\x01",
            );
            writer.bytes(tag::TEXT, b"last");
        })
        .unwrap();
    let original = outbox.take().remove(0).1;
    let _ = receive(&mut session, &mut outbox, "35=2|34=2|7=2|16=2");
    let history = Always(Past::Application(&original));
    let later_ns = START_NS + 5_000_000;
    let progress = session.resend_step(later_ns, &history, &mut outbox);
    assert_eq!(progress, ResendProgress::Idle);
    let repeated = outbox.take().remove(0).1;
    let (mut index, mut other) = (Index::new(), Index::new());
    let original = Message::parse(&original, &mut index).unwrap();
    let repeated = Message::parse(&repeated, &mut other).unwrap();
    assert_eq!(repeated.sending_time_ns(), Ok(later_ns));
    assert_eq!(repeated.orig_sending_time_ns(), Ok(Some(START_NS)));
    let body = |message: &Message<'_>| {
        let fields = message.fields().map(|(tag, value)| (tag, value.to_vec()));
        fields
            .filter(|(tag, _)| !matches!(tag, 9 | 10 | 43 | 52 | 122))
            .collect::<Vec<_>>()
    };
    assert_eq!(body(&repeated), body(&original));
}

/// Towards a venue nothing that its application says is refused over a field: the session ends only
/// over what makes it another session.
#[test]
fn a_lenient_session_delivers_what_it_would_refuse() {
    let odd = [
        "35=8|34=2|43=Y|11=A",
        "35=8|34=2|43=Y|122=20991231-23:59:59|11=A",
        "35=8|34=2|43=maybe|11=A",
        "35=B|34=2|148=news",
        "35=U9|34=2|9999=x",
        "35=zz|34=2",
        "35=3|34=2|45=1",
        "35=j|34=2|45=1|372=D|380=3",
    ];
    for is_lenient in [false, true] {
        for body in odd {
            let mut outbox = Outbox::new();
            let terms = SessionTerms {
                is_lenient,
                ..*session(false).terms()
            };
            let mut session = Session::new(terms);
            session.on_connect(START_NS);
            session.logon(START_NS, &mut outbox, |_| {}).unwrap();
            let outcome = receive(&mut session, &mut outbox, "35=A|34=1|98=0|108=30");
            assert_eq!(outcome, Outcome::Ignore);
            let outcome = receive(&mut session, &mut outbox, body);
            let is_told = outcome == Outcome::Deliver;
            assert_eq!(is_told, is_lenient || body.starts_with("35=j"), "{body}");
            assert_eq!(session.numbers().next_in, 3, "{body}");
            // A duplicate of what was taken is dropped, whatever its head is like.
            if is_lenient {
                let outcome = receive(&mut session, &mut outbox, "35=8|34=2|43=Y");
                assert_eq!(outcome, Outcome::Ignore);
                assert!(session.is_logged_on());
            }
        }
    }
}
