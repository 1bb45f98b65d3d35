//! The order gateway as a pure library: inputs in, recorded effects out.
//!
//! Read `src/order_path.rs` first: it is the path of one order, top to bottom. `cancel_path` is the
//! same for cancels and replaces, `report_path` the way back, `venue_path` and `feed_path` the two
//! lines to a venue, `member_line` a member's line around the path, `risk/` the pre-trade checks,
//! `orders/`, `positions` and `booking` the tables, `exposure/` their
//! sums, `effect`, `recovery` and `snapshot` what restart lives
//! from, `inputs` the doors through which every input comes. Not in it: any socket, clock, thread
//! or file; whoever runs it brings an [`Edge`].
#![forbid(unsafe_code)]

mod admit;
mod booking;
mod borrow;
mod cancel_path;
mod cause;
mod command_path;
mod command_refusal;
mod conduct;
mod deadlines;
mod edge;
pub mod effect;
mod effect_notes;
mod effect_tags;
mod exposure;
mod exposure_text;
mod feed_path;
mod fix_fill;
mod fix_line;
mod fix_report;
mod fix_request;
mod fix_settle;
mod fix_venue;
mod fix_watch;
mod foreign_use;
mod gateway;
mod halts;
mod holes;
pub mod image;
mod inputs;
mod large_orders;
pub mod later_logon;
mod leave;
mod ledger;
mod markets;
mod member;
mod member_line;
mod message_reject;
mod name_index;
mod order_facts;
mod order_path;
mod orders;
mod owners;
mod positions;
mod recovery;
mod refusal_text;
mod reply;
mod report_path;
mod risk;
mod route;
pub mod schedule;
pub mod secrets;
mod sent_index;
mod sent_message;
mod session_rows;
mod session_text;
mod situation;
pub mod snapshot;
mod stages;
mod state;
pub mod stranger;
mod tables;
mod tables_command;
mod tables_text;
mod terms;
mod terms_match;
pub mod terms_text;
mod terms_words;
mod two_stage;
mod value;
mod venue;
mod venue_path;
mod venue_request;
mod verdict;

pub use borrow::Locate;
pub use command_path::{Answered, Balance, Borrow, CommandRefusal, HOLE_NUMBERS_MAX};
pub use edge::{Close, EFFECT_BYTES_MAX, Edge, EffectHead, Input, Past, Place, Stamp, Stopped};
pub use exposure::ExposureRows;
pub use fix_line::VenueFinding;
pub use gateway::{Gateway, Wanted};
pub use inputs::Ends;
pub use large_orders::{CONFIRM_NS, HOLD_NS};
pub use ledger::Sources;
pub use order_facts::OrderFacts;
pub use orders::TableFull;
pub use recovery::{PastLines, RecoveryError, RecoveryFault};
pub use refusal_text::figures_are_prices;
pub use schedule::Credential;
pub use sent_index::sent_max;
pub use session_rows::{ROWS_BYTES_MAX, SessionsCommand, write_rows};
pub use stages::{Group, Policy, Stage, Stages};
pub use state::StorageLevel;
pub use tables::{Holding, ShortRows, Tables, TablesError};
pub use tables_command::{TablesCommand, TablesVersion, may_follow};
pub use terms::{Limits, MemberTerms, Terms, VENUES_MAX, VenueTerms, WireTerms};
pub use terms_match::has_this_version;
pub use venue::VenuePhase;
pub use venue_path::LineFault;
pub use verdict::check_names;
