//! What both programs over the wire share: lines, children, cores, orders, and both ends of a
//! gateway.
//!
//! [`line`](mod@line) spins on sockets, [`child`] stops and continues what is raced, [`placement`]
//! says who runs where, [`orders`] makes the messages, [`world`] writes a gateway's files,
//! [`venue`] and [`member`] are the two ends, [`gateway`] puts them together, [`evidence`] reads
//! what a gateway left behind, [`program`] finds the gateway, [`command`] takes
//! a program from its arguments to its exit code. Not in it: what is measured
//! (`wire_race`, `wire_throughput`).

pub mod child;
pub mod command;
pub mod evidence;
pub mod gateway;
pub mod line;
pub mod member;
pub mod orders;
pub mod placement;
pub mod program;
pub mod venue;
pub mod watch;
pub mod world;

use core::fmt;

/// Why a lane cannot go on, in words for whoever reads the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

impl Fault {
    /// A fault in these words.
    pub fn new(text: impl Into<String>) -> Fault {
        Fault(text.into())
    }

    /// The same fault with what was being done in front.
    #[must_use]
    pub fn at(self, what: &str) -> Fault {
        Fault(format!("{what}: {}", self.0))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Fault {
        Fault(error.to_string())
    }
}

impl From<rustix::io::Errno> for Fault {
    fn from(errno: rustix::io::Errno) -> Fault {
        std::io::Error::from(errno).into()
    }
}
