//! The gateway, its member with a day of reports, and the clock of a turn.
//!
//! A turn is so many ticks of [`TICK_NS`], each with one ping at a moment that was fixed before the
//! turn; one with a resend goes on until that is whole. The member reads a bounded number of bytes
//! in a tick, in pieces, and the ping's answer is looked for behind each piece. While nothing is
//! owed the thread sleeps, so that the gateway's threads that may block have its core.

use std::path::Path;

use gwanmun_fix::index::Index;
use gwanmun_runtime::clock::cycles;

use super::options::Options;
use super::reader::Reader;
use crate::hostile_peers::pinger::Pinger;
use crate::wire::Fault;
use crate::wire::gateway::{CAPTURE, Gateway, ORDER_CORE, Program};
use crate::wire::member::{judge, message_length};
use crate::wire::orders::Orders;
use crate::wire::placement::{Placement, involuntary_switches, lower, raise, this_thread};
use crate::wire::watch::{Watch, rest_us};
use crate::wire::world::{GatewayTerms, World, member_comp_id};

/// Distance of two pings.
pub const TICK_NS: u64 = 500_000;
/// Ticks at the start of a turn whose pings are not measured.
pub const UNMEASURED: usize = 50;
/// Awake so long before a ping: a virtual core that sleeps is late.
const AWAKE_NS: u64 = 80_000;
/// How long answers may take behind a turn before they count as missed.
const ANSWER_NS_MAX: u64 = 1_000_000_000;
/// Ticks without a byte of a resend after which it counts as stuck.
const STUCK_TICKS: usize = 20_000;
/// Read at once: judging it takes some microseconds, by which a ping's answer is seen too late.
const PIECE_BYTES: usize = 4 << 10;
/// Orders in flight while the day is made.
const WINDOW: u64 = 256;

/// What came of one turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turned {
    /// Nanoseconds of each measured ping.
    pub trips_ns: Vec<u64>,
    /// Pings that were sent.
    pub pings: u64,
    /// Those without an answer one second behind the turn.
    pub missed: u64,
    /// Resends that were asked for, and came whole.
    pub resends: u64,
    /// Messages that came again.
    pub resent: u64,
    /// Bytes of them.
    pub resent_bytes: u64,
    /// How long the turn took.
    pub took_ns: u64,
    /// Longest delay of a ping behind its moment, by the harness's own work.
    pub late_ns_max: u64,
    /// How often the order core was taken off its core against its will.
    pub switches: u64,
}

/// Everything that a turn needs.
pub struct Field {
    gateway: Gateway,
    watch: Watch,
    pinger: Pinger,
    reader: Reader,
    /// Where everything runs.
    pub placement: Placement,
    /// What a reader of the figures has to know.
    pub notes: Vec<String>,
}

impl Field {
    /// Starts the gateway and makes the day: so many orders off the tick, a report each.
    ///
    /// # Errors
    /// The gateway does not come up, or an answer is not right.
    pub fn start(options: &Options, folder: &Path, program: &Program) -> Result<Field, Fault> {
        let placement = Placement::find().spread();
        let mut watch = Watch::new(!placement.is_apart());
        let mut notes = Vec::new();
        if placement.is_apart() {
            notes.extend(placement.as_harness());
        } else {
            notes.push("one core: no figure counts".to_owned());
        }
        let orders_max = options.reports + 1_000;
        let terms = GatewayTerms {
            mode: options.mode,
            // Gigabytes of reports would be rendered beside the harness, on its core.
            has_capture: false,
            sessions: 2,
            ..GatewayTerms::usual(&placement, orders_max, options.run.is_quick)
        };
        let world = World::create(folder, 0)?;
        let started = Gateway::start(program, world, &terms, &placement, &mut watch);
        let mut gateway = started.map_err(|fault| fault.into_fault().at("gateway"))?;
        let line = gateway.silent.pop();
        let line = line.ok_or_else(|| Fault::new("no session for the pings"))?;
        fill(&mut gateway, options.reports, &mut watch).map_err(|fault| fault.at("the day"))?;
        settle(&gateway);
        let fifo = (!options.no_fifo && placement.is_apart()).then(|| raise(this_thread()));
        notes.push(match fifo {
            None => "SCHED_FIFO not asked for".to_owned(),
            Some(None) => "SCHED_FIFO for the harness".to_owned(),
            Some(Some(why)) => format!("SCHED_FIFO refused: {why}"),
        });
        // The Logon was the first message of both.
        let reader = Reader::new(member_comp_id(0), options.reports + 1, options.reports);
        Ok(Field {
            gateway,
            watch,
            pinger: Pinger::new(line, member_comp_id(1)),
            reader,
            placement,
            notes,
        })
    }

