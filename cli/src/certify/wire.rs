//! Where a certification's bytes and its time come from: a listener, or whatever a test puts there.
//!
//! In it: [`Wire`], and [`Sockets`], one listener with one line at a time. Not in it: messages,
//! which are [`super::line`]'s.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use gwanmun_runtime::clock::wall_now_ns;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// How long a wish to stop, or a deadline, may go unseen.
const TURN: Duration = Duration::from_millis(20);
const TURN_TIMESPEC: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};
/// How long a member may not read before its line counts as gone.
const SEND_PATIENCE: Duration = Duration::from_secs(10);

/// What a wait brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// A line, or bytes.
    Came,
    /// Nothing until the moment named.
    Silence,
    /// The line's end.
    Gone,
    /// Someone wants the run to end.
    Stopped,
}

/// One line at a time, and the clock.
pub trait Wire {
    /// Nanoseconds since the epoch.
    fn now_ns(&self) -> u64;

    /// Waits for a new line; never [`Wait::Gone`].
    fn accept(&mut self, until_ns: u64) -> Wait;

    /// Waits for bytes of the line and adds them.
    fn receive(&mut self, into: &mut Vec<u8>, until_ns: u64) -> Wait;

    /// Sends; where the line is gone, the next [`Wire::receive`] says so.
    fn send(&mut self, bytes: &[u8]);

    /// Closes the line.
    fn hang_up(&mut self);
}

/// A listener, its one line, and the clock of this machine.
pub struct Sockets<'s> {
    listener: TcpListener,
    line: Option<TcpStream>,
    stop: &'s dyn Fn() -> bool,
}

impl<'s> Sockets<'s> {
    /// Takes lines from this listener until `stop` says so.
    ///
    /// # Errors
    /// The listener's.
    pub fn new(listener: TcpListener, stop: &'s dyn Fn() -> bool) -> std::io::Result<Sockets<'s>> {
        listener.set_nonblocking(true)?;
        Ok(Sockets {
            listener,
            line: None,
            stop,
        })
    }

    fn take(&mut self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TURN))?;
        stream.set_write_timeout(Some(SEND_PATIENCE))?;
        self.line = Some(stream);
        Ok(())
    }
}

impl Wire for Sockets<'_> {
    fn now_ns(&self) -> u64 {
        wall_now_ns()
    }

    fn accept(&mut self, until_ns: u64) -> Wait {
        self.hang_up();
        loop {
            if (self.stop)() {
                return Wait::Stopped;
            }
            if let Ok((stream, _)) = self.listener.accept()
                && self.take(stream).is_ok()
            {
                return Wait::Came;
            }
            if wall_now_ns() >= until_ns {
                return Wait::Silence;
            }
            let mut fds = [PollFd::new(&self.listener, PollFlags::IN)];
            match poll(&mut fds, Some(&TURN_TIMESPEC)) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => return Wait::Stopped,
            }
        }
    }

    fn receive(&mut self, into: &mut Vec<u8>, until_ns: u64) -> Wait {
        let mut bytes = [0; 16 * 1_024];
        loop {
            let Some(line) = &mut self.line else {
                return Wait::Gone;
            };
            if (self.stop)() {
                return Wait::Stopped;
            }
            match line.read(&mut bytes) {
                Ok(count @ 1..) => {
                    into.extend_from_slice(bytes.get(..count).unwrap_or(&[]));
                    return Wait::Came;
                }
                Err(error) if is_nothing(error.kind()) => {}
                Ok(0) | Err(_) => {
                    self.line = None;
                    return Wait::Gone;
                }
            }
            if wall_now_ns() >= until_ns {
                return Wait::Silence;
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        if let Some(line) = &mut self.line
            && line.write_all(bytes).is_err()
        {
            // What the member still said is worth reading; its end then tells.
            let _ = line.shutdown(Shutdown::Write);
        }
    }

    fn hang_up(&mut self) {
        if let Some(line) = self.line.take() {
            let _ = line.shutdown(Shutdown::Both);
        }
    }
}

/// Nothing for now.
const fn is_nothing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
