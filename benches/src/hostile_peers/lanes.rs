//! The lanes, and how they take turns: forwards, backwards, forwards.

use std::path::Path;

use gwanmun_runtime::clock::wall_now_ns;

use super::attackers::{Attackers, Kind};
use super::field::{Ends, Field, TICK_NS, Turned, Work};
use super::options::Options;
use super::order_flow::{Counts, OrderFlow, Rate};
use super::report::{Report, Row};
use super::slow_reader::SlowReader;
use crate::wire::Fault;
use crate::wire::gateway::Program;
use crate::wire::orders::Orders;
use crate::wire::placement::{Fifo, lower, raise, this_thread};
use crate::wire::world::member_comp_id;
use crate::wire_race::statistics::Blocks;

/// What pings are held against, and the same once more.
pub const QUIET: &str = "quiet";
/// The null lane.
pub const QUIET_AGAIN: &str = "quiet-again";
/// What orders are held against, and the same once more.
pub const EVEN: &str = "even";
/// Their null lane.
pub const EVEN_AGAIN: &str = "even-again";
/// Orders in a thousand that name the hot symbol.
const HOT_PER_MILLE: u32 = 900;
/// Orders in a tick of the lanes whose orders are measured.
const ORDERS_PER_TICK: usize = 4;
/// The burst's times its normal rate of one order in a tick.
const BURST: usize = 20;
/// A burst comes in one block of so many.
const BURST_EVERY: usize = 2;
/// A turn's samples are judged in parts of so many ticks.
const TICKS_OF_PART: usize = 300;

/// What a lane does.
enum Doing {
    Nothing,
    Attacks(Box<Attackers>),
    SlowReader(Box<SlowReader>),
    Orders(Box<OrderFlow>),
}

impl Work for Doing {
    fn begin(&mut self, ends: &mut Ends) {
        match self {
            Doing::Attacks(attackers) => attackers.begin(),
            Doing::Orders(orders) => orders.begin(&ends.gateway),
            Doing::Nothing | Doing::SlowReader(_) => {}
        }
    }

    fn act(&mut self, at: (usize, usize), ends: &mut Ends) -> Result<u64, Fault> {
        match self {
            Doing::Nothing => Ok(0),
            Doing::Attacks(attackers) => Ok(attackers.act()),
            Doing::SlowReader(member) => {
                let now_ns = ends.watch.now_ns();
                Ok(member.act(now_ns))
            }
            Doing::Orders(orders) => Ok(orders.act(at)),
        }
    }

    fn look(&mut self, ends: &mut Ends) -> Result<(), Fault> {
        match self {
            Doing::Nothing | Doing::SlowReader(_) => Ok(()),
            Doing::Attacks(attackers) => {
                attackers.look();
                Ok(())
            }
            Doing::Orders(orders) => orders.look(&mut ends.gateway, &mut ends.watch),
        }
    }

    fn unanswered(&self) -> usize {
        match self {
            Doing::Orders(orders) => orders.unanswered(),
            _ => 0,
        }
    }

    fn end(&mut self) {
        match self {
            Doing::Nothing => {}
            Doing::Attacks(attackers) => attackers.end(),
            Doing::SlowReader(member) => member.end(),
            Doing::Orders(orders) => orders.end(),
        }
    }
}

/// What was measured of a lane.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// Pings, or orders on symbols that are never hot; by parts of turns.
    pub trips: Blocks,
    /// Whether `trips` are orders.
    pub is_orders: bool,
    /// Whether acts are owed.
    pub is_hostile: bool,
    /// Pings that were sent, measured or not.
    pub pings: u64,
    /// Requests of any kind that were not answered.
    pub missed: u64,
    /// Hostile acts, or orders.
    pub acts: u64,
    /// Bytes of an act that is a question with an answer as long; zero for others.
    pub act_bytes: u64,
    /// Lines that the gateway has cut.
    pub cuts: u64,
    /// Time of all turns.
    pub took_ns: u64,
    /// Longest delay of a ping behind its moment.
    pub late_ns_max: u64,
    /// How often the order core was taken off its core within this lane's turns.
    pub switches: u64,
    /// So many of the parts in `trips` are one turn.
    pub parts_of_turn: usize,
    /// What became of its orders.
    pub orders: Option<Counts>,
    /// What went wrong; such a lane has no further turns.
    pub fault: Option<Fault>,
}

