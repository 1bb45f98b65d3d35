//! The order core: stops 1, 2 and 14 of the order path around the gateway, in one thread that never blocks and, once it
//! has started, never allocates.
//!
//! One turn of its duty cycle: receive from every line and let the gateway decide; fire deadlines; flush what is committed and, in
//! durable mode, persisted; put on record what the sockets accepted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use gwanmun_captures::input::Endpoint;
use gwanmun_fix::index::Index;
use gwanmun_gateway::stranger::{self, Stranger, StrangerFault};
use gwanmun_gateway::{Ends, Gateway, Stopped, VenuePhase};
use gwanmun_runtime::clock::Stamp;
use gwanmun_runtime::idle::{Idle, Idler};
use gwanmun_runtime::transport::{
    Best, ClosedReason, ConnectionId, Event as LineEvent, Sender, Transport,
};

use crate::capture_thread::Shared;
use crate::config::{Config, JournalMode};
use crate::events::Event;
use crate::journal_writer::{JournalWriter, stamp, storage_level};
use crate::live_edge::LiveEdge;
use crate::outbound::Outbound;
use crate::stage_clock::StageClock;
use crate::strangers::{Journaled, StrangerLine, Strangers};

/// Between two looks at deadlines, storage and strangers.
const CHORES_EVERY_NS: u64 = 1_000_000;
/// Between two calibrations of the clock.
const RECALIBRATE_EVERY_NS: u64 = 1_000_000_000;
/// Sockets that may accept bytes in one flush: all of them.
const ACCEPTED_MAX: usize = 2048;
/// Token of the outbound line for orders.
const VENUE: u32 = 0;
/// Token of the outbound line for market state.
const FEED: u32 = 1;

/// Everything of the order core but the transport, which lends itself to callbacks.
pub(crate) struct Core {
    pub(crate) gateway: Gateway<StageClock>,
    pub(crate) journal: JournalWriter,
    pub(crate) strangers: Strangers,
    pub(crate) venue: Outbound,
    pub(crate) feed: Outbound,
    pub(crate) venue_password: [u8; 10],
    pub(crate) config: Arc<Config>,
    pub(crate) listeners: Vec<SocketAddr>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) events: SyncSender<Event>,
    pub(crate) index: Box<Index>,
    pub(crate) journaled: Journaled,
    pub(crate) storage_byte: u64,
    pub(crate) is_stopped: bool,
    pub(crate) venue_was_up: bool,
}

/// The order core with its transport.
pub(crate) struct Shard {
    pub(crate) transport: Transport<Best>,
    pub(crate) core: Core,
    accepted: Vec<(ConnectionId, u32, u64, Stamp)>,
    next_chores_ns: u64,
    next_recalibration_ns: u64,
}

impl Shard {
    pub(crate) fn new(transport: Transport<Best>, core: Core) -> Shard {
        Shard {
            transport,
            core,
            accepted: Vec::with_capacity(ACCEPTED_MAX),
            next_chores_ns: 0,
            next_recalibration_ns: 0,
        }
    }

    /// Turns until asked to stop, or until the journal cannot go on. `is_asked` is read once per turn.
    pub(crate) fn run(&mut self, idle: Idle, is_asked: &dyn Fn() -> bool) {
        let mut idler = Idler::new(idle);
        while !is_asked() && !self.core.is_stopped {
            let worked = self.turn();
            idler.turn(worked);
            if self.core.shared.has_failed.load(Ordering::Acquire) {
                self.core.is_stopped = true;
            }
        }
        if self.core.is_stopped {
            self.core.tell(Event::JournalFailed);
        }
    }

    fn turn(&mut self) -> bool {
        let Shard {
            transport, core, ..
        } = self;
        let handled = transport.poll(&mut |event, sender| core.on_event(event, sender));
        let now = transport.clock().now();
        if now.ns >= self.next_chores_ns {
            self.next_chores_ns = now.ns + CHORES_EVERY_NS;
            self.chores(now);
        }
        handled > 0 || self.flush()
    }

