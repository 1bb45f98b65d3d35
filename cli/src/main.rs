//! The `gwanmun` program: everything is in the library beside it, so that tests reach it.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use gwanmun_runtime::allocation::GuardedAllocator;

/// The order core switches it to refusing once it has started.
#[global_allocator]
static ALLOCATOR: GuardedAllocator = GuardedAllocator;

fn main() -> ExitCode {
    gwanmun_cli::run(std::env::args_os()).into()
}
