//! Numbers: gaps on either side, possible duplicates, resets.

use gwanmun_fix::tag;

use super::head::wrong;
use super::line::{Event, Sent, Stop};
use super::received::Received;
use super::stage::{Stage, answers};

/// Numbers that we leave out in a gap of our making.
const GAP: u64 = 3;
/// How far a reset goes up.
const RESET: u64 = 10;

pub(super) fn gap(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    let missing = stage.line.next_out;
    stage.line.next_out += GAP;
    let expected = format!("ResendRequest(35=2) with BeginSeqNo(7)={missing}, once");
    stage.begin(
        "We leave out three numbers and send a TestRequest(35=1)",
        &expected,
        "test case 2b",
    );
    let _ = stage.line.test_request();
    let request = stage.expect(|message| message.is(b"2"))?;
    judge_request(&request, missing)?;
    stage.pass(request.shown());
    stage.proves(
        "We fill the gap by SequenceReset(35=4), GapFillFlag(123)=Y, and send a TestRequest(35=1)",
        "test case 10b",
    )
}

/// What a ResendRequest(2) for everything from `missing` on is like.
pub(super) fn judge_request(request: &Received, missing: u64) -> Result<(), Stop> {
    if request.number(tag::BEGIN_SEQ_NO) != Some(missing) {
        return Err(wrong(request, &format!("BeginSeqNo(7) is not {missing}")));
    }
    match request.number(tag::END_SEQ_NO) {
        Some(end) if end == 0 || end >= missing => Ok(()),
        _ => Err(wrong(request, "EndSeqNo(16) is neither 0 nor a number")),
    }
}

pub(super) fn resend(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    let first = stage.line.sent.first().map_or(1, |sent| sent.msg_seq_num);
    resend_from(stage, first)
}

/// Asks for everything from a number on and holds what comes against what the member had sent.
pub(super) fn resend_from(stage: &mut Stage<'_, '_>, first: u64) -> Result<(), Stop> {
    let last = stage.line.next_in - 1;
    let what = format!("We send ResendRequest(35=2) for {first} up to what there is");
    let expected = format!(
        "{first} to {last} without a hole: orders again with PossDupFlag(43)=Y and their \
         OrigSendingTime(122), SequenceReset(35=4) with GapFillFlag(123)=Y over the rest"
    );
    stage.begin(
        &what,
        &expected,
        "test case 8a; rules of engagement: Sequence numbers and recovery",
    );
    stage.line.send(b"2", |writer| {
        writer
            .uint(tag::BEGIN_SEQ_NO, first)
            .uint(tag::END_SEQ_NO, 0);
    });
    let mut next = first;
    let mut came = Vec::new();
    while next <= last {
        let message = again(stage, next)?;
        next = judge_again(stage, &message, next)?;
        came.push(message.shown());
    }
    if next > stage.line.next_in {
        let told = format!(
            "the gap fill goes up to {next}, and {} is the next number",
            stage.line.next_in
        );
        return Err(Stop::Fail(told));
    }
    stage.pass(came.join(" "));
    stage.proves(
        "Behind it we send a TestRequest(35=1)",
        "test cases 4b and 8a",
    )
}

/// The next message that is repeated.
fn again(stage: &mut Stage<'_, '_>, next: u64) -> Result<Received, Stop> {
    let until_ns = stage.line.answer_by_ns();
    loop {
        match stage.line.hear(until_ns)? {
            Event::Message(message) if message.has_flag(tag::POSS_DUP_FLAG) => return Ok(message),
            Event::Message(message) if [&b"3"[..], b"5"].iter().any(|it| message.is(it)) => {
                return Err(Stop::Fail(message.shown()));
            }
            Event::Message(_) => {}
            Event::Silence => {
                return Err(Stop::Fail(format!("nothing that stands for number {next}")));
            }
            Event::Gone => return Err(Stop::Fail("the line was closed".to_owned())),
        }
    }
}

/// Judges what stands for the number `next` and gives the number behind it.
fn judge_again(stage: &Stage<'_, '_>, message: &Received, next: u64) -> Result<u64, Stop> {
    if message.number(tag::MSG_SEQ_NUM) != Some(next) {
        return Err(wrong(
            message,
            &format!("a hole, number {next} is next to be repeated"),
        ));
    }
    if message.is_gap_fill() {
        return match message.number(tag::NEW_SEQ_NO) {
            Some(new) if new > next => Ok(new),
            _ => Err(wrong(message, "NewSeqNo(36) is not above its own number")),
        };
    }
    // A Reject(3) is repeated like a report.
    if message.is_administrative() && !message.is(b"3") {
        let told = "a session message is repeated, a gap fill should stand for it";
        return Err(wrong(message, told));
    }
    let known = |sent: &&Sent| sent.msg_seq_num == next;
    let Some(sent) = stage.line.sent.iter().rev().find(known) else {
        return Ok(next + 1);
    };
    if sent.is_administrative != message.is_administrative()
        || sent.cl_ord_id.as_deref() != message.field(tag::CL_ORD_ID)
    {
        return Err(wrong(message, "another message had this number"));
    }
    if message.time_ns(tag::ORIG_SENDING_TIME) != Some(sent.sending_time_ns) {
        let told = "OrigSendingTime(122) is not the SendingTime(52) it was sent with first";
        return Err(wrong(message, told));
    }
    Ok(next + 1)
}

pub(super) fn possible_duplicate(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    let id = stage.line.test_request();
    let before = stage.line.next_out - 1;
    stage.begin(
        "We send a TestRequest(35=1), again under its number with PossDupFlag(43)=Y, and a new one",
        "Heartbeats(35=0) for the first and the last, none for the one between",
        "test case 2e",
    );
    let _ = stage.expect(|message| answers(message, &id))?;
    let now_ns = stage.line.wire.now_ns();
    let repeated = stage.line.written(b"1", before, Some(now_ns), |writer| {
        writer.bytes(tag::TEST_REQ_ID, id.as_bytes());
    });
    stage.line.send_bytes(&repeated);
    let last = stage.line.test_request();
    let answer = stage.expect(|it| answers(it, &last) || answers(it, &id))?;
    if answers(&answer, &id) {
        return Err(Stop::Fail(format!(
            "the duplicate is answered: {}",
            answer.shown()
        )));
    }
    stage.pass(answer.shown());
    Ok(())
}

pub(super) fn reset(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    let next = stage.line.next_out + RESET;
    let what = format!(
        "We send SequenceReset(35=4) without GapFillFlag(123), NewSeqNo(36)={next}, and a \
         TestRequest(35=1) with that number"
    );
    stage.reset_to(next);
    stage.proves(&what, "test case 11a")
}
