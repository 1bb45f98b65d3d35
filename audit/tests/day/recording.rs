//! An edge that records in memory as the live process records on storage: segments, rotation, and
//! the latest eight full segments readable.

use gwanmun_audit::replay;
use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::{
    ChainReader, Durability, RECORD_HEAD_BYTES, SegmentHead, SegmentWriter,
};
use gwanmun_captures::pcapng::FileInfo;
use gwanmun_captures::render::Renderer;
use gwanmun_gateway::{Close, EFFECT_BYTES_MAX, Edge, EffectHead, Input, Past, Place, Stopped};

/// Bytes of a segment; small, so that a short day has several.
pub const SEGMENT_BYTES: usize = 64 * 1024;
/// Full segments that stay readable.
const KEPT: usize = 8;
/// yyyymmdd.
const TRADING_DAY: u32 = 20_261_123;

/// Records a day.
pub struct Recording {
    pub segments: Vec<Vec<u8>>,
    writer: SegmentWriter,
    epoch: u32,
    /// An older segment that is readable again.
    pub lent: Option<u32>,
    /// Outputs since they were last taken: connection and bytes.
    pub outputs: Vec<(u32, Vec<u8>)>,
    /// Closed lines since they were last taken.
    pub closed: Vec<u32>,
    /// Effects that may still be committed before the process dies.
    pub lives_for: Option<usize>,
    pub effects: u64,
    pub inputs: u64,
    pub output_bytes: u64,
}

impl Recording {
    /// An empty journal.
    pub fn new() -> Recording {
        let mut segment = vec![0; SEGMENT_BYTES];
        let writer = SegmentWriter::start(&mut segment, head(0, 1, 1)).unwrap();
        Recording {
            segments: vec![segment],
            writer,
            epoch: 1,
            lent: None,
            outputs: Vec::new(),
            closed: Vec::new(),
            lives_for: None,
            effects: 0,
            inputs: 0,
            output_bytes: 0,
        }
    }

    /// A new start goes on in a new segment and leaves the old one as it is.
    pub fn begin_epoch(&mut self) {
        self.epoch += 1;
        self.lives_for = None;
        self.lent = None;
        self.outputs.clear();
        self.next_segment();
    }

    /// Behind the last record nothing is left of what was being written when the process died.
    pub fn wipe_tail(&mut self) {
        let position = usize::try_from(self.writer.position()).unwrap();
        self.segments.last_mut().unwrap()[position..].fill(0);
    }

    pub fn segments(&self) -> Vec<&[u8]> {
        self.segments.iter().map(Vec::as_slice).collect()
    }

    /// Replays what is recorded.
    pub fn replay(&self) -> replay::Report {
        replay::replay(&self.segments(), &mut |_, _| {}).unwrap()
    }

    /// Whether the day's capture says `text` in a packet's comment.
    pub fn capture_says(&self, text: &str) -> bool {
        let mut pcapng = Vec::new();
        let mut renderer = Renderer::start(&FileInfo::default(), &mut pcapng);
        for record in ChainReader::new(self.segments()) {
            let record = record.unwrap().record;
            // Of these lines some take bytes that nobody made: no matter for what the desk says.
            let _ = renderer.on_record(&record, &mut pcapng);
        }
        // A comment's code and length.
        let mut comment = vec![1, 0];
        comment.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
        comment.extend(text.as_bytes());
        pcapng
            .windows(comment.len())
            .any(|window| window == comment)
    }

    fn next_segment(&mut self) {
        let index = u32::try_from(self.segments.len()).unwrap();
        let mut segment = vec![0; SEGMENT_BYTES];
        let head = head(index, self.epoch, self.writer.next_number());
        self.writer = SegmentWriter::start(&mut segment, head).unwrap();
        self.segments.push(segment);
    }

    fn rotate(&mut self) {
        self.writer.seal(self.segments.last_mut().unwrap(), 0);
        self.next_segment();
    }
}

/// The head of a segment of this day.
pub fn head(segment_index: u32, epoch: u32, first_number: u64) -> SegmentHead {
    SegmentHead {
        segment_index,
        epoch,
        trading_day: TRADING_DAY,
        first_number,
        capacity_bytes: SEGMENT_BYTES as u64,
        durability: Durability::Process,
        salt: 0,
    }
}

/// What has been recorded.
pub struct Recorded<'a> {
    older: &'a [Vec<u8>],
    current: &'a [u8],
    lent: Option<u32>,
}

impl Past for Recorded<'_> {
    fn read(&self, place: Place, length: usize) -> Option<&[u8]> {
        let index = usize::try_from(place.segment).unwrap();
        let start = usize::try_from(place.offset).unwrap();
        if index + KEPT < self.older.len() && self.lent != Some(place.segment) {
            return None;
        }
        let segment = self.older.get(index).map_or(self.current, Vec::as_slice);
        segment.get(start..start + length)
    }
}

impl Edge for Recording {
    type Past<'a> = Recorded<'a>;

    fn record(&mut self, input: Input<'_>) -> Result<u64, Stopped> {
        let record = input.record();
        let segment = self.segments.last_mut().unwrap();
        let mut appended = self.writer.append(segment, record, &[input.payload]);
        if appended.is_err() {
            self.rotate();
            let segment = self.segments.last_mut().unwrap();
            appended = self.writer.append(segment, record, &[input.payload]);
        }
        self.inputs += 1;
        Ok(appended.unwrap().number)
    }

    fn begin_effect(&mut self) -> Result<(Recorded<'_>, &mut [u8]), Stopped> {
        if self.writer.room_bytes() < EFFECT_BYTES_MAX {
            self.rotate();
        }
        let (last, older) = self.segments.split_last_mut().unwrap();
        let position = usize::try_from(self.writer.position()).unwrap();
        let (current, free) = last.split_at_mut(position);
        let room = &mut free[RECORD_HEAD_BYTES..RECORD_HEAD_BYTES + EFFECT_BYTES_MAX];
        let past = Recorded {
            older,
            current,
            lent: self.lent,
        };
        Ok((past, room))
    }

    fn commit_effect(&mut self, used_bytes: usize, head: EffectHead) -> Result<Place, Stopped> {
        if let Some(left) = &mut self.lives_for {
            *left = left.checked_sub(1).ok_or(Stopped)?;
        }
        let record = head.record();
        let segment = self.segments.last_mut().unwrap();
        let appended = self.writer.commit(segment, record, used_bytes);
        let offset = usize::try_from(appended.position).unwrap() + RECORD_HEAD_BYTES;
        let payload = &segment[offset..offset + used_bytes];
        for entry in EffectReader::new(payload) {
            if let Entry::Output {
                connection, bytes, ..
            } = entry.unwrap()
            {
                self.output_bytes += bytes.len() as u64;
                self.outputs.push((connection, bytes.to_vec()));
            }
        }
        self.effects += 1;
        Ok(Place {
            segment: u32::try_from(self.segments.len() - 1).unwrap(),
            offset: u32::try_from(offset).unwrap(),
        })
    }

    fn close(&mut self, connection: u32, _how: Close) {
        self.closed.push(connection);
    }
}
