//! Reading one segment: records in order, and what kind of end it has.
//!
//! A record that does not check is a torn tail if the writer may have died while building it: its
//! head was never written or its checksum is wrong, only zeros lie behind its extent, and no whole
//! later record lies anywhere behind it. In a segment of a durable mode it may also be what a loss
//! of power left (see `power_cut.rs`). Everything else that does not check is damage. In it:
//! [`SegmentReader`]. Not in it: rules that span segments (see `chain.rs`).

use super::damage::{Fault, JournalDamage};
use super::power_cut::{is_stated_beyond, may_be_cut};
use super::{
    Durability, RECORD_ALIGN, RECORD_HEAD_BYTES, Record, RecordHead, RecordKind,
    SEGMENT_HEAD_BYTES, SegmentHead, record_at,
};
use crate::bytes::{all_zero, padded, u16_at, u32_at, u64_at};

/// How the readable part of a segment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// In zeroed space, or exactly at the end of the lent bytes: more may be appended.
    Open,
    /// In an end mark.
    Sealed,
    /// In a record that was being written when the writer died, or in what a loss of power left of
    /// records that were not synced. It counts for nothing.
    Torn {
        /// Byte offset of the torn record's head.
        position: u64,
        /// Bytes from there to the last byte that is not zero.
        bytes: u64,
    },
}

/// Where a reader stands; lets a reader of a growing segment go on later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Byte offset of the next head.
    pub position: usize,
    /// Number due there.
    pub next_number: u64,
    /// Epoch in force.
    pub epoch: u32,
}

/// Iterates over the records of one segment.
///
/// The slice may be shorter than the segment: whoever follows a live journal lends it up to the
/// published position. After damage the iterator yields nothing more.
#[derive(Clone, Debug)]
pub struct SegmentReader<'a> {
    segment: &'a [u8],
    head: SegmentHead,
    cursor: Cursor,
    /// Set when the end is reached.
    tail: Option<Tail>,
    /// Set when damage was reported.
    failed: bool,
}

impl<'a> SegmentReader<'a> {
    /// Reads the segment's head and stands before its first record.
    ///
    /// # Errors
    /// Damage of the head.
    pub fn new(segment: &'a [u8]) -> Result<Self, JournalDamage> {
        let damage = |segment_index, fault| JournalDamage {
            segment_index,
            position: 0,
            fault,
        };
        let head = SegmentHead::parse(segment).map_err(|fault| damage(0, fault))?;
        if segment.len() as u64 > head.capacity_bytes {
            let fault = Fault::Capacity {
                expected: head.capacity_bytes,
                found: segment.len() as u64,
            };
            return Err(damage(head.segment_index, fault));
        }
        let cursor = Cursor {
            position: SEGMENT_HEAD_BYTES,
            next_number: head.first_number,
            epoch: head.epoch,
        };
        Ok(Self {
            segment,
            head,
            cursor,
            tail: None,
            failed: false,
        })
    }

    /// Reads the segment's head and stands at `cursor`, which an earlier reader of the same segment
    /// returned.
    ///
    /// # Errors
    /// Damage of the head.
    pub fn resume_at(segment: &'a [u8], cursor: Cursor) -> Result<Self, JournalDamage> {
        Ok(Self {
            cursor,
            ..Self::new(segment)?
        })
    }

    /// The segment's head.
    #[must_use]
    pub fn head(&self) -> &SegmentHead {
        &self.head
    }

    /// Where the next record is due.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// How the segment ends; `None` until the iterator has ended, and after damage.
    #[must_use]
    pub fn tail(&self) -> Option<Tail> {
        self.tail
    }

