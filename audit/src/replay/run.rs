//! Gives a day's inputs to the real gateway, one after the other.
//!
//! In it: [`run()`], from the first record to the last over however many starts. At each start a
//! fresh gateway is restored from what the replay itself decided so far, never from what is on
//! record, just as the live process restores itself. An input at the very end of a start whose
//! effects the record lacks did not happen there: the process died in between, and what the replay
//! decided about it is taken back. Not in it: comparing (see `compare`).

use std::collections::BTreeMap;

use gwanmun_captures::input::{
    Accepted, Connected, Disconnected, Leaving, Persisted, Role, Schedule, lent_segment, one_byte,
};
use gwanmun_captures::journal::{Record, RecordKind};
use gwanmun_gateway::{
    Credential, Ends, Gateway, PastLines, SessionsCommand, Stamp, StorageLevel, Terms,
};
use gwanmun_market::Text;

use super::cut::{InputRecord, Inputs};
use super::filters::Filters;
use super::fix_numbers::SentMessages;
use super::own::{OwnEffects, ReplayEdge};
use super::starts::Starts;
use super::{Progress, ReplayError, Undecided};

/// Inputs between two calls of the progress function.
const PROGRESS_EVERY: usize = 1024;

/// How a run differs from the day on record.
#[derive(Clone, Copy)]
pub(crate) enum Mode<'p> {
    /// In nothing.
    Same,
    /// In its terms. Inputs that the day itself left undecided are known from a run under the
    /// terms on record.
    Changed {
        undecided: &'p [Undecided],
        /// What that run sent to FIX venues.
        sent: &'p SentMessages,
    },
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) own: OwnEffects,
    pub(crate) undecided: Vec<Undecided>,
    /// Inputs that the gateway would have recorded otherwise, by index.
    pub(crate) strayed: Vec<usize>,
    /// Member session of each input, where it has one.
    pub(crate) sessions: Vec<Option<u16>>,
    /// Whether the input's member had a line after it.
    pub(crate) bound: Vec<bool>,
    /// TargetCompID(56) of each session, by the latest terms.
    pub(crate) names: Vec<Text<32>>,
}

/// Runs a day under these terms.
///
/// # Errors
/// [`ReplayError`]: records that no gateway of this version can have written.
pub(crate) fn run(
    inputs: &Inputs<'_>,
    starts: &Starts,
    mode: Mode<'_>,
    progress: Progress<'_>,
) -> Result<Run, ReplayError> {
    let is_exact = matches!(mode, Mode::Same);
    let mut runner = Runner {
        inputs,
        mode,
        edge: ReplayEdge::new(inputs, is_exact),
        gateway: None,
        starts,
        lines: BTreeMap::new(),
        filters: match mode {
            Mode::Same => None,
            Mode::Changed { sent, .. } => Some(Filters::new(sent)),
        },
        run: Run {
            own: OwnEffects::default(),
            undecided: Vec::new(),
            strayed: Vec::new(),
            sessions: vec![None; inputs.records.len()],
            bound: vec![false; inputs.records.len()],
            names: Vec::new(),
        },
    };
    let total = inputs.records.len();
    let mut at = 0;
    while at < total {
        if at.is_multiple_of(PROGRESS_EVERY) {
            progress(at as u64, total as u64);
        }
        at += runner.step(at)?;
    }
    progress(total as u64, total as u64);
    runner.run.own = runner.edge.own;
    Ok(runner.run)
}

/// A connection of this start.
struct Line {
    /// Member session.
    session: Option<u16>,
    /// Of which venue it is the order line.
    venue: Option<u16>,
    /// Bytes that the gateway has not done with.
    waiting: Vec<u8>,
}

struct Runner<'a, 'p> {
    inputs: &'a Inputs<'a>,
    mode: Mode<'p>,
    edge: ReplayEdge<'a>,
    /// `None` between a start and its tables.
    gateway: Option<Gateway<()>>,
    starts: &'a Starts,
    lines: BTreeMap<u32, Line>,
    filters: Option<Filters<'p>>,
    run: Run,
}

