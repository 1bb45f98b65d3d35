//! What scenarios are written with: steps that are told, waits that end, a line that stands.

use gwanmun_fix::tag;

use super::head::wrong;
use super::line::{Event, Line, SECOND_NS, Stop};
use super::orders::Order;
use super::received::Received;
use super::report::{Step, Verdict};

/// Where a scenario plays.
pub(super) struct Stage<'w, 'p> {
    pub(super) line: Line<'w>,
    /// Steps of the scenario that runs; the last one may be open, which counts as failed.
    pub(super) steps: Vec<Step>,
    /// What the order scenarios go on with.
    pub(super) order: Option<Order>,
    pub(super) progress: &'p mut dyn FnMut(&str),
}

impl Stage<'_, '_> {
    /// Opens a step.
    pub(super) fn begin(&mut self, what: &str, expected: &str, rule: &'static str) {
        (self.progress)(&format!("    {what}; expected: {expected}"));
        self.steps.push(Step {
            what: what.to_owned(),
            expected: expected.to_owned(),
            came: String::new(),
            rule,
            verdict: Verdict::Fail,
        });
    }

    /// The open step ends well.
    pub(super) fn pass(&mut self, came: impl Into<String>) {
        if let Some(step) = self.steps.last_mut() {
            step.came = came.into();
            step.verdict = Verdict::Pass;
        }
    }

    /// The line stands and both sides agree on the numbers; it is opened where it does not.
    pub(super) fn ready(&mut self) -> Result<(), Stop> {
        if self.line.is_up() {
            return Ok(());
        }
        self.begin(
            "We wait for the member to connect and log on, with its next MsgSeqNum(34)",
            "Logon(35=A)",
            "rules of engagement: Sequence numbers and recovery",
        );
        let logon = self.line.open()?;
        self.line.answer_logon(&logon, 0);
        if self.line.is_unsure {
            self.settle()?;
        }
        self.pass(logon.shown());
        Ok(())
    }

    /// Brings the numbers together again after a scenario that failed: by gap fill where the member
    /// asks, else by a reset upwards.
    fn settle(&mut self) -> Result<(), Stop> {
        let mut id = self.line.test_request();
        let mut until_ns = self.line.answer_by_ns();
        let mut has_reset = false;
        loop {
            match self.line.hear(until_ns)? {
                Event::Message(message) if answers(&message, &id) => {
                    self.line.is_unsure = false;
                    return Ok(());
                }
                // The gap fill, which is out by now, has made the question void.
                Event::Message(message) if message.is(b"2") => id = self.line.test_request(),
                Event::Message(_) => {}
                Event::Silence if !has_reset => {
                    has_reset = true;
                    self.reset_to(self.line.next_out + 1);
                    id = self.line.test_request();
                    until_ns = self.line.answer_by_ns();
                }
                Event::Silence => {
                    let told = "after the failure before, no TestRequest(35=1) is answered";
                    return Err(Stop::Fail(told.to_owned()));
                }
                Event::Gone => {
                    let told = "the line was closed before the numbers agreed again";
                    return Err(Stop::Fail(told.to_owned()));
                }
            }
        }
    }

    /// SequenceReset(4) in its reset mode: our next message has this number.
    pub(super) fn reset_to(&mut self, next: u64) {
        self.line.send(b"4", |writer| {
            writer.uint(tag::NEW_SEQ_NO, next);
        });
        self.line.next_out = next;
    }

    /// Waits for the message that is `wanted`, as long as an answer may take. Heartbeats,
    /// TestRequests and orders in between are nobody's concern; whatever complains is one.
    pub(super) fn expect(&mut self, wanted: impl Fn(&Received) -> bool) -> Result<Received, Stop> {
        let until_ns = self.line.answer_by_ns();
        self.expect_by(until_ns, wanted)
    }

    pub(super) fn expect_by(
        &mut self,
        until_ns: u64,
        wanted: impl Fn(&Received) -> bool,
    ) -> Result<Received, Stop> {
        let begun_ns = self.line.wire.now_ns();
        loop {
            match self.line.hear(until_ns)? {
                Event::Message(message) if wanted(&message) => return Ok(message),
                Event::Message(message) if complains(&message) => {
                    return Err(Stop::Fail(message.shown()));
                }
                Event::Message(_) => {}
                Event::Silence => {
                    let waited_s = (until_ns - begun_ns).div_ceil(SECOND_NS);
                    return Err(Stop::Fail(format!(
                        "nothing of the kind within {waited_s} s"
                    )));
                }
                Event::Gone => return Err(Stop::Fail("the line was closed".to_owned())),
            }
        }
    }

    /// The member still takes what we say under the number that is next: it answers a TestRequest.
    pub(super) fn proves(&mut self, what: &str, rule: &'static str) -> Result<(), Stop> {
        self.begin(
            what,
            "Heartbeat(35=0) with its TestReqID(112), and no ResendRequest(35=2)",
            rule,
        );
        let id = self.line.test_request();
        let answer = self.expect(|message| answers(message, &id))?;
        self.pass(answer.shown());
        Ok(())
    }

    /// Waits for the end of the line; what is still said is passed over.
    pub(super) fn expect_end(&mut self) -> Result<(), Stop> {
        let until_ns = self.line.answer_by_ns();
        loop {
            match self.line.hear(until_ns)? {
                Event::Gone => return Ok(()),
                Event::Message(_) => {}
                Event::Silence => return Err(Stop::Fail("the line stays open".to_owned())),
            }
        }
    }

    /// Holds a Reject(3) against what it is to say. FIX 4.2 may leave out all but RefSeqNum(45).
    pub(super) fn judge_reject(
        reject: &Received,
        ref_seq_num: u64,
        wanted: &[(u32, &str, u64)],
    ) -> Result<(), Stop> {
        if reject.number(tag::REF_SEQ_NUM) != Some(ref_seq_num) {
            return Err(wrong(
                reject,
                &format!("RefSeqNum(45) is not {ref_seq_num}"),
            ));
        }
        let is_fix42 = reject.field(tag::BEGIN_STRING) == Some(b"FIX.4.2");
        for (tag, name, value) in wanted {
            let is_left_out = is_fix42 && reject.field(*tag).is_none();
            if !is_left_out && reject.number(*tag) != Some(*value) {
                return Err(wrong(reject, &format!("{name}({tag}) is not {value}")));
            }
        }
        Ok(())
    }
}

/// Whether it is the Heartbeat(0) that answers this TestRequest(1).
pub(super) fn answers(message: &Received, test_req_id: &str) -> bool {
    message.is(b"0") && message.field(tag::TEST_REQ_ID) == Some(test_req_id.as_bytes())
}

/// Whether a message says that the member is not content.
fn complains(message: &Received) -> bool {
    [&b"2"[..], b"3", b"5", b"j"]
        .iter()
        .any(|msg_type| message.is(msg_type))
}
