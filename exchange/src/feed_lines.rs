//! The feed listener's connections: halts and market state to everyone who subscribed.
//!
//! In it: [`FeedLines`]. A login brings every halt in force and then the present state of every
//! instrument; from then on each change, halts first, as the state is when the record is made: a
//! subscriber that reads slowly gets fewer and later records, never older ones, and costs no
//! memory. Numbers begin at 1 with each login and there is no replay, since the present state is
//! all there is to say; a subscriber asks for number 0. Not in it: orders (see
//! [`crate::order_lines`]).

use core::net::SocketAddr;
use std::collections::BTreeSet;
use std::net::TcpStream;

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::soup::{Packet, Server, ServerDeadline, ServerEvent, Terms};
use gwanmun_market::Text;

use crate::clock::Moment;
use crate::desk::Desk;
use crate::events::{Event, LineEnd, LineKind, Operator};
use crate::order_line::reject_byte;
use crate::order_lines::LINES_MAX;
use crate::wire::Wire;

#[derive(Debug)]
struct FeedLine {
    number: u32,
    peer: SocketAddr,
    wire: Wire,
    server: Server,
    user: Option<Text<6>>,
    /// Halts that the subscriber has not had.
    pending_halts: BTreeSet<usize>,
    /// Instruments whose state the subscriber has not had.
    pending: BTreeSet<usize>,
    ending: Option<LineEnd>,
}

/// All subscribers.
#[derive(Debug)]
pub(crate) struct FeedLines {
    lines: Vec<FeedLine>,
    last_number: u32,
    terms: Terms,
}

impl FeedLines {
    pub(crate) const fn new(heartbeat_ns: u64) -> Self {
        let terms = Terms {
            heartbeat_ns,
            ..Terms::STANDARD
        };
        FeedLines {
            lines: Vec::new(),
            last_number: 0,
            terms,
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
                self.lines.push(FeedLine {
                    number,
                    peer,
                    wire,
                    server: Server::new(self.terms, now.utc_ns),
                    user: None,
                    pending_halts: BTreeSet::new(),
                    pending: BTreeSet::new(),
                    ending: None,
                });
                return;
            }
            Err(error) => LineEnd::Socket(error.kind()),
        };
        let kind = LineKind::Feed;
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
            .iter()
            .map(|line| (&line.wire.socket, line.wire.has_waiting()))
    }

    /// The earliest deadline of any line.
    pub(crate) fn next_deadline_ns(&self) -> Option<u64> {
        self.lines
            .iter()
            .filter_map(|line| line.server.next_deadline_ns())
            .min()
    }

    /// Reads, spreads the changed halts and instruments, sends, and ends what is to end.
    pub(crate) fn turn(
        &mut self,
        (halts, changed): &(Vec<usize>, Vec<usize>),
        desk: &Desk,
        now: Moment,
        operator: &mut dyn Operator,
    ) {
        self.lines.retain_mut(|line| {
            let was_in = line.user.is_some();
            let done = line.receive(desk, now, operator).and_then(|()| {
                if was_in {
                    line.pending_halts.extend(halts);
                    line.pending.extend(changed);
                }
                line.send(desk, now)
            });
            if let Err(end) = done {
                line.tell_end(end, now, operator);
            }
            done.is_ok()
        });
    }

    /// Ends all lines because the venue stops.
    pub(crate) fn end_all(&mut self, now: Moment, operator: &mut dyn Operator) {
        for line in self.lines.drain(..) {
            line.tell_end(LineEnd::VenueStops, now, operator);
        }
    }
}

