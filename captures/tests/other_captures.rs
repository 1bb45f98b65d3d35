//! Captures of other programs: every pcap and pcapng shape and every link type we claim to read,
//! and the same packets through Wireshark's own converters.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod day;

use std::path::Path;
use std::process::Command;

use gwanmun_captures::input::{Address, Endpoint};
use gwanmun_captures::read::{
    CaptureReader, Link, NotTcp, Packet, ReadError, ReadFault, TcpSegment, tcp_segment,
};
use gwanmun_captures::tcp_reassembly::{Reassembler, StreamEvent, Toward};

/// Packets of a capture of ours: stamps and Ethernet frames.
fn frames() -> Vec<(u64, Vec<u8>)> {
    let pcapng = day::small().render();
    CaptureReader::new(&pcapng)
        .unwrap()
        .map(|packet| packet.unwrap())
        .map(|packet| (packet.stamp_ns, packet.bytes.to_vec()))
        .collect()
}

fn word(value: u32, big: bool) -> [u8; 4] {
    if big {
        value.to_be_bytes()
    } else {
        value.to_le_bytes()
    }
}

fn half(value: u16, big: bool) -> [u8; 2] {
    if big {
        value.to_be_bytes()
    } else {
        value.to_le_bytes()
    }
}

fn short(value: u64) -> u32 {
    u32::try_from(value).unwrap()
}

