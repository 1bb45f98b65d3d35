//! The addresses at which members are awaited over TLS.

use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use gwanmun_runtime::errno::Errno;
use gwanmun_runtime::finding::Finding;
use gwanmun_runtime::readiness;
use gwanmun_runtime::transport::ListenerId;
use rustls::ServerConfig;

use super::files::{FileFault, server_config};
use crate::config::{Config, Network, TlsConfig};

/// One address.
pub(crate) struct Door {
    listener: TcpListener,
    /// Its place among all addresses at which members are awaited.
    pub(super) id: ListenerId,
    pub(super) local: SocketAddr,
    pub(super) server: Arc<ServerConfig>,
    /// From where somebody may come for whom a session waits here; empty: from anywhere.
    allow_from: Vec<Network>,
    /// Whether somebody may be waiting.
    pub(super) is_stirred: bool,
}

/// Why an address has no door.
pub(crate) enum DoorFault {
    Listen(Errno),
    Files(FileFault),
}

impl Door {
    /// Listens at `address`; also tells what the host refused on the way.
    pub(crate) fn open(
        config: &Config,
        (address, id): (SocketAddr, ListenerId),
        tls: &TlsConfig,
    ) -> Result<(Door, Option<Finding>), DoorFault> {
        let server = server_config(tls).map_err(DoorFault::Files)?;
        let (listener, finding) = readiness::listen(address).map_err(DoorFault::Listen)?;
        let local = listener
            .local_addr()
            .map_err(|error| DoorFault::Listen(Errno::of(&error)))?;
        let awaited = || {
            let sessions = config.sessions.iter();
            sessions.filter(|session| session.socket_accept == address)
        };
        let is_open = awaited().any(|session| session.allow_from.is_empty());
        let networks = awaited().flat_map(|session| session.allow_from.iter().copied());
        let door = Door {
            listener,
            id,
            local,
            server,
            allow_from: if is_open {
                Vec::new()
            } else {
                networks.collect()
            },
            is_stirred: true,
        };
        Ok((door, finding))
    }

    /// Where it listens.
    pub(crate) const fn local(&self) -> SocketAddr {
        self.local
    }

    pub(super) const fn listener(&self) -> &TcpListener {
        &self.listener
    }

    /// Whoever comes next. The stream does not block.
    pub(super) fn accept(&self) -> std::io::Result<(TcpStream, SocketAddr)> {
        let (stream, peer) = self.listener.accept()?;
        stream.set_nonblocking(true)?;
        Ok((stream, peer))
    }

    /// Whether anybody is awaited here from this address. Which session it is turns out with the
    /// Logon, and the order core asks again then.
    pub(super) fn is_open_to(&self, address: IpAddr) -> bool {
        self.allow_from.is_empty() || self.allow_from.iter().any(|it| it.contains(address))
    }
}
