//! `verify` finds what is wrong, and only that: every flipped bit, every dropped, swapped, repeated
//! or added packet and record.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod day;

use day::{Day, MEMBER, VENUE, blocks, render, small};
use gwanmun_captures::input::{Endpoint, Role};
use gwanmun_captures::journal::{Fault, RecordKind, SegmentReader};
use gwanmun_captures::render::{RenderError, RenderFault};
use gwanmun_captures::verify::{
    BlockFault, CaptureDamage, Field, PacketFault, Report, VerifyFailure, verify,
};

fn check(day: &Day, pcapng: &[u8]) -> Result<Report, VerifyFailure> {
    verify(day.slices(), pcapng)
}

/// The packet blocks only: what is between the four blocks in front and the three at the end.
fn packets(pcapng: &[u8]) -> Vec<(usize, usize)> {
    let all = blocks(pcapng);
    all[4..all.len() - 3].to_vec()
}

#[test]
fn a_whole_day_is_counted() {
    let day = small();
    let report = check(&day, &day.render()).unwrap();
    assert_eq!(
        report,
        Report {
            segments: 2,
            records: 18,
            first_number: 1,
            last_number: 18,
            epochs: 2,
            inputs: 13,
            effects: 4,
            outputs: 6,
            outputs_application: 6,
            outputs_resent: 0,
            connections: 3,
            bytes_in: 9 + 8 + 5,
            bytes_out: 9 + 12 + 7,
            bytes_unsent: 11 + 6,
            packets: 3 + 3 + 1 + 1 + 1 + 1 + 1 + 2 + 3 + 1 + 1 + 3,
            torn_tails: 0,
            sealed: true,
            first_stamp_ns: day::MIDNIGHT_NS + 1_111,
            last_stamp_ns: day.now_ns,
        }
    );
}

#[test]
fn every_flipped_bit_of_the_capture_is_found() {
    let day = small();
    let pcapng = day.render();
    check(&day, &pcapng).unwrap();
    // Not checked, and said so at the head of verify.rs: the texts in the section header, from
    // behind its fixed fields to its closing length.
    let texts = 24..blocks(&pcapng)[0].1 - 4;
    let mut unseen = 0;
    for bit in 0..pcapng.len() * 8 {
        let mut flipped = pcapng.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if check(&day, &flipped).is_ok() {
            assert!(
                texts.contains(&(bit / 8)),
                "bit {bit} of byte {} went unseen",
                bit / 8
            );
            unseen += 1;
        }
    }
    assert!(
        unseen > 0,
        "the exception is real, or it should be struck out"
    );
}

#[test]
fn every_flipped_bit_of_the_journal_is_found() {
    let day = small();
    let pcapng = day.render();
    for index in 0..day.segments.len() {
        for bit in 0..day.segments[index].len() * 8 {
            let mut segments = day.segments.clone();
            segments[index][bit / 8] ^= 1 << (bit % 8);
            let found = verify(segments.iter().map(Vec::as_slice), &pcapng);
            match found {
                Err(_) => {}
                // Free space behind an epoch that ended without an end mark may look like a record
                // that was being written; it is reported as one.
                Ok(report) => assert_eq!(report.torn_tails, 1, "segment {index} bit {bit}"),
            }
        }
    }
}

#[test]
fn a_dropped_swapped_repeated_or_added_packet_is_found() {
    let day = small();
    let pcapng = day.render();
    let packets = packets(&pcapng);
    let of = |(at, length): (usize, usize)| &pcapng[at..at + length];
    for (index, &(at, length)) in packets.iter().enumerate() {
        let mut dropped = pcapng.clone();
        dropped.drain(at..at + length);
        let found = check(&day, &dropped).unwrap_err();
        if let Some(next) = packets.get(index + 1) {
            let (packet, offset) = (index as u64 + 1, at as u64);
            let VerifyFailure::Packet {
                packet: p,
                offset: o,
                fault,
                ..
            } = found
            else {
                panic!("{found:?}")
            };
            assert_eq!((p, o), (packet, offset));
            assert!(matches!(
                fault,
                PacketFault::Field {
                    field: Field::PacketId,
                    ..
                }
            ));

            let mut swapped = pcapng[..at].to_vec();
            swapped.extend_from_slice(of(*next));
            swapped.extend_from_slice(of(packets[index]));
            swapped.extend_from_slice(&pcapng[next.0 + next.1..]);
            assert!(matches!(
                check(&day, &swapped),
                Err(VerifyFailure::Packet { .. })
            ));
        } else {
            assert!(matches!(found, VerifyFailure::Missing { .. }));
        }
        let mut twice = pcapng.clone();
        twice.splice(at..at, of(packets[index]).to_vec());
        assert!(check(&day, &twice).is_err());
    }
    let (last, length) = packets[packets.len() - 1];
    let mut added = pcapng.clone();
    added.splice(last + length..last + length, of(packets[0]).to_vec());
    assert_eq!(
        check(&day, &added),
        Err(VerifyFailure::Extra {
            packet: packets.len() as u64 + 1,
            offset: (last + length) as u64
        })
    );
}

