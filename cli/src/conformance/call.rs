//! The socket of a conformance initiator: one line at a time, made again whenever it is gone.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use gwanmun_runtime::clock::wall_now_ns;

use super::initiator::{DropWith, Initiator};
use super::server::{PATIENCE, is_nothing, set_up};
use super::stream::Fate;

/// How long one attempt to connect may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Where to call, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The acceptor.
    pub address: SocketAddr,
    /// Nanoseconds after which the run is given up.
    pub timeout_ns: u64,
}

/// Why a call came to nothing.
#[derive(Debug)]
pub enum CallError {
    /// No line was ever accepted.
    NeverConnected(std::io::Error),
}

/// How a line ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// By us, on purpose.
    Dropped,
    /// By the other side, or as the session wanted it.
    Gone,
}

/// Calls until the initiator is done, its time is up, or `stop` says so.
///
/// # Errors
/// Where the acceptor was never there.
pub fn call(
    initiator: &mut Initiator,
    terms: Call,
    stop: &dyn Fn() -> bool,
) -> Result<(), CallError> {
    let started_ns = wall_now_ns();
    let is_over = || stop() || wall_now_ns().saturating_sub(started_ns) >= terms.timeout_ns;
    let mut refused = None;
    let mut was_connected = false;
    while !initiator.is_done() && !is_over() {
        match TcpStream::connect_timeout(&terms.address, CONNECT_TIMEOUT) {
            Ok(stream) => {
                was_connected = true;
                initiator.on_connect(wall_now_ns());
                // What a socket reports is the end of its line.
                let end = hold(initiator, stream, &is_over).unwrap_or(End::Gone);
                initiator.on_disconnect(end == End::Dropped);
                if end == End::Dropped {
                    continue;
                }
            }
            Err(error) => refused = Some(error),
        }
        // Whoever turns a line away does so at once: the pause keeps the next attempt from burning
        // a core.
        std::thread::park_timeout(PATIENCE);
    }
    match refused {
        Some(error) if !was_connected => Err(CallError::NeverConnected(error)),
        _ => Ok(()),
    }
}

/// One line from beginning to end.
fn hold(
    initiator: &mut Initiator,
    mut stream: TcpStream,
    is_over: &dyn Fn() -> bool,
) -> std::io::Result<End> {
    set_up(&stream)?;
    let mut bytes = vec![0; 64 * 1_024];
    while !is_over() {
        let now_ns = wall_now_ns();
        let drop_with = initiator.on_turn(now_ns);
        let is_due = initiator
            .next_deadline_ns()
            .is_some_and(|due_ns| due_ns <= now_ns);
        let fate = if is_due && drop_with.is_none() {
            initiator.on_time(now_ns)
        } else {
            Fate::Open
        };
        let output = initiator.take_output();
        let count = match drop_with {
            None | Some(DropWith::All) => output.len(),
            Some(DropWith::Half) => output.len() / 2,
            Some(DropWith::Nothing) => 0,
        };
        stream.write_all(output.get(..count).unwrap_or(&output))?;
        if drop_with.is_some() {
            return Ok(End::Dropped);
        }
        if fate == Fate::Close {
            break;
        }
        let fate = match stream.read(&mut bytes) {
            Ok(0) => return Ok(End::Gone),
            Ok(length) => initiator.on_bytes(bytes.get(..length).unwrap_or(&[]), wall_now_ns()),
            Err(error) if is_nothing(error.kind()) => Fate::Open,
            Err(error) => return Err(error),
        };
        if fate == Fate::Close {
            stream.write_all(&initiator.take_output())?;
            break;
        }
    }
    stream.shutdown(Shutdown::Both)?;
    Ok(End::Gone)
}
