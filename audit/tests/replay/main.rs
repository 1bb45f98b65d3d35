//! Replay against days that the real gateway made: the same day is identical, and every way of
//! changing what is on record, or what decides, is found.
//!
//! `whole_day` is the day that most of them replay. `identical` and `hours` hold the days whose
//! replay finds nothing, `commands` those with an operator's commands, `changed_record` those with
//! something else on record, `what_if` those decided by other tables or limits, `fix_venue` those
//! at a venue that speaks FIX, `large` those with orders that are warned or held.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod changed_record;
mod commands;
#[path = "../day/mod.rs"]
mod day;
mod fix_venue;
mod groups;
mod hours;
mod identical;
mod large;
mod tables;
mod what_if;
mod whole_day;
