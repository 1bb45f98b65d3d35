//! The socket calls, each without blocking and without allocation.
//!
//! In here: making, accepting, receiving, sending, and what a refusal means. Not in here: when.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno as Number;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, Shutdown, SocketFlags, SocketType, ipproto, sockopt,
};

use super::ClosedReason;
use crate::errno::Errno;
use crate::finding::Finding;

/// Connections that wait for us in the kernel while we are busy with a turn, at most.
const BACKLOG: i32 = 1024;

/// What a socket did with a call.
pub(super) enum Moved {
    /// This many bytes.
    Bytes(usize),
    /// Nothing now.
    Nothing,
    /// The end of the stream, for one of these reasons.
    Ended(ClosedReason),
}

fn stream(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))
        .map_err(Errno::from_rustix)?;
    sockopt::set_tcp_nodelay(&socket, true).map_err(Errno::from_rustix)?;
    Ok(socket)
}

/// Cubic or reno instead of the host's choice: bbr paces its sends by a timer, which costs 1-2 % of
/// a round trip here and more of its evenness. Accepted sockets inherit it from their listener, and
/// with it TCP_NODELAY.
fn set_congestion_control(socket: &OwnedFd) -> Option<Finding> {
    let set = |name| sockopt::set_tcp_congestion(socket, name);
    let refused = set("cubic").or_else(|_| set("reno")).err()?;
    Some(Finding::congestion_refused(Errno::from_rustix(refused)))
}

pub(crate) fn listening(address: SocketAddr) -> Result<(OwnedFd, Option<Finding>), Errno> {
    let socket = stream(address)?;
    let finding = set_congestion_control(&socket);
    let bound = sockopt::set_socket_reuseaddr(&socket, true)
        .and_then(|()| match address {
            SocketAddr::V4(_) => Ok(()),
            SocketAddr::V6(_) => sockopt::set_ipv6_v6only(&socket, true),
        })
        .and_then(|()| rustix::net::bind(&socket, &address))
        .and_then(|()| rustix::net::listen(&socket, BACKLOG));
    bound.map_err(Errno::from_rustix)?;
    Ok((socket, finding))
}

/// A socket on its way to `address`; whether it arrived is told by `connected`.
pub(super) fn connecting(address: SocketAddr) -> Result<(OwnedFd, Option<Finding>), Errno> {
    let socket = stream(address)?;
    let finding = set_congestion_control(&socket);
    match rustix::net::connect(&socket, &address) {
        Ok(()) | Err(Number::INPROGRESS) => Ok((socket, finding)),
        Err(number) => Err(Errno::from_rustix(number)),
    }
}

/// Whether a socket has arrived: `None` while it is on its way.
pub(super) fn connected(socket: BorrowedFd<'_>) -> Option<Result<(), Errno>> {
    match poll_at_once(socket, PollFlags::OUT) {
        Ok(0) | Err(Number::INTR) => None,
        Err(number) => Some(Err(Errno::from_rustix(number))),
        Ok(_) => {
            let told = sockopt::socket_error(socket).and_then(|told| told);
            Some(told.map_err(Errno::from_rustix))
        }
    }
}

fn poll_at_once(socket: BorrowedFd<'_>, flags: PollFlags) -> rustix::io::Result<usize> {
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    rustix::event::poll(&mut [PollFd::new(&socket, flags)], Some(&at_once))
}

/// A waiting connection of a listener, if there is one.
pub(super) fn accept(listener: BorrowedFd<'_>) -> Result<Option<OwnedFd>, Errno> {
    // The kernel makes the new socket before it looks whether anybody waits: an accept that finds
    // nobody costs about 4 us, a poll that says so a tenth of it.
    if let Ok(0) = poll_at_once(listener, PollFlags::IN) {
        return Ok(None);
    }
    match rustix::net::accept_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
        Ok(socket) => Ok(Some(socket)),
        // The last two: the peer gave up while it waited, which concerns nobody.
        Err(Number::AGAIN | Number::INTR | Number::CONNABORTED | Number::PROTO) => Ok(None),
        Err(number) => Err(Errno::from_rustix(number)),
    }
}

