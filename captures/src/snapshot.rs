//! A snapshot: the state behind the first segments of a trading day, so that a restart needs to
//! read only the segments behind them.
//!
//! In it: the file's head with its checksum over everything, and [`Snapshot`], which refuses
//! whatever is not exactly what was written. Its body is a run of state entries, framed like those
//! of an effect record ([`crate::effect`]). Not in it: what the entries mean (the gateway), files
//! (the host). Byte table: `captures/FORMAT.md`.

use crate::bytes::{all_zero, array, put, u32_at, u64_at};
use crate::effect::{EffectFault, EffectReader, Entry};
use crate::journal::{ChainPoint, Durability};

/// First eight bytes of every snapshot.
pub const SNAPSHOT_MAGIC: [u8; 8] = *b"GWSNAP01";
/// Bytes in front of the body.
pub const SNAPSHOT_HEAD_BYTES: usize = 64;

/// Offsets in the head; see FORMAT.md, "The snapshot".
mod head_at {
    pub(super) const SEGMENT_INDEX: usize = 8;
    pub(super) const EPOCH: usize = 12;
    pub(super) const TRADING_DAY: usize = 16;
    pub(super) const CRC: usize = 20;
    pub(super) const NEXT_NUMBER: usize = 24;
    pub(super) const BODY_BYTES: usize = 32;
    pub(super) const IS_SEALED: usize = 40;
    pub(super) const DURABILITY: usize = 41;
    pub(super) const SALT: usize = 44;
    pub(super) const RESERVED: usize = 48;
}

const _: () = assert!(head_at::BODY_BYTES + 8 == head_at::IS_SEALED);
const _: () = assert!(head_at::RESERVED + 16 == SNAPSHOT_HEAD_BYTES);

/// What is wrong with a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotFault {
    /// Too short for a head.
    ShortHead {
        /// Its length.
        found: u64,
    },
    /// The first eight bytes are not a snapshot's.
    NotASnapshot {
        /// What they are.
        found: [u8; 8],
    },
    /// Shorter or longer than its head says.
    Length {
        /// Body length by the head.
        expected: u64,
        /// Body length found.
        found: u64,
    },
    /// The CRC-32C is not that of the bytes.
    Checksum {
        /// CRC-32C of the bytes.
        expected: u32,
        /// CRC-32C as stored.
        found: u32,
    },
    /// Bytes that must be zero are not, or a flag in the head has a value that none has.
    Reserved,
    /// An entry that cannot be read.
    Entry(EffectFault),
    /// An output: a snapshot holds state alone.
    Output,
}

/// Where a snapshot is damaged, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotDamage {
    /// Byte offset in the file.
    pub position: u64,
    /// What was expected and what was found.
    pub fault: SnapshotFault,
}

/// What a head tells of a body, taken piece by piece, so that a body of gigabytes is never in
/// memory as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodySum {
    bytes: u64,
    crc: u32,
}

impl BodySum {
    /// That of a whole body.
    #[must_use]
    pub fn of(body: &[u8]) -> BodySum {
        let mut sum = BodySum::default();
        sum.add(body);
        sum
    }

    /// Takes the body's next bytes.
    pub fn add(&mut self, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        self.crc = crc32c::crc32c_append(self.crc, piece);
    }

    /// Bytes so far.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// The head of a snapshot of the state before `point`, to be written in front of the body that was
/// taken into `body`: a run of state entries.
#[must_use]
pub fn head(point: &ChainPoint, body: &BodySum) -> [u8; SNAPSHOT_HEAD_BYTES] {
    let mut head = [0; SNAPSHOT_HEAD_BYTES];
    let body_bytes = body.bytes;
    let fields: [(usize, &[u8]); 9] = [
        (0, &SNAPSHOT_MAGIC),
        (head_at::SEGMENT_INDEX, &point.segment_index.to_le_bytes()),
        (head_at::EPOCH, &point.epoch.to_le_bytes()),
        (head_at::TRADING_DAY, &point.trading_day.to_le_bytes()),
        (head_at::NEXT_NUMBER, &point.next_number.to_le_bytes()),
        (head_at::BODY_BYTES, &body_bytes.to_le_bytes()),
        (head_at::IS_SEALED, &[u8::from(point.is_sealed)]),
        (head_at::DURABILITY, &[point.durability as u8]),
        (head_at::SALT, &point.salt.to_le_bytes()),
    ];
    for (offset, bytes) in fields {
        put(&mut head, offset, bytes);
    }
    let crc = checksum(&head, body);
    put(&mut head, head_at::CRC, &crc.to_le_bytes());
    head
}

/// A whole snapshot, checked to its last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot<'a> {
    point: ChainPoint,
    body: &'a [u8],
}

