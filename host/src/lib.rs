//! The gateway's process: order core, capture thread, listeners, configuration.
//!
//! Start at [`run`]. `shard` is the order core's duty cycle, `order_core` what happens on its
//! lines, `live_edge` the way from the journal to the sockets, `journal_writer` and `day` the chain
//! of segments, `capture_thread` everything that may block, `past` and `snapshot_thread` what a
//! restart reads and how it is kept short, `strangers` lines before their Logon, `tls`
//! what ends TLS before them, `desk` the operator's commands, [`config`] what
//! the operator writes. Not in it: any decision about an order (see `gwanmun-gateway`), and
//! anything that serves people beyond its events: the process that carries orders links no reports,
//! replays or pages.
#![forbid(unsafe_code)]

mod capture_thread;
mod chain_terms;
pub mod config;
mod credentials;
mod day;
mod desk;
mod events;
#[cfg(feature = "faults")]
pub mod faults;
mod first_segment;
mod held_logon;
mod journal_writer;
mod lending;
mod line_ends;
mod listening;
mod live_edge;
mod order_core;
mod outbound;
mod ownership;
mod past;
mod power_loss;
mod run;
mod schedules;
mod shard;
mod snapshot_thread;
mod snapshots;
mod stage_clock;
mod start_error;
mod status;
mod stranger_store;
mod strangers;
mod terms;
mod tls;
mod trade;
mod unchecked;
mod venue_lines;

pub use events::Event;
pub use past::PastFault;
pub use run::{Outcome, run};
pub use start_error::StartError;
pub use terms::check;
pub use tls::TlsFault;
pub use unchecked::asks_no_check;
