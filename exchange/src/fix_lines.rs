//! The FIX listener's connections: who is on which line, bytes in, bytes out.
//!
//! In it: [`FixLines`]. A participant has one line, known by the CompIDs of its Logon(A). When it
//! logs on while an older line stands, the old one is first read to its end, as far as its bytes
//! have arrived, and everything in it is acted on; then it is closed, and only then is the Logon(A)
//! looked at. Not in it: the session and its orders (see `fix_party.rs`).

use core::net::SocketAddr;
use std::collections::BTreeMap;
use std::net::TcpStream;

use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::index::Index;
use gwanmun_fix::message::Message;
use gwanmun_fix::session::Outcome;

use crate::clock::Moment;
use crate::desk::{Desk, DeskError};
use crate::events::{Event, LineEnd, LineKind, Operator};
use crate::fix_party::Party;
use crate::order_lines::LINES_MAX;
use crate::plan::FixPlan;
use crate::wire::Wire;

/// Longest message taken, in bytes.
const MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// How long a line may stay without a Logon(A).
const LOGON_NS: u64 = 10_000_000_000;
/// Most that is read of an old line before a new Logon(A), as on the order listener.
const DRAIN_BYTES_MAX: usize = 16 << 20;
/// Numbers of FIX lines begin here, apart from those of the order listener.
const FIRST_NUMBER: u32 = 1 << 30;

/// A connection on the FIX listener.
#[derive(Debug)]
struct FixLine {
    peer: SocketAddr,
    wire: Wire,
    party: Option<usize>,
    since_ns: u64,
    /// The line ends once what waits is sent.
    ending: Option<LineEnd>,
}

/// All FIX lines and the participants.
#[derive(Debug)]
pub(crate) struct FixLines {
    lines: BTreeMap<u32, FixLine>,
    parties: Vec<Party>,
    next_number: u32,
}

impl FixLines {
    pub(crate) fn new(plan: &FixPlan) -> FixLines {
        let party = |it: &(gwanmun_market::Text<32>, usize)| Party::new(it.1, plan.comp_id, it.0);
        FixLines {
            lines: BTreeMap::new(),
            parties: plan.participants.iter().map(party).collect(),
            next_number: FIRST_NUMBER,
        }
    }

    /// Takes an accepted connection.
    pub(crate) fn accept(&mut self, socket: TcpStream, peer: SocketAddr, now: Moment) {
        if self.lines.len() >= LINES_MAX {
            return;
        }
        if let Ok(wire) = Wire::new(socket) {
            let line = FixLine {
                peer,
                wire,
                party: None,
                since_ns: now.utc_ns,
                ending: None,
            };
            self.lines.insert(self.next_number, line);
            self.next_number += 1;
        }
    }

    /// Sockets and whether each has something waiting to be sent.
    pub(crate) fn sockets(&self) -> impl Iterator<Item = (&TcpStream, bool)> {
        let lines = self.lines.values();
        lines.map(|line| (&line.wire.socket, line.wire.has_waiting()))
    }

    /// The earliest deadline of any line.
    pub(crate) fn next_deadline_ns(&self) -> Option<u64> {
        let due = |line: &FixLine| match line.party {
            Some(party) => self.parties[party].session.next_deadline_ns(),
            None => Some(line.since_ns + LOGON_NS),
        };
        self.lines.values().filter_map(due).min()
    }

    /// Reads every line and acts on what came.
    pub(crate) fn receive(
        &mut self,
        desk: &mut Desk,
        now: &dyn Fn() -> Moment,
        operator: &mut dyn Operator,
    ) -> Result<(), DeskError> {
        let numbers: Vec<u32> = self.lines.keys().copied().collect();
        for number in numbers {
            // A Logon(A) on another line may have ended this one meanwhile.
            let Some(mut line) = self.lines.remove(&number) else {
                continue;
            };
            let end = if line.ending.is_some() {
                None
            } else {
                match line.wire.receive() {
                    Ok(false) => None,
                    Ok(true) => self.act(number, &mut line, desk, now(), operator)?,
                    Err(end) => Some(end),
                }
            };
            self.keep_or_end(number, line, end, desk, now().utc_ns, operator);
        }
        Ok(())
    }

    fn act(
        &mut self,
        number: u32,
        line: &mut FixLine,
        desk: &mut Desk,
        now: Moment,
        operator: &mut dyn Operator,
    ) -> Result<Option<LineEnd>, DeskError> {
        let inbound = core::mem::take(&mut line.wire.inbound);
        let mut rest = &inbound[..];
        let mut end = None;
        while end.is_none() && line.ending.is_none() && !rest.is_empty() {
            let length = match frame(rest, MESSAGE_BYTES_MAX) {
                Frame::Whole { length } => length,
                Frame::Garbled { skip, .. } => {
                    rest = rest.get(skip.max(1)..).unwrap_or_default();
                    continue;
                }
                Frame::Partial => break,
                Frame::Unframeable(_) => {
                    end = Some(LineEnd::OutOfStep);
                    break;
                }
            };
            let mut index: Index = Index::new();
            let (message, fault) = Message::read(&rest[..length], &mut index);
            rest = &rest[length..];
            if line.party.is_none() && !self.bind(number, line, &message, desk, now, operator)? {
                end = Some(LineEnd::LoginRefused);
                break;
            }
            let Some(party) = line.party else { break };
            let mut out = Vec::new();
            let party = &mut self.parties[party];
            let outcome = party.on_message((&message, fault), number, desk, now, &mut out)?;
            party.resend(now.utc_ns, &mut out);
            line.wire.queue(&out);
            if let Outcome::Disconnect(_) = outcome {
                line.ending = Some(LineEnd::LoggedOut);
            }
            if desk.is_drop_due() {
                end = Some(LineEnd::Fault);
            }
        }
        line.wire.inbound = rest.to_vec();
        Ok(end)
    }

