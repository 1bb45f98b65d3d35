//! What a loss of power leaves of a durable journal, against the rule that tells it from damage.
//!
//! The model of a disk: everything written up to the last completed sync is there; of what was
//! written later each page (4,096 or 512 bytes) holds what it held after any one of the writes.
//! `GWANMUN_SEED` gives the first seed; a failure prints its own.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod random;

use gwanmun_captures::input::Persisted;
use gwanmun_captures::journal::{
    ChainReader, Durability, JournalDamage, NewRecord, RecordKind, SEGMENT_HEAD_BYTES, SegmentHead,
    SegmentWriter,
};

use random::Random;

const SEGMENT_BYTES: usize = 32 * 1024;
const SEEDS: u64 = 1_500;

fn seeds() -> std::ops::Range<u64> {
    let first = std::env::var("GWANMUN_SEED").ok();
    let first = first.and_then(|text| text.parse().ok()).unwrap_or(1);
    first..first + SEEDS
}

/// A place in the chain of equal segments.
fn chain_position(segment: usize, offset: u64) -> usize {
    segment * SEGMENT_BYTES + usize::try_from(offset).unwrap()
}

/// A record as it was written, and where it ends in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Written {
    number: u64,
    kind: RecordKind,
    payload: Vec<u8>,
    end: usize,
}

/// One epoch as it was written to memory, and how it came to disk.
struct Epoch {
    segments: Vec<Vec<u8>>,
    written: Vec<Written>,
    /// Ends of writes to disk, at ends of records.
    copied: Vec<usize>,
    /// Up to where a sync has been completed.
    persisted: usize,
    /// The highest statement in the part that is persisted.
    stated: usize,
}

struct Writer<'a> {
    random: &'a mut Random,
    epoch: Epoch,
    writer: SegmentWriter,
    durability: Durability,
    number: u32,
    /// Index of the epoch's first segment; chain positions are counted from there.
    base: usize,
    end: usize,
}

fn head(index: usize, epoch: u32, first_number: u64, durability: Durability) -> SegmentHead {
    SegmentHead {
        segment_index: u32::try_from(index).unwrap(),
        epoch,
        trading_day: 20_261_125,
        first_number,
        capacity_bytes: SEGMENT_BYTES as u64,
        durability,
        salt: 7,
    }
}

fn record(kind: RecordKind) -> NewRecord {
    NewRecord {
        kind,
        clock_quality: 1,
        connection: 0,
        stamp_ns: 1_000,
        refers_to: 0,
    }
}

impl Writer<'_> {
    fn append(&mut self, kind: RecordKind, payload: &[u8]) {
        let index = self.epoch.segments.len();
        let segment = self.epoch.segments.last_mut().unwrap();
        let mut appended = self.writer.append(segment, record(kind), &[payload]);
        if appended.is_err() {
            let before = self.writer.next_number();
            self.writer.seal(segment, 1_000);
            self.end = chain_position(index - 1, self.writer.position());
            self.epoch.written.push(Written {
                number: before,
                kind: RecordKind::SegmentEnd,
                payload: Vec::new(),
                end: self.end,
            });
            // A copy of a whole segment is synced before the next one is begun.
            if self.durability == Durability::PowerByCopy {
                self.sync();
            }
            let head = head(self.base + index, self.number, before + 1, self.durability);
            let mut segment = vec![0; SEGMENT_BYTES];
            self.writer = SegmentWriter::start(&mut segment, head).unwrap();
            appended = self.writer.append(&mut segment, record(kind), &[payload]);
            self.epoch.segments.push(segment);
        }
        let appended = appended.unwrap();
        self.end = chain_position(self.epoch.segments.len() - 1, appended.end);
        self.epoch.written.push(Written {
            number: appended.number,
            kind,
            payload: payload.to_vec(),
            end: self.end,
        });
    }

    fn sync(&mut self) {
        self.epoch.persisted = self.end;
        self.epoch.copied.clear();
    }

    /// Records, writes and syncs until `count` records are there.
    fn fill(&mut self, count: usize) {
        let mut stated = 0;
        for _ in 0..count {
            let length = match self.random.below(8) {
                0 => 0,
                1 => self.random.below(4_000),
                _ => self.random.below(400),
            };
            let payload = self.random.bytes(length);
            self.append(RecordKind::Received, &payload);
            if self.random.below(3) == 0 {
                self.epoch.copied.push(self.end);
            }
            if self.random.below(12) == 0 {
                self.sync();
            }
            if self.epoch.persisted > stated && self.random.below(3) == 0 {
                stated = self.epoch.persisted;
                let place = Persisted {
                    segment: u32::try_from(self.base + stated / SEGMENT_BYTES).unwrap(),
                    offset: (stated % SEGMENT_BYTES) as u64,
                };
                self.append(RecordKind::Persisted, &place.to_bytes());
            }
        }
        self.epoch.copied.push(self.end);
        let persisted = self.epoch.persisted;
        let statement = |it: &&Written| it.kind == RecordKind::Persisted && it.end <= persisted;
        let last = self.epoch.written.iter().rfind(statement);
        let last = last.map(|it| Persisted::parse(&it.payload).unwrap());
        let last = last.map_or(0, |it| chain_position(it.segment as usize, it.offset));
        self.epoch.stated = last;
    }
}