    /// One turn: pings alone, or with a resend that is begun again until the turn is over. What it
    /// found is told whatever went wrong.
    pub fn turn(&mut self, options: &Options, has_resend: bool) -> (Turned, Result<(), Fault>) {
        let mut turned = Turned::default();
        let before = (self.switches(), self.reader.came, self.reader.bytes);
        let done = self.ticks(options, has_resend, &mut turned);
        turned.switches = self.switches().saturating_sub(before.0);
        turned.resent = self.reader.came - before.1;
        turned.resent_bytes = self.reader.bytes - before.2;
        turned.missed = self.pinger.unanswered() as u64;
        let clock = &self.watch.clock;
        let trips = self.pinger.trips.drain(..);
        turned.trips_ns = trips.map(|count| clock.cycles_to_ns(count)).collect();
        settle(&self.gateway);
        (turned, done)
    }

    fn ticks(
        &mut self,
        options: &Options,
        has_resend: bool,
        turned: &mut Turned,
    ) -> Result<(), Fault> {
        self.watch.begin();
        self.gateway.resume(&mut self.watch)?;
        self.gateway.expect_quiet(&mut self.watch)?;
        let begun = cycles();
        let (mut tick, mut stuck) = (0, 0);
        while tick < options.ticks || !self.reader.is_done() {
            if has_resend && self.reader.is_done() {
                self.reader.ask(&mut self.gateway.member, &mut self.watch)?;
                turned.resends += 1;
            }
            let due_ns = (tick as u64 + 1) * TICK_NS;
            let now_ns = self.watch.now_ns();
            self.pinger.prepare(now_ns);
            let before = self.reader.came;
            let at_ns = self.until(begun, due_ns, options.read_kib << 10)?;
            let is_still = !self.reader.is_done() && self.reader.came == before;
            stuck = if is_still { stuck + 1 } else { 0 };
            if stuck > STUCK_TICKS {
                return Err(Fault::new("the resend does not go on"));
            }
            turned.late_ns_max = turned.late_ns_max.max(at_ns - due_ns);
            self.pinger.ask(tick >= UNMEASURED, &mut self.watch)?;
            turned.pings += 1;
            tick += 1;
        }
        turned.took_ns = self.since(begun);
        let until_ns = turned.took_ns + ANSWER_NS_MAX;
        while self.pinger.unanswered() > 0 && self.since(begun) < until_ns {
            self.pinger.look()?;
        }
        Ok(())
    }

    /// Reads and looks until so long after `begun`; tells how long that was.
    fn until(&mut self, begun: u64, due_ns: u64, read_bytes: usize) -> Result<u64, Fault> {
        let mut left = read_bytes;
        self.watch.begin();
        loop {
            let at_ns = self.since(begun);
            if at_ns >= due_ns {
                return Ok(at_ns);
            }
            self.pinger.look()?;
            let wants = left > 0 && !self.reader.is_done();
            if wants {
                let piece = left.min(PIECE_BYTES);
                left -= self.reader.look(&mut self.gateway.member, piece)?;
            }
            let rest_ns = (due_ns - at_ns).saturating_sub(AWAKE_NS);
            if !wants && self.pinger.unanswered() == 0 && rest_ns > 0 {
                rest_us(rest_ns / 1_000);
            }
            self.watch.spin()?;
        }
    }

    fn switches(&self) -> u64 {
        let child = &self.gateway.child;
        let switches = child.thread(ORDER_CORE);
        let switches = switches.and_then(|thread| involuntary_switches(child.pid(), thread));
        switches.unwrap_or(0)
    }

    fn since(&self, begun: u64) -> u64 {
        let counts = cycles().saturating_sub(begun);
        self.watch.clock.cycles_to_ns(counts)
    }

    /// Ends the gateway.
    ///
    /// # Errors
    /// It did not end well.
    pub fn finish(mut self) -> Result<(), Fault> {
        lower(this_thread());
        let left = self.gateway.finish(&mut self.watch)?;
        left.capture_fault.map_or(Ok(()), Err)
    }
}

/// What a turn left to copy is not the next one's.
fn settle(gateway: &Gateway) {
    if let Some(capture) = gateway.child.thread(CAPTURE) {
        gateway.child.settle(capture);
    }
}

/// So many orders that are refused, and every report judged.
fn fill(gateway: &mut Gateway, reports: u64, watch: &mut Watch) -> Result<(), Fault> {
    let orders = Orders::all_refused(member_comp_id(0).as_bytes());
    let mut index = Index::new();
    let (mut message, mut batch) = (Vec::new(), Vec::new());
    let mut answered = 0;
    while answered < reports {
        let until = reports.min(answered + WINDOW);
        batch.clear();
        for number in answered + 1..=until {
            orders.write(number, number + 1, watch.now_ns(), &mut message);
            batch.extend_from_slice(&message);
        }
        watch.begin();
        gateway.member.send(&batch, watch)?;
        while answered < until {
            gateway.member.receive()?;
            while let Some(length) = message_length(gateway.member.held())? {
                let bytes = gateway.member.held().get(..length).unwrap_or_default();
                answered += 1;
                judge(bytes, answered, &orders.expected(answered), &mut index)?;
                gateway.member.take(length);
            }
            watch.spin()?;
        }
        if answered % (WINDOW * 64) == 0 {
            gateway.resume(watch)?;
            gateway.expect_quiet(watch)?;
        }
    }
    gateway.sent += reports;
    gateway.refused += reports;
    Ok(())
}
