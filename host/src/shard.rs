//! The order core: stops 1, 2 and 14 of the order path around the gateway, in one thread that never
//! blocks and, once it has started, never allocates.
//!
//! One turn of its duty cycle: receive from every line and let the gateway decide; fire deadlines;
//! in durable mode put on record what is persisted; flush what is committed and, in that mode,
//! persisted; put on record what the sockets accepted.

use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use gwanmun_gateway::stranger::StrangerFault;
use gwanmun_gateway::{StorageLevel, VENUES_MAX};
use gwanmun_runtime::clock::Stamp;
use gwanmun_runtime::idle::{Idle, Idler};
use gwanmun_runtime::transport::{Best, ConnectionId, Transport};

use gwanmun_captures::input::Leaving;

use crate::capture_thread::MUCH_BYTES;
use crate::config::JournalMode;
use crate::events::Event;
use crate::journal_writer::stamp;
use crate::order_core::Core;
use crate::outbound::Outbound;
use crate::tls::Arrival;
use crate::venue_lines::VenueState;

/// Between two looks at deadlines, storage and strangers.
const CHORES_EVERY_NS: u64 = 1_000_000;
/// Sessions that are told of their hours in one of these looks, so that the end of everybody's
/// window is no long turn: 512 sessions take 32 looks.
const HOURS_PER_LOOK_MAX: usize = 16;
/// Between two calibrations of the clock.
const RECALIBRATE_EVERY_NS: u64 = 1_000_000_000;
/// How long a stop waits for members' Logouts: as long as a session waits for one.
const MEMBERS_LEAVE_NS_MAX: u64 = 2_000_000_000;
/// How long a stop waits for the last bytes to leave and for the venue to close its lines.
const VENUES_LEAVE_NS_MAX: u64 = 500_000_000;
/// New TLS lines at one time: as many as a turn accepts of others.
const ARRIVALS_PER_CHORES: usize = 4;
/// Sockets that may accept bytes in one flush: all that the configuration allows, with room for the
/// venues' lines.
const ACCEPTED_MAX: usize = 4_096 + 64;

/// The order core with its transport.
pub(crate) struct Shard {
    pub(crate) transport: Transport<Best>,
    pub(crate) core: Core,
    /// Lines whose TLS handshake is whole; `None` where no session has TLS.
    arrivals: Option<Receiver<Arrival>>,
    accepted: Vec<(ConnectionId, u32, u64, Stamp)>,
    next_chores_ns: u64,
    next_recalibration_ns: u64,
    /// The journal's position at which the capture thread is rung next.
    next_bell: u64,
    /// Something happened since the memory ahead was last read.
    is_cold: bool,
    /// How the venues stood when the stop began: its own logouts say nothing about them.
    venue_states: [VenueState; VENUES_MAX],
}

impl Shard {
    pub(crate) fn new(
        transport: Transport<Best>,
        core: Core,
        arrivals: Option<Receiver<Arrival>>,
    ) -> Shard {
        Shard {
            transport,
            core,
            arrivals,
            accepted: Vec::with_capacity(ACCEPTED_MAX),
            next_chores_ns: 0,
            next_recalibration_ns: 0,
            next_bell: 0,
            is_cold: true,
            venue_states: [VenueState::default(); VENUES_MAX],
        }
    }

    /// How the venues stood when the stop began.
    pub(crate) fn venue_states(&self) -> &[VenueState] {
        &self.venue_states
    }

    /// Turns until asked to stop, or until the journal cannot go on. `is_asked` is read once per
    /// turn.
    pub(crate) fn run(&mut self, idle: Idle, is_asked: &dyn Fn() -> bool) {
        let mut idler = Idler::new(idle);
        // Before anybody can log on.
        self.tell_hours(usize::MAX);
        while !is_asked() && !self.core.is_stopped {
            self.idle_turn(&mut idler);
        }
        self.leave(&mut idler);
        if self.core.is_stopped {
            self.core.tell(Event::JournalFailed);
        }
    }

    /// What is due of the sessions' hours, of so many sessions at most.
    fn tell_hours(&mut self, count_max: usize) {
        let now = self.transport.clock().now();
        let sender = self.transport.sender();
        for _ in 0..count_max {
            let Some(schedule) = self.core.schedules.due(now.ns) else {
                return;
            };
            let done = self.core.with_edge(sender, |gateway, edge| {
                gateway.on_schedule(edge, schedule, stamp(now))
            });
            self.core.note(done);
        }
    }

