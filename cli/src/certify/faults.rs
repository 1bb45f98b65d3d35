//! Messages that are wrong: garbled ones are as if they had not come, others are refused by name.

use gwanmun_fix::tag;

use super::line::Stop;
use super::stage::{Stage, answers};

/// A type that no version has.
const UNKNOWN_TYPE: &[u8] = b"ZZ";

pub(super) fn garbled(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    garble(stage, "CheckSum(10) is wrong", "test case 3b", |bytes| {
        if let Some([digit, _]) = bytes.last_chunk_mut::<2>() {
            *digit = if *digit == b'0' { b'1' } else { b'0' };
        }
    })?;
    garble(
        stage,
        "a byte of the body was changed on the way",
        "test case 3b",
        |bytes| {
            let at = bytes.len().saturating_sub(9);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = b'!';
            }
        },
    )
}

/// A TestRequest(1) that was spoiled, and a good one under the same number.
fn garble(
    stage: &mut Stage<'_, '_>,
    how: &str,
    rule: &'static str,
    spoil: impl Fn(&mut [u8]),
) -> Result<(), Stop> {
    let what = format!(
        "We send a TestRequest(35=1) in which {how}, and a sound one under the same MsgSeqNum(34)"
    );
    stage.begin(
        &what,
        "Heartbeat(35=0) for the sound one, no answer to the other, no ResendRequest(35=2)",
        rule,
    );
    let id = stage.line.test_req_id();
    let number = stage.line.next_out;
    let mut bytes = stage.line.written(b"1", number, None, |writer| {
        writer.bytes(tag::TEST_REQ_ID, id.as_bytes());
    });
    spoil(&mut bytes);
    stage.line.send_bytes(&bytes);
    let sound = stage.line.test_request();
    let answer =
        stage.expect(|message| message.is(b"0") && message.field(tag::TEST_REQ_ID).is_some())?;
    if !answers(&answer, &sound) {
        return Err(Stop::Fail(format!(
            "the garbled one is answered: {}",
            answer.shown()
        )));
    }
    stage.pass(answer.shown());
    Ok(())
}

pub(super) fn missing_field(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    let number = stage.line.next_out;
    let expected = format!(
        "Reject(35=3) with RefSeqNum(45)={number}, RefTagID(371)=112, SessionRejectReason(373)=1"
    );
    stage.begin(
        "We send a TestRequest(35=1) without TestReqID(112)",
        &expected,
        "test case 14b; rules of engagement: Messages",
    );
    stage.line.send(b"1", |_| {});
    let reject = stage.expect(|message| message.is(b"3") || message.is(b"0"))?;
    if reject.is(b"0") {
        return Err(Stop::Fail(format!("it is answered: {}", reject.shown())));
    }
    Stage::judge_reject(
        &reject,
        number,
        &[
            (tag::REF_TAG_ID, "RefTagID", 112),
            (tag::SESSION_REJECT_REASON, "SessionRejectReason", 1),
        ],
    )?;
    stage.pass(reject.shown());
    stage.proves(
        "Its number is used up: we send a sound one under the next",
        "test case 14b",
    )
}

pub(super) fn unknown_type(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    let number = stage.line.next_out;
    let expected =
        format!("Reject(35=3) with RefSeqNum(45)={number} and SessionRejectReason(373)=11");
    stage.begin(
        "We send a message with MsgType(35)=ZZ, which no version has",
        &expected,
        "test case 2o; rules of engagement: Messages",
    );
    stage.line.send(UNKNOWN_TYPE, |_| {});
    let reject = stage.expect(|message| message.is(b"3"))?;
    Stage::judge_reject(
        &reject,
        number,
        &[(tag::SESSION_REJECT_REASON, "SessionRejectReason", 11)],
    )?;
    stage.pass(reject.shown());
    stage.proves(
        "Its number is used up: we send a TestRequest(35=1) under the next",
        "test case 2o",
    )
}
