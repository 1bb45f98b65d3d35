//! The codec race.
//!
//!     codec-race [--json] [--quick] [--svg FILE] [--from FILE] [--level LEVEL] [--set SET]
//!
//! On the standard output one row per level, set and candidate: a table, or with `--json` one
//! object per line with `level`, `set`, `candidate`, `ns_min`, `ns_median` (per message) and `cpu`.
//! On the standard error who was left out and why, the null lane, and how many messages had a
//! learned shape. `--svg` draws the results, with `--from` those of an earlier `--json` instead of
//! racing. Exit code 0: raced; 1: a candidate gave a wrong answer; 2: usage.

use std::path::PathBuf;
use std::process::ExitCode;

use codec_race::chart;
use codec_race::race::{Cell, Effort, Race, Row};
use race_ours::clock;

struct Options {
    is_json: bool,
    effort: Effort,
    svg: Option<PathBuf>,
    from: Option<PathBuf>,
    level: Option<String>,
    set: Option<String>,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        is_json: false,
        effort: Effort::FULL,
        svg: None,
        from: None,
        level: None,
        set: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--json" => options.is_json = true,
            "--quick" => options.effort = Effort::QUICK,
            "--svg" => options.svg = Some(value()?.into()),
            "--from" => options.from = Some(value()?.into()),
            "--level" => options.level = Some(value()?),
            "--set" => options.set = Some(value()?),
            _ => return Err(format!("{argument} is not known")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let (mut cpu, mut rows) = (clock::cpu(), Vec::new());
    match &options.from {
        Some(file) => (cpu, rows) = chart::read(file)?,
        None => {
            clock::pin();
            let race = Race::new(options.effort);
            for (level, set) in Race::cells() {
                let wanted = |wanted: &Option<String>, name| {
                    wanted.as_deref().is_none_or(|wanted| wanted == name)
                };
                if wanted(&options.level, level) && wanted(&options.set, set) {
                    let cell = race.run(level, set)?;
                    tell(&cell, level, set, &cpu, options.is_json);
                    rows.extend(cell.rows);
                }
            }
        }
    }
    match &options.svg {
        Some(file) => chart::draw(file, &rows, &cpu),
        None => Ok(()),
    }
}

fn tell(cell: &Cell, level: &str, set: &str, cpu: &str, is_json: bool) {
    if !is_json {
        println!("\n{level} {set}{:>24}{:>12}", "ns min", "ns median");
    }
    for row in &cell.rows {
        let Row {
            candidate,
            ns_min,
            ns_median,
            ..
        } = row;
        if is_json {
            let line = serde_json::json!({
                "level": level,
                "set": set,
                "candidate": candidate,
                "ns_min": (ns_min * 100.0).round() / 100.0,
                "ns_median": (ns_median * 100.0).round() / 100.0,
                "cpu": cpu,
            });
            println!("{line}");
        } else {
            println!("  {candidate:<20} {ns_min:>11.1} {ns_median:>11.1}");
        }
    }
    for (candidate, reason) in &cell.left_out {
        eprintln!("{level} {set}: without {candidate}: {reason}");
    }
    if let Some((minima, medians)) = cell.null_lane {
        eprintln!("{level} {set}: null lane {minima:.3} by minima, {medians:.3} by medians");
    }
    if let Some(rate) = cell.hit_rate {
        eprintln!("{level} {set}: {:.1} % had a learned shape", rate * 100.0);
    }
}
