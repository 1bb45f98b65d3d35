//! TCP connections for a thread that never blocks and never allocates.
//!
//! In here: `Transport`, which owns every socket and buffer of one order core. A few *hot*
//! connections are read by plain non-blocking calls in every turn; all others, new connections and
//! one timer are looked after by a `Watcher`; sends happen only in `flush`, by plain calls. Not in
//! here: protocols, and any decision except whose turn it is.
//!
//! One turn of the duty cycle: `poll` hands over events one by one, each together with the sending
//! half, so that an answer is encoded straight into the send buffer; then `flush` sends what may
//! go.
//!
//! * The bytes of a `Received` event are all that waits, in one piece, lent for the callback's
//!   time. The callback returns how many it consumed; the rest stays in front for the next time.
//!   When the whole buffer waits (`is_full`) nothing more is read until some of it is consumed, and
//!   TCP tells the peer; nothing is lost and nobody spins. The callback then closes, or uses
//!   `deliver_again`.
//! * Every connection ends with exactly one `Closed` or `ConnectFailed`, also when we closed it.
//!   What arrived before the end is delivered before it.
//! * Committed bytes carry a gate (a journal position), and `flush` sends only what its own gate
//!   has reached: this is all there is to "recorded before sent".
//! * Strangers are cheap: an accepted connection has a small buffer for what it says, one for what
//!   it is told only where the terms give it one, and only some of these connections are looked at
//!   in each turn, until `promote`. Outbound connections have slots of their own, so that no flood
//!   of strangers keeps us from a venue, and are always hot.
//! * A promoted connection that speaks becomes hot, and one that is silent meanwhile goes the other
//!   way (`hot` has the rule). Nobody above notices, except in time.
//!
//! Everything is allocated by `new` and `listen`. Where next: `poll` for the turn, `watcher` for
//! the three ways to look after the quiet, `wire` for the bad wires of tests.

use std::net::SocketAddr;

use crate::clock::Clock;
use crate::errno::Errno;
use crate::finding::Finding;

mod ending;
mod epoll;
mod event;
mod flush;
mod hot;
mod plain;
mod poll;
mod receive_buffer;
mod send_buffer;
mod sender;
mod slots;
mod socket;
mod terms;
mod uring;
mod watcher;
mod wire;

use hot::Warmth;
use receive_buffer::ReceiveBuffer;
use send_buffer::Store;
use sender::Phase;
use slots::{FreeSlots, SlotQueue, SlotSet};

pub(crate) use socket::listening;

pub use epoll::Epoll;
pub use event::{ClosedReason, ConnectionId, Event, ListenerId, TransportError};
pub use plain::Plain;
pub use sender::Sender;
pub use terms::{TransportCounts, TransportTerms};
pub use uring::Uring;
pub use watcher::{Best, Guest, LISTENERS_MAX, PAUSE_NS, Taken, Watcher, Way};
pub use wire::{Crooked, Straight, Wire};

/// All connections of one thread. See the module head.
#[derive(Debug)]
pub struct Transport<A, W = Straight> {
    terms: TransportTerms,
    watcher: A,
    wire: W,
    clock: Clock,
    sender: Sender,
    /// One for each slot, as in `sender.lines`.
    receivers: Box<[ReceiveBuffer]>,
    /// Small buffers of promoted connections, large ones of nobody; see `promote`.
    spare: Box<[Option<Buffers>]>,
    /// Large buffers that nobody has. Never grows beyond `promoted_max`.
    large: Vec<Buffers>,
    inbound_free: FreeSlots,
    outbound_free: FreeSlots,
    connecting: SlotSet,
    /// Read in every turn: outbound connections, and at most `hot_max` promoted ones.
    hot: SlotSet,
    /// How many of `hot` are promoted ones.
    hot_promoted: usize,
    /// Which of `hot` is looked at next for silence.
    hot_next: usize,
    /// One for each slot.
    warmth: Box<[Warmth]>,
    /// Receives of promoted connections so far: what activity is counted by.
    receives: u64,
    /// Promoted connections that are neither hot nor watched: read in every turn.
    swept: SlotSet,
    /// Strangers that are not watched: read in rotation.
    swept_strangers: SlotSet,
    swept_next: usize,
    /// Watched connections with something to read.
    ready: SlotQueue,
    ready_strangers: SlotQueue,
    lingering: SlotSet,
    linger_next: usize,
    /// Nothing happened in the last turn.
    was_quiet: bool,
    listeners: u32,
    deadline_ns: Option<u64>,
    counts: TransportCounts,
    finding: Option<Finding>,
}

/// A receive and a send buffer.
type Buffers = (Box<[u8]>, Store);

/// Bytes of a send buffer that are present from the start.
const SEND_BYTES_PRESENT: usize = 256 * 1024;

/// A buffer whose pages are all present: an untouched one would fault on the hot path.
fn buffer(length: usize) -> Box<[u8]> {
    let mut bytes = vec![0; length];
    // Through a black box, or the compiler keeps the lazily zeroed pages of the allocation.
    bytes.fill(std::hint::black_box(0));
    bytes.into()
}

/// A send buffer: what a peer that reads ever fills is present, the rest comes page by page for one
/// that does not. With all of it present 512 sessions would take 2 GiB.
fn send_buffer(length: usize) -> Box<[u8]> {
    let mut bytes = vec![0; length];
    let present = bytes.get_mut(..SEND_BYTES_PRESENT.min(length));
    present.unwrap_or_default().fill(std::hint::black_box(0));
    bytes.into()
}