    /// The next record, checked but not yet counted; `Ok(None)` at a tail.
    fn step(&mut self) -> Result<Option<Record<'a>>, Fault> {
        let rest = self.segment.get(self.cursor.position..).unwrap_or_default();
        if rest.len() < RECORD_HEAD_BYTES {
            self.tail = Some(if all_zero(rest) {
                Tail::Open
            } else {
                self.torn(rest)
            });
            return Ok(None);
        }
        let (record, size) = match checked(rest) {
            Ok(whole) => whole,
            Err(fault) => {
                self.tail = Some(self.classify(rest, fault)?);
                return Ok(None);
            }
        };
        let record = Record {
            position: self.cursor.position as u64,
            ..record
        };
        self.in_order(&record.head)?;
        if record.head.kind == RecordKind::SegmentEnd {
            let behind = rest.get(size..).unwrap_or_default();
            // Mapped pages may hold what was being built and cleared before the mark was set.
            if self.head.durability != Durability::PowerInPlace && !all_zero(behind) {
                return Err(Fault::AfterEnd);
            }
            self.tail = Some(Tail::Sealed);
        }
        self.cursor.position += size;
        self.cursor.next_number = record.head.number.saturating_add(1);
        self.cursor.epoch = record.head.epoch;
        Ok(Some(record))
    }

    /// Number, epoch and back reference of a whole record.
    fn in_order(&self, head: &RecordHead) -> Result<(), Fault> {
        let Cursor {
            next_number: expected,
            epoch,
            ..
        } = self.cursor;
        if head.number != expected {
            return Err(Fault::Number {
                expected,
                found: head.number,
            });
        }
        let starts = head.kind == RecordKind::Start && head.epoch > epoch;
        if head.epoch != epoch && !starts {
            return Err(Fault::Epoch {
                expected: epoch,
                found: head.epoch,
            });
        }
        if head.refers_to >= head.number {
            return Err(Fault::RefersTo {
                number: head.number,
                found: head.refers_to,
            });
        }
        Ok(())
    }

    /// A record that does not check: the tail it makes, or the damage it is.
    fn classify(&self, rest: &[u8], fault: Fault) -> Result<Tail, Fault> {
        let of_process = self.classify_as_of_process(rest, fault);
        let durability = self.head.durability;
        if durability == Durability::Process || of_process == Ok(Tail::Open) {
            return of_process;
        }
        let Cursor {
            position,
            next_number,
            epoch,
        } = self.cursor;
        let place = (self.head.segment_index, position as u64);
        let is_cut = matches!(fault, Fault::Checksum { .. } | Fault::Length { .. })
            && !is_stated_beyond(rest, epoch, next_number, place)
            && may_be_cut(
                self.segment,
                position,
                (durability, fault, self.later(rest).is_none()),
            );
        if is_cut {
            Ok(self.torn(rest))
        } else {
            Err(of_process.err().unwrap_or(fault))
        }
    }

    /// The same by the rules for a writer that died and memory that did not.
    fn classify_as_of_process(&self, rest: &[u8], fault: Fault) -> Result<Tail, Fault> {
        let Fault::Checksum {
            found: stored_crc, ..
        } = fault
        else {
            let cut = (self.segment.len() as u64) < self.head.capacity_bytes;
            let could_be_cut = matches!(fault, Fault::Length { .. }) && cut;
            return if could_be_cut && self.later(rest).is_none() {
                Ok(self.torn(rest))
            } else {
                Err(fault)
            };
        };
        let length = stored_length(rest);
        let unwritten = length == 0 && stored_crc == 0;
        if unwritten && all_zero(rest) {
            return Ok(Tail::Open);
        }
        if let Some(found) = self.later(rest) {
            let expected = self.cursor.next_number;
            return Err(if unwritten {
                Fault::Hole { expected, found }
            } else {
                fault
            });
        }
        let behind = rest
            .get(RECORD_HEAD_BYTES + padded(length)..)
            .unwrap_or_default();
        if unwritten || all_zero(behind) {
            Ok(self.torn(rest))
        } else {
            Err(fault)
        }
    }

    /// The torn tail from the cursor on.
    fn torn(&self, rest: &[u8]) -> Tail {
        let bytes = rest
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1);
        Tail::Torn {
            position: self.cursor.position as u64,
            bytes: bytes as u64,
        }
    }

    /// Number of the first whole record behind the cursor that a record missing here would have
    /// preceded.
    fn later(&self, rest: &[u8]) -> Option<u64> {
        let expected = self.cursor.next_number;
        let most = expected.saturating_add((rest.len() / RECORD_HEAD_BYTES) as u64);
        let places = (RECORD_ALIGN..rest.len()).step_by(RECORD_ALIGN);
        places
            .filter_map(|place| rest.get(place..))
            .find_map(|candidate| {
                let number = u64_at(candidate, record_at::NUMBER)?;
                let plausible = number > expected && number <= most;
                (plausible && checked(candidate).is_ok()).then_some(number)
            })
    }
}

impl<'a> Iterator for SegmentReader<'a> {
    type Item = Result<Record<'a>, JournalDamage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.tail.is_some() {
            return None;
        }
        self.step()
            .map_err(|fault| {
                self.failed = true;
                let position = self.cursor.position as u64;
                JournalDamage {
                    segment_index: self.head.segment_index,
                    position,
                    fault,
                }
            })
            .transpose()
    }
}

/// The record at the front of `rest` (position still 0) and its padded size, if length, checksum,
/// kind, reserved bytes and padding are right.
#[inline]
pub(super) fn checked(rest: &[u8]) -> Result<(Record<'_>, usize), Fault> {
    let length = stored_length(rest);
    let max = rest.len().saturating_sub(RECORD_HEAD_BYTES) & !(RECORD_ALIGN - 1);
    if length > max || rest.len() < RECORD_HEAD_BYTES {
        return Err(Fault::Length {
            max: max as u64,
            found: length as u64,
        });
    }
    let end = RECORD_HEAD_BYTES + length;
    let size = RECORD_HEAD_BYTES + padded(length);
    let expected = crc32c::crc32c(rest.get(record_at::NUMBER..end).unwrap_or_default());
    let found = u32_at(rest, record_at::CRC).unwrap_or_default();
    if expected != found {
        return Err(Fault::Checksum { expected, found });
    }
    let byte = |offset: usize| rest.get(offset).copied().unwrap_or_default();
    let kind_byte = byte(record_at::KIND);
    let kind = RecordKind::from_byte(kind_byte).ok_or(Fault::Kind { found: kind_byte })?;
    let word = |offset| u32_at(rest, offset).unwrap_or_default();
    let long = |offset| u64_at(rest, offset).unwrap_or_default();
    if u16_at(rest, record_at::RESERVED) != Some(0) || word(record_at::RESERVED + 2) != 0 {
        return Err(Fault::Reserved);
    }
    if !rest.get(end..size).is_some_and(all_zero) {
        return Err(Fault::Padding);
    }
    let head = RecordHead {
        kind,
        clock_quality: byte(record_at::CLOCK_QUALITY),
        connection: word(record_at::CONNECTION),
        number: long(record_at::NUMBER),
        stamp_ns: long(record_at::STAMP),
        epoch: word(record_at::EPOCH),
        refers_to: long(record_at::REFERS_TO),
    };
    let payload = rest.get(RECORD_HEAD_BYTES..end).unwrap_or_default();
    Ok((
        Record {
            head,
            payload,
            position: 0,
        },
        size,
    ))
}

/// The payload length a head claims.
pub(super) fn stored_length(rest: &[u8]) -> usize {
    let length = u32_at(rest, record_at::LENGTH).unwrap_or_default();
    usize::try_from(length).unwrap_or(usize::MAX)
}
