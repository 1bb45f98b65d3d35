//! The reference: a child that moves bytes between a client and a venue and does nothing else.
//!
//! `wire-race forwarder --listen ADDRESS --venue ADDRESS`: listens, takes one client, connects to
//! the venue and spins on both sockets until either of them ends. It has no clock, no timer and no
//! other line, so that nothing which crosses two loopback sockets twice can be faster.

use std::net::{SocketAddr, TcpListener, TcpStream};

use gwanmun_runtime::signals::Termination;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use crate::wire::Fault;

/// Bytes moved at a time; no message of a race is longer.
const CHUNK_BYTES: usize = 1 << 16;
/// Empty looks between two looks at whether it is to end.
const LOOKS: u32 = 1 << 16;

/// Forwards until a peer is gone or the process is asked to end.
///
/// # Errors
/// An address cannot be had, or a socket fails.
pub fn run(listen: SocketAddr, venue: SocketAddr, yields: bool) -> Result<(), Fault> {
    let stop = Termination::on_signals().map_err(|errno| Fault::new(format!("{errno:?}")))?;
    let listener = TcpListener::bind(listen)?;
    let venue = TcpStream::connect(venue)?;
    let (client, _) = listener.accept()?;
    for socket in [&client, &venue] {
        socket.set_nodelay(true)?;
        socket.set_nonblocking(true)?;
    }
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut looks = 0_u32;
    loop {
        let forth = pass(&client, &venue, &mut chunk)?;
        let back = pass(&venue, &client, &mut chunk)?;
        match (forth, back) {
            (Passed::Ended, _) | (_, Passed::Ended) => return Ok(()),
            (Passed::Nothing, Passed::Nothing) if yields => std::thread::yield_now(),
            _ => {}
        }
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(LOOKS) && stop.is_asked() {
            return Ok(());
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passed {
    Nothing,
    Something,
    Ended,
}

fn pass(from: &TcpStream, to: &TcpStream, chunk: &mut [u8]) -> Result<Passed, Fault> {
    let count = match recv(from, &mut *chunk, RecvFlags::DONTWAIT) {
        Ok((0, _)) | Err(Errno::CONNRESET) => return Ok(Passed::Ended),
        Ok((count, _)) => count,
        Err(Errno::AGAIN | Errno::INTR) => return Ok(Passed::Nothing),
        Err(errno) => return Err(errno.into()),
    };
    let mut rest = chunk.get(..count).unwrap_or_default();
    while !rest.is_empty() {
        match send(to, rest, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::AGAIN | Errno::INTR) => std::hint::spin_loop(),
            Err(Errno::PIPE | Errno::CONNRESET) => return Ok(Passed::Ended),
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(Passed::Something)
}
