//! The simulated venue: a process of its own that speaks OUCH 5.0 over SoupBinTCP, and FIX on a
//! port beside it.
//!
//! In it: instruments and their limits ([`instruments`]), books and matching ([`book`],
//! [`matching`], [`auction`]), what each request does ([`rules`]), the whole as a machine without
//! sockets ([`venue`]); its configuration ([`config`], [`plan`]), its record ([`ledger`],
//! [`day_log`], [`stream`], [`desk`]), and the process ([`mod@exchange`], [`events`]). Deliberately
//! not in it: anything of the gateway, which it meets over a wire or not at all. It shares the
//! words of `gwanmun-market` and the codecs of `gwanmun-binary` and `gwanmun-fix`, and has rule
//! tables of its own.
//!
//! Next: [`run`] for the whole, [`venue`] for what happens around one message.
#![forbid(unsafe_code)]

pub mod auction;
pub mod book;
pub mod clock;
pub mod config;
pub mod day_log;
pub mod desk;
pub mod events;
pub mod exchange;
mod feed_lines;
mod fix_lines;
mod fix_party;
mod fix_reports;
mod fix_requests;
mod halts;
pub mod instruments;
pub mod ledger;
mod market;
pub mod matching;
mod order_line;
mod order_lines;
mod participants;
mod phases;
pub mod plan;
pub mod random;
pub mod rules;
pub mod script;
pub mod stream;
pub mod venue;
mod wire;

pub use config::{Config, ConfigError};
pub use events::{Event, EventLines, Operator};
pub use exchange::{Exchange, ExchangeError, Summary, run};
pub use plan::Plan;
