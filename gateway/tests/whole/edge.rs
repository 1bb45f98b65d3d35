//! A journal in memory as the gateway's edge: real records in real segments, and the outputs of
//! committed effects, which come from nowhere else (`recorded_before_sent`).

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::{
    ChainReader, Durability, NewRecord, RECORD_HEAD_BYTES, RecordKind, SegmentHead, SegmentWriter,
};
use gwanmun_gateway::effect::OFFLINE;
use gwanmun_gateway::{
    Close, EFFECT_BYTES_MAX, Edge, EffectHead, Input, Past, Place, Stamp, Stopped, Terms,
    terms_text,
};
use gwanmun_runtime::allocation;

/// Bytes for one line, out of a committed effect.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) connection: u32,
    pub(crate) bytes: Vec<u8>,
    /// Number of the effect record they stand in.
    pub(crate) number: u64,
}

/// One record as a test looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entered {
    pub(crate) kind: RecordKind,
    pub(crate) number: u64,
    pub(crate) connection: u32,
    pub(crate) refers_to: u64,
    pub(crate) payload: Vec<u8>,
}

pub(crate) struct MemoryEdge {
    segments: Vec<Vec<u8>>,
    segment_bytes: usize,
    writer: SegmentWriter,
    pub(crate) outputs: Vec<Output>,
    pub(crate) closed: Vec<(u32, Close)>,
    /// Segments that are not in memory now.
    pub(crate) gone: Vec<u32>,
    /// Records until the journal stops.
    pub(crate) records_left: Option<u64>,
    /// Whether records are refused for good.
    pub(crate) is_stopped: bool,
}

fn head(index: usize, epoch: u32, first_number: u64, bytes: usize) -> SegmentHead {
    SegmentHead {
        segment_index: u32::try_from(index).unwrap(),
        epoch,
        trading_day: 20_261_123,
        first_number,
        capacity_bytes: bytes as u64,
        durability: Durability::Process,
        salt: 0,
    }
}

impl MemoryEdge {
    pub(crate) fn new(segment_bytes: usize) -> MemoryEdge {
        let mut first = vec![0; segment_bytes];
        let writer = SegmentWriter::start(&mut first, head(0, 1, 1, segment_bytes)).unwrap();
        MemoryEdge {
            segments: vec![first],
            segment_bytes,
            writer,
            outputs: Vec::new(),
            closed: Vec::new(),
            gone: Vec::new(),
            records_left: None,
            is_stopped: false,
        }
    }

    /// The process starts: what a host records before anything else.
    pub(crate) fn record_start(&mut self, terms: &Terms, stamp: Stamp) {
        let tables = terms_text::write_tables(&terms.tables);
        let table = [&[7; 32], tables.as_bytes()].concat();
        let start = terms_text::write_start(terms);
        for (kind, payload) in [
            (RecordKind::Start, start.as_bytes()),
            (RecordKind::Table, &table),
            (RecordKind::TableVersion, &[7; 32]),
        ] {
            let input = Input {
                kind,
                connection: 0,
                stamp,
                refers_to: 0,
                payload,
            };
            self.record(input).unwrap();
        }
    }

    /// The process has died and starts again: a new epoch in a new segment.
    pub(crate) fn begin_epoch(&mut self) {
        let (epoch, number) = (self.writer.epoch() + 1, self.writer.next_number());
        self.outputs.clear();
        self.closed.clear();
        self.records_left = None;
        self.is_stopped = false;
        self.next_segment(epoch, number);
    }

    fn next_segment(&mut self, epoch: u32, first_number: u64) {
        let mut next = vec![0; self.segment_bytes];
        let head = head(self.segments.len(), epoch, first_number, next.len());
        self.writer = SegmentWriter::start(&mut next, head).unwrap();
        self.segments.push(next);
    }

    fn rotate(&mut self) {
        let (epoch, number) = (self.writer.epoch(), self.writer.next_number());
        self.writer.seal(self.segments.last_mut().unwrap(), 0);
        // The end mark has a number of its own.
        let number = number.max(self.writer.next_number());
        self.next_segment(epoch, number);
    }

    fn spend(&mut self) -> Result<(), Stopped> {
        match &mut self.records_left {
            Some(0) => self.is_stopped = true,
            Some(left) => *left -= 1,
            None => {}
        }
        if self.is_stopped {
            Err(Stopped)
        } else {
            Ok(())
        }
    }

