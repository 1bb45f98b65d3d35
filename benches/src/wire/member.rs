//! The member's end: a Logon(35=A) without heartbeats, and the judging of what comes back.

use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::index::Index;
use gwanmun_fix::messages::logon;
use gwanmun_fix::{Message, tag};
use gwanmun_market::GateCode;

use super::Fault;
use super::line::Line;
use super::orders::{Expected, number_of};
use super::watch::Watch;
use super::world::{MEMBER_PASSWORD, MEMBER_USER};
use crate::messages::{GATE, whole_at};

/// Longest message that a gateway sends.
const MESSAGE_BYTES_MAX: usize = 8_192;

/// Length of the message at the front of what is held; `None` while it is not whole.
///
/// # Errors
/// The bytes are not FIX.
pub fn message_length(held: &[u8]) -> Result<Option<usize>, Fault> {
    match frame(held, MESSAGE_BYTES_MAX) {
        Frame::Whole { length } => Ok(Some(length)),
        Frame::Partial => Ok(None),
        Frame::Garbled { reason, .. } | Frame::Unframeable(reason) => Err(Fault::new(format!(
            "the member got garbage: {}",
            reason.text()
        ))),
    }
}

/// Logs a member on for the first time; HeartBtInt(108) is 0, since lanes stand still between their
/// turns.
///
/// # Errors
/// The Logon is not answered by one; what `alive` tells.
pub fn log_on(
    line: &mut Line,
    comp_id: &[u8],
    watch: &mut Watch,
    alive: &mut impl FnMut() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let answer = log_on_as(line, (comp_id, 1), watch, alive)?;
    if answer == 1 {
        Ok(())
    } else {
        Err(Fault::new(format!(
            "the first Logon was answered by message {answer}"
        )))
    }
}

/// As [`log_on`], under this MsgSeqNum(34); tells the answer's.
///
/// # Errors
/// As [`log_on`].
pub fn log_on_as(
    line: &mut Line,
    (comp_id, msg_seq_num): (&[u8], u64),
    watch: &mut Watch,
    alive: &mut impl FnMut() -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let body = logon::Body {
        heart_bt_int_s: 0,
        reset_seq_num_flag: false,
        username: MEMBER_USER.as_bytes(),
        password: MEMBER_PASSWORD.as_bytes(),
    };
    let ends = (comp_id, GATE);
    let now_ns = watch.now_ns();
    let message = whole_at(now_ns, logon::MSG_TYPE, ends, msg_seq_num, |writer| {
        body.write(writer);
    });
    watch.begin();
    line.send(&message, watch)?;
    let length = loop {
        if line.receive()?
            && let Some(length) = message_length(line.held())?
        {
            break length;
        }
        alive()?;
        watch.rest()?;
    };
    let mut index = Index::new();
    let answer = line.held().get(..length).unwrap_or_default();
    let answer = Message::parse(answer, &mut index).ok();
    let logon = answer.filter(|message| message.msg_type() == logon::MSG_TYPE);
    let number = logon.and_then(|message| message.msg_seq_num().ok());
    line.take(length);
    number.ok_or_else(|| Fault::new("the Logon was not answered by a Logon"))
}

/// Holds a report against the order that it is about: New where the order was to pass, Rejected
/// with the code of the tick check where it was to be refused.
///
/// # Errors
/// It says something else.
pub fn judge(
    bytes: &[u8],
    number: u64,
    expected: &Expected,
    index: &mut Index,
) -> Result<(), Fault> {
    let shown = || String::from_utf8_lossy(bytes).replace('\x01', "|");
    let message = Message::parse(bytes, index)
        .map_err(|_| Fault::new(format!("not a message: {}", shown())))?;
    let field = |tag| message.field(tag).unwrap_or_default();
    let tick = (GateCode::Tick as u16).to_string();
    let (exec_type, gate_code) = if expected.is_refused {
        (b"8", tick.as_bytes())
    } else {
        (b"0", &b""[..])
    };
    let is_right = message.msg_type() == b"8"
        && number_of(field(tag::CL_ORD_ID)) == Some(number)
        && field(tag::EXEC_TYPE) == exec_type
        && field(tag::GATE_CODE) == gate_code;
    if is_right {
        Ok(())
    } else {
        let text = format!("order {number} ({expected:?}) was answered by {}", shown());
        Err(Fault(text))
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::encode::MessageWriter;
    use gwanmun_market::{Price, Side, Symbol};

    use super::super::orders::cl_ord_id;
    use super::*;
    use crate::messages::whole;

    const PASSES: Expected = Expected {
        side: Side::Buy,
        symbol: Symbol::EMPTY,
        quantity: 1,
        price: Price::ZERO,
        is_refused: false,
    };

    fn report(number: u64, exec_type: u8, gate_code: Option<u64>) -> Vec<u8> {
        whole(b"8", (GATE, b"M"), 2, |writer: &mut MessageWriter<'_>| {
            writer
                .bytes(tag::CL_ORD_ID, &cl_ord_id(number))
                .char(tag::EXEC_TYPE, exec_type);
            if let Some(code) = gate_code {
                writer.uint(tag::GATE_CODE, code);
            }
        })
    }

    #[test]
    fn only_the_answer_that_is_due_is_right() {
        let refused = Expected {
            is_refused: true,
            ..PASSES
        };
        let mut index = Index::new();
        for (bytes, expected, is_right) in [
            (report(7, b'0', None), PASSES, true),
            (report(8, b'0', None), PASSES, false),
            (report(7, b'8', Some(110)), PASSES, false),
            (report(7, b'8', Some(110)), refused, true),
            (report(7, b'8', Some(120)), refused, false),
            (report(7, b'0', None), refused, false),
        ] {
            let judged = judge(&bytes, 7, &expected, &mut index);
            assert_eq!(judged.is_ok(), is_right, "{judged:?}");
        }
    }

    #[test]
    fn a_message_is_whole_or_awaited_or_garbage() {
        let bytes = report(7, b'0', None);
        assert_eq!(message_length(&bytes), Ok(Some(bytes.len())));
        assert_eq!(message_length(&bytes[..bytes.len() - 1]), Ok(None));
        assert!(message_length(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
