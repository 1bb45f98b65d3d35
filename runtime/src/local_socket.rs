//! A socket for people on this machine: a path of the file system that its owner alone may connect
//! to, and whose peers the kernel names.
//!
//! In here: listening, one bounded line from a peer, an answer to it. Everything blocks, within
//! bounds that the caller sets: never for the order core. Not in here: what is said on it.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};

use crate::errno::Errno;

/// Peers that wait to be accepted; the kernel lets more of them wait in `connect`.
const BACKLOG: i32 = 8;

/// A path that is listened on. The path is taken away when this is dropped.
#[derive(Debug)]
pub struct LocalListener {
    socket: OwnedFd,
    path: PathBuf,
}

impl LocalListener {
    /// Listens at a path that nobody listens at. A socket that a dead process left is replaced.
    /// Nobody but this process's user may connect (mode 0600), from the first moment on.
    ///
    /// # Errors
    /// The kernel's number: 98 (`EADDRINUSE`) where somebody listens there, or where the path is no
    /// socket; 36 (`ENAMETOOLONG`) for a path of more than 107 bytes.
    pub fn bind(path: &Path) -> Result<LocalListener, Errno> {
        let address = SocketAddrUnix::new(path).map_err(Errno::from_rustix)?;
        if is_left_behind(path) {
            std::fs::remove_file(path).map_err(|error| Errno::of(&error))?;
        }
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None);
        let socket = socket.map_err(Errno::from_rustix)?;
        net::bind(&socket, &address).map_err(Errno::from_rustix)?;
        let path = path.to_path_buf();
        // From here on the path is ours to take away.
        let listener = LocalListener { socket, path };
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&listener.path, private).map_err(|error| Errno::of(&error))?;
        net::listen(&listener.socket, BACKLOG).map_err(Errno::from_rustix)?;
        Ok(listener)
    }

    /// The next peer, or none within `patience`.
    ///
    /// # Errors
    /// The kernel's number.
    pub fn accept(&self, patience: Duration) -> Result<Option<LocalStream>, Errno> {
        let mut polled = [PollFd::new(&self.socket, PollFlags::IN)];
        let patience = Timespec::try_from(patience).unwrap_or_default();
        match poll(&mut polled, Some(&patience)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(None),
            Ok(_) => {}
            Err(errno) => return Err(Errno::from_rustix(errno)),
        }
        let accepted = match net::accept_with(&self.socket, SocketFlags::CLOEXEC) {
            Ok(accepted) => accepted,
            // He thought better of it.
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::CONNABORTED) => return Ok(None),
            Err(errno) => return Err(Errno::from_rustix(errno)),
        };
        let credentials = sockopt::socket_peercred(accepted.as_fd());
        let uid = credentials.map_err(Errno::from_rustix)?.uid.as_raw();
        let stream = UnixStream::from(accepted);
        Ok(Some(LocalStream { stream, uid }))
    }
}

impl Drop for LocalListener {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether a path is a socket at which nobody listens any more.
fn is_left_behind(path: &Path) -> bool {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket());
    let refused = |error: std::io::Error| error.kind() == ErrorKind::ConnectionRefused;
    is_socket && UnixStream::connect(path).err().is_some_and(refused)
}

/// Why a line did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// It is longer than the room for it.
    TooLong,
    /// It did not end in time.
    TimedOut,
    /// The peer ended before the line did.
    Ended,
    /// The kernel's number.
    Refused(Errno),
}

/// A peer.
#[derive(Debug)]
pub struct LocalStream {
    stream: UnixStream,
    uid: u32,
}

impl LocalStream {
    /// The user that the peer was when he connected, as the kernel says (`SO_PEERCRED`).
    #[must_use]
    pub const fn uid(&self) -> u32 {
        self.uid
    }

