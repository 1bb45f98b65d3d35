//! The journal: everything that can change a decision, and every decision, in one gapless chain of
//! records.
//!
//! In it: kinds and heads of records and segments, with [`SegmentWriter`] for the order core,
//! [`SegmentReader`] for one segment and [`ChainReader`] for a trading day. Not in it: the files or
//! mapped memory behind a segment (see `gwanmun-runtime`), and what the payloads mean: inputs are
//! in [`crate::input`], effects in [`crate::effect`]. Byte tables: `captures/FORMAT.md`.

mod chain;
mod damage;
mod power_cut;
mod reader;
mod writer;

pub use chain::{ChainPoint, ChainReader, ChainRecord};
pub use damage::{Fault, JournalDamage};
pub use reader::{Cursor, SegmentReader, Tail};
pub use writer::{Appended, NewRecord, ResumeError, SegmentFull, SegmentWriter, StartError};

use crate::bytes::{array, u32_at, u64_at};

/// First eight bytes of every segment.
pub const SEGMENT_MAGIC: [u8; 8] = *b"GWJRNL01";
/// Bytes at the front of a segment.
pub const SEGMENT_HEAD_BYTES: usize = 64;
/// Bytes in front of each payload.
pub const RECORD_HEAD_BYTES: usize = 48;
/// Records start at multiples of this.
pub const RECORD_ALIGN: usize = 8;
/// Kept back for one [`RecordKind::Last`], so that a stopping shard can always say why; 208 bytes
/// of text.
pub const LAST_RESERVE_BYTES: usize = 256;
/// Smallest useful segment: head, one record with a little payload, the reserve and the end mark.
pub const SEGMENT_BYTES_MIN: usize =
    SEGMENT_HEAD_BYTES + 128 + LAST_RESERVE_BYTES + RECORD_HEAD_BYTES;

/// Offsets in a record head; see FORMAT.md, "Record head".
pub(crate) mod record_at {
    pub(crate) const LENGTH: usize = 0;
    pub(crate) const CRC: usize = 4;
    pub(crate) const NUMBER: usize = 8;
    pub(crate) const STAMP: usize = 16;
    pub(crate) const EPOCH: usize = 24;
    pub(crate) const CONNECTION: usize = 28;
    pub(crate) const KIND: usize = 32;
    pub(crate) const CLOCK_QUALITY: usize = 33;
    pub(crate) const RESERVED: usize = 34;
    pub(crate) const REFERS_TO: usize = 40;
}

/// Offsets in a segment head; see FORMAT.md, "Segment head".
pub(crate) mod segment_at {
    pub(crate) const INDEX: usize = 8;
    pub(crate) const EPOCH: usize = 12;
    pub(crate) const TRADING_DAY: usize = 16;
    pub(crate) const CRC: usize = 20;
    pub(crate) const FIRST_NUMBER: usize = 24;
    pub(crate) const CAPACITY: usize = 32;
    pub(crate) const DURABILITY: usize = 40;
    pub(crate) const SALT: usize = 44;
    pub(crate) const RESERVED: usize = 48;
}

const _: () = assert!(record_at::REFERS_TO + 8 == RECORD_HEAD_BYTES);
const _: () = assert!(RECORD_HEAD_BYTES.is_multiple_of(RECORD_ALIGN));
const _: () = assert!(SEGMENT_HEAD_BYTES.is_multiple_of(RECORD_ALIGN));
const _: () = assert!(LAST_RESERVE_BYTES.is_multiple_of(RECORD_ALIGN));
const _: () = assert!(segment_at::RESERVED + 16 == SEGMENT_HEAD_BYTES);