struct Lane {
    doing: Doing,
    measured: Measured,
    /// One block of so many.
    every: usize,
}

/// The names of all lanes, in the order in which they are told.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let kinds = Kind::ALL.map(Kind::name);
    let mut names = vec![QUIET, QUIET_AGAIN];
    names.extend(kinds);
    names.extend(["slow-reader", "burst", EVEN, EVEN_AGAIN, "hot-symbol"]);
    names
}

impl Measured {
    /// The same samples by whole turns.
    #[must_use]
    pub fn turns(&self) -> Blocks {
        let turns = self.trips.0.chunks(self.parts_of_turn.max(1));
        Blocks(turns.map(<[Vec<u64>]>::concat).collect())
    }
}

impl Lane {
    fn new(name: &str, field: &Field) -> Lane {
        let address = field.ends.gateway.listens_at;
        let now_ns = wall_now_ns();
        let attack = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        let member = member_comp_id(0);
        let member = member.as_bytes();
        let flow = |orders, rate| Doing::Orders(Box::new(OrderFlow::new(orders, rate)));
        let even = Rate::Even(ORDERS_PER_TICK);
        let doing = match (attack, name) {
            (Some(kind), _) => Doing::Attacks(Box::new(Attackers::new(kind, address, now_ns))),
            (None, "slow-reader") => {
                let comp_id = Field::slow_reader();
                Doing::SlowReader(Box::new(SlowReader::new(address, comp_id)))
            }
            (None, "burst") => flow(Orders::from(member), Rate::Burst(BURST)),
            (None, EVEN | EVEN_AGAIN) => flow(Orders::from(member), even),
            (None, "hot-symbol") => flow(Orders::with_hot_symbol(member, HOT_PER_MILLE), even),
            (None, _) => Doing::Nothing,
        };
        let is_orders = matches!(name, EVEN | EVEN_AGAIN | "hot-symbol");
        let measured = Measured {
            name: name.to_owned(),
            is_orders,
            is_hostile: !matches!(doing, Doing::Nothing),
            ..Measured::default()
        };
        let every = if name == "burst" { BURST_EVERY } else { 1 };
        Lane {
            doing,
            measured,
            every,
        }
    }

    fn turn(&mut self, ticks: usize, field: &mut Field) {
        let (turned, done) = field.turn(ticks, &mut self.doing);
        let Turned {
            trips_ns,
            pings,
            missed,
            acts,
            took_ns,
            late_ns_max,
            switches,
        } = turned;
        let measured = &mut self.measured;
        measured.pings += pings;
        measured.missed += missed;
        measured.acts += acts;
        measured.took_ns += took_ns;
        measured.late_ns_max = measured.late_ns_max.max(late_ns_max);
        measured.switches += switches;
        measured.fault = done.err();
        let trips = match &mut self.doing {
            Doing::Orders(orders) => {
                let others = core::mem::take(&mut orders.others).into_iter();
                let clock = &field.ends.watch.clock;
                let others_ns = others.map(|count| clock.cycles_to_ns(count)).collect();
                measured.orders = Some(orders.counts.clone());
                if measured.is_orders {
                    others_ns
                } else {
                    trips_ns
                }
            }
            Doing::Attacks(attackers) => {
                measured.cuts = attackers.cuts;
                trips_ns
            }
            Doing::SlowReader(member) => {
                measured.cuts = member.cuts;
                measured.act_bytes = member.question_bytes;
                trips_ns
            }
            Doing::Nothing => trips_ns,
        };
        self.keep(trips, ticks);
    }