impl FeedLine {
    fn receive(
        &mut self,
        desk: &Desk,
        now: Moment,
        operator: &mut dyn Operator,
    ) -> Result<(), LineEnd> {
        if self.ending.is_some() || !self.wire.receive()? {
            return Ok(());
        }
        let inbound = core::mem::take(&mut self.wire.inbound);
        let mut rest = &inbound[..];
        while self.ending.is_none()
            && let Some((packet, length)) = Packet::parse(rest).map_err(|_| LineEnd::OutOfStep)?
        {
            rest = &rest[length..];
            match self.server.on_packet(&packet, now.utc_ns) {
                ServerEvent::LoginRequested(login) => self.log_in(&login, desk, now, operator),
                ServerEvent::Heartbeat | ServerEvent::Debug => {}
                ServerEvent::LogoutRequested => return Err(LineEnd::LoggedOut),
                // Nothing is asked of a feed but to be sent.
                ServerEvent::Unsequenced(_) | ServerEvent::Unexpected => {
                    return Err(LineEnd::OutOfStep);
                }
            }
        }
        self.wire.inbound = rest.to_vec();
        Ok(())
    }

    fn log_in(
        &mut self,
        login: &gwanmun_binary::soup::LoginRequest,
        desk: &Desk,
        now: Moment,
        operator: &mut dyn Operator,
    ) {
        let mut answer = [0; 64];
        let (kind, user, peer) = (LineKind::Feed, login.username, self.peer);
        let written = match desk.login(login) {
            Ok(_) => {
                self.user = Some(user);
                self.pending_halts = desk.halts_in_force().collect();
                self.pending = (0..desk.instrument_count()).collect();
                let (line, next_sequence_number) = (self.number, 1);
                operator.tell(
                    now.utc_ns,
                    &Event::LoggedIn {
                        kind,
                        line,
                        user,
                        peer,
                        next_sequence_number,
                    },
                );
                self.server.accept(
                    desk.session(),
                    next_sequence_number,
                    now.utc_ns,
                    &mut answer,
                )
            }
            Err(refusal) => {
                self.ending = Some(LineEnd::LoginRefused);
                operator.tell(
                    now.utc_ns,
                    &Event::LoginRefused {
                        kind,
                        user,
                        peer,
                        refusal,
                    },
                );
                self.server
                    .reject(reject_byte(refusal), now.utc_ns, &mut answer)
            }
        };
        self.wire.queue(&answer[..written.unwrap_or(0)]);
    }

    fn send(&mut self, desk: &Desk, now: Moment) -> Result<(), LineEnd> {
        let mut packet = [0; MarketStateRecord::LENGTH + 16];
        while self.wire.has_room()
            && let Some(halt) = self.pending_halts.pop_first()
            && let Some(record) = desk.halt_record(halt, now)
        {
            let written = self
                .server
                .sequenced(now.utc_ns, &mut packet, |room| record.encode(room));
            self.wire.queue(&packet[..written.unwrap_or(0)]);
        }
        while self.pending_halts.is_empty()
            && self.wire.has_room()
            && let Some(instrument) = self.pending.pop_first()
            && let Some(record) = desk.market_record(instrument, now)
        {
            let written = self
                .server
                .sequenced(now.utc_ns, &mut packet, |room| record.encode(room));
            self.wire.queue(&packet[..written.unwrap_or(0)]);
        }
        self.wire.send(now.utc_ns)?;
        if let Some(end) = self.ending
            && !self.wire.has_waiting()
        {
            return Err(end);
        }
        match self.server.on_deadline(now.utc_ns, &mut packet) {
            ServerDeadline::Nothing => Ok(()),
            ServerDeadline::Heartbeat(length) => {
                // With something waiting, a heartbeat would say nothing new and take memory.
                if !self.wire.has_waiting() {
                    self.wire.queue(&packet[..length]);
                }
                self.wire.send(now.utc_ns)
            }
            ServerDeadline::Dead => Err(LineEnd::Silent),
            ServerDeadline::LoginTimedOut => Err(LineEnd::LoginTimedOut),
        }
    }

    fn tell_end(&self, end: LineEnd, now: Moment, operator: &mut dyn Operator) {
        let (kind, line, user, peer) = (LineKind::Feed, self.number, self.user, self.peer);
        operator.tell(
            now.utc_ns,
            &Event::Ended {
                kind,
                line,
                user,
                peer,
                end,
            },
        );
    }
}
