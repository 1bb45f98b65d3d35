//! One TLS line: a handshake, then a relay between the member's socket and the order core's.
//!
//! In it: one step of a line, as far as neither socket makes it wait. Not in it: whose turn it is
//! (`thread`).
//!
//! Nothing is kept without a bound. From the member no more is read before the order core's socket
//! has taken what was read; from the order core no more before the member's has: so at most one
//! read of either side is in here (4 KiB of the member's, with what it decrypts to, and one record
//! of ours), and behind that TCP tells the member, and the local socket the order core, to wait.

use std::io::{BufRead as _, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use gwanmun_runtime::transport::ListenerId;
use rustls::{Error, ServerConfig, ServerConnection};

use super::TlsFault;

/// What a whole handshake takes at most (docs/rules-of-engagement.md): ClientHello, and a member's
/// certificates with those that lead to their authority. Four of RSA are a sixth of it.
pub(super) const HANDSHAKE_BYTES_MAX: usize = 32 * 1024;
/// Reads of a member's socket in one step, each of 4 KiB at most: so others have their turn.
const READS_PER_STEP: u32 = 4;
/// How long a line that is over may take for its last bytes and for the peer's end.
const PARTING_NS_MAX: u64 = 2_000_000_000;
/// One record's plain text, the most that TLS allows (RFC 8446, 5.1).
pub(super) const RECORD_BYTES_MAX: usize = 16 * 1024;
/// No moment at all.
pub(super) const NEVER_NS: u64 = u64::MAX;

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Bytes moved: there may be more to do at once.
    Moved,
    /// Nothing moves before a socket changes.
    Still,
    /// The handshake is whole: the line needs its other end.
    Shaken,
    /// The line is done with and can be dropped.
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Handshake,
    Relay,
    /// The last bytes leave, then the peer's rest is read and dropped until it ends too: closing a
    /// socket with unread bytes would take our last ones from the peer.
    Parting {
        has_ended: bool,
    },
}

/// One line.
pub(super) struct Line {
    outer: TcpStream,
    tls: ServerConnection,
    /// The far end of what the order core reads; there from the handshake's end on.
    inner: Option<UnixStream>,
    pub(super) peer: SocketAddr,
    pub(super) local: SocketAddr,
    pub(super) listener: ListenerId,
    stage: Stage,
    /// When the line is given up; `NEVER_NS` while the order core decides that.
    pub(super) deadline_ns: u64,
    handshake_bytes: usize,
    /// The order core was told that the peer's stream is over.
    is_peer_done: bool,
    /// The member's socket takes nothing any more, for good. What came on it before is still
    /// brought to the order core, as on a line without TLS.
    is_outer_gone: bool,
    /// What is to be told of the line, once.
    fault: Option<TlsFault>,
    /// Whether it waits for a step already.
    pub(super) is_queued: bool,
}

impl Line {
    /// A line before its handshake, which has to be whole by a moment.
    pub(super) fn new(
        (outer, peer, local): (TcpStream, SocketAddr, SocketAddr),
        listener: ListenerId,
        server: Arc<ServerConfig>,
        deadline_ns: u64,
    ) -> Result<Line, Error> {
        Ok(Line {
            outer,
            tls: ServerConnection::new(server)?,
            inner: None,
            peer,
            local,
            listener,
            stage: Stage::Handshake,
            deadline_ns,
            handshake_bytes: 0,
            is_peer_done: false,
            is_outer_gone: false,
            fault: None,
            is_queued: false,
        })
    }

    pub(super) const fn outer(&self) -> &TcpStream {
        &self.outer
    }

    pub(super) const fn inner(&self) -> Option<&UnixStream> {
        self.inner.as_ref()
    }

    /// What is to be told of it, once.
    pub(super) const fn take_fault(&mut self) -> Option<TlsFault> {
        self.fault.take()
    }

    pub(super) fn is_shaking_hands(&self) -> bool {
        self.stage == Stage::Handshake
    }

    /// Nothing of ours is left to send.
    pub(super) fn has_ended(&self) -> bool {
        self.stage == Stage::Parting { has_ended: true }
    }

    /// Its time is up.
    pub(super) fn on_deadline(&mut self) {
        if self.is_shaking_hands() {
            self.fault = Some(TlsFault::TimedOut);
        }
    }

