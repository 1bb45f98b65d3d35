//! The sockets of a conformance acceptor: one thread a line, blocking reads with a deadline.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gwanmun_runtime::clock::wall_now_ns;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::house::House;
use super::line::Line;
use super::stream::Fate;

/// Lines at a time; one more is closed at once.
const LINES_MAX: usize = 64;
/// How long a wish to stop, or a deadline, may go unseen.
pub(super) const PATIENCE: Duration = Duration::from_millis(20);
const PATIENCE_TIMESPEC: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};
/// How long a peer may not read before it is cut.
const SEND_PATIENCE: Duration = Duration::from_secs(10);

/// Accepts lines until `stop` says so.
///
/// # Errors
/// The listener's.
pub fn serve(
    house: &House,
    listener: &TcpListener,
    stop: &(dyn Fn() -> bool + Sync),
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let lines = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        while !stop() {
            match listener.accept() {
                Ok((stream, _)) => {
                    if lines.fetch_add(1, Ordering::Relaxed) >= LINES_MAX {
                        lines.fetch_sub(1, Ordering::Relaxed);
                        continue;
                    }
                    let lines = &lines;
                    scope.spawn(move || {
                        // What a socket reports is the end of its line and of nothing else.
                        let _ = attend(house, stream, stop);
                        lines.fetch_sub(1, Ordering::Relaxed);
                    });
                }
                // No one, a peer that was gone before it was accepted, or no descriptor for now.
                Err(_) => wait(listener)?,
            }
        }
        Ok(())
    })
}

/// Waits for a line, as long as a wish to stop may go unseen.
fn wait(listener: &TcpListener) -> std::io::Result<()> {
    let mut fds = [PollFd::new(listener, PollFlags::IN)];
    match poll(&mut fds, Some(&PATIENCE_TIMESPEC)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// One line from beginning to end.
fn attend(
    house: &House,
    mut stream: TcpStream,
    stop: &(dyn Fn() -> bool + Sync),
) -> std::io::Result<()> {
    set_up(&stream)?;
    let mut line = Line::new(house, wall_now_ns());
    let mut bytes = vec![0; 64 * 1_024];
    while !stop() {
        let fate = match stream.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(length) => line.on_bytes(bytes.get(..length).unwrap_or(&[]), wall_now_ns()),
            Err(error) if is_nothing(error.kind()) => Fate::Open,
            Err(error) => return Err(error),
        };
        let now_ns = wall_now_ns();
        let is_due = line
            .next_deadline_ns()
            .is_some_and(|due_ns| due_ns <= now_ns);
        let fate = match fate {
            Fate::Open if is_due => line.on_time(now_ns),
            fate => fate,
        };
        stream.write_all(&line.take_output())?;
        if fate == Fate::Close {
            return stream.shutdown(Shutdown::Both);
        }
    }
    Ok(())
}

/// Blocking, with a bound on every wait.
pub(super) fn set_up(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(SEND_PATIENCE))
}

/// Nothing for now.
pub(super) const fn is_nothing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
