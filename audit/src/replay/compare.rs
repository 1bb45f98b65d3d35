//! The replay's effects held against those on record, in order, byte for byte.
//!
//! In it: [`compare()`], which pairs effects input by input, and what it finds: a [`Difference`]
//! with the record, the line and the place in that line's stream. Not in it: how the replay came to
//! its effects (see `run`).

use std::collections::BTreeMap;

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::Record;
use gwanmun_gateway::effect::OFFLINE;
use gwanmun_market::{ClOrdId, OrderId};

use super::Report;
use super::cut::Cut;
use super::own::OwnEffect;
use super::run::Run;
use super::verdict::{Verdict, VerdictEntry, verdicts};

/// Bytes of an [`Excerpt`].
pub const EXCERPT_BYTES: usize = 32;
/// Bytes of it before the first that differs.
const BEFORE_BYTES: usize = 8;

/// One place where the replay and the record are not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Number of the effect record; of the input where the record has no such effect.
    pub record: u64,
    /// Number of the input that caused it.
    pub input: u64,
    /// Which start of the process.
    pub epoch: u32,
    /// The line that it is about: the output's where it is in an output, the input's otherwise.
    pub connection: u32,
    /// What is not the same.
    pub what: What,
}

/// What is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Bytes for a peer.
    Output {
        /// Where in that line's stream of this start, in bytes.
        offset: u64,
        /// The journal's bytes around it.
        recorded: Excerpt,
        /// The replay's.
        replayed: Excerpt,
    },
    /// To whom bytes go, or under which number: connection, sequence number, flags.
    OutputHead {
        /// In the journal.
        recorded: (u32, u32, u8),
        /// In the replay.
        replayed: (u32, u32, u8),
    },
    /// A verdict.
    Verdict {
        /// OrderID(37) in the journal.
        order_id: OrderId,
        /// ClOrdID(11) in the journal.
        cl_ord_id: ClOrdId,
        /// The journal's.
        recorded: Verdict,
        /// The replay's.
        replayed: Verdict,
    },
    /// A change of state.
    State {
        /// Its tag.
        tag: u8,
        /// Offset in its body.
        offset: usize,
        /// The journal's bytes around it.
        recorded: Excerpt,
        /// The replay's.
        replayed: Excerpt,
    },
    /// Entries of other kinds, or more of them on one side.
    Entries {
        /// How many the journal has.
        recorded: usize,
        /// How many the replay has.
        replayed: usize,
    },
    /// The journal's effect cannot be read.
    Unreadable {
        /// Offset in its payload.
        offset: usize,
    },
    /// The effect's head: its time, its line or the input that it names.
    Head,
    /// The replay made an effect that the journal does not have.
    NotOnRecord,
    /// The journal has an effect that the replay did not make.
    NotReplayed,
    /// The gateway would have put this input on record otherwise.
    Input,
}

/// A few bytes around the first one that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// At most [`EXCERPT_BYTES`] of them.
    pub bytes: Vec<u8>,
}

impl Excerpt {
    fn around(bytes: &[u8], offset: usize) -> Excerpt {
        let from = offset.saturating_sub(BEFORE_BYTES).min(bytes.len());
        let until = (from + EXCERPT_BYTES).min(bytes.len());
        Excerpt {
            bytes: bytes.get(from..until).unwrap_or(&[]).to_vec(),
        }
    }
}

/// Bytes sent to a line before, by start and connection.
type Streams = BTreeMap<(u32, u32), u64>;

/// Compares everything.
pub(crate) fn compare(cut: &Cut<'_>, run: &Run, report: &mut Report) {
    let mut streams = Streams::new();
    let mut own = run.own.all().iter().peekable();
    let mut strayed = run.strayed.iter().copied().peekable();
    for (index, input) in cut.inputs.records.iter().enumerate() {
        let at = Difference {
            record: input.head.number,
            input: input.head.number,
            epoch: input.head.epoch,
            connection: input.head.connection,
            what: What::Input,
        };
        if strayed.next_if_eq(&index).is_some() {
            report.differ(at.clone());
        }
        for recorded in cut.effects.get(input.slots.clone()).unwrap_or(&[]) {
            let at = Difference {
                record: recorded.head.number,
                ..at.clone()
            };
            match own.next_if(|effect| effect.input == index) {
                Some(effect) => {
                    report.effects_compared += 1;
                    let replayed = run.own.payload(effect);
                    let what = head_difference(recorded, effect)
                        .map(|what| (at.connection, what))
                        .or_else(|| payload_difference(recorded, replayed, &streams));
                    if let Some((connection, what)) = what {
                        report.differ(Difference {
                            connection,
                            what,
                            ..at
                        });
                    }
                    count(recorded, report, &mut streams);
                }
                None => report.differ(Difference {
                    what: What::NotReplayed,
                    ..at
                }),
            }
        }
        while own.next_if(|effect| effect.input == index).is_some() {
            report.differ(Difference {
                what: What::NotOnRecord,
                ..at.clone()
            });
        }
    }
}

