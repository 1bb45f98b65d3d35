//! The race: lanes come up one after the other, take turns forwards and backwards, and are judged.

use std::path::{Path, PathBuf};

use gwanmun_runtime::clock::wall_now_ns;

use super::lane::{Forwarder, Lane, Measured, Runner, Turn};
use super::options::Options;
use super::report::{Lanes, Row, pairs};
use crate::wire::gateway::{Gateway, Left, NotStarted, Program};
use crate::wire::orders::Orders;
use crate::wire::placement::{Fifo, Placement, lower, raise, this_thread};
use crate::wire::watch::Watch;
use crate::wire::world::{GatewayTerms, World};
use crate::wire::{Fault, program};

/// The reference, and the null lane that is the same program once more.
pub const FORWARDER: &str = "forwarder";

/// The lane whose outputs wait for the disk. Its order core gives the core away when it has nothing
/// to do, since the thread that syncs has no other: one that spins would wait for the scheduler.
const DURABLE: &str = "gateway-durable";

/// The gateway that asks no check.
pub const UNCHECKED: &str = "gateway-unchecked";

/// The member whose orders are raced.
const MEMBER: &[u8] = b"MEMBER001";

/// A built-in gateway lane: name, transport, whether the capture is rendered, sessions.
const GATEWAYS: [(&str, &str, bool, usize); 9] = [
    ("gateway", "auto", true, 1),
    ("gateway-capture-off", "auto", false, 1),
    (DURABLE, "auto", true, 1),
    ("gateway-sessions-1", "auto", true, 1),
    ("gateway-sessions-8", "auto", true, 8),
    ("gateway-sessions-64", "auto", true, 64),
    ("gateway-sessions-512", "auto", true, 512),
    ("gateway-uring", "uring", true, 1),
    ("gateway-epoll", "epoll", true, 1),
];

/// What became of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It ran to the end.
    Ran,
    /// It does not exist yet, or not on this machine.
    Missing(Fault),
    /// It gave a wrong answer or none.
    Failed(Fault),
}

/// One lane behind the race.
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub fate: Fate,
    /// What was measured.
    pub measured: Measured,
    /// What a gateway left behind.
    pub left: Option<Left>,
    /// Orders sent, and refused as they had to be.
    pub orders: (u64, u64),
}

/// A lane before, while and behind it runs.
enum Entry {
    Up(Lane),
    Over(Outcome),
}

/// The whole run.
pub struct Race<'a> {
    options: &'a Options,
    placement: Placement,
    watch: Watch,
    orders: Orders,
    entries: Vec<Entry>,
    folder: PathBuf,
    /// What was refused or is not as it should be, for whoever reads the run.
    pub notes: Vec<String>,
    /// The run did not come to its end.
    pub is_cut_short: bool,
}

