//! The loop of a run: one thread, every session's socket in one epoll, orders when they are due.
//!
//! In it: logging on, sending by the schedule with its faults, waiting for the last answers,
//! logging out. Not in it: what is due ([`super::schedule`]), what a session does with it
//! ([`super::member`]), and what is shown of it.

use std::os::fd::OwnedFd;
use std::path::Path;

use gwanmun_runtime::clock::Clock;
use gwanmun_runtime::signals::Termination;
use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};
use rustix::io::Errno;

use super::faults::{Fault, FaultTerms, Faults};
use super::figures::{Figures, Latencies};
use super::flow::Flow;
use super::member::Member;
use super::samples::{Sample, Samples};
use super::schedule::{Schedule, ScheduleTerms};
use crate::exit::{Exit, Failure};

/// How many sessions may be connected and not logged on at a time, at the start: well below what
/// any gateway takes for a flood of strangers.
const LOGGING_ON_MAX: usize = 16;
/// How long all sessions together may take to log on, or one of them to come back.
const LOGON_PATIENCE_NS: u64 = 20_000_000_000;
/// How long nothing at all may come while requests are unanswered.
const ANSWER_PATIENCE_NS: u64 = 10_000_000_000;
/// How long nothing more must come before the run is over: fills may follow the last answer.
const QUIET_NS: u64 = 300_000_000;
/// How long to wait for the answers to Logout(35=5).
const LOGOUT_PATIENCE_NS: u64 = 3_000_000_000;
/// Deadlines of the sessions are looked at so often.
const TICK_NS: u64 = 20_000_000;
/// The log and the samples get one entry in this time.
const SECOND_NS: u64 = 1_000_000_000;

/// Told once a second, for the bar and the log.
pub(super) trait Watch {
    /// A second has passed; `interval` is what was measured in it.
    fn second(
        &mut self,
        now_ns: u64,
        figures: &Figures,
        interval: &Latencies,
    ) -> Result<(), Failure>;
}

/// What a run needs beside its sessions.
pub(super) struct DriveTerms<'a> {
    pub(super) schedule: ScheduleTerms,
    pub(super) faults: FaultTerms,
    pub(super) stop: &'a Termination,
    /// The process that is looked at meanwhile.
    pub(super) watched_pid: Option<u32>,
}

/// What came of a run.
#[derive(Debug, Default)]
pub(super) struct Driven {
    pub(super) figures: Figures,
    pub(super) samples: Samples,
    pub(super) started_ns: u64,
    /// When the last order had left.
    pub(super) sent_ns: u64,
    pub(super) ended_ns: u64,
    pub(super) unsent: u64,
    pub(super) reconnects: u64,
    pub(super) forgotten: u64,
    pub(super) cuts: u64,
    pub(super) stalls: u64,
    pub(super) is_interrupted: bool,
}

/// The sessions and what they share.
pub(super) struct Drive<'a> {
    terms: DriveTerms<'a>,
    members: Vec<Member>,
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    clock: Clock,
    next_tick_ns: u64,
    next_second_ns: u64,
    last_word_ns: u64,
    driven: Driven,
}

impl<'a> Drive<'a> {
    /// A run of these sessions.
    pub(super) fn new(terms: DriveTerms<'a>, members: Vec<Member>) -> Result<Drive<'a>, Failure> {
        let refuse = |errno: Errno| Failure::host("no epoll", &errno);
        Ok(Drive {
            terms,
            events: Vec::with_capacity(members.len().max(1)),
            members,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC).map_err(refuse)?,
            clock: Clock::new(),
            next_tick_ns: 0,
            next_second_ns: 0,
            last_word_ns: 0,
            driven: Driven::default(),
        })
    }

