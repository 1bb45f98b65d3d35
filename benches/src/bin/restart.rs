//! Question: how long is a gateway away that was killed, from the start of its process to the first
//! Logon that it answers?
//!
//! Two days. On the empty one nobody has ordered: a member has logged on, and the tables have the
//! room that they have unless told. The long one has 10 million records at least: a member orders
//! through the real gateway as fast as it takes orders, a venue answers, and every report is judged
//! (0.51 orders for a record, since each has an effect when it comes and one when the venue has
//! answered; inputs, shared by many, come on top). The capture is left to later starts meanwhile.
//! Behind the last report the process is killed by SIGKILL; so is each one that is started again,
//! behind the answer to its Logon. Files stay where they were, so what is on disk is in the page
//! cache: a machine that was switched off is not in this bench.
//!
//! Lanes take turns:
//!
//! - `empty-memory`, `empty-durable`: the journal's two modes, on the empty day;
//! - `day-memory`, `day-durable`: on the long one, by the latest snapshot and the records behind;
//! - `whole-day-memory`: the same with the snapshots out of the way, so that each record is read.
//!
//! A time runs from before the process is started until the bytes of the Logon's answer are there.
//! The member tries to connect every 0.2 ms. The venue is there and says nothing, which no Logon
//! waits for. Asserted: the Logon is taken under the number that was due and answered under the
//! number that was due, so neither side's numbers have lost anything, and all orders came back.
//!
//! Answer last recorded (records/amd-epyc-25-17/2026-11-26-recovery.txt), on a machine where others
//! built: at best 0.36 s on the empty day, 6.5 s on the long one by a snapshot, 11.8 s without. The
//! goals are 0.1 s and 1 s.
//!
//! Exit code: 0 when every start brought back what was there; 1 when not; 2 when the command line
//! is not understood; 4 when the gateway's program or a folder cannot be had.
//!
//! Left out: how long a venue takes to settle (`cli/tests/whole/restart_time.rs` prints it).
#![forbid(unsafe_code)]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use gwanmun_benches::restart::options::{Options, USAGE};
use gwanmun_benches::restart::report::{Report, run};
use gwanmun_benches::wire::{Fault, program};
use gwanmun_runtime::signals::Termination;

const WRONG: u8 = 1;
const USAGE_ERROR: u8 = 2;
const HOST: u8 = 4;

fn say(text: &str) {
    // Without a standard error there is nobody to tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((mode, words)) = arguments.split_first()
        && mode == program::EXEC
    {
        return match program::become_program(words) {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => failed(&fault),
        };
    }
    let options = match Options::parse(&arguments) {
        Ok(Some(options)) => options,
        Ok(None) => {
            say(USAGE);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            say(&format!("{error}\n{USAGE}"));
            return ExitCode::from(USAGE_ERROR);
        }
    };
    match measured(&options) {
        Ok(report) => {
            say(&report.to_text());
            if options.is_json {
                let _ = std::io::stdout().write_all(report.to_json_lines().as_bytes());
            }
            if report.is_right() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(WRONG)
            }
        }
        Err(fault) => failed(&fault),
    }
}

fn failed(fault: &Fault) -> ExitCode {
    say(&format!("{fault}\n"));
    ExitCode::from(HOST)
}

/// A folder that is gone when the run is over.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn measured(options: &Options) -> Result<Report, Fault> {
    let stop = Termination::on_signals();
    let stop = stop.map_err(|errno| Fault::new(format!("no signal handler: {errno:?}")))?;
    let under = options.dir.as_deref();
    let under = under.map_or(std::env::temp_dir(), PathBuf::from);
    let folder = Folder(under.join(format!("gwanmun-restart-{}", std::process::id())));
    fs::create_dir_all(&folder.0)?;
    let gateway = program::gateway(options.gateway.as_deref())?;
    say(&format!(
        "gateway: {}\n{} records, {} rounds{}\n",
        gateway.0.get(2).map_or("", String::as_str),
        options.records,
        options.rounds,
        if options.is_quick {
            ": a quick run, whose figures mean nothing"
        } else {
            ""
        }
    ));
    Ok(run(options, &folder.0, &gateway, &|| stop.is_asked()))
}
