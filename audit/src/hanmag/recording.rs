//! A journal in memory, written as the live process writes its own on storage.

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::{Durability, RECORD_HEAD_BYTES, SegmentHead, SegmentWriter};
use gwanmun_gateway::{Close, EFFECT_BYTES_MAX, Edge, EffectHead, Input, Past, Place, Stopped};

use super::SEGMENT_BYTES;

/// yyyymmdd.
const TRADING_DAY: u32 = 20_131_212;

/// The edge of a gateway whose journal is kept.
pub(super) struct Recording {
    full: Vec<Vec<u8>>,
    current: Vec<u8>,
    writer: SegmentWriter,
    /// Outputs since they were last taken: connection and bytes.
    pub(super) outputs: Vec<(u32, Vec<u8>)>,
}

fn head(segments: usize, first_number: u64) -> Option<SegmentHead> {
    Some(SegmentHead {
        segment_index: u32::try_from(segments).ok()?,
        epoch: 1,
        trading_day: TRADING_DAY,
        first_number,
        capacity_bytes: SEGMENT_BYTES as u64,
        durability: Durability::Process,
        salt: 0,
    })
}

impl Recording {
    pub(super) fn new() -> Option<Recording> {
        let mut current = vec![0; SEGMENT_BYTES];
        let writer = SegmentWriter::start(&mut current, head(0, 1)?).ok()?;
        Some(Recording {
            full: Vec::new(),
            current,
            writer,
            outputs: Vec::new(),
        })
    }

    pub(super) fn into_segments(mut self) -> Vec<Vec<u8>> {
        self.full.push(self.current);
        self.full
    }

    fn rotate(&mut self) -> Option<()> {
        self.writer.seal(&mut self.current, 0);
        let mut next = vec![0; SEGMENT_BYTES];
        let head = head(self.full.len() + 1, self.writer.next_number())?;
        self.writer = SegmentWriter::start(&mut next, head).ok()?;
        self.full.push(core::mem::replace(&mut self.current, next));
        Some(())
    }
}

/// What has been recorded. Nobody asks for a resend on this day.
pub(super) struct Recorded;

impl Past for Recorded {
    fn read(&self, _place: Place, _length: usize) -> Option<&[u8]> {
        None
    }
}

impl Edge for Recording {
    type Past<'a> = Recorded;

    fn record(&mut self, input: Input<'_>) -> Result<u64, Stopped> {
        let record = input.record();
        let parts = [input.payload];
        let appended = match self.writer.append(&mut self.current, record, &parts) {
            Ok(appended) => appended,
            Err(_) => {
                self.rotate().ok_or(Stopped)?;
                let again = self.writer.append(&mut self.current, record, &parts);
                again.map_err(|_| Stopped)?
            }
        };
        Ok(appended.number)
    }

    fn begin_effect(&mut self) -> Result<(Recorded, &mut [u8]), Stopped> {
        if self.writer.room_bytes() < EFFECT_BYTES_MAX {
            self.rotate().ok_or(Stopped)?;
        }
        let position = usize::try_from(self.writer.position()).map_err(|_| Stopped)?;
        let from = position + RECORD_HEAD_BYTES;
        let room = self.current.get_mut(from..from + EFFECT_BYTES_MAX);
        Ok((Recorded, room.ok_or(Stopped)?))
    }

    fn commit_effect(&mut self, used_bytes: usize, head: EffectHead) -> Result<Place, Stopped> {
        let record = head.record();
        let appended = self.writer.commit(&mut self.current, record, used_bytes);
        let offset = usize::try_from(appended.position).map_err(|_| Stopped)? + RECORD_HEAD_BYTES;
        let payload = self.current.get(offset..offset + used_bytes);
        for entry in EffectReader::new(payload.ok_or(Stopped)?).flatten() {
            if let Entry::Output {
                connection, bytes, ..
            } = entry
            {
                self.outputs.push((connection, bytes.to_vec()));
            }
        }
        Ok(Place {
            segment: u32::try_from(self.full.len()).map_err(|_| Stopped)?,
            offset: u32::try_from(offset).map_err(|_| Stopped)?,
        })
    }

    fn close(&mut self, _connection: u32, _how: Close) {
        // No line of this day is closed before its end.
    }
}
