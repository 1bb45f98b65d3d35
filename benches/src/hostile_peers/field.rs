//! One gateway with all its ends, and the clock of a turn.
//!
//! A turn is so many ticks of [`TICK_NS`]. In each tick one ping is due at a moment that was fixed
//! before the turn, and shortly before it, by a seed's dice, the lane's own work of that tick is
//! begun: so what hostile peers ask of the gateway is there together with the ping. While nothing
//! is owed to anybody the thread sleeps until the next tick's work: the gateway's threads that may
//! block have its core then, since the order core has the other one to itself.

use std::path::Path;

use gwanmun_runtime::clock::cycles;

use super::pinger::Pinger;
use crate::random::Random;
use crate::wire::Fault;
use crate::wire::gateway::{CAPTURE, Gateway, Left, ORDER_CORE, Program};
use crate::wire::placement::{Placement, involuntary_switches};
use crate::wire::watch::{Watch, rest_us};
use crate::wire::world::{GatewayTerms, World, member_comp_id};

/// Distance of two pings.
pub const TICK_NS: u64 = 500_000;
/// Earliest moment of a tick's work before its ping.
const LEAD_NS_MAX: u32 = 200_000;
/// Ticks at the start of a turn whose pings are not measured.
pub const UNMEASURED: usize = 50;
/// Awake so long before a tick's work: a virtual core that sleeps is late.
const AWAKE_NS: u64 = 80_000;
/// How long answers may take behind a turn before they count as missed.
const ANSWER_NS_MAX: u64 = 1_000_000_000;
/// Between two turns: what hostile peers left is cleared away.
const REST_US: u64 = 30_000;
/// Which session does what.
const SLOW_READER: usize = 1;
const PINGER: usize = 2;
const SESSIONS: usize = 3;
/// More than hostile peers hold here, so that one who comes is looked at.
const STRANGERS_MAX: usize = 256;

/// What a lane does in its turn besides the pings.
pub trait Work {
    /// Before the first tick.
    fn begin(&mut self, field: &mut Ends);
    /// In each tick; tells how many acts it was, or will be while it looks.
    ///
    /// # Errors
    /// A wrong answer or none.
    fn act(&mut self, at: (usize, usize), field: &mut Ends) -> Result<u64, Fault>;
    /// One piece of work, short, since the answer to a ping may be there behind it.
    ///
    /// # Errors
    /// A wrong answer or none.
    fn look(&mut self, field: &mut Ends) -> Result<(), Fault>;
    /// Answers that are owed to it.
    fn unanswered(&self) -> usize;
    /// Behind the last tick.
    fn end(&mut self);
}

/// The gateway and the clock, for whoever works on them.
pub struct Ends {
    /// The process with venue and active member.
    pub gateway: Gateway,
    /// The clock.
    pub watch: Watch,
}

/// Everything that a turn needs.
pub struct Field {
    /// The gateway and the clock.
    pub ends: Ends,
    pinger: Pinger,
    dice: Random,
    /// Where everything runs.
    pub placement: Placement,
}

/// What came of one turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turned {
    /// Nanoseconds of each measured ping.
    pub trips_ns: Vec<u64>,
    /// Pings that were sent.
    pub pings: u64,
    /// Pings and other requests that were not answered.
    pub missed: u64,
    /// Acts that were really done.
    pub acts: u64,
    /// How long the turn took.
    pub took_ns: u64,
    /// Longest delay of a ping behind its moment, by the harness's own work.
    pub late_ns_max: u64,
    /// How often the order core was taken off its core against its will.
    pub switches: u64,
}

impl Field {
    /// Starts the gateway and logs everybody on.
    ///
    /// # Errors
    /// It does not come up.
    pub fn start(
        program: &Program,
        folder: &Path,
        orders_max: u64,
        is_quick: bool,
    ) -> Result<Field, Fault> {
        let placement = Placement::find().spread();
        placement.as_harness();
        let mut watch = Watch::new(!placement.is_apart());
        let terms = GatewayTerms {
            sessions: SESSIONS,
            strangers_max: STRANGERS_MAX,
            // The slow reader begins anew whenever he was cut.
            defaults: "reset_on_logon = true",
            // The least, so that lines are cut for their time within a turn.
            stranger_seconds_max: 1,
            ..GatewayTerms::usual(&placement, orders_max, is_quick)
        };
        let world = World::create(folder, 0)?;
        let started = Gateway::start(program, world, &terms, &placement, &mut watch);
        let mut gateway = started.map_err(|fault| fault.into_fault().at("gateway"))?;
        // The last name comes first; the slow reader's session is left free by dropping its line.
        let line = gateway.silent.drain(..).next();
        let line = line.ok_or_else(|| Fault::new("no session for the pings"))?;
        Ok(Field {
            pinger: Pinger::new(line, member_comp_id(PINGER)),
            ends: Ends { gateway, watch },
            dice: Random::new(crate::SEED),
            placement,
        })
    }

