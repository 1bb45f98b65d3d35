//! What a loss of power leaves of a segment in a durable mode, told from damage.
//!
//! The disk may hold any of the sectors that were written after the last completed sync. What was
//! sent lies before that sync, so an end behind it loses nothing, whereas an end before it would
//! forget what was sent. Two things tell the one from the other:
//!
//! 1. Statements ([`RecordKind::Persisted`]): what lies before the highest of them had been synced.
//! 2. Behind the highest statement, the shape: a cut leaves out whole sectors, so a record that is
//!    all there and does not check was changed, not cut. Only of a copy, whose sectors are written
//!    from whole records.
//!
//! Next: `reader.rs` for one segment, `chain.rs` for segments that follow a cut one.

use super::damage::Fault;
use super::reader::{checked, stored_length};
use super::{Durability, RECORD_ALIGN, RECORD_HEAD_BYTES, RecordKind, record_at};
use crate::bytes::{all_zero, u32_at};
use crate::input::Persisted;

/// The smallest piece of which a disk keeps all or nothing.
pub(super) const SECTOR_BYTES: usize = 512;

/// A place in the chain: segment index and byte offset.
pub(super) type Place = (u32, u64);

/// Whether a whole record of `epoch` numbered above `number` states anywhere in `bytes` that the
/// journal was synced beyond `place`.
pub(super) fn is_stated_beyond(bytes: &[u8], epoch: u32, number: u64, place: Place) -> bool {
    (0..bytes.len()).step_by(RECORD_ALIGN).any(|at| {
        let candidate = bytes.get(at..).unwrap_or_default();
        let is_one = candidate.get(record_at::KIND) == Some(&(RecordKind::Persisted as u8))
            && u32_at(candidate, record_at::EPOCH) == Some(epoch)
            && stored_length(candidate) == Persisted::BYTES;
        is_one
            && checked(candidate).is_ok_and(|(record, _)| {
                record.head.number > number
                    && Persisted::parse(record.payload)
                        .is_ok_and(|stated| (stated.segment, stated.offset) > place)
            })
    })
}

/// Whether the record at byte `position` of `segment`, which does not check, may be what a loss of
/// power or the end of the process left of one. `is_last`: no whole record lies behind it.
pub(super) fn may_be_cut(
    segment: &[u8],
    position: usize,
    (durability, fault, is_last): (Durability, Fault, bool),
) -> bool {
    let rest = segment.get(position..).unwrap_or_default();
    match durability {
        Durability::Process => false,
        Durability::PowerInPlace => true,
        // The checksum is stored last, and in the sector of the length.
        _ if u32_at(rest, record_at::CRC) == Some(0) => true,
        _ if is_whole_but_for_its_length(rest) => false,
        Durability::PowerByCopy => match fault {
            Fault::Length { .. } => is_last,
            _ => lacks_a_sector(segment, position),
        },
    }
}

/// Whether a sector is zero that the record at `position` reaches into. The one in which it begins
/// holds its head.
fn lacks_a_sector(segment: &[u8], position: usize) -> bool {
    let length = stored_length(segment.get(position..).unwrap_or_default());
    let end = position + RECORD_HEAD_BYTES.saturating_add(length);
    let first = (position + 1).next_multiple_of(SECTOR_BYTES);
    let mut sectors = (first..end.min(segment.len())).step_by(SECTOR_BYTES);
    sectors.any(|at| {
        let sector = segment.get(at..segment.len().min(at + SECTOR_BYTES));
        sector.is_some_and(all_zero)
    })
}

/// Whether the record at the front of `rest` would check with one bit of its length turned: lengths
/// are not under the checksum, and a longer one may reach into what was never written.
fn is_whole_but_for_its_length(rest: &[u8]) -> bool {
    let stored = u32_at(rest, record_at::LENGTH).unwrap_or_default();
    let crc = u32_at(rest, record_at::CRC);
    (0..u32::BITS).any(|bit| {
        let length = usize::try_from(stored ^ (1 << bit)).unwrap_or(usize::MAX);
        let end = RECORD_HEAD_BYTES.saturating_add(length);
        let covered = rest.get(record_at::NUMBER..end);
        covered.is_some_and(|covered| Some(crc32c::crc32c(covered)) == crc)
    })
}