    /// Finds the participant of a line's first message; whether there is one.
    fn bind(
        &mut self,
        number: u32,
        line: &mut FixLine,
        message: &Message<'_>,
        desk: &mut Desk,
        now: Moment,
        operator: &mut dyn Operator,
    ) -> Result<bool, DeskError> {
        let is_its = |party: &Party| {
            let terms = party.session.terms();
            message.sender_comp_id() == Some(terms.target_comp_id.as_bytes())
                && message.target_comp_id() == Some(terms.sender_comp_id.as_bytes())
        };
        let found = self.parties.iter().position(is_its);
        let Some(at) = found.filter(|_| message.msg_type() == b"A") else {
            return Ok(false);
        };
        self.end_old_line(at, desk, now, operator)?;
        let party = &mut self.parties[at];
        party.session.on_connect(now.utc_ns);
        line.party = Some(at);
        operator.tell(
            now.utc_ns,
            &Event::LoggedIn {
                kind: LineKind::Fix,
                line: number,
                user: desk.user(party.account),
                peer: line.peer,
                next_sequence_number: party.session.numbers().next_out,
            },
        );
        Ok(true)
    }

    /// Reads a participant's older line to its end, acts on it, and closes it.
    fn end_old_line(
        &mut self,
        party: usize,
        desk: &mut Desk,
        now: Moment,
        operator: &mut dyn Operator,
    ) -> Result<(), DeskError> {
        let mut lines = self.lines.iter();
        let old = lines.find(|(_, line)| line.party == Some(party));
        let old = old.map(|(number, _)| *number);
        let Some((number, mut line)) = old.and_then(|n| self.lines.remove_entry(&n)) else {
            return Ok(());
        };
        let mut end = None;
        let mut drained = 0;
        while end.is_none() && line.ending.is_none() && drained < DRAIN_BYTES_MAX {
            let before = line.wire.inbound.len();
            match line.wire.receive() {
                Ok(true) => {
                    drained += line.wire.inbound.len() - before;
                    end = self.act(number, &mut line, desk, now, operator)?;
                }
                Ok(false) | Err(_) => break,
            }
        }
        let end = Some(end.unwrap_or(LineEnd::NewLogin));
        self.keep_or_end(number, line, end, desk, now.utc_ns, operator);
        Ok(())
    }

    /// Sends what each participant has not had yet, does what is due, and ends what is to end.
    pub(crate) fn send(&mut self, desk: &Desk, now_ns: u64, operator: &mut dyn Operator) {
        let numbers: Vec<u32> = self.lines.keys().copied().collect();
        for number in numbers {
            let Some(mut line) = self.lines.remove(&number) else {
                continue;
            };
            let end = self.send_on(&mut line, desk, now_ns).err();
            self.keep_or_end(number, line, end, desk, now_ns, operator);
        }
    }

    fn send_on(&mut self, line: &mut FixLine, desk: &Desk, now_ns: u64) -> Result<(), LineEnd> {
        let Some(party) = line.party else {
            let is_late = now_ns >= line.since_ns + LOGON_NS;
            return if is_late {
                Err(LineEnd::LoginTimedOut)
            } else {
                Ok(())
            };
        };
        let party = &mut self.parties[party];
        let mut out = Vec::new();
        if line.wire.has_room() {
            party.resend(now_ns, &mut out);
            party.report(desk, now_ns, &mut out);
        }
        let outcome = party.with(&mut out, |session, outbox| {
            session.on_deadline(now_ns, outbox)
        });
        if let Outcome::Disconnect(_) = outcome {
            line.ending = Some(LineEnd::Silent);
        }
        line.wire.queue(&out);
        line.wire.send(now_ns)?;
        match line.ending {
            Some(end) if !line.wire.has_waiting() => Err(end),
            _ => Ok(()),
        }
    }

    fn keep_or_end(
        &mut self,
        number: u32,
        line: FixLine,
        end: Option<LineEnd>,
        desk: &Desk,
        now_ns: u64,
        operator: &mut dyn Operator,
    ) {
        let Some(end) = end else {
            self.lines.insert(number, line);
            return;
        };
        let mut user = None;
        if let Some(party) = line.party {
            let party = &mut self.parties[party];
            party.session.on_disconnect();
            user = Some(desk.user(party.account));
        }
        operator.tell(
            now_ns,
            &Event::Ended {
                kind: LineKind::Fix,
                line: number,
                user,
                peer: line.peer,
                end,
            },
        );
    }

    /// Ends all lines because the venue stops.
    pub(crate) fn end_all(&mut self, desk: &Desk, now_ns: u64, operator: &mut dyn Operator) {
        while let Some((number, line)) = self.lines.pop_first() {
            let end = Some(LineEnd::VenueStops);
            self.keep_or_end(number, line, end, desk, now_ns, operator);
        }
    }
}