impl<'a> Runner<'a, '_> {
    /// One input, or the three that a member's Logon is. Returns how many.
    fn step(&mut self, at: usize) -> Result<usize, ReplayError> {
        let inputs = self.inputs;
        let Some(input) = inputs.records.get(at) else {
            return Ok(1);
        };
        self.edge.goto(at);
        let taken = match input.head.kind {
            RecordKind::Start | RecordKind::Table | RecordKind::TableVersion => {
                self.begin(at, input)?;
                1
            }
            RecordKind::Connected => self.connected(at, input)?,
            _ => {
                self.event(input)?;
                1
            }
        };
        let last = at + taken - 1;
        let line = self.lines.get(&input.head.connection);
        let session = line.and_then(|line| line.session);
        let gateway = self.gateway.as_ref();
        for index in at..=last {
            let bound = session
                .zip(gateway)
                .is_some_and(|(session, gateway)| gateway.is_bound(session));
            if let Some(entry) = self.run.sessions.get_mut(index) {
                *entry = session;
            }
            if let Some(entry) = self.run.bound.get_mut(index) {
                *entry = bound;
            }
        }
        if input.head.kind == RecordKind::Disconnected {
            self.lines.remove(&input.head.connection);
        }
        if self.edge.has_strayed() {
            self.run.strayed.push(at);
        }
        if inputs.ends_epoch(last) {
            self.take_back_undecided(last);
        }
        if let Some(filters) = &mut self.filters {
            filters.note_sent(&self.edge.own);
        }
        Ok(taken)
    }

    /// Start, Table and TableVersion: the last of them puts a start's terms in force.
    fn begin(&mut self, at: usize, input: &InputRecord<'a>) -> Result<(), ReplayError> {
        if input.head.kind == RecordKind::Start {
            self.gateway = None;
            self.lines.clear();
            self.edge.lend(None);
        }
        let Some(terms) = self.starts.get(&at) else {
            return Ok(());
        };
        self.run.names = names_of(terms);
        let number = input.head.number;
        let gateway = Gateway::new(terms.clone(), ());
        let mut gateway = gateway.map_err(|_| ReplayError::Capacity { number })?;
        // The live gateway has them on: equal effects show that they change none.
        gateway.set_shapes_on(false);
        self.restore(&mut gateway, at)?;
        self.gateway = Some(gateway);
        Ok(())
    }

    /// Puts back what the replay decided before this start.
    fn restore(&self, gateway: &mut Gateway<()>, until: usize) -> Result<(), ReplayError> {
        let mut lines = PastLines::default();
        let mut effects = self.edge.own.all().iter().peekable();
        for (index, input) in self.inputs.records.iter().enumerate().take(until) {
            let record = Record {
                head: input.head,
                payload: input.payload,
                position: 0,
            };
            let restored = gateway.restore(&record, 0, &mut lines);
            restored.map_err(ReplayError::Recovery)?;
            while let Some(effect) = effects.next_if(|effect| effect.input == index) {
                let record = self.edge.own.as_record(effect, input.head.epoch);
                let restored = gateway.restore(&record, effect.segment, &mut lines);
                restored.map_err(ReplayError::Recovery)?;
            }
        }
        Ok(())
    }

    /// A line came up. A member's comes with the outcome of his credentials and his Logon.
    fn connected(&mut self, at: usize, input: &InputRecord<'a>) -> Result<usize, ReplayError> {
        let number = input.head.number;
        let connected = Connected::parse(input.payload);
        let connected = connected.map_err(|fault| ReplayError::Input { number, fault })?;
        let gateway = self
            .gateway
            .as_mut()
            .ok_or(ReplayError::NoTerms { number })?;
        let ends = Ends {
            peer: connected.peer,
            local: connected.local,
        };
        let on_line = (input.head.connection, stamp_of(input));
        let line = Line {
            session: (connected.role == Role::Member).then_some(connected.index),
            venue: (connected.role == Role::Venue).then_some(connected.index),
            waiting: Vec::new(),
        };
        self.lines.insert(input.head.connection, line);
        let edge = &mut self.edge;
        // Whether the gateway stopped is asked of the edge, which alone can stop it here.
        match connected.role {
            Role::Venue => {
                if let Some(filters) = &mut self.filters {
                    filters.on_connected(connected.index, on_line.0);
                }
                let _ = gateway.on_venue_connected(edge, (connected.index, ends), on_line);
            }
            Role::Feed => {
                let _ = gateway.on_feed_connected(edge, (connected.index, ends), on_line);
            }
            Role::Member => {
                let is_its = |index: usize, kind| {
                    let next = self.inputs.records.get(index)?;
                    let is_its = next.head.kind == kind && next.head.connection == on_line.0;
                    is_its.then_some(next)
                };
                let Some(credential) = is_its(at + 1, RecordKind::Credential) else {
                    return self.cut_logon(at, number);
                };
                let outcome = one_byte(credential.payload);
                let outcome = outcome.map_err(|fault| ReplayError::Input { number, fault })?;
                let outcome = Credential::from_byte(outcome);
                let outcome = outcome.ok_or(ReplayError::Credential { number })?;
                let Some(logon) = is_its(at + 2, RecordKind::Received) else {
                    return self.cut_logon(at + 1, number).map(|_| 2);
                };
                let member = (connected.index, ends, outcome);
                let _ = gateway.on_member_logon(edge, member, logon.payload, on_line);
                return Ok(3);
            }
        }
        Ok(1)
    }

    /// A Logon whose records break off: the process died between them, or the journal is not ours.
    fn cut_logon(&self, last: usize, number: u64) -> Result<usize, ReplayError> {
        if self.inputs.ends_epoch(last) {
            Ok(1)
        } else {
            Err(ReplayError::Logon { number })
        }
    }

    /// Everything that is one input and one call.
    fn event(&mut self, input: &InputRecord<'a>) -> Result<(), ReplayError> {
        let number = input.head.number;
        let broken = |fault| ReplayError::Input { number, fault };
        let gateway = self
            .gateway
            .as_mut()
            .ok_or(ReplayError::NoTerms { number })?;
        let edge = &mut self.edge;
        let on_line = (input.head.connection, stamp_of(input));
        // Whether the gateway stopped is asked of the edge, which alone can stop it here.
        match input.head.kind {
            RecordKind::Received => {
                let line = self.lines.get_mut(&input.head.connection);
                let line = line.ok_or(ReplayError::NoLine { number })?;
                let filters = line.venue.zip(self.filters.as_mut());
                let filtered = filters.map(|(venue, filters)| {
                    let wire = gateway.terms().venues.get(usize::from(venue));
                    filters.passed((venue, wire.map(|it| it.wire)), input.payload)
                });
                let fresh = filtered.as_deref().unwrap_or(input.payload);
                line.waiting.extend_from_slice(fresh);
                let done = gateway.on_received(edge, &line.waiting, fresh.len(), on_line);
                // What the gateway stopped at is not given to it twice.
                let done = done.unwrap_or(line.waiting.len()).min(line.waiting.len());
                line.waiting.drain(..done);
            }
            RecordKind::Accepted => {
                let accepted = Accepted::parse(input.payload).map_err(broken)?;
                let _ =
                    gateway.on_accepted(edge, (accepted.count, accepted.offset_before), on_line);
            }
            RecordKind::Disconnected => {
                let gone = Disconnected::parse(input.payload).map_err(broken)?;
                let _ = gateway.on_closed(edge, (gone.reason, gone.text), on_line);
            }
            RecordKind::DeadlineFired => {
                let _ = gateway.on_deadline(edge, on_line);
            }
            RecordKind::Storage => {
                let level = one_byte(input.payload).map_err(broken)?;
                let level = StorageLevel::from_byte(level);
                let level = level.ok_or(ReplayError::StorageLevel { number })?;
                let _ = gateway.on_storage(edge, level, on_line.1);
            }
            RecordKind::Lent => {
                let segment = lent_segment(input.payload).map_err(broken)?;
                edge.lend(Some(segment));
                let _ = gateway.on_segment_lent(edge, segment, on_line.1);
            }
            RecordKind::Leaving => {
                let who = one_byte(input.payload).map_err(broken)?;
                let who = Leaving::from_byte(who).ok_or(ReplayError::Leaving { number })?;
                let _ = gateway.on_leaving(edge, who, on_line.1);
            }
            RecordKind::Schedule => {
                let schedule = Schedule::parse(input.payload).map_err(broken)?;
                let _ = gateway.on_schedule(edge, schedule, on_line.1);
            }
            RecordKind::Command => self.command(input, on_line.1),
            // No decision depends on it.
            RecordKind::Persisted => {
                Persisted::parse(input.payload).map_err(broken)?;
            }
            // An outcome without the line that it belongs to.
            _ => return Err(ReplayError::Logon { number }),
        }
        Ok(())
    }

    /// An operator's command.
    fn command(&mut self, input: &InputRecord<'a>, stamp: Stamp) {
        let (Some(gateway), edge) = (self.gateway.as_mut(), &mut self.edge) else {
            return;
        };
        // Whatever is not about sessions, and what is no command at all, is the other's.
        let _ = match SessionsCommand::read(input.payload, gateway.terms()) {
            Some(mut command) => gateway.on_sessions(edge, &mut command, stamp),
            None => gateway.on_command(edge, input.payload, stamp),
        };
        self.run.names = names_of(gateway.terms());
    }

    /// At the end of a start: effects that the process did not live to put on record.
    fn take_back_undecided(&mut self, last: usize) {
        let Some(input) = self.inputs.records.get(last) else {
            return;
        };
        let number = input.head.number;
        let made = self.edge.own.count_of(last);
        let surplus = made.saturating_sub(input.slots.len());
        let may_drop = match self.mode {
            Mode::Same => true,
            Mode::Changed { undecided, .. } => undecided.iter().any(|other| other.input == number),
        };
        if surplus > 0 && may_drop {
            self.edge.own.drop_last(surplus);
            self.run.undecided.push(Undecided {
                input: number,
                epoch: input.head.epoch,
                effects: surplus as u64,
            });
        }
    }
}

fn names_of(terms: &Terms) -> Vec<Text<32>> {
    let members = terms.members.iter();
    members
        .map(|member| member.session.target_comp_id)
        .collect()
}

fn stamp_of(input: &InputRecord<'_>) -> Stamp {
    Stamp {
        ns: input.head.stamp_ns,
        clock_quality: input.head.clock_quality,
    }
}
