//! One TCP connection without blocking, watched by epoll.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};

/// A connection and what waits to be written to it.
#[derive(Debug)]
pub(super) struct Line {
    stream: TcpStream,
    index: u64,
    is_connected: bool,
    watched: EventFlags,
    out: Vec<u8>,
    /// How much of `out` the socket has taken.
    taken: usize,
}

/// The line is gone, and why.
#[derive(Debug)]
pub(super) struct Lost(pub(super) std::io::Error);

impl From<Errno> for Lost {
    fn from(errno: Errno) -> Lost {
        Lost(errno.into())
    }
}

impl Line {
    /// Begins to connect; `index` comes back with every event of the line.
    pub(super) fn connect(epoll: &OwnedFd, address: SocketAddr, index: u64) -> Result<Line, Lost> {
        let family = if address.is_ipv4() {
            AddressFamily::INET
        } else {
            AddressFamily::INET6
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        let is_connected = match connect(&socket, &address) {
            Ok(()) => true,
            Err(Errno::INPROGRESS) => false,
            Err(errno) => return Err(errno.into()),
        };
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true).map_err(Lost)?;
        let watched = EventFlags::IN | EventFlags::OUT;
        epoll::add(epoll, &stream, EventData::new_u64(index), watched)?;
        Ok(Line {
            stream,
            index,
            is_connected,
            watched,
            out: Vec::new(),
            taken: 0,
        })
    }

    /// True from the moment on at which the connection stands.
    pub(super) fn is_connected(&mut self) -> Result<bool, Lost> {
        if !self.is_connected {
            sockopt::socket_error(&self.stream)??;
            self.is_connected = self.stream.peer_addr().is_ok();
        }
        Ok(self.is_connected)
    }

    /// Bytes that wait.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.out.len() - self.taken
    }

    /// Adds bytes behind those that wait.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.taken == self.out.len() {
            self.out.clear();
            self.taken = 0;
        }
        self.out.extend_from_slice(bytes);
    }

    /// Writes what the socket takes now and gives it to `written`.
    pub(super) fn write(
        &mut self,
        written: &mut impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), Lost> {
        while self.waiting_bytes() > 0 {
            let rest = self.out.get(self.taken..).unwrap_or(&[]);
            match self.stream.write(rest) {
                Ok(0) => return Err(Lost(ErrorKind::WriteZero.into())),
                Ok(count) => {
                    written(rest.get(..count).unwrap_or(rest)).map_err(Lost)?;
                    self.taken += count;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(Lost(error)),
            }
        }
        Ok(())
    }

    /// Reads once; `None` when nothing is there.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, Lost> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(Lost(ErrorKind::UnexpectedEof.into())),
                Ok(count) => return Ok(Some(count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(Lost(error)),
            }
        }
    }

    /// Asks for the events that are of use now.
    pub(super) fn watch(&mut self, epoll: &OwnedFd, reads: bool) -> Result<(), Lost> {
        let mut wanted = EventFlags::empty();
        wanted.set(EventFlags::IN, reads);
        wanted.set(
            EventFlags::OUT,
            !self.is_connected || self.waiting_bytes() > 0,
        );
        if wanted != self.watched {
            epoll::modify(epoll, &self.stream, EventData::new_u64(self.index), wanted)?;
            self.watched = wanted;
        }
        Ok(())
    }
}
