//! Capture files as other programs write them: pcap and pcapng, in both byte orders.

use gwanmun_captures::read::CaptureReader;

use crate::day;

/// Packets of a capture of ours: stamps and Ethernet frames.
pub(crate) fn frames() -> Vec<(u64, Vec<u8>)> {
    let pcapng = day::small().render();
    CaptureReader::new(&pcapng)
        .unwrap()
        .map(|packet| packet.unwrap())
        .map(|packet| (packet.stamp_ns, packet.bytes.to_vec()))
        .collect()
}

pub(crate) fn word(value: u32, big: bool) -> [u8; 4] {
    if big {
        value.to_be_bytes()
    } else {
        value.to_le_bytes()
    }
}

pub(crate) fn half(value: u16, big: bool) -> [u8; 2] {
    if big {
        value.to_be_bytes()
    } else {
        value.to_le_bytes()
    }
}

fn short(value: u64) -> u32 {
    u32::try_from(value).unwrap()
}

pub(crate) fn pcap(magic: u32, big: bool, link: u32, packets: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(word(magic, big));
    file.extend(half(2, big));
    file.extend(half(4, big));
    file.extend([0; 8]);
    for value in [65_535, link] {
        file.extend(word(value, big));
    }
    let unit = if magic == 0xA1B2_3C4D { 1 } else { 1_000 };
    for (stamp, bytes) in packets {
        let (seconds, rest) = (stamp / 1_000_000_000, stamp % 1_000_000_000);
        let length = bytes.len() as u64;
        for value in [seconds, rest / unit, length, length] {
            file.extend(word(short(value), big));
        }
        file.extend(bytes);
    }
    file
}

fn block(kind: u32, body: &[u8], big: bool) -> Vec<u8> {
    let length = short(body.len().next_multiple_of(4) as u64 + 12);
    let mut block = [word(kind, big), word(length, big)].concat();
    block.extend(body);
    block.resize(block.len().next_multiple_of(4), 0);
    block.extend(word(length, big));
    block
}

/// A pcapng with one interface, its options as given, and stamps scaled by `scale`.
pub(crate) fn pcapng(
    big: bool,
    link: u16,
    options: &[u8],
    packets: &[(u64, Vec<u8>)],
    scale: impl Fn(u64) -> u64,
) -> Vec<u8> {
    let mut section = word(0x1A2B_3C4D, big).to_vec();
    section.extend([half(1, big), half(0, big)].concat());
    section.extend([0xFF; 8]);
    let mut file = block(0x0A0D_0D0A, &section, big);
    let mut interface = [half(link, big), half(0, big)].concat();
    interface.extend(word(0, big));
    interface.extend(options);
    file.extend(block(1, &interface, big));
    // A block nobody knows, which must be skipped.
    file.extend(block(0x0BAD, b"whatever", big));
    for (stamp, bytes) in packets {
        let stamp = scale(*stamp);
        let length = bytes.len() as u64;
        let mut body = Vec::new();
        for value in [0, stamp >> 32, stamp & 0xFFFF_FFFF, length, length] {
            body.extend(word(short(value), big));
        }
        body.extend(bytes);
        file.extend(block(6, &body, big));
    }
    file
}
