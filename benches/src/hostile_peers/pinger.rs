//! The member who asks whether the gateway is there: TestRequest(1) when the schedule says so,
//! whether or not the one before is answered, and the Heartbeat(0) with its TestReqID(112).

use std::collections::VecDeque;

use gwanmun_fix::index::Index;
use gwanmun_fix::{Message, tag};
use gwanmun_runtime::clock::cycles;

use crate::messages::{GATE, whole_at};
use crate::wire::Fault;
use crate::wire::line::Line;
use crate::wire::member::message_length;
use crate::wire::watch::Watch;

/// A question under way.
#[derive(Clone, Copy, Debug)]
struct Asked {
    number: u64,
    sent_at: u64,
    is_measured: bool,
}

/// One logged-on session and what it found out.
pub struct Pinger {
    line: Line,
    comp_id: String,
    /// The Logon was MsgSeqNum(34) 1.
    asked: u64,
    message: Vec<u8>,
    under_way: VecDeque<Asked>,
    index: Box<Index>,
    /// Counts of the clock of each measured round trip since they were last taken.
    pub trips: Vec<u64>,
}

impl Pinger {
    /// A session that has sent its Logon and nothing else.
    #[must_use]
    pub fn new(line: Line, comp_id: String) -> Pinger {
        Pinger {
            line,
            comp_id,
            asked: 0,
            message: Vec::new(),
            under_way: VecDeque::new(),
            index: Box::new(Index::new()),
            trips: Vec::new(),
        }
    }

    /// Writes the next question, so that this takes no time when it is due.
    pub fn prepare(&mut self, now_ns: u64) {
        let number = self.asked + 1;
        let id = format!("P{number}");
        let ends = (self.comp_id.as_bytes(), GATE);
        self.message = whole_at(now_ns, b"1", ends, number + 1, |writer| {
            writer.bytes(tag::TEST_REQ_ID, id.as_bytes());
        });
    }

    /// Sends what was prepared.
    ///
    /// # Errors
    /// The line is gone.
    pub fn ask(&mut self, is_measured: bool, watch: &mut Watch) -> Result<(), Fault> {
        self.asked += 1;
        let sent_at = cycles();
        self.line.send(&self.message, watch)?;
        self.under_way.push_back(Asked {
            number: self.asked,
            sent_at,
            is_measured,
        });
        Ok(())
    }

    /// One look at the line.
    ///
    /// # Errors
    /// The line is gone, or something else came than the answer to the oldest question.
    pub fn look(&mut self) -> Result<(), Fault> {
        if !self.line.receive()? {
            return Ok(());
        }
        let came_at = cycles();
        while let Some(length) = message_length(self.line.held())? {
            let bytes = self.line.held().get(..length).unwrap_or_default();
            let shown = || String::from_utf8_lossy(bytes).replace('\x01', "|");
            let message = Message::parse(bytes, &mut self.index)
                .map_err(|_| Fault::new(format!("not a message: {}", shown())))?;
            let asked = self.under_way.pop_front();
            let id = asked.map(|asked| format!("P{}", asked.number));
            let is_answer = message.msg_type() == b"0"
                && message.field(tag::TEST_REQ_ID) == id.as_deref().map(str::as_bytes);
            let Some(asked) = asked.filter(|_| is_answer) else {
                let text = format!("where the answer to {id:?} was due came {}", shown());
                return Err(Fault::new(text));
            };
            if asked.is_measured {
                self.trips.push(came_at.saturating_sub(asked.sent_at));
            }
            self.line.take(length);
        }
        Ok(())
    }

    /// Questions without an answer so far.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.under_way.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::line::{accept, connect, listen};

    fn heartbeat(id: &str) -> Vec<u8> {
        whole_at(1, b"0", (GATE, b"M"), 2, |writer| {
            writer.bytes(tag::TEST_REQ_ID, id.as_bytes());
        })
    }

    #[test]
    fn an_answer_is_counted_a_missing_one_is_seen_and_a_foreign_one_is_a_fault() {
        let mut watch = Watch::new(true);
        let (listener, address) = listen().unwrap();
        let near = connect(address, &mut watch, &mut || Ok(())).unwrap();
        let mut far = accept(&listener, &mut watch, &mut || Ok(())).unwrap();
        let mut pinger = Pinger::new(near, "M".to_owned());
        for _ in 0..3 {
            pinger.prepare(1);
            pinger.ask(true, &mut watch).unwrap();
        }
        let mut look_until = |pinger: &mut Pinger, unanswered| {
            watch.begin();
            while pinger.unanswered() > unanswered {
                pinger.look()?;
                watch.spin()?;
            }
            Ok::<(), Fault>(())
        };
        far.send(&heartbeat("P1"), &mut Watch::new(true)).unwrap();
        look_until(&mut pinger, 2).unwrap();
        assert_eq!((pinger.trips.len(), pinger.unanswered()), (1, 2));
        far.send(&heartbeat("P3"), &mut Watch::new(true)).unwrap();
        let fault = look_until(&mut pinger, 1).unwrap_err();
        assert!(fault.0.contains("P2"), "{fault}");
    }
}