    /// Brings every session up; gives the moment at which the schedule begins.
    pub(super) fn log_on(&mut self) -> Result<u64, Failure> {
        let since_ns = self.clock.now().ns;
        loop {
            let now_ns = self.clock.now().ns;
            let mut logging_on = self
                .members
                .iter()
                .filter(|member| member.has_line() && !member.is_logged_on())
                .count();
            let figures = &mut self.driven.figures;
            for member in self.members.iter_mut().filter(|member| !member.has_line()) {
                if logging_on < LOGGING_ON_MAX {
                    member.on_time(&self.epoll, now_ns, figures)?;
                    logging_on += usize::from(member.has_line());
                }
            }
            let Some(absent) = self.members.iter().find(|member| !member.is_logged_on()) else {
                break;
            };
            let is_late = now_ns.saturating_sub(since_ns) > LOGON_PATIENCE_NS;
            if is_late || self.terms.stop.is_asked() {
                let text = format!("{} is not logged on: {}", absent.name, absent.last_loss);
                return Err(Failure::new(Exit::Host, text));
            }
            self.wait_until(now_ns + TICK_NS)?;
        }
        let start_ns = self.clock.now().ns + TICK_NS;
        self.driven.started_ns = start_ns;
        self.next_second_ns = start_ns + SECOND_NS;
        self.sample();
        Ok(start_ns)
    }

    /// Sends by the schedule, which begins at `start_ns`.
    pub(super) fn send(
        &mut self,
        start_ns: u64,
        flow: &mut Flow,
        watch: &mut dyn Watch,
    ) -> Result<(), Failure> {
        let mut schedule = Schedule::new(self.terms.schedule, start_ns);
        let mut faults = Faults::new(self.terms.faults, start_ns);
        while let Some(due_ns) = schedule.due_ns() {
            if self.terms.stop.is_asked() {
                self.driven.is_interrupted = true;
                break;
            }
            let now_ns = self.clock.now().ns;
            if due_ns > now_ns {
                self.wait_until(due_ns)?;
            } else {
                self.send_due(&mut schedule, flow, now_ns)?;
                self.wait_until(now_ns)?;
            }
            let now_ns = self.clock.now().ns;
            while let Some(fault) = faults.due(now_ns) {
                self.do_harm(fault, &mut faults, flow, now_ns)?;
            }
            self.second(now_ns, watch)?;
        }
        self.driven.cuts = faults.cuts;
        self.driven.stalls = faults.stalls;
        self.last_word_ns = self.clock.now().ns;
        self.driven.sent_ns = self.last_word_ns;
        Ok(())
    }

    /// Everything that is due by now, each session written once.
    fn send_due(
        &mut self,
        schedule: &mut Schedule,
        flow: &mut Flow,
        now_ns: u64,
    ) -> Result<(), Failure> {
        let mut touched = Vec::new();
        while let Some(due_ns) = schedule.due_ns().filter(|due_ns| *due_ns <= now_ns) {
            let (index, new) = flow.next_order();
            schedule.advance();
            if let Some(member) = self.members.get_mut(index) {
                member.offer(new, due_ns);
                touched.push(index);
            }
        }
        for index in touched {
            if let Some(member) = self.members.get_mut(index) {
                member.send(&self.epoll, self.clock.now().ns, &mut self.driven.figures)?;
            }
        }
        Ok(())
    }

    /// A fault hits the first session from a random one on that it can hit.
    fn do_harm(
        &mut self,
        fault: Fault,
        faults: &mut Faults,
        flow: &mut Flow,
        now_ns: u64,
    ) -> Result<(), Failure> {
        let first = flow.any_session();
        let count = self.members.len();
        for index in (0..count).map(|step| (first + step) % count) {
            let Some(member) = self.members.get_mut(index) else {
                continue;
            };
            let is_hit = match fault {
                Fault::Cut => member.cut(now_ns)?,
                Fault::Stall { until_ns } => member.stall(until_ns),
            };
            if is_hit {
                member.on_time(&self.epoll, now_ns, &mut self.driven.figures)?;
                match fault {
                    Fault::Cut => faults.cuts += 1,
                    Fault::Stall { .. } => faults.stalls += 1,
                }
                break;
            }
        }
        Ok(())
    }

