//! One TCP line of the harness or of a child: a plain socket that never blocks, looked at again and
//! again.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::Fault;
use super::watch::Watch;

/// Bytes that may be held unread: a whole pipelined window of reports.
const HELD_BYTES: usize = 1 << 20;
/// With less room than this behind the held bytes they are moved to the front.
const ROOM_BYTES_MIN: usize = 1 << 16;

/// A connected socket and what came on it.
pub struct Line {
    socket: TcpStream,
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Line {
    /// Takes a connected socket.
    ///
    /// # Errors
    /// The kernel refuses an option.
    pub fn new(socket: TcpStream) -> Result<Line, Fault> {
        socket.set_nodelay(true)?;
        socket.set_nonblocking(true)?;
        Ok(Line {
            socket,
            bytes: vec![0; HELD_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
        })
    }

    /// The socket, for whoever has to wait for it.
    #[must_use]
    pub const fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Sends all of `bytes`, spinning where the kernel has no room.
    ///
    /// # Errors
    /// The line is gone, or patience is over.
    pub fn send(&mut self, mut bytes: &[u8], watch: &mut Watch) -> Result<(), Fault> {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        while !bytes.is_empty() {
            match send(&self.socket, bytes, flags) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(Errno::AGAIN | Errno::INTR) => watch.spin()?,
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    /// Sends what the kernel has room for, and tells how much that was.
    ///
    /// # Errors
    /// The line is gone.
    pub fn send_some(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        match send(
            &self.socket,
            bytes,
            SendFlags::DONTWAIT | SendFlags::NOSIGNAL,
        ) {
            Ok(count) => Ok(count),
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(errno) => Err(errno.into()),
        }
    }

    /// One look at the socket. Tells whether anything came.
    ///
    /// # Errors
    /// The line is gone, or more is held than anything here ever sends.
    pub fn receive(&mut self) -> Result<bool, Fault> {
        Ok(self.receive_some(usize::MAX)? > 0)
    }

    /// One look at the socket for so many bytes at most. Tells how many came.
    ///
    /// # Errors
    /// As [`Line::receive`].
    pub fn receive_some(&mut self, bytes_max: usize) -> Result<usize, Fault> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.bytes.len() - self.end < ROOM_BYTES_MIN {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let room = self.bytes.get_mut(self.end..).unwrap_or_default();
        if room.is_empty() {
            return Err(Fault::new("more bytes came than are ever asked for"));
        }
        let most = room.len().min(bytes_max);
        let room = room.get_mut(..most).unwrap_or_default();
        match recv(&self.socket, room, RecvFlags::DONTWAIT) {
            Ok((0, _)) => Err(Fault::new("the line was closed")),
            Ok((count, _)) => {
                self.end += count;
                Ok(count)
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(errno) => Err(errno.into()),
        }
    }

    /// What came and was not taken.
    #[must_use]
    pub fn held(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Takes so many of the held bytes.
    pub fn take(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }
}

/// A listener on loopback at a port that the kernel chooses.
///
/// # Errors
/// The kernel has none.
pub fn listen() -> Result<(TcpListener, SocketAddr), Fault> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// A port on loopback that nobody has at the moment, for a program that listens by itself.
///
/// # Errors
/// The kernel has none.
pub fn free_port() -> Result<SocketAddr, Fault> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

/// The next connection of a listener; `alive` tells why waiting is of no use.
///
/// # Errors
/// What `alive` tells, or patience is over.
pub fn accept(
    listener: &TcpListener,
    watch: &mut Watch,
    alive: &mut impl FnMut() -> Result<(), Fault>,
) -> Result<Line, Fault> {
    watch.begin();
    loop {
        match listener.accept() {
            Ok((socket, _)) => return Line::new(socket),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        alive()?;
        watch.rest()?;
    }
}

/// Connects to a program that may not listen yet.
///
/// # Errors
/// What `alive` tells, or patience is over.
pub fn connect(
    address: SocketAddr,
    watch: &mut Watch,
    alive: &mut impl FnMut() -> Result<(), Fault>,
) -> Result<Line, Fault> {
    watch.begin();
    loop {
        if let Ok(socket) = TcpStream::connect(address) {
            return Line::new(socket);
        }
        alive()?;
        watch.rest()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_held_until_they_are_taken_and_an_end_is_told() {
        let mut watch = Watch::new(true);
        let (listener, address) = listen().unwrap();
        let mut near = connect(address, &mut watch, &mut || Ok(())).unwrap();
        let mut far = accept(&listener, &mut watch, &mut || Ok(())).unwrap();
        assert_eq!(far.receive(), Ok(false));
        near.send(b"abc", &mut watch).unwrap();
        while !far.receive().unwrap() {}
        far.take(1);
        assert_eq!(far.held(), b"bc");
        far.take(9);
        assert_eq!(far.held(), b"");
        drop(near);
        watch.begin();
        let ended = loop {
            match far.receive() {
                Ok(_) => watch.spin().unwrap(),
                Err(fault) => break fault,
            }
        };
        assert_eq!(ended.0, "the line was closed");
    }
}
