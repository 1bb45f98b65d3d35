//! Whole processes over loopback: what becomes of orders when a gateway dies, its disk fails, its
//! members send nonsense, or it betrays them.
//!
//! Each test has a folder, a venue and ports of its own. Time is no condition in any of them; what
//! is waited for comes, or the wait ends after a minute. Long runs are asked for by environment
//! variables, named where they are read: `GWANMUN_KILLS` and `GWANMUN_SEED` (see [`kill`]),
//! `GWANMUN_ABORT_EVERY` (see [`abort`]), `GWANMUN_RESTART_ORDERS` (see [`restart_time`]),
//! `GWANMUN_RESEND_REPORTS` (see [`resend`]), `GWANMUN_VENUE_KILLS` (see [`venue_restart`]).
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "this whole executable is a test"
)]

#[path = "../support/mod.rs"]
mod support;

mod abort;
mod allocation;
mod bad_input;
mod burst;
mod cores;
mod desk;
mod durable;
mod fix_venue;
mod hostile;
mod hours;
mod invariant;
mod kill;
mod power_cut;
mod resend;
mod restart_time;
mod sabotage;
mod scene;
mod snapshot;
mod stop;
mod storage;
mod strangers;
mod tls;
mod two_venues;
mod venue_restart;

use gwanmun_runtime::allocation::GuardedAllocator;

/// A gateway runs in this executable too, and must not allocate in it either.
#[global_allocator]
static ALLOCATOR: GuardedAllocator = GuardedAllocator;

/// No test but a gateway, in a process that was started to be one (see `support::broken`).
#[test]
fn gateway_process() {
    support::broken::run_if_asked();
}
