//! The effects that a replay makes, in memory, and the edge through which the gateway makes them.
//!
//! In it: [`ReplayEdge`], which stands where the live process has its journal and its sockets, and
//! [`OwnEffects`]. The edge hands out the numbers that the inputs have on record and keeps the
//! segments of the journal apart, because what a resend finds depends on them. Not in it: which
//! input comes next (see `run`).

use core::ops::Range;

use gwanmun_captures::journal::{RECORD_HEAD_BYTES, Record, RecordHead, RecordKind};
use gwanmun_gateway::{Close, EFFECT_BYTES_MAX, Edge, EffectHead, Input, Past, Place, Stopped};

use super::cut::Inputs;

/// Full segments that the live process keeps readable behind the current one. A resend that needs
/// an older one waits there, so it has to wait here.
const SEGMENTS_KEPT: u32 = 8;

/// One effect that the replay made.
#[derive(Clone, Debug)]
pub(crate) struct OwnEffect {
    /// Index of the input that caused it.
    pub(crate) input: usize,
    pub(crate) head: EffectHead,
    /// Segment in which it would lie.
    pub(crate) segment: u32,
    bytes: Range<usize>,
}

/// Everything that the replay decided, in order.
#[derive(Debug, Default)]
pub(crate) struct OwnEffects {
    first_segment: u32,
    /// Payloads by segment, each behind room for a record's head as restart expects it.
    segments: Vec<Vec<u8>>,
    effects: Vec<OwnEffect>,
}

impl OwnEffects {
    /// All of them.
    pub(crate) fn all(&self) -> &[OwnEffect] {
        &self.effects
    }

    /// An effect's payload.
    pub(crate) fn payload(&self, effect: &OwnEffect) -> &[u8] {
        self.segment(effect.segment)
            .get(effect.bytes.clone())
            .unwrap_or(&[])
    }

    /// Effects of one input; the latest input's are looked for first.
    pub(crate) fn count_of(&self, input: usize) -> usize {
        let is_its = |effect: &&OwnEffect| effect.input == input;
        self.effects.iter().rev().take_while(is_its).count()
    }

    /// Takes the last `count` effects back.
    pub(crate) fn drop_last(&mut self, count: usize) {
        self.effects
            .truncate(self.effects.len().saturating_sub(count));
    }

    /// An effect as a record that restart takes.
    pub(crate) fn as_record(&self, effect: &OwnEffect, epoch: u32) -> Record<'_> {
        let EffectHead {
            connection,
            stamp,
            refers_to,
        } = effect.head;
        Record {
            head: RecordHead {
                kind: RecordKind::Effect,
                clock_quality: stamp.clock_quality,
                connection,
                // Restart uses the number for its error only; the input's leads there as well.
                number: refers_to,
                stamp_ns: stamp.ns,
                epoch,
                refers_to,
            },
            payload: self.payload(effect),
            position: (effect.bytes.start - RECORD_HEAD_BYTES) as u64,
        }
    }

    fn segment(&self, segment: u32) -> &[u8] {
        let index = segment.checked_sub(self.first_segment);
        index
            .and_then(|index| self.segments.get(usize::try_from(index).ok()?))
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn add(
        &mut self,
        payload: &[u8],
        input: usize,
        head: EffectHead,
        segment: u32,
    ) -> Place {
        let index = usize::try_from(segment - self.first_segment).unwrap_or(usize::MAX);
        if self.segments.len() <= index {
            self.segments.resize_with(index + 1, Vec::new);
        }
        let bytes = self.segments.get_mut(index).map_or(0..0, |space| {
            space.resize(space.len() + RECORD_HEAD_BYTES, 0);
            let start = space.len();
            space.extend_from_slice(payload);
            start..space.len()
        });
        let offset = u32::try_from(bytes.start).unwrap_or(u32::MAX);
        self.effects.push(OwnEffect {
            input,
            head,
            segment,
            bytes,
        });
        Place { segment, offset }
    }
}

/// Reads what the replay itself has decided so far.
pub(crate) struct OwnPast<'a> {
    effects: &'a OwnEffects,
    /// Segment that is being written.
    current: u32,
    /// An older one that is in memory again.
    lent: Option<u32>,
}

