//! What can be wrong with a journal, and where.
//!
//! In it: [`Fault`] and [`JournalDamage`]. Not in it: torn tails, which are no damage (see
//! `reader.rs`, which finds both).

/// What is wrong at one place of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Too short to hold a segment head.
    ShortSegment {
        /// Its length.
        found: u64,
    },
    /// The first eight bytes are not the journal's.
    NotASegment {
        /// What they are.
        found: [u8; 8],
    },
    /// The segment is longer than its head says, or (when going on with it) not exactly as long.
    Capacity {
        /// What the head says.
        expected: u64,
        /// Its length.
        found: u64,
    },
    /// A head's or record's CRC-32C is not that of its bytes.
    Checksum {
        /// CRC-32C of the bytes.
        expected: u32,
        /// CRC-32C as stored.
        found: u32,
    },
    /// A payload length that the segment cannot hold.
    Length {
        /// Longest payload possible here.
        max: u64,
        /// Length as stored.
        found: u64,
    },
    /// Bytes that must be zero are not: reserved fields of a head.
    Reserved,
    /// Bytes that must be zero are not: padding behind a payload.
    Padding,
    /// A kind this version does not know, under a right checksum.
    Kind {
        /// The byte.
        found: u8,
    },
    /// A record or segment is missing, repeated or out of its place.
    Number {
        /// Number due here.
        expected: u64,
        /// Number found.
        found: u64,
    },
    /// An epoch changed without a `Start` record, or went back.
    Epoch {
        /// Epoch in force.
        expected: u32,
        /// Epoch found.
        found: u32,
    },
    /// A record points at itself or forward.
    RefersTo {
        /// The record's own number.
        number: u64,
        /// Where it points.
        found: u64,
    },
    /// No head where whole later records follow: a hole in the middle.
    Hole {
        /// Number due here.
        expected: u64,
        /// Number of the whole record found behind it.
        found: u64,
    },
    /// Bytes behind the end mark, which clears everything behind it.
    AfterEnd,
    /// A segment of the chain is missing, repeated or out of order.
    SegmentIndex {
        /// Index due here.
        expected: u32,
        /// Index found.
        found: u32,
    },
    /// A segment of another trading day.
    TradingDay {
        /// The chain's day.
        expected: u32,
        /// The segment's day.
        found: u32,
    },
    /// A segment without end mark, or with a torn tail, although its epoch goes on in the next one.
    NotSealed {
        /// The epoch.
        epoch: u32,
    },
    /// The first record of an epoch is not its `Start`.
    NoStart {
        /// The epoch.
        epoch: u32,
    },
}

/// Where the journal is damaged, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalDamage {
    /// The segment: its index by its head, or its place in the chain if the head cannot be trusted.
    pub segment_index: u32,
    /// Byte offset in that segment.
    pub position: u64,
    /// What was expected and what was found.
    pub fault: Fault,
}