    /// Reads one line, without its end, into `room`, and returns its length. What follows the line
    /// is not looked at.
    ///
    /// # Errors
    /// [`LineError`]. A peer that sends a byte now and then gets no longer than `patience` for all.
    #[expect(
        clippy::disallowed_methods,
        reason = "a kernel's time-out is for one read; the bound is for all of them"
    )]
    pub fn read_line(&mut self, room: &mut [u8], patience: Duration) -> Result<usize, LineError> {
        let until = Instant::now() + patience;
        let mut used = 0;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(LineError::TimedOut);
            }
            let free = room.get_mut(used..).unwrap_or_default();
            if free.is_empty() {
                return Err(LineError::TooLong);
            }
            let timed = self.stream.set_read_timeout(Some(left));
            let read = timed.and_then(|()| self.stream.read(free));
            let count = match read {
                Ok(0) => return Err(LineError::Ended),
                Ok(count) => count,
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                        return Err(LineError::TimedOut);
                    }
                    ErrorKind::Interrupted => continue,
                    _ => return Err(LineError::Refused(Errno::of(&error))),
                },
            };
            let fresh = free.get(..count).unwrap_or_default();
            if let Some(end) = fresh.iter().position(|&byte| byte == b'\n') {
                return Ok(used + end);
            }
            used += count;
        }
    }

    /// Writes an answer, as far as the peer takes it within `patience` for each part.
    ///
    /// # Errors
    /// The kernel's number.
    pub fn write(&mut self, answer: &[u8], patience: Duration) -> Result<(), Errno> {
        let timed = self.stream.set_write_timeout(Some(patience));
        let written = timed.and_then(|()| self.stream.write_all(answer));
        written.map_err(|error| Errno::of(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    fn path(name: &str) -> PathBuf {
        let unique = format!("gwanmun-{name}-{}.sock", std::process::id());
        let path = std::env::temp_dir().join(unique);
        let _ = std::fs::remove_file(&path);
        path
    }

    /// What becomes of what a peer says in a room of eight bytes.
    fn heard(name: &str, said: &[u8], patience: Duration) -> Result<Vec<u8>, LineError> {
        let path = path(name);
        let listener = LocalListener::bind(&path).unwrap();
        let mut peer = UnixStream::connect(&path).unwrap();
        peer.write_all(said).unwrap();
        if patience == PATIENCE {
            peer.shutdown(std::net::Shutdown::Write).unwrap();
        }
        let mut stream = listener.accept(PATIENCE).unwrap().unwrap();
        let mut room = [0; 8];
        let length = stream.read_line(&mut room, patience)?;
        Ok(room[..length].to_vec())
    }

    #[test]
    fn a_line_comes_whole_or_is_told_why_not() {
        let at_once = Duration::from_millis(1);
        for (number, (said, patience, expected)) in [
            (&b"\n"[..], PATIENCE, Ok(&b""[..])),
            (b"set", PATIENCE, Err(LineError::Ended)),
            (b"", PATIENCE, Err(LineError::Ended)),
            (b"1234567\n", PATIENCE, Ok(b"1234567")),
            (b"a\nb\n", PATIENCE, Ok(b"a")),
            (b"12345678\n", PATIENCE, Err(LineError::TooLong)),
            (b"set", at_once, Err(LineError::TimedOut)),
        ]
        .into_iter()
        .enumerate()
        {
            let heard = heard(&format!("line{number}"), said, patience);
            assert_eq!(heard.as_deref(), expected.as_ref().copied(), "{said:?}");
        }
    }

    #[test]
    fn the_owner_alone_may_connect_and_is_known() {
        let path = path("owner");
        let listener = LocalListener::bind(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(listener.accept(Duration::ZERO).unwrap().is_none());
        let mut peer = UnixStream::connect(&path).unwrap();
        let mut stream = listener.accept(PATIENCE).unwrap().unwrap();
        assert_eq!(stream.uid(), rustix::process::getuid().as_raw());
        stream.write(b"done\n", PATIENCE).unwrap();
        drop(stream);
        let mut answer = String::new();
        peer.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "done\n");
        drop(listener);
        assert!(!path.exists());
    }

    #[test]
    fn a_path_is_taken_over_from_the_dead_alone() {
        const IN_USE: Errno = Errno(98);
        let path = path("taken");
        let first = LocalListener::bind(&path).unwrap();
        assert_eq!(LocalListener::bind(&path).err(), Some(IN_USE));
        // As after a death: the socket is closed and its path stays.
        let dead = std::os::unix::net::UnixListener::bind(path.with_extension("dead")).unwrap();
        drop(dead);
        let second = LocalListener::bind(&path.with_extension("dead")).unwrap();
        drop((first, second));
        std::fs::write(&path, "not a socket").unwrap();
        assert_eq!(LocalListener::bind(&path).err(), Some(IN_USE));
        assert_eq!(std::fs::read(&path).unwrap(), b"not a socket");
        std::fs::remove_file(&path).unwrap();
        let long = std::env::temp_dir().join("x".repeat(108));
        assert_eq!(LocalListener::bind(&long).err(), Some(Errno(36)));
    }
}
