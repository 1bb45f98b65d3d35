//! Appending to one segment: a cursor, a copy and one checksum, without allocation.
//!
//! In it: [`SegmentWriter`], which owns no memory and is lent the segment at each call. The
//! checksum is stored after everything else of its record, and the place of the next head is kept
//! zero, so that a process killed at any instruction leaves either a whole record or a torn tail
//! that the reader recognises. Not in it: rotation, mapping and syncing of segments (runtime and
//! host). Next: `reader.rs`.

use super::damage::{Fault, JournalDamage};
use super::reader::{SegmentReader, Tail};
use super::{
    LAST_RESERVE_BYTES, RECORD_HEAD_BYTES, RecordKind, SEGMENT_BYTES_MIN, SEGMENT_HEAD_BYTES,
    SegmentHead, record_at,
};
use crate::bytes::{padded, put};

/// What the caller decides about a record; number and epoch are the writer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// What the payload is.
    pub kind: RecordKind,
    /// How good the clock was, as the runtime rates it.
    pub clock_quality: u8,
    /// The line it belongs to; 0 when it belongs to none.
    pub connection: u32,
    /// UTC nanoseconds since 1970.
    pub stamp_ns: u64,
    /// Number of an earlier record, or 0.
    pub refers_to: u64,
}

/// Where a record went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The record's number.
    pub number: u64,
    /// Byte offset of its head in the segment.
    pub position: u64,
    /// Byte offset behind its padding: where the next head goes.
    pub end: u64,
}

/// The record does not fit; seal this segment and go on in the next. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentFull;

/// A segment cannot be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The lent slice is smaller than [`SEGMENT_BYTES_MIN`].
    TooSmall,
    /// `capacity_bytes` is not the length of the lent slice.
    Capacity {
        /// Length of the slice.
        expected: u64,
        /// What the head claims.
        found: u64,
    },
}

/// A segment cannot be gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResumeError {
    /// It is damaged before its tail.
    Damaged(JournalDamage),
    /// It ends in [`RecordKind::SegmentEnd`]; the chain goes on in a new segment.
    Sealed {
        /// The number the next segment starts with.
        next_number: u64,
    },
}

/// The one writer of a segment.
///
/// The segment lent at each call must be the one it was started or resumed on; with a shorter slice
/// calls answer [`SegmentFull`] and write nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentWriter {
    /// Byte offset of the next head; always a multiple of eight, never beyond `capacity`.
    position: usize,
    /// Length of the segment.
    capacity: usize,
    /// Number of the next record.
    next_number: u64,
    /// Epoch written into heads.
    epoch: u32,
    /// True once [`RecordKind::SegmentEnd`] is written; then nothing fits any more.
    sealed: bool,
}

impl SegmentWriter {
    /// Writes `head` to the front of a segment, whose other bytes must be zero, and stands behind
    /// it.
    ///
    /// # Errors
    /// [`StartError`] if the slice and the head do not agree; nothing is written then.
    pub fn start(segment: &mut [u8], head: SegmentHead) -> Result<Self, StartError> {
        if segment.len() < SEGMENT_BYTES_MIN {
            return Err(StartError::TooSmall);
        }
        let expected = segment.len() as u64;
        if head.capacity_bytes != expected {
            return Err(StartError::Capacity {
                expected,
                found: head.capacity_bytes,
            });
        }
        put(segment, 0, &head.to_bytes());
        Ok(Self {
            position: SEGMENT_HEAD_BYTES,
            capacity: segment.len(),
            next_number: head.first_number,
            epoch: head.epoch,
            sealed: false,
        })
    }