fn write(
    random: &mut Random,
    durability: Durability,
    (number, base, first_number): (u32, usize, u64),
) -> Epoch {
    let mut segment = vec![0; SEGMENT_BYTES];
    let head = head(base, number, first_number, durability);
    let writer = SegmentWriter::start(&mut segment, head).unwrap();
    let mut writer = Writer {
        random,
        epoch: Epoch {
            segments: vec![segment],
            written: Vec::new(),
            copied: Vec::new(),
            // The first head is synced before anything else happens.
            persisted: SEGMENT_HEAD_BYTES,
            stated: 0,
        },
        writer,
        durability,
        number,
        base,
        end: 0,
    };
    writer.append(RecordKind::Start, b"a test");
    let count = writer.random.below(160);
    writer.fill(count);
    writer.epoch
}

/// The disk after a loss of power.
fn cut(random: &mut Random, epoch: &Epoch) -> Vec<Vec<u8>> {
    let page = if random.below(2) == 0 { 512 } else { 4_096 };
    // Pages that came through: none, few, half, most.
    let chance = [0, 1, 5, 9][random.below(4)];
    let mut disk = Vec::new();
    for (index, segment) in epoch.segments.iter().enumerate() {
        let mut left = segment.clone();
        for (number, bytes) in left.chunks_mut(page).enumerate() {
            let begin = index * SEGMENT_BYTES + number * page;
            let mut written_to = epoch.persisted;
            if random.below(10) < chance && !epoch.copied.is_empty() {
                written_to = epoch.copied[random.below(epoch.copied.len())];
            }
            let kept = written_to.saturating_sub(begin).min(bytes.len());
            bytes[kept..].fill(0);
        }
        disk.push(left);
    }
    disk
}

/// Records read, or the damage, and how many torn tails were passed.
fn read(segments: &[Vec<u8>]) -> (Vec<Written>, Option<JournalDamage>, usize) {
    let mut chain = ChainReader::new(segments.iter().map(Vec::as_slice));
    let (mut records, mut damage) = (Vec::new(), None);
    for next in chain.by_ref() {
        match next {
            Ok(next) => records.push(Written {
                number: next.record.head.number,
                kind: next.record.head.kind,
                payload: next.record.payload.to_vec(),
                end: 0,
            }),
            Err(found) => damage = Some(found),
        }
    }
    let torn = chain.torn_tails().len();
    (records, damage, torn)
}

/// Whatever the cut left, reading it gives all that was persisted, nothing that was not written,
/// and goes on behind it.
fn check_cut(seed: u64, durability: Durability) {
    let random = &mut Random(seed);
    let epoch = write(random, durability, (1, 0, 1));
    let mut disk = cut(random, &epoch);
    let (records, damage, _) = read(&disk);
    assert_eq!(damage, None, "seed {seed}");
    let kept = epoch.written.iter();
    let kept = kept.filter(|it| it.end <= epoch.persisted).count();
    assert!(records.len() >= kept, "seed {seed}");
    assert!(records.len() <= epoch.written.len(), "seed {seed}");
    for (read, written) in records.iter().zip(&epoch.written) {
        let end = written.end;
        assert_eq!(
            &Written {
                end,
                ..read.clone()
            },
            written,
            "seed {seed}"
        );
    }
    if records.is_empty() {
        return;
    }
    // What holds no record that counts is set aside; the next start goes on in a new segment.
    let last = records.len() - 1;
    let used = epoch.written[last].end.div_ceil(SEGMENT_BYTES);
    disk.truncate(used);
    let after = write(random, durability, (2, used, records.len() as u64 + 1));
    disk.extend(after.segments);
    let in_fresh = after.written.len();
    let (again, damage, torn) = read(&disk);
    assert_eq!(damage, None, "seed {seed}");
    assert_eq!(again.len(), records.len() + in_fresh, "seed {seed}");
    assert!(torn <= 2, "seed {seed}");
}

#[test]
fn after_a_cut_everything_persisted_is_read_and_nothing_is_refused() {
    for seed in seeds() {
        check_cut(seed, Durability::PowerByCopy);
        check_cut(seed, Durability::PowerInPlace);
    }
}

