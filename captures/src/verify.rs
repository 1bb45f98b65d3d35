//! Does this capture say what the journal says? All of it, nothing else, and undamaged?
//!
//! The journal is read record by record; for each record that must have been on a wire, the next
//! packets of the pcapng are taken and compared field by field with what that record demands.
//! Because both run in step, nothing can be missing, repeated, out of order or added without being
//! found where it happens, in constant memory. The parsers and the checksum here are twins of the
//! writers' code, not that code. In it: [`verify`], [`Report`], [`VerifyFailure`]. Not in it:
//! seals, and comparison with the ledgers of other processes (audit, cli).
//!
//! One part of a pcapng is not checked: the texts in its section header (comment, hardware,
//! operating system, program). They are for people, and the journal does not know them.

mod blocks;
mod desk;
mod frame;
mod lines;

use crate::effect::{APPLICATION, EffectReader, Entry, RESEND};
use crate::journal::{ChainReader, JournalDamage, Record, RecordHead, RecordKind, Tail};
use crate::render::{RenderError, RenderFault};

pub use blocks::{BlockFault, CaptureDamage};
pub use frame::{Field, PacketFault};

use blocks::{Blocks, Packet};
use desk::DeskPackets;
use lines::Lines;

/// Everything that was counted while nothing was found wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Segments of the journal.
    pub segments: u32,
    /// Records in them.
    pub records: u64,
    /// Number of the first record; always 1.
    pub first_number: u64,
    /// Number of the last record.
    pub last_number: u64,
    /// Starts of the process.
    pub epochs: u32,
    /// Records of the input kinds.
    pub inputs: u64,
    /// Effect records.
    pub effects: u64,
    /// Outputs in effect records; each is one whole message.
    pub outputs: u64,
    /// Outputs that are application messages.
    pub outputs_application: u64,
    /// Outputs that were sent again on request.
    pub outputs_resent: u64,
    /// Connections opened.
    pub connections: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes that sockets took.
    pub bytes_out: u64,
    /// Bytes produced that no socket took: they are rightly not in the capture.
    pub bytes_unsent: u64,
    /// Packets in the capture.
    pub packets: u64,
    /// Ends of starts that count for nothing: a record that was being written when the process
    /// died, or what a loss of power left of records that were never synced.
    pub torn_tails: u32,
    /// True if the last segment ends in its end mark.
    pub sealed: bool,
    /// Stamp of the first record, UTC nanoseconds.
    pub first_stamp_ns: u64,
    /// Latest stamp of a record, UTC nanoseconds.
    pub last_stamp_ns: u64,
}

/// The first thing found wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyFailure {
    /// There is no record at all.
    Empty,
    /// The journal does not begin with record 1.
    Beginning {
        /// Number of its first record.
        found: u64,
    },
    /// A record or segment is damaged, missing, repeated or out of its place.
    Journal(JournalDamage),
    /// The records are whole but contradict each other.
    Content(RenderError),
    /// Stamps of one direction of a connection go back.
    StampWentBack {
        /// The record's number.
        number: u64,
        /// Its connection.
        connection: u32,
        /// Latest stamp before.
        before_ns: u64,
        /// Its own stamp.
        found_ns: u64,
    },
    /// The pcapng is damaged as a file, or holds blocks that do not belong there.
    Capture(CaptureDamage),
    /// A packet is not the one due.
    Packet {
        /// Place of the packet in the file, from 1 as Wireshark counts.
        packet: u64,
        /// Byte offset of its block.
        offset: u64,
        /// The record whose packet is due here.
        number: u64,
        /// That record's connection.
        connection: u32,
        /// In what they differ.
        fault: PacketFault,
    },
    /// The capture ends although a record's packet is due.
    Missing {
        /// The record's number.
        number: u64,
        /// Its connection.
        connection: u32,
        /// Packets before.
        packets: u64,
    },
    /// The capture holds a packet that no record asks for.
    Extra {
        /// Place of the packet in the file, from 1.
        packet: u64,
        /// Byte offset of its block.
        offset: u64,
    },
    /// The capture was not finished: no statistics at its end.
    Unfinished {
        /// Byte offset where they are due.
        offset: u64,
    },
}

