//! The demonstration: a venue and a gateway on this machine, a day of orders through them, and the
//! proof of it.
//!
//! In it: the day ([`day`]), the member that sends it ([`driver`], [`initiator`]), its ledger
//! ([`ledger`]), the processes and their folder, and the screen. Not in it: any rule of trading;
//! what is shown about the gateway comes from the two ledgers, from the capture and from its own
//! last words, never from the code that it runs.

pub mod day;
pub mod driver;
pub(crate) mod folder;
pub mod initiator;
mod kept;
pub mod ledger;
pub(crate) mod market;
pub(crate) mod new_orders;
mod orders;
pub(crate) mod processes;
pub(crate) mod random;
mod received;
pub(crate) mod request;
mod screen;
mod world;

use std::fs::File;
use std::io::BufWriter;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gwanmun_audit::ledgers;
use gwanmun_runtime::clock::wall_now_ns;
use gwanmun_runtime::signals::Termination;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

pub use market::tables_toml;
pub use orders::Tally;

use crate::exit::{Exit, Failure};
use crate::recording::Recording;
use crate::show;
use day::Day;
use driver::{DriverReport, DriverTerms, drive};
use ledger::Ledger;
use processes::{Process, listening, listening_members, logged_on};
use screen::{Capture, Outcome, Replay};
use world::World;

/// How many requests are unanswered at a time: enough to keep every process busy, few enough that a
/// cancel finds its order still fresh.
const IN_FLIGHT_MAX: usize = 64;

/// What to demonstrate.
#[derive(Clone, Debug)]
pub struct DemoTerms {
    /// Seed of the day and of the venue's other participants.
    pub seed: u64,
    /// New orders.
    pub orders: usize,
    /// Folder of the run.
    pub out: PathBuf,
    /// One JSON object instead of the screen.
    pub is_json: bool,
}

/// Runs the demonstration and shows it.
///
/// # Errors
/// When a process does not start or does not end, or a file cannot be written.
pub fn run(terms: &DemoTerms) -> Result<Exit, Failure> {
    let outcome = make(terms)?;
    if terms.is_json {
        show::out(&format!("{}\n", outcome.to_json()))?;
    } else {
        show::out(&outcome.to_screen())?;
    }
    if outcome.driver.is_interrupted {
        return Ok(Exit::Interrupted);
    }
    Ok(if outcome.is_good() {
        Exit::Done
    } else {
        Exit::No
    })
}

/// Runs it, shows nothing, and gives the folder of its journal.
///
/// # Errors
/// As [`run`], or when the demonstration does not end well.
pub(crate) fn journal_of(terms: &DemoTerms) -> Result<PathBuf, Failure> {
    let outcome = make(terms)?;
    if !outcome.is_good() {
        let what = format!(
            "the demonstration in {} did not end well",
            terms.out.display()
        );
        return Err(Failure::new(Exit::Input, show::escaped(&what)));
    }
    Ok(terms.out.join("journal"))
}

fn make(terms: &DemoTerms) -> Result<Outcome, Failure> {
    let stop =
        Termination::on_signals().map_err(|error| Failure::host("no signal handler", &error))?;
    let world = World::create(&terms.out, terms.seed)?;
    let outcome = demonstrate(terms, &world, &stop);
    world.folder.clear_memory();
    outcome
}

