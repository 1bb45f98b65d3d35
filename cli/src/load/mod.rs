//! Many FIX sessions against a gateway at a fixed schedule, and what came of every order.
//!
//! In it: the schedule ([`schedule`]), what is sent ([`flow`]), the sessions and the loop around
//! them (`member`, `drive`), faults on purpose ([`faults`]), the figures ([`figures`]) with their
//! log and their plot, and, where venue and gateway are the run's own, both ledgers joined
//! ([`joined`]) and the gateway's process looked at ([`samples`]). The session layer, the orders
//! and the ledger are those of [`crate::demo`]. Start at [`run`].

mod drive;
pub mod faults;
pub mod figures;
pub mod flow;
mod histogram_log;
pub mod joined;
mod line;
mod member;
mod own;
mod plot;
mod progress;
pub mod requests;
pub mod samples;
pub mod schedule;
pub mod sessions;
mod summary;

use std::fs::File;
use std::io::BufWriter;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gwanmun_runtime::clock::wall_now_ns;
use gwanmun_runtime::limits;
use gwanmun_runtime::signals::Termination;
use hdrhistogram::serialization::V2DeflateSerializer;

use crate::demo::folder::Folder;
use crate::demo::initiator::InitiatorTerms;
use crate::demo::ledger::Ledger;
use crate::exit::{Exit, Failure};
use crate::show;
use drive::{Drive, DriveTerms, Driven};
use flow::Flow;
use histogram_log::HistogramLog;
use member::Member;
use own::Own;
use progress::Progress;
use sessions::SessionTerms;
use summary::Summary;

/// HeartBtInt(108) of every session.
const HEART_BT_INT_S: u64 = 30;
/// Descriptors beside one socket and one ledger for each session.
const DESCRIPTORS_MORE: u64 = 64;

/// What to load, and how.
#[derive(Clone, Debug)]
pub struct LoadTerms {
    /// The gateway's FIX port; `None` starts a venue and a gateway for the run.
    pub address: Option<SocketAddr>,
    /// Who sends.
    pub sessions: Vec<SessionTerms>,
    /// When orders are due.
    pub schedule: schedule::ScheduleTerms,
    /// What goes wrong on purpose.
    pub faults: faults::FaultTerms,
    /// Share of the orders that names one symbol, in thousandths.
    pub hot_per_mille: Option<u32>,
    /// Accounts that stand in for those of the demonstration.
    pub accounts: Vec<String>,
    /// Seed of the orders.
    pub seed: u64,
    /// Folder of the run.
    pub out: PathBuf,
    /// File for the histogram log.
    pub histogram: Option<PathBuf>,
    /// File for the plot.
    pub svg: Option<PathBuf>,
    /// One JSON object instead of lines for people.
    pub is_json: bool,
}

/// Runs the load and shows what came of it.
///
/// # Errors
/// When a process does not start, a session does not log on, or a file cannot be written.
pub fn run(terms: &LoadTerms) -> Result<Exit, Failure> {
    let stop =
        Termination::on_signals().map_err(|error| Failure::host("no signal handler", &error))?;
    let count = u64::try_from(terms.sessions.len()).unwrap_or(u64::MAX);
    if let Err(finding) = limits::raise_descriptors(2 * count + DESCRIPTORS_MORE) {
        return Err(Failure::new(
            Exit::Host,
            format!("{}: {}", finding.what, finding.remedy),
        ));
    }
    let summary = match terms.address {
        Some(address) => {
            let folder = Folder::create(&terms.out, "load")?;
            let (driven, _) = drive(terms, address, None, &folder, &stop)?;
            summary(terms, &folder, driven)
        }
        None => {
            let orders = terms.schedule.orders();
            let own = Own::start(&terms.out, terms.seed, &terms.sessions, orders, &stop)?;
            let pid = Some(own.gateway_pid());
            let driven = drive(terms, own.address, pid, &own.folder, &stop);
            let folder = own.stop()?;
            let (driven, ledgers) = driven?;
            let mut summary = summary(terms, &folder, driven);
            let venue = folder.path("exchange-ledger.csv");
            summary.joined = Some(joined::join_all(&ledgers, &venue, &folder.out)?);
            summary.volume_bytes = Some(volume(&folder.out));
            summary
        }
    };
    if terms.is_json {
        show::out(&format!("{}\n", summary.to_json()))?;
    } else {
        show::out(&summary.to_screen())?;
    }
    Ok(summary.exit())
}

