//! Golden bytes of every message, written by hand from the tables of `SCHEMA.md`, field by field.
//!
//! `check` holds a message against its bytes in both directions; the other files are the bytes, one
//! for each chapter of the tables.
//!
//! No field shares its value with a neighbour of the same width, so that a swapped pair is seen.
//! Each line of hex is one field: width and order can be held against the table by eye.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod appendage;
mod check;
mod feed;
mod reports;
mod requests;
mod soup;