    /// Stop 14, and what the sockets accepted onto the record. Tells whether anything moved.
    fn flush(&mut self) -> bool {
        let Shard {
            transport,
            core,
            accepted,
            ..
        } = self;
        if core.is_stopped {
            return false;
        }
        let gate_max = match core.config.journal.mode {
            JournalMode::Memory => u64::MAX,
            JournalMode::Durable => core.shared.persisted.load(Ordering::Acquire),
        };
        transport.flush(gate_max, &mut |connection, count, before, stamp| {
            if accepted.len() < ACCEPTED_MAX {
                accepted.push((
                    connection,
                    u32::try_from(count).unwrap_or(u32::MAX),
                    before,
                    stamp,
                ));
            }
        });
        let has_moved = !accepted.is_empty();
        for (connection, count, before, at) in accepted.drain(..) {
            let sender = transport.sender();
            let done = core.with_edge(sender, |gateway, edge| {
                gateway.on_accepted(edge, (count, before), (connection.0, stamp(at)))
            });
            core.note(done);
        }
        has_moved
    }

    fn chores(&mut self, now: Stamp) {
        let Shard {
            transport, core, ..
        } = self;
        if now.ns >= self.next_recalibration_ns {
            self.next_recalibration_ns = now.ns + RECALIBRATE_EVERY_NS;
            transport.clock_mut().recalibrate();
        }
        for (outbound, token) in [(&mut core.venue, VENUE), (&mut core.feed, FEED)] {
            if outbound.is_due(now.ns) {
                match transport.connect(outbound.address(), token) {
                    Ok(connection) => outbound.on_connecting(connection),
                    Err(_) => outbound.on_lost(now.ns),
                }
            }
        }
        let sender = transport.sender();
        if core
            .gateway
            .next_deadline_ns()
            .is_some_and(|due_ns| due_ns <= now.ns)
        {
            let done = core.with_edge(sender, |gateway, edge| {
                gateway.on_deadlines(edge, stamp(now))
            });
            core.note(done);
        }
        let level = core.shared.storage_level.load(Ordering::Acquire);
        if level != core.storage_byte {
            core.storage_byte = level;
            core.tell(Event::StorageLow(level != 0));
            let done = core.with_edge(sender, |gateway, edge| {
                gateway.on_storage(edge, storage_level(level), stamp(now))
            });
            core.note(done);
        }
        while let Some(line) = core.strangers.overdue(now.ns) {
            core.refuse(line, StrangerFault::TimedOut, sender);
        }
        core.watch_venue(now.ns);
    }
}

impl Core {
    pub(crate) fn tell(&self, event: Event) {
        // A full queue loses an event for people, never a decision.
        let _ = self.events.try_send(event);
    }

    fn note(&mut self, done: Result<(), Stopped>) {
        self.is_stopped |= done.is_err();
    }

