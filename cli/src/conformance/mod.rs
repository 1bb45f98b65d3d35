//! The bare session layer as a peer, for whoever runs a FIX acceptance suite against it.
//!
//! In it: an acceptor with dictionary validation and an application that sends each valid
//! application message back. FIX.4.2, FIX.4.4 and FIX.5.0SP2 are told apart by BeginString(8) and
//! DefaultApplVerID(1137), sequence numbers begin at 1 with each Logon(A), nothing is kept.
//! [`house`] has what all lines share, [`line`] one line without its socket, [`echo`] the
//! application, [`sent`] what a line has sent, [`server`] sockets and threads. Not in it: orders,
//! checks, the journal; the session itself is `gwanmun_fix::session`, the one in the gateway.

mod echo;
mod house;
mod line;
mod sent;
mod server;

#[cfg(test)]
mod tests;

pub use house::{House, Terms};
pub use server::serve;