impl<'a> Snapshot<'a> {
    /// Reads the snapshot that `file` is.
    ///
    /// # Errors
    /// [`SnapshotDamage`] for every file that [`head`] and its body did not make.
    pub fn parse(file: &'a [u8]) -> Result<Snapshot<'a>, SnapshotDamage> {
        let damage = |position: usize, fault| SnapshotDamage {
            position: position as u64,
            fault,
        };
        let Some((head, body)) = file.split_first_chunk::<SNAPSHOT_HEAD_BYTES>() else {
            let found = file.len() as u64;
            return Err(damage(0, SnapshotFault::ShortHead { found }));
        };
        let found = array(head, 0).unwrap_or_default();
        if found != SNAPSHOT_MAGIC {
            return Err(damage(0, SnapshotFault::NotASnapshot { found }));
        }
        let word = |offset| u32_at(head, offset).unwrap_or_default();
        let long = |offset| u64_at(head, offset).unwrap_or_default();
        let (expected, found) = (long(head_at::BODY_BYTES), body.len() as u64);
        if expected != found {
            let fault = SnapshotFault::Length { expected, found };
            return Err(damage(head_at::BODY_BYTES, fault));
        }
        let sum = BodySum::of(body);
        let (expected, found) = (checksum(head, &sum), word(head_at::CRC));
        if expected != found {
            let fault = SnapshotFault::Checksum { expected, found };
            return Err(damage(head_at::CRC, fault));
        }
        let sealed = head.get(head_at::IS_SEALED).copied().unwrap_or(u8::MAX);
        let durability = head.get(head_at::DURABILITY).copied();
        let Some(durability) = durability.and_then(Durability::from_byte) else {
            return Err(damage(head_at::DURABILITY, SnapshotFault::Reserved));
        };
        if sealed > 1
            || !head
                .get(head_at::DURABILITY + 1..head_at::SALT)
                .is_some_and(all_zero)
            || !head.get(head_at::RESERVED..).is_some_and(all_zero)
        {
            return Err(damage(head_at::IS_SEALED, SnapshotFault::Reserved));
        }
        for entry in EffectReader::new(body) {
            match entry {
                Ok(Entry::State { .. }) => {}
                Ok(Entry::Output { offset, .. }) => {
                    let position = SNAPSHOT_HEAD_BYTES + offset;
                    return Err(damage(position, SnapshotFault::Output));
                }
                Err(error) => {
                    let position = SNAPSHOT_HEAD_BYTES + error.offset;
                    return Err(damage(position, SnapshotFault::Entry(error.fault)));
                }
            }
        }
        Ok(Snapshot {
            point: ChainPoint {
                trading_day: word(head_at::TRADING_DAY),
                segment_index: word(head_at::SEGMENT_INDEX),
                next_number: long(head_at::NEXT_NUMBER),
                epoch: word(head_at::EPOCH),
                is_sealed: sealed == 1,
                durability,
                salt: word(head_at::SALT),
            },
            body,
        })
    }

    /// Where reading goes on in the chain.
    #[must_use]
    pub const fn point(&self) -> ChainPoint {
        self.point
    }

    /// The state before that point: a run of state entries.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }
}

/// CRC-32C of head and body with the checksum's own field left out.
fn checksum(head: &[u8; SNAPSHOT_HEAD_BYTES], body: &BodySum) -> u32 {
    let (front, rest) = head.split_at(head_at::CRC);
    let crc = crc32c::crc32c(front);
    let crc = crc32c::crc32c_append(crc, rest.get(4..).unwrap_or_default());
    // Only a machine with more address space than bytes in a file could not tell the length.
    let length = usize::try_from(body.bytes).unwrap_or(usize::MAX);
    crc32c::crc32c_combine(crc, body.crc, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::EffectWriter;

    const POINT: ChainPoint = ChainPoint {
        trading_day: 20_261_123,
        segment_index: 7,
        next_number: 4_711,
        epoch: 2,
        is_sealed: true,
        durability: Durability::PowerByCopy,
        salt: 9,
    };

    fn body() -> Vec<u8> {
        let mut body = vec![0; 256];
        let mut writer = EffectWriter::new(&mut body);
        writer.put(2, b"numbers").unwrap();
        writer.put(200, b"").unwrap();
        writer.put(3, &[9; 40]).unwrap();
        let used = writer.used();
        body.truncate(used);
        body
    }

    fn file(body: &[u8]) -> Vec<u8> {
        [head(&POINT, &BodySum::of(body)).as_slice(), body].concat()
    }

    #[test]
    fn the_pieces_of_a_body_do_not_matter() {
        let body = body();
        for cut in 0..=body.len() {
            let mut pieces = BodySum::default();
            pieces.add(&body[..cut]);
            pieces.add(&body[cut..]);
            assert_eq!(pieces, BodySum::of(&body), "{cut}");
        }
    }

    fn fault_of(file: &[u8]) -> SnapshotFault {
        Snapshot::parse(file).unwrap_err().fault
    }

    /// Byte for byte by the table in FORMAT.md.
    #[test]
    fn the_head_is_what_the_table_says() {
        let head = head(&POINT, &BodySum::of(&body()));
        let mut expected = Vec::new();
        expected.extend_from_slice(b"GWSNAP01");
        expected.extend_from_slice(&[7, 0, 0, 0, 2, 0, 0, 0]);
        expected.extend_from_slice(&20_261_123_u32.to_le_bytes());
        assert_eq!(head[..20], expected);
        assert_eq!(head[24..32], 4_711_u64.to_le_bytes());
        assert_eq!(head[32..40], (body().len() as u64).to_le_bytes());
        assert_eq!((head[40], head[41]), (1, 1));
        assert_eq!(head[42..48], [0, 0, 9, 0, 0, 0]);
        assert_eq!(head[48..], [0; 16]);
        let all = [&head[..20], &head[24..], &body()].concat();
        assert_eq!(head[20..24], crc32c::crc32c(&all).to_le_bytes());
    }

    #[test]
    fn it_reads_back() {
        for body in [body(), Vec::new()] {
            let file = file(&body);
            let snapshot = Snapshot::parse(&file).unwrap();
            assert_eq!((snapshot.point(), snapshot.body()), (POINT, &body[..]));
        }
        let open = ChainPoint {
            is_sealed: false,
            durability: Durability::Process,
            ..POINT
        };
        let file = head(&open, &BodySum::default());
        assert_eq!(Snapshot::parse(&file).unwrap().point(), open);
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let whole = file(&body());
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                let fault = fault_of(&flipped);
                match at {
                    0..8 => assert!(matches!(fault, SnapshotFault::NotASnapshot { .. })),
                    32..40 => assert!(matches!(fault, SnapshotFault::Length { .. })),
                    _ => assert!(matches!(fault, SnapshotFault::Checksum { .. }), "byte {at}"),
                }
            }
        }
    }