/// Packets swapped together with their identities and stamps, so that only what is inside them is
/// wrong.
#[test]
fn frames_swapped_under_right_heads_are_found() {
    let mut day = Day::new(4096);
    day.connect(
        MEMBER,
        Role::Member,
        Endpoint::v4([10, 0, 1, 10], 1),
        Endpoint::v4([10, 0, 2, 1], 2),
    );
    day.receive(MEMBER, b"first!");
    day.receive(MEMBER, b"second");
    let mut pcapng = day.render();
    let packets = packets(&pcapng);
    let [.., (first, _), (second, _)] = packets[..] else {
        panic!()
    };
    for at in 28..28 + 60 {
        pcapng.swap(first + at, second + at);
    }
    let found = check(&day, &pcapng).unwrap_err();
    let VerifyFailure::Packet {
        packet: 4,
        number: 3,
        connection: MEMBER,
        fault,
        ..
    } = found
    else {
        panic!("{found:?}")
    };
    assert!(matches!(
        fault,
        PacketFault::Field {
            field: Field::IpFragment,
            ..
        }
    ));
}

/// A payload byte changed and the checksum made to fit.
#[test]
fn a_forged_payload_is_found_at_its_byte() {
    let day = small();
    let mut pcapng = day.render();
    let at = pcapng
        .windows(9)
        .position(|bytes| bytes == b"order one")
        .unwrap();
    // Two bytes at even distance trade places: the Internet checksum cannot tell.
    pcapng.swap(at, at + 2);
    let found = check(&day, &pcapng).unwrap_err();
    let VerifyFailure::Packet { fault, .. } = found else {
        panic!("{found:?}")
    };
    assert_eq!(
        fault,
        PacketFault::Payload {
            offset: 0,
            expected: b'o',
            found: b'd'
        }
    );
}

#[test]
fn truncation_at_every_byte_is_found() {
    let day = small();
    let pcapng = day.render();
    for length in 0..pcapng.len() {
        assert!(check(&day, &pcapng[..length]).is_err(), "length {length}");
    }
    let unfinished = blocks(&pcapng)[blocks(&pcapng).len() - 3].0;
    assert_eq!(
        check(&day, &pcapng[..unfinished]),
        Err(VerifyFailure::Unfinished {
            offset: unfinished as u64
        })
    );
    let mut longer = pcapng.clone();
    longer.push(0);
    let offset = pcapng.len() as u64;
    assert_eq!(
        check(&day, &longer),
        Err(VerifyFailure::Capture(CaptureDamage {
            offset,
            fault: BlockFault::Behind
        }))
    );
}

