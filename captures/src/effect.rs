//! What an effect record holds: a run of entries, each one output for a peer or one change of
//! state.
//!
//! In it: [`EffectWriter`] over lent bytes (usually [`crate::journal::SegmentWriter::room`]) and
//! [`EffectReader`]. Not in it: what state entries mean; the gateway owns those tags. Byte table:
//! `captures/FORMAT.md`.

use crate::bytes::{all_zero, padded, put, u16_at, u32_at};

/// Tag of an entry that carries bytes for a peer. All other tags are the gateway's own state
/// entries.
pub const OUTPUT_TAG: u8 = 1;
/// Flag of an output: an application message, not an administrative one.
pub const APPLICATION: u8 = 1;
/// Flag of an output: sent again on a ResendRequest(2).
pub const RESEND: u8 = 2;
/// Flag of an output: the peer's copy carries a secret that stands here as asterisks of equal
/// length.
pub const SECRET: u8 = 4;
/// Bytes in front of each entry's body.
pub const ENTRY_HEAD_BYTES: usize = 8;
/// Bytes in front of an output's bytes, within its body: connection and sequence number.
pub const OUTPUT_HEAD_BYTES: usize = 8;

/// Offsets in an entry; see FORMAT.md, "Effect entries".
mod entry_at {
    pub(super) const TAG: usize = 0;
    pub(super) const FLAGS: usize = 1;
    pub(super) const RESERVED: usize = 2;
    pub(super) const LENGTH: usize = 4;
    pub(super) const CONNECTION: usize = 8;
    pub(super) const MSG_SEQ_NUM: usize = 12;
}

const _: () = assert!(entry_at::LENGTH + 4 == ENTRY_HEAD_BYTES);
const _: () = assert!(entry_at::MSG_SEQ_NUM + 4 == ENTRY_HEAD_BYTES + OUTPUT_HEAD_BYTES);

/// The entry does not fit; nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectFull;

/// Builds the payload of one effect record in place.
#[derive(Debug)]
pub struct EffectWriter<'a> {
    into: &'a mut [u8],
    /// Bytes built; a multiple of eight, never more than `into.len()`.
    used: usize,
}

impl<'a> EffectWriter<'a> {
    /// Starts at the front of `into`; only a multiple of eight bytes of it is used.
    #[must_use]
    pub fn new(into: &'a mut [u8]) -> Self {
        let usable = into.len() & !7;
        let (into, _) = into.split_at_mut(usable);
        Self { into, used: 0 }
    }

    /// Adds one state entry.
    ///
    /// # Errors
    /// [`EffectFull`] if it does not fit.
    #[inline]
    pub fn put(&mut self, tag: u8, bytes: &[u8]) -> Result<(), EffectFull> {
        let room = self.state_room(bytes.len());
        if room.len() != bytes.len() {
            return Err(EffectFull);
        }
        room.copy_from_slice(bytes);
        self.commit_state(tag, bytes.len())
    }

    /// Room for a body of the next state entry, at most `length_max` bytes; empty if so many do not
    /// fit. Nothing counts until [`Self::commit_state`].
    #[inline]
    #[must_use]
    pub fn state_room(&mut self, length_max: usize) -> &mut [u8] {
        self.free(ENTRY_HEAD_BYTES)
            .get_mut(..length_max)
            .unwrap_or_default()
    }

    /// Makes the first `length` bytes of [`Self::state_room`] a state entry.
    ///
    /// # Errors
    /// [`EffectFull`] if it does not fit.
    #[inline]
    pub fn commit_state(&mut self, tag: u8, length: usize) -> Result<(), EffectFull> {
        debug_assert!(
            tag != 0 && tag != OUTPUT_TAG,
            "0 is no tag and outputs have a call of their own"
        );
        self.close(tag, 0, length)
    }

    /// Room for the bytes of the next output, behind its heads; empty if not even the heads fit.
    ///
    /// Nothing counts until [`Self::commit_output`]; a `put` in between overwrites it.
    #[must_use]
    pub fn room(&mut self) -> &mut [u8] {
        self.free(ENTRY_HEAD_BYTES + OUTPUT_HEAD_BYTES)
    }

