//! Whether the codec's hottest routines and the list of checks still take as few instructions as
//! were recorded, and whether the inner loops of the codec's AVX-512 front are still as short and
//! as wide.
//!
//!     codec-instructions [--record]
//!     codec-instructions ROUTINE ROUNDS
//!
//! Counts each routine under callgrind and holds it against `benches/instructions.txt`, then takes
//! this program apart and holds its loops against `benches/inner-loops.txt`; `--record` writes the
//! two files instead. With a routine's name and a number it runs that routine so often, which is
//! what callgrind watches. Exit code 0: nothing is worse; 1: a count is more than 3 % above, a loop
//! has lost wide instructions, or an answer was wrong; 2: usage, or valgrind or objdump is missing.

use std::path::PathBuf;
use std::process::ExitCode;

use gwanmun_benches::inner_loops;
use gwanmun_benches::instructions::{self, ROUTINES, Routine};

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");
const RECORDED_LOOPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/inner-loops.txt");

#[expect(clippy::print_stderr, reason = "a program whose output is its purpose")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [] => compare_loops().and_then(|()| compare()),
        ["--record"] => record(),
        [name, rounds] => match (Routine::named(name), rounds.parse()) {
            (Some(routine), Ok(rounds)) => routine.run(rounds).map_err(|reason| (1, reason)),
            _ => Err((2, format!("no routine {name}, or not a number: {rounds}"))),
        },
        _ => Err((2, "codec-instructions [--record]".to_owned())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, reason)) => {
            eprintln!("{reason}");
            ExitCode::from(code)
        }
    }
}

/// An exit code, and what is to be said.
type Failure = (u8, String);

fn this_program() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|error| (2, error.to_string()))
}

fn counts() -> Result<Vec<(&'static str, u64)>, Failure> {
    let program = this_program()?;
    let count = |routine: Routine| {
        let count = instructions::count(&program, routine).map_err(|reason| (2, reason))?;
        Ok((routine.name, count))
    };
    ROUTINES.into_iter().map(count).collect()
}

fn record() -> Result<(), Failure> {
    let loops = inner_loops::counts(&this_program()?).map_err(|reason| (2, reason))?;
    for (path, text) in [
        (RECORDED_LOOPS, inner_loops::text_of(&loops)),
        (RECORDED, instructions::text_of(&counts()?)),
    ] {
        std::fs::write(path, text).map_err(|error| (2, error.to_string()))?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a program whose output is its purpose")]
fn compare_loops() -> Result<(), Failure> {
    let text = std::fs::read_to_string(RECORDED_LOOPS).map_err(|error| (2, error.to_string()))?;
    let recorded = inner_loops::recorded(&text)
        .ok_or_else(|| (2, format!("{RECORDED_LOOPS} is not what --record writes")))?;
    let found = inner_loops::counts(&this_program()?).map_err(|reason| (2, reason))?;
    println!("{:<24} {:>10} {:>10}", "inner loop", "found", "wide");
    for (name, count, wide) in inner_loops::summary(&found) {
        println!("{name:<24} {count:>10} {wide:>10}");
    }
    let worse = inner_loops::worse(&found, &recorded);
    for one in &worse {
        println!("{one}");
    }
    if worse.is_empty() {
        return Ok(());
    }
    let reason = "inner loops are worse; benches/instructions.txt says how to record anew";
    Err((1, reason.to_owned()))
}

#[expect(clippy::print_stdout, reason = "a program whose output is its purpose")]
fn compare() -> Result<(), Failure> {
    let text = std::fs::read_to_string(RECORDED).map_err(|error| (2, error.to_string()))?;
    let mut is_over = false;
    println!("{:<24} {:>10} {:>10}", "instructions", "found", "recorded");
    for (name, found) in counts()? {
        let recorded = instructions::recorded(&text, name)
            .ok_or_else(|| (2, format!("{name} was not recorded")))?;
        let [found_text, recorded_text] =
            [found, recorded].map(|tenths| format!("{}.{}", tenths / 10, tenths % 10));
        let too_many = instructions::is_too_many(found, recorded);
        let verdict = if too_many {
            "  more than 3 % above"
        } else {
            ""
        };
        println!("{name:<24} {found_text:>10} {recorded_text:>10}{verdict}");
        is_over |= too_many;
    }
    if is_over {
        let reason = "too many instructions; benches/instructions.txt says how to record anew";
        return Err((1, reason.to_owned()));
    }
    Ok(())
}
