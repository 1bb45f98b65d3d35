//! Whether the codec's hottest routines still take as few instructions as were recorded.
//!
//!     codec-instructions [--record]
//!     codec-instructions ROUTINE ROUNDS
//!
//! Counts each routine under callgrind and holds it against `benches/instructions.txt`; `--record`
//! writes that file instead. With a routine's name and a number it runs that routine so often,
//! which is what callgrind watches. Exit code 0: no count is more than 3 % above; 1: one is, or an
//! answer was wrong; 2: usage, or there is no valgrind.

use std::path::Path;
use std::process::ExitCode;

use gwanmun_benches::instructions::{self, ROUTINES, Routine};

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");

#[expect(clippy::print_stderr, reason = "a program whose output is its purpose")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [] => compare(),
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

fn counts() -> Result<Vec<(&'static str, u64)>, Failure> {
    let program = std::env::current_exe().map_err(|error| (2, error.to_string()))?;
    let count = |routine: Routine| {
        let count = instructions::count(&program, routine).map_err(|reason| (2, reason))?;
        Ok((routine.name, count))
    };
    ROUTINES.into_iter().map(count).collect()
}

fn record() -> Result<(), Failure> {
    let text = instructions::text_of(&counts()?);
    std::fs::write(Path::new(RECORDED), text).map_err(|error| (2, error.to_string()))
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