    /// Gives the line its other end, and the near one of it to the caller.
    pub(super) fn connect(&mut self) -> std::io::Result<OwnedFd> {
        let (near, far) = UnixStream::pair()?;
        near.set_nonblocking(true)?;
        far.set_nonblocking(true)?;
        self.inner = Some(far);
        self.stage = Stage::Relay;
        self.deadline_ns = NEVER_NS;
        Ok(near.into())
    }

    /// Goes on as far as one turn may. `scratch` holds `RECORD_BYTES_MAX`.
    pub(super) fn step(&mut self, now_ns: u64, scratch: &mut [u8]) -> Step {
        match self.stage {
            Stage::Handshake => self.shake_hands(now_ns),
            Stage::Relay => self.relay(now_ns, scratch),
            Stage::Parting { has_ended } => self.part(has_ended, scratch),
        }
    }

    /// The order core will say nothing more: what it said leaves, then the line parts.
    pub(super) fn finish(&mut self, now_ns: u64, scratch: &mut [u8]) -> Step {
        let step = self.step(now_ns, scratch);
        if step == Step::Still && self.stage == Stage::Relay && !self.tls.wants_write() {
            return self.give_up(now_ns);
        }
        step
    }

    fn shake_hands(&mut self, now_ns: u64) -> Step {
        let mut moved = match self.tls.read_tls(&mut self.outer) {
            Ok(0) => return self.left(),
            Ok(length) => {
                self.handshake_bytes += length;
                true
            }
            Err(error) if is_later(&error) => false,
            Err(_) => return self.left(),
        };
        if moved && let Err(error) = self.tls.process_new_packets() {
            return self.fail(TlsFault::of_handshake(&error), now_ns);
        }
        match self.flush() {
            Ok(has_sent) => moved |= has_sent,
            Err(()) => return self.left(),
        }
        if !self.tls.is_handshaking() {
            Step::Shaken
        } else if self.handshake_bytes > HANDSHAKE_BYTES_MAX {
            self.fail(TlsFault::TooLong, now_ns)
        } else if moved {
            Step::Moved
        } else {
            Step::Still
        }
    }

    fn left(&mut self) -> Step {
        self.fault = Some(TlsFault::Left);
        Step::Over
    }

    fn relay(&mut self, now_ns: u64, scratch: &mut [u8]) -> Step {
        let mut moved = false;
        for _ in 0..READS_PER_STEP {
            match self.upward() {
                Ok(true) => moved = true,
                Ok(false) => break,
                Err(fault) => return self.fail(fault, now_ns),
            }
        }
        match self.downward(scratch) {
            Down::Moved => Step::Moved,
            Down::Still if moved => Step::Moved,
            Down::Still => Step::Still,
            Down::CoreDone => self.give_up(now_ns),
            Down::PeerGone if self.is_peer_done => Step::Over,
            Down::PeerGone => {
                self.is_outer_gone = true;
                Step::Moved
            }
        }
    }

    /// From the member to the order core: what is decrypted first, then one read. Tells whether
    /// anything moved.
    fn upward(&mut self) -> Result<bool, TlsFault> {
        let Some(inner) = self.inner.as_mut().filter(|_| !self.is_peer_done) else {
            return Ok(false);
        };
        let mut moved = false;
        loop {
            let mut plain = self.tls.reader();
            let written = match plain.fill_buf() {
                Ok([]) => None,
                Ok(waiting) => Some((waiting.len(), inner.write(waiting))),
                Err(error) if is_later(&error) => break,
                Err(_) => {
                    self.fault = Some(TlsFault::Truncated);
                    None
                }
            };
            match written {
                None => {
                    // Refused only when the order core is done with the line already.
                    let _ = inner.shutdown(Shutdown::Write);
                    self.is_peer_done = true;
                    return Ok(true);
                }
                Some((waiting, Ok(taken))) => {
                    plain.consume(taken);
                    moved = true;
                    if taken < waiting {
                        return Ok(true);
                    }
                }
                Some((_, Err(error))) if is_later(&error) => return Ok(moved),
                Some((_, Err(_))) => {
                    // The order core has closed; what it said last is still to be brought down.
                    self.is_peer_done = true;
                    return Ok(true);
                }
            }
        }
        match self.tls.read_tls(&mut self.outer) {
            // An end is judged at the next look, behind what came before it.
            Ok(_) => {}
            Err(error) if is_later(&error) => return Ok(moved),
            // A reset takes what it overtook: the member's stream is over.
            Err(_) => {
                let _ = inner.shutdown(Shutdown::Write);
                self.is_peer_done = true;
                return Ok(true);
            }
        }
        self.tls
            .process_new_packets()
            .map_err(|error| match error {
                Error::AlertReceived(_) => TlsFault::PeerRefused,
                _ => TlsFault::Broken,
            })?;
        Ok(true)
    }