    fn idle_turn(&mut self, idler: &mut Idler) {
        let worked = self.turn();
        idler.turn(worked);
        if self.core.shared.has_failed.load(Ordering::Acquire) {
            self.core.is_stopped = true;
        }
    }

    /// A stop in good order: every member is told and has time to answer, then the venues' lines
    /// are logged out and what is committed leaves. Whoever does not go in time is dropped.
    fn leave(&mut self, idler: &mut Idler) {
        self.core.is_leaving = true;
        self.venue_states = self.core.venue_states();
        for (who, time_max_ns) in [
            (Leaving::Members, MEMBERS_LEAVE_NS_MAX),
            (Leaving::Venues, VENUES_LEAVE_NS_MAX),
        ] {
            if self.core.is_stopped {
                return;
            }
            let begun = self.transport.clock().now();
            let sender = self.transport.sender();
            let done = self.core.with_edge(sender, |gateway, edge| {
                gateway.on_leaving(edge, who, stamp(begun))
            });
            self.core.note(done);
            let until_ns = begun.ns.saturating_add(time_max_ns);
            while !self.core.is_stopped
                && !self.core.have_left(who)
                && self.transport.clock().now().ns < until_ns
            {
                self.idle_turn(idler);
            }
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
            // Whoever shares the core may have taken its caches.
            self.is_cold = true;
            self.tell_hours(HOURS_PER_LOOK_MAX);
            self.chores(now);
        }
        let flushed = self.flush(now);
        let worked = handled > 0 || flushed;
        if !worked && self.is_cold {
            self.core.gateway.warm();
            self.core.journal.warm();
        }
        self.is_cold = worked;
        worked
    }

    /// Stop 14, and what the sockets accepted onto the record. Tells whether anything moved.
    ///
    /// What is persisted is stated before anything leaves because of it: so a journal in memory
    /// knows what may have left, whenever the process dies.
    fn flush(&mut self, now: Stamp) -> bool {
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
            JournalMode::Durable => {
                let persisted = core.shared.persisted.load(Ordering::Acquire);
                let stated = core.journal.state_persisted(persisted, stamp(now));
                core.note(stated);
                persisted
            }
        };
        if core.is_stopped {
            return false;
        }
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

    /// Takes over lines whose TLS handshake is whole; the others wait for the next chores.
    fn adopt(&mut self) {
        let Shard {
            transport,
            core,
            arrivals,
            ..
        } = self;
        let arrivals = arrivals.iter().flat_map(Receiver::try_iter);
        for arrival in arrivals.take(ARRIVALS_PER_CHORES) {
            let ends = (arrival.local, arrival.peer);
            transport.adopt(
                arrival.listener,
                arrival.socket,
                ends,
                &mut |event, sender| core.on_event(event, sender),
            );
        }
    }

    fn chores(&mut self, now: Stamp) {
        self.adopt();
        let Shard {
            transport, core, ..
        } = self;
        if now.ns >= self.next_recalibration_ns {
            self.next_recalibration_ns = now.ns + RECALIBRATE_EVERY_NS;
            transport.clock_mut().recalibrate();
        }
        for token in core.venues.tokens() {
            let line = core.venues.line_mut(token);
            let is_due = |line: &&mut Outbound| !core.is_leaving && line.is_due(now.ns);
            if let Some(line) = line.filter(is_due) {
                match transport.connect(line.address(), token.number()) {
                    Ok(connection) => line.on_connecting(connection),
                    Err(_) => line.on_lost(now.ns),
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
        let published = core.shared.published.load(Ordering::Relaxed);
        let lending = core.journal.lending();
        let wanted = core
            .gateway
            .wants(|segment| lending.is_out_of_reach(segment));
        let is_asked = lending.want(wanted.map(|wanted| wanted.segment));
        if is_asked || published >= self.next_bell {
            self.next_bell = published + MUCH_BYTES;
            core.shared.bell.ring();
        }
        if let Some(segment) = core.journal.take_lent() {
            let done = core.with_edge(sender, |gateway, edge| {
                gateway.on_segment_lent(edge, segment, stamp(now))
            });
            core.note(done);
        }
        core.serve_desk(now, sender);
        while let Some(line) = core.strangers.overdue(now.ns) {
            core.refuse(line, StrangerFault::TimedOut, now.ns, sender);
        }
        core.watch_venues(now.ns);
    }
}

/// Storage levels as the capture thread tells them.
fn storage_level(byte: u64) -> StorageLevel {
    if byte == 0 {
        StorageLevel::Normal
    } else {
        StorageLevel::Low
    }
}
