//! The bare session layer as a peer, for whoever runs a FIX acceptance suite against it.
//!
//! In it: an acceptor with dictionary validation and an application that sends each valid
//! application message back. FIX.4.2, FIX.4.4 and FIX.5.0SP2 are told apart by BeginString(8) and
//! DefaultApplVerID(1137), sequence numbers begin at 1 with each Logon(A), nothing is kept.
//! `house` has what all lines share, `line` one line without its socket, `echo` the
//! application, `server` sockets and threads. And its twin, for whoever has an acceptor to try:
//! an initiator that sends orders, drops its line and comes back with its numbers. `initiator` is
//! it without its socket, `book` what it sent and what came of it, `call` the socket. Both have
//! `stream`, messages out of bytes, and `sent`, what a line has sent. Not in it: checks, the
//! journal; the session itself is `gwanmun_fix::session`, the one in the gateway.

mod book;
mod call;
mod echo;
mod house;
mod initiator;
mod line;
mod sent;
mod server;
mod stream;

#[cfg(test)]
mod initiator_tests;
#[cfg(test)]
mod tests;

pub use call::{Call, CallError, call};
pub use house::{House, Terms};
pub use initiator::{Initiator, Plan};
pub use server::serve;
