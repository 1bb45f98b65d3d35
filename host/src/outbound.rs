//! A line that we open: when to try, and when to try again.

use std::net::SocketAddr;

use gwanmun_runtime::transport::ConnectionId;

/// First pause after a line is lost, doubled with each failure.
const PAUSE_NS_MIN: u64 = 50_000_000;
/// Longest pause.
const PAUSE_NS_MAX: u64 = 1_000_000_000;
/// Pause after the venue itself refused us: trying at once would only be refused again.
const REFUSED_NS: u64 = 5_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Down { retry_ns: u64 },
    Connecting(ConnectionId),
    Up(ConnectionId),
}

/// One outbound line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outbound {
    address: SocketAddr,
    phase: Phase,
    pause_ns: u64,
}

impl Outbound {
    /// To be opened at once.
    pub(crate) fn new(address: SocketAddr) -> Outbound {
        Outbound {
            address,
            phase: Phase::Down { retry_ns: 0 },
            pause_ns: PAUSE_NS_MIN,
        }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it is time to connect.
    pub(crate) fn is_due(&self, now_ns: u64) -> bool {
        matches!(self.phase, Phase::Down { retry_ns } if retry_ns <= now_ns)
    }

    pub(crate) fn on_connecting(&mut self, connection: ConnectionId) {
        self.phase = Phase::Connecting(connection);
    }

    pub(crate) fn on_up(&mut self, connection: ConnectionId) {
        self.phase = Phase::Up(connection);
        self.pause_ns = PAUSE_NS_MIN;
    }

    pub(crate) fn on_lost(&mut self, now_ns: u64) {
        let waits_longer =
            matches!(self.phase, Phase::Down { retry_ns } if retry_ns > now_ns + self.pause_ns);
        if !waits_longer {
            self.phase = Phase::Down {
                retry_ns: now_ns + self.pause_ns,
            };
            self.pause_ns = (self.pause_ns * 2).min(PAUSE_NS_MAX);
        }
    }

    pub(crate) fn on_refused(&mut self, now_ns: u64) {
        self.phase = Phase::Down {
            retry_ns: now_ns + REFUSED_NS,
        };
    }

    /// Whether this is its connection.
    pub(crate) fn is_on(&self, connection: ConnectionId) -> bool {
        matches!(self.phase, Phase::Connecting(its) | Phase::Up(its) if its == connection)
    }
}