pub(super) fn local_address(socket: impl AsFd) -> Result<SocketAddr, Errno> {
    rustix::net::getsockname(socket)
        .and_then(SocketAddr::try_from)
        .map_err(Errno::from_rustix)
}

/// Local and peer address of a connection.
pub(super) fn addresses(socket: BorrowedFd<'_>) -> Result<(SocketAddr, SocketAddr), Errno> {
    let local = local_address(socket)?;
    let peer = rustix::net::getpeername(socket)
        .and_then(|address| address.ok_or(Number::NOTCONN))
        .and_then(SocketAddr::try_from)
        .map_err(Errno::from_rustix)?;
    Ok((local, peer))
}

/// The same for an outbound connection, refusing one with itself: on one host the kernel may choose
/// the very port that is connected to, and where nobody listens the call then answers itself.
pub(super) fn addresses_of_two(socket: BorrowedFd<'_>) -> Result<(SocketAddr, SocketAddr), Errno> {
    let (local, peer) = addresses(socket)?;
    if local == peer {
        return Err(Errno::from_rustix(Number::CONNREFUSED));
    }
    Ok((local, peer))
}

#[inline]
pub(super) fn receive(socket: BorrowedFd<'_>, into: &mut [u8]) -> Moved {
    match rustix::net::recv(socket, into, RecvFlags::DONTWAIT) {
        Ok((0, _)) => Moved::Ended(ClosedReason::Peer),
        Ok((length, _)) => Moved::Bytes(length),
        Err(number) => refused(number),
    }
}

#[inline]
pub(super) fn send(socket: BorrowedFd<'_>, bytes: &[u8]) -> Moved {
    match rustix::net::send(socket, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
        Ok(length) => Moved::Bytes(length),
        Err(number) => refused(number),
    }
}

pub(super) fn end_sending(socket: BorrowedFd<'_>) {
    // Refused only when the peer is gone already, which the next receive tells.
    let _ = rustix::net::shutdown(socket, Shutdown::Write);
}

fn refused(number: Number) -> Moved {
    match number {
        Number::AGAIN | Number::INTR => Moved::Nothing,
        other => Moved::Ended(reason_of(other)),
    }
}

/// What the kernel's number says about how a connection ended.
pub(super) const fn reason_of(number: Number) -> ClosedReason {
    match number {
        Number::CONNRESET | Number::PIPE => ClosedReason::Reset,
        other => ClosedReason::Error(Errno::from_rustix(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_with_itself_is_none() {
        let address = "127.0.0.1:0".parse().unwrap();
        let socket = stream(address).unwrap();
        rustix::net::bind(&socket, &address).unwrap();
        let own = local_address(&socket).unwrap();
        let _ = rustix::net::connect(&socket, &own);
        let arrived = loop {
            if let Some(arrived) = connected(socket.as_fd()) {
                break arrived;
            }
        };
        let refused = Err(Errno::from_rustix(Number::CONNREFUSED));
        assert_eq!(
            arrived.and_then(|()| addresses_of_two(socket.as_fd())),
            refused
        );
    }

    #[test]
    fn accepted_sockets_inherit_what_listeners_have() {
        let (listener, finding) = listening("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = local_address(&listener).unwrap();
        let (outbound, _) = connecting(address).unwrap();
        let accepted = loop {
            if let Some(socket) = accept(listener.as_fd()).unwrap() {
                break socket;
            }
        };
        assert_eq!(connected(outbound.as_fd()), Some(Ok(())));
        for socket in [&outbound, &accepted] {
            assert!(sockopt::tcp_nodelay(socket).unwrap());
            let control = sockopt::tcp_congestion(socket).unwrap();
            let is_ours = control == "cubic" || control == "reno";
            assert!(is_ours || finding.is_some(), "{control}");
        }
        let (local, peer) = addresses(accepted.as_fd()).unwrap();
        assert_eq!((local, peer), {
            addresses(outbound.as_fd()).map(|(l, p)| (p, l)).unwrap()
        });
    }
}
