//! Question: what does a member notice while another one is resent his whole day?
//!
//! One gateway process as an operator would place it, but for the capture, which is off: gigabytes
//! of repeated reports would be rendered on the harness's core. A member orders a million times off
//! the tick and has a report for each refusal; then he asks for all of them again by one
//! ResendRequest(2), as often as there are turns. He reads 32 KiB in each half millisecond, as on a
//! line of half a gigabit a second, and every message is judged: the one that is due, with
//! PossDupFlag(43), and none twice. A bystander pings each half millisecond (TestRequest(1) out,
//! Heartbeat(0) with its id back), at moments fixed before the turn.
//!
//! Lanes take turns, forwards and backwards, each begun when the capture thread has come to rest:
//! `quiet` (pings alone, 1.2 s), `resend` (until the resend is whole), `quiet-again` (the null
//! lane).
//!
//! Answer last recorded (records/amd-epyc-25-17/2026-11-26-recovery.txt): none that counts. Builds
//! had the cores, and the null lane was at 0.24 to 0.32.
//!
//! # How to read the result
//!
//! - `ratio_p99`: the lane's 99th percentile over `quiet`'s, all turns together; 2 is where it
//!   becomes bad. `turns_p99` is the median of the same turn by turn.
//! - `void`: the null lane is outside 0.75 to 1.34, a turn has fewer than 2,000 pings, or the run
//!   was cut short or had one core.
//! - `missed`: pings without an answer one second behind a turn. `late_ns_max`: how much the
//!   harness's own work delayed a ping at the most; its time counts from its send.
//! - `resend_s`: seconds of one resend, which the member's reading bounds from below.
//!
//! Exit code: 0 when every ping was answered and every resend came whole and in order, be the
//! figures void or not; 1 when not; 2 when the command line is not understood; 4 when the gateway
//! did not come up.
//!
//! Left out: heartbeats, which sessions here do without, since lanes stand still between turns
//! (`cli/tests/whole/resend.rs` has them).
#![forbid(unsafe_code)]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use gwanmun_benches::resend_bystander::options::{Options, USAGE};
use gwanmun_benches::resend_bystander::report::{Report, run};
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
    let folder = Folder(under.join(format!("gwanmun-resend-{}", std::process::id())));
    fs::create_dir_all(&folder.0)?;
    let gateway = program::gateway(options.gateway.as_deref())?;
    say(&format!(
        "gateway: {}\n{} reports, {} turns, journal mode {}{}\n",
        gateway.0.get(2).map_or("", String::as_str),
        options.reports,
        options.blocks,
        options.mode,
        if options.is_quick {
            ": a quick run, whose figures mean nothing"
        } else {
            ""
        }
    ));
    run(options, &folder.0, &gateway, &|| stop.is_asked())
}