    /// Makes the first `length` bytes of [`Self::room`] an output for `connection`.
    ///
    /// `msg_seq_num` is 0 where the peer's protocol numbers nothing. `flags`: [`APPLICATION`],
    /// [`RESEND`].
    ///
    /// # Errors
    /// [`EffectFull`] if `length` is more than `room` lent.
    #[inline]
    pub fn commit_output(
        &mut self,
        connection: u32,
        msg_seq_num: u32,
        flags: u8,
        length: usize,
    ) -> Result<(), EffectFull> {
        if length > self.room().len() {
            return Err(EffectFull);
        }
        let entry = self.free(0);
        put(entry, entry_at::CONNECTION, &connection.to_le_bytes());
        put(entry, entry_at::MSG_SEQ_NUM, &msg_seq_num.to_le_bytes());
        self.close(OUTPUT_TAG, flags, OUTPUT_HEAD_BYTES + length)
    }

    /// Bytes built so far: the payload length to commit.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used
    }

    /// What is free behind a prefix of `heads` bytes.
    fn free(&mut self, heads: usize) -> &mut [u8] {
        self.into.get_mut(self.used + heads..).unwrap_or_default()
    }

    /// Pads a body of `length` bytes, writes the entry's head and counts it.
    #[inline]
    fn close(&mut self, tag: u8, flags: u8, length: usize) -> Result<(), EffectFull> {
        let size = ENTRY_HEAD_BYTES + padded(length);
        let stored_length = u32::try_from(length).map_err(|_| EffectFull)?;
        let entry = self.free(0).get_mut(..size).ok_or(EffectFull)?;
        entry
            .get_mut(ENTRY_HEAD_BYTES + length..)
            .unwrap_or_default()
            .fill(0);
        put(entry, entry_at::TAG, &[tag, flags, 0, 0]);
        put(entry, entry_at::LENGTH, &stored_length.to_le_bytes());
        self.used += size;
        Ok(())
    }
}

/// One entry of an effect record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// Bytes for one peer.
    Output {
        /// The peer's line.
        connection: u32,
        /// The sequence number they carry, 0 if none.
        msg_seq_num: u32,
        /// [`APPLICATION`], [`RESEND`].
        flags: u8,
        /// The bytes.
        bytes: &'a [u8],
        /// Where they begin in the payload: how a resend cursor finds them again.
        offset: usize,
    },
    /// A change of state, in the gateway's own terms.
    State {
        /// Which change.
        tag: u8,
        /// Its body.
        bytes: &'a [u8],
    },
}

/// Why an effect payload cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectFault {
    /// Fewer bytes than a head or the body it announces.
    Short,
    /// Tag 0: no entry has it.
    Tag,
    /// Flags or reserved bytes that are not defined.
    Reserved,
    /// Padding that is not zero.
    Padding,
    /// An output without connection and sequence number.
    OutputHead,
}

/// Where an effect payload cannot be read, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectError {
    /// Byte offset of the entry in the payload.
    pub offset: usize,
    /// What is wrong.
    pub fault: EffectFault,
}

/// Iterates over the entries of an effect payload; yields nothing more after an error.
#[derive(Clone, Debug)]
pub struct EffectReader<'a> {
    payload: &'a [u8],
    offset: usize,
}

impl<'a> EffectReader<'a> {
    /// Stands before the first entry.
    #[must_use]
    pub fn new(payload: &'a [u8]) -> Self {
        Self { payload, offset: 0 }
    }

    /// The entry at the front of `rest` and its padded size.
    fn entry(&self, rest: &'a [u8]) -> Result<(Entry<'a>, usize), EffectFault> {
        let (Some(&tag), Some(&flags), Some(stored_length)) = (
            rest.first(),
            rest.get(entry_at::FLAGS),
            u32_at(rest, entry_at::LENGTH),
        ) else {
            return Err(EffectFault::Short);
        };
        let length = usize::try_from(stored_length).map_err(|_| EffectFault::Short)?;
        let end = ENTRY_HEAD_BYTES.saturating_add(length);
        let size = ENTRY_HEAD_BYTES.saturating_add(padded(length));
        let body = rest.get(ENTRY_HEAD_BYTES..end).ok_or(EffectFault::Short)?;
        let padding = rest.get(end..size).ok_or(EffectFault::Short)?;
        let known_flags = if tag == OUTPUT_TAG {
            APPLICATION | RESEND | SECRET
        } else {
            0
        };
        if tag == 0 {
            return Err(EffectFault::Tag);
        }
        if flags & !known_flags != 0 || u16_at(rest, entry_at::RESERVED) != Some(0) {
            return Err(EffectFault::Reserved);
        }
        if !all_zero(padding) {
            return Err(EffectFault::Padding);
        }
        if tag != OUTPUT_TAG {
            return Ok((Entry::State { tag, bytes: body }, size));
        }
        let (Some(connection), Some(msg_seq_num), Some(bytes)) = (
            u32_at(body, 0),
            u32_at(body, 4),
            body.get(OUTPUT_HEAD_BYTES..),
        ) else {
            return Err(EffectFault::OutputHead);
        };
        let offset = self.offset + ENTRY_HEAD_BYTES + OUTPUT_HEAD_BYTES;
        Ok((
            Entry::Output {
                connection,
                msg_seq_num,
                flags,
                bytes,
                offset,
            },
            size,
        ))
    }
}