    /// CompID of the session that reads nothing.
    #[must_use]
    pub fn slow_reader() -> String {
        member_comp_id(SLOW_READER)
    }

    /// One turn of a lane. What it found is told whatever went wrong.
    pub fn turn(&mut self, ticks: usize, work: &mut dyn Work) -> (Turned, Result<(), Fault>) {
        let mut turned = Turned::default();
        let before = self.switches();
        let done = self.ticks(ticks, work, &mut turned);
        turned.switches = self.switches().saturating_sub(before);
        work.end();
        turned.missed = (self.pinger.unanswered() + work.unanswered()) as u64;
        let clock = &self.ends.watch.clock;
        let trips = self.pinger.trips.drain(..);
        turned.trips_ns = trips.map(|count| clock.cycles_to_ns(count)).collect();
        rest_us(REST_US);
        // What this turn left to copy and to render is not the next one's.
        if let Some(capture) = self.ends.gateway.child.thread(CAPTURE) {
            self.ends.gateway.child.settle(capture);
        }
        (turned, done)
    }

    fn switches(&self) -> u64 {
        let child = &self.ends.gateway.child;
        let switches = child.thread(ORDER_CORE);
        let switches = switches.and_then(|thread| involuntary_switches(child.pid(), thread));
        switches.unwrap_or(0)
    }

    fn ticks(
        &mut self,
        ticks: usize,
        work: &mut dyn Work,
        turned: &mut Turned,
    ) -> Result<(), Fault> {
        let Ends { gateway, watch } = &mut self.ends;
        watch.begin();
        gateway.resume(watch)?;
        gateway.expect_quiet(watch)?;
        work.begin(&mut self.ends);
        let begun = cycles();
        for tick in 0..ticks {
            let due_ns = (tick as u64 + 1) * TICK_NS;
            let lead_ns = u64::from(self.dice.below(LEAD_NS_MAX));
            let now_ns = self.ends.watch.now_ns();
            self.pinger.prepare(now_ns);
            self.rest_until(begun, due_ns - lead_ns, work)?;
            self.until(begun, due_ns - lead_ns, work)?;
            turned.acts += work.act((tick, ticks), &mut self.ends)?;
            let at_ns = self.until(begun, due_ns, work)?;
            turned.late_ns_max = turned.late_ns_max.max(at_ns - due_ns);
            let is_measured = tick >= UNMEASURED;
            self.pinger.ask(is_measured, &mut self.ends.watch)?;
            turned.pings += 1;
        }
        turned.took_ns = self.since(begun);
        let until_ns = turned.took_ns + ANSWER_NS_MAX;
        while self.pinger.unanswered() + work.unanswered() > 0 && self.since(begun) < until_ns {
            self.look(work)?;
        }
        Ok(())
    }

    /// Leaves the core to others until shortly before `due_ns`, once nothing is owed to anybody.
    fn rest_until(&mut self, begun: u64, due_ns: u64, work: &mut dyn Work) -> Result<(), Fault> {
        let until_ns = due_ns.saturating_sub(AWAKE_NS);
        while self.pinger.unanswered() + work.unanswered() > 0 {
            if self.since(begun) >= until_ns {
                return Ok(());
            }
            self.look(work)?;
        }
        let rest_ns = until_ns.saturating_sub(self.since(begun));
        if rest_ns > 0 {
            rest_us(rest_ns / 1_000);
        }
        Ok(())
    }

    /// Looks at everything until so long after `begun`; tells how long that was.
    fn until(&mut self, begun: u64, due_ns: u64, work: &mut dyn Work) -> Result<u64, Fault> {
        loop {
            let at_ns = self.since(begun);
            if at_ns >= due_ns {
                return Ok(at_ns);
            }
            self.look(work)?;
        }
    }

    fn look(&mut self, work: &mut dyn Work) -> Result<(), Fault> {
        self.ends.watch.begin();
        self.pinger.look()?;
        work.look(&mut self.ends)?;
        self.ends.watch.spin()
    }

    fn since(&self, begun: u64) -> u64 {
        let counts = cycles().saturating_sub(begun);
        self.ends.watch.clock.cycles_to_ns(counts)
    }

    /// Ends the gateway and reads what it left behind: its capture has every order once.
    ///
    /// # Errors
    /// It did not end well.
    pub fn finish(mut self) -> Result<Left, Fault> {
        self.ends.gateway.finish(&mut self.ends.watch)
    }
}
