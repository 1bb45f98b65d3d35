//! A line that we open: when to try, and when to try again.

use std::net::SocketAddr;

use gwanmun_runtime::transport::ConnectionId;

/// First pause after a line is lost, doubled each time until a session stands on it again.
const PAUSE_NS_MIN: u64 = 50_000_000;
/// Longest pause.
const PAUSE_NS_MAX: u64 = 1_000_000_000;
/// Pause after the venue itself refused us: trying at once would only be refused again.
const REFUSED_NS: u64 = 5_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Down { retry_ns: u64 },
    Connecting(ConnectionId),
    Connected(ConnectionId),
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

    /// TCP stands. That alone says little: a peer may accept whatever comes and close it at once,
    /// so the pause stays as it is.
    pub(crate) fn on_connected(&mut self, connection: ConnectionId) {
        self.phase = Phase::Connected(connection);
    }

    /// The peer has shown that it is what we look for, by its session's own words.
    pub(crate) fn on_proven(&mut self) {
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
        matches!(self.phase, Phase::Connecting(its) | Phase::Connected(its) if its == connection)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const LINE: ConnectionId = ConnectionId(7);

    /// How long after a loss at `now_ns` the next try is, in milliseconds.
    fn pause_ms(line: &Outbound, now_ns: u64) -> u64 {
        let is_due = |ms: &u64| line.is_due(now_ns + ms * 1_000_000);
        (0..=60_000).step_by(50).find(is_due).unwrap()
    }

    fn lose(line: &mut Outbound, now_ns: u64) -> u64 {
        line.on_connecting(LINE);
        line.on_connected(LINE);
        line.on_lost(now_ns);
        pause_ms(line, now_ns)
    }

    #[test]
    fn a_peer_that_accepts_and_closes_is_tried_ever_more_seldom() {
        let mut line = Outbound::new((Ipv4Addr::LOCALHOST, 1).into());
        assert!(line.is_due(0));
        let mut now_ns = 0;
        for expected in [50, 100, 200, 400, 800, 1_000, 1_000] {
            assert_eq!(lose(&mut line, now_ns), expected);
            now_ns += expected * 1_000_000;
        }
        // One that says what it should begins anew.
        line.on_connecting(LINE);
        line.on_connected(LINE);
        line.on_proven();
        line.on_lost(now_ns);
        assert_eq!(pause_ms(&line, now_ns), 50);
    }

    #[test]
    fn a_refusal_waits_longest_and_the_end_of_its_line_does_not_shorten_it() {
        let mut line = Outbound::new((Ipv4Addr::LOCALHOST, 1).into());
        line.on_connected(LINE);
        line.on_refused(0);
        assert!(!line.is_on(LINE));
        line.on_lost(0);
        assert_eq!(pause_ms(&line, 0), 5_000);
    }
}
