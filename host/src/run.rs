//! One gateway from start to stop.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use gwanmun_fix::index::Index;
use gwanmun_gateway::later_logon::LaterLogons;
use gwanmun_gateway::{Gateway, Input, Terms, terms_text};
use gwanmun_runtime::clock::Clock;
use gwanmun_runtime::disk::{DiskFaults, FileRing};
use gwanmun_runtime::limits::lock_all_memory;
use gwanmun_runtime::{allocation, thread};

use crate::capture_thread::{CaptureSummary, CaptureThread, Shared, Spares};
use crate::chain_terms::{RANDOM_SOURCE, chain_terms, salt_seed};
use crate::config::{Config, Tables, TradingDay};
use crate::day::Day;
use crate::desk;
use crate::events::Event;
use crate::first_segment::FirstSegment;
use crate::journal_writer::{
    ChainSegment, ChainTerms, JournalWriter, SegmentQueues, segment_head, stamp,
};
use crate::lending::Lending;
use crate::listening::{listen, open_transport};
use crate::order_core::Core;
use crate::past::{self, Past};
use crate::power_loss;
use crate::schedules::Schedules;
use crate::shard::Shard;
use crate::snapshot_thread::SnapshotThread;
use crate::stage_clock::StageClock;
use crate::start_error::StartError;
use crate::status::Status;
use crate::stranger_store::{NOTES_MAX, StrangerNote, StrangerStore};
use crate::strangers::{Journaled, Strangers};
use crate::terms::terms;
use crate::tls::gate::{TlsGate, TlsRunning};
use crate::trade::{Traded, leave_to_order_core, trade};
use crate::unchecked;
use crate::venue_lines::VenueLines;

/// Segments that wait ready: one to go on with, one while the next is being made.
const READY_MAX: usize = 2;
/// Segments on their way back to be unmapped.
const RETIRED_MAX: usize = 16;
/// Events that wait for whoever shows them.
const EVENTS_MAX: usize = 4096;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was asked to stop and wrote everything down.
    Stopped,
    /// The journal could not be written or made durable: all lines were closed.
    JournalFailed,
    /// An invariant of our own is broken: the order core stopped and left a last record.
    BrokenInvariant,
}

/// Runs a gateway until `is_asked` says stop. Events are given to `show` on the calling thread,
/// which from the start of trading on keeps off the core that the order core is pinned to.
///
/// # Errors
/// [`StartError`] when it does not come to trading.
pub fn run(
    config: &Config,
    tables: &Tables,
    faults: Option<DiskFaults>,
    is_asked: &dyn Fn() -> bool,
    show: &mut dyn FnMut(Event),
) -> Result<Outcome, StartError> {
    let clock = Clock::new();
    let (config, trading_day) = on_its_day(unchecked::refuse_strangers(config)?, &clock);
    let number = trading_day.number();
    let day = Day::create(&config.journal.dir, &config.journal.memory_dir, number)?;
    let mut terms = terms(&config, tables)?;
    let first = FirstSegment::begin(&day, config.journal.segment_bytes)?;
    let (gateway, past) = recover(&day, number, &mut terms, show)?;
    let first = first.take(&day, past.next_index)?;
    let chain = chain_terms(&config, &day, (number, past.epochs + 1))?;
    let shared = Arc::new(Shared::default());
    let (notes, noted) = sync_channel(NOTES_MAX);
    let store = StrangerStore::new(&day.disk, noted);
    let (events, shown) = sync_channel(EVENTS_MAX);
    let (desk, desk_thread) = desk::thread::open(&config, &terms, &shared, &events)?.unzip();
    let (bell, snapshots) = snapshots(&config, &day, (number, &past), terms, (&shared, &events));
    let (journal, capture) = open_chain(
        &config,
        &day,
        (chain, bell),
        (past, first),
        &shared,
        (store, faults),
    )?;
    let told = events.clone();
    let mut transport = open_transport(&config, show)?;
    let mut listeners = listen(&config, &mut transport, show)?;
    let gate = TlsGate::open(&config, &mut listeners, show)?;
    let (arrivals, tls) = gate.start(&config, &told)?;
    let core = Core {
        strangers: strangers(&config, notes),
        schedules: schedules(&config, &gateway, &clock),
        venues: VenueLines::new(&config.venues),
        gateway,
        journal,
        listeners,
        shared: Arc::clone(&shared),
        events,
        index: Box::new(Index::new()),
        later_logons: LaterLogons::default(),
        held_bytes: vec![0; config.limits.session_room(config.sessions.len())].into(),
        journaled: Journaled::new(config.limits.connections_max as usize + 64),
        storage_byte: 0,
        desk,
        is_stopped: false,
        is_leaving: false,
        config: Arc::clone(&config),
    };
    let mut shard = Shard::new(transport, core, arrivals);
    record_start(&mut shard, &clock)?;
    let capture = start_capture(capture, &config, told)?;
    let snapshots = start_snapshots(snapshots)?;
    let desk = desk::thread::start(desk_thread)?;
    lock_memory(show);
    let traded = trade(shard, &config, &shown, is_asked, show)?;
    shared.is_last.store(true, Ordering::Release);
    shared.bell.ring();
    let summary = capture.join().unwrap_or_default();
    // It wrote what it wrote: a snapshot is of use to the next start alone.
    let _ = [desk, snapshots].map(|thread| thread.map(JoinHandle::join));
    shown.try_iter().for_each(show);
    Ok(finish(traded, &day, (chain.epoch, summary), tls))
}