impl<'a> Race<'a> {
    /// A race in this folder; `gateway` is the program of the built-in lanes.
    ///
    /// # Errors
    /// The reference does not come up.
    pub fn start(
        options: &'a Options,
        folder: &Path,
        gateway: &Program,
        forwarder: &Program,
        is_asked: &dyn Fn() -> bool,
    ) -> Result<Race<'a>, Fault> {
        let placement = Placement::find();
        let mut race = Race {
            options,
            placement,
            watch: Watch::new(!placement.is_apart()),
            orders: if options.unchecked.is_some() {
                Orders::all_pass(MEMBER)
            } else {
                Orders::default()
            },
            entries: Vec::new(),
            folder: folder.to_path_buf(),
            notes: Vec::new(),
            is_cut_short: false,
        };
        if !placement.is_apart() {
            let text = "one core: harness and lanes share it, so no figure counts";
            race.notes.push(text.to_owned());
        } else if let Some(refused) = placement.as_harness() {
            race.notes.push(format!("not pinned: {refused}"));
        }
        for _reference_and_null in 0..2 {
            race.add_forwarder(FORWARDER, forwarder)?;
        }
        for (name, transport, has_capture, sessions) in GATEWAYS {
            let wanted = options.lanes.as_ref();
            let is_wanted = wanted.is_none_or(|lanes| lanes.iter().any(|lane| lane == name));
            if is_wanted && !is_asked() {
                let mut terms = race.terms(transport, has_capture, sessions);
                if name == DURABLE {
                    (terms.mode, terms.idle) = ("durable", "yield");
                }
                race.add_gateway(name, gateway, &terms);
            }
        }
        if let Some(path) = &options.unchecked {
            let terms = race.terms("auto", true, 1);
            race.add_gateway(UNCHECKED, &program::gateway(Some(path))?, &terms);
        }
        for (name, program) in &options.programs {
            let program = &program::guarded(program.clone())?;
            if program.has("{config}") || program.has("{feed}") {
                let terms = race.terms("auto", true, 1);
                race.add_gateway(name, program, &terms);
            } else if let Err(fault) = race.add_forwarder(name, program) {
                race.add(name, Err(Fate::Failed(fault)));
            }
        }
        Ok(race)
    }

    fn terms(&self, transport: &'static str, has_capture: bool, sessions: usize) -> GatewayTerms {
        let options = self.options;
        let orders = options.blocks * (options.measured + options.unmeasured);
        GatewayTerms {
            transport,
            has_capture,
            sessions,
            ..GatewayTerms::usual(&self.placement, orders as u64 + 1_000, options.run.is_quick)
        }
    }

    fn add_forwarder(&mut self, name: &str, program: &Program) -> Result<(), Fault> {
        let said = self.folder.join(format!("said-{}.txt", self.entries.len()));
        let started = Forwarder::start(program, &said, &self.placement, &mut self.watch);
        let lane =
            started.and_then(|forwarder| Lane::new(name.to_owned(), Runner::Forwarder(forwarder)));
        let lane = lane.map_err(|fault| fault.at(name))?;
        self.entries.push(Entry::Up(lane));
        Ok(())
    }

    fn add_gateway(&mut self, name: &str, program: &Program, terms: &GatewayTerms) {
        let world = World::create(&self.folder, self.entries.len());
        let started = world
            .map_err(NotStarted::Failed)
            .and_then(|world| {
                Gateway::start(program, world, terms, &self.placement, &mut self.watch)
            })
            .and_then(|gateway| {
                let runner = Runner::Gateway(Box::new(gateway));
                Lane::new(name.to_owned(), runner).map_err(NotStarted::Failed)
            });
        self.add(
            name,
            started.map_err(|fault| match fault {
                NotStarted::Refused(fault) => Fate::Missing(fault),
                NotStarted::Failed(fault) => Fate::Failed(fault),
            }),
        );
    }

    fn add(&mut self, name: &str, lane: Result<Lane, Fate>) {
        self.entries.push(match lane {
            Ok(lane) => Entry::Up(lane),
            Err(fate) => Entry::Over(Outcome {
                name: name.to_owned(),
                fate,
                measured: Measured::default(),
                left: None,
                orders: (0, 0),
            }),
        });
        self.each(|lane, watch| lane.tend(watch));
    }

    /// Does something with every lane that is up; one that cannot is over.
    fn each(&mut self, mut body: impl FnMut(&mut Lane, &mut Watch) -> Result<(), Fault>) {
        for index in 0..self.entries.len() {
            self.at(index, &mut body);
        }
    }

    fn at(
        &mut self,
        index: usize,
        body: &mut impl FnMut(&mut Lane, &mut Watch) -> Result<(), Fault>,
    ) {
        let Some(entry) = self.entries.get_mut(index) else {
            return;
        };
        let Entry::Up(lane) = entry else {
            return;
        };
        if let Err(fault) = body(lane, &mut self.watch) {
            *entry = Entry::Over(Outcome {
                name: lane.name.clone(),
                fate: Fate::Failed(fault),
                orders: lane.orders(),
                measured: core::mem::take(&mut lane.measured),
                left: None,
            });
        }
    }

    /// All turns: forwards, backwards, forwards.
    pub fn run(&mut self, is_asked: &dyn Fn() -> bool) {
        self.raise();
        let turn = Turn {
            unmeasured: self.options.unmeasured,
            measured: self.options.measured,
        };
        let orders = self.orders.clone();
        let began_ns = wall_now_ns();
        for block in 0..self.options.blocks {
            for step in 0..self.entries.len() {
                let index = if block % 2 == 0 {
                    step
                } else {
                    self.entries.len() - 1 - step
                };
                self.at(index, &mut |lane, watch| lane.turn(turn, &orders, watch));
            }
            let seconds = wall_now_ns().saturating_sub(began_ns) / 1_000_000_000;
            if is_asked() || seconds > self.options.seconds_max {
                self.is_cut_short = true;
                self.notes
                    .push(format!("cut short in block {block}: the run has failed"));
                break;
            }
        }
        lower(this_thread());
    }

    fn raise(&mut self) {
        let fifo = self.options.fifo;
        if fifo == Fifo::None || !self.placement.is_apart() {
            self.notes.push("SCHED_FIFO not asked for".to_owned());
            return;
        }
        let mut refused: Vec<String> = Vec::new();
        for entry in &mut self.entries {
            if let Entry::Up(lane) = entry {
                refused.extend(lane.raise(fifo));
            }
        }
        refused.extend(raise(this_thread()));
        self.notes.push(match refused.first() {
            None if fifo == Fifo::Both => "SCHED_FIFO for harness and lanes".to_owned(),
            None => "SCHED_FIFO for the harness".to_owned(),
            Some(why) => format!("SCHED_FIFO refused: {why}"),
        });
    }

    /// Ends every lane and judges all of them.
    #[must_use]
    pub fn finish(mut self) -> Lanes {
        let mut outcomes = Vec::new();
        while !self.entries.is_empty() {
            let entry = self.entries.remove(0);
            outcomes.push(match entry {
                Entry::Over(outcome) => outcome,
                Entry::Up(mut lane) => {
                    let measured = core::mem::take(&mut lane.measured);
                    let (name, orders) = (lane.name.clone(), lane.orders());
                    let (fate, left) = match lane.finish(&mut self.watch) {
                        Ok(left) => (Fate::Ran, left),
                        Err(fault) => (Fate::Failed(fault), None),
                    };
                    Outcome {
                        name,
                        fate,
                        measured,
                        left,
                        orders,
                    }
                }
            });
            self.each(|lane, watch| lane.tend(watch));
        }
        let is_void = self.is_cut_short || !self.placement.is_apart();
        let rows = Row::all(&outcomes, self.options.run.is_quick, is_void);
        Lanes {
            rows,
            pairs: pairs(&outcomes),
            notes: self.notes,
        }
    }
}