    /// Reads a segment to its end, clears a torn tail and stands behind the last whole record.
    ///
    /// The epoch is that of the last record; a new start of the process calls [`Self::begin_epoch`]
    /// next.
    ///
    /// # Errors
    /// [`ResumeError`]: damage before the tail, or a sealed segment.
    pub fn resume(segment: &mut [u8]) -> Result<Self, ResumeError> {
        let mut reader = SegmentReader::new(segment).map_err(ResumeError::Damaged)?;
        let head = *reader.head();
        for record in reader.by_ref() {
            record.map_err(ResumeError::Damaged)?;
        }
        let (cursor, tail) = (reader.cursor(), reader.tail());
        if tail == Some(Tail::Sealed) {
            return Err(ResumeError::Sealed {
                next_number: cursor.next_number,
            });
        }
        let found = segment.len() as u64;
        if found != head.capacity_bytes {
            let fault = Fault::Capacity {
                expected: head.capacity_bytes,
                found,
            };
            let segment_index = head.segment_index;
            return Err(ResumeError::Damaged(JournalDamage {
                segment_index,
                position: 0,
                fault,
            }));
        }
        let position = cursor.position;
        clear(segment.get_mut(position..).unwrap_or_default());
        Ok(Self {
            position,
            capacity: segment.len(),
            next_number: cursor.next_number,
            epoch: cursor.epoch,
            sealed: false,
        })
    }

    /// From here on heads carry `epoch`. The next record must be a [`RecordKind::Start`]: readers
    /// insist on it.
    pub fn begin_epoch(&mut self, epoch: u32) {
        debug_assert!(epoch > self.epoch, "an epoch never comes back");
        self.epoch = epoch;
    }

    /// Writes one record whose payload is `parts` one behind the other.
    ///
    /// # Errors
    /// [`SegmentFull`] if it does not fit with the end mark (and, but for `Last`, the reserve) kept
    /// back.
    #[inline]
    pub fn append(
        &mut self,
        segment: &mut [u8],
        head: NewRecord,
        parts: &[&[u8]],
    ) -> Result<Appended, SegmentFull> {
        let length = parts
            .iter()
            .fold(0usize, |sum, part| sum.saturating_add(part.len()));
        let room = self.free(segment, head.kind).ok_or(SegmentFull)?;
        if padded(length) > room.len() {
            return Err(SegmentFull);
        }
        let mut rest = room;
        for part in parts {
            let (front, behind) = rest.split_at_mut_checked(part.len()).ok_or(SegmentFull)?;
            front.copy_from_slice(part);
            rest = behind;
        }
        self.finish(segment, head, length).ok_or(SegmentFull)
    }

