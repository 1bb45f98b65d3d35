//! The TLS thread: who comes, whose turn it is, and whose time is up.
//!
//! In it: one loop over all doors and lines. Not in it: what a line does with its turn (`line`).
//!
//! Each line that has something to do has one step in a round, so that none that is stuck, slow or
//! loud delays another by more than the steps of a round: a record, some tens of microseconds, for
//! each line, and a handshake, up to a millisecond or two of arithmetic, for at most
//! `HANDSHAKES_PER_ROUND` of those who are not in yet. Whoever is stuck costs nothing until his
//! socket changes.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use gwanmun_runtime::clock::Clock;
use gwanmun_runtime::errno::Errno;
use gwanmun_runtime::readiness::Readiness;
use gwanmun_runtime::thread;

use super::door::Door;
use super::line::{Line, NEVER_NS, RECORD_BYTES_MAX, Step};
use super::{Arrival, TlsCounts, TlsFault};
use crate::config::Config;
use crate::events::Event;
use crate::trade::leave_to_order_core;

/// Handshakes that go on in one round, so that a flood of them leaves the lines their turns.
const HANDSHAKES_PER_ROUND: usize = 2;
/// New lines of one door in one round.
const ACCEPTS_PER_ROUND: u32 = 8;
/// How often deadlines are looked at while there are any; also the pause behind a refused accept,
/// which as a rule lacked a descriptor.
const LOOK_EVERY_NS: u64 = 50_000_000;
/// How long a stop waits for last bytes to leave.
const LEAVE_NS_MAX: u64 = 1_000_000_000;
/// Names of doors, above those of lines.
const DOOR: u64 = 1 << 32;
/// The name of what tells the thread to stop.
const STOP: u64 = u64::MAX;

/// All TLS lines of a gateway.
pub(crate) struct TlsThread {
    doors: Vec<Door>,
    readiness: Readiness,
    /// By their names.
    lines: Vec<Option<Box<Line>>>,
    free: Vec<usize>,
    /// Lines with something to do, each once: those with a whole handshake, and the others.
    relays: VecDeque<usize>,
    handshakes: VecDeque<usize>,
    clock: Clock,
    handshake_ns_max: u64,
    next_look_ns: u64,
    /// Some line may have one.
    has_deadlines: bool,
    /// Nobody is let in before.
    accepts_from_ns: u64,
    arrivals: SyncSender<Arrival>,
    events: SyncSender<Event>,
    counts: Arc<TlsCounts>,
    order_core: Option<usize>,
    /// Its other end is dropped when it is time to stop.
    stop: UnixStream,
    scratch: Box<[u8]>,
}

