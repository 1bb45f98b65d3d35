//! The member who is resent to: reads a bounded piece at a time, and holds every message against
//! the one that is due.

use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::index::Index;
use gwanmun_fix::messages::resend_request;
use gwanmun_fix::{Message, tag};

use crate::messages::{GATE, whole_at};
use crate::wire::Fault;
use crate::wire::line::Line;
use crate::wire::orders::number_of;
use crate::wire::watch::Watch;

/// Most bytes of one message.
const MESSAGE_BYTES_MAX: usize = 8_192;
/// MsgSeqNum(34) of the first report: the Logon's answer is before it.
pub const FIRST_REPORT: u64 = 2;

/// A day's reports, and how far they have come again.
pub struct Reader {
    comp_id: String,
    index: Box<Index>,
    /// Reports of the day.
    reports: u64,
    /// MsgSeqNum(34) due next; behind the last one when nothing is under way.
    due: u64,
    /// MsgSeqNum(34) of the last message sent by this member.
    said: u64,
    /// Messages that came again, over all resends.
    pub came: u64,
    /// Bytes of them.
    pub bytes: u64,
}

impl Reader {
    /// The member with this CompID, who has sent `said` messages and was told of so many reports.
    #[must_use]
    pub fn new(comp_id: String, said: u64, reports: u64) -> Reader {
        Reader {
            comp_id,
            index: Box::new(Index::new()),
            reports,
            due: FIRST_REPORT + reports,
            said,
            came: 0,
            bytes: 0,
        }
    }

    /// Whether everything that was asked for has come.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.due == FIRST_REPORT + self.reports
    }

    /// Asks for all reports of the day by one ResendRequest(2).
    ///
    /// # Errors
    /// The line is gone.
    pub fn ask(&mut self, line: &mut Line, watch: &mut Watch) -> Result<(), Fault> {
        self.said += 1;
        let ends = (self.comp_id.as_bytes(), GATE);
        let (now_ns, last) = (watch.now_ns(), FIRST_REPORT + self.reports - 1);
        let request = whole_at(
            now_ns,
            resend_request::MSG_TYPE,
            ends,
            self.said,
            |writer| {
                resend_request::write(writer, FIRST_REPORT, last);
            },
        );
        self.due = FIRST_REPORT;
        line.send(&request, watch)
    }

    /// Reads at most `bytes` once; tells how many came.
    ///
    /// # Errors
    /// Something else came than what is due, or the line is gone.
    pub fn look(&mut self, line: &mut Line, bytes: usize) -> Result<usize, Fault> {
        let count = line.receive_some(bytes)?;
        if count > 0 {
            self.judge(line)?;
        }
        Ok(count)
    }

    fn judge(&mut self, line: &mut Line) -> Result<(), Fault> {
        loop {
            let length = match frame(line.held(), MESSAGE_BYTES_MAX) {
                Frame::Whole { length } => length,
                Frame::Partial => return Ok(()),
                Frame::Garbled { reason, .. } | Frame::Unframeable(reason) => {
                    return Err(Fault::new(format!("garbage: {}", reason.text())));
                }
            };
            let bytes = line.held().get(..length).unwrap_or_default();
            self.take(bytes)?;
            line.take(length);
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let due = self.due;
        let wrong = || {
            let shown = String::from_utf8_lossy(bytes).replace('\x01', "|");
            Fault::new(format!("where message {due} was due again came {shown}"))
        };
        if self.is_done() {
            return Err(wrong());
        }
        let message = Message::parse(bytes, &mut self.index).map_err(|_| wrong())?;
        let name = message.field(tag::CL_ORD_ID).and_then(number_of);
        // The first report is about order 1, and so on: all are refused at once.
        let is_right = message.msg_type() == b"8"
            && message.msg_seq_num() == Ok(due)
            && message.field(tag::POSS_DUP_FLAG) == Some(b"Y")
            && name == Some(due + 1 - FIRST_REPORT);
        if !is_right {
            return Err(wrong());
        }
        self.due += 1;
        self.came += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::encode::MessageWriter;

    use super::*;
    use crate::messages::whole;
    use crate::wire::line::{accept, connect, listen};
    use crate::wire::orders::cl_ord_id;

    fn again(msg_seq_num: u64, order: u64, is_dup: bool) -> Vec<u8> {
        let ends = (GATE, &b"M"[..]);
        whole(b"8", ends, msg_seq_num, |writer: &mut MessageWriter<'_>| {
            if is_dup {
                writer.char(tag::POSS_DUP_FLAG, b'Y');
            }
            writer.bytes(tag::CL_ORD_ID, &cl_ord_id(order));
        })
    }

    /// What becomes of these bytes where two reports are due.
    fn read(bytes: &[u8]) -> Result<bool, Fault> {
        let mut watch = Watch::new(true);
        let (listener, address) = listen().unwrap();
        let mut near = connect(address, &mut watch, &mut || Ok(())).unwrap();
        let mut far = accept(&listener, &mut watch, &mut || Ok(())).unwrap();
        let mut reader = Reader::new("M".to_owned(), 1, 2);
        assert!(reader.is_done());
        reader.ask(&mut near, &mut watch).unwrap();
        assert!(!reader.is_done());
        far.send(bytes, &mut watch).unwrap();
        let mut left = bytes.len();
        watch.begin();
        while left > 0 {
            left -= reader.look(&mut near, 100)?;
            watch.spin()?;
        }
        Ok(reader.is_done())
    }

    #[test]
    fn a_resend_is_whole_and_in_order_or_it_is_wrong() {
        let both = [again(2, 1, true), again(3, 2, true)];
        assert_eq!(read(&both.concat()), Ok(true));
        assert_eq!(read(&both[0]), Ok(false));
        for wrong in [
            [both[1].clone(), both[0].clone()].concat(),
            [both[0].clone(), both[0].clone()].concat(),
            [both.concat(), both[1].clone()].concat(),
            again(2, 2, true),
            again(2, 1, false),
        ] {
            assert!(read(&wrong).is_err());
        }
    }
}
