//! Every shape of file is read: byte orders, resolutions of the stamps, blocks nobody knows.

use gwanmun_captures::read::CaptureReader;

use crate::files::{frames, half, pcap, pcapng};

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