/// What a record holds; one byte on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RecordKind {
    /// Input: the process started. The first record of every epoch.
    Start = 1,
    /// Input: contents of a table, once per content.
    Table = 2,
    /// Input: from here on the table with this hash is in force.
    TableVersion = 3,
    /// Input: a line came up.
    Connected = 4,
    /// Input: bytes arrived.
    Received = 5,
    /// Input: the socket took bytes that earlier effects produced.
    Accepted = 6,
    /// Input: a line went down.
    Disconnected = 7,
    /// Input: a session's deadline had passed.
    DeadlineFired = 8,
    /// Input: outcome of a credential check, since the credential itself is not on record.
    Credential = 9,
    /// Input: free space of the storage changed level.
    Storage = 10,
    /// Input: an earlier segment of the chain is in memory again, for a resend that waited for it.
    Lent = 11,
    /// Input: up to a place in the chain the journal survives the loss of power. Decisions do not
    /// depend on it.
    Persisted = 12,
    /// Input: a stop in good order takes its next step.
    Leaving = 13,
    /// Input: when the member of a session may be logged on, as instants.
    Schedule = 14,
    /// Input: an operator's command.
    Command = 15,
    /// Everything that one message, deadline or event changed and produced.
    Effect = 32,
    /// Nothing follows in this segment; the chain goes on in the next one.
    SegmentEnd = 64,
    /// A broken invariant stopped the shard here.
    Last = 65,
}

impl RecordKind {
    /// The kind written as `byte`, if there is one.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Start,
            2 => Self::Table,
            3 => Self::TableVersion,
            4 => Self::Connected,
            5 => Self::Received,
            6 => Self::Accepted,
            7 => Self::Disconnected,
            8 => Self::DeadlineFired,
            9 => Self::Credential,
            10 => Self::Storage,
            11 => Self::Lent,
            12 => Self::Persisted,
            13 => Self::Leaving,
            14 => Self::Schedule,
            15 => Self::Command,
            32 => Self::Effect,
            64 => Self::SegmentEnd,
            65 => Self::Last,
            _ => return None,
        })
    }

    /// True for what came from outside: everything replay is fed with.
    #[must_use]
    pub const fn is_input(self) -> bool {
        !matches!(self, Self::Effect | Self::SegmentEnd | Self::Last)
    }
}

/// The head of one record. 48 bytes on disk; payload length and checksum are not repeated here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHead {
    /// What the payload is.
    pub kind: RecordKind,
    /// How good the clock was, as the runtime rates it.
    pub clock_quality: u8,
    /// The line it belongs to; 0 when it belongs to none.
    pub connection: u32,
    /// Gapless over the whole chain of a trading day; the first is 1.
    pub number: u64,
    /// UTC nanoseconds since 1970.
    pub stamp_ns: u64,
    /// Which start of the process wrote it.
    pub epoch: u32,
    /// Number of the earlier record this one points back to; 0 for none.
    pub refers_to: u64,
}

/// One record as it lies in its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its head.
    pub head: RecordHead,
    /// Its payload without padding.
    pub payload: &'a [u8],
    /// Byte offset of the head in its segment.
    pub position: u64,
}

/// What the writer of a segment keeps to, and so what a loss of power may have done to it; one byte
/// on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Durability {
    /// Records survive the process. Nothing is promised about the disk's copy.
    #[default]
    Process = 0,
    /// Nothing leaves the process before the disk's copy is synced up to it. The copy is written
    /// from whole records: a sector of it has arrived, or is what it was before.
    PowerByCopy = 1,
    /// The same for a segment that is a mapped file: its pages may also hold records and effects
    /// that were being built.
    PowerInPlace = 2,
}

impl Durability {
    pub(crate) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Process),
            1 => Some(Self::PowerByCopy),
            2 => Some(Self::PowerInPlace),
            _ => None,
        }
    }
}

/// From one segment's salt to the next one's: any odd number visits all of them.
pub const SALT_STEP: u32 = 0x9E37_79B9;

/// CRC-32C of what a record's checksum covers, in a segment with this salt.
pub(crate) fn record_checksum(salt: u32, covered: &[u8]) -> u32 {
    crc32c::crc32c_append(salt, covered)
}

