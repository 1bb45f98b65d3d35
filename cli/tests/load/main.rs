//! `gwanmun load` as a process: against a gateway and a venue of its own with faults, against an
//! acceptor that stands still, and with arguments that make no sense.
#![allow(clippy::unwrap_used, reason = "a test ends by panicking")]

mod acceptor;
mod faults;
mod refusals;

use std::path::PathBuf;
use std::process::{Command, Output};

fn gwanmun(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gwanmun"))
        .args(arguments)
        .output()
        .unwrap()
}

fn folder(test: &str) -> PathBuf {
    std::env::temp_dir().join(format!("gwanmun-load-{test}-{}", std::process::id()))
}