/// Counts what was held against the replay.
fn count(recorded: &Record<'_>, report: &mut Report, streams: &mut Streams) {
    for entry in EffectReader::new(recorded.payload).flatten() {
        match entry {
            Entry::Output {
                connection, bytes, ..
            } => {
                report.bytes_compared += bytes.len() as u64;
                *streams
                    .entry((recorded.head.epoch, connection))
                    .or_default() += bytes.len() as u64;
            }
            Entry::State { tag, bytes } => {
                if VerdictEntry::read(tag, bytes).is_some() {
                    report.decisions_compared += 1;
                }
            }
        }
    }
}

fn head_difference(recorded: &Record<'_>, replayed: &OwnEffect) -> Option<What> {
    let (on_record, own) = (recorded.head, replayed.head);
    let is_same = on_record.connection == own.connection
        && on_record.stamp_ns == own.stamp.ns
        && on_record.clock_quality == own.stamp.clock_quality
        && on_record.refers_to == own.refers_to;
    (!is_same).then_some(What::Head)
}

/// What differs first, with the line that it is about; a verdict before anything that follows from
/// it.
fn payload_difference(
    recorded: &Record<'_>,
    replayed: &[u8],
    streams: &Streams,
) -> Option<(u32, What)> {
    if recorded.payload == replayed {
        return None;
    }
    let connection = recorded.head.connection;
    let mut pairs = verdicts(recorded.payload).zip(verdicts(replayed));
    if let Some((theirs, ours)) = pairs.find(|(theirs, ours)| theirs.verdict != ours.verdict) {
        let what = What::Verdict {
            order_id: theirs.order_id,
            cl_ord_id: theirs.cl_ord_id,
            recorded: theirs.verdict,
            replayed: ours.verdict,
        };
        return Some((connection, what));
    }
    let mut ours = EffectReader::new(replayed);
    let mut sent: BTreeMap<u32, u64> = BTreeMap::new();
    for theirs in EffectReader::new(recorded.payload) {
        let theirs = match theirs {
            Ok(theirs) => theirs,
            Err(error) => {
                let offset = error.offset;
                return Some((connection, What::Unreadable { offset }));
            }
        };
        let Some(Ok(ours)) = ours.next() else { break };
        let before = |line| {
            let earlier = streams.get(&(recorded.head.epoch, line)).copied();
            earlier.unwrap_or(0) + sent.get(&line).copied().unwrap_or(0)
        };
        match (theirs, ours) {
            (theirs, ours) if theirs == ours => {}
            (Entry::Output { connection, .. }, Entry::Output { .. }) => {
                let what = output_difference(&theirs, &ours, before(connection));
                return Some((connection & !OFFLINE, what));
            }
            (Entry::State { tag, bytes }, Entry::State { tag: our_tag, .. }) if tag == our_tag => {
                return Some((connection, state_difference(tag, bytes, &ours)));
            }
            _ => break,
        }
        if let Entry::Output {
            connection, bytes, ..
        } = theirs
        {
            *sent.entry(connection).or_default() += bytes.len() as u64;
        }
    }
    let what = What::Entries {
        recorded: EffectReader::new(recorded.payload).count(),
        replayed: EffectReader::new(replayed).count(),
    };
    Some((connection, what))
}

fn output_difference(theirs: &Entry<'_>, ours: &Entry<'_>, before: u64) -> What {
    let parts = |entry: &Entry<'_>| match *entry {
        Entry::Output {
            connection,
            msg_seq_num,
            flags,
            ..
        } => (connection, msg_seq_num, flags),
        Entry::State { tag, .. } => (0, 0, tag),
    };
    let (recorded, replayed) = (parts(theirs), parts(ours));
    if recorded != replayed {
        return What::OutputHead { recorded, replayed };
    }
    let (theirs, ours) = (body(theirs), body(ours));
    let offset = first_difference(theirs, ours);
    What::Output {
        offset: before + offset as u64,
        recorded: Excerpt::around(theirs, offset),
        replayed: Excerpt::around(ours, offset),
    }
}

fn state_difference(tag: u8, theirs: &[u8], ours: &Entry<'_>) -> What {
    let ours = body(ours);
    let offset = first_difference(theirs, ours);
    What::State {
        tag,
        offset,
        recorded: Excerpt::around(theirs, offset),
        replayed: Excerpt::around(ours, offset),
    }
}

fn body<'a>(entry: &Entry<'a>) -> &'a [u8] {
    match *entry {
        Entry::Output { bytes, .. } | Entry::State { bytes, .. } => bytes,
    }
}

fn first_difference(left: &[u8], right: &[u8]) -> usize {
    let pairs = left.iter().zip(right);
    pairs.take_while(|(left, right)| left == right).count()
}