    /// Waits for the last answers, and for a while in which nothing more comes.
    pub(super) fn settle(&mut self, watch: &mut dyn Watch) -> Result<(), Failure> {
        loop {
            let now_ns = self.clock.now().ns;
            let open: u64 = self.members.iter().map(Member::open).sum();
            let is_whole = self.members.iter().all(Member::is_logged_on);
            let silence_ns = now_ns.saturating_sub(self.last_word_ns);
            let patience_ns = if open == 0 && is_whole {
                QUIET_NS
            } else {
                ANSWER_PATIENCE_NS
            };
            if silence_ns >= patience_ns || self.terms.stop.is_asked() {
                self.driven.ended_ns = now_ns;
                self.driven.is_interrupted |= self.terms.stop.is_asked();
                return Ok(());
            }
            self.wait_until(now_ns + TICK_NS)?;
            self.second(now_ns, watch)?;
        }
    }

    /// Logs every session out and closes the ledgers.
    pub(super) fn log_out(mut self) -> Result<Driven, Failure> {
        let since_ns = self.clock.now().ns;
        self.sample();
        for member in &mut self.members {
            member.log_out(&self.epoll, since_ns)?;
        }
        while self.members.iter().any(Member::has_line) {
            let now_ns = self.clock.now().ns;
            if now_ns.saturating_sub(since_ns) > LOGOUT_PATIENCE_NS {
                break;
            }
            self.wait_until(now_ns + TICK_NS)?;
        }
        let now_ns = self.clock.now().ns;
        for member in self.members {
            self.driven.unsent += member.unsent();
            self.driven.reconnects += member.reconnects;
            self.driven.forgotten += member.forgotten();
            member.finish(now_ns)?;
        }
        Ok(self.driven)
    }

    /// Serves the sockets until something has come or `until_ns` is there, and what time brings.
    fn wait_until(&mut self, until_ns: u64) -> Result<(), Failure> {
        let refuse = |errno: Errno| Failure::host("cannot wait for sockets", &errno);
        let now_ns = self.clock.now().ns;
        let wait_ns = until_ns.min(self.next_tick_ns).saturating_sub(now_ns);
        if wait_ns > 0 {
            // The epoll's own wait counts in milliseconds.
            let timeout = Timespec {
                tv_sec: 0,
                tv_nsec: i64::try_from(wait_ns.min(SECOND_NS - 1)).unwrap_or(0),
            };
            match poll(
                &mut [PollFd::new(&self.epoll, PollFlags::IN)],
                Some(&timeout),
            ) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(refuse(errno)),
            }
        }
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        self.events.clear();
        let into = rustix::buffer::spare_capacity(&mut self.events);
        match epoll::wait(&self.epoll, into, Some(&at_once)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(refuse(errno)),
        }
        for event in &self.events {
            let index = usize::try_from(event.data.u64()).unwrap_or(usize::MAX);
            if let Some(member) = self.members.get_mut(index) {
                let now_ns = self.clock.now().ns;
                member.on_ready(&self.epoll, now_ns, &mut self.driven.figures)?;
                self.last_word_ns = now_ns;
            }
        }
        let now_ns = self.clock.now().ns;
        if now_ns >= self.next_tick_ns {
            self.next_tick_ns = now_ns + TICK_NS;
            self.clock.recalibrate();
            for member in self
                .members
                .iter_mut()
                .filter(|member| member.has_logged_on())
            {
                member.on_time(&self.epoll, now_ns, &mut self.driven.figures)?;
            }
        }
        Ok(())
    }

    fn second(&mut self, now_ns: u64, watch: &mut dyn Watch) -> Result<(), Failure> {
        if now_ns < self.next_second_ns {
            return Ok(());
        }
        self.next_second_ns = now_ns + SECOND_NS;
        self.sample();
        let interval = core::mem::take(&mut self.driven.figures.interval);
        watch.second(now_ns, &self.driven.figures, &interval)?;
        // The memory is used again.
        self.driven.figures.interval = interval;
        self.driven.figures.interval.0.reset();
        Ok(())
    }

    fn sample(&mut self) {
        let pid = self.terms.watched_pid;
        if let Some(sample) = pid.and_then(|pid| Sample::read(Path::new("/proc"), pid)) {
            self.driven.samples.push(sample);
        }
    }
}
