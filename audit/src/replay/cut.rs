//! The journal in two: what came in, with nothing left of what was decided, and what was decided.
//!
//! In it: [`cut()`], which reads a trading day once and checks its chain. A replay is given
//! [`Inputs`] and cannot reach an effect through them: of each effect only its place is left, that
//! is, behind which input it stood and in which segment. That much a copy of the journal with the
//! effect records cut out would tell as well, by the gaps in its record numbers. Not in it: running
//! the inputs (see `run`) and holding the outcome against the record (see `compare`).

use core::ops::Range;
use std::collections::BTreeMap;

use gwanmun_captures::journal::{
    ChainReader, LAST_RESERVE_BYTES, RECORD_ALIGN, RECORD_HEAD_BYTES, Record, RecordHead,
    RecordKind, SegmentHead,
};
use gwanmun_gateway::EFFECT_BYTES_MAX;

use super::ReplayError;

/// One input as it came.
#[derive(Clone, Debug)]
pub(crate) struct InputRecord<'a> {
    pub(crate) head: RecordHead,
    pub(crate) payload: &'a [u8],
    /// Which of the slots stand behind it.
    pub(crate) slots: Range<usize>,
    /// Segment in which one more effect of it would have stood.
    pub(crate) next_segment: u32,
}

/// A trading day's inputs.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    pub(crate) records: Vec<InputRecord<'a>>,
    /// One for each effect on record, in order: the segment in which it stood.
    pub(crate) slots: Vec<u32>,
    /// Index of the first segment.
    pub(crate) first_segment: u32,
}

impl Inputs<'_> {
    /// Whether nothing of the same start follows an input.
    pub(crate) fn ends_epoch(&self, index: usize) -> bool {
        self.records
            .get(index + 1)
            .is_none_or(|next| next.head.kind == RecordKind::Start)
    }

    /// The slots behind an input.
    pub(crate) fn slots_of(&self, index: usize) -> &[u32] {
        let range = self
            .records
            .get(index)
            .map_or(0..0, |input| input.slots.clone());
        self.slots.get(range).unwrap_or(&[])
    }
}

/// A journal cut in two.
#[derive(Debug)]
pub(crate) struct Cut<'a> {
    pub(crate) inputs: Inputs<'a>,
    /// Effects on record, one for each slot.
    pub(crate) effects: Vec<Record<'a>>,
    /// Records of any kind.
    pub(crate) records: u64,
    /// Starts of the process.
    pub(crate) epochs: u32,
    /// Torn tails: segment, byte offset, bytes.
    pub(crate) torn: Vec<(u32, u64, u64)>,
}

/// Reads a whole trading day.
///
/// # Errors
/// [`ReplayError`]: damage, or a day that does not begin with its first record.
pub(crate) fn cut<'a>(segments: &[&'a [u8]]) -> Result<Cut<'a>, ReplayError> {
    let mut chain = ChainReader::new(segments.iter().copied());
    // Heads that cannot be read are the chain reader's to report.
    let heads = segments
        .iter()
        .filter_map(|segment| SegmentHead::parse(segment).ok());
    let capacities: BTreeMap<u32, u64> = heads
        .map(|head| (head.segment_index, head.capacity_bytes))
        .collect();
    let mut cut = Cut {
        inputs: Inputs {
            records: Vec::new(),
            slots: Vec::new(),
            first_segment: 0,
        },
        effects: Vec::new(),
        records: 0,
        epochs: 0,
        torn: Vec::new(),
    };
    for next in chain.by_ref() {
        let next = next.map_err(ReplayError::Damaged)?;
        let capacity_bytes = capacities.get(&next.segment_index).copied();
        let segment = (next.segment_index, capacity_bytes.unwrap_or(0));
        cut.take(segment, next.record)?;
    }
    cut.torn = chain.torn_tails().to_vec();
    if cut.inputs.records.is_empty() {
        return Err(ReplayError::Empty);
    }
    Ok(cut)
}

impl<'a> Cut<'a> {
    fn take(
        &mut self,
        (segment, capacity_bytes): (u32, u64),
        record: Record<'a>,
    ) -> Result<(), ReplayError> {
        let Record { head, payload, .. } = record;
        let next_segment = segment + u32::from(is_full(capacity_bytes, &record));
        if self.records == 0 {
            if head.number != 1 {
                let number = head.number;
                return Err(ReplayError::NotFromTheStart { number });
            }
            self.inputs.first_segment = segment;
        }
        self.records += 1;
        if head.kind == RecordKind::Start {
            self.epochs += 1;
        }
        let slots = &mut self.inputs.slots;
        if head.kind.is_input() {
            let slots = slots.len()..slots.len();
            self.inputs.records.push(InputRecord {
                head,
                payload,
                slots,
                next_segment,
            });
        } else if head.kind == RecordKind::Effect {
            slots.push(segment);
            self.effects.push(record);
            // The chain's first record is a Start, so an input stands before every effect.
            if let Some(input) = self.inputs.records.last_mut() {
                input.slots.end = slots.len();
                input.next_segment = next_segment;
            }
        }
        Ok(())
    }
}

/// Whether the live process goes on in a new segment when it begins an effect behind this record:
/// less room is left than an effect may take. It does so even if the effect then comes to nothing.
fn is_full(capacity_bytes: u64, last: &Record<'_>) -> bool {
    let size = RECORD_HEAD_BYTES + last.payload.len().next_multiple_of(RECORD_ALIGN);
    // Kept back: the effect's own head, the reserve for a last word, the end mark.
    let kept = 2 * RECORD_HEAD_BYTES + LAST_RESERVE_BYTES;
    let taken = last.position + (size + kept) as u64;
    capacity_bytes.saturating_sub(taken) < EFFECT_BYTES_MAX as u64
}
