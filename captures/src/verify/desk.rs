//! The packets of commands and of what became of them, each against the one that its record makes.
//!
//! In it: [`DeskPackets`]. What is said is a function of the record, as an address is; how it lies
//! in the datagram is read here anew, field by field. Not in it: the text (see `desk.rs` of this
//! crate).

use super::blocks::{Blocks, Packet};
use super::frame::{DueHead, Field, Fields, PacketFault, checksum, difference, equal, number};
use super::{Report, VerifyFailure};
use crate::desk::{DESK_ADDRESS, Desk, DeskLine, GATEWAY_ADDRESS, PORT};
use crate::journal::Record;
use crate::pcapng::Direction;
use crate::render::{DESK_INTERFACE, PACKET_ID_STEP};
use crate::tcp_synth::{TIME_TO_LIVE, local_mac, peer_mac};

/// Where UDP begins in a frame, and where its payload does.
const UDP_AT: usize = 34;
const PAYLOAD_AT: usize = 42;

/// The desk's interface, and how many packets it has had.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DeskPackets {
    desk: Desk,
    packets: u64,
}

impl DeskPackets {
    /// Takes the packet that a record demands of the desk, if it does, from `blocks`.
    pub(super) fn on_record(
        &mut self,
        record: &Record<'_>,
        blocks: &mut Blocks<'_>,
        report: &mut Report,
    ) -> Result<(), VerifyFailure> {
        let Some(line) = self.desk.on_record(record) else {
            return Ok(());
        };
        if self.packets == 0 {
            blocks.desk().map_err(VerifyFailure::Capture)?;
        }
        super::take(blocks, &record.head, report.packets, |packet| {
            let due = DueHead {
                packet_id: record.head.number.saturating_mul(PACKET_ID_STEP),
                stamp_ns: record.head.stamp_ns,
                interface: DESK_INTERFACE,
                direction: line.direction,
                comment: line.text.as_bytes(),
            };
            due.compare(packet)?;
            compare(&line, packet)
        })?;
        self.packets += 1;
        report.packets += 1;
        Ok(())
    }

    /// Packets of the desk; `None` where the capture has no such interface.
    pub(super) fn packets(&self) -> Option<u64> {
        Some(self.packets).filter(|packets| *packets > 0)
    }
}

/// A datagram from Ethernet on.
fn compare(line: &DeskLine, packet: &Packet<'_>) -> Result<(), PacketFault> {
    let frame = packet.frame;
    let payload = [line.priority.as_bytes(), line.text.as_bytes()].concat();
    let length = PAYLOAD_AT + payload.len();
    equal(Field::FrameLength, length as u128, frame.len() as u128)?;
    let ip = frame.get(14..UDP_AT).unwrap_or_default();
    let udp = frame.get(UDP_AT..).unwrap_or_default();
    checksums(ip, udp)?;

    let (desk, gateway) = (peer_mac(0), local_mac());
    let ((source_mac, target_mac), (source, target)) = match line.direction {
        Direction::In => ((desk, gateway), (DESK_ADDRESS, GATEWAY_ADDRESS)),
        Direction::Out => ((gateway, desk), (GATEWAY_ADDRESS, DESK_ADDRESS)),
    };
    let macs = number(&target_mac) << 64 | number(&source_mac) << 16;
    let udp_length = udp.len() as u128;
    let mut fields = Fields { rest: frame };
    fields.same(Field::Ethernet, 14, macs | 0x0800)?;
    fields.same(Field::IpHead, 2, 0x4500)?;
    fields.same(Field::IpLength, 2, udp_length + 20)?;
    fields.same(Field::IpFragment, 4, 0x4000)?;
    fields.same(Field::IpProtocol, 2, u128::from(TIME_TO_LIVE) << 8 | 17)?;
    fields.rest = fields.rest.get(2..).unwrap_or_default();
    fields.same(Field::SourceAddress, 4, number(&source))?;
    fields.same(Field::TargetAddress, 4, number(&target))?;
    let ports = u128::from(PORT) << 16 | u128::from(PORT);
    fields.same(Field::Ports, 4, ports)?;
    fields.same(Field::UdpLength, 2, udp_length)?;
    fields.rest = fields.rest.get(2..).unwrap_or_default();
    match difference(&payload, fields.rest) {
        Some((offset, expected, found)) => Err(PacketFault::Payload {
            offset,
            expected,
            found,
        }),
        None => Ok(()),
    }
}

/// Both checksums against the bytes as found, so that a flipped bit is told from a wrong value.
fn checksums(ip: &[u8], udp: &[u8]) -> Result<(), PacketFault> {
    let found = number(ip.get(10..12).unwrap_or_default());
    equal(Field::IpChecksum, u128::from(checksum(&[ip], 10)), found)?;
    let length = u32::try_from(udp.len()).unwrap_or(u32::MAX).to_be_bytes();
    let addresses = ip.get(12..20).unwrap_or_default();
    let expected = match checksum(&[udp, addresses, &length, &[0, 17]], 6) {
        0 => 0xFFFF,
        sum => sum,
    };
    let found = number(udp.get(6..8).unwrap_or_default());
    equal(Field::UdpChecksum, u128::from(expected), found)
}
