//! The end of a line: by a fault, by Logout(5), by a cut; and the way back.

use gwanmun_fix::tag;

use super::line::Stop;
use super::received::Received;
use super::sequence::judge_request;
use super::stage::{Stage, answers};

const RECOVERY: &str = "rules of engagement: Sequence numbers and recovery";

pub(super) fn too_low(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    stage.begin(
        "We send a TestRequest(35=1) with MsgSeqNum(34)=1 and without PossDupFlag(43)",
        "Logout(35=5) with both numbers in Text(58)",
        "test case 2c",
    );
    let id = stage.line.test_req_id();
    let bytes = stage.line.written(b"1", 1, None, |writer| {
        writer.bytes(tag::TEST_REQ_ID, id.as_bytes());
    });
    stage.line.send_bytes(&bytes);
    let logout = stage.expect(|message| {
        message.is(b"5") || message.field(tag::TEST_REQ_ID) == Some(id.as_bytes())
    })?;
    if !logout.is(b"5") {
        return Err(Stop::Fail(format!("it is answered: {}", logout.shown())));
    }
    if logout.field(tag::TEXT).is_none() {
        return Err(Stop::Fail(format!(
            "{}: Text(58) is missing",
            logout.shown()
        )));
    }
    stage.pass(logout.shown());
    stage.begin("We wait", "the end of the line", "test case 2c");
    stage.expect_end()?;
    stage.pass("the line was closed");
    stage.ready()
}

pub(super) fn logout(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    stage.begin(
        "We send Logout(35=5)",
        "Logout(35=5)",
        "test case 13b; rules of engagement: The session",
    );
    stage.line.send(b"5", |_| {});
    let answer = stage.expect(|message| message.is(b"5"))?;
    stage.pass(answer.shown());
    // Who says it first closes the line.
    stage.line.hang_up();
    stage.ready()
}

pub(super) fn line_cut(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    if stage.line.terms.resets_on_logon {
        let reason = "ResetSeqNumFlag(141)=Y is agreed, so that numbers do not outlive a line";
        return Err(Stop::Skip(reason.to_owned()));
    }
    stage.ready()?;
    let expected = format!("Logon(35=A) with MsgSeqNum(34)={}", stage.line.next_in);
    stage.begin(
        "We cut the line without a word and wait for the member",
        &expected,
        RECOVERY,
    );
    stage.line.hang_up();
    let logon = stage.line.open()?;
    stage.pass(logon.shown());
    let missing = stage.line.next_out;
    stage.line.answer_logon(&logon, 1);
    asks_for(stage, &logon, missing)?;
    stage.proves(
        "The gap is filled, and we send a TestRequest(35=1)",
        RECOVERY,
    )
}

/// The member fetches what was lost before our Logon(A): by asking, or by the
/// NextExpectedMsgSeqNum(789) of its own, behind which it may ask all the same.
fn asks_for(stage: &mut Stage<'_, '_>, logon: &Received, missing: u64) -> Result<(), Stop> {
    const RULE: &str = "test case 1S; rules of engagement: Sequence numbers and recovery";
    let Some(told) = logon.number(tag::NEXT_EXPECTED_MSG_SEQ_NUM) else {
        let expected = format!("ResendRequest(35=2) with BeginSeqNo(7)={missing}");
        stage.begin(
            "We answer with Logon(35=A), one number too high: a message was lost with the line",
            &expected,
            RULE,
        );
        let request = stage.expect(|message| message.is(b"2"))?;
        judge_request(&request, missing)?;
        stage.pass(request.shown());
        return Ok(());
    };
    let expected = format!("NextExpectedMsgSeqNum(789)={missing} in its Logon(35=A)");
    stage.begin(
        "We answer with Logon(35=A), one number too high, and fill the gap unasked",
        &expected,
        RULE,
    );
    if told != missing {
        return Err(Stop::Fail(logon.shown()));
    }
    let id = stage.line.test_request();
    let answer = stage.expect(|message| message.is(b"2") || answers(message, &id))?;
    if answer.is(b"2") {
        judge_request(&answer, missing)?;
    }
    stage.pass(logon.shown());
    Ok(())
}