/// The head of one segment. 64 bytes on disk, with a checksum of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentHead {
    /// Place in the day's chain, from 0.
    pub segment_index: u32,
    /// The epoch that started the segment; a later epoch may go on in it.
    pub epoch: u32,
    /// The trading day as yyyymmdd.
    pub trading_day: u32,
    /// Number of the first record in it.
    pub first_number: u64,
    /// Size of the whole segment, this head included.
    pub capacity_bytes: u64,
    /// What its writer keeps to.
    pub durability: Durability,
    /// What the checksums of its records begin with, so that bytes which a peer chose and which lie
    /// in a record's payload never check as a record: he does not know it. Zero, as in segments of
    /// earlier versions, adds nothing.
    pub salt: u32,
}

impl SegmentHead {
    /// The 64 bytes of this head.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SEGMENT_HEAD_BYTES] {
        let mut head = [0; SEGMENT_HEAD_BYTES];
        let fields: [(usize, &[u8]); 8] = [
            (0, &SEGMENT_MAGIC),
            (segment_at::INDEX, &self.segment_index.to_le_bytes()),
            (segment_at::EPOCH, &self.epoch.to_le_bytes()),
            (segment_at::TRADING_DAY, &self.trading_day.to_le_bytes()),
            (segment_at::FIRST_NUMBER, &self.first_number.to_le_bytes()),
            (segment_at::CAPACITY, &self.capacity_bytes.to_le_bytes()),
            (segment_at::DURABILITY, &[self.durability as u8]),
            (segment_at::SALT, &self.salt.to_le_bytes()),
        ];
        for (offset, bytes) in fields {
            crate::bytes::put(&mut head, offset, bytes);
        }
        let crc = Self::checksum(&head);
        crate::bytes::put(&mut head, segment_at::CRC, &crc.to_le_bytes());
        head
    }

    /// Reads the head at the front of `segment`; checks magic, checksum and reserved bytes, nothing
    /// else.
    ///
    /// # Errors
    /// The fault, all of them at offset 0.
    pub fn parse(segment: &[u8]) -> Result<Self, Fault> {
        let Some(head) = segment.first_chunk::<SEGMENT_HEAD_BYTES>() else {
            return Err(Fault::ShortSegment {
                found: segment.len() as u64,
            });
        };
        if !head.starts_with(&SEGMENT_MAGIC) {
            return Err(Fault::NotASegment {
                found: array(head, 0).unwrap_or_default(),
            });
        }
        let word = |offset| u32_at(head, offset).unwrap_or_default();
        let long = |offset| u64_at(head, offset).unwrap_or_default();
        let (expected, found) = (Self::checksum(head), word(segment_at::CRC));
        if expected != found {
            return Err(Fault::Checksum { expected, found });
        }
        let reserved = [
            head.get(segment_at::DURABILITY + 1..segment_at::SALT),
            head.get(segment_at::RESERVED..),
        ];
        if !reserved
            .iter()
            .all(|bytes| bytes.is_some_and(crate::bytes::all_zero))
        {
            return Err(Fault::Reserved);
        }
        let durability = head.get(segment_at::DURABILITY).copied();
        let durability = durability.and_then(Durability::from_byte);
        Ok(Self {
            segment_index: word(segment_at::INDEX),
            epoch: word(segment_at::EPOCH),
            trading_day: word(segment_at::TRADING_DAY),
            first_number: long(segment_at::FIRST_NUMBER),
            capacity_bytes: long(segment_at::CAPACITY),
            durability: durability.ok_or(Fault::Reserved)?,
            salt: word(segment_at::SALT),
        })
    }

    /// The salt of the segment behind one with `salt`, in the same epoch.
    #[must_use]
    pub const fn next_salt(salt: u32) -> u32 {
        match salt {
            0 => 0,
            salt => salt.wrapping_add(SALT_STEP),
        }
    }

    /// CRC-32C of the head with its checksum field left out.
    fn checksum(head: &[u8; SEGMENT_HEAD_BYTES]) -> u32 {
        let (front, rest) = head.split_at(segment_at::CRC);
        crc32c::crc32c_append(crc32c::crc32c(front), rest.get(4..).unwrap_or_default())
    }
}