    /// Payload room of a record built in place: everything up to the reserve, at least `at_least`
    /// bytes.
    ///
    /// Nothing counts until [`Self::commit`]. Bytes written here and not committed are overwritten
    /// by the next record or cleared by [`Self::seal`].
    #[must_use]
    pub fn room<'s>(&self, segment: &'s mut [u8], at_least: usize) -> Option<&'s mut [u8]> {
        self.free(segment, RecordKind::Effect)
            .filter(|room| room.len() >= at_least)
    }

    /// Seals the record whose first `payload_length` payload bytes were built in [`Self::room`].
    ///
    /// # Panics
    /// If `payload_length` is more than `room` lent, or the segment is not the one `room` came
    /// from: our own broken invariant, never an input's.
    pub fn commit(
        &mut self,
        segment: &mut [u8],
        head: NewRecord,
        payload_length: usize,
    ) -> Appended {
        let room = self.free(segment, head.kind).map_or(0, |room| room.len());
        assert!(payload_length <= room, "committed more than `room` lent");
        self.finish(segment, head, payload_length)
            .expect("it fits: asserted just above")
    }

    /// Writes the end mark, for which room was always kept back, and clears what lies behind it.
    /// Once; later calls do nothing.
    pub fn seal(&mut self, segment: &mut [u8], stamp_ns: u64) {
        let head = NewRecord {
            kind: RecordKind::SegmentEnd,
            clock_quality: 0,
            connection: 0,
            stamp_ns,
            refers_to: 0,
        };
        if !self.sealed && self.finish(segment, head, 0).is_some() {
            self.sealed = true;
            clear(segment.get_mut(self.position..).unwrap_or_default());
        }
    }

    /// Number of the next record.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.next_number
    }

    /// Byte offset of the next head: everything before it is written.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position as u64
    }

    /// Epoch written into heads.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Payload bytes that fit into one more record of an ordinary kind; 0 may mean that not even a
    /// head fits.
    #[must_use]
    pub fn room_bytes(&self) -> usize {
        let kept = RECORD_HEAD_BYTES + LAST_RESERVE_BYTES + RECORD_HEAD_BYTES;
        if self.sealed {
            0
        } else {
            self.capacity.saturating_sub(self.position + kept) & !7
        }
    }

    /// Room for a payload of `kind` behind the next head, a multiple of eight long.
    #[inline]
    fn free<'s>(&self, segment: &'s mut [u8], kind: RecordKind) -> Option<&'s mut [u8]> {
        let kept = match kind {
            RecordKind::SegmentEnd => 0,
            RecordKind::Last => RECORD_HEAD_BYTES,
            _ => RECORD_HEAD_BYTES + LAST_RESERVE_BYTES,
        };
        let front = self.position + RECORD_HEAD_BYTES;
        let end = self.capacity.checked_sub(kept)? & !7;
        if self.sealed || segment.len() != self.capacity {
            return None;
        }
        segment.get_mut(front..end)
    }

    /// Pads, writes the head, checks it in; `None` if `length` does not fit, with nothing counted.
    #[inline]
    fn finish(&mut self, segment: &mut [u8], head: NewRecord, length: usize) -> Option<Appended> {
        if self.free(segment, head.kind)?.len() < padded(length) {
            return None;
        }
        let position = self.position;
        let record = segment.get_mut(position..)?;
        let size = RECORD_HEAD_BYTES + padded(length);
        let stored_length = u32::try_from(length).ok()?;
        record.get_mut(RECORD_HEAD_BYTES + length..size)?.fill(0);
        if let Some(next_head) = record.get_mut(size..size + RECORD_HEAD_BYTES) {
            next_head.fill(0);
        }
        let bytes = self.head_bytes(head, stored_length);
        record.get_mut(..RECORD_HEAD_BYTES)?.copy_from_slice(&bytes);
        let crc = crc32c::crc32c(record.get(record_at::NUMBER..RECORD_HEAD_BYTES + length)?);
        put(record, record_at::CRC, &crc.to_le_bytes());
        let number = self.next_number;
        self.next_number += 1;
        self.position = position + size;
        debug_assert!(self.position <= self.capacity);
        Some(Appended {
            number,
            position: position as u64,
            end: self.position as u64,
        })
    }

    /// The head with its checksum still zero.
    #[inline]
    fn head_bytes(&self, head: NewRecord, length: u32) -> [u8; RECORD_HEAD_BYTES] {
        let mut bytes = [0; RECORD_HEAD_BYTES];
        put(&mut bytes, record_at::LENGTH, &length.to_le_bytes());
        put(
            &mut bytes,
            record_at::NUMBER,
            &self.next_number.to_le_bytes(),
        );
        put(&mut bytes, record_at::STAMP, &head.stamp_ns.to_le_bytes());
        put(&mut bytes, record_at::EPOCH, &self.epoch.to_le_bytes());
        put(
            &mut bytes,
            record_at::CONNECTION,
            &head.connection.to_le_bytes(),
        );
        put(
            &mut bytes,
            record_at::KIND,
            &[head.kind as u8, head.clock_quality],
        );
        put(
            &mut bytes,
            record_at::REFERS_TO,
            &head.refers_to.to_le_bytes(),
        );
        bytes
    }
}

/// Zeroes what is not zero, page by page, so that untouched pages stay untouched.
fn clear(bytes: &mut [u8]) {
    for page in bytes.chunks_mut(4096) {
        if !crate::bytes::all_zero(page) {
            page.fill(0);
        }
    }
}
