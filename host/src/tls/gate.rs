//! TLS from start to stop, as the process sees it: addresses first, then the thread. A program
//! without TLS has a gate without doors; its configuration named none, or was refused.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use super::{Arrival, TlsCounts};
use crate::config::Config;
use crate::events::Event;
use crate::start_error::StartError;

#[cfg(feature = "tls")]
use super::{
    ARRIVALS_MAX,
    door::{Door, DoorFault},
    thread::{Running, TlsThread},
};

/// Every address at which members are awaited over TLS.
pub(crate) struct TlsGate {
    #[cfg(feature = "tls")]
    doors: Vec<Door>,
    counts: Arc<TlsCounts>,
}

/// The thread, if there is one. It ends when this is dropped: not before the order core's sockets
/// are closed, or it would not bring their last bytes to the members.
pub(crate) struct TlsRunning {
    #[cfg(feature = "tls")]
    _thread: Option<Running>,
    counts: Arc<TlsCounts>,
}

impl TlsRunning {
    /// What it did.
    pub(crate) fn counts(&self) -> &TlsCounts {
        &self.counts
    }
}

#[cfg(feature = "tls")]
impl TlsGate {
    /// Listens at every address that has `tls`, and puts it behind `listeners`.
    pub(crate) fn open(
        config: &Config,
        listeners: &mut Vec<SocketAddr>,
        show: &mut dyn FnMut(Event),
    ) -> Result<TlsGate, StartError> {
        use gwanmun_runtime::transport::ListenerId;
        let mut doors = Vec::new();
        for session in &config.sessions {
            let address = session.socket_accept;
            let Some(tls) = session
                .tls
                .as_ref()
                .filter(|_| !listeners.contains(&address))
            else {
                continue;
            };
            let id = ListenerId(u32::try_from(listeners.len()).unwrap_or(u32::MAX));
            let opened = Door::open(config, (address, id), tls);
            let (door, finding) = opened.map_err(|fault| match fault {
                DoorFault::Listen(errno) => StartError::Listen(address, errno),
                DoorFault::Files(fault) => StartError::Tls {
                    remedy: fault.remedy(),
                    what: fault.to_string(),
                },
            })?;
            if let Some(finding) = finding {
                show(Event::Finding(finding));
            }
            show(Event::ListeningTls(door.local()));
            listeners.push(address);
            doors.push(door);
        }
        let counts = Arc::default();
        Ok(TlsGate { doors, counts })
    }

    /// Starts the thread, if there are doors.
    pub(crate) fn start(
        self,
        config: &Config,
        events: &SyncSender<Event>,
    ) -> Result<(Option<Receiver<Arrival>>, TlsRunning), StartError> {
        let TlsGate { doors, counts } = self;
        let mut running = TlsRunning {
            _thread: None,
            counts: Arc::clone(&counts),
        };
        if doors.is_empty() {
            return Ok((None, running));
        }
        let (arrived, arrivals) = std::sync::mpsc::sync_channel(ARRIVALS_MAX);
        let thread = TlsThread::start(doors, config, arrived, events.clone(), counts);
        running._thread = Some(thread.map_err(StartError::Thread)?);
        Ok((Some(arrivals), running))
    }
}

#[cfg(not(feature = "tls"))]
impl TlsGate {
    /// A gate without doors.
    #[expect(clippy::unnecessary_wraps, reason = "as where TLS is built in")]
    pub(crate) fn open(
        _: &Config,
        _: &mut Vec<SocketAddr>,
        _: &mut dyn FnMut(Event),
    ) -> Result<TlsGate, StartError> {
        let counts = Arc::default();
        Ok(TlsGate { counts })
    }

    /// Nothing to start.
    #[expect(clippy::unnecessary_wraps, reason = "as where TLS is built in")]
    pub(crate) fn start(
        self,
        _: &Config,
        _: &SyncSender<Event>,
    ) -> Result<(Option<Receiver<Arrival>>, TlsRunning), StartError> {
        let TlsGate { counts } = self;
        Ok((None, TlsRunning { counts }))
    }
}