#[test]
fn records_dropped_swapped_or_changed_are_found() {
    let day = small();
    let pcapng = day.render();
    let positions: Vec<(usize, usize)> = SegmentReader::new(&day.segments[0])
        .unwrap()
        .map(|record| record.unwrap())
        .map(|r| {
            let start = usize::try_from(r.position).unwrap();
            (start, start + 48 + r.payload.len().next_multiple_of(8))
        })
        .collect();
    for pair in positions.windows(2) {
        let [(first, middle), (_, end)] = *pair else {
            panic!()
        };
        let mut dropped = day.segments.clone();
        dropped[0].drain(first..middle);
        dropped[0].resize(4096, 0);
        let found = verify(dropped.iter().map(Vec::as_slice), &pcapng).unwrap_err();
        let VerifyFailure::Journal(damage) = found else {
            panic!("{found:?}")
        };
        assert_eq!(damage.position, first as u64);
        assert!(matches!(damage.fault, Fault::Number { .. }));

        let mut swapped = day.segments.clone();
        swapped[0][first..end].rotate_left(middle - first);
        let found = verify(swapped.iter().map(Vec::as_slice), &pcapng).unwrap_err();
        assert!(matches!(found, VerifyFailure::Journal(_)), "{found:?}");
    }
    // The last record of an epoch without end mark gone: the journal cannot know, the capture does.
    let (start, end) = positions[positions.len() - 2];
    let mut short = day.segments.clone();
    short[0][start..end].fill(0);
    let found = verify(short.iter().map(Vec::as_slice), &pcapng);
    assert!(found.is_err(), "{found:?}");
}

#[test]
fn a_journal_that_contradicts_itself_is_named() {
    let fault = |change: &dyn Fn(&mut Day)| {
        let mut day = Day::new(8192);
        let (peer, local) = (
            Endpoint::v4([10, 0, 1, 10], 1),
            Endpoint::v4([10, 0, 2, 1], 2),
        );
        day.connect(MEMBER, Role::Member, peer, local);
        let pcapng = day.render();
        change(&mut day);
        let VerifyFailure::Content(RenderError { fault, .. }) = check(&day, &pcapng).unwrap_err()
        else {
            panic!()
        };
        fault
    };
    assert_eq!(fault(&|day| day.receive(VENUE, b"x")), RenderFault::NotOpen);
    assert_eq!(fault(&|day| day.disconnect(VENUE)), RenderFault::NotOpen);
    assert_eq!(
        fault(&|day| day.accept(MEMBER, 1)),
        RenderFault::AcceptedTooMuch {
            queued: 0,
            count: 1
        }
    );
    let (peer, local) = (
        Endpoint::v4([10, 0, 1, 10], 1),
        Endpoint::v4([10, 0, 2, 1], 2),
    );
    assert_eq!(
        fault(&|day| day.connect(MEMBER, Role::Member, peer, local)),
        RenderFault::AlreadyOpen
    );
    assert!(matches!(
        fault(&|day| {
            day.record(RecordKind::Connected, 9, &[b"short"]);
        }),
        RenderFault::Payload(_)
    ));
    assert!(matches!(
        fault(&|day| {
            day.record(RecordKind::Effect, 9, &[&[0; 8]]);
        }),
        RenderFault::Effect(_)
    ));
}

#[test]
fn stamps_that_go_back_are_found() {
    let mut day = Day::new(4096);
    let (peer, local) = (
        Endpoint::v4([10, 0, 1, 10], 1),
        Endpoint::v4([10, 0, 2, 1], 2),
    );
    day.connect(MEMBER, Role::Member, peer, local);
    day.receive(MEMBER, b"x");
    day.now_ns -= 10_000;
    day.receive(MEMBER, b"y");
    let found = check(&day, &day.render()).unwrap_err();
    assert!(
        matches!(found, VerifyFailure::StampWentBack { number: 4, .. }),
        "{found:?}"
    );
}

/// Long one-way streams: splitting, acknowledgements in between, sequence numbers beyond 2^32.
#[test]
fn long_streams_verify() {
    let mut day = Day::new(64 << 20);
    let (peer, local) = (
        Endpoint::v4([10, 0, 1, 10], 1),
        Endpoint::v4([10, 0, 2, 1], 2),
    );
    day.connect(MEMBER, Role::Member, peer, local);
    let chunk: Vec<u8> = (0..3_000_017u32).map(|at| at.to_le_bytes()[0]).collect();
    for _ in 0..5 {
        day.receive(MEMBER, &chunk);
        day.send(MEMBER, &chunk);
    }
    let pcapng = day.render();
    let report = check(&day, &pcapng).unwrap();
    assert_eq!(
        (report.bytes_in, report.bytes_out),
        (15_000_085, 15_000_085)
    );
    assert_eq!(
        pcapng,
        render(&day.slices()),
        "the same journal gives the same bytes"
    );
}
