//! What the gateway needs from whoever runs it: a journal to record in, and nothing else.
//!
//! The live process and the replay each bring their own [`Edge`]. Handing bytes to a socket is the
//! edge's business and happens only inside [`Edge::commit_effect`], so that nothing can be sent
//! that is not on record before (`recorded_before_sent`).

use gwanmun_captures::journal::{NewRecord, RecordKind};

/// The journal cannot take another record: the shard stops, nothing more is decided or sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// When something happened, by the clock of whoever runs the gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// UTC nanoseconds since the epoch.
    pub ns: u64,
    /// How good the clock was, as the journal's FORMAT.md tells.
    pub clock_quality: u8,
}

/// An input on its way into the journal.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What kind of input.
    pub kind: RecordKind,
    /// Which connection it came by; zero for none.
    pub connection: u32,
    /// When it came.
    pub stamp: Stamp,
    /// Number of the record it points back to; zero for none.
    pub refers_to: u64,
    /// Its bytes.
    pub payload: &'a [u8],
}

impl Input<'_> {
    /// The head of its record.
    #[must_use]
    pub const fn record(&self) -> NewRecord {
        NewRecord {
            kind: self.kind,
            clock_quality: self.stamp.clock_quality,
            connection: self.connection,
            stamp_ns: self.stamp.ns,
            refers_to: self.refers_to,
        }
    }
}

/// Head of an effect record.
#[derive(Clone, Copy, Debug)]
pub struct EffectHead {
    /// The connection whose input caused it; zero for none.
    pub connection: u32,
    /// The `now` that the decision was made with.
    pub stamp: Stamp,
    /// Number of the input record that caused it.
    pub refers_to: u64,
}

impl EffectHead {
    /// The head of its record.
    #[must_use]
    pub const fn record(&self) -> NewRecord {
        NewRecord {
            kind: RecordKind::Effect,
            clock_quality: self.stamp.clock_quality,
            connection: self.connection,
            stamp_ns: self.stamp.ns,
            refers_to: self.refers_to,
        }
    }
}

/// Where an effect's payload lies in the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Segment of the trading day's chain, from zero.
    pub segment: u32,
    /// Byte offset within the segment.
    pub offset: u32,
}

/// Records already in the journal, readable while the next one is being built.
pub trait Past {
    /// `length` bytes at a place, or `None` when that part is not in memory now.
    fn read(&self, place: Place, length: usize) -> Option<&[u8]>;
}

/// Most bytes that one effect may take. 16 KiB hold a full resend step; the rest of what one
/// message can cause is under 2 KiB. Rooms of this size are what a segment keeps back before it is
/// sealed.
pub const EFFECT_BYTES_MAX: usize = 16 * 1024;

/// How a line is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// After everything committed to it has been sent.
    AfterFlush,
    /// At once.
    Now,
}

/// The journal and the lines as the gateway sees them.
pub trait Edge {
    /// Reader of records already written.
    type Past<'a>: Past
    where
        Self: 'a;

    /// Puts an input on record and returns its number.
    ///
    /// # Errors
    /// [`Stopped`] when no storage is left, the reserve included.
    fn record(&mut self, input: Input<'_>) -> Result<u64, Stopped>;

    /// Lends room of at least [`EFFECT_BYTES_MAX`] in the journal itself, and what lies before it.
    ///
    /// # Errors
    /// [`Stopped`] as above.
    fn begin_effect(&mut self) -> Result<(Self::Past<'_>, &mut [u8]), Stopped>;

    /// Seals the effect built in the room, then queues each of its outputs for its connection, in
    /// order. Returns where the payload lies.
    ///
    /// # Errors
    /// [`Stopped`] as above.
    fn commit_effect(&mut self, used_bytes: usize, head: EffectHead) -> Result<Place, Stopped>;

    /// Closes a line.
    fn close(&mut self, connection: u32, how: Close);
}
