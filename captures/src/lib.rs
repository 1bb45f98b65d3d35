//! Captures: what is written down while trading, and how it is read back.
//!
//! In it: the journal (records in segments, [`journal`]), what an effect record holds ([`effect`]),
//! what an input record holds ([`input`], an operator's command in [`command`]) and the file that
//! spares a restart the journal's front ([`snapshot`]). Byte tables of all of them are in
//! `FORMAT.md`. Not in it: any file, socket, clock or thread (the runtime lends bytes and time), or
//! any meaning of the bytes carried: a record is a head plus opaque bytes, so that old captures
//! never depend on today's codecs. Of the gateway's state entries one is read, what became of a
//! command ([`desk`]).
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]

mod bytes;
pub mod command;
pub mod desk;
pub mod effect;
pub mod input;
pub mod journal;
pub mod pcapng;
pub mod read;
pub mod render;
pub mod snapshot;
pub mod tcp_reassembly;
pub mod tcp_synth;
pub mod verify;