/// The configuration with the trading day that this run is of, which a swap of the tables asks for.
fn on_its_day(mut config: Arc<Config>, clock: &Clock) -> (Arc<Config>, TradingDay) {
    let today = || TradingDay::at(clock.now().ns);
    let day = config.gateway.trading_day.unwrap_or_else(today);
    Arc::make_mut(&mut config).gateway.trading_day = Some(day);
    (config, day)
}

/// Room for the lines that may be strangers'.
fn strangers(config: &Config, notes: SyncSender<StrangerNote>) -> Strangers {
    let stranger_ns = u64::from(config.limits.stranger_seconds_max) * 1_000_000_000;
    Strangers::new(config.limits.connections_max as usize, stranger_ns, notes)
}

/// The hours of all sessions, those on record of earlier starts considered.
fn schedules(config: &Config, gateway: &Gateway<StageClock>, clock: &Clock) -> Schedules {
    let had_hours = |session| gateway.has_window(session);
    Schedules::new(&config.sessions, clock.now().ns, had_hours)
}

fn lock_memory(show: &mut dyn FnMut(Event)) {
    if let Err(finding) = lock_all_memory() {
        show(Event::Finding(finding));
    }
}

const fn outcome(is_broken: bool, is_stopped: bool, capture: CaptureSummary) -> Outcome {
    if is_broken {
        Outcome::BrokenInvariant
    } else if is_stopped || !capture.is_complete {
        Outcome::JournalFailed
    } else {
        Outcome::Stopped
    }
}

/// A gateway with the day's past in it.
fn recover(
    day: &Day,
    trading_day: u32,
    terms: &mut Terms,
    show: &mut dyn FnMut(Event),
) -> Result<(Gateway<StageClock>, Past), StartError> {
    let random = || salt_seed(Path::new(RANDOM_SOURCE)).map(u64::from);
    let names_key = random()? << 32 | random()?;
    let new = |terms: &Terms| {
        let mut gateway = Gateway::new(terms.clone(), StageClock::default())
            .map_err(|_| StartError::TooManyHoldings)?;
        gateway.set_names_key(names_key);
        Ok(gateway)
    };
    let (mut gateway, mut past) = past::take(day, trading_day, &|| new(terms), show)?;
    let (version, in_force) = (gateway.tables_version(), &gateway.terms().tables);
    if version.count > 1 && in_force.sha256() != terms.tables.sha256() {
        // Put in force at the desk, and the file is another by now. All that follows from tables
        // must follow from those: once more, with them from the beginning.
        show(Event::TablesKept(version));
        terms.tables = in_force.clone();
        drop((gateway, past));
        (gateway, past) = past::take(day, trading_day, &|| new(terms), &mut |_| {})?;
    }
    for &(segment, position, bytes) in &past.torn {
        show(Event::TornTail {
            segment,
            position,
            bytes,
        });
    }
    if past.records > 0 || past.snapshot.is_some() {
        show(Event::Recovered {
            records: past.records,
            orders: gateway.order_count() as u64,
            snapshot: past.snapshot,
        });
    }
    Ok((gateway, past))
}

/// The snapshot thread before its start, and what rings for it.
fn snapshots(
    config: &Config,
    day: &Day,
    (trading_day, past): (u32, &Past),
    terms: Terms,
    (shared, events): (&Arc<Shared>, &SyncSender<Event>),
) -> (SyncSender<()>, SnapshotThread) {
    let (bell, rung) = sync_channel(1);
    let snapshots = SnapshotThread {
        day: day.clone(),
        trading_day,
        epoch: past.epochs + 1,
        terms,
        every: config.journal.snapshot_segments,
        latest: past.snapshot.unwrap_or(0),
        segment_bytes: config.journal.segment_bytes,
        reserve_bytes: config.journal.reserve_bytes,
        order_core: config.gateway.cores.first().copied(),
        shared: Arc::clone(shared),
        bell: rung,
        events: events.clone(),
    };
    (bell, snapshots)
}