impl<'a> Iterator for EffectReader<'a> {
    type Item = Result<Entry<'a>, EffectError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self
            .payload
            .get(self.offset..)
            .filter(|rest| !rest.is_empty())?;
        match self.entry(rest) {
            Ok((entry, size)) => {
                self.offset += size;
                Some(Ok(entry))
            }
            Err(fault) => {
                let offset = self.offset;
                self.offset = self.payload.len();
                Some(Err(EffectError { offset, fault }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_written() {
        let mut space = [0xAA; 203];
        let mut writer = EffectWriter::new(&mut space);
        writer.put(7, b"state").unwrap();
        writer.room()[..5].copy_from_slice(b"hello");
        writer
            .commit_output(3, 12, APPLICATION | RESEND, 5)
            .unwrap();
        writer.put(255, b"").unwrap();
        writer.commit_output(4, 0, 0, 0).unwrap();
        let used = writer.used();
        assert_eq!(used, 16 + 24 + 8 + 16);
        let entries: Vec<_> = EffectReader::new(&space[..used])
            .map(Result::unwrap)
            .collect();
        let output = |connection, msg_seq_num, flags, bytes, offset| Entry::Output {
            connection,
            msg_seq_num,
            flags,
            bytes,
            offset,
        };
        assert_eq!(
            entries,
            [
                Entry::State {
                    tag: 7,
                    bytes: b"state"
                },
                output(3, 12, 3, b"hello".as_slice(), 32),
                Entry::State {
                    tag: 255,
                    bytes: b""
                },
                output(4, 0, 0, b"".as_slice(), 64),
            ]
        );
        assert_eq!(&space[32..37], b"hello");
    }

    #[test]
    fn every_room_length_is_either_enough_or_full() {
        for length in 0..64 {
            let mut space = vec![0xFF; length];
            let mut writer = EffectWriter::new(&mut space);
            let fits = writer.put(2, b"123456789").is_ok();
            assert_eq!(fits, length >= 24, "length {length}");
            assert_eq!(writer.used(), if fits { 24 } else { 0 });
            let room = writer.room().len();
            assert_eq!(writer.commit_output(1, 1, 0, room + 1), Err(EffectFull));
            let whole = writer.commit_output(1, 1, 0, room);
            let head_fits = (length & !7) - if fits { 24 } else { 0 } >= 16;
            assert_eq!(whole.is_ok(), head_fits, "length {length}");
            let used = writer.used();
            assert!(EffectReader::new(&space[..used]).all(|entry| entry.is_ok()));
        }
    }

    #[test]
    fn each_fault_is_named() {
        let check = |bytes: &[u8], fault| {
            let last = EffectReader::new(bytes).last().unwrap();
            assert_eq!(last, Err(EffectError { offset: 0, fault }));
        };
        check(&[2, 0, 0, 0, 0, 0, 0], EffectFault::Short);
        check(
            &[2, 0, 0, 0, 9, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8],
            EffectFault::Short,
        );
        check(&[2, 0, 0, 0, 255, 255, 255, 255], EffectFault::Short);
        check(&[0; 8], EffectFault::Tag);
        check(&[2, 1, 0, 0, 0, 0, 0, 0], EffectFault::Reserved);
        check(
            &[1, 8, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8],
            EffectFault::Reserved,
        );
        check(&[2, 0, 0, 1, 0, 0, 0, 0], EffectFault::Reserved);
        check(
            &[2, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1],
            EffectFault::Padding,
        );
        check(
            &[1, 0, 0, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0],
            EffectFault::OutputHead,
        );
    }
}