    #[test]
    fn every_other_length_is_refused() {
        let whole = file(&body());
        for length in 0..whole.len() {
            let fault = fault_of(&whole[..length]);
            let found = length as u64;
            let expected = if length < SNAPSHOT_HEAD_BYTES {
                SnapshotFault::ShortHead { found }
            } else {
                SnapshotFault::Length {
                    expected: (whole.len() - SNAPSHOT_HEAD_BYTES) as u64,
                    found: found - SNAPSHOT_HEAD_BYTES as u64,
                }
            };
            assert_eq!(fault, expected);
        }
        let longer = [&whole[..], &[0]].concat();
        assert!(matches!(fault_of(&longer), SnapshotFault::Length { .. }));
    }

    /// What no writer of ours makes is refused under a right checksum too.
    #[test]
    fn a_right_checksum_alone_is_not_enough() {
        let check = |at: usize, value: u8, expected: SnapshotFault| {
            let mut bytes = file(&body());
            bytes[at] = value;
            let (head, body) = bytes.split_first_chunk_mut().unwrap();
            let crc = checksum(head, &BodySum::of(body));
            head[20..24].copy_from_slice(&crc.to_le_bytes());
            assert_eq!(fault_of(&bytes), expected, "byte {at}");
        };
        check(40, 2, SnapshotFault::Reserved);
        check(63, 1, SnapshotFault::Reserved);
        check(64, 0, SnapshotFault::Entry(EffectFault::Tag));
        check(65, 1, SnapshotFault::Entry(EffectFault::Reserved));
        check(68, 255, SnapshotFault::Entry(EffectFault::Short));
        check(79, 1, SnapshotFault::Entry(EffectFault::Padding));
        check(64, 1, SnapshotFault::Entry(EffectFault::OutputHead));
        let mut body = vec![0; 64];
        let mut writer = EffectWriter::new(&mut body);
        writer.commit_output(1, 1, 0, 8).unwrap();
        let used = writer.used();
        assert_eq!(fault_of(&file(&body[..used])), SnapshotFault::Output);
    }
}