fn summary(terms: &LoadTerms, folder: &Folder, driven: Driven) -> Summary {
    Summary {
        seed: terms.seed,
        sessions: terms.sessions.len(),
        rate: terms.schedule.rate,
        out: folder.out.clone(),
        driven,
        joined: None,
        volume_bytes: None,
    }
}

/// Drives the sessions; also gives the paths of their ledgers.
fn drive(
    terms: &LoadTerms,
    address: SocketAddr,
    watched_pid: Option<u32>,
    folder: &Folder,
    stop: &Termination,
) -> Result<(Driven, Vec<PathBuf>), Failure> {
    let (members, ledgers) = members(terms, address, folder)?;
    // Files that cannot be written are told before the first order, not behind the last.
    let mut histogram = terms.histogram.as_deref().map(create).transpose()?;
    let svg = terms.svg.as_deref().map(create).transpose()?;
    let accounts = terms.accounts.iter().map(|account| -> &'static str {
        // As many as the command line named, for the life of the process.
        account.clone().leak()
    });
    let sessions = u32::try_from(terms.sessions.len()).unwrap_or(u32::MAX);
    let mut flow = Flow::new(
        terms.seed,
        sessions,
        terms.hot_per_mille,
        accounts.collect(),
    );
    let drive_terms = DriveTerms {
        schedule: terms.schedule,
        faults: terms.faults,
        stop,
        watched_pid,
    };
    let mut drive = Drive::new(drive_terms, members)?;
    let start_ns = drive.log_on()?;
    let mut serializer = V2DeflateSerializer::new();
    let log = histogram
        .as_mut()
        .map(|into| HistogramLog::begin(into, &mut serializer, start_ns))
        .transpose()?;
    let mut progress = Progress::new(start_ns, terms.schedule.duration_ns(), log);
    drive.send(start_ns, &mut flow, &mut progress)?;
    drive.settle(&mut progress)?;
    let driven = drive.log_out()?;
    progress.finish(&driven.figures, driven.ended_ns)?;
    if let Some(file) = histogram {
        file.into_inner().map_err(|error| error.into_error())?;
    }
    if let Some(mut file) = svg {
        write_plot(terms, &driven, &mut file)?;
    }
    Ok((driven, ledgers))
}

fn members(
    terms: &LoadTerms,
    address: SocketAddr,
    folder: &Folder,
) -> Result<(Vec<Member>, Vec<PathBuf>), Failure> {
    let ledgers = folder.path("ledgers");
    std::fs::create_dir_all(&ledgers)
        .map_err(|error| Failure::host(&ledgers.display().to_string(), &error))?;
    let mut members = Vec::with_capacity(terms.sessions.len());
    let mut paths = Vec::with_capacity(terms.sessions.len());
    // A ClOrdID(11) is used up for its day, so each run has its own.
    let prefix = format!("L{:X}", wall_now_ns() / 1_000_000);
    for (index, session) in terms.sessions.iter().enumerate() {
        let path = ledgers.join(format!("{}.csv", session.sender_comp_id));
        let ledger = Ledger::lean(create(&path)?)?;
        let session = InitiatorTerms {
            sender_comp_id: session.sender_comp_id.clone(),
            target_comp_id: session.target_comp_id.clone(),
            credentials: session.credentials.clone(),
            heart_bt_int_s: HEART_BT_INT_S,
        };
        members.push(Member::new(index, address, session, ledger, prefix.clone()));
        paths.push(path);
    }
    Ok((members, paths))
}

fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
    let refuse = |error: std::io::Error| Failure::host(&path.display().to_string(), &error);
    Ok(BufWriter::with_capacity(
        1 << 15,
        File::create(path).map_err(refuse)?,
    ))
}

fn write_plot(
    terms: &LoadTerms,
    driven: &Driven,
    file: &mut BufWriter<File>,
) -> Result<(), Failure> {
    use std::io::Write;
    let figures = &driven.figures;
    let title = format!(
        "gwanmun load: {} sessions, {} orders/s, {} orders",
        terms.sessions.len(),
        terms.schedule.rate,
        figures.orders
    );
    let curves = [
        ("orders", &figures.latencies),
        ("orders of cut or stalled sessions", &figures.under_fault),
        ("cancels", &figures.cancel_latencies),
    ];
    let document = plot::percentiles(&title, &curves)
        .map_err(|error| Failure::new(Exit::Host, format!("the plot: {error}")))?;
    file.write_all(document.as_bytes())?;
    file.flush()?;
    Ok(())
}

/// Bytes of all files below a folder.
fn volume(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => volume(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}
