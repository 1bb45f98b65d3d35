//! The order listener's connections: logins, requests in, the sequenced stream out.
//!
//! In it: [`OrderLines`]. A user has one line. When a login of a user arrives while an older line
//! stands, the old one is first read to its end, as far as its bytes have arrived, and everything
//! in it is acted on; then it is closed, and what its peer might still send is never read. Only
//! then is the login answered, so that an AccountQuery behind it is the last word on every older
//! message. State and stream are the user's and not the line's. Not in it: the feed (see
//! [`crate::feed_lines`]).

use core::net::SocketAddr;
use std::collections::BTreeMap;
use std::net::TcpStream;

use gwanmun_binary::soup::packet::PACKET_BYTES_MAX;
use gwanmun_binary::soup::server::first_to_send;
use gwanmun_binary::soup::{LoginRequest, Packet, ServerEvent};

use crate::clock::Moment;
use crate::desk::{Desk, DeskError, REPORT_BYTES_MAX};
use crate::events::{Event, LineEnd, LineKind, Operator};
use crate::order_line::{OrderLine, on_message, reject_byte, send, tell_end};
use crate::wire::Wire;

/// Lines at a time, on either listener: far more than the members' gateways of one venue.
pub(crate) const LINES_MAX: usize = 64;
/// Most that is read of an old line before a new login of its user: a live peer that sends without
/// end must not keep its own successor out. What is left is dropped unread.
const DRAIN_BYTES_MAX: usize = 16 << 20;

/// All order lines.
#[derive(Debug)]
pub(crate) struct OrderLines {
    lines: BTreeMap<u32, OrderLine>,
    last_number: u32,
}

impl OrderLines {
    /// None yet, the first of them numbered behind those of the day so far.
    pub(crate) fn behind(last_number: u32) -> OrderLines {
        OrderLines {
            lines: BTreeMap::new(),
            last_number,
        }
    }

    /// Takes an accepted connection.
    pub(crate) fn accept(
        &mut self,
        socket: TcpStream,
        peer: SocketAddr,
        now: Moment,
        operator: &mut dyn Operator,
    ) {
        self.last_number = self.last_number.wrapping_add(1);
        let number = self.last_number;
        let end = match Wire::new(socket) {
            Ok(_) if self.lines.len() >= LINES_MAX => LineEnd::TooManyLines,
            Ok(wire) => {
                self.lines
                    .insert(number, OrderLine::new(peer, wire, now.utc_ns));
                return;
            }
            Err(error) => LineEnd::Socket(error.kind()),
        };
        let kind = LineKind::Order;
        operator.tell(
            now.utc_ns,
            &Event::Ended {
                kind,
                line: number,
                user: None,
                peer,
                end,
            },
        );
    }

    /// Sockets and whether each has something waiting to be sent.
    pub(crate) fn sockets(&self) -> impl Iterator<Item = (&TcpStream, bool)> {
        self.lines
            .values()
            .map(|line| (&line.wire.socket, line.wire.has_waiting()))
    }

