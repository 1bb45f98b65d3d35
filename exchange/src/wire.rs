//! One TCP connection without blocking and with bounded memory.
//!
//! In it: [`Wire`], bytes in and bytes out. What is to be sent waits here only up to a limit; the
//! owner refills it from what it keeps anyway. Not in it: packets.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::events::LineEnd;

/// Bytes read ahead: twice the longest packet, so that one always fits behind a rest.
const INBOUND_BYTES_MAX: usize = 128 * 1024;
/// Bytes that wait for a peer before the owner stops adding: a few hundred reports.
const OUTBOUND_BYTES_MAX: usize = 64 * 1024;
/// A peer that takes nothing for so long while something waits is cut, as a silent one is.
const NOT_READING_NS: u64 = 15_000_000_000;

/// A connection.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) socket: TcpStream,
    /// Received and not yet consumed.
    pub(crate) inbound: Vec<u8>,
    outbound: Vec<u8>,
    patience: Patience,
}

/// Since when the socket takes nothing of what waits.
#[derive(Clone, Copy, Debug, Default)]
struct Patience {
    blocked_since_ns: Option<u64>,
}

impl Patience {
    /// Whether the peer has now been stuck for too long.
    fn is_over(&mut self, is_stuck: bool, now_ns: u64) -> bool {
        if !is_stuck {
            self.blocked_since_ns = None;
            return false;
        }
        let since_ns = *self.blocked_since_ns.get_or_insert(now_ns);
        now_ns.saturating_sub(since_ns) >= NOT_READING_NS
    }
}

impl Wire {
    /// Takes an accepted connection over.
    pub(crate) fn new(socket: TcpStream) -> std::io::Result<Self> {
        socket.set_nonblocking(true)?;
        socket.set_nodelay(true)?;
        Ok(Wire {
            socket,
            inbound: Vec::new(),
            outbound: Vec::new(),
            patience: Patience::default(),
        })
    }

    /// Reads what is there, up to the limit; whether anything came, or that nothing ever will.
    pub(crate) fn receive(&mut self) -> Result<bool, LineEnd> {
        let before = self.inbound.len();
        let mut chunk = [0; 16 * 1024];
        while self.inbound.len() < INBOUND_BYTES_MAX {
            let room = chunk.len().min(INBOUND_BYTES_MAX - self.inbound.len());
            match self.socket.read(&mut chunk[..room]) {
                // What came before the end is looked at first; the end is found again after.
                Ok(0) if self.inbound.len() > before => break,
                Ok(0) => return Err(LineEnd::ClosedByPeer),
                Ok(length) => self.inbound.extend_from_slice(&chunk[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) if self.inbound.len() > before => break,
                Err(error) => return Err(LineEnd::Socket(error.kind())),
            }
        }
        Ok(self.inbound.len() > before)
    }

    /// Whether the owner may add what it has to send.
    pub(crate) const fn has_room(&self) -> bool {
        self.outbound.len() < OUTBOUND_BYTES_MAX
    }

    /// Whether something waits to be sent.
    pub(crate) const fn has_waiting(&self) -> bool {
        !self.outbound.is_empty()
    }

    /// Adds bytes to what is to be sent.
    pub(crate) fn queue(&mut self, bytes: &[u8]) {
        self.outbound.extend_from_slice(bytes);
    }

    /// Sends what the socket takes.
    pub(crate) fn send(&mut self, now_ns: u64) -> Result<(), LineEnd> {
        let mut sent = 0;
        let mut end = None;
        while sent < self.outbound.len() {
            match self.socket.write(&self.outbound[sent..]) {
                Ok(length) => sent += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => {
                    end = Some(LineEnd::Socket(error.kind()));
                    break;
                }
            }
        }
        self.outbound.drain(..sent);
        let is_stuck = !self.outbound.is_empty() && sent == 0;
        if self.patience.is_over(is_stuck, now_ns) {
            end = Some(LineEnd::NotReading);
        }
        end.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_takes_nothing_is_given_up_and_one_that_takes_something_is_not() {
        let mut patience = Patience::default();
        for (is_stuck, now_ns, is_over) in [
            (true, 5, false),
            (true, NOT_READING_NS + 4, false),
            (false, NOT_READING_NS + 5, false),
            (true, NOT_READING_NS + 6, false),
            (true, 2 * NOT_READING_NS + 5, false),
            (true, 2 * NOT_READING_NS + 6, true),
        ] {
            assert_eq!(patience.is_over(is_stuck, now_ns), is_over, "{now_ns}");
        }
    }
}
