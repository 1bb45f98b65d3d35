//! One connection on the order listener: messages in, its user's stream out.
//!
//! In it: `OrderLine` and what concerns it alone. Not in it: logins, since one line's login ends
//! another line (see `order_lines.rs`).

use core::net::SocketAddr;

use gwanmun_binary::soup::packet::{REJECT_NOT_AUTHORISED, REJECT_SESSION_NOT_AVAILABLE};
use gwanmun_binary::soup::{Server, ServerDeadline, Terms};

use crate::clock::Moment;
use crate::desk::{Desk, DeskError, REPORT_BYTES_MAX};
use crate::events::{Event, LineEnd, LineKind, LoginRefusal, Operator};
use crate::venue::Disposition;
use crate::wire::Wire;

/// Ignored messages of one line of which the operator is told.
const IGNORED_TOLD_MAX: u32 = 16;
/// A connection on the order listener.
#[derive(Debug)]
pub(crate) struct OrderLine {
    pub(crate) peer: SocketAddr,
    pub(crate) wire: Wire,
    pub(crate) server: Server,
    pub(crate) account: Option<usize>,
    ignored: u32,
    /// The line ends once what waits is sent.
    pub(crate) ending: Option<LineEnd>,
}

impl OrderLine {
    /// A connection that has not logged in.
    pub(crate) fn new(peer: SocketAddr, wire: Wire, now_ns: u64) -> Self {
        let server = Server::new(Terms::STANDARD, now_ns);
        OrderLine {
            peer,
            wire,
            server,
            account: None,
            ignored: 0,
            ending: None,
        }
    }
}

pub(crate) fn on_message(
    number: u32,
    line: &mut OrderLine,
    message: &[u8],
    desk: &mut Desk,
    now: Moment,
    operator: &mut dyn Operator,
) -> Result<Option<LineEnd>, DeskError> {
    let Some(account) = line.account else {
        return Ok(Some(LineEnd::OutOfStep));
    };
    let disposition = desk.on_message(account, message, now)?;
    if matches!(
        disposition,
        Disposition::NotServed | Disposition::Unreadable
    ) && line.ignored < IGNORED_TOLD_MAX
    {
        line.ignored += 1;
        let user = desk.user(account);
        operator.tell(
            now.utc_ns,
            &Event::Ignored {
                line: number,
                user,
                disposition,
            },
        );
    }
    Ok(desk.is_drop_due().then_some(LineEnd::Fault))
}

pub(crate) fn send(line: &mut OrderLine, desk: &Desk, now_ns: u64) -> Result<(), LineEnd> {
    let mut packet = [0; REPORT_BYTES_MAX + 16];
    loop {
        while line.wire.has_room()
            && let Some(account) = line.account
            && let Some(message) = desk
                .stream(account)
                .message(line.server.next_sequence_number())
        {
            let written = line.server.sequenced(now_ns, &mut packet, |room| {
                room.get_mut(..message.len())?.copy_from_slice(message);
                Some(message.len())
            });
            let Some(length) = written else { break };
            line.wire.queue(&packet[..length]);
        }
        let was_full = !line.wire.has_room();
        line.wire.send(now_ns)?;
        // A replay may be longer than what waits at a time: go on while the socket takes it.
        if !was_full || line.wire.has_waiting() {
            break;
        }
    }
    if let Some(end) = line.ending
        && !line.wire.has_waiting()
    {
        return Err(end);
    }
    match line.server.on_deadline(now_ns, &mut packet) {
        ServerDeadline::Nothing => Ok(()),
        ServerDeadline::Heartbeat(length) => {
            line.wire.queue(&packet[..length]);
            line.wire.send(now_ns)
        }
        ServerDeadline::Dead => Err(LineEnd::Silent),
        ServerDeadline::LoginTimedOut => Err(LineEnd::LoginTimedOut),
    }
}

/// The reason that a LoginRejected packet carries.
pub(crate) const fn reject_byte(refusal: LoginRefusal) -> u8 {
    match refusal {
        LoginRefusal::NotAuthorised => REJECT_NOT_AUTHORISED,
        LoginRefusal::SessionNotAvailable => REJECT_SESSION_NOT_AVAILABLE,
    }
}

pub(crate) fn tell_end(
    number: u32,
    line: &OrderLine,
    end: LineEnd,
    desk: &Desk,
    now_ns: u64,
    operator: &mut dyn Operator,
) {
    let user = line.account.map(|account| desk.user(account));
    let (kind, peer) = (LineKind::Order, line.peer);
    operator.tell(
        now_ns,
        &Event::Ended {
            kind,
            line: number,
            user,
            peer,
            end,
        },
    );
}
