//! Waiting for many sockets at once, for a thread that may block.
//!
//! In here: one edge-triggered epoll instance, and a listener for whoever waits on it. Not in here:
//! the order core's own connections (`transport`), which never waits.
//!
//! Edge-triggered: a socket is told once when something changes, either way, and not again before
//! it was read or written until it had nothing more. So nobody has to say anew what is waited for
//! each time that one side of a relay is full, and a socket that nobody wants to read costs
//! nothing.

use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{Timespec, epoll};

use crate::errno::Errno;
use crate::finding::Finding;
use crate::transport::listening;

/// What one wait can bring. The kernel begins the next one behind it.
const EVENTS_MAX: usize = 128;

/// Sockets and what each is called.
#[derive(Debug)]
pub struct Readiness {
    instance: OwnedFd,
}

impl Readiness {
    /// An instance without sockets.
    ///
    /// # Errors
    /// The kernel's number, when no descriptor is left or epoll is forbidden.
    pub fn new() -> Result<Readiness, Errno> {
        let instance = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(Errno::from_rustix)?;
        Ok(Readiness { instance })
    }

    /// Waits for a socket from now on, under a name. What is the case already is told as a change.
    /// A socket leaves when it is closed.
    ///
    /// # Errors
    /// The kernel's number.
    pub fn add(&self, socket: impl AsFd, name: u64) -> Result<(), Errno> {
        let flags = epoll::EventFlags::IN
            | epoll::EventFlags::OUT
            | epoll::EventFlags::RDHUP
            | epoll::EventFlags::ET;
        let name = epoll::EventData::new_u64(name);
        epoll::add(&self.instance, socket, name, flags).map_err(Errno::from_rustix)
    }

    /// Waits until something has changed, or for `at_most_ns` nanoseconds (`None`: for as long as
    /// it takes), and puts the names behind what `into` has. A name may be that of a socket which
    /// was closed since.
    pub fn wait(&self, at_most_ns: Option<u64>, into: &mut Vec<u64>) {
        let at_most = at_most_ns.map(|ns| Timespec {
            tv_sec: i64::try_from(ns / 1_000_000_000).unwrap_or(i64::MAX),
            tv_nsec: i64::try_from(ns % 1_000_000_000).unwrap_or(0),
        });
        let mut events = [const { MaybeUninit::uninit() }; EVENTS_MAX];
        // Refused only by a signal: whoever waits has a look around and waits again.
        if let Ok((events, _)) = epoll::wait(&self.instance, &mut events, at_most.as_ref()) {
            into.extend(events.iter().map(|event| event.data.u64()));
        }
    }
}

/// Listens at `address` as the order core's transport does, without blocking: accepted connections
/// inherit that they send at once, but not that they do not block. The finding is what the host
/// refused.
///
/// # Errors
/// The kernel's number, such as `EADDRINUSE` or `EACCES`.
pub fn listen(address: SocketAddr) -> Result<(TcpListener, Option<Finding>), Errno> {
    let (socket, finding) = listening(address)?;
    Ok((TcpListener::from(socket), finding))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    use super::*;

    fn told(readiness: &Readiness) -> Vec<u64> {
        let mut names = Vec::new();
        readiness.wait(Some(0), &mut names);
        names
    }

    #[test]
    fn a_change_is_told_once_and_an_end_too() {
        let readiness = Readiness::new().unwrap();
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        readiness.add(&ours, 7).unwrap();
        assert_eq!(told(&readiness), [7], "it can be written from the start");
        assert_eq!(told(&readiness), [0_u64; 0]);
        theirs.write_all(b"ab").unwrap();
        assert_eq!(told(&readiness), [7]);
        assert_eq!(told(&readiness), [0_u64; 0], "though nobody has read it");
        assert_eq!(ours.read(&mut [0; 8]).unwrap(), 2);
        drop(theirs);
        assert_eq!(told(&readiness), [7]);
        drop(ours);
        assert_eq!(told(&readiness), [0_u64; 0]);
    }

    #[test]
    fn a_full_socket_is_told_when_it_has_room_again() {
        let readiness = Readiness::new().unwrap();
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        readiness.add(&ours, 1).unwrap();
        let piece = [0; 4096];
        let mut written = 0;
        while let Ok(length) = ours.write(&piece) {
            written += length;
        }
        told(&readiness);
        assert_eq!(told(&readiness), [0_u64; 0]);
        theirs.read_exact(&mut vec![0; written]).unwrap();
        assert_eq!(told(&readiness), [1]);
    }

    #[test]
    fn a_listener_tells_of_who_comes() {
        let (listener, _) = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let readiness = Readiness::new().unwrap();
        readiness.add(&listener, 3).unwrap();
        told(&readiness);
        let address = listener.local_addr().unwrap();
        let _peer = std::net::TcpStream::connect(address).unwrap();
        let mut names = Vec::new();
        readiness.wait(None, &mut names);
        assert_eq!(names, [3]);
        let (accepted, _) = listener.accept().unwrap();
        assert!(accepted.nodelay().unwrap());
        let nobody = listener.accept().unwrap_err();
        assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
    }
}
