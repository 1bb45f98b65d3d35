//! A capture of ours through the converters of Wireshark and tcpdump, and back.

use std::path::Path;
use std::process::Command;

use gwanmun_captures::input::{Address, Endpoint};
use gwanmun_captures::read::{CaptureReader, tcp_segment};
use gwanmun_captures::tcp_reassembly::{Reassembler, StreamEvent, Toward};

use crate::day;

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
