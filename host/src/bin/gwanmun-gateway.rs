//! The order gateway and nothing else: the program that carries orders links nothing that serves
//! people.
//!
//! `gwanmun-gateway FILE` runs the gateway by its configuration file until SIGINT or SIGTERM;
//! events go to the standard error. `gwanmun gateway` is the same code with help, checks and JSON.
#![forbid(unsafe_code)]

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use gwanmun_host::config::{Config, Tables};
use gwanmun_host::{Outcome, run};
use gwanmun_runtime::allocation::GuardedAllocator;
use gwanmun_runtime::signals::Termination;

#[global_allocator]
static ALLOCATOR: GuardedAllocator = GuardedAllocator;

/// Exit codes, the same as those of `gwanmun`.
const USAGE: u8 = 2;
const DAMAGED: u8 = 3;
const HOST: u8 = 4;
const BROKEN: u8 = 70;

fn say(text: &str) {
    // Without a standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        say("usage: gwanmun-gateway FILE");
        return ExitCode::from(USAGE);
    };
    let read = Config::load(Path::new(&file))
        .and_then(|config| Tables::load(&config.tables.file).map(|tables| (config, tables)));
    let (config, tables) = match read {
        Ok(read) => read,
        Err(error) => {
            say(&error.to_string());
            return ExitCode::from(USAGE);
        }
    };
    if gwanmun_host::asks_no_check() {
        say("THIS GATEWAY ASKS NO CHECK: it was built with gwanmun_unchecked, to measure");
    }
    let Ok(stop) = Termination::on_signals() else {
        say("no signal handler could be installed");
        return ExitCode::from(HOST);
    };
    let mut show = |event: gwanmun_host::Event| {
        say(&format!(
            "{} {} {}",
            event.name(),
            event.peer(&config),
            event.detail()
        ));
    };
    match run(&config, &tables, None, &|| stop.is_asked(), &mut show) {
        Ok(Outcome::Stopped) => ExitCode::SUCCESS,
        Ok(Outcome::JournalFailed) => ExitCode::from(HOST),
        Ok(Outcome::BrokenInvariant) => ExitCode::from(BROKEN),
        Err(error) => {
            say(&format!("refused start: {error}"));
            ExitCode::from(match &error {
                error if error.is_damage() => DAMAGED,
                error if error.is_configuration() => USAGE,
                _ => HOST,
            })
        }
    }
}