/// What ends the thread when it is dropped, and waits for it.
pub(crate) struct Running {
    stop: Option<UnixStream>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop = None;
        // A panic there ended TLS lines and nothing else; it was told by the panic itself.
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

impl TlsThread {
    /// Starts the thread.
    pub(crate) fn start(
        doors: Vec<Door>,
        config: &Config,
        arrivals: SyncSender<Arrival>,
        events: SyncSender<Event>,
        counts: Arc<TlsCounts>,
    ) -> Result<Running, Errno> {
        let readiness = Readiness::new()?;
        let (stop, stopped) = UnixStream::pair().map_err(|error| Errno::of(&error))?;
        readiness.add(&stopped, STOP)?;
        for (place, door) in doors.iter().enumerate() {
            readiness.add(door.listener(), DOOR | place as u64)?;
        }
        let lines_max = config.limits.connections_max as usize;
        let this = TlsThread {
            doors,
            readiness,
            lines: (0..lines_max).map(|_| None).collect(),
            free: (0..lines_max).rev().collect(),
            relays: VecDeque::new(),
            handshakes: VecDeque::new(),
            clock: Clock::new(),
            handshake_ns_max: u64::from(config.limits.stranger_seconds_max) * 1_000_000_000,
            next_look_ns: 0,
            has_deadlines: false,
            accepts_from_ns: 0,
            arrivals,
            events,
            counts,
            order_core: config.gateway.cores.first().copied(),
            stop: stopped,
            scratch: vec![0; RECORD_BYTES_MAX].into(),
        };
        let thread = thread::spawn("tls", move || this.run())?;
        Ok(Running {
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    fn run(mut self) {
        if let Some(finding) = leave_to_order_core(self.order_core) {
            let _ = self.events.try_send(Event::Finding(finding));
        }
        let mut stirred = Vec::new();
        let mut now_ns = self.clock.now().ns;
        loop {
            self.readiness.wait(self.patience_ns(now_ns), &mut stirred);
            let is_asked = stirred.contains(&STOP) && is_over(&self.stop);
            for name in stirred.drain(..) {
                self.note(name);
            }
            if is_asked {
                break;
            }
            now_ns = self.clock.now().ns;
            self.accept(now_ns);
            self.round(now_ns);
            if now_ns >= self.next_look_ns {
                self.next_look_ns = now_ns.saturating_add(LOOK_EVERY_NS);
                self.look_at_deadlines(now_ns);
            }
        }
        self.leave(&mut stirred);
    }

    /// How long the thread may sleep when no socket changes.
    fn patience_ns(&self, now_ns: u64) -> Option<u64> {
        let is_awaited = self.doors.iter().any(|door| door.is_stirred);
        let may_enter = is_awaited && now_ns >= self.accepts_from_ns;
        if may_enter || !self.relays.is_empty() || !self.handshakes.is_empty() {
            return Some(0);
        }
        (is_awaited || self.has_deadlines).then_some(LOOK_EVERY_NS)
    }

    /// A socket has changed.
    fn note(&mut self, name: u64) {
        if name == STOP {
            return;
        }
        let place = usize::try_from(name & !DOOR).unwrap_or(usize::MAX);
        if name & DOOR == 0 {
            self.queue(place);
        } else if let Some(door) = self.doors.get_mut(place) {
            door.is_stirred = true;
        }
    }

    /// The line has something to do.
    fn queue(&mut self, place: usize) {
        let Some(Some(line)) = self.lines.get_mut(place) else {
            return;
        };
        if !std::mem::replace(&mut line.is_queued, true) {
            if line.is_shaking_hands() {
                self.handshakes.push_back(place);
            } else {
                self.relays.push_back(place);
            }
        }
    }

    fn accept(&mut self, now_ns: u64) {
        if now_ns < self.accepts_from_ns {
            return;
        }
        for place in 0..self.doors.len() {
            for _ in 0..ACCEPTS_PER_ROUND {
                let Some(door) = self.doors.get_mut(place).filter(|door| door.is_stirred) else {
                    break;
                };
                match door.accept() {
                    Ok((outer, peer)) => self.welcome(place, (outer, peer), now_ns),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => door.is_stirred = false,
                    // The peer gave up while it waited.
                    Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(_) => self.accepts_from_ns = now_ns.saturating_add(LOOK_EVERY_NS),
                }
                if now_ns < self.accepts_from_ns {
                    return;
                }
            }
        }
    }

    fn welcome(&mut self, place: usize, (outer, peer): (TcpStream, SocketAddr), now_ns: u64) {
        let Some(door) = self.doors.get(place) else {
            return;
        };
        if !door.is_open_to(peer.ip()) {
            return self.tell(peer, TlsFault::Address);
        }
        let deadline_ns = now_ns.saturating_add(self.handshake_ns_max);
        let ends = (outer, peer, door.local);
        let made = Line::new(ends, door.id, Arc::clone(&door.server), deadline_ns).ok();
        let Some((line, free)) = made.zip(self.free.pop()) else {
            return self.tell(peer, TlsFault::NoRoom);
        };
        // A socket that cannot be waited for is of no use to anybody.
        if self.readiness.add(line.outer(), free as u64).is_err() {
            self.free.push(free);
            return self.tell(peer, TlsFault::NoRoom);
        }
        if let Some(entry) = self.lines.get_mut(free) {
            *entry = Some(Box::new(line));
        }
        self.queue(free);
    }

    fn tell(&self, peer: SocketAddr, fault: TlsFault) {
        self.counts.count(fault);
        // A member that leaves without close_notify is nothing to tell; it is counted.
        if fault != TlsFault::Truncated {
            let _ = self.events.try_send(Event::TlsRefused { peer, fault });
        }
    }

    /// One step of each line that has something to do, the lines of members first.
    fn round(&mut self, now_ns: u64) {
        for _ in 0..self.relays.len() {
            if let Some(place) = self.relays.pop_front() {
                self.step(place, now_ns);
            }
        }
        for _ in 0..HANDSHAKES_PER_ROUND.min(self.handshakes.len()) {
            if let Some(place) = self.handshakes.pop_front() {
                self.step(place, now_ns);
            }
        }
    }

    fn step(&mut self, place: usize, now_ns: u64) {
        let Some(Some(line)) = self.lines.get_mut(place) else {
            return;
        };
        line.is_queued = false;
        let step = line.step(now_ns, &mut self.scratch);
        self.has_deadlines |= line.deadline_ns != NEVER_NS;
        let told = line.take_fault().map(|fault| (line.peer, fault));
        if let Some((peer, fault)) = told {
            self.tell(peer, fault);
        }
        match step {
            Step::Moved => self.queue(place),
            Step::Still => {}
            Step::Shaken => self.hand_over(place),
            Step::Over => self.drop_line(place),
        }
    }

    /// The handshake is whole: the order core has the line from now on.
    fn hand_over(&mut self, place: usize) {
        self.counts.count_handshake();
        let Some(Some(line)) = self.lines.get_mut(place) else {
            return;
        };
        let (peer, local, listener) = (line.peer, line.local, line.listener);
        let near = line.connect().ok();
        let is_known = line
            .inner()
            .is_some_and(|inner| self.readiness.add(inner, place as u64).is_ok());
        let arrival = near.map(|socket| Arrival {
            socket,
            listener,
            local,
            peer,
        });
        // A full queue means that the order core has not looked for long: who comes then is better
        // off coming again.
        let is_handed = arrival.is_some_and(|arrival| self.arrivals.try_send(arrival).is_ok());
        if is_known && is_handed {
            self.queue(place);
        } else {
            self.drop_line(place);
            self.tell(peer, TlsFault::NoRoom);
        }
    }

    fn drop_line(&mut self, place: usize) {
        if let Some(entry) = self.lines.get_mut(place)
            && entry.take().is_some()
        {
            self.free.push(place);
        }
    }

    fn look_at_deadlines(&mut self, now_ns: u64) {
        self.has_deadlines = false;
        for place in 0..self.lines.len() {
            let Some(Some(line)) = self.lines.get_mut(place) else {
                continue;
            };
            if now_ns < line.deadline_ns {
                self.has_deadlines |= line.deadline_ns != NEVER_NS;
                continue;
            }
            line.on_deadline();
            let told = line.take_fault().map(|fault| (line.peer, fault));
            self.drop_line(place);
            if let Some((peer, fault)) = told {
                self.tell(peer, fault);
            }
        }
    }

    /// The order core is gone. What it said last is brought to the members, as far as they take it.
    fn leave(&mut self, stirred: &mut Vec<u64>) {
        self.doors.clear();
        let until_ns = self.clock.now().ns.saturating_add(LEAVE_NS_MAX);
        loop {
            let now_ns = self.clock.now().ns;
            let mut has_moved = false;
            for place in 0..self.lines.len() {
                let Some(Some(line)) = self.lines.get_mut(place) else {
                    continue;
                };
                let is_stranger = line.is_shaking_hands();
                let step = line.finish(now_ns, &mut self.scratch);
                has_moved |= step == Step::Moved;
                if is_stranger || step == Step::Over || (step == Step::Still && line.has_ended()) {
                    self.drop_line(place);
                }
            }
            if self.lines.iter().flatten().next().is_none() || now_ns >= until_ns {
                return;
            }
            if !has_moved {
                self.readiness.wait(Some(LOOK_EVERY_NS), stirred);
                stirred.clear();
            }
        }
    }
}

/// Whether the other end was dropped. It says nothing otherwise.
fn is_over(stop: &UnixStream) -> bool {
    use std::io::Read as _;
    let _ = stop.set_nonblocking(true);
    let mut stop = stop;
    matches!(stop.read(&mut [0]), Ok(0))
}
