//! The reference: a server that sends every message of a fixed length back, each by a send of its
//! own.
//!
//! Two ways to wait: spinning on the socket, and `epoll_wait` without a timeout. The better one of
//! a run is what the gateway is held against.

use std::net::{SocketAddr, TcpListener, TcpStream};

use clap::ValueEnum;
use gwanmun_runtime::signals::Termination;
use rustix::event::epoll;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use rustix::time::Timespec;

use crate::wire::Fault;

/// Bytes of one receive.
const HELD_BYTES: usize = 1 << 16;
/// Empty looks between two looks at whether it is to end.
const LOOKS: u32 = 1 << 16;

/// How the server waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum How {
    /// Receives again and again.
    Spin,
    /// Asks `epoll_wait` again and again, and receives when it says so.
    Epoll,
}

/// Serves one client until it is gone or the process is asked to end.
///
/// # Errors
/// The address cannot be had, or a socket fails.
pub fn run(listen: SocketAddr, how: How, message_bytes: usize, yields: bool) -> Result<(), Fault> {
    let stop = Termination::on_signals().map_err(|errno| Fault::new(format!("{errno:?}")))?;
    let (client, _) = TcpListener::bind(listen)?.accept()?;
    client.set_nodelay(true)?;
    client.set_nonblocking(true)?;
    let poller = match how {
        How::Spin => None,
        How::Epoll => Some(poller(&client)?),
    };
    let (mut held, mut used, mut looks) = (vec![0; HELD_BYTES], 0, 0_u32);
    loop {
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(LOOKS) && stop.is_asked() {
            return Ok(());
        }
        if let Some(poller) = &poller
            && !is_ready(poller)?
        {
            if yields {
                std::thread::yield_now();
            }
            continue;
        }
        let room = held.get_mut(used..).unwrap_or_default();
        match recv(&client, room, RecvFlags::DONTWAIT) {
            Ok((0, _)) | Err(Errno::CONNRESET) => return Ok(()),
            Ok((count, _)) => used += count,
            Err(Errno::AGAIN | Errno::INTR) => {
                if yields {
                    std::thread::yield_now();
                }
                continue;
            }
            Err(errno) => return Err(errno.into()),
        }
        let whole = used - used % message_bytes.max(1);
        for message in held
            .get(..whole)
            .unwrap_or_default()
            .chunks(message_bytes.max(1))
        {
            if !send_all(&client, message)? {
                return Ok(());
            }
        }
        held.copy_within(whole..used, 0);
        used -= whole;
    }
}

fn poller(client: &TcpStream) -> Result<OwnedFd, Fault> {
    let poller = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let data = epoll::EventData::new_u64(0);
    epoll::add(&poller, client, data, epoll::EventFlags::IN)?;
    Ok(poller)
}

fn is_ready(poller: &OwnedFd) -> Result<bool, Fault> {
    let mut events = [epoll::Event {
        flags: epoll::EventFlags::empty(),
        data: epoll::EventData::new_u64(0),
    }];
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    match epoll::wait(poller, &mut events[..], Some(&at_once)) {
        Ok(count) => Ok(count > 0),
        Err(Errno::INTR) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Sends a message whole; false when the client is gone.
fn send_all(client: &TcpStream, mut message: &[u8]) -> Result<bool, Fault> {
    while !message.is_empty() {
        match send(client, message, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(count) => message = message.get(count..).unwrap_or_default(),
            Err(Errno::AGAIN | Errno::INTR) => std::hint::spin_loop(),
            Err(Errno::PIPE | Errno::CONNRESET) => return Ok(false),
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(true)
}
