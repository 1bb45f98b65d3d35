//! A gateway that breaks on purpose: this test executable again, as a process of its own.
//!
//! The hooks are in `gwanmun-host` behind its feature `faults`, which no program has. Which fault
//! it is stands in an environment variable; a disk is made to fail, or to wait, by lines on the
//! standard input: `hold`, `release`, `fail_sync ERRNO`, `fail_write ERRNO`.

use std::io::BufRead;
use std::path::Path;
use std::process::Command;

use gwanmun_cli::events::{EventLine, EventPrinter};
use gwanmun_host::config::{Config, Tables};
use gwanmun_host::faults::{Faults, Sabotage, plan};
use gwanmun_host::{Event, Outcome};
use gwanmun_runtime::clock::wall_now_ns;
use gwanmun_runtime::disk::DiskFaults;
use gwanmun_runtime::errno::Errno;
use gwanmun_runtime::signals::Termination;

use super::process::Process;

const CONFIG: &str = "GWANMUN_TEST_GATEWAY";
const FAULTS: &str = "GWANMUN_TEST_FAULTS";
/// The test that is a gateway in a process that was started for it, and nothing otherwise.
const ENTRY: &str = "gateway_process";

/// Starts it; `faults` as [`read_faults`] takes them.
pub(crate) fn start(config: &Path, faults: &str) -> Process {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", ENTRY, "--nocapture", "--test-threads=1"])
        .env(CONFIG, config)
        .env(FAULTS, faults);
    Process::start("broken gateway", command)
}

/// The body of the test `gateway_process`.
pub(crate) fn run_if_asked() {
    let Some(path) = std::env::var_os(CONFIG) else {
        return;
    };
    plan(read_faults(&std::env::var(FAULTS).unwrap_or_default()));
    let disk = DiskFaults::default();
    listen(disk.clone());
    let config = Config::load(Path::new(&path)).unwrap_or_else(|error| panic!("{error}"));
    let tables = Tables::load(&config.tables.file).unwrap_or_else(|error| panic!("{error}"));
    let stop = Termination::on_signals().unwrap();
    let printer = EventPrinter {
        process: "gateway",
        is_json: true,
    };
    let mut show = |event: Event| printer.print(&EventLine::new(&event, &config), wall_now_ns());
    let ended = gwanmun_host::run(&config, &tables, Some(disk), &|| stop.is_asked(), &mut show);
    let code = match ended {
        Ok(Outcome::Stopped) => 0,
        Ok(Outcome::JournalFailed) => 4,
        Ok(Outcome::BrokenInvariant) => 70,
        Err(error) => {
            eprintln!("refused start: {error}");
            if error.is_damage() { 3 } else { 4 }
        }
    };
    std::process::exit(code);
}

/// `abort=K`, `snapshot=K`, `allocate=K`, `panic=K`, `sabotage=drop|twice|swap`, or nothing.
fn read_faults(text: &str) -> Faults {
    let mut faults = Faults::default();
    match text.split_once('=') {
        None => {}
        Some(("abort", append)) => faults.abort_after_append = append.parse().ok(),
        Some(("snapshot", step)) => faults.abort_at_snapshot_step = step.parse().ok(),
        Some(("allocate", append)) => faults.allocate_after_append = append.parse().ok(),
        Some(("panic", append)) => faults.panic_after_append = append.parse().ok(),
        Some(("sabotage", "drop")) => faults.sabotage = Some(Sabotage::DropAcknowledged),
        Some(("sabotage", "twice")) => faults.sabotage = Some(Sabotage::SendTwice),
        Some(("sabotage", "swap")) => faults.sabotage = Some(Sabotage::SwapQuantities),
        Some(other) => panic!("no such fault: {other:?}"),
    }
    faults
}

/// Takes orders about the disk as long as the process runs, and confirms each.
fn listen(disk: DiskFaults) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let errno = |text: &str| Some(Errno(text.parse().unwrap()));
            match line.split_once(' ').unwrap_or((&line, "")) {
                ("hold", _) => disk.hold_sync(true),
                ("release", _) => disk.hold_sync(false),
                ("fail_sync", number) => disk.fail_sync(errno(number)),
                ("fail_write", number) => disk.fail_write(errno(number)),
                other => panic!("no such order: {other:?}"),
            }
            eprintln!("{{\"event\":\"disk\",\"peer\":\"{line}\"}}");
        }
    });
}