/// Checks a trading day's journal, all segments in order, against its capture.
///
/// # Errors
/// The first thing found wrong, and where.
pub fn verify<'a>(
    segments: impl IntoIterator<Item = &'a [u8]>,
    pcapng: &[u8],
) -> Result<Report, VerifyFailure> {
    verify_with(segments, pcapng, |_| ())
}

/// As [`verify`], telling `progress` now and then how many bytes of the capture are done.
///
/// # Errors
/// The first thing found wrong, and where.
pub fn verify_with<'a>(
    segments: impl IntoIterator<Item = &'a [u8]>,
    pcapng: &[u8],
    mut progress: impl FnMut(u64),
) -> Result<Report, VerifyFailure> {
    let mut chain = ChainReader::new(segments);
    let mut blocks = Blocks::start(pcapng).map_err(VerifyFailure::Capture)?;
    let mut lines = Lines::default();
    let mut desk = DeskPackets::default();
    let mut report = Report::default();
    let mut epoch = None;
    for next in chain.by_ref() {
        let record = next.map_err(VerifyFailure::Journal)?.record;
        count(&mut report, &record, &mut epoch)?;
        lines.on_record(&record, &mut blocks, &mut report)?;
        desk.on_record(&record, &mut blocks, &mut report)?;
        if report.records.is_multiple_of(4096) {
            progress(blocks.offset());
        }
    }
    if report.records == 0 {
        return Err(VerifyFailure::Empty);
    }
    lines.finish(&mut report);
    report.segments = chain.segment_count();
    report.torn_tails = u32::try_from(chain.torn_tails().len()).unwrap_or(u32::MAX);
    report.sealed = chain.tail() == Some(Tail::Sealed);
    blocks.finish(&report, lines.packets(), desk.packets())?;
    progress(blocks.offset());
    Ok(report)
}

/// Takes the next packet from `blocks`, which a record with this head makes, and has it compared.
fn take<'a>(
    blocks: &mut Blocks<'a>,
    head: &RecordHead,
    packets: u64,
    compare: impl FnOnce(&Packet<'a>) -> Result<(), PacketFault>,
) -> Result<(), VerifyFailure> {
    let (number, connection) = (head.number, head.connection);
    let packet = blocks.packet().map_err(VerifyFailure::Capture)?;
    let packet = packet.ok_or(VerifyFailure::Missing {
        number,
        connection,
        packets,
    })?;
    compare(&packet).map_err(|fault| VerifyFailure::Packet {
        packet: packets + 1,
        offset: packet.offset,
        number,
        connection,
        fault,
    })
}

/// Counts a record into the report.
fn count(
    report: &mut Report,
    record: &Record<'_>,
    epoch: &mut Option<u32>,
) -> Result<(), VerifyFailure> {
    let head = record.head;
    if report.records == 0 {
        if head.number != 1 {
            return Err(VerifyFailure::Beginning { found: head.number });
        }
        report.first_number = head.number;
        report.first_stamp_ns = head.stamp_ns;
    }
    report.records += 1;
    report.last_number = head.number;
    report.last_stamp_ns = report.last_stamp_ns.max(head.stamp_ns);
    report.epochs += u32::from(*epoch != Some(head.epoch));
    *epoch = Some(head.epoch);
    report.inputs += u64::from(head.kind.is_input());
    if head.kind == RecordKind::Effect {
        report.effects += 1;
        count_outputs(report, record)?;
    }
    Ok(())
}

fn count_outputs(report: &mut Report, record: &Record<'_>) -> Result<(), VerifyFailure> {
    for entry in EffectReader::new(record.payload) {
        let entry = entry.map_err(|error| {
            VerifyFailure::Content(RenderError {
                number: record.head.number,
                connection: record.head.connection,
                fault: RenderFault::Effect(error),
            })
        })?;
        if let Entry::Output { flags, .. } = entry {
            report.outputs += 1;
            report.outputs_application += u64::from(flags & APPLICATION != 0);
            report.outputs_resent += u64::from(flags & RESEND != 0);
        }
    }
    Ok(())
}