impl<A: Watcher> Transport<A> {
    /// A transport without connections. Allocates everything that it will ever use, and calibrates
    /// a clock, which takes about 5 ms.
    #[must_use]
    pub fn new(terms: TransportTerms, watcher: A) -> Self {
        Self::with_wire(terms, watcher, Straight)
    }
}

impl<A: Watcher, W: Wire> Transport<A, W> {
    /// A transport behind a test's wire.
    #[must_use]
    pub fn with_wire(terms: TransportTerms, watcher: A, wire: W) -> Self {
        let slots = terms.slots();
        let receiver =
            |slot| ReceiveBuffer::new(buffer(terms.receive_bytes_of(slot < terms.outbound_max)));
        let pair = |_| {
            let send = Store::new(send_buffer(terms.send_bytes));
            (buffer(terms.receive_bytes), send)
        };
        Self {
            watcher,
            wire,
            clock: Clock::new(),
            sender: Sender::new(&terms),
            receivers: (0..slots).map(receiver).collect(),
            spare: (0..slots).map(|_| None).collect(),
            large: (0..terms.promoted_max).map(pair).collect(),
            outbound_free: FreeSlots::new(0..terms.outbound_max),
            inbound_free: FreeSlots::new(terms.outbound_max..slots),
            connecting: SlotSet::new(slots),
            hot: SlotSet::new(slots),
            hot_promoted: 0,
            hot_next: 0,
            warmth: vec![Warmth::default(); slots].into(),
            receives: 0,
            swept: SlotSet::new(slots),
            swept_strangers: SlotSet::new(slots),
            swept_next: 0,
            ready: SlotQueue::new(slots),
            ready_strangers: SlotQueue::new(slots),
            lingering: SlotSet::new(slots),
            linger_next: 0,
            was_quiet: false,
            listeners: 0,
            deadline_ns: None,
            counts: TransportCounts::default(),
            finding: None,
            terms,
        }
    }

    /// Listens at `address`; port 0 takes a free one, which the second value tells. Allocates
    /// nothing, but belongs to the start. Both of an IPv4 and an IPv6 address need two listeners.
    ///
    /// # Errors
    /// The kernel's number, such as `EADDRINUSE` or `EACCES`.
    pub fn listen(&mut self, address: SocketAddr) -> Result<(ListenerId, SocketAddr), Errno> {
        let (socket, finding) = socket::listening(address)?;
        let local = socket::local_address(&socket)?;
        let listener = ListenerId(self.listeners);
        self.watcher.listen(listener, socket)?;
        self.finding = self.finding.or(finding);
        self.listeners += 1;
        Ok((listener, local))
    }

    /// Begins to connect to `address`. `Connected` or `ConnectFailed` follows, with `token`.
    ///
    /// # Errors
    /// `NoSlot`; everything else comes as `ConnectFailed`.
    pub fn connect(
        &mut self,
        address: SocketAddr,
        token: u32,
    ) -> Result<ConnectionId, TransportError> {
        let (slot, connection) = loop {
            let slot = self.outbound_free.take().ok_or(TransportError::NoSlot)?;
            // A slot whose numbers are used up is not given back.
            if let Some(connection) = self.sender.next_id(slot) {
                break (slot, connection);
            }
        };
        let made = socket::connecting(address);
        let Some(line) = self.sender.lines.get_mut(slot) else {
            return Err(TransportError::NoSlot);
        };
        line.id = Some(connection);
        line.token = token;
        line.phase = Phase::Connecting;
        match made {
            Ok((socket, finding)) => {
                line.socket = Some(socket);
                self.finding = self.finding.or(finding);
                self.connecting.insert(slot);
            }
            Err(errno) => self.sender.end(slot, ClosedReason::Error(errno)),
        }
        Ok(connection)
    }

    /// Sets the one timer to a moment in UTC nanoseconds, replacing what was set; `None` stops it.
    /// `Event::Deadline` follows at the first poll from that moment on. Setting the same moment
    /// again costs a compare.
    pub fn set_deadline(&mut self, at_ns: Option<u64>) {
        if self.deadline_ns != at_ns {
            self.deadline_ns = at_ns;
            self.watcher.set_deadline(at_ns);
        }
    }

    /// The sending half, outside of `poll`.
    pub const fn sender(&mut self) -> &mut Sender {
        &mut self.sender
    }

    /// The clock that stamps come from.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The clock, to recalibrate it.
    pub const fn clock_mut(&mut self) -> &mut Clock {
        &mut self.clock
    }

    /// What looks after the quiet connections.
    pub const fn watcher(&self) -> &A {
        &self.watcher
    }

    /// Whether a connection is read in every turn.
    #[must_use]
    pub fn is_hot(&self, connection: ConnectionId) -> bool {
        let slot = self.sender.slot_of(connection);
        slot.is_some_and(|slot| self.hot.contains(slot))
    }

    /// What was turned away so far, and what changed its temperature.
    #[must_use]
    pub const fn counts(&self) -> TransportCounts {
        self.counts
    }

    /// What the host refused on sockets so far.
    #[must_use]
    pub const fn finding(&self) -> Option<Finding> {
        self.finding
    }
}