/// Starts the capture thread.
fn start_capture(
    capture: CaptureThread,
    config: &Config,
    events: SyncSender<Event>,
) -> Result<JoinHandle<CaptureSummary>, StartError> {
    let order_core = config.gateway.cores.first().copied();
    let follow = move || {
        if let Some(finding) = leave_to_order_core(order_core) {
            let _ = events.try_send(Event::Finding(finding));
        }
        capture.run()
    };
    thread::spawn("capture", follow).map_err(StartError::Thread)
}

/// Starts the snapshot thread, unless none is wanted.
fn start_snapshots(snapshots: SnapshotThread) -> Result<Option<JoinHandle<()>>, StartError> {
    if snapshots.every == 0 {
        return Ok(None);
    }
    let started = thread::spawn("snapshot", move || snapshots.run());
    started.map(Some).map_err(StartError::Thread)
}

fn open_chain(
    config: &Config,
    day: &Day,
    (chain, bell): (ChainTerms, SyncSender<()>),
    (past, first): (Past, ChainSegment),
    shared: &Arc<Shared>,
    (strangers, faults): (StrangerStore, Option<DiskFaults>),
) -> Result<(JournalWriter, CaptureThread), StartError> {
    let (ready_in, ready) = sync_channel(READY_MAX);
    let (retired, retired_out) = sync_channel(RETIRED_MAX);
    let (wanted, wanted_out) = sync_channel(1);
    let (lent_in, lent) = sync_channel(1);
    let is_starved = Arc::new(AtomicBool::new(false));
    let queues = SegmentQueues {
        ready,
        retired,
        lending: Lending::new(wanted, lent),
        is_starved: Arc::clone(&is_starved),
    };
    shared
        .whole_segments
        .store(past.next_index.into(), Ordering::Release);
    // Whatever many short starts have left may be worth a snapshot at once.
    let _ = bell.try_send(());
    let published = Arc::clone(&shared.published);
    let journal =
        JournalWriter::start(chain, first, past.next_number, past.kept, queues, published)
            .ok_or(StartError::Capacity("[journal] segment_bytes"))?;
    let head = segment_head(&chain, past.next_index, past.next_number);
    power_loss::found_segment(day, past.next_index, &head)?;
    let disk = FileRing::new();
    let capture = CaptureThread {
        day: day.clone(),
        terms: chain,
        mode: config.journal.mode,
        renders: config.journal.capture,
        free_percent_min: u64::from(config.journal.free_percent_min),
        reserve_bytes: config.journal.reserve_bytes,
        shared: Arc::clone(shared),
        ready: ready_in,
        retired: retired_out,
        wanted: wanted_out,
        lent: lent_in,
        bell,
        strangers,
        disk: match faults {
            Some(faults) => disk.with_faults(faults),
            None => disk,
        },
        first_live: past.next_index,
        next_ready: past.next_index + 1,
        is_starved,
        spares: Spares::default(),
        shadow: Vec::new(),
    };
    Ok((journal, capture))
}

/// The first records of a start: the start itself, the tables by content and hash, the version in
/// force.
fn record_start(shard: &mut Shard, clock: &Clock) -> Result<(), StartError> {
    let records = terms_text::start_records(shard.core.gateway.terms());
    let at = stamp(clock.now());
    for (kind, payload) in &records {
        let input = Input {
            kind: *kind,
            connection: 0,
            stamp: at,
            refers_to: 0,
            payload,
        };
        shard
            .core
            .journal
            .record(input)
            .map_err(|_| StartError::Capacity("the tables, in one [journal] segment"))?;
    }
    Ok(())
}

fn finish(
    Traded { shard, is_broken }: Traded,
    day: &Day,
    (epoch, capture): (u32, CaptureSummary),
    tls: TlsRunning,
) -> Outcome {
    let names = shard.core.config.venues.iter().map(|venue| venue.name);
    let status = Status {
        epoch,
        orders: shard.core.gateway.order_count(),
        times: shard.core.gateway.stages().times(),
        clock: shard.transport.clock(),
        refused: shard.core.strangers.refused(),
        strangers_without_room: shard.transport.counts().accepts_refused,
        tls: tls.counts(),
        stranger_notes_dropped: shard.core.strangers.dropped(),
        venues: names.zip(shard.venue_states().iter().copied()).collect(),
        capture,
        allocations_refused: allocation::is_installed(),
    };
    // The file is for people; the journal has everything that matters.
    let _ = status.write(Path::new(&day.disk.join("status.json")));
    let outcome = outcome(is_broken, shard.core.is_stopped, capture);
    // In this order: the members behind TLS hear what the order core said last, then its end.
    drop(shard);
    drop(tls);
    outcome
}