fn demonstrate(terms: &DemoTerms, world: &World, stop: &Termination) -> Result<Outcome, Failure> {
    let day = Day::generate(terms.seed, terms.orders);
    let mut exchange = Process::start(
        "exchange",
        &world.path("exchange.toml"),
        &world.path("exchange.log"),
    )?;
    let venue = exchange.wait_for("where it listens", stop, listening("order"))?;
    let feed = exchange.wait_for("where it serves the feed", stop, listening("feed"))?;
    world.write_gateway_toml(venue, feed)?;
    let mut gateway = Process::start(
        "gateway",
        &world.path("gateway.toml"),
        &world.path("gateway.log"),
    )?;
    let address = gateway.wait_for("where it listens", stop, listening_members)?;
    gateway.wait_for("that the venue is up", stop, logged_on("KRX"))?;
    let pids = [exchange.pid(), gateway.pid()];

    let driver = drive_day(&day, address, world, stop)?;

    let mut open = Vec::new();
    gateway.stop()?;
    exchange.stop()?;
    let recording = Recording::open(&world.path("journal"));
    let stages = recording
        .as_ref()
        .ok()
        .and_then(|recording| stages(&recording.dir));
    if stages.is_none() {
        open.push("latency by stage: the gateway told none".to_owned());
    }
    let joined = join(world)?;
    let findings = findings(&world.path("gateway.log"));
    let recording = recording?;
    let replay = Some(replay(&recording)?);
    let capture = Some(verify(&recording));
    let (seed, out) = (terms.seed, world.folder.out.clone());
    Ok(Outcome {
        seed,
        pids,
        out,
        driver,
        joined,
        capture,
        replay,
        stages,
        findings,
        open,
    })
}

fn drive_day(
    day: &Day,
    address: SocketAddr,
    world: &World,
    stop: &Termination,
) -> Result<DriverReport, Failure> {
    let path = world.path("driver-ledger.csv");
    let refuse = |error: std::io::Error| Failure::host(&path.display().to_string(), &error);
    let file = File::create(&path).map_err(refuse)?;
    let mut ledger = Ledger::new(BufWriter::new(file)).map_err(refuse)?;
    let terms = DriverTerms {
        address,
        session: world.session(),
        in_flight_max: IN_FLIGHT_MAX,
    };
    let bar = bar(day.steps.len());
    let report = drive(day, &terms, &mut ledger, stop, &mut |step| {
        bar.set_position(u64::try_from(step).unwrap_or(u64::MAX));
    });
    bar.finish_and_clear();
    let report = report?;
    // The file is closed here, so that a full disk is an error and not half a ledger.
    let file = ledger.finish(wall_now_ns()).map_err(refuse)?;
    file.into_inner()
        .map_err(|error| refuse(error.into_error()))?;
    Ok(report)
}

/// A bar on the standard error, and only on a terminal.
fn bar(steps: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX));
    let template = "{bar:40} {human_pos}/{human_len} steps, {per_sec}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn join(world: &World) -> Result<ledgers::Joined, Failure> {
    let read = |name: &str| {
        let path = world.path(name);
        std::fs::read_to_string(&path).map_err(|error| Failure::input(&path, &error))
    };
    ledgers::join(
        &read("driver-ledger.csv")?,
        &[&read("exchange-ledger.csv")?],
    )
    .map_err(|error| Failure::new(Exit::Input, error.to_string()))
}

/// What the gateway said about its host.
fn findings(log: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let events = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    events
        .filter(|event| event["event"] == "finding")
        .filter_map(|event| event["detail"].as_str().map(show::escaped))
        .collect()
}

/// The gateway's own stage times, which it leaves in the trading day's folder.
fn stages(day: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(day.join("status.json")).ok()?;
    let status: Value = serde_json::from_str(&text).ok()?;
    Some(status["stages_ns"].clone()).filter(Value::is_object)
}

/// Makes the decisions again.
fn replay(recording: &Recording) -> Result<Replay, Failure> {
    let segments: Vec<&[u8]> = recording.lent().collect();
    let report = gwanmun_audit::replay::replay(&segments, &mut |_, _| {})
        .map_err(|error| Failure::new(Exit::Input, error.to_string()))?;
    Ok(Replay {
        compared: report.effects_compared,
        different: report.differences,
    })
}

/// Verifies the capture against the journal.
fn verify(recording: &Recording) -> Capture {
    let path = recording.capture_path();
    let (records, fault) = match recording.capture() {
        Err(failure) => (0, Some(failure.message)),
        Ok(pcapng) => match gwanmun_captures::verify::verify(recording.lent(), &pcapng) {
            Ok(report) => (report.records, None),
            Err(failure) => (0, Some(format!("{failure:?}"))),
        },
    };
    Capture {
        path,
        records,
        fault,
    }
}
