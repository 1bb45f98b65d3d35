//! The order core's sockets at the start: the transport as configured, and the addresses at which
//! members are awaited.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use gwanmun_gateway::stranger::STRANGER_STATE_BYTES;
use gwanmun_runtime::transport::{Best, Transport, TransportTerms, Way};

use crate::config::{Config, TransportChoice};
use crate::events::Event;
use crate::start_error::StartError;
use crate::terms::QUEUED_BYTES_MAX;

/// How often an address that is taken is tried again, and how long each try waits: a second in all.
const LISTEN_TRIES: u32 = 50;
const LISTEN_PAUSE: Duration = Duration::from_millis(20);
/// Pairs of buffers beyond one for each session.
const PROMOTED_SPARE: usize = 4;
/// Receives of the largest size that one segment holds at least.
const RECEIVES_PER_SEGMENT: u64 = 4;

/// Bytes that one receive may bring. They make one record, of which a segment must hold several,
/// or a peer could end the journal by sending much at once.
fn receive_bytes(config: &Config) -> Result<usize, StartError> {
    let wanted = config.limits.message_bytes_max as usize * 2;
    let most =
        usize::try_from(config.journal.segment_bytes / RECEIVES_PER_SEGMENT).unwrap_or(usize::MAX);
    if wanted > most {
        let what = "[limits] message_bytes_max, eight of which must fit into one segment,";
        return Err(StartError::Capacity(what));
    }
    Ok(wanted.max(64 * 1024).min(most))
}

/// Room for what a stranger says: what he may cost without what else is kept of him.
fn stranger_receive_bytes(config: &Config) -> usize {
    (config.limits.stranger_bytes_max as usize).saturating_sub(STRANGER_STATE_BYTES)
}

/// Every socket and buffer of the order core.
pub(crate) fn open_transport(
    config: &Config,
    show: &mut dyn FnMut(Event),
) -> Result<Transport<Best>, StartError> {
    let receive_bytes = receive_bytes(config)?;
    let terms = TransportTerms {
        connections_max: config.limits.connections_max as usize,
        // Some more than sessions: a line that is ending may hold its buffers while the session's
        // next one needs some.
        promoted_max: config.limits.session_room(config.sessions.len()) + PROMOTED_SPARE,
        receive_bytes,
        send_bytes: QUEUED_BYTES_MAX,
        stranger_receive_bytes: receive_bytes.min(stranger_receive_bytes(config)),
        // A stranger is never answered: his line is closed, or he becomes a member first.
        stranger_send_bytes: 0,
        hot_max: config.gateway.hot_sessions_max as usize,
        ..TransportTerms::default()
    };
    let way = match config.gateway.transport {
        TransportChoice::Auto => Way::Auto,
        TransportChoice::Uring => Way::Uring,
        TransportChoice::Epoll => Way::Epoll,
        TransportChoice::Plain => Way::Plain,
    };
    let (watcher, finding) = Best::by(way, &terms).map_err(|finding| StartError::Transport {
        word: config.gateway.transport.word(),
        finding,
    })?;
    if let Some(finding) = finding {
        show(Event::Finding(finding));
    }
    Ok(Transport::new(terms, watcher))
}

/// Listens at every address at which a session is awaited without TLS.
pub(crate) fn listen(
    config: &Config,
    transport: &mut Transport<Best>,
    show: &mut dyn FnMut(Event),
) -> Result<Vec<SocketAddr>, StartError> {
    let mut listeners: Vec<SocketAddr> = Vec::new();
    for session in config.sessions.iter().filter(|it| it.tls.is_none()) {
        let address = session.socket_accept;
        if !listeners.contains(&address) {
            let local = listen_on(address, transport)?;
            listeners.push(address);
            show(Event::Listening(local));
        }
    }
    Ok(listeners)
}

/// Listens, with patience: a process that was killed is gone before its ring has let go of its
/// listener, so the start right behind it may find the address still taken.
fn listen_on(
    address: SocketAddr,
    transport: &mut Transport<Best>,
) -> Result<SocketAddr, StartError> {
    for _ in 0..LISTEN_TRIES {
        match transport.listen(address) {
            Ok((_, local)) => return Ok(local),
            Err(errno) if io::Error::from(errno).kind() == io::ErrorKind::AddrInUse => {
                std::thread::park_timeout(LISTEN_PAUSE);
            }
            Err(errno) => return Err(StartError::Listen(address, errno)),
        }
    }
    let listened = transport.listen(address);
    let (_, local) = listened.map_err(|errno| StartError::Listen(address, errno))?;
    Ok(local)
}