fn pcap(magic: u32, big: bool, link: u32, packets: &[(u64, Vec<u8>)]) -> Vec<u8> {
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
fn pcapng(
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

fn read(file: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let packets = CaptureReader::new(file)
        .unwrap()
        .map(|packet| packet.unwrap());
    packets
        .map(|packet| (packet.stamp_ns, packet.bytes.to_vec()))
        .collect()
}

fn rounded(packets: &[(u64, Vec<u8>)], to_ns: u64) -> Vec<(u64, Vec<u8>)> {
    packets
        .iter()
        .map(|(stamp, bytes)| (stamp / to_ns * to_ns, bytes.clone()))
        .collect()
}

/// A block that says it is shorter than its own frame, of every type there is: found by fuzzing,
/// where the library under this reader panicked over process information.
#[test]
fn a_block_shorter_than_its_frame_is_malformed() {
    for big in [false, true] {
        let file = pcapng(big, 1, &[], &frames()[..1], |stamp| stamp / 1_000);
        let types = (0..16).chain([0x0A0D_0D0A, 0x0BAD, 0x8000_0001, 0x4000_0BAD]);
        for block_type in types {
            for length in 0..12 {
                let mut file = file.clone();
                file.extend(word(block_type, big));
                file.extend(word(length, big));
                file.extend([0; 16]);
                let last = CaptureReader::new(&file).unwrap().last().unwrap();
                assert!(last.is_err(), "type {block_type:#x}, length {length}");
            }
        }
    }
}

#[test]
fn pcap_in_both_resolutions_and_byte_orders() {
    let packets = frames();
    assert!(packets.len() > 15);
    for big in [false, true] {
        assert_eq!(read(&pcap(0xA1B2_3C4D, big, 1, &packets)), packets);
        assert_eq!(
            read(&pcap(0xA1B2_C3D4, big, 1, &packets)),
            rounded(&packets, 1_000)
        );
    }
}

#[test]
fn pcapng_in_both_byte_orders_and_all_resolutions() {
    let packets = frames();
    for big in [false, true] {
        let option = |code: u16, value: &[u8]| {
            let length = u16::try_from(value.len()).unwrap();
            let mut option = [half(code, big), half(length, big)].concat();
            option.extend(value);
            option.resize(option.len().next_multiple_of(4), 0);
            option
        };
        let end = option(0, b"");
        let micro = pcapng(big, 1, &[], &packets, |stamp| stamp / 1_000);
        assert_eq!(read(&micro), rounded(&packets, 1_000));
        let nano = [option(9, &[9]), end.clone()].concat();
        assert_eq!(
            read(&pcapng(big, 1, &nano, &packets, |stamp| stamp)),
            packets
        );
        let second = [option(9, &[0]), end.clone()].concat();
        let seconds = pcapng(big, 1, &second, &packets, |stamp| stamp / 1_000_000_000);
        assert_eq!(read(&seconds), rounded(&packets, 1_000_000_000));
        // 2^-10 s, and an hour's offset.
        let offset = if big {
            3_600i64.to_be_bytes()
        } else {
            3_600i64.to_le_bytes()
        };
        let binary = [option(9, &[0x8A]), option(14, &offset), end].concat();
        let file = pcapng(big, 1, &binary, &packets, |stamp| {
            (stamp - 3_600_000_000_000) / 1_000_000 * 1_024 / 1_000
        });
        for ((found, bytes), (stamp, expected)) in read(&file).into_iter().zip(&packets) {
            assert!(stamp.abs_diff(found) < 2_000_000, "{stamp} {found}");
            assert_eq!(bytes, *expected);
        }
    }
}

fn segments(file: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let packets = CaptureReader::new(file)
        .unwrap()
        .map(|packet| packet.unwrap());
    packets
        .map(|packet| {
            let TcpSegment {
                sequence, payload, ..
            } = tcp_segment(&packet).unwrap();
            (sequence, payload.to_vec())
        })
        .collect()
}

#[test]
fn every_link_type_gives_the_same_segments() {
    let packets = frames();
    let expected = segments(&pcap(0xA1B2_3C4D, false, 1, &packets));
    let with_head = |link: u32, head: &dyn Fn(&[u8]) -> Vec<u8>| {
        let changed: Vec<(u64, Vec<u8>)> = packets
            .iter()
            .map(|(stamp, frame)| (*stamp, [&head(&frame[12..14]), &frame[14..]].concat()))
            .collect();
        assert_eq!(
            segments(&pcap(0xA1B2_3C4D, false, link, &changed)),
            expected,
            "link {link}"
        );
    };
    let family = |kind: &[u8]| if kind == [8, 0] { 2u32 } else { 30 };
    for raw in [12, 14, 101] {
        with_head(raw, &|_| Vec::new());
    }
    with_head(0, &|kind| family(kind).to_le_bytes().to_vec());
    with_head(0, &|kind| family(kind).to_be_bytes().to_vec());
    with_head(108, &|kind| family(kind).to_be_bytes().to_vec());
    with_head(113, &|kind| {
        [&[0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0], kind].concat()
    });
    with_head(276, &|kind| {
        [
            kind,
            &[0, 0, 0, 0, 0, 7, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0],
        ]
        .concat()
    });
    // One and two VLAN tags; and Ethernet padding behind a short packet.
    with_head(1, &|kind| [&[0; 12][..], &[0x81, 0, 0, 5], kind].concat());
    with_head(1, &|kind| {
        [&[0; 12][..], &[0x88, 0xA8, 0, 5, 0x81, 0, 0, 6], kind].concat()
    });
    let padded: Vec<(u64, Vec<u8>)> = packets
        .iter()
        .map(|(stamp, frame)| (*stamp, [&frame[..], &[0x55; 6]].concat()))
        .collect();
    assert_eq!(segments(&pcap(0xA1B2_3C4D, false, 1, &padded)), expected);
}

#[test]
fn what_is_not_tcp_is_named() {
    let check = |link, bytes: &[u8], expected| {
        let packet = Packet {
            number: 1,
            offset: 0,
            stamp_ns: 0,
            link,
            bytes,
            original_length: 0,
        };
        assert_eq!(tcp_segment(&packet), Err(expected));
    };
    check(Link::Other(9), b"", NotTcp::Link(9));
    check(Link::Ethernet, b"short", NotTcp::NotIp);
    check(Link::Ethernet, &[0; 60], NotTcp::NotIp);
    check(Link::Raw, b"", NotTcp::NotIp);
    check(Link::LinuxCooked1, &[0; 15], NotTcp::NotIp);
    check(Link::LinuxCooked2, &[0; 19], NotTcp::NotIp);
    let mut ip = vec![
        0x45, 0, 0, 40, 0, 0, 0x20, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    ];
    ip.extend([0; 20]);
    check(Link::Raw, &ip, NotTcp::Fragment);
    ip[6] = 0;
    check(Link::Raw, &ip, NotTcp::Head);
    ip[9] = 17;
    check(Link::Raw, &ip, NotTcp::OtherProtocol);
}

/// A short snap length: what was cut off is counted, for both families.
#[test]
fn missing_payload_is_counted() {
    for (_, frame) in frames() {
        let (mut bytes, link) = (frame.clone(), Link::Ethernet);
        let whole = |bytes| Packet {
            number: 1,
            offset: 0,
            stamp_ns: 0,
            link,
            bytes,
            original_length: 0,
        };
        let before = tcp_segment(&whole(&frame)).unwrap();
        assert_eq!(before.missing, 0);
        if before.payload.len() < 3 {
            continue;
        }
        bytes.truncate(frame.len() - 3);
        let after = tcp_segment(&whole(&bytes)).unwrap();
        assert_eq!(after.missing, 3);
        assert_eq!(after.payload, &before.payload[..before.payload.len() - 3]);
    }
}

#[test]
fn a_file_cut_short_gives_all_whole_packets_first() {
    let packets = frames();
    let options = [9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0];
    for file in [
        pcap(0xA1B2_3C4D, false, 1, &packets),
        pcapng(false, 1, &options, &packets, |stamp| stamp),
    ] {
        for length in 1..file.len() {
            let Ok(reader) = CaptureReader::new(&file[..length]) else {
                assert!(length < 28, "length {length}");
                continue;
            };
            let mut whole = Vec::new();
            let mut error = None;
            for packet in reader {
                match packet {
                    Ok(packet) => whole.push((packet.stamp_ns, packet.bytes.to_vec())),
                    Err(found) => error = Some(found),
                }
            }
            assert_eq!(whole[..], packets[..whole.len()]);
            if let Some(ReadError { offset, fault }) = error {
                assert_eq!(fault, ReadFault::CutShort, "length {length}");
                assert!(offset < length as u64);
            }
        }
    }
    assert_eq!(
        CaptureReader::new(b"8=FIX.4.4 is no capture file")
            .unwrap_err()
            .fault,
        ReadFault::NotACapture
    );
    assert_eq!(
        CaptureReader::new(b"").unwrap_err().fault,
        ReadFault::NotACapture
    );
}

/// Any byte of a file changed: no panic, no endless loop.
#[test]
fn no_flipped_byte_hurts() {
    let packets = frames();
    for file in [
        pcap(0xA1B2_C3D4, true, 1, &packets),
        pcapng(
            false,
            113,
            &[9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0],
            &packets,
            |stamp| stamp,
        ),
    ] {
        for at in 0..file.len() {
            for change in [0x01, 0x80, 0xFF] {
                let mut changed = file.clone();
                changed[at] ^= change;
                let Ok(reader) = CaptureReader::new(&changed) else {
                    continue;
                };
                let mut reassembler = Reassembler::new();
                for packet in reader.flatten() {
                    if let Ok(segment) = tcp_segment(&packet) {
                        reassembler.push(packet.stamp_ns, &segment, &mut |_| ());
                    }
                }
                reassembler.finish(&mut |_| ());
            }
        }
    }
}

/// The streams in a file, concatenated by direction, in the order of their opening.
fn streams(file: &[u8]) -> Vec<(Endpoint, [Vec<u8>; 2])> {
    let mut found: Vec<(Endpoint, [Vec<u8>; 2])> = Vec::new();
    let mut reassembler = Reassembler::new();
    let mut take = |event: StreamEvent<'_>| match event {
        StreamEvent::Opened {
            client, from_start, ..
        } => {
            assert!(from_start);
            found.push((client, [Vec::new(), Vec::new()]));
        }
        StreamEvent::Data {
            stream,
            toward,
            bytes,
            ..
        } => {
            let [to_server, to_client] = &mut found[usize::try_from(stream).unwrap()].1;
            let side = if toward == Toward::Server {
                to_server
            } else {
                to_client
            };
            side.extend_from_slice(bytes);
        }
        StreamEvent::Closed { .. } => {}
        other => panic!("{other:?}"),
    };
    for packet in CaptureReader::new(file).unwrap() {
        let packet = packet.unwrap();
        reassembler.push(packet.stamp_ns, &tcp_segment(&packet).unwrap(), &mut take);
    }
    reassembler.finish(&mut take);
    found
}

/// Our own capture, read back by our own reader, is the journal's bytes; also after Wireshark has
/// rewritten the file.
#[test]
fn our_captures_read_back_also_after_a_conversion() {
    let pcapng = day::small().render();
    let expected = streams(&pcapng);
    let [
        (venue, venue_bytes),
        (member, member_bytes),
        (again, again_bytes),
    ] = &expected[..]
    else {
        panic!("{expected:?}")
    };
    assert!(matches!(venue.address, Address::V6(_)));
    assert_eq!((member.port, again.port), (40_000, 40_002));
    assert_eq!(*venue_bytes, [b"ENTER ONE".to_vec(), b"ACCEPTED".to_vec()]);
    assert_eq!(
        *member_bytes,
        [b"order one".to_vec(), b"seen and new".to_vec()]
    );
    assert_eq!(*again_bytes, [b"again".to_vec(), b"welcome".to_vec()]);

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let ours = folder.join("converted-from.pcapng");
    std::fs::write(&ours, &pcapng).unwrap();
    for format in ["pcap", "nsecpcap", "modpcap", "pcapng"] {
        let theirs = folder.join(format!("converted.{format}"));
        let status = Command::new("editcap")
            .args(["-F", format])
            .arg(&ours)
            .arg(&theirs)
            .status();
        let status = status
            .unwrap_or_else(|error| panic!("editcap: {error}; apt-get install wireshark-common"));
        assert!(status.success());
        assert_eq!(
            streams(&std::fs::read(&theirs).unwrap()),
            expected,
            "{format}"
        );
    }
    let theirs = folder.join("converted.tcpdump");
    let status = Command::new("tcpdump")
        .arg("-r")
        .arg(&ours)
        .arg("-w")
        .arg(&theirs)
        .status();
    let status = status.unwrap_or_else(|error| panic!("tcpdump: {error}; apt-get install tcpdump"));
    assert!(status.success());
    assert_eq!(streams(&std::fs::read(&theirs).unwrap()), expected);
}