impl Past for OwnPast<'_> {
    fn read(&self, place: Place, length: usize) -> Option<&[u8]> {
        let is_kept = place.segment.saturating_add(SEGMENTS_KEPT) >= self.current;
        if !is_kept && self.lent != Some(place.segment) {
            return None;
        }
        let start = usize::try_from(place.offset).ok()?;
        self.effects
            .segment(place.segment)
            .get(start..start.checked_add(length)?)
    }
}

/// The edge of a gateway whose inputs are on record already.
pub(crate) struct ReplayEdge<'a> {
    inputs: &'a Inputs<'a>,
    /// Index of the input that the gateway must put on record next.
    due: usize,
    /// Index of the input it put on record last.
    current: usize,
    /// Effects of that input so far.
    made: usize,
    room: Box<[u8]>,
    lent: Option<u32>,
    pub(crate) own: OwnEffects,
    /// Whether the inputs are those on record, byte for byte; under other terms the venue's are
    /// not.
    is_exact: bool,
    /// Set when the gateway puts another input on record than the one that it was given.
    has_strayed: bool,
}

impl<'a> ReplayEdge<'a> {
    pub(crate) fn new(inputs: &'a Inputs<'a>, is_exact: bool) -> ReplayEdge<'a> {
        ReplayEdge {
            inputs,
            due: 0,
            current: 0,
            made: 0,
            room: vec![0; EFFECT_BYTES_MAX].into_boxed_slice(),
            lent: None,
            own: OwnEffects {
                first_segment: inputs.first_segment,
                ..OwnEffects::default()
            },
            is_exact,
            has_strayed: false,
        }
    }

    /// The input at `index` is about to be given to the gateway.
    pub(crate) fn goto(&mut self, index: usize) {
        self.due = index;
        self.has_strayed = false;
    }

    /// An older segment is in memory from here on, in the place of the one before; with `None`, no
    /// longer.
    pub(crate) fn lend(&mut self, segment: Option<u32>) {
        self.lent = segment;
    }

    /// Whether the gateway went another way than on record since the last [`ReplayEdge::goto`].
    pub(crate) const fn has_strayed(&self) -> bool {
        self.has_strayed
    }

    /// Segment of the next effect.
    fn segment(&self) -> u32 {
        let on_record = self.inputs.slots_of(self.current).get(self.made).copied();
        let behind = || {
            let input = self.inputs.records.get(self.current);
            input.map_or(self.inputs.first_segment, |input| input.next_segment)
        };
        on_record.unwrap_or_else(behind)
    }
}

impl Edge for ReplayEdge<'_> {
    type Past<'b>
        = OwnPast<'b>
    where
        Self: 'b;

    fn record(&mut self, input: Input<'_>) -> Result<u64, Stopped> {
        let is_due = self.inputs.records.get(self.due).filter(|due| {
            due.head.kind == input.kind
                && due.head.connection == input.connection
                && due.head.stamp_ns == input.stamp.ns
                && due.head.clock_quality == input.stamp.clock_quality
                && due.head.refers_to == input.refers_to
                && (!self.is_exact || due.payload == input.payload)
        });
        let Some(due) = is_due else {
            self.has_strayed = true;
            return Err(Stopped);
        };
        self.current = self.due;
        self.due += 1;
        self.made = 0;
        Ok(due.head.number)
    }

    fn begin_effect(&mut self) -> Result<(OwnPast<'_>, &mut [u8]), Stopped> {
        let current = self.segment();
        let past = OwnPast {
            effects: &self.own,
            current,
            lent: self.lent,
        };
        Ok((past, &mut self.room))
    }

    fn commit_effect(&mut self, used_bytes: usize, head: EffectHead) -> Result<Place, Stopped> {
        let segment = self.segment();
        let payload = self.room.get(..used_bytes).ok_or(Stopped)?;
        self.made += 1;
        Ok(self.own.add(payload, self.current, head, segment))
    }

    fn close(&mut self, _connection: u32, _how: Close) {
        // What becomes of the line is on record as an input.
    }
}