    /// The earliest deadline of any line.
    pub(crate) fn next_deadline_ns(&self) -> Option<u64> {
        self.lines
            .values()
            .filter_map(|line| line.server.next_deadline_ns())
            .min()
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
            // A login on another line may have ended this one meanwhile.
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

    /// Acts on the whole packets that were received; says why the line has to end at once.
    fn act(
        &mut self,
        number: u32,
        line: &mut OrderLine,
        desk: &mut Desk,
        now: Moment,
        operator: &mut dyn Operator,
    ) -> Result<Option<LineEnd>, DeskError> {
        let inbound = core::mem::take(&mut line.wire.inbound);
        line.server.on_received(now.utc_ns);
        let mut rest = &inbound[..];
        let mut end = None;
        while end.is_none() && line.ending.is_none() {
            let packet = match Packet::parse(rest) {
                Ok(None) => break,
                Ok(Some((packet, length))) => {
                    desk.record(number, line.account, &rest[..length], now)?;
                    rest = &rest[length..];
                    packet
                }
                Err(_) => {
                    let shown = rest.len().min(PACKET_BYTES_MAX);
                    desk.record(number, line.account, &rest[..shown], now)?;
                    end = Some(LineEnd::OutOfStep);
                    break;
                }
            };
            match line.server.on_packet(&packet, now.utc_ns) {
                ServerEvent::LoginRequested(login) => {
                    self.log_in(number, line, &login, desk, now, operator)?;
                }
                ServerEvent::Unsequenced(message) => {
                    end = on_message(number, line, message, desk, now, operator)?;
                }
                ServerEvent::Heartbeat | ServerEvent::Debug => {}
                ServerEvent::LogoutRequested => end = Some(LineEnd::LoggedOut),
                ServerEvent::Unexpected => end = Some(LineEnd::OutOfStep),
            }
        }
        line.wire.inbound = rest.to_vec();
        Ok(end)
    }

    fn log_in(
        &mut self,
        number: u32,
        line: &mut OrderLine,
        login: &LoginRequest,
        desk: &mut Desk,
        now: Moment,
        operator: &mut dyn Operator,
    ) -> Result<(), DeskError> {
        let mut answer = [0; REPORT_BYTES_MAX];
        let kind = LineKind::Order;
        let (user, peer) = (login.username, line.peer);
        match desk.login(login) {
            Ok(account) => {
                self.end_old_line(account, desk, now, operator)?;
                let next = desk.stream(account).next_number();
                let first = first_to_send(login.requested_sequence_number, next);
                let length = line
                    .server
                    .accept(desk.session(), first, now.utc_ns, &mut answer);
                line.wire.queue(&answer[..length.unwrap_or(0)]);
                line.account = Some(account);
                let next_sequence_number = first;
                operator.tell(
                    now.utc_ns,
                    &Event::LoggedIn {
                        kind,
                        line: number,
                        user,
                        peer,
                        next_sequence_number,
                    },
                );
            }
            Err(refusal) => {
                let reason = reject_byte(refusal);
                let length = line.server.reject(reason, now.utc_ns, &mut answer);
                line.wire.queue(&answer[..length.unwrap_or(0)]);
                line.ending = Some(LineEnd::LoginRefused);
                operator.tell(
                    now.utc_ns,
                    &Event::LoginRefused {
                        kind,
                        user,
                        peer,
                        refusal,
                    },
                );
            }
        }
        Ok(())
    }

    /// Reads a user's older line to its end, acts on it, and closes it.
    fn end_old_line(
        &mut self,
        account: usize,
        desk: &mut Desk,
        now: Moment,
        operator: &mut dyn Operator,
    ) -> Result<(), DeskError> {
        let is_users = |line: &OrderLine| line.account == Some(account);
        let old = self
            .lines
            .iter()
            .find(|(_, line)| is_users(line))
            .map(|(number, _)| *number);
        let Some((number, mut line)) = old.and_then(|n| self.lines.remove_entry(&n)) else {
            return Ok(());
        };
        let mut end = None;
        let mut drained = 0;
        while end.is_none() && drained < DRAIN_BYTES_MAX {
            let before = line.wire.inbound.len();
            match line.wire.receive() {
                Ok(true) => {
                    drained += line.wire.inbound.len() - before;
                    end = self.act(number, &mut line, desk, now, operator)?;
                }
                Ok(false) | Err(_) => break,
            }
        }
        let end = end.unwrap_or(LineEnd::NewLogin);
        tell_end(number, &line, end, desk, now.utc_ns, operator);
        Ok(())
    }

    /// Sends what each user has not had yet, does what is due, and ends what is to end.
    pub(crate) fn send(&mut self, desk: &Desk, now_ns: u64, operator: &mut dyn Operator) {
        let numbers: Vec<u32> = self.lines.keys().copied().collect();
        for number in numbers {
            let Some(mut line) = self.lines.remove(&number) else {
                continue;
            };
            let end = send(&mut line, desk, now_ns).err();
            self.keep_or_end(number, line, end, desk, now_ns, operator);
        }
    }

    fn keep_or_end(
        &mut self,
        number: u32,
        line: OrderLine,
        end: Option<LineEnd>,
        desk: &Desk,
        now_ns: u64,
        operator: &mut dyn Operator,
    ) {
        match end {
            None => {
                self.lines.insert(number, line);
            }
            Some(end) => tell_end(number, &line, end, desk, now_ns, operator),
        }
    }

    /// Ends all lines because the venue stops.
    pub(crate) fn end_all(&mut self, desk: &Desk, now_ns: u64, operator: &mut dyn Operator) {
        while let Some((number, line)) = self.lines.pop_first() {
            tell_end(number, &line, LineEnd::VenueStops, desk, now_ns, operator);
        }
    }
}