/// One bit of what was persisted is turned, with or without a cut behind it.
fn check_flip(seed: u64, durability: Durability) {
    let random = &mut Random(seed);
    let epoch = write(random, durability, (1, 0, 1));
    let mut disk = cut(random, &epoch);
    // In place nothing but a statement tells a changed record from one that was being built.
    let below = match durability {
        Durability::PowerInPlace => epoch.stated,
        _ => epoch.persisted,
    };
    let parts = epoch.written.iter().map(|it| it.end);
    let mut ends = parts.filter(|end| *end <= below);
    if below <= SEGMENT_HEAD_BYTES || ends.next().is_none() {
        return;
    }
    let at = loop {
        let at = random.below(below);
        // Behind an end mark there is nothing.
        let is_used = epoch.written.iter().any(|it| {
            let same = (it.end - 1) / SEGMENT_BYTES == at / SEGMENT_BYTES;
            same && at < it.end
        });
        if is_used {
            break at;
        }
    };
    let bit = random.below(8);
    disk[at / SEGMENT_BYTES][at % SEGMENT_BYTES] ^= 1 << bit;
    let (records, damage, _) = read(&disk);
    assert!(
        damage.is_some(),
        "seed {seed}: bit {bit} of byte {at} below {below}, {} records read",
        records.len()
    );
}

#[test]
fn a_flipped_bit_in_what_was_persisted_is_damage() {
    for seed in seeds() {
        check_flip(seed, Durability::PowerByCopy);
        check_flip(seed, Durability::PowerInPlace);
    }
}

/// Lengths are not under the checksum: a longer one reaches into what was never written, or beyond
/// the segment.
#[test]
fn a_turned_length_of_the_last_persisted_record_is_damage() {
    for seed in seeds().take(40) {
        let random = &mut Random(seed);
        let epoch = write(random, Durability::PowerByCopy, (1, 0, 1));
        let last = epoch.written.iter().rfind(|it| it.end <= epoch.persisted);
        let Some(last) = last else { continue };
        let none_behind = Epoch {
            copied: Vec::new(),
            segments: epoch.segments.clone(),
            written: epoch.written.clone(),
            ..epoch
        };
        let disk = cut(random, &none_behind);
        assert_eq!(read(&disk).1, None, "seed {seed}");
        let at = last.end - 48 - last.payload.len().next_multiple_of(8);
        for bit in 0..32 {
            let mut turned = disk.clone();
            turned[at / SEGMENT_BYTES][at % SEGMENT_BYTES + bit / 8] ^= 1 << (bit % 8);
            assert!(read(&turned).1.is_some(), "seed {seed}: bit {bit}");
        }
    }
}

/// The same bytes under each promise: only where nothing left before a sync may the end be there.
#[test]
fn a_hole_or_an_impossible_length_ends_a_durable_segment_only() {
    let build = |durability, stated: Option<u64>| {
        let mut segment = vec![0; SEGMENT_BYTES];
        let head = head(0, 1, 1, durability);
        let mut writer = SegmentWriter::start(&mut segment, head).unwrap();
        let mut ends = Vec::new();
        for kind in [
            RecordKind::Start,
            RecordKind::Received,
            RecordKind::Received,
        ] {
            let appended = writer.append(&mut segment, record(kind), &[&[7; 1_000]]);
            ends.push(usize::try_from(appended.unwrap().end).unwrap());
        }
        if let Some(offset) = stated {
            let payload = Persisted { segment: 0, offset }.to_bytes();
            let statement = record(RecordKind::Persisted);
            writer.append(&mut segment, statement, &[&payload]).unwrap();
        }
        (segment, ends)
    };
    let durable = [Durability::PowerByCopy, Durability::PowerInPlace];
    for durability in [Durability::Process, durable[0], durable[1]] {
        let is_durable = durability != Durability::Process;
        let hole = |stated| {
            let (mut segment, ends) = build(durability, stated);
            // The second record begins at 1,112 and has sectors 3 and 4.
            assert_eq!(ends[0], 1_112);
            segment[ends[0]..2_048].fill(0);
            read(&[segment])
        };
        let (records, damage, torn) = hole(None);
        assert_eq!((records.len(), torn), (1, usize::from(is_durable)));
        assert_eq!(damage.is_some(), !is_durable);
        let (_, damage, torn) = hole(Some(1_112));
        assert_eq!((damage.is_some(), torn == 1), (!is_durable, is_durable));
        let (_, damage, _) = hole(Some(2_160));
        assert!(damage.is_some(), "it was synced");

        let (mut segment, ends) = build(durability, None);
        segment[ends[1]..].fill(0);
        segment[ends[1]..ends[1] + 200].fill(0xA5);
        let (records, damage, torn) = read(&[segment]);
        assert_eq!((records.len(), torn), (2, usize::from(is_durable)));
        assert_eq!(damage.is_some(), !is_durable);
    }
}