    /// Keeps a turn's samples in parts, so that a moment in which the machine was away spoils its
    /// part alone; every turn of every lane has the same parts, one that a lane left out too.
    fn keep(&mut self, trips: Vec<u64>, ticks: usize) {
        let parts = ticks.div_ceil(TICKS_OF_PART);
        self.measured.parts_of_turn = parts;
        let length = trips.len().div_ceil(parts).max(1);
        let mut rest = trips.chunks(length);
        let parts = (0..parts).map(|_| rest.next().unwrap_or_default().to_vec());
        self.measured.trips.0.extend(parts);
    }
}

/// Gives SCHED_FIFO to whom it is wanted for; tells what came of it.
fn raised(fifo: Fifo, field: &Field) -> String {
    if !field.placement.is_apart() {
        return "one core: no figure counts".to_owned();
    }
    let refused = match fifo {
        Fifo::None => return "SCHED_FIFO not asked for".to_owned(),
        Fifo::Harness => None,
        Fifo::Both => field.ends.gateway.raise(fifo),
    };
    match (refused.or_else(|| raise(this_thread())), fifo) {
        (Some(why), _) => format!("SCHED_FIFO refused: {why}"),
        (None, Fifo::Both) => "SCHED_FIFO for harness and order core".to_owned(),
        (None, _) => "SCHED_FIFO for the harness".to_owned(),
    }
}

/// Runs all lanes against one gateway.
///
/// # Errors
/// The gateway does not come up.
pub fn run(
    options: &Options,
    folder: &Path,
    gateway: &Program,
    is_asked: &dyn Fn() -> bool,
) -> Result<Report, Fault> {
    let ticks = options.ticks;
    let each = Rate::Even(ORDERS_PER_TICK).of_turn(ticks) * 3;
    let bursts = options.blocks.div_ceil(BURST_EVERY) as u64;
    let orders = each * options.blocks as u64 + Rate::Burst(BURST).of_turn(ticks) * bursts;
    let mut field = Field::start(gateway, folder, orders + 1_000, options.run.is_quick)?;
    let mut notes = Vec::new();
    notes.push(raised(options.fifo, &field));
    let is_wanted = |name: &&str| {
        let is_reference = matches!(*name, QUIET | QUIET_AGAIN | EVEN | EVEN_AGAIN);
        let wanted = options.lanes.as_ref();
        is_reference || wanted.is_none_or(|wanted| wanted.iter().any(|lane| lane == name))
    };
    let wanted = names().into_iter().filter(is_wanted);
    let mut lanes: Vec<Lane> = wanted.map(|name| Lane::new(name, &field)).collect();
    let mut is_cut_short = false;
    for block in 0..options.blocks {
        for step in 0..lanes.len() {
            let at = if block % 2 == 0 {
                step
            } else {
                lanes.len() - 1 - step
            };
            is_cut_short |= is_asked();
            let Some(lane) = lanes.get_mut(at).filter(|_| !is_cut_short) else {
                continue;
            };
            if block % lane.every == 0 {
                lane.turn(ticks, &mut field);
                // Behind a wrong answer nothing on these lines can be judged.
                is_cut_short |= lane.measured.fault.is_some();
            } else {
                lane.keep(Vec::new(), ticks);
            }
        }
    }
    lower(this_thread());
    let is_void = is_cut_short || !field.placement.is_apart();
    let left = field.finish();
    let fault = match left {
        Ok(left) => left.capture_fault,
        Err(fault) => Some(fault),
    };
    notes.push(format!("one ping each {} us", TICK_NS / 1_000));
    let measured: Vec<Measured> = lanes.into_iter().map(|lane| lane.measured).collect();
    Ok(Report {
        rows: Row::all(&measured, is_void),
        notes,
        fault,
    })
}
