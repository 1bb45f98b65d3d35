//! A session against lines of text: messages, time, lines that come and go.
//!
//! Each line of the input is one event: `A`/`B` makes a fresh acceptor or initiator, `C` connects
//! it, `D` drops the line, `G` logs on, `L` logs out, `S` sends, `R` makes a resend step, `T` lets
//! as many seconds pass as digits follow; any other line is the body of a message, `|` for SOH.
//! Held: no panic; what is written is whole and readable; numbers have no holes and never go back
//! without an agreed reset; a delivered message had the number expected.
#![no_main]

use gwanmun_fix::session::{History, Outcome, Past, SeqNumReset, Session, SessionTerms};
use gwanmun_fix::{Frame, Index, Message, Sent, Sink, frame};
use gwanmun_market::Text;
use libfuzzer_sys::fuzz_target;

/// 2026-01-05 00:00:00 UTC, the time in the seeds.
const START_NS: u64 = 1_767_571_200_000_000_000;

struct World {
    session: Session,
    now_ns: u64,
    room: Vec<u8>,
    /// Everything written under a fresh number since the last reset; none for administrative
    /// messages.
    sent: Vec<Option<Vec<u8>>>,
    fresh: usize,
}

struct Out<'a> {
    room: &'a mut [u8],
    sent: &'a mut Vec<Option<Vec<u8>>>,
    fresh: &'a mut usize,
}

impl Sink for Out<'_> {
    fn room(&mut self) -> &mut [u8] {
        self.room
    }

    fn commit(&mut self, sent: Sent) {
        let bytes = &self.room[..sent.length];
        assert_eq!(
            frame::frame(bytes, 65_536),
            Frame::Whole {
                length: sent.length
            }
        );
        let mut index = Index::new();
        let message = Message::parse(bytes, &mut index).expect("what we write can be read");
        assert_eq!(message.msg_seq_num(), Ok(sent.msg_seq_num));
        assert_eq!(message.poss_dup_flag(), sent.is_resend);
        if sent.is_resend {
            assert!(sent.msg_seq_num <= self.sent.len() as u64);
            return;
        }
        if sent.msg_seq_num == 1 {
            self.sent.clear();
        }
        assert_eq!(sent.msg_seq_num, self.sent.len() as u64 + 1);
        self.sent.push(sent.is_application.then(|| bytes.to_vec()));
        *self.fresh += 1;
    }
}

struct Kept<'a>(&'a [Option<Vec<u8>>]);

impl History for Kept<'_> {
    fn sent(&self, msg_seq_num: u64) -> Past<'_> {
        match &self.0[usize::try_from(msg_seq_num - 1).expect("a number sent")] {
            Some(bytes) => Past::Application(bytes),
            None => Past::Administrative,
        }
    }
}

impl World {
    fn new(is_acceptor: bool) -> World {
        let text = |name: &[u8]| Text::new(name).expect("short");
        let mut terms = SessionTerms::new(text(b"GATE"), text(b"MEMBER"), is_acceptor);
        terms.reset = SeqNumReset::OnRequest;
        World {
            session: Session::new(terms),
            now_ns: START_NS,
            room: vec![0; 4096],
            sent: Vec::new(),
            fresh: 0,
        }
    }

    fn event(&mut self, line: &[u8]) {
        let World {
            session,
            now_ns,
            room,
            sent,
            fresh,
        } = self;
        let before = session.numbers();
        let resets = session.reset_count();
        let mut out = Out { room, sent, fresh };
        match line {
            b"D" => session.on_disconnect(),
            b"C" => session.on_connect(*now_ns),
            b"G" => drop(session.logon(*now_ns, &mut out, |_| {})),
            b"L" => drop(session.logout(b"bye", *now_ns, &mut out)),
            b"S" => drop(session.send(b"8", *now_ns, &mut out, |writer| {
                writer.uint(37, 1);
            })),
            b"R" => {
                let kept = out.sent.clone();
                let _ = session.resend_step(*now_ns, &Kept(&kept), &mut out);
                assert_eq!(session.numbers().next_in, before.next_in);
            }
            [b'T', seconds @ ..] => {
                let digits = seconds.iter().filter(|byte| byte.is_ascii_digit()).take(3);
                let seconds = digits.fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'));
                *now_ns += seconds * 1_000_000_000;
                let _ = session.on_deadline(*now_ns, &mut out);
                assert!(
                    session
                        .next_deadline_ns()
                        .is_none_or(|deadline_ns| deadline_ns > *now_ns)
                );
            }
            body => receive(session, body, *now_ns, &mut out),
        }
        let after = session.numbers();
        if session.reset_count() == resets {
            assert!(after.next_in >= before.next_in && after.next_out >= before.next_out);
        }
        assert_eq!(after.next_out, sent.len() as u64 + 1);
    }
}

fn receive(session: &mut Session, body: &[u8], now_ns: u64, out: &mut Out<'_>) {
    let body: Vec<u8> = body
        .iter()
        .map(|byte| if *byte == b'|' { 1 } else { *byte })
        .collect();
    let mut bytes = format!("8=FIX.4.4\u{1}9={}\u{1}", body.len()).into_bytes();
    bytes.extend_from_slice(&body);
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
    let Frame::Whole { length } = frame::frame(&bytes, 65_536) else {
        return;
    };
    let mut index = Index::new();
    let (message, defect) = Message::read(&bytes[..length], &mut index);
    let expected = session.numbers().next_in;
    let outcome = match defect.or_else(|| message.duplicate_tag()) {
        None => session.on_message(&message, now_ns, out),
        Some(defect) => session.on_defective(&message, defect, now_ns, out),
    };
    if outcome == Outcome::Deliver {
        assert_eq!(message.msg_seq_num(), Ok(expected));
        assert_eq!(session.numbers().next_in, expected + 1);
    }
}

fuzz_target!(|data: &[u8]| {
    let mut world = World::new(true);
    for line in data
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        match line {
            b"A" => world = World::new(true),
            b"B" => world = World::new(false),
            line => world.event(line),
        }
    }
});
