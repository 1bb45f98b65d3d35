//! SoupBinTCP 3.0: a numbered stream of reports one way, requests the other way.
//!
//! In it: [`packet`] (the bytes), [`client`] and [`server`] (the two ends of a line as state
//! machines without socket or clock) and [`Terms`], the times both keep. Sequence numbers do not
//! travel: the login's answer gives the first, each SequencedData packet is one more, and both ends
//! count. Not in it: what the payloads mean (see [`crate::ouch`] and [`crate::feed`]).

pub mod client;
pub mod packet;
pub mod server;

pub use client::{Client, ClientDeadline, ClientEvent};
pub use packet::{LoginRequest, Packet, SoupError};
pub use server::{Server, ServerDeadline, ServerEvent};

/// The times that both ends of a line keep, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// A heartbeat is due so long after the last packet sent.
    pub heartbeat_ns: u64,
    /// The line is dead so long after the last byte received.
    pub dead_ns: u64,
    /// From the connection (server) or the login request (client) to the login's completion.
    pub login_timeout_ns: u64,
}

impl Terms {
    /// The protocol's own: heartbeat after 1 s, dead after 15 s. Its text leaves the login's time
    /// open; we give it as long as a silent line.
    pub const STANDARD: Terms = Terms {
        heartbeat_ns: 1_000_000_000,
        dead_ns: 15_000_000_000,
        login_timeout_ns: 15_000_000_000,
    };
}

impl Default for Terms {
    fn default() -> Self {
        Terms::STANDARD
    }
}

/// When this end of a line last spoke and heard, and what follows from it.
#[derive(Clone, Copy, Debug)]
struct Silence {
    terms: Terms,
    last_sent_ns: u64,
    last_received_ns: u64,
}

/// What the silence of a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    Heartbeat,
    Dead,
}

impl Silence {
    const fn new(terms: Terms, now_ns: u64) -> Self {
        Silence {
            terms,
            last_sent_ns: now_ns,
            last_received_ns: now_ns,
        }
    }

    /// A clock may be set back. Whatever happens next is the latest word on the time, so that an
    /// earlier stamp from the future neither delays heartbeats nor hides silence for long.
    fn on_sent(&mut self, now_ns: u64) {
        self.last_sent_ns = now_ns;
        self.last_received_ns = self.last_received_ns.min(now_ns);
    }

    fn on_received(&mut self, now_ns: u64) {
        self.last_received_ns = now_ns;
        self.last_sent_ns = self.last_sent_ns.min(now_ns);
    }

    fn heartbeat_due_ns(&self) -> u64 {
        self.last_sent_ns.saturating_add(self.terms.heartbeat_ns)
    }

    fn dead_due_ns(&self) -> u64 {
        self.last_received_ns.saturating_add(self.terms.dead_ns)
    }

    fn next_deadline_ns(&self) -> u64 {
        self.heartbeat_due_ns().min(self.dead_due_ns())
    }

    fn due(&self, now_ns: u64) -> Due {
        if now_ns >= self.dead_due_ns() {
            Due::Dead
        } else if now_ns >= self.heartbeat_due_ns() {
            Due::Heartbeat
        } else {
            Due::Nothing
        }
    }
}
