//! Members' lines over TLS: a thread of its own shakes hands, and hands the order core a plain
//! stream behind which it relays (feature `tls`, off by default).
//!
//! In it: what the order core sees of all that ([`Arrival`]), why a TLS line ends ([`TlsFault`]),
//! the listening addresses (`door`), one line (`line`), the thread (`thread`), certificates and
//! keys (`files`), start and stop (`gate`). Not in it: anything about FIX. Who knocks is a stranger
//! here until his handshake is whole, and a stranger of the order core's from then until his Logon:
//! each time bounded in bytes, time and number.
//!
//! The order core reads the near end of a pair of local sockets as it reads any member's: the bytes
//! are recorded, stamped when the plain text arrives there, and written as on any line. So nothing
//! of TLS is on the order path, and what a session is cannot depend on how it came in.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use gwanmun_runtime::transport::ListenerId;

#[cfg(feature = "tls")]
pub(crate) mod door;
mod fault;
#[cfg(feature = "tls")]
pub(crate) mod files;
pub(crate) mod gate;
#[cfg(feature = "tls")]
mod line;
#[cfg(feature = "tls")]
pub(crate) mod thread;

pub(crate) use fault::TlsCounts;
#[cfg(test)]
#[cfg(feature = "tls")]
mod tests;

pub use fault::TlsFault;

/// Lines at most that wait for the order core, which looks for them once a millisecond.
#[cfg(feature = "tls")]
pub(crate) const ARRIVALS_MAX: usize = 64;

/// A line whose handshake is whole, for the order core.
pub(crate) struct Arrival {
    /// The near end of the relay; it does not block.
    pub(crate) socket: OwnedFd,
    /// The place of its address among those at which members are awaited.
    pub(crate) listener: ListenerId,
    /// The address that the member connected to.
    pub(crate) local: SocketAddr,
    /// Where the member comes from.
    pub(crate) peer: SocketAddr,
}
