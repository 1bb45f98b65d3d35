//! Signs of life: Heartbeat(0) and TestRequest(1), both ways.

use gwanmun_fix::tag;

use super::line::{Event, SECOND_NS, Stop};
use super::stage::{Stage, answers};

/// What a machine under load may add to an interval.
const SLACK_NS: u64 = 2 * SECOND_NS;

/// After how long a silence somebody is late: 1.2 intervals, as the gateway counts.
fn late_ns(stage: &Stage<'_, '_>) -> Result<u64, Stop> {
    match stage.line.heart_bt_int_s {
        0 => Err(Stop::Skip(
            "the member asks for no heartbeats, HeartBtInt(108)=0".to_owned(),
        )),
        seconds => Ok(seconds * SECOND_NS + seconds * SECOND_NS / 5 + SLACK_NS),
    }
}

pub(super) fn heartbeat(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    let late_ns = late_ns(stage)?;
    let expected = format!(
        "Heartbeat(35=0) without TestReqID(112), within 1.2 times its HeartBtInt(108)={} s and \
         {} s of grace",
        stage.line.heart_bt_int_s,
        SLACK_NS / SECOND_NS
    );
    stage.begin(
        "We ask nothing and wait, with our own Heartbeats in time",
        &expected,
        "test case 4a",
    );
    let begun_ns = stage.line.wire.now_ns();
    loop {
        let until_ns = stage.line.last_in_ns + late_ns;
        if until_ns > begun_ns + 4 * late_ns {
            let told = "other messages without end, and no Heartbeat(35=0)";
            return Err(Stop::Fail(told.to_owned()));
        }
        let message = stage.expect_by(until_ns, |_| true)?;
        if message.is(b"0") && message.field(tag::TEST_REQ_ID).is_none() {
            stage.pass(message.shown());
            return Ok(());
        }
        if !message.is(b"1") && message.is_administrative() {
            return Err(Stop::Fail(message.shown()));
        }
    }
}

pub(super) fn test_request(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    stage.proves("We send a TestRequest(35=1)", "test case 4b")?;
    stage.begin(
        "We send two TestRequests(35=1) at once",
        "two Heartbeats(35=0), in their order",
        "test case 4b",
    );
    let first = stage.line.test_request();
    let second = stage.line.test_request();
    let early = stage.expect(|it| answers(it, &first) || answers(it, &second))?;
    if !answers(&early, &first) {
        return Err(Stop::Fail(format!(
            "the second is answered first: {}",
            early.shown()
        )));
    }
    let late = stage.expect(|message| answers(message, &second))?;
    stage.pass(format!("{} {}", early.shown(), late.shown()));
    Ok(())
}

pub(super) fn silence(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    let late_ns = late_ns(stage)?;
    stage.begin(
        "We say nothing, not even Heartbeat(35=0)",
        "TestRequest(35=1) with TestReqID(112), within two intervals",
        "test case 6",
    );
    stage.line.is_silent = true;
    let until_ns = stage.line.wire.now_ns() + 2 * late_ns;
    let asked = loop {
        match stage.line.hear(until_ns)? {
            Event::Message(message) if message.is(b"1") => break message,
            Event::Message(message) if message.is(b"0") => {}
            Event::Message(message) => return Err(Stop::Fail(message.shown())),
            Event::Silence => {
                return Err(Stop::Fail("no TestRequest(35=1) in that time".to_owned()));
            }
            Event::Gone => {
                return Err(Stop::Fail("the line was closed without asking".to_owned()));
            }
        }
    };
    stage.line.is_silent = false;
    stage.pass(asked.shown());
    stage.proves(
        "We answer it, and send a TestRequest(35=1) of our own",
        "test case 6",
    )
}