    fn with_edge<T>(
        &mut self,
        sender: &mut Sender,
        body: impl FnOnce(&mut Gateway<StageClock>, &mut LiveEdge<'_>) -> T,
    ) -> T {
        let Core {
            gateway,
            journal,
            venue_password,
            ..
        } = self;
        body(
            gateway,
            &mut LiveEdge {
                journal,
                sender,
                venue_password,
            },
        )
    }

    /// Stops 1 and 2: what the transport tells, with its stamp. Returns how many bytes are done with.
    fn on_event(&mut self, event: LineEvent<'_>, sender: &mut Sender) -> usize {
        if self.is_stopped {
            return 0;
        }
        match event {
            LineEvent::Accepted {
                listener,
                connection,
                peer,
                local,
                stamp,
            } => {
                let line = StrangerLine {
                    connection,
                    listener,
                    peer,
                    local,
                    since_ns: stamp.ns,
                };
                if !self.strangers.add(line) {
                    sender.close(connection);
                }
                0
            }
            LineEvent::Connected {
                connection,
                token,
                peer,
                local,
                stamp,
            } => {
                self.on_connected(token, (connection, stamp), (peer, local), sender);
                0
            }
            LineEvent::ConnectFailed { token, stamp, .. } => {
                self.outbound(token).on_lost(stamp.ns);
                0
            }
            LineEvent::Received {
                connection,
                bytes,
                fresh,
                stamp,
                ..
            } => self.on_received(connection, bytes, fresh, stamp, sender),
            LineEvent::Closed {
                connection,
                reason,
                stamp,
            } => {
                self.on_closed((connection, stamp), reason, sender);
                0
            }
            LineEvent::Deadline { .. } => 0,
        }
    }

    fn outbound(&mut self, token: u32) -> &mut Outbound {
        if token == VENUE {
            &mut self.venue
        } else {
            &mut self.feed
        }
    }

    fn on_connected(
        &mut self,
        token: u32,
        (connection, at): (ConnectionId, Stamp),
        (peer, local): (SocketAddr, SocketAddr),
        sender: &mut Sender,
    ) {
        self.outbound(token).on_up(connection);
        self.journaled.add(connection);
        let ends = Ends {
            peer: endpoint(peer),
            local: endpoint(local),
        };
        let line = (connection.0, stamp(at));
        let done = self.with_edge(sender, |gateway, edge| match token {
            VENUE => gateway.on_venue_connected(edge, ends, line),
            _ => gateway.on_feed_connected(edge, ends, line),
        });
        self.note(done);
        if token == FEED {
            self.tell(Event::FeedUp);
        }
    }

    fn on_received(
        &mut self,
        connection: ConnectionId,
        bytes: &mut [u8],
        fresh: usize,
        at: Stamp,
        sender: &mut Sender,
    ) -> usize {
        if let Some(line) = self.strangers.find(connection) {
            return self.on_stranger(line, bytes, at, sender);
        }
        if fresh == 0 {
            return 0;
        }
        let member = self.gateway.member_of(connection.0);
        let done = self.with_edge(sender, |gateway, edge| {
            gateway.on_received(edge, bytes, fresh, (connection.0, stamp(at)))
        });
        if let Some(member) = member
            && !self.gateway.is_bound(member)
        {
            let reason = self.gateway.take_disconnect_reason();
            self.tell(Event::MemberDown { member, reason });
        }
        self.watch_venue(at.ns);
        match done {
            Ok(consumed) => consumed,
            Err(stopped) => {
                self.note(Err(stopped));
                0
            }
        }
    }

    /// A stranger said something: perhaps his Logon is whole.
    fn on_stranger(
        &mut self,
        line: StrangerLine,
        bytes: &mut [u8],
        at: Stamp,
        sender: &mut Sender,
    ) -> usize {
        let found = stranger::examine(bytes, self.gateway.terms(), &mut self.index);
        let (member, length) = match found {
            Stranger::Waiting => return 0,
            Stranger::Refused(fault) => {
                self.refuse(line, fault, sender);
                return bytes.len();
            }
            Stranger::Logon {
                member,
                length,
                username,
                password,
            } => {
                let listener = self.listeners.get(line.listener.0 as usize);
                let session = self.config.sessions.get(usize::from(member));
                let fault = match session {
                    Some(session) if listener == Some(&session.socket_accept) => {
                        judge(session, username, password, self.gateway.is_bound(member))
                    }
                    _ => Some(StrangerFault::UnknownSession),
                };
                if let Some(fault) = fault {
                    self.refuse(line, fault, sender);
                    return bytes.len();
                }
                (member, length)
            }
        };
        self.strangers.forget(line.connection);
        sender.promote(line.connection);
        self.journaled.add(line.connection);
        self.tell(Event::MemberUp {
            member,
            peer: line.peer,
        });
        let ends = Ends {
            peer: endpoint(line.peer),
            local: endpoint(line.local),
        };
        let on_line = (line.connection.0, stamp(at));
        let Some((logon, rest)) = bytes.split_at_mut_checked(length) else {
            return 0;
        };
        stranger::mask_secrets(logon, &mut self.index);
        let done = self.with_edge(sender, |gateway, edge| {
            gateway.on_member_logon(edge, (member, ends), logon, on_line)?;
            if rest.is_empty() {
                Ok(0)
            } else {
                gateway.on_received(edge, rest, rest.len(), on_line)
            }
        });
        if !self.gateway.is_bound(member) {
            let reason = self.gateway.take_disconnect_reason();
            self.tell(Event::MemberDown { member, reason });
        }
        match done {
            Ok(consumed) => length + consumed,
            Err(stopped) => {
                self.note(Err(stopped));
                0
            }
        }
    }

    fn refuse(&mut self, line: StrangerLine, fault: StrangerFault, sender: &mut Sender) {
        self.strangers.forget(line.connection);
        self.strangers.count(fault);
        self.tell(Event::StrangerRefused {
            peer: line.peer,
            fault,
        });
        sender.close(line.connection);
    }

    fn on_closed(
        &mut self,
        (connection, at): (ConnectionId, Stamp),
        reason: ClosedReason,
        sender: &mut Sender,
    ) {
        if self.strangers.forget(connection).is_some() {
            return;
        }
        for outbound in [&mut self.venue, &mut self.feed] {
            if outbound.is_on(connection) {
                outbound.on_lost(at.ns);
            }
        }
        if !self.journaled.remove(connection) {
            return;
        }
        let told = reason_of(reason);
        let member = self.gateway.member_of(connection.0);
        let done = self.with_edge(sender, |gateway, edge| {
            gateway.on_closed(edge, told, (connection.0, stamp(at)))
        });
        self.note(done);
        if let Some(member) = member {
            self.tell(Event::MemberDown {
                member,
                reason: None,
            });
        }
        self.watch_venue(at.ns);
    }

    /// Tells the operator when the venue's lines come and go.
    fn watch_venue(&mut self, now_ns: u64) {
        let is_up = self.gateway.venue_phase() == VenuePhase::Up;
        if is_up != self.venue_was_up {
            self.venue_was_up = is_up;
            let fault = self.gateway.take_venue_fault();
            self.tell(if is_up {
                Event::VenueUp
            } else {
                Event::VenueDown(fault)
            });
        } else if let Some(fault) = self.gateway.take_venue_fault() {
            self.venue.on_refused(now_ns);
            self.tell(Event::VenueDown(Some(fault)));
        }
        if let Some(fault) = self.gateway.take_feed_fault() {
            self.tell(Event::FeedDown(Some(fault)));
        }
    }
}

/// Whether a session's Logon may have the line.
fn judge(
    session: &crate::config::SessionConfig,
    username: Option<&[u8]>,
    password: Option<&[u8]>,
    is_bound: bool,
) -> Option<StrangerFault> {
    let is_right_user = session
        .username
        .is_none_or(|wanted| username == Some(wanted.as_bytes()));
    let is_right_password = session
        .password
        .as_ref()
        .is_none_or(|secret| password.is_some_and(|given| is_same(secret.value(), given)));
    if !is_right_user || !is_right_password {
        Some(StrangerFault::Credentials)
    } else if is_bound {
        Some(StrangerFault::AlreadyConnected)
    } else {
        None
    }
}

/// Compares in a time that does not tell how much of a guess was right.
fn is_same(secret: &[u8], given: &[u8]) -> bool {
    let differs = secret
        .iter()
        .zip(given)
        .fold(0, |differs, (left, right)| differs | (left ^ right));
    core::hint::black_box(differs) == 0 && secret.len() == given.len()
}

fn reason_of(reason: ClosedReason) -> (u8, &'static [u8]) {
    match reason {
        ClosedReason::Peer => (1, b"peer closed"),
        ClosedReason::Reset => (2, b"connection reset"),
        ClosedReason::Error(_) => (3, b"connection failed"),
        ClosedReason::Local => (4, b"closed here"),
    }
}

fn endpoint(address: SocketAddr) -> Endpoint {
    match address {
        SocketAddr::V4(v4) => Endpoint::v4(v4.ip().octets(), v4.port()),
        SocketAddr::V6(v6) => Endpoint::v6(v6.ip().octets(), v6.port()),
    }
}
