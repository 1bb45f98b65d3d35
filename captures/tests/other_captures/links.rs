//! Every link type gives the same TCP segments, and what is no whole TCP segment is told.

use gwanmun_captures::read::{CaptureReader, Link, NotTcp, Packet, TcpSegment, tcp_segment};

use crate::files::{frames, pcap};

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