    /// From the order core to the member: one record, once the one before has left.
    fn downward(&mut self, scratch: &mut [u8]) -> Down {
        if self.is_outer_gone {
            return self.drain(scratch);
        }
        let Ok(has_sent) = self.flush() else {
            return Down::PeerGone;
        };
        if self.tls.wants_write() {
            return if has_sent { Down::Moved } else { Down::Still };
        }
        let Some(inner) = self.inner.as_mut() else {
            return Down::CoreDone;
        };
        match inner.read(scratch) {
            Ok(0) => Down::CoreDone,
            Ok(length) => {
                let plain = scratch.get(..length).unwrap_or_default();
                // Its buffer is empty and takes more than a record: nothing of it is left over.
                let taken = self.tls.writer().write_all(plain);
                debug_assert!(taken.is_ok(), "{taken:?}");
                match self.flush() {
                    Ok(_) if taken.is_ok() => Down::Moved,
                    _ => Down::PeerGone,
                }
            }
            Err(error) if is_later(&error) && has_sent => Down::Moved,
            Err(error) if is_later(&error) => Down::Still,
            // It closed with bytes of the member's unread.
            Err(_) => Down::CoreDone,
        }
    }

    /// Takes what nobody can be sent any more, so that the order core does not wait, until the
    /// member's side is over too.
    fn drain(&mut self, scratch: &mut [u8]) -> Down {
        let Some(inner) = self.inner.as_mut().filter(|_| !self.is_peer_done) else {
            return Down::PeerGone;
        };
        match inner.read(scratch) {
            Ok(1..) => Down::Moved,
            Err(error) if is_later(&error) => Down::Still,
            // The order core has gone as well.
            Ok(0) | Err(_) => {
                self.is_peer_done = true;
                Down::PeerGone
            }
        }
    }

    /// Sends what is encrypted, as far as the socket takes it; tells whether any left.
    fn flush(&mut self) -> Result<bool, ()> {
        let mut has_sent = false;
        while self.tls.wants_write() {
            match self.tls.write_tls(&mut self.outer) {
                Ok(0) => return Err(()),
                Ok(_) => has_sent = true,
                Err(error) if is_later(&error) => break,
                Err(_) => return Err(()),
            }
        }
        Ok(has_sent)
    }

    /// Ends the line for a fault of the peer's. What TLS wants to say about it is said.
    fn fail(&mut self, fault: TlsFault, now_ns: u64) -> Step {
        self.fault = Some(fault);
        self.depart(now_ns)
    }

    /// Ends the line in order, since the order core is done with it.
    fn give_up(&mut self, now_ns: u64) -> Step {
        self.tls.send_close_notify();
        self.depart(now_ns)
    }

    fn depart(&mut self, now_ns: u64) -> Step {
        // The order core sees the end, if it has not made it.
        self.inner = None;
        self.stage = Stage::Parting { has_ended: false };
        self.deadline_ns = now_ns.saturating_add(PARTING_NS_MAX);
        Step::Moved
    }

    fn part(&mut self, has_ended: bool, scratch: &mut [u8]) -> Step {
        if self.flush().is_err() {
            return Step::Over;
        }
        if !has_ended {
            if self.tls.wants_write() {
                return Step::Still;
            }
            let _ = self.outer.shutdown(Shutdown::Write);
            self.stage = Stage::Parting { has_ended: true };
        }
        match self.outer.read(scratch) {
            Ok(0) => Step::Over,
            Ok(_) => Step::Moved,
            Err(error) if is_later(&error) => Step::Still,
            Err(_) => Step::Over,
        }
    }
}

/// What the way down came to.
enum Down {
    Moved,
    Still,
    /// The order core is done with the line.
    CoreDone,
    /// The member's socket takes nothing any more, for good.
    PeerGone,
}

/// A socket has nothing, or no room, for now.
fn is_later(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
