//! The `gwanmun` program as a library: one file per command in [`commands`].
//!
//! In it: arguments, what people and programs see of each command ([`commands`]), exit codes
//! ([`Exit`]), reading FIX and OUCH for people (`decode`), the demonstration with its driver and
//! its ledger ([`demo`]), the load generator ([`load`]), the bare session layer for acceptance
//! suites ([`conformance`]), the certification of a member's engine ([`certify`]), settings of
//! other engines ([`import`]), and the look at a host ([`doctor`]). Not in it: any rule of trading,
//! any format of ours; those are in the crates that the commands call.
#![forbid(unsafe_code)]

pub mod certify;
pub mod commands;
mod compare;
pub mod conformance;
mod decode;
pub mod demo;
pub mod doctor;
pub mod events;
mod exit;
pub mod import;
pub mod load;
mod recording;
mod records;
mod show;
mod verify_text;

use std::ffi::OsString;

use clap::Parser;

pub use exit::{Exit, Failure};

/// Runs the program with these arguments, the first being its own name, and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let program = match commands::Program::try_parse_from(arguments) {
        Ok(program) => program,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
        }
    };
    match program.command.run() {
        Ok(exit) => exit,
        Err(failure) => {
            if !failure.message.is_empty() {
                // A configuration error brings its own "error:" on each of its parts.
                let is_rendered =
                    failure.message.starts_with("error") || failure.message.starts_with('\x1b');
                let head = if is_rendered {
                    String::new()
                } else {
                    format!("{}: ", show::styled(show::BAD, "error"))
                };
                show::note(&format!("{head}{}", failure.message));
            }
            failure.exit
        }
    }
}
