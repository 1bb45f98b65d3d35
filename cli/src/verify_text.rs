//! What `capture verify` and everything else that reads a journal found wrong, in words: where it
//! is, what is there, and what would be right.
//!
//! Not in it: finding it (`gwanmun_captures::verify`, `gwanmun_captures::journal`).

use gwanmun_captures::journal::{Fault, JournalDamage};
use gwanmun_captures::verify::{BlockFault, CaptureDamage, PacketFault, VerifyFailure};

use crate::show;

/// The failure in words.
pub(crate) fn failure(failure: &VerifyFailure) -> String {
    match failure {
        VerifyFailure::Empty => "the journal has no record".to_owned(),
        VerifyFailure::Beginning { found } => {
            format!("the journal begins with record {found} instead of 1: its front is missing")
        }
        VerifyFailure::Journal(found) => damage(found),
        VerifyFailure::Content(error) => {
            format!("whole records contradict each other: {error:?}")
        }
        VerifyFailure::StampWentBack {
            number,
            connection,
            before_ns,
            found_ns,
        } => format!(
            "record {number} of connection {connection} is stamped {}, before {} of the one in \
             front of it",
            show::utc(*found_ns),
            show::utc(*before_ns)
        ),
        VerifyFailure::Capture(found) => capture(found),
        VerifyFailure::Packet {
            packet,
            offset,
            number,
            connection,
            fault,
        } => format!(
            "packet {packet} of the capture, at byte {offset}, is not the one that record {number} \
             of connection {connection} makes: {}",
            packet_fault(fault)
        ),
        VerifyFailure::Missing {
            number,
            connection,
            packets,
        } => format!(
            "the capture ends after {packets} packets, but record {number} of connection \
             {connection} makes another one"
        ),
        VerifyFailure::Extra { packet, offset } => format!(
            "packet {packet} of the capture, at byte {offset}, is made by no record of the journal"
        ),
        VerifyFailure::Unfinished { offset } => format!(
            "the capture has no end at byte {offset}: its gateway was killed or is still running; \
             a start and a stop of the gateway finish it"
        ),
    }
}

/// A damaged journal in words.
pub(crate) fn damage(damage: &JournalDamage) -> String {
    format!(
        "the journal is damaged in segment {} at byte {}: {}",
        damage.segment_index,
        damage.position,
        fault(&damage.fault)
    )
}

fn fault(fault: &Fault) -> String {
    match fault {
        Fault::ShortSegment { found } => {
            format!("it has {found} bytes, too few for a segment's head")
        }
        Fault::NotASegment { found } => {
            format!(
                "it begins with {}, no segment does",
                show::escaped_bytes(found)
            )
        }
        Fault::Capacity { expected, found } => {
            format!("its head says {expected} bytes, it has {found}")
        }
        Fault::Checksum { expected, found } => format!(
            "the bytes have CRC-32C {expected:08x}, but {found:08x} is stored with them: some of \
             them were changed"
        ),
        Fault::Length { max, found } => {
            format!("a record of {found} bytes is announced where {max} fit at most")
        }
        Fault::Reserved => "reserved bytes of a head are not zero".to_owned(),
        Fault::Padding => "bytes between two records are not zero".to_owned(),
        Fault::Kind { found } => {
            format!("this version knows no record of kind {found}: a later one wrote it")
        }
        Fault::Number { expected, found } => format!(
            "record {found} stands where {expected} is due: records are missing, repeated or moved"
        ),
        Fault::Epoch { expected, found } => {
            format!("epoch {found} stands where {expected} is in force, without a Start")
        }
        Fault::RefersTo { number, found } => {
            format!("record {number} points forward, at record {found}")
        }
        Fault::Hole { expected, found } => format!(
            "record {expected} is due and missing, but record {found} follows: a piece is gone"
        ),
        Fault::AfterEnd => "something stands behind the segment's end mark".to_owned(),
        Fault::SegmentIndex { expected, found } => format!(
            "segment {found} stands where {expected} is due: a file is missing or misplaced"
        ),
        Fault::TradingDay { expected, found } => {
            format!("the segment is of trading day {found}, the others of {expected}")
        }
        Fault::NotSealed { epoch } => format!(
            "the segment has no end mark, although epoch {epoch} goes on in the next one: its \
             end is missing"
        ),
        Fault::NoStart { epoch } => format!("epoch {epoch} does not begin with its Start record"),
    }
}

fn capture(damage: &CaptureDamage) -> String {
    let what = match damage.fault {
        BlockFault::Short => "the file ends within a block".to_owned(),
        BlockFault::Length { front, back } => {
            format!("a block says {front} bytes in front and {back} at its end")
        }
        BlockFault::Kind { expected, found } => {
            format!("a block of type {found:#x} stands where type {expected:#x} is due")
        }
        BlockFault::Section => "the section's head is not one that a gateway writes".to_owned(),
        BlockFault::Interface(index) => {
            format!("interface {index} is not described as a gateway does")
        }
        BlockFault::NoDesk => {
            "the day's first command is due, and the desk's interface in front of \
                               it: a capture made before commands were shown has none"
                .to_owned()
        }
        BlockFault::PacketLayout => {
            "a packet's fields, padding or options are not laid out as a gateway does".to_owned()
        }
        BlockFault::Statistics(index) => format!(
            "the statistics of interface {index} do not agree with the packets in front of them"
        ),
        BlockFault::Behind => "something stands behind the capture's end".to_owned(),
    };
    format!("the capture is damaged at byte {}: {what}", damage.offset)
}

fn packet_fault(fault: &PacketFault) -> String {
    match fault {
        PacketFault::Field {
            field,
            expected,
            found,
        } => format!("{field:?} is {found}, due is {expected}"),
        PacketFault::Payload {
            offset,
            expected,
            found,
        } => format!("byte {offset} of its payload is {found:#04x}, due is {expected:#04x}"),
        PacketFault::Comment {
            offset,
            expected,
            found,
        } => format!("byte {offset} of its comment is {found:#04x}, due is {expected:#04x}"),
    }
}
