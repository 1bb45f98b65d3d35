//! A long resend to one member, and another one's pings meanwhile: what
//! `bin/resend-bystander.rs` is made of.
//!
//! [`reader`] is the member who is resent to and judges what comes, [`field`] the gateway with a
//! day of reports and the clock of a turn, [`report`] says what came of it, [`options`] what was
//! asked for. Not in it: the gateway's process (`wire`), the member who asks
//! (`hostile_peers::pinger`).

pub mod field;
pub mod options;
pub mod reader;
pub mod report;