    /// Puts an effect on record that no input caused.
    pub(crate) fn plant_effect(&mut self, payload: &[u8]) {
        let record = NewRecord {
            kind: RecordKind::Effect,
            clock_quality: 0,
            connection: 0,
            stamp_ns: 0,
            refers_to: 1,
        };
        let segment = self.segments.last_mut().unwrap();
        self.writer.append(segment, record, &[payload]).unwrap();
    }

    pub(crate) fn segments(&self) -> &[Vec<u8>] {
        &self.segments
    }

    pub(crate) fn record_count(&self) -> u64 {
        self.writer.next_number() - 1
    }

    /// Every record, the chain's own rules checked on the way.
    pub(crate) fn records(&self) -> Vec<Entered> {
        ChainReader::new(self.segments.iter().map(Vec::as_slice))
            .map(|next| next.unwrap().record)
            .map(|record| Entered {
                kind: record.head.kind,
                number: record.head.number,
                connection: record.head.connection,
                refers_to: record.head.refers_to,
                payload: record.payload.to_vec(),
            })
            .collect()
    }

    /// Payloads of all effects.
    pub(crate) fn effects(&self) -> Vec<Vec<u8>> {
        let is_effect = |record: &Entered| record.kind == RecordKind::Effect;
        let effects = self.records().into_iter().filter(is_effect);
        effects.map(|record| record.payload).collect()
    }
}

/// Records already written.
pub(crate) struct MemoryPast<'a> {
    earlier: &'a [Vec<u8>],
    done: &'a [u8],
    gone: &'a [u32],
}

impl Past for MemoryPast<'_> {
    fn read(&self, place: Place, length: usize) -> Option<&[u8]> {
        if self.gone.contains(&place.segment) {
            return None;
        }
        let index = place.segment as usize;
        let segment = if index == self.earlier.len() {
            self.done
        } else {
            self.earlier.get(index)?
        };
        let start = place.offset as usize;
        Some(&segment[start..start + length])
    }
}

impl Edge for MemoryEdge {
    type Past<'a> = MemoryPast<'a>;

    fn record(&mut self, input: Input<'_>) -> Result<u64, Stopped> {
        self.spend()?;
        allocation::allowed(|| {
            let record = input.record();
            let parts = [input.payload];
            let segment = self.segments.last_mut().unwrap();
            if let Ok(appended) = self.writer.append(segment, record, &parts) {
                return Ok(appended.number);
            }
            self.rotate();
            let segment = self.segments.last_mut().unwrap();
            Ok(self.writer.append(segment, record, &parts).unwrap().number)
        })
    }

    fn begin_effect(&mut self) -> Result<(MemoryPast<'_>, &mut [u8]), Stopped> {
        if self.is_stopped {
            return Err(Stopped);
        }
        if self.writer.room_bytes() < EFFECT_BYTES_MAX {
            allocation::allowed(|| self.rotate());
        }
        let position = usize::try_from(self.writer.position()).unwrap();
        let (current, earlier) = self.segments.split_last_mut().unwrap();
        let (done, free) = current.split_at_mut(position);
        // More than promised is lent: the gateway must not use it.
        let past = MemoryPast {
            earlier,
            done,
            gone: &self.gone,
        };
        Ok((past, &mut free[RECORD_HEAD_BYTES..]))
    }

    fn commit_effect(&mut self, used_bytes: usize, head: EffectHead) -> Result<Place, Stopped> {
        self.spend()?;
        assert!(used_bytes <= EFFECT_BYTES_MAX);
        allocation::allowed(|| {
            let record = head.record();
            assert!(head.refers_to > 0, "every effect has a cause");
            let index = self.segments.len() - 1;
            let segment = &mut self.segments[index];
            let appended = self.writer.commit(segment, record, used_bytes);
            let offset = usize::try_from(appended.position).unwrap() + RECORD_HEAD_BYTES;
            let payload = &segment[offset..offset + used_bytes];
            for entry in EffectReader::new(payload) {
                if let Entry::Output {
                    connection, bytes, ..
                } = entry.unwrap()
                    && connection & OFFLINE == 0
                {
                    self.outputs.push(Output {
                        connection,
                        bytes: bytes.to_vec(),
                        number: appended.number,
                    });
                }
            }
            Ok(Place {
                segment: u32::try_from(index).unwrap(),
                offset: u32::try_from(offset).unwrap(),
            })
        })
    }

    fn close(&mut self, connection: u32, how: Close) {
        allocation::allowed(|| self.closed.push((connection, how)));
    }
}
